"""What every view answers, beside the store that is written."""

from __future__ import annotations

from habitue.model.decision import Decision
from habitue.model.instant import HOUR, MINUTE
from habitue.model.reason import Outcome, Reason
from habitue.run.ports import Commit, CustomerRow, Membership, Place, Store, Tally, View


def person(name: str, seen_at: int, search: str = "", tombstone: bool = False) -> CustomerRow:
    return CustomerRow(name, name.encode(), None, search, seen_at, tombstone)


def decision(number: int, customer: str, outcome: Outcome = Outcome.SENT, **more: object) -> Decision:
    return Decision(id=f"d{number}", customer=customer, at=number, outcome=outcome, reason=Reason.ALLOWED, **more)  # type: ignore[arg-type]


def test_people_are_listed_most_recently_seen_first_and_paged(store: Store, view: View) -> None:
    rows = [person("ana", HOUR), person("ben", 3 * HOUR), person("cleo", 3 * HOUR), person("dan", 3 * HOUR + 1)]
    store.commit(Commit(position=0, now=1, customers=rows))
    assert [row.id for row in view.people()] == ["dan", "ben", "cleo", "ana"]
    assert [row.id for row in view.people(limit=2, after="ben")] == ["cleo", "ana"]
    assert view.people(after="nobody") == []
    assert view.people_count() == 4


def test_somebody_seen_again_comes_first(store: Store, view: View) -> None:
    store.commit(Commit(position=0, now=1, customers=[person("ana", 5), person("ben", 6)]))
    store.commit(Commit(position=1, now=1, customers=[person("ana", 7)]))
    assert [row.id for row in view.people()] == ["ana", "ben"]
    store.commit(Commit(position=2, now=1, customers=[person("ben", 9 * HOUR)]))
    assert [row.id for row in view.people()] == ["ben", "ana"]


def test_people_are_found_by_part_of_their_words_or_their_whole_id(store: Store, view: View) -> None:
    rows = [person("u1", 1, "ana@example.com ana örn"), person("u2", 2, "ben@example.com"), person("u3", 3)]
    store.commit(Commit(position=0, now=1, customers=rows))
    assert [row.id for row in view.people(" ÖRN ")] == ["u1"]
    assert [row.id for row in view.people("example")] == ["u2", "u1"]
    assert [row.id for row in view.people("u3")] == ["u3"]
    assert [row.id for row in view.people("100%_'\"*")] == []


def test_people_are_found_by_what_they_are_called_now(store: Store, view: View) -> None:
    store.commit(Commit(position=0, now=1, customers=[person("u1", 1, "ana")]))
    store.commit(Commit(position=1, now=1, customers=[person("u1", 2, "anna")]))
    assert [row.id for row in view.people("anna")] == ["u1"]
    store.commit(Commit(position=2, now=1, customers=[person("u1", 2, "")]))
    assert view.people("anna") == []


def test_a_tombstone_is_found_by_her_id_alone(store: Store, view: View) -> None:
    store.commit(Commit(position=0, now=1, customers=[person("a1", 1, "ana"), person("u1", 1, "ana")]))
    store.commit(Commit(position=1, now=2, customers=[person("a1", 1, "", tombstone=True)]))
    assert [row.id for row in view.people("ana")] == ["u1"]
    assert [row.id for row in view.people()] == ["u1"]
    assert (view.people("a1"), view.people_count()) == ([], 1)
    assert view.person("a1") == b"a1"


def test_a_timeline_joins_the_trails_of_all_of_a_persons_ids(store: Store, view: View) -> None:
    store.commit(Commit(position=2, now=1, customers=[person("a1", 1)], tail=[("a1", 0, 50), ("a1", 2, 40)]))
    store.commit(Commit(position=5, now=1, customers=[person("u1", 1)], tail=[("u1", 5, 60), ("u1", 3, 55)]))
    store.commit(Commit(position=6, now=1, customers=[person("u1", 1)], tail=[("u1", 6, 70)]))
    assert view.timeline(["u1", "a1"]) == [(6, 70), (5, 60), (3, 55), (2, 40), (0, 50)]
    assert view.timeline(["u1", "a1"], limit=2, before=5) == [(3, 55), (2, 40)]
    assert view.timeline(["nobody"]) == []


def test_a_record_absorbed_late_stands_in_its_place(store: Store, view: View) -> None:
    store.commit(Commit(position=9, now=1, customers=[person("u1", 1)], tail=[("u1", 8, 80)]))
    store.commit(Commit(position=9, now=2, customers=[person("u1", 1)], tail=[("u1", 3, 30), ("u1", 5, 50)]))
    assert view.timeline(["u1"], limit=1) == [(8, 80)]
    assert view.timeline(["u1"], limit=2) == [(8, 80), (5, 50)]


def test_decisions_come_whole_and_newest_first(store: Store, view: View) -> None:
    first = decision(1, "ana", journey="cart", run="r1", step="ask", message="mail", channel="email", detail={"cap": 3})
    second = decision(2, "ben", Outcome.JOINED, segment="fans")
    store.commit(Commit(position=0, now=1, decisions=[first, second]))
    assert [one for _, one in view.decisions()] == [second, first]
    assert [one for _, one in view.decisions_after(0, 10)] == [first, second]
    sequence = view.decisions()[0][0]
    assert [one for _, one in view.decisions(before=sequence)] == [first]
    assert view.decisions_after(sequence, 10) == []


def test_decisions_pass_every_filter_asked_for(store: Store, view: View) -> None:
    made = [
        decision(1, "ana", journey="cart", message="mail"),
        decision(2, "ana", Outcome.DROPPED, journey="cart", message="mail"),
        decision(3, "ben", journey="cart", message="popup"),
        decision(4, "ana", journey="welcome", message="mail"),
    ]
    for position, one in enumerate(made):
        store.commit(Commit(position=position, now=1, decisions=[one]))

    def numbers(**asked: object) -> list[int]:
        return [one.at for _, one in view.decisions(**asked)]  # type: ignore[arg-type]

    assert numbers(customers=["ana"]) == [4, 2, 1]
    assert numbers(customers=["ana", "ben"], limit=2) == [4, 3]
    assert numbers(journey="cart", limit=2) == [3, 2]
    assert numbers(message="mail", outcome="sent") == [4, 1]
    assert numbers(customers=["ana"], journey="cart", outcome="sent") == [1]
    assert numbers(reason="no_consent") == []
    assert numbers(customers=[]) == []


def test_segments_tell_their_sizes_members_and_changes(store: Store, view: View) -> None:
    joins = [Membership(one, "fans", 5, at) for one, at in (("ana", 0), ("ben", 2 * MINUTE), ("cleo", 7 * MINUTE))]
    store.commit(Commit(position=0, now=1, memberships=joins))
    store.commit(Commit(position=1, now=1, memberships=[Membership("ben", "fans", None, 8 * MINUTE)]))
    assert view.segment_sizes() == {"fans": 2}
    assert view.members("fans") == [("ana", 5), ("cleo", 5)]
    assert view.members("fans", limit=1, after="ana") == [("cleo", 5)]
    assert view.segment_changes("fans", 0, 5 * MINUTE) == [(0, 2, 0), (5 * MINUTE, 1, 1)]
    assert view.segment_changes("fans", 8 * MINUTE, MINUTE) == [(8 * MINUTE, 0, 1)]


def test_who_is_in_a_segment_since_another_time_is_counted_once(store: Store, view: View) -> None:
    store.commit(Commit(position=0, now=1, memberships=[Membership("ana", "fans", 5, 5)]))
    store.commit(Commit(position=1, now=1, memberships=[Membership("ana", "fans", 3, 6)]))
    assert view.members("fans") == [("ana", 3)]
    assert view.segment_sizes() == {"fans": 1}
    store.commit(Commit(position=2, now=1, memberships=[Membership("ben", "fans", None, 7)]))
    assert view.segment_sizes() == {"fans": 1}


def place(customer: str, step: str | None, due: int | None, version: int = 1) -> Place:
    return Place(customer, f"run-{customer}", "cart", version, "k", step, 1, due)


def test_places_show_who_waits_where_earliest_due_first(store: Store, view: View) -> None:
    standing = [
        place("ana", "ask", 30),
        place("ben", "wait", 10),
        place("cleo", "wait", None),
        place("dan", "wait", 10),
    ]
    store.commit(Commit(position=0, now=1, places=standing))
    assert [one.customer for one in view.places("cart")] == ["ben", "dan", "ana", "cleo"]
    assert view.places("cart", "ask") == [place("ana", "ask", 30)]
    assert view.place_counts("cart") == {(1, "ask"): 1, (1, "wait"): 3}

    store.commit(Commit(position=1, now=2, places=[place("ben", None, None), place("ana", "wait", 40, version=2)]))
    assert view.place_counts("cart") == {(1, "wait"): 2, (2, "wait"): 1}
    assert view.places("welcome") == []


def test_a_run_that_moves_to_another_customer_stands_there_alone(store: Store, view: View) -> None:
    store.commit(Commit(position=0, now=1, places=[Place("a1", "r", "cart", 1, "", "ask", 1, 5)]))
    moved = Place("u1", "r", "cart", 1, "", "ask", 1, 5)
    store.commit(Commit(position=1, now=2, places=[moved, Place("a1", "r", "cart", 1, "", None, 1, None)]))
    assert view.places("cart") == [moved]


def tally(minute: int, name: str, count: int = 1, amount: int = 0) -> Tally:
    return Tally(minute, "event", name, "", "", count, amount)


def test_tallies_add_up_in_buckets_half_open(store: Store, view: View) -> None:
    store.commit(
        Commit(position=0, now=1, tallies=[tally(0, "a"), tally(59, "a", 2, 10), tally(60, "a", 4), tally(61, "b")])
    )
    store.commit(Commit(position=1, now=2, tallies=[tally(59, "a", 1, -3)]))
    assert view.tallies("event", 0, 61) == [tally(0, "a"), tally(59, "a", 3, 7), tally(60, "a", 4)]
    assert view.tallies("event", 0, 62, 60) == [tally(0, "a", 4, 7), tally(60, "a", 4), tally(60, "b")]
    assert view.tallies("event", 59, 61, 60) == [tally(0, "a", 3, 7), tally(60, "a", 4)]
    assert view.tallies("orders", 0, 100) == []


def test_totals_add_up_everything_since(store: Store, view: View) -> None:
    minutes = [0, 1439, 1440, 3000, 3060, 10_000]
    store.commit(Commit(position=0, now=1, tallies=[tally(minute, "a") for minute in minutes]))
    assert view.totals("event") == [tally(0, "a", 6)]
    assert view.totals("event", 1439) == [tally(0, "a", 5)]
    assert view.totals("event", 3001) == [tally(0, "a", 2)]
    assert view.totals("event", 10_001) == []


def test_people_are_also_listed_in_the_order_they_were_met_and_stay_in_place(store: Store, view: View) -> None:
    rows = [person("ana", 9, "ana@example.com"), person("ben", 8), person("cleo", 7, "cleo@example.com")]
    store.commit(Commit(position=0, now=1, customers=rows))
    (first, ana), *_ = view.people_met(limit=1)
    store.commit(Commit(position=1, now=2, customers=[person("ana", HOUR, "ana@example.com"), person("dora", HOUR)]))
    assert [row.id for _, row in view.people_met(after=first)] == ["ben", "cleo", "dora"]
    assert ana.id == "ana"
    assert [row.id for _, row in view.people_met(" Example ")] == ["ana", "cleo"]
    store.commit(Commit(position=2, now=3, customers=[person("ben", 8, tombstone=True)]))
    assert [row.id for _, row in view.people_met()] == ["ana", "cleo", "dora"]
