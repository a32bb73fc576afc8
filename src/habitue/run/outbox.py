"""The outbox: takes effects from the store, hands them to channels, and tells the log what became of them.

The rule it keeps: a message is marked `sending`, durably, the moment before its first byte that cannot be taken back,
and what became of it is kept, durably, before anything else happens. Killed before the mark, it is sent later; killed
after the record, it was sent once; killed in between, nobody can know, so it becomes `unknown` and is never sent again
by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec
import structlog

from habitue.errors import RenderFailed
from habitue.model.delivery import Delivery, DeliveryState, Failure
from habitue.model.effect import Effect
from habitue.model.instant import MINUTE, Instant, Span
from habitue.model.message import CHANNELS
from habitue.model.passage import Stopped
from habitue.model.rendered import Rendered, RenderedEmail

from .addresses import AddressDoor
from .attempt import Attempt
from .clock import doubt_of
from .lateness import Courtesy
from .pauses import FIRST_PAUSE, Pause, Pauses
from .perform import perform, prepare
from .ports import (
    NO_ALARMS,
    Accepted,
    Alarms,
    Channel,
    Clock,
    Content,
    Deliveries,
    Handover,
    Log,
    Refused,
    Uncertain,
)
from .receipts import receipt_of
from .refusals import IN_A_ROW_MAX, Refusals, without_addresses
from .suppressing import Door

RETRY_AFTER: tuple[Span, ...] = (MINUTE, 5 * MINUTE, 15 * MINUTE, 60 * MINUTE)
"""After the first, second … passing failure; the last repeats until the message is too old."""
EFFECTS_MAX = 500
REST_SECONDS = 0.4
RENDER_FAILED = "render_failed"
QUIET_HOURS = "quiet_hours"
SUPPRESSED = "suppressed"
CHANNEL_RESTS = "channel_rests"
MANY_REFUSALS = "many_refusals"
BEFORE_RESTORE = "wanted before this data directory was restored from a backup: it may have gone out since then"
UNSEEN = "no page showed it in time"

_say = structlog.get_logger("habitue.outbox")
_replace = msgspec.structs.replace


class Effects(Protocol):
    """What the outbox needs of the store."""

    def effects(self, after: int, limit: int) -> list[tuple[int, Effect]]: ...


class Outbox:
    """One of these runs at a time: it alone writes deliveries. `concurrency`: messages being handed over at once.

    `sent_until`: what was wanted before may have gone out already, from the place that a restored backup is of.
    """

    def __init__(
        self,
        *,
        store: Effects,
        deliveries: Deliveries,
        log: Log,
        clock: Clock,
        channels: Mapping[str, Channel],
        content: Content,
        courtesy: Courtesy = lambda effect, now: None,
        door: Door = lambda effect: None,
        address_door: AddressDoor = lambda effect, now: None,
        concurrency: int = 8,
        batch: int = 200,
        alarms: Alarms = NO_ALARMS,
        wake: asyncio.Event | None = None,
        sent_until: Instant = 0,
    ) -> None:
        """`wake`: set by whoever knows that there is something to do; without it, a glance every `REST_SECONDS`."""
        self._store = store
        self._deliveries = deliveries
        self._log = log
        self._clock = clock
        self._channels = channels
        self._content = content
        self._courtesy = courtesy
        self._door = door
        self._address_door = address_door
        self._concurrency = concurrency
        self._batch = batch
        self._alarms = alarms
        self._wake = wake or asyncio.Event()
        self._sent_until = sent_until
        self._pauses = Pauses()
        self._refusals = Refusals()
        self._proven: set[str] = set()
        """Channels that took a message since the start: alarms about them are over."""
        self._busy: set[str] = set()
        self._stop = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`; what is being handed over then is brought to its end. Whatever is raised ends the process."""
        self.recover()
        self._stop = stop
        # A failure of the store or the disk ends the whole group: better to die and recover than to go on blind.
        async with asyncio.TaskGroup() as group:
            while not stop.is_set():
                self._wake.clear()  # Before looking: what comes while it looks is not slept over.
                if not self._start(group):
                    await _rest(stop, self._wake)
        self._report()
        for channel in self._channels.values():
            await channel.close()

    def recover(self) -> list[Delivery]:
        """At the start: what was being handed over when the process died becomes `unknown`, and the log hears of it."""
        lost = self._deliveries.recover(self._clock.now())
        for delivery in lost:
            _say.warning("message_unknown", delivery=delivery.id, message=delivery.message, channel=delivery.channel)
        self._report()
        return lost

    async def run_once(self) -> int:
        """Everything that is due now, once; returns how much there was to do."""
        async with asyncio.TaskGroup() as group:
            done = self._start(group)
        return done + self._report()

    def _start(self, group: asyncio.TaskGroup) -> int:
        """Take in what is new, and let every channel that is free begin what is due on it; returns how much."""
        if doubt_of(self._clock):
            return 0  # Nights, lives and caps all go by the clock: nothing is sent until it is right.
        done = self._take_in()
        for channel in CHANNELS:
            if channel in self._busy:
                continue  # A slow one holds up no other, and is given more when it is through with what it has.
            due = self._deliveries.due(self._clock.now(), self._batch, channel)
            done += len(due)
            free = self._set_aside(due)
            if free:
                self._busy.add(channel)
                group.create_task(self._work(channel, free))
        return done + self._expire_unseen() + self._report()

    def _set_aside(self, due: Sequence[tuple[Delivery, Effect]]) -> list[tuple[Delivery, Effect]]:
        """Those that may go now. The others are kept at once, all together: behind a channel at rest wait thousands."""
        free, aside = [], []
        for delivery, effect in due:
            kept = self._kept_back(delivery, effect)
            if kept is None:
                free.append((delivery, effect))
            else:
                aside.append(kept)
        if aside:
            self._deliveries.finish(aside)
        return free

    async def _work(self, channel: str, due: Sequence[tuple[Delivery, Effect]]) -> None:
        gate = asyncio.Semaphore(self._concurrency)
        try:
            async with asyncio.TaskGroup() as group:
                for delivery, effect in due:
                    group.create_task(self._pass(gate, delivery, effect))
        finally:
            self._busy.discard(channel)
            self._wake.set()  # More may wait than were begun together.

    def paused(self) -> dict[str, Pause]:
        """Channels at rest because their set-up was refused, with the reason."""
        return self._pauses.all()

    def _take_in(self) -> int:
        effects = self._store.effects(self._deliveries.cursor(), EFFECTS_MAX)
        if effects:
            self._deliveries.take_in(effects, self._clock.now())
        return len(effects)

    async def _pass(self, gate: asyncio.Semaphore, delivery: Delivery, effect: Effect) -> None:
        async with gate:
            if self._stop.is_set():
                return  # Not begun: it waits, and goes after the start.
            kept = self._kept_back(delivery, effect) or self._stopped(delivery, effect)
            kept = kept or self._at_rest(delivery, effect, admit=True)
            if kept is None:
                await self._render_and_send(delivery, effect)
            else:
                self._finish(kept)

    def _kept_back(self, delivery: Delivery, effect: Effect) -> Delivery | None:
        """The delivery as it stands when it cannot go now; None when nothing is against it."""
        now = self._clock.now()
        if effect.expires_at <= now:
            return _expired(delivery, now, delivery.detail)
        if effect.at < self._sent_until and effect.channel != "onsite":
            return _unknown(delivery, now, BEFORE_RESTORE)
        if effect.channel not in self._channels:
            why = f'the channel "{effect.channel}" is not set up'
            return _deferred(delivery, effect, now + FIRST_PAUSE, now, why)
        refused = self._door(effect)
        if refused is not None:
            return _failed(delivery, now, SUPPRESSED, refused)
        night_over_at = self._courtesy(effect, now)
        if night_over_at is not None:
            return _deferred(delivery, effect, night_over_at, now, "it is night where they live", QUIET_HOURS)
        return self._at_rest(delivery, effect, admit=False)

    def _at_rest(self, delivery: Delivery, effect: Effect, *, admit: bool) -> Delivery | None:
        """`admit`: after a pause, one message alone is let through as a probe; else only the pause itself counts."""
        now = self._clock.now()
        pause = self._pauses.all().get(effect.channel)
        if pause is None:
            return None
        again_at = self._pauses.admit(effect.channel, now) if admit else pause.until if now < pause.until else None
        return None if again_at is None else _deferred(delivery, effect, again_at, now, pause.why)

    async def _render_and_send(self, delivery: Delivery, effect: Effect) -> None:
        try:
            rendered = await prepare(effect, self._content, self._clock.now())
        except RenderFailed as error:
            self._pauses.unanswered(effect.channel)
            self._finish(_failed(delivery, self._clock.now(), RENDER_FAILED, str(error)))
            return
        except Exception as error:  # noqa: BLE001 (a locked catalogue, a bug: one message must not stop the others)
            _say.exception("render_broke", message=effect.message, delivery=effect.id)
            self._pauses.unanswered(effect.channel)
            delivery = _replace(delivery, attempts=delivery.attempts + 1)
            self._finish(_passing(delivery, effect, self._clock.now(), f"{type(error).__name__}: {error}"[:500]))
            return
        delivery = _with_content(delivery, rendered)
        delivery = _replace(delivery, attempts=delivery.attempts + 1)
        answer = await self._hand_over(effect, rendered)
        if isinstance(answer, Stopped):
            self._pauses.unanswered(effect.channel)
            self._finish(self._as_stopped(delivery, effect, answer))
        else:
            self._finish(self._judge(delivery, effect, answer))

    def _stopped(self, delivery: Delivery, effect: Effect) -> Delivery | None:
        """A first look at what went to its address, so that nothing is begun in vain; `Attempt` asks once more."""
        passing = self._address_door(effect, self._clock.now())
        if passing is None:
            return None
        known = self._deliveries.passages(passing.passage.mark, passing.since)
        stopped = passing.judge([one for one in known if one.delivery != effect.id])
        return None if stopped is None else self._as_stopped(delivery, effect, stopped)

    def _as_stopped(self, delivery: Delivery, effect: Effect, stopped: Stopped) -> Delivery:
        now = self._clock.now()
        if stopped.again_at is None:
            return _failed(delivery, now, stopped.why, stopped.detail)
        return _deferred(delivery, effect, stopped.again_at, now, stopped.detail, stopped.why)

    async def _hand_over(self, effect: Effect, rendered: Rendered) -> Handover | Stopped:
        attempt = Attempt(self._deliveries, effect, self._clock, self._address_door)
        try:
            answer = await perform(effect, rendered, self._channels, attempt.start)
        except Exception as error:  # noqa: BLE001 (a channel's bug must not be taken for "not sent")
            _say.exception("channel_broke", channel=effect.channel, delivery=effect.id)
            said = f"{type(error).__name__}: {error}"[:500]
            answer = Uncertain(said) if attempt.begun else Refused(Failure.PASSING, said)
        if attempt.broke is not None:
            raise attempt.broke
        return attempt.stopped or answer

    def _judge(self, delivery: Delivery, effect: Effect, answer: Handover) -> Delivery:
        """The delivery as it stands after the channel's answer."""
        now = self._clock.now()
        match answer:
            case Accepted():
                self._resume(effect.channel)
                self._took(effect.channel)
                return _replace(
                    delivery,
                    state=DeliveryState.ACCEPTED,
                    updated_at=now,
                    retry_at=None,
                    reason=None,
                    detail=answer.detail,
                )
            case Uncertain():
                self._pauses.unanswered(effect.channel)
                return _replace(
                    delivery,
                    state=DeliveryState.UNKNOWN,
                    updated_at=now,
                    retry_at=None,
                    reason="unknown",
                    detail=answer.detail,
                )
            case Refused(failure=Failure.CONFIGURATION):
                pause = self._rest_channel(effect.channel, answer.detail, now)
                # Later than the others that wait: the next probe is another message, so that one that is refused for
                # a reason of its own does not keep the channel closed for all.
                return _deferred(delivery, effect, max(pause.until, now + _retry_span(delivery)), now, answer.detail)
            case Refused(failure=Failure.PASSING):
                self._pauses.unanswered(effect.channel)
                return _passing(delivery, effect, now, answer.detail)
            case Refused():
                # Refused for its own sake: the server let us in and knows the sender, so the channel works.
                self._resume(effect.channel)
                if self._is_one_of_many(effect, answer.detail) and answer.failure is Failure.PERMANENT_RECIPIENT:
                    return _passing(delivery, effect, now, answer.detail)
                return _failed(delivery, now, answer.failure, answer.detail)

    def _expire_unseen(self) -> int:
        """End what waited for a page that did not come. One that is shown at this very moment stays displayed."""
        now = self._clock.now()
        unseen = self._deliveries.unseen(now, self._batch)
        if unseen:
            self._deliveries.finish([_expired(delivery, now, UNSEEN) for delivery in unseen])
        return len(unseen)

    def _rest_channel(self, channel: str, why: str, now: Instant) -> Pause:
        pause = self._pauses.refused(channel, why, now)
        _say.error("channel_paused", channel=channel, why=why, seconds=pause.length // 1_000_000)
        self._alarms.sound(CHANNEL_RESTS, channel, without_addresses(why), now)
        return pause

    def _resume(self, channel: str) -> None:
        if self._pauses.answered(channel):
            self._alarms.clear(CHANNEL_RESTS, channel, self._clock.now())
            _say.info("channel_resumed", channel=channel)

    def _took(self, channel: str) -> None:
        """A message went through. At the first one after a start, alarms from before are over too."""
        if self._refusals.taken(channel) or channel not in self._proven:
            self._proven.add(channel)
            for kind in (CHANNEL_RESTS, MANY_REFUSALS):
                self._alarms.clear(kind, channel, self._clock.now())

    def _is_one_of_many(self, effect: Effect, why: str) -> bool:
        """Whether many different recipients were refused in a row: then it is hardly theirs, and somebody must look.

        What a rule refuses from then on waits and is tried again: a relay set up wrongly must not cost all the rest.
        """
        if not self._refusals.refused(effect.channel, effect.address):
            return False
        said = f"{IN_A_ROW_MAX} recipients or more; the last answer: {without_addresses(why)}"
        self._alarms.sound(MANY_REFUSALS, effect.channel, said, self._clock.now())
        return True

    def _finish(self, delivery: Delivery) -> None:
        self._deliveries.finish([delivery])

    def _report(self) -> int:
        """Tell the log, then remember that it was told: a crash in between tells it twice, which changes nothing."""
        finished = self._deliveries.unreported(self._batch)
        if not finished:
            return 0
        events = [event for event in map(receipt_of, finished) if event is not None]
        if events:
            self._log.append(events)
        self._deliveries.mark_reported(_ids(finished))
        return len(finished)


def _deferred(
    delivery: Delivery,
    effect: Effect,
    again_at: Instant,
    now: Instant,
    detail: str,
    reason: str = Failure.CONFIGURATION.value,
) -> Delivery:
    """Waiting still. It comes back at the end of its life at the latest, to be found expired."""
    return _replace(
        delivery,
        state=DeliveryState.WAITING,
        updated_at=now,
        retry_at=min(again_at, effect.expires_at),
        reason=reason,
        detail=detail,
    )


def _passing(delivery: Delivery, effect: Effect, now: Instant, detail: str) -> Delivery:
    return _deferred(delivery, effect, now + _retry_span(delivery), now, detail, Failure.PASSING.value)


def _failed(delivery: Delivery, now: Instant, reason: str, detail: str) -> Delivery:
    state = DeliveryState.FAILED
    return _replace(delivery, state=state, updated_at=now, retry_at=None, reason=str(reason), detail=detail[:500])


def _expired(delivery: Delivery, now: Instant, detail: str | None) -> Delivery:
    return _replace(delivery, state=DeliveryState.EXPIRED, updated_at=now, retry_at=None, detail=detail)


def _unknown(delivery: Delivery, now: Instant, detail: str) -> Delivery:
    """Nobody can say whether it went out, so it is never sent again by itself."""
    state = DeliveryState.UNKNOWN
    return _replace(delivery, state=state, updated_at=now, retry_at=None, reason="unknown", detail=detail)


def _with_content(delivery: Delivery, rendered: Rendered) -> Delivery:
    """What the console shows and the page fetches. An e-mail's HTML is not kept: it can be made again."""
    if isinstance(rendered, RenderedEmail):
        return _replace(delivery, subject=rendered.subject)
    return _replace(delivery, subject=rendered.title, content=msgspec.to_builtins(rendered))


def _retry_span(delivery: Delivery) -> Span:
    return RETRY_AFTER[min(max(delivery.attempts, 1), len(RETRY_AFTER)) - 1]


def _ids(deliveries: Sequence[Delivery]) -> list[str]:
    return [delivery.id for delivery in deliveries]


async def _rest(stop: asyncio.Event, wake: asyncio.Event) -> None:
    """Until woken or told to stop, or the rest is over."""
    waiting = [asyncio.create_task(one.wait()) for one in (stop, wake)]
    await asyncio.wait(waiting, timeout=REST_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    for one in waiting:
        one.cancel()
