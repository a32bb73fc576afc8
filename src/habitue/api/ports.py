"""What the API for programs needs of the rest of the house. Owned here; `wire` fits the rooms to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from habitue.model.api_key import ApiKey, KeptAnswer, Scope
from habitue.model.article import Article
from habitue.model.event import Event
from habitue.model.instant import Instant
from habitue.model.privacy import Receipt
from habitue.model.product import Product
from habitue.model.source import SERVER, WriteKey
from habitue.playbook.conditions import Condition
from habitue.playbook.playbook import Playbook
from habitue.run.ports import Catalog, Clock, DeadLetter, Deliveries, Log, View


class Busy(Exception):
    """Events cannot be kept now, for the reason it gives; `seconds` later they may be."""

    def __init__(self, reason: str, seconds: int) -> None:
        super().__init__(reason)
        self.seconds = seconds


class Intake(Protocol):
    """The road that events of clients take, too."""

    events_max: int
    """How many events one request may bring."""

    def read(self, item: dict[str, Any], source: str) -> Event | DeadLetter:
        """An item in Segment's shape as an event, or why it cannot be one."""
        ...

    async def keep(self, events: Sequence[Event], size_bytes: int) -> None:
        """Return when they are durable. Raises Busy."""
        ...

    def spelled(self, kind: str, value: str) -> str:
        """An identifier in the one spelling it is known by; empty when it is none."""
        ...


class ApiStore(Protocol):
    """API keys, and answers kept for idempotency keys."""

    def create_key(self, name: str, scopes: Iterable[Scope], now: Instant) -> tuple[ApiKey, str]:
        """A new key and its token. Raises HabitueError when the name or the scopes will not do."""
        ...

    def all_keys(self) -> list[ApiKey]: ...

    def key(self, one: str) -> ApiKey | None: ...

    def key_of(self, token: str) -> ApiKey | None: ...

    def withdraw_key(self, one: str, now: Instant) -> None: ...

    def key_used(self, one: str, at: Instant) -> None: ...

    def answer(self, api_key: str, name: str, now: Instant) -> KeptAnswer | None: ...

    def keep_answer(self, api_key: str, name: str, answer: KeptAnswer, now: Instant) -> None: ...


class SourceKeys(Protocol):
    """The write keys."""

    def all(self) -> Sequence[WriteKey]: ...

    def create(
        self, source: str, now: Instant, key: str | None = None, *, kind: str = SERVER, secret: str | None = None
    ) -> WriteKey:
        """Raises HabitueError for a source, kind or secret that will not do."""
        ...

    def revoke(self, key: str, now: Instant) -> None: ...


class Goods(Catalog, Protocol):
    """The catalogue as it is written by others, and read here."""

    def get(self, ids: Sequence[str]) -> dict[str, Product]: ...

    def products_after(self, after: str, query: str = "", count: int = 50) -> list[Product]:
        """In the order of their ids."""
        ...

    def articles_by_id(self, ids: Sequence[str]) -> dict[str, Article]: ...

    def articles_after(self, after: str, query: str = "", count: int = 50) -> list[Article]: ...


class Privacy(Protocol):
    """What people may ask for about their data."""

    def request_erasure(self, customer: str, actor: str) -> int:
        """The number of the receipt; asked again before it is done, the same."""
        ...

    def receipt(self, number: int) -> Receipt | None: ...


class Tally:
    """How often each operation was answered with each status, since this process began."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, str], int] = {}

    def add(self, operation: str, status: int) -> None:
        key = (operation, str(status))
        self.counts[key] = self.counts.get(key, 0) + 1

    def samples(self) -> Mapping[tuple[str, ...], float]:
        return {key: float(count) for key, count in list(self.counts.items())}


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What the operations are carried out with."""

    view: View
    log: Log
    deliveries: Deliveries
    clock: Clock
    intake: Intake
    store: ApiStore
    source_keys: SourceKeys
    goods: Goods
    privacy: Privacy
    playbook: Callable[[], Playbook | None]
    plain: Callable[[Condition], str]
    secret: bytes
    """What cursors are signed with."""
    address: str
    """Where this server is reached, without a slash at the end."""
    body_bytes_max: int
    tally: Tally
    withdrawn: Callable[[], None]
    """To be called when an API key was withdrawn."""
