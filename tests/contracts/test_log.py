"""What every log keeps to."""

from __future__ import annotations

from habitue.model.event import Event
from habitue.model.trust import Level
from habitue.run.ports import DeadLetter, Log

from .conftest import HandClock


def seen(number: int, source: str = "shop", **more: object) -> Event:
    return Event(id=f"m{number}", source=source, type="track", name="Product Viewed", occurred_at=number, **more)  # type: ignore[arg-type]


def letter(reason: str) -> DeadLetter:
    return DeadLetter(source="shop", reason=reason, detail="no name", body="{}")


def test_an_empty_log_stands_before_the_first_position(log: Log) -> None:
    assert log.fence()[1] == -1
    assert log.read(-1, 10) == [] == list(log.scan())
    assert log.append([]).position == -1


def test_records_keep_everything_an_event_carries_in_order(log: Log) -> None:
    ana = seen(1, user_id="ana", properties={"price": 9.5, "tags": ["a", None, True]}, context={"page": {"url": "é"}})
    ben = seen(2, anonymous_id="b-1", traits={"name": "Ben 🦉"})
    appended = log.append([ana, ben])
    assert (appended.accepted, appended.duplicates, appended.position) == (2, 0, 1)
    assert [record.event for record in log.read(-1, 10)] == [ana, ben]
    assert [record.position for record in log.scan()] == [0, 1]


def test_an_event_is_kept_once_however_often_it_comes(log: Log) -> None:
    log.append([seen(1)])
    appended = log.append([seen(1), seen(2), seen(2)])
    assert (appended.accepted, appended.duplicates, appended.position) == (1, 2, 1)
    assert [record.event.id for record in log.scan()] == ["m1", "m2"]


def test_the_same_id_from_another_source_is_another_event(log: Log) -> None:
    assert log.append([seen(1, "shop"), seen(1, "app")]).accepted == 2


def test_where_a_source_ends_and_an_id_begins_cannot_be_mistaken(log: Log) -> None:
    one = Event(id="b", source="a:", type="track", name="x", occurred_at=1)
    other = Event(id=":b", source="a", type="track", name="x", occurred_at=1)
    assert log.append([one, other]).accepted == 2


def test_reception_never_goes_back_in_time(log: Log, clock: HandClock) -> None:
    log.append([seen(1)])
    clock.instant -= 500
    log.append([seen(2)])
    clock.instant += 2_000
    log.append([seen(3)])
    assert [record.received_at for record in log.scan()] == [1_000_000, 1_000_000, 1_001_500]


def test_a_fence_is_not_before_the_last_record(log: Log, clock: HandClock) -> None:
    log.append([seen(1)])
    clock.instant -= 500
    assert log.fence() == (1_000_000, 0)
    clock.instant += 900
    assert log.fence() == (1_000_400, 0)


def test_no_record_is_earlier_than_a_fence_even_if_the_clock_is_set_back(log: Log, clock: HandClock) -> None:
    clock.instant += 5_000
    now, _ = log.fence()
    clock.instant -= 3_000
    log.append([seen(1)])
    assert [record.received_at for record in log.scan()] == [now]


def test_reading_goes_on_after_a_position_and_stops_at_the_limit(log: Log) -> None:
    log.append([seen(number) for number in range(10)])
    assert [record.position for record in log.read(3, 2)] == [4, 5]
    assert [record.position for record in log.scan(after=6)] == [7, 8, 9]
    assert [record.position for record in log.scan(after=2, until=4)] == [3, 4]
    assert list(log.scan(after=9)) == []


def test_records_are_found_by_position_in_order(log: Log) -> None:
    log.append([seen(number) for number in range(5)])
    assert [record.position for record in log.at([4, 0, 4, 77, -1])] == [0, 4]


def test_dead_letters_are_read_newest_first_and_paged(log: Log) -> None:
    log.append([seen(1)], [letter("no_id"), letter("no_name")])
    log.append([], [letter("too_big")])
    first = log.dead_letters(limit=2)
    assert [one.reason for one in first] == ["too_big", "no_name"]
    assert [one.reason for one in log.dead_letters(before=first[-1].id)] == ["no_id"]
    assert {one.received_at for one in first} == {1_000_000}


def test_dead_letters_may_hold_any_text(log: Log) -> None:
    log.append([], [DeadLetter(source="s", reason="r", detail="half \ud83d", body="zero \x00 \u202e")])
    assert log.dead_letters()[0].body == "zero \x00 \u202e"


def test_a_page_that_sends_the_id_of_an_order_first_takes_nothing_from_the_server(log: Log) -> None:
    log.append([seen(1, level=Level.BROWSER)])
    appended = log.append([seen(1), seen(1, level=Level.APP), seen(1, level=Level.WEBHOOK)])
    assert (appended.accepted, appended.duplicates) == (1, 2)
    assert [record.event.level for record in log.scan()] == [Level.BROWSER, Level.SERVER]
