"""Alarms are said once when they begin and once when they are over, within bounds, and never about themselves."""

from __future__ import annotations

from habitue.model.instant import HOUR, MINUTE
from habitue.run.ports.alarms import Alarm, Told
from habitue.run.telling import AGAIN_AFTER, CLEARED, HOUR_MAX, QUIET, RAISED, due

NOW = 100 * HOUR
WAYS = ["email"]


def alarm(subject: str = "log.db", *, cleared_at: int | None = None) -> Alarm:
    return Alarm(kind="file_damaged", subject=subject, detail="row 5", raised_at=NOW - MINUTE, cleared_at=cleared_at)


def told(number: int, what: str, *, at: int = NOW, tries: int = 1, done: bool = True) -> Told:
    return Told(number, "email", what, tries, at, done, "")


def said(*found: object) -> list[tuple[int, str]]:
    return [(one.number, one.what) for one in found]  # type: ignore[attr-defined]


def test_an_alarm_is_said_once() -> None:
    assert said(*due([(1, alarm())], [], WAYS, NOW)) == [(1, RAISED)]
    assert due([(1, alarm())], [told(1, RAISED)], WAYS, NOW + HOUR) == []


def test_and_once_more_when_it_is_over() -> None:
    over = [(1, alarm(cleared_at=NOW))]
    assert said(*due(over, [told(1, RAISED)], WAYS, NOW)) == [(1, CLEARED)]
    assert due(over, [told(1, RAISED), told(1, CLEARED)], WAYS, NOW + HOUR) == []


def test_of_one_that_was_over_before_anybody_heard_only_the_end_is_said() -> None:
    assert said(*due([(1, alarm(cleared_at=NOW))], [], WAYS, NOW)) == [(1, CLEARED)]


def test_what_failed_is_tried_again_later_and_given_up_in_the_end() -> None:
    for tries in range(1, len(AGAIN_AFTER)):
        failed = [told(1, RAISED, at=NOW, tries=tries, done=False)]
        assert due([(1, alarm())], failed, WAYS, NOW + AGAIN_AFTER[tries] - 1) == []
        assert said(*due([(1, alarm())], failed, WAYS, NOW + AGAIN_AFTER[tries])) == [(1, RAISED)]
    given_up = [told(1, RAISED, tries=len(AGAIN_AFTER), done=False)]
    assert due([(1, alarm())], given_up, WAYS, NOW + 1_000 * HOUR) == []


def test_a_way_is_not_flooded() -> None:
    many = [(number, alarm(str(number))) for number in range(100)]
    assert len(due(many, [], WAYS, NOW)) == HOUR_MAX
    before = [told(number, RAISED) for number in range(HOUR_MAX)]
    assert due(many, before, WAYS, NOW + MINUTE) == []
    assert len(due(many, before, WAYS, NOW + HOUR)) == HOUR_MAX


def test_one_that_comes_and_goes_is_said_again_after_a_while() -> None:
    both = [(1, alarm(cleared_at=NOW)), (2, alarm())]
    before = [told(1, RAISED), told(1, CLEARED)]
    assert due(both, before, WAYS, NOW + QUIET - 1) == []
    assert said(*due(both, before, WAYS, NOW + QUIET)) == [(2, RAISED)]


def test_each_way_is_told_for_itself() -> None:
    found = due([(1, alarm())], [told(1, RAISED)], ["email", "webhook"], NOW)
    assert [(one.way, one.what) for one in found] == [("webhook", RAISED)]
