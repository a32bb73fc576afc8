"""From a product or category back to whom it may concern."""

from __future__ import annotations

from habitue.run.ports import Commit, CustomerRow, Interest, Interested, Store, View


def person(name: str, tombstone: bool = False) -> CustomerRow:
    return CustomerRow(name, b"state", None, "" if tombstone else name, 5, tombstone)


def put(store: Store, position: int, *interests: Interest) -> None:
    people = [person(one) for one in sorted({interest.customer for interest in interests})]
    store.commit(Commit(position=position, now=1, customers=people, interests=list(interests)))


def test_those_interested_longest_come_first_and_each_once(store: Store, view: View) -> None:
    put(
        store,
        0,
        Interest("ana", "viewed", "watch", 30),
        Interest("ana", "wished", "watch", 50),
        Interest("ben", "viewed", "watch", 10),
        Interest("cleo", "cart", "watch", 30),
        Interest("ben", "viewed", "hat", 1),
        Interest("ben", "category", "watch", 2),
    )
    assert view.interested(["viewed", "wished", "cart"], ["watch"]) == [
        Interested("ben", ("viewed",), 10),
        Interested("ana", ("viewed", "wished"), 30),
        Interested("cleo", ("cart",), 30),
    ]
    assert view.interested(["wished"], ["watch"]) == [Interested("ana", ("wished",), 50)]
    assert view.interested(["viewed"], ["nothing"]) == []
    assert view.interested([], ["watch"]) == []


def test_several_keys_are_one_question(store: Store, view: View) -> None:
    put(store, 0, Interest("ana", "viewed", "watch", 30), Interest("ana", "viewed", "watch-gold", 20))
    put(store, 1, Interest("ben", "viewed", "watch-gold", 25))
    assert view.interested(["viewed"], ["watch", "watch-gold"]) == [
        Interested("ana", ("viewed",), 20),
        Interested("ben", ("viewed",), 25),
    ]


def test_pages_follow_one_another_without_gap(store: Store, view: View) -> None:
    put(store, 0, *(Interest(f"c{number}", "viewed", "watch", number // 3) for number in range(10)))
    found: list[Interested] = []
    while page := view.interested(["viewed"], ["watch"], (found[-1].since, found[-1].customer) if found else None, 4):
        found += page
    assert [one.customer for one in found] == [f"c{number}" for number in range(10)]


def test_an_interest_that_is_gone_is_not_found(store: Store, view: View) -> None:
    put(store, 0, Interest("ana", "cart", "watch", 30), Interest("ben", "cart", "watch", 31))
    put(store, 1, Interest("ana", "cart", "watch", None), Interest("ben", "cart", "watch", 5))
    assert view.interested(["cart"], ["watch"]) == [Interested("ben", ("cart",), 5)]


def test_who_was_joined_into_another_is_marked(store: Store, view: View) -> None:
    put(store, 0, Interest("ana", "cart", "watch", 30))
    store.commit(Commit(position=1, now=1, customers=[person("ana", tombstone=True)]))
    assert view.interested(["cart"], ["watch"]) == [Interested("ana", ("cart",), 30, True)]
