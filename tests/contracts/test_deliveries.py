"""What the outbox may rely on."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from habitue.model.delivery import Delivery, DeliveryState
from habitue.model.effect import Send
from habitue.model.passage import AddressLimit, Passage, Stopped
from habitue.run.ports import Deliveries, Judge


def send(name: str, channel: str = "email", customer: str = "ana", expires_at: int = 1_000) -> Send:
    return Send(
        id=name,
        customer=customer,
        at=1,
        expires_at=expires_at,
        journey="cart",
        run="r1",
        step="ask",
        version=1,
        message="cart_mail",
        channel=channel,
        address="ana@example.com",
        topic="offers",
        data={"cart": {"value": 12.5}},
    )


def after(deliveries: Deliveries, name: str, state: DeliveryState, **more: object) -> Delivery:
    """Hand a delivery over and keep what became of it."""
    deliveries.begin([name], 20)
    return finished(deliveries, name, state, **more)


def finished(deliveries: Deliveries, name: str, state: DeliveryState, **more: object) -> Delivery:
    known = deliveries.get(name)
    assert known is not None
    result = msgspec.structs.replace(known, state=state, updated_at=30, **more)  # type: ignore[arg-type]
    deliveries.finish([result])
    return result


def test_an_effect_is_taken_in_once_and_waits(deliveries: Deliveries) -> None:
    assert deliveries.cursor() == 0
    assert deliveries.take_in([(1, send("a")), (2, send("b"))], 10) == 2
    assert deliveries.take_in([(2, send("b")), (3, send("a")), (4, send("c"))], 11) == 1
    assert deliveries.cursor() == 4
    assert [(one.id, effect) for one, effect in deliveries.due(11, 10)] == [
        ("a", send("a")),
        ("b", send("b")),
        ("c", send("c")),
    ]
    assert deliveries.get("a") == Delivery(
        id="a",
        customer="ana",
        message="cart_mail",
        channel="email",
        address="ana@example.com",
        state=DeliveryState.WAITING,
        updated_at=10,
        created_at=10,
        journey="cart",
        run="r1",
        step="ask",
    )
    assert deliveries.effect("a") == send("a")
    assert (deliveries.get("x"), deliveries.effect("x")) == (None, None)


def test_what_is_being_sent_is_not_due_and_counts_an_attempt(deliveries: Deliveries) -> None:
    deliveries.take_in([(1, send("a"))], 10)
    assert deliveries.next_due() == 10
    deliveries.begin(["a"], 20)
    found = deliveries.get("a")
    assert found is not None
    assert (found.state, found.attempts, found.updated_at) == (DeliveryState.SENDING, 1, 20)
    assert (deliveries.due(99, 10), deliveries.next_due()) == ([], None)
    deliveries.begin(["a"], 21)
    assert deliveries.get("a") == found


def test_a_passing_failure_waits_until_its_retry(deliveries: Deliveries) -> None:
    deliveries.take_in([(1, send("a")), (2, send("b"))], 10)
    after(deliveries, "a", DeliveryState.WAITING, retry_at=50, reason="passing")
    assert [one.id for one, _ in deliveries.due(49, 10)] == ["b"]
    assert [one.id for one, _ in deliveries.due(50, 10)] == ["b", "a"]
    assert deliveries.unreported(10) == []


def test_what_is_finished_stays_unreported_until_marked(deliveries: Deliveries) -> None:
    deliveries.take_in([(1, send("a")), (2, send("b"))], 10)
    accepted = after(deliveries, "b", DeliveryState.ACCEPTED, subject="Your cart", content={"html": "<p>"})
    failed = after(deliveries, "a", DeliveryState.FAILED, reason="permanent_address", detail="550")
    assert deliveries.unreported(10) == [failed, accepted]
    assert deliveries.unreported(1) == [failed]
    deliveries.mark_reported(["a", "x"])
    assert deliveries.unreported(10) == [accepted]
    assert deliveries.get("b") == accepted


def test_what_a_crash_caught_in_between_becomes_unknown(deliveries: Deliveries) -> None:
    deliveries.take_in([(1, send("a")), (2, send("b"))], 10)
    deliveries.begin(["a"], 20)
    assert [(one.id, one.state, one.updated_at) for one in deliveries.recover(40)] == [("a", DeliveryState.UNKNOWN, 40)]
    assert deliveries.recover(41) == []
    assert [one.id for one in deliveries.unreported(10)] == ["a"]
    assert [one.id for one, _ in deliveries.due(99, 10)] == ["b"]


def test_deliveries_are_listed_newest_first_by_every_filter(deliveries: Deliveries) -> None:
    deliveries.take_in([(1, send("a")), (2, send("b", "onsite")), (3, send("c", customer="ben"))], 10)
    after(deliveries, "a", DeliveryState.ACCEPTED)

    def ids(**asked: object) -> list[str]:
        return [one.id for _, one in deliveries.list(**asked)]  # type: ignore[arg-type]

    assert ids() == ["c", "b", "a"]
    assert ids(limit=1) == ["c"]
    assert ids(before=deliveries.list()[0][0]) == ["b", "a"]
    assert ids(customers=["ana"]) == ["b", "a"]
    assert ids(customers=["ana", "ben"], channel="email") == ["c", "a"]
    assert ids(customers=[]) == []
    assert ids(state=DeliveryState.WAITING) == ["c", "b"]
    assert ids(state=DeliveryState.WAITING, channel="email") == ["c"]
    assert ids(state=DeliveryState.WAITING, message="cart_mail", limit=1) == ["c"]
    assert ids(message="other") == []
    assert ids(channel="onsite") == ["b"]


def test_the_page_is_shown_what_was_accepted_for_it_and_is_worth_showing(deliveries: Deliveries) -> None:
    sends = [send("a", "onsite"), send("b", "onsite", expires_at=50), send("c"), send("d", "onsite", "ben")]
    deliveries.take_in(list(enumerate(sends, start=1)), 10)
    for one in ("a", "b", "c", "d"):
        after(deliveries, one, DeliveryState.ACCEPTED)
    assert [one.id for one in deliveries.onsite(["ana"], 49)] == ["a", "b"]
    assert [one.id for one in deliveries.onsite(["ana", "ben"], 50)] == ["a", "d"]


def test_what_no_page_showed_in_time_is_found_until_it_is_finished(deliveries: Deliveries) -> None:
    sends = [send("a", "onsite", expires_at=60), send("b", "onsite", "ben", 50), send("c", "onsite"), send("d")]
    deliveries.take_in(list(enumerate([*sends, send("e", "onsite", expires_at=40)], start=1)), 10)
    for one in ("a", "b", "c", "d"):
        after(deliveries, one, DeliveryState.ACCEPTED)
    assert deliveries.unseen(49, 10) == []
    assert [one.id for one in deliveries.unseen(60, 10)] == ["b", "a"]
    assert [one.id for one in deliveries.unseen(60, 1)] == ["b"]
    finished(deliveries, "b", DeliveryState.EXPIRED)
    deliveries.mark_displayed("a", 45)
    assert deliveries.unseen(60, 10) == []


def test_only_one_asker_gets_to_show_a_message(deliveries: Deliveries) -> None:
    deliveries.take_in([(1, send("a", "onsite")), (2, send("m"))], 10)
    assert not deliveries.mark_displayed("a", 40)
    after(deliveries, "a", DeliveryState.ACCEPTED)
    after(deliveries, "m", DeliveryState.ACCEPTED)
    deliveries.mark_reported(["a", "m"])
    assert deliveries.mark_displayed("a", 41)
    assert not deliveries.mark_displayed("a", 42)
    assert not deliveries.mark_displayed("m", 42)
    assert not deliveries.mark_displayed("x", 42)
    assert deliveries.onsite(["ana"], 50) == []
    assert [(one.state, one.updated_at) for one in deliveries.unreported(10)] == [(DeliveryState.DISPLAYED, 41)]


def test_what_was_displayed_does_not_expire_any_more(deliveries: Deliveries) -> None:
    deliveries.take_in([(1, send("a", "onsite"))], 10)
    after(deliveries, "a", DeliveryState.ACCEPTED)
    deliveries.mark_displayed("a", 41)
    finished(deliveries, "a", DeliveryState.EXPIRED)
    found = deliveries.get("a")
    assert found is not None
    assert found.state is DeliveryState.DISPLAYED


def test_deliveries_are_counted_by_channel_and_state(deliveries: Deliveries) -> None:
    deliveries.take_in([(1, send("a")), (2, send("b")), (3, send("c", "onsite"))], 10)
    after(deliveries, "a", DeliveryState.ACCEPTED)
    assert deliveries.counts() == {("email", "accepted"): 1, ("email", "waiting"): 1, ("onsite", "waiting"): 1}


def test_changes_are_numbered_so_that_none_is_missed(deliveries: Deliveries) -> None:
    deliveries.take_in([(1, send("a")), (2, send("b"))], 10)
    seen = deliveries.changes_after(0, 10)
    assert [one.id for _, one in seen] == ["a", "b"]
    accepted = after(deliveries, "a", DeliveryState.ACCEPTED)
    assert [one for _, one in deliveries.changes_after(seen[-1][0], 10)] == [accepted]
    assert [one.id for _, one in deliveries.changes_after(0, 1)] == ["b"]


def passage(delivery: str, at: int = 20, mark: bytes = b"m") -> Passage:
    customer = delivery.split(".")[0]
    return Passage(delivery, customer, mark, at, at, "cart_mail", b"", marketing=True, proven=True)


def _shows(shown: list[Passage]) -> Judge:
    def judge(known: Sequence[Passage]) -> Stopped | None:
        shown.extend(known)
        return None

    return judge


def test_who_judges_is_shown_what_went_to_the_address_over_all_customers(deliveries: Deliveries) -> None:
    deliveries.take_in([(1, send("ana.1")), (2, send("ben.1", customer="ben")), (3, send("cleo.1"))], 10)
    assert deliveries.admit(passage("ana.1"), lambda known: None, 0) is None
    assert deliveries.admit(passage("cleo.1", mark=b"other"), lambda known: None, 0) is None
    shown: list[Passage] = []
    assert deliveries.admit(passage("ben.1", 30), _shows(shown), 0) is None
    assert shown == [passage("ana.1")]
    states = [one.state for one in map(deliveries.get, ("ana.1", "ben.1", "cleo.1")) if one is not None]
    assert states == [DeliveryState.SENDING] * 3


def test_what_is_stopped_is_neither_marked_nor_counted(deliveries: Deliveries) -> None:
    deliveries.take_in([(1, send("ana.1")), (2, send("ben.1", customer="ben"))], 10)
    stopped = Stopped(AddressLimit.CAP, "too much")
    assert deliveries.admit(passage("ana.1"), lambda known: stopped, 0) == stopped
    found = deliveries.get("ana.1")
    assert found is not None and (found.state, found.attempts) == (DeliveryState.WAITING, 0)
    shown: list[Passage] = []
    deliveries.admit(passage("ben.1"), _shows(shown), 0)
    assert shown == []


def test_what_is_tried_again_is_judged_without_itself_and_counts_once_at_its_latest_time(
    deliveries: Deliveries,
) -> None:
    deliveries.take_in([(1, send("ana.1")), (2, send("ben.1", customer="ben"))], 10)
    deliveries.admit(passage("ana.1"), lambda known: None, 0)
    finished(deliveries, "ana.1", DeliveryState.WAITING, retry_at=25, reason="passing")
    shown: list[Passage] = []
    assert deliveries.admit(passage("ana.1", 30), _shows(shown), 0) is None
    assert shown == []
    deliveries.admit(passage("ben.1", 31), _shows(shown), 0)
    assert shown == [passage("ana.1", 30)]


def test_what_is_tried_again_waits_for_what_went_to_the_address_meanwhile(deliveries: Deliveries) -> None:
    deliveries.take_in([(1, send("ana.1")), (2, send("ben.1", customer="ben"))], 10)
    deliveries.admit(passage("ana.1"), lambda known: None, 0)
    finished(deliveries, "ana.1", DeliveryState.WAITING, retry_at=25, reason="passing")
    deliveries.admit(passage("ben.1", 31), lambda known: None, 0)
    stopped = Stopped(AddressLimit.GAP, "too soon", 100)
    assert deliveries.admit(passage("ana.1", 32), lambda known: stopped if known else None, 0) == stopped


def test_what_lies_before_the_moment_asked_for_is_not_shown(deliveries: Deliveries) -> None:
    deliveries.take_in([(1, send("ana.1")), (2, send("ben.1", customer="ben"))], 10)
    deliveries.admit(passage("ana.1", 20), lambda known: None, 0)
    shown: list[Passage] = []
    deliveries.admit(passage("ben.1", 40), _shows(shown), 20)
    assert shown == []
