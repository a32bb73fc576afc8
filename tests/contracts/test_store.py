"""What every store keeps to: one batch, one transaction, once."""

from __future__ import annotations

import pytest

from habitue.model.effect import Send
from habitue.run.ports import Adopting, Commit, CustomerRow, Membership, Parked, Store, Tally, View
from habitue.store.failures import OutOfOrder, VersionMoved


def customer(name: str, state: bytes = b"s", due: int | None = None, **more: object) -> CustomerRow:
    return CustomerRow(name, state, due, more.pop("search", name), **more)  # type: ignore[arg-type]


def send(number: int) -> Send:
    return Send(
        id=f"e{number}",
        customer="ana",
        at=1,
        expires_at=9,
        journey="cart",
        run="r1",
        step="ask",
        version=1,
        message="cart_mail",
        channel="email",
        address="ana@example.com",
        topic="offers",
        data={"cart": {"value": 12.5}, "viewed": ["p1"]},
    )


def test_a_new_store_has_absorbed_nothing(store: Store) -> None:
    assert (store.position(), store.version()) == (-1, 0)
    assert store.load(["ana"]) == {}
    assert store.next_due() is None
    assert store.parked_ids() == set()
    assert list(store.customer_ids()) == []


def test_a_commit_keeps_states_and_the_position(store: Store) -> None:
    store.commit(Commit(position=4, now=1, customers=[customer("ana", b"\x00a"), customer("ben", b"b")]))
    store.commit(Commit(position=7, now=2, version=2, customers=[customer("ana", b"aa")]))
    assert (store.position(), store.version()) == (7, 2)
    assert store.load(["ana", "ben", "cleo", "ana"]) == {"ana": b"aa", "ben": b"b"}


def test_the_last_commit_once_more_changes_nothing(store: Store, view: View) -> None:
    tally = Tally(1, "event", "Order Completed", "", "", 1, 5)
    commit = Commit(position=3, now=1, customers=[customer("ana")], effects=[send(1)], tallies=[tally])
    store.commit(commit)
    store.commit(commit)
    assert view.totals("event")[0].count == 1
    assert len(store.effects(0, 10)) == 1


def test_timers_may_be_committed_at_a_position_again(store: Store) -> None:
    store.commit(Commit(position=3, now=1, customers=[customer("ana", b"1", due=5)]))
    store.commit(Commit(position=3, now=5, customers=[customer("ana", b"2", due=None)]))
    assert store.load(["ana"]) == {"ana": b"2"}


def test_a_commit_from_the_past_is_refused_whole(store: Store) -> None:
    store.commit(Commit(position=3, now=1, customers=[customer("ana", b"1")]))
    with pytest.raises(OutOfOrder, match="position 2 came after one up to 3"):
        store.commit(Commit(position=2, now=9, customers=[customer("ana", b"2")]))
    assert store.load(["ana"]) == {"ana": b"1"}


def test_timers_are_found_earliest_first(store: Store) -> None:
    rows = [customer("ana", due=30), customer("ben", due=10), customer("cleo", due=10), customer("dan")]
    store.commit(Commit(position=0, now=1, customers=rows))
    assert store.next_due() == 10
    assert store.due(9, 10) == []
    assert store.due(30, 10) == ["ben", "cleo", "ana"]
    assert store.due(30, 1) == ["ben"]


def test_a_timer_that_moved_is_found_at_its_new_time_alone(store: Store) -> None:
    store.commit(Commit(position=0, now=1, customers=[customer("ana", due=10)]))
    store.commit(Commit(position=1, now=2, customers=[customer("ana", due=40)]))
    assert store.due(39, 10) == []
    store.commit(Commit(position=2, now=3, customers=[customer("ana", due=10)]))
    assert store.due(39, 10) == ["ana"]
    store.commit(Commit(position=3, now=4, customers=[customer("ana", due=None)]))
    assert (store.due(99, 10), store.next_due()) == ([], None)


def test_effects_come_in_order_and_once(store: Store) -> None:
    store.commit(Commit(position=0, now=1, effects=[send(1), send(2)]))
    store.commit(Commit(position=1, now=2, effects=[send(2), send(3)]))
    found = store.effects(0, 10)
    assert [effect for _, effect in found] == [send(1), send(2), send(3)]
    assert store.effects(found[0][0], 1) == found[1:2]
    assert store.effects(found[-1][0], 10) == []


def test_a_parked_customer_keeps_her_queue_until_she_goes_on(store: Store, view: View) -> None:
    parked = Parked(customer="ana", position=4, error="boom", at=1)
    store.commit(Commit(position=9, now=1, parked=[parked], skipped=[("ana", 7), ("ana", 5), ("ben", 6)]))
    assert store.parked_ids() == {"ana"}
    assert store.skipped("ana") == [5, 7]
    assert view.parked() == [parked]

    again = Parked(customer="ana", position=7, error="boom again", at=2)
    store.commit(Commit(position=9, now=2, unparked=["ana"], parked=[again], skipped=[("ana", 9)]))
    assert view.parked() == [again]
    assert store.skipped("ana") == [9]

    store.commit(Commit(position=9, now=3, unparked=["ana"]))
    assert (store.parked_ids(), store.skipped("ana")) == (set(), [])
    assert store.skipped("ben") == [6]


def test_live_customers_are_listed_in_the_order_they_came(store: Store) -> None:
    store.commit(Commit(position=0, now=1, customers=[customer("zoe"), customer("ana")]))
    store.commit(Commit(position=1, now=2, customers=[customer("mia"), customer("zoe", search="", tombstone=True)]))
    assert list(store.customer_ids()) == ["ana", "mia"]
    assert store.load(["zoe"]) == {"zoe": b"s"}


def test_a_customer_of_whom_only_a_trail_is_known_is_nobody_yet(store: Store, view: View) -> None:
    store.commit(
        Commit(position=0, now=1, tail=[("ana", 0, 5)], parked=[Parked(customer="ana", position=0, error="", at=1)])
    )
    assert store.load(["ana"]) == {}
    assert (list(store.customer_ids()), view.people(), view.person("ana")) == ([], [], None)
    store.commit(Commit(position=1, now=2, customers=[customer("ana")], tail=[("ana", 1, 6)], unparked=["ana"]))
    assert list(store.customer_ids()) == ["ana"]
    assert view.timeline(["ana"]) == [(1, 6), (0, 5)]


def test_playbook_versions_count_up_and_the_latest_again_is_the_same(store: Store) -> None:
    assert store.save_playbook("shop", {"playbook.yaml": "a: é"}, 10, "ana") == 1
    assert store.save_playbook("shop", {"playbook.yaml": "a: é"}, 20, "ben") == 1
    assert store.save_playbook("shop", {"playbook.yaml": "b", "journeys/cart.yaml": "c"}, 30, "ben") == 2
    assert store.playbook(1) == {"playbook.yaml": "a: é"}
    assert store.playbook(3) is None
    assert [(one["version"], one["applied_at"], one["author"]) for one in store.playbooks()] == [
        (2, 30, "ben"),
        (1, 10, "ana"),
    ]


def test_going_back_to_older_files_is_a_version_of_its_own(store: Store) -> None:
    for text in ("a", "b", "a"):
        store.save_playbook("shop", {"playbook.yaml": text}, 1, "ana")
    assert [one["version"] for one in store.playbooks()] == [3, 2, 1]


def test_a_version_keeps_its_note(store: Store) -> None:
    store.save_playbook("shop", {"playbook.yaml": "a"}, 1, "ana", "The beginning")
    store.save_playbook("shop", {"playbook.yaml": "b"}, 2, "ben")
    assert store.playbooks() == [
        {"version": 2, "name": "shop", "applied_at": 2, "author": "ben", "note": ""},
        {"version": 1, "name": "shop", "applied_at": 1, "author": "ana", "note": "The beginning"},
    ]


def test_nobody_applies_over_a_version_he_has_not_seen(store: Store) -> None:
    assert store.save_playbook("shop", {"playbook.yaml": "a"}, 1, "ana", base=0) == 1
    assert store.save_playbook("shop", {"playbook.yaml": "b"}, 2, "ben", base=1) == 2
    for base, files in ((1, {"playbook.yaml": "c"}), (1, {"playbook.yaml": "b"}), (3, {"playbook.yaml": "c"})):
        with pytest.raises(VersionMoved, match=f"planned against version {base}, and version 2 is in force"):
            store.save_playbook("shop", files, 3, "cleo", base=base)
    assert [one["author"] for one in store.playbooks()] == ["ben", "ana"]


def test_a_segment_is_joined_and_left_in_one_batch_with_the_last_word(store: Store, view: View) -> None:
    joined = Membership("ana", "fans", 5, 5)
    left = Membership("ana", "fans", None, 6)
    store.commit(Commit(position=0, now=1, memberships=[joined, left]))
    assert view.segment_sizes() == {}
    store.commit(Commit(position=1, now=2, memberships=[left, joined, joined]))
    assert view.segment_sizes() == {"fans": 1}


def test_versions_not_everybody_has_adopted_stand_until_they_are_taken_off(store: Store) -> None:
    assert store.adopting() == []
    standing = [Adopting(3, 2, 1), Adopting(5, 3, 2)]
    store.commit(Commit(position=5, now=1, adopting=standing))
    store.commit(Commit(position=6, now=2))
    assert store.adopting() == standing
    store.commit(Commit(position=6, now=2, adopting=[]))
    assert store.adopting() == []


def test_trails_tell_what_was_absorbed_after_a_position_under_each_id(store: Store) -> None:
    people = [customer("ana"), customer("ben"), customer("cleo")]
    store.commit(Commit(position=2, now=1, customers=people, tail=[("ana", 0, 5), ("ben", 1, 5), ("ana", 2, 5)]))
    store.commit(Commit(position=4, now=2, customers=people[:1], tail=[("ana", 4, 6), ("ana", 3, 6)]))
    store.commit(Commit(position=5, now=3, customers=people[:1], tail=[("ana", 1, 5)]))
    ids = ["ana", "ben", "cleo", "nobody"]
    everything = store.trails(ids, -1)
    assert {one: sorted(trail) for one, trail in everything.items()} == {"ana": [0, 1, 2, 3, 4], "ben": [1]}
    assert everything["ana"][1] > everything["ben"][1]  # It changed hands.
    assert {one: sorted(trail) for one, trail in store.trails(ids, 2).items()} == {"ana": [3, 4]}
    assert store.trails(ids, 4) == {}
