"""What the hunt found, each as the case it was."""

from __future__ import annotations

import pytest

from habitue.analyze.history import History
from habitue.analyze.intervals import intervals
from habitue.analyze.members import Reader
from habitue.model.event import Event, Record
from habitue.playbook.conditions import parse
from habitue.playbook.playbook import Playbook, Shop


def test_a_fact_of_an_empty_past_has_no_history() -> None:
    """The first instant of all is an instant, and not the lack of one."""
    playbook = Playbook(name="shop", shop=Shop(name="The shop"))
    with History.of_records(()) as history:
        assert list(intervals(history, playbook, parse("cart.is_empty"), until=0)) == []


@pytest.mark.parametrize("condition", ['bucket("spring", 0, 100) and consents("email")', 'consents("email")'])
def test_a_fact_beside_a_bucket_is_replayed_though_nothing_of_her_is_counted(condition: str) -> None:
    """What hangs on who she is cannot be decided for all whom no counter concerns at once."""
    playbook = Playbook(name="shop", shop=Shop(name="The shop"))
    granted = Event(
        id="e1", source="shop", type="track", name="Consent Granted", occurred_at=5, properties={"channel": "email"}
    )
    with History.of_records([("ana", Record(0, 5, granted))]) as history:
        reader = Reader(history, playbook)
        assert reader.count({"": parse(condition)}, 5) == {"": 1}
        assert reader.members(parse(condition), 5) == ["ana"]
        assert reader.members(parse(condition), 4) == []
