"""The outbox: nothing lost, nothing twice, wherever it is interrupted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from itertools import count, repeat
from typing import Any

import pytest

from habitue.errors import RenderFailed
from habitue.model.alarm import ALARM_KINDS
from habitue.model.delivery import Delivery, DeliveryState, Failure
from habitue.model.effect import Effect, Send
from habitue.model.event import Event
from habitue.model.instant import HOUR, MINUTE, SECOND, Instant
from habitue.model.rendered import Rendered, RenderedEmail, RenderedOnsite
from habitue.run.outbox import Outbox
from habitue.run.ports import Accepted, Alarm, Channel, Handover, Refused, Start, Uncertain
from habitue.run.refusals import IN_A_ROW_MAX
from habitue.store.memory import MemoryDeliveries, MemoryLog

NOON: Instant = 1_779_969_600 * SECOND
LIFE = 6 * HOUR


class Died(BaseException):
    """The process is killed here."""


class HandClock:
    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> Instant:
        return self.at


class Effects:
    def __init__(self) -> None:
        self.all: list[tuple[int, Effect]] = []

    def effects(self, after: int, limit: int) -> list[tuple[int, Effect]]:
        return [(number, effect) for number, effect in self.all if number > after][:limit]


class Post:
    """A channel that remembers what it was given and answers as told."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.asked: list[str] = []
        self.answer: Callable[[str], Handover] = lambda _: Accepted("250 queued")
        self.dies_before = self.dies_after = False
        self.starts = True

    async def hand_over(self, delivery: str, address: str, content: Rendered, start: Start) -> Handover:
        if self.dies_before:
            raise Died
        if self.starts and not start():
            return Refused(Failure.PASSING, "withdrawn")
        self.asked.append(delivery)
        answer = self.answer(delivery)
        if isinstance(answer, (Accepted, Uncertain)):
            self.sent.append(delivery)
        if self.dies_after:
            raise Died
        return answer

    async def close(self) -> None:
        """Nothing to close."""


class Bells:
    """Alarms in memory."""

    def __init__(self) -> None:
        self._standing: dict[tuple[str, str], Alarm] = {}

    def sound(self, kind: str, subject: str, detail: str, now: Instant) -> None:
        assert kind in ALARM_KINDS
        self._standing[kind, subject] = Alarm(kind=kind, subject=subject, detail=detail, raised_at=now)

    def clear(self, kind: str, subject: str, now: Instant) -> None:
        self._standing.pop((kind, subject), None)

    def standing(self) -> list[Alarm]:
        return list(self._standing.values())


class Words:
    """Content that says the message's name, or fails as told."""

    def __init__(self) -> None:
        self.error: BaseException | None = None

    def render(self, effect: Effect, now: Instant) -> Rendered:
        if self.error is not None:
            raise self.error
        if effect.channel == "onsite":
            return RenderedOnsite(type="banner", title="Hello", url="/cart")
        return RenderedEmail(subject=f"About {effect.message}", html="", text="", sender="hi@shop.example")


class Office:
    """Stores that outlive the process, and an outbox that can be started again."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.store = Effects()
        self.deliveries: Any = MemoryDeliveries()
        self.log: Any = MemoryLog(self.clock)
        self.post = Post()
        self.words = Words()
        self.night_until: Instant = 0
        self.alarms = Bells()
        self.wake: asyncio.Event | None = None
        self.addresses: Iterator[str] = repeat("ana@x.example")
        self.channels: dict[str, Channel] = {"email": self.post, "onsite": self.post}
        self.start()

    def start(self) -> None:
        self.outbox = Outbox(
            store=self.store,
            deliveries=self.deliveries,
            log=self.log,
            clock=self.clock,
            channels=self.channels,
            content=self.words,
            alarms=self.alarms,
            wake=self.wake,
            courtesy=lambda effect, now: self.night_until if now < self.night_until else None,
        )
        self.outbox.recover()

    def wants(self, *names: str, channel: str = "email", life: int = LIFE) -> None:
        for name in names:
            effect = send(name, channel, self.clock.at + life, next(self.addresses))
            self.store.all.append((len(self.store.all) + 1, effect))

    def turn(self, minutes: float = 0) -> None:
        self.clock.at += int(minutes * MINUTE)
        asyncio.run(self.outbox.run_once())

    def dies(self) -> None:
        """Turn until killed, and start again."""
        with pytest.raises(BaseException) as caught:
            self.turn()
        assert caught.group_contains(Died) if isinstance(caught.value, BaseExceptionGroup) else caught.type is Died
        self.post.dies_before = self.post.dies_after = False
        self.start()

    def state(self, name: str) -> str:
        return self.delivery(name).state.value

    def delivery(self, name: str) -> Delivery:
        found = self.deliveries.get(name)
        assert found is not None
        return found

    def events(self) -> list[Event]:
        return [record.event for record in self.log.scan()]

    def told(self) -> list[tuple[str, str]]:
        return [(event.name, event.properties["delivery_id"]) for event in self.events()]


def send(name: str, channel: str, expires_at: Instant, address: str = "ana@x.example") -> Send:
    return Send(
        id=name,
        customer="ana",
        at=NOON,
        expires_at=expires_at,
        journey="cart",
        run="r1",
        step="ask",
        version=1,
        message="note",
        channel=channel,
        address=address,
        topic="offers",
    )


@pytest.fixture
def office() -> Office:
    return Office()


def test_a_message_that_is_late_waits_until_the_night_is_over(office: Office) -> None:
    office.wants("a")
    office.night_until = NOON + 2 * HOUR
    office.turn()
    assert (office.post.asked, office.state("a"), office.delivery("a").reason) == ([], "waiting", "quiet_hours")
    office.turn(119)
    assert office.post.asked == []
    office.turn(1)
    assert office.post.sent == ["a"]


def test_a_message_is_sent_once_and_the_log_hears_of_it(office: Office) -> None:
    office.wants("a")
    office.turn()
    office.turn()
    assert office.post.sent == ["a"]
    assert office.state("a") == "accepted"
    assert office.delivery("a").subject == "About note"
    (event,) = office.events()
    assert (event.id, event.source, event.name) == ("a:sent", "habitue", "Email Sent")
    assert event.context == {"customer_id": "ana"}
    assert event.properties["journey"] == "cart"
    assert event.properties["email"] == "ana@x.example"


def test_on_site_the_piece_is_kept_and_nothing_is_told_before_it_is_shown(office: Office) -> None:
    office.wants("a", channel="onsite")
    office.turn()
    assert office.delivery("a").content["title"] == "Hello"
    assert office.told() == []
    office.deliveries.mark_displayed("a", office.clock.at)
    office.turn()
    assert office.told() == [("Message Displayed", "a")]


def test_on_site_what_no_page_showed_in_time_expires_and_the_log_hears_of_it_once(office: Office) -> None:
    office.wants("a", "b", channel="onsite", life=HOUR)
    office.turn()
    office.deliveries.mark_displayed("b", office.clock.at)
    office.turn(59)
    assert office.state("a") == "accepted"
    office.turn(1)
    office.turn(1)
    assert (office.state("a"), office.state("b")) == ("expired", "displayed")
    assert office.delivery("a").detail == "no page showed it in time"
    assert office.told() == [("Message Displayed", "b"), ("Message Expired", "a")]


def test_a_page_that_shows_it_while_it_expires_wins(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.wants("a", channel="onsite", life=HOUR)
    office.turn()
    found = office.deliveries.unseen

    def shown_in_between(now: Instant, limit: int) -> list[Delivery]:
        unseen: list[Delivery] = found(now, limit)
        office.deliveries.mark_displayed("a", now)
        return unseen

    monkeypatch.setattr(office.deliveries, "unseen", shown_in_between)
    office.turn(60)
    assert office.state("a") == "displayed"
    assert office.told() == [("Message Displayed", "a")]


# --- what goes wrong ------------------------------------------------------------------------------------------------


def test_a_passing_failure_is_tried_again_ever_more_rarely(office: Office) -> None:
    office.post.answer = lambda _: Refused(Failure.PASSING, "451 later")
    office.wants("a")
    office.turn()
    for minutes in (1, 5, 15, 60, 60):
        tries = len(office.post.asked)
        office.turn(minutes - 0.1)
        assert len(office.post.asked) == tries
        office.turn(0.1)
        assert len(office.post.asked) == tries + 1
    office.post.answer = lambda _: Accepted()
    office.turn(60)
    assert office.state("a") == "accepted"
    assert office.told() == [("Email Sent", "a")]


def test_a_message_too_old_is_not_sent_any_more(office: Office) -> None:
    office.post.answer = lambda _: Refused(Failure.PASSING, "451 later")
    office.wants("a", life=3 * MINUTE)
    office.turn()
    office.turn(1)
    office.post.answer = lambda _: Accepted()
    office.turn(2)
    assert office.post.sent == []
    assert office.state("a") == "expired"
    assert office.told() == [("Message Expired", "a")]


def test_an_address_that_is_gone_is_told_as_a_bounce(office: Office) -> None:
    office.post.answer = lambda _: Refused(Failure.PERMANENT_ADDRESS, "550 5.1.1")
    office.wants("a")
    office.turn()
    office.turn(120)
    (event,) = office.events()
    assert event.name == "Email Bounced"
    assert event.properties["permanent"] is True
    assert event.properties["email"] == "ana@x.example"
    assert len(office.post.asked) == 1


def test_a_message_nobody_takes_fails_alone(office: Office) -> None:
    office.post.answer = lambda name: Refused(Failure.PERMANENT_MESSAGE, "too big") if name == "a" else Accepted()
    office.wants("a", "b")
    office.turn()
    assert sorted(office.told()) == [("Email Sent", "b"), ("Message Failed", "a")]


def test_a_template_that_fails_fails_its_message_alone(office: Office) -> None:
    office.words.error = RenderFailed("subject line 1: loop iteration limit reached")
    office.wants("a")
    office.turn()
    delivery = office.delivery("a")
    assert (delivery.state, delivery.reason) == (DeliveryState.FAILED, "render_failed")
    assert "loop iteration" in (delivery.detail or "")
    assert office.told() == [("Message Failed", "a")]
    assert office.post.asked == []


def test_an_unforeseen_error_in_rendering_is_tried_again(office: Office) -> None:
    office.words.error = OSError("catalogue locked")
    office.wants("a")
    office.turn()
    assert office.state("a") == "waiting"
    office.words.error = None
    office.turn(1)
    assert office.post.sent == ["a"]


@pytest.mark.parametrize("how", ["answers so", "breaks"])
def test_what_may_have_been_sent_is_never_sent_again(office: Office, how: str) -> None:
    def broken(_: str) -> Handover:
        raise KeyError("a bug in the channel")

    office.post.answer = (lambda _: Uncertain("timeout after DATA")) if how == "answers so" else broken
    office.wants("a")
    office.turn()
    office.turn(120)
    office.start()
    office.turn(120)
    assert len(office.post.asked) == 1
    assert office.state("a") == "unknown"
    assert office.told() == [("Message Unknown", "a")]


# --- a channel whose set-up is refused ------------------------------------------------------------------------------


def test_a_refused_set_up_rests_the_channel_and_messages_wait(office: Office) -> None:
    office.post.answer = lambda _: Refused(Failure.CONFIGURATION, "535 wrong password")
    office.wants("a")
    office.turn()
    office.wants("b", "c")
    office.turn()
    assert office.post.asked == ["a"]
    assert [office.state(name) for name in "abc"] == ["waiting"] * 3
    assert office.delivery("b").detail == "535 wrong password"
    assert office.outbox.paused()["email"].why == "535 wrong password"


def test_one_message_probes_and_when_it_goes_through_all_go(office: Office) -> None:
    office.post.answer = lambda _: Refused(Failure.CONFIGURATION, "535 wrong password")
    office.wants("a")
    office.turn()
    office.wants("b", "c", "d")
    office.turn()
    office.turn(0.5)
    assert office.post.asked == ["a", "b"]  # Another than the first: its refusal might have been its own.
    office.post.answer = lambda _: Accepted()
    office.turn(1)
    office.turn(1)
    assert sorted(office.post.sent) == ["a", "b", "c", "d"]
    assert office.outbox.paused() == {}


def test_the_pause_grows_up_to_an_hour(office: Office) -> None:
    office.post.answer = lambda _: Refused(Failure.CONFIGURATION, "535")
    office.wants(*(f"m{number}" for number in range(400)), life=100 * HOUR)
    for _ in range(12):
        office.turn(60)
    assert office.outbox.paused()["email"].length == HOUR
    assert len(office.post.asked) < 40


def test_messages_that_wait_for_a_channel_too_long_expire(office: Office) -> None:
    office.channels.pop("email")
    office.wants("a", life=2 * MINUTE)
    office.turn()
    assert office.state("a") == "waiting"
    office.turn(2)
    assert office.state("a") == "expired"


def test_a_resting_channel_does_not_hold_up_another(office: Office) -> None:
    other = Post()
    office.channels["onsite"] = other
    office.post.answer = lambda _: Refused(Failure.CONFIGURATION, "535")
    office.wants("a")
    office.wants("b", channel="onsite")
    office.turn()
    assert other.sent == ["b"]


def test_recipients_refused_by_a_rule_fail_alone_and_the_next_goes(office: Office) -> None:
    """Five `550 5.7.1`, then a good one: the channel never rests, and a message on trial is not held against it."""
    office.post.answer = lambda name: Accepted() if name == "good" else policy(name)
    office.wants("a", "b", "c", "d", "e", "good")
    office.turn()
    assert [office.state(name) for name in "abcde"] == ["failed"] * 5
    assert office.delivery("a").reason == "permanent_recipient"
    assert office.state("good") == "accepted"
    assert office.outbox.paused() == {}
    assert office.alarms.standing() == []


def test_a_trial_that_is_refused_for_its_own_sake_opens_the_channel(office: Office) -> None:
    office.post.answer = lambda _: Refused(Failure.CONFIGURATION, "535 wrong password")
    office.wants("a")
    office.turn()
    assert [alarm.kind for alarm in office.alarms.standing()] == ["channel_rests"]
    office.post.answer = policy
    office.wants("b")
    office.turn(0.5)
    assert office.outbox.paused() == {}
    assert office.alarms.standing() == []


def test_many_different_recipients_refused_in_a_row_are_an_alarm_and_the_rest_waits(office: Office) -> None:
    office.post.answer = policy
    names = [f"m{number}" for number in range(IN_A_ROW_MAX + 2)]
    office.addresses = (f"{number}@x.example" for number in count())
    office.wants(*names)
    office.turn()
    [alarm] = office.alarms.standing()
    assert (alarm.kind, alarm.subject) == ("many_refusals", "email")
    assert "5.7.1" in alarm.detail
    assert "@" not in alarm.detail
    states = [office.state(name) for name in names]
    assert (states.count("failed"), states.count("waiting")) == (IN_A_ROW_MAX, 2)
    office.post.answer = lambda _: Accepted()
    office.turn(1)
    assert office.alarms.standing() == []
    assert [office.state(name) for name in names].count("accepted") == 2


def test_one_recipient_refused_again_and_again_is_no_alarm(office: Office) -> None:
    office.post.answer = policy
    office.wants(*(f"m{number}" for number in range(IN_A_ROW_MAX + 2)))
    office.turn()
    assert office.alarms.standing() == []


def test_an_alarm_from_before_a_restart_is_over_when_a_message_goes_through(office: Office) -> None:
    office.post.answer = lambda _: Refused(Failure.CONFIGURATION, "535 wrong password")
    office.wants("a")
    office.turn()
    office.start()
    assert office.alarms.standing()
    office.post.answer = lambda _: Accepted()
    office.turn(10)
    assert office.alarms.standing() == []


def policy(name: str) -> Handover:
    return Refused(Failure.PERMANENT_RECIPIENT, f"rcpt: 550 5.7.1 <{name}@x.example> not allowed")


# --- killed ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["take_in", "due", "begin"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_before_the_handover(office: Office, monkeypatch: pytest.MonkeyPatch, step: str, when: str) -> None:
    """Before the mark it is sent later; after the mark nobody can know, and it is not."""
    office.wants("a")
    kill(monkeypatch, office.deliveries, step, when)
    office.dies()
    office.turn()
    if (step, when) == ("begin", "after"):
        assert (office.post.sent, office.state("a")) == ([], "unknown")
        assert office.told() == [("Message Unknown", "a")]
    else:
        assert (office.post.sent, office.state("a")) == (["a"], "accepted")
        assert office.told() == [("Email Sent", "a")]


def test_killed_before_the_channel_was_ready_it_is_sent_later(office: Office) -> None:
    """Waiting for a connection, building the letter, asking the server: nothing of it has left."""
    office.wants("a")
    office.post.dies_before = True
    office.dies()
    office.turn(120)
    assert office.post.sent == ["a"]
    assert office.told() == [("Email Sent", "a")]


def test_killed_in_the_handover(office: Office) -> None:
    office.wants("a")
    office.post.dies_after = True
    office.dies()
    office.turn(120)
    assert office.post.sent == ["a"]
    assert office.state("a") == "unknown"
    assert office.told() == [("Message Unknown", "a")]


def test_a_channel_that_breaks_before_it_began_is_tried_again(office: Office) -> None:
    def broken(_: str) -> Handover:
        raise KeyError("a bug in the channel")

    office.post.starts, office.post.answer = False, broken
    office.wants("a")
    office.turn()
    assert (office.state("a"), office.delivery("a").reason) == ("waiting", "passing")
    office.post.starts, office.post.answer = True, lambda _: Accepted()
    office.turn(1)
    assert office.told() == [("Email Sent", "a")]


def test_whoever_is_erased_while_the_message_is_made_ready_gets_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.wants("a")
    monkeypatch.setattr(office.deliveries, "get", lambda _: None)
    office.turn()
    assert office.post.asked == []


def test_a_mark_that_cannot_be_made_ends_the_process_whatever_the_channel_makes_of_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left")

    class Forgiving(Post):
        async def hand_over(self, delivery: str, address: str, content: Rendered, start: Start) -> Handover:
            try:
                return await super().hand_over(delivery, address, content, start)
            except OSError:
                return Refused(Failure.PASSING, "the connection broke")

    office.channels["email"] = Forgiving()
    office.wants("a")
    monkeypatch.setattr(office.deliveries, "begin", full)
    with pytest.raises(ExceptionGroup) as caught:
        office.turn()
    assert caught.group_contains(OSError, match="no space left")
    assert office.state("a") == "waiting"


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_around_the_record(office: Office, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    office.wants("a")
    kill(monkeypatch, office.deliveries, "finish", when)
    office.dies()
    office.turn(120)
    assert office.post.sent == ["a"]
    assert office.state("a") == ("unknown" if when == "before" else "accepted")
    assert office.told() == [("Message Unknown" if when == "before" else "Email Sent", "a")]


@pytest.mark.parametrize("step", ["append", "unreported", "mark_reported"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_while_telling_the_log(office: Office, monkeypatch: pytest.MonkeyPatch, step: str, when: str) -> None:
    office.wants("a")
    target = office.log if step == "append" else office.deliveries
    with pytest.raises(BaseException):  # noqa: B017 (the store may fail at the start as well)
        kill(monkeypatch, target, step, when)
        office.turn()
    office.start()
    office.turn(120)
    assert office.post.sent == ["a"]
    assert office.told() == [("Email Sent", "a")]


def test_what_is_under_way_when_stopped_is_brought_to_its_end(office: Office) -> None:
    async def go() -> None:
        stop = asyncio.Event()

        def stopped(_: str) -> Handover:
            stop.set()
            return Accepted()

        office.post.answer = stopped
        office.wants("a")
        await office.outbox.run(stop)

    asyncio.run(go())
    assert office.state("a") == "accepted"
    assert office.told() == [("Email Sent", "a")]


def kill(monkeypatch: pytest.MonkeyPatch, target: Any, step: str, when: str) -> None:
    """The next call of the method ends the process, before or after it did its work; later calls are as ever."""
    real = getattr(target, step)

    def fatal(*args: Any, **more: Any) -> Any:
        monkeypatch.setattr(target, step, real)
        if when == "after":
            real(*args, **more)
        raise Died

    monkeypatch.setattr(target, step, fatal)


def test_a_mail_server_that_hangs_holds_up_no_banner() -> None:
    office = Office()
    hangs, shown = asyncio.Event(), asyncio.Event()

    class Page(Post):
        async def hand_over(self, delivery: str, address: str, content: Rendered, start: Start) -> Handover:
            shown.set()
            return await super().hand_over(delivery, address, content, start)

    class Hanging(Post):
        async def hand_over(self, delivery: str, address: str, content: Rendered, start: Start) -> Handover:
            await hangs.wait()
            return await super().hand_over(delivery, address, content, start)

    mail, page = Hanging(), Page()
    office.channels.update(email=mail, onsite=page)
    office.start()
    office.wants(*(f"m{number}" for number in range(20)))

    async def work() -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(office.outbox.run(stop))
        await asyncio.sleep(0.01)
        office.wants("banner", channel="onsite")
        async with asyncio.timeout(10):
            await shown.wait()
        assert mail.sent == []
        stop.set()
        hangs.set()
        await running

    asyncio.run(work())
    assert page.sent == ["banner"]
    assert len(mail.sent) == 8  # Those that were under way were brought to their end; the others wait.


def test_whoever_is_woken_does_not_wait_for_the_next_glance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("habitue.run.outbox.REST_SECONDS", 3_600)
    office, wake, stop = Office(), asyncio.Event(), asyncio.Event()
    office.wake = wake
    office.start()

    def answered(_: str) -> Handover:
        stop.set()
        return Accepted()

    office.post.answer = answered

    async def work() -> None:
        running = asyncio.create_task(office.outbox.run(stop))
        await asyncio.sleep(0)
        office.wants("a")
        wake.set()
        async with asyncio.timeout(10):
            await running

    asyncio.run(work())
    assert office.told() == [("Email Sent", "a")]


def test_thousands_behind_a_channel_at_rest_are_put_off_together() -> None:
    office = Office()
    office.post.answer = lambda _: Refused(Failure.CONFIGURATION, "535 wrong password")
    office.wants("probe")
    asyncio.run(office.outbox.run_once())
    office.wants(*(f"m{number}" for number in range(150)))
    finishes = 0
    real = office.deliveries.finish

    def counting(deliveries: list[Delivery]) -> None:
        nonlocal finishes
        finishes += 1
        real(deliveries)

    office.deliveries.finish = counting
    asyncio.run(office.outbox.run_once())
    assert finishes == 1
    assert office.post.asked == ["probe"]
    assert {one.state for _, one in office.deliveries.list(limit=200)} == {DeliveryState.WAITING}
