"""What is kept of the past is in the shop's currency, as it is live."""

from __future__ import annotations

import json

from tests.decide.test_money import RATES
from tests.decide.world import NOON, NOTE

from habitue.analyze.kept import Replay
from habitue.playbook.conditions.tree import Fact
from habitue.playbook.load import load


def test_facts_replayed_from_events_are_in_the_shops_currency() -> None:
    replay = Replay([Fact("orders", "revenue")], load({"playbook.yaml": RATES, "messages/note.yaml": NOTE}))
    told = [("o1", 10_000, "JPY"), ("o2", 50, "EUR"), ("o3", 9_000, "KRW")]
    rows = [
        (
            "ana",
            NOON,
            place,
            NOON,
            "Order Completed",
            order,
            "track",
            "shop",
            _order(order, total, code),
            "",
            "",
            *[None] * 3,
        )
        for place, (order, total, code) in enumerate(told)
    ]
    assert list(replay.over(rows, NOON)) == [("ana", NOON, "111.0")]


def _order(order: str, total: int, currency: str) -> str:
    return json.dumps({"order_id": order, "total": total, "currency": currency})
