"""What every state tells of the past: whose each record is, who was met, and who became part of whom."""

from __future__ import annotations

from habitue.run.ports import Commit, CustomerRow, Parked, Store, View


def person(name: str) -> CustomerRow:
    return CustomerRow(name, b"state", None, name)


def part_of(name: str, into: str) -> CustomerRow:
    return CustomerRow(name, b"", None, "", 0, True, into)


def whose(view: View, after: int = 0) -> list[tuple[str, list[int], int]]:
    return [(one.customer, one.positions, one.until) for one in view.attributions(after, 100)]


def met(view: View, after: int = 0) -> list[tuple[str, int, str | None]]:
    return [(one.customer, one.met_at, one.joined_into) for one in view.met(after, 100)]


def test_the_position_is_that_of_the_last_commit(store: Store, view: View) -> None:
    assert view.position() == -1
    store.commit(Commit(position=7, now=1))
    assert view.position() == 7


def test_each_record_is_told_to_be_hers_who_absorbed_it_in_the_order_of_commits(store: Store, view: View) -> None:
    rows = [person("ana"), person("ben")]
    store.commit(Commit(position=3, now=1, customers=rows, tail=[("ana", 0, 5), ("ben", 1, 5), ("ana", 3, 5)]))
    store.commit(Commit(position=5, now=1, customers=[person("ben")], tail=[("ben", 5, 5)]))
    assert whose(view) == [("ana", [0, 3], 3), ("ben", [1], 3), ("ben", [5], 5)]
    first = view.attributions(0, 1)
    assert [one.customer for one in first] == ["ana"]
    assert whose(view, first[-1].chunk) == [("ben", [1], 3), ("ben", [5], 5)]


def test_a_record_that_was_absorbed_late_is_told_when_it_was(store: Store, view: View) -> None:
    store.commit(Commit(position=4, now=1, customers=[person("ben")], tail=[("ben", 4, 5)]))
    store.commit(Commit(position=9, now=1, customers=[person("ana")], tail=[("ana", 2, 5), ("ana", 9, 5)]))
    assert whose(view) == [("ben", [4], 4), ("ana", [2, 9], 9)]


def test_a_commit_of_timers_attributes_nothing(store: Store, view: View) -> None:
    store.commit(Commit(position=0, now=1, customers=[person("ana")], tail=[("ana", 0, 5)]))
    store.commit(Commit(position=0, now=2, customers=[person("ana")]))
    assert whose(view) == [("ana", [0], 0)]


def test_what_queues_behind_a_parked_customer_is_hers(store: Store, view: View) -> None:
    parked = [
        Parked(customer="ana", position=2, error="boom", at=1),
        Parked(customer="ben", position=2, error="x", at=1),
    ]
    skipped = [("ana", 2), ("ben", 2), ("ben", 5), ("ana", 9)]
    store.commit(Commit(position=9, now=1, parked=parked, skipped=skipped))
    assert view.queued(1, 5) == [(2, "ana"), (5, "ben")]
    assert view.queued(2, 9) == [(5, "ben"), (9, "ana")]


def test_whoever_is_met_is_told_once_and_again_when_she_becomes_part_of_another(store: Store, view: View) -> None:
    store.commit(
        Commit(
            position=1,
            now=9,
            customers=[person("visitor"), person("ana")],
            tail=[("visitor", 0, 5), ("ana", 1, 6)],
            met=[("visitor", 7), ("ana", 8)],
        )
    )
    assert met(view) == [("visitor", 7, None), ("ana", 8, None)]
    seen = view.met(0, 100)[-1].change
    store.commit(Commit(position=2, now=9, customers=[part_of("visitor", "ana"), person("ana")]))
    assert met(view, seen) == [("visitor", 7, "ana")]
    store.commit(Commit(position=3, now=9, customers=[part_of("visitor", "ana")]))
    assert met(view) == [("ana", 8, None), ("visitor", 7, "ana")]
    assert view.met(0, 1)[0].customer == "ana"


def test_whoever_is_split_off_is_told_to_be_somebody_again(store: Store, view: View) -> None:
    store.commit(Commit(position=0, now=9, customers=[person("cleo")], tail=[("cleo", 0, 5)], met=[("cleo", 7)]))
    store.commit(Commit(position=1, now=9, customers=[part_of("cleo", "ana"), person("ana")]))
    store.commit(Commit(position=2, now=9, customers=[person("cleo")]))
    assert met(view) == [("cleo", 7, None)]


def test_whoever_is_met_and_joined_in_one_commit_is_told_once(store: Store, view: View) -> None:
    rows = [part_of("visitor", "ana"), person("ana")]
    tail = [("visitor", 0, 5), ("ana", 1, 5)]
    store.commit(Commit(position=1, now=9, customers=rows, tail=tail, met=[("visitor", 7), ("ana", 8)]))
    assert sorted(met(view)) == [("ana", 8, None), ("visitor", 7, "ana")]


def test_an_address_that_leads_to_somebody_was_never_anybody(store: Store, view: View) -> None:
    rows = [person("ana"), part_of("ana@example.com", "ana")]
    store.commit(Commit(position=0, now=9, customers=rows, tail=[("ana", 0, 5)], met=[("ana", 7)]))
    assert met(view) == [("ana", 7, None)]


def test_of_whom_nothing_is_kept_nothing_is_told_and_numbers_are_not_given_again(store: Store, view: View) -> None:
    rows = [person("ana"), person("ben")]
    tail = [("ana", 0, 5), ("ben", 1, 5)]
    store.commit(Commit(position=1, now=9, customers=rows, tail=tail, met=[("ana", 7), ("ben", 8)]))
    chunk, change = view.attributions(0, 9)[-1].chunk, view.met(0, 9)[-1].change
    store.commit(Commit(position=2, now=9, forgotten=["ben"]))
    assert (whose(view), met(view)) == ([("ana", [0], 1)], [("ana", 7, None)])
    store.commit(Commit(position=3, now=9, customers=[person("ben")], tail=[("ben", 3, 5)], met=[("ben", 9)]))
    assert (whose(view, chunk), met(view, change)) == ([("ben", [3], 3)], [("ben", 9, None)])
