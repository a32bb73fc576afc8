"""What rows become, and what all kinds of files have in common on the way there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Any, NamedTuple, Protocol, TypeAlias

from habitue.ingest.pipeline import Reception, read_item
from habitue.ingest.settings import IngestSettings
from habitue.model.event import Event
from habitue.model.instant import Instant, to_iso
from habitue.model.product import Product
from habitue.model.trust import Level

from .fields import Values, encoded
from .mapping import Mapping
from .reading.rows import Row
from .reasons import RowReason, RowRefused
from .steps import AT, STEPS, WHO_FIELD, who


class Refused(NamedTuple):
    """A row that was not taken, with the reason from `RowReason` or from ingest's list."""

    number: int
    reason: str
    detail: str
    row: Any


class Skipped(NamedTuple):
    """A row that was left out on purpose, and why: not yet an order, or later than wanted."""

    number: int
    why: str


Made: TypeAlias = Event | Product | Refused | Skipped


class Maker(Protocol):
    """Turns the rows of one kind of file into what is kept of them."""

    def make(self, row: Row) -> Iterator[Made]:
        """What the row comes to; nothing yet, if it waits for others."""
        ...

    def rest(self) -> Iterator[Iterable[Made]]:
        """The file is read: what still waited, one order after the other."""
        ...

    def pass_over(self, row: Row) -> None:
        """The row was read in an earlier attempt."""
        ...

    def waiting(self) -> bytes:
        """What waits for further rows, to be kept with the place in the file."""
        ...

    def go_on(self, waiting: bytes) -> None:
        """Take up what waited when an earlier attempt was cut off."""
        ...


class EventMaker:
    """Whatever makes events: of one source, and up to one moment."""

    def __init__(self, mapping: Mapping, settings: IngestSettings, now: Instant, before: Instant | None = None) -> None:
        self.mapping = mapping
        self.settings = settings
        self.now = now
        self.before = before
        self.reception = Reception(source=mapping.source, level=Level.OPERATOR, received_at=now)

    def time_of(self, values: Values) -> Instant:
        """The row's time. Raises RowRefused where there is none, or it has not come yet."""
        at: Instant | None = values.get("time")
        if at is None:
            raise RowRefused(RowReason.NO_TIME, "the row's time is empty")
        if at > self.now:
            raise RowRefused(RowReason.TIME_NOT_BELIEVED, f"{to_iso(at)} lies in the future")
        return at

    def is_too_late(self, at: Instant) -> bool:
        """Whether the row lies after what is wanted; from there on clients tell what happens."""
        return self.before is not None and at >= self.before

    def event(self, row: Row, item: dict[str, Any]) -> Event | Refused:
        """The finished event, through the same steps as a client's."""
        made = read_item(item, self.reception, STEPS, self.settings)
        return made if isinstance(made, Event) else Refused(row.number, made.reason, made.detail, row.cells)

    def item(self, name: str, identity: str, at: Instant, values: Values, **more: Any) -> dict[str, Any]:
        """What a client would send, before anything of ours has looked at it."""
        said = who(values, self.mapping.country or self.settings.default_country)
        return {"type": "track", "event": name, "messageId": identity, AT: at, WHO_FIELD: said, **more}

    def rest(self) -> Iterator[Iterable[Made]]:
        return iter(())

    def pass_over(self, row: Row) -> None:
        pass

    def waiting(self) -> bytes:
        return b""

    def go_on(self, waiting: bytes) -> None:
        pass


def digest(*parts: Any) -> str:
    """A short text that stands for what a row says: the same in whatever file, and at whatever place in it."""
    return blake2b(encoded(parts), digest_size=12).hexdigest()
