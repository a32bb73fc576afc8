"""What the outbox needs: a memory of every effect, content, channels, and whom not to write to."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

import msgspec

from habitue.model.delivery import Delivery, DeliveryState, Failure
from habitue.model.effect import Effect
from habitue.model.instant import Instant
from habitue.model.passage import Passage, Stopped
from habitue.model.rendered import Rendered

Judge: TypeAlias = Callable[[Sequence[Passage]], Stopped | None]
"""What went to an address before → what is against one more."""


class Deliveries(Protocol):
    """What the outbox remembers of every effect: written by the outbox alone, read by all."""

    def cursor(self) -> int:
        """The sequence number of the last effect taken in."""
        ...

    def take_in(self, effects: Sequence[tuple[int, Effect]], now: Instant) -> int:
        """Keep new effects as `waiting` and move the cursor, in one transaction. An id known already is left alone."""
        ...

    def due(self, now: Instant, limit: int, channel: str | None = None) -> builtins.list[tuple[Delivery, Effect]]:
        """Waiting deliveries whose `retry_at` has come, of one channel or of all, oldest first."""
        ...

    def next_due(self) -> Instant | None: ...

    def begin(self, ids: Sequence[str], now: Instant) -> None:
        """Mark as `sending`, durably, before anything is handed over; counts an attempt."""
        ...

    def admit(self, passage: Passage, judge: Judge, since: Instant) -> Stopped | None:
        """Let one message through to an address and mark it as `sending`, in one transaction; or say what is against.

        `judge` is shown what else went there since, over all customers; what is older is let go of. A message that is
        tried again is judged again, and counts once, at the latest time.
        """
        ...

    def passages(self, mark: bytes, since: Instant) -> builtins.list[Passage]:
        """What went to the address with this mark, or was decided, after a moment; earliest first."""
        ...

    def finish(self, deliveries: Sequence[Delivery]) -> None:
        """Keep what became of them, in one transaction. They stay unreported until `mark_reported`."""
        ...

    def recover(self, now: Instant) -> list[Delivery]:
        """After a crash: everything `sending` becomes `unknown`, and is returned."""
        ...

    def unreported(self, limit: int) -> list[Delivery]:
        """Finished deliveries whose event is not known to be in the log yet."""
        ...

    def mark_reported(self, ids: Sequence[str]) -> None: ...

    def get(self, delivery: str) -> Delivery | None: ...

    def effect(self, delivery: str) -> Effect | None: ...

    def list(
        self,
        *,
        customers: Sequence[str] | None = None,
        state: DeliveryState | None = None,
        channel: str | None = None,
        message: str | None = None,
        limit: int = 100,
        before: int | None = None,
    ) -> builtins.list[tuple[int, Delivery]]:
        """Newest first, with the sequence number to page on from."""
        ...

    def onsite(self, customers: Sequence[str], now: Instant) -> builtins.list[Delivery]:
        """Accepted on-site deliveries of these customer ids that are neither displayed nor expired, oldest first."""
        ...

    def unseen(self, now: Instant, limit: int) -> builtins.list[Delivery]:
        """Accepted on-site deliveries that no page showed before their life ended; first to end, first."""
        ...

    def mark_displayed(self, delivery: str, now: Instant) -> bool:
        """On site: accepted → displayed, to be reported. False when it was not accepted (any more)."""
        ...

    def counts(self) -> dict[tuple[str, str], int]:
        """(channel, state) → how many."""
        ...

    def changes_after(self, change: int, limit: int) -> builtins.list[tuple[int, Delivery]]:
        """(change number, delivery as it is now) of those changed since, in order of change; 0 is before the first."""
        ...


class Accepted(msgspec.Struct, frozen=True):
    """The provider took the message (e-mail), or it waits for the customer's next page (on site)."""

    detail: str = ""


class Refused(msgspec.Struct, frozen=True):
    """The provider surely did not take it; `failure` says what to do, `detail` what it answered."""

    failure: Failure
    detail: str


class Uncertain(msgspec.Struct, frozen=True):
    """It was handed over and no answer came: it may have been sent. Never tried again by itself."""

    detail: str


Handover: TypeAlias = Accepted | Refused | Uncertain


SUPPRESSION_REASONS = ("bounced", "complained", "erased", "refused")
HARD_REASONS = frozenset({"bounced", "complained"})
"""Nothing may be sent there at all, whatever it is."""


class Suppressions(Protocol):
    """Addresses that must not be written to again, by keyed hash: what was known of their owners may be gone."""

    def add(self, channel: str, address: str, why: str) -> None:
        """`why` is one of `SUPPRESSION_REASONS`."""
        ...

    def find(self, channel: str, address: str) -> str | None:
        """Why the address must not be written to, or None."""
        ...


Start: TypeAlias = Callable[[], bool]
"""Marks the delivery as under way, on disk. False: it is not to go any more, its customer was erased meanwhile."""


class Channel(Protocol):
    """One road to a customer. What a provider says is put into `Handover`; a channel raises only for its own bugs."""

    async def hand_over(self, delivery: str, address: str, content: Rendered, start: Start) -> Handover:
        """Calls `start` once, at the last moment: everything is ready, and the next thing cannot be taken back.

        Killed before that, the message goes later; after it, nobody can know. A channel that answers without having
        called it says that nothing left the house, or that it may be done twice without harm.
        """
        ...

    async def close(self) -> None: ...


class Content(Protocol):
    """Makes what is to be said out of an effect. Safe to call from any thread."""

    def render(self, effect: Effect, now: Instant) -> Rendered:
        """Raises RenderFailed when the template cannot be made into a message for this person."""
        ...
