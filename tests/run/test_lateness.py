"""A message that is late because the system rested does not arrive at night."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tests.decide.world import NOON, NOTE, PLAYBOOK

from habitue.model.effect import Send
from habitue.model.instant import HOUR, MINUTE
from habitue.playbook.load import load
from habitue.playbook.playbook import Playbook
from habitue.run.lateness import courtesy

NIGHT = "guard: {quiet_hours: {start: '22:00', end: '08:00', channels: [email]}}\n"
BOOK = load({"playbook.yaml": PLAYBOOK + NIGHT, "messages/note.yaml": NOTE})
URGENT = load(
    {
        "playbook.yaml": PLAYBOOK + NIGHT,
        "messages/note.yaml": NOTE.replace("title: Note", "title: Note\nkind: transactional"),
    }
)


def letter(**changed: Any) -> Send:
    effect = Send(
        id="u1.1",
        customer="u1",
        at=NOON,
        expires_at=NOON + 24 * HOUR,
        journey="j",
        run="u1.0",
        step="s",
        version=1,
        message="note",
        channel="email",
        address="ana@example.com",
        topic="offers",
        data={"customer": {"timezone": "Europe/Madrid"}},
    )
    return msgspec.structs.replace(effect, **changed)


def test_by_day_it_may_go() -> None:
    assert courtesy(lambda _: BOOK)(letter(), NOON) is None


def test_at_night_it_waits_for_the_morning_where_she_lives() -> None:
    # 20:30 UTC in May is 22:30 in Madrid; the morning comes at 06:00 UTC.
    now = NOON + 8 * HOUR + 30 * MINUTE
    assert courtesy(lambda _: BOOK)(letter(), now) == NOON + 18 * HOUR


@pytest.mark.parametrize(
    ("book", "changed"),
    [(URGENT, {}), (BOOK, {"channel": "onsite"}), (BOOK, {"message": "gone"}), (None, {})],
    ids=["transactional", "a channel that disturbs nobody", "an unknown message", "an unknown version"],
)
def test_what_quiet_hours_do_not_cover_goes_at_once(book: Playbook | None, changed: dict[str, str]) -> None:
    assert courtesy(lambda _: book)(letter(**changed), NOON + 12 * HOUR) is None
