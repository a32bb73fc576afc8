"""What the console needs of the rest of the system: handed in whole by `wire.py`, never fetched."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

from habitue.console.accounts import Accounts
from habitue.console.backtests import Shelf
from habitue.console.drafts import Drafts
from habitue.console.jobs import Jobs
from habitue.errors import HabitueError
from habitue.model.article import Article
from habitue.model.change import Change
from habitue.model.customer import Customer, Run
from habitue.model.feed import Feed
from habitue.model.instant import Instant
from habitue.model.privacy import Act, OpenRequest, Receipt
from habitue.model.product import HeldPrice, Product
from habitue.model.rendered import Rendered
from habitue.model.source import SERVER, WriteKey
from habitue.playbook.conditions import Condition
from habitue.playbook.playbook import Playbook
from habitue.run.backtest import Comparison, Report
from habitue.run.planning import Plan
from habitue.run.ports import Clock, Deliveries, Log, View
from habitue.run.ports.alarms import NO_ALARMS, Alarms


class Playbooks(Protocol):
    """The versions there are; the part of `run.ports.Store` the console reads."""

    def playbooks(self) -> list[dict[str, Any]]:
        """`version, name, applied_at, author` of every version, newest first."""
        ...

    def playbook(self, version: int) -> dict[str, str] | None:
        """The files of a version."""
        ...


class SourceKeys(Protocol):
    """The write keys. Each call raises HabitueError, with what to do, where it cannot be done."""

    def all(self) -> Sequence[WriteKey]: ...

    def create(
        self, source: str, now: Instant, key: str | None = None, *, kind: str = SERVER, secret: str | None = None
    ) -> WriteKey: ...

    def revoke(self, key: str, now: Instant) -> None: ...

    def rotate(self, key: str, secret: str, now: Instant) -> None: ...


class Goods(Protocol):
    """The catalogue, to be read, and the prices it asks about."""

    def search(self, query: str = "", count: int = 50, offset: int = 0) -> list[Product]: ...

    def get(self, ids: Sequence[str]) -> dict[str, Product]: ...

    def count(self) -> int: ...

    def prices(self, product: str, limit: int = 100) -> list[tuple[Instant, float, str]]:
        """(since, price, currency), newest first."""
        ...

    def stocks(self, product: str, limit: int = 100) -> list[tuple[Instant, int | None, bool]]:
        """(since, pieces, whether it can be bought), newest first."""
        ...

    def articles(self, query: str = "", count: int = 50, offset: int = 0) -> list[Article]: ...

    def count_articles(self) -> int: ...

    def feeds(self) -> list[Feed]: ...

    def latest_changes(self, limit: int = 50) -> list[Change]: ...

    def held_prices(self, limit: int = 1_000) -> list[HeldPrice]:
        """Prices that fell by more than is likely, and wait for an answer."""
        ...

    def let_prices_in(self, ids: Sequence[str], at: Instant) -> int: ...

    def refuse_prices(self, ids: Sequence[str], at: Instant) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Privacy:
    """What the law gives people, and splitting a wrong merge. Each raises HabitueError where it cannot be done."""

    export: Callable[[str, str, Literal["json", "csv"]], Iterable[tuple[str, bytes]]]
    """(customer, actor, format) → pieces of files: consecutive ones of a name are one file."""
    erase: Callable[[str, str], int]
    """(customer, actor) → the receipt's number."""
    receipts: Callable[[], Sequence[Receipt]]
    requests: Callable[[], Sequence[OpenRequest]]
    close_request: Callable[[int, str], bool]
    """(position, actor) → whether it was open."""
    audit: Callable[[], Sequence[Act]]
    split: Callable[[str, str, str], None]
    """(customer, part, actor): the part becomes a person of its own again."""


class Preview(Protocol):
    """Renders a message for one customer as it would go out now, without sending it.

    `run`: what it would be of; None where nothing of theirs would begin one, and a product of the shop has to do.
    What it cannot render raises a `HabitueError`, whose text the page shows.
    """

    def __call__(
        self, playbook: Playbook, message: str, channel: str, customer: Customer, run: Run | None, /
    ) -> Rendered: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many of all people meet a condition at a moment, and some of them."""

    people: int
    members: int
    sample: tuple[str, ...]
    as_of: Instant


class Overlap(NamedTuple):
    """Of a segment's members: how many are in another one too, and how many that other one has."""

    segment: str
    both: int
    size: int


class Standing(NamedTuple):
    """So many have this RFM code ("555" is the best; empty: none) and are at this stage of life with the shop."""

    code: str
    stage: str
    people: int


class Move(NamedTuple):
    """So many stood at the one at first and at the other later; of who was not there yet, code and stage are empty."""

    before: Standing
    after: Standing


class Superseded(HabitueError):
    """The same person asked anew meanwhile, so this answer is not wanted any more."""


class Vocabulary(NamedTuple):
    """What was really seen: events and how often each came, and the values of their properties, and of traits."""

    events: dict[str, int]
    properties: dict[str, dict[str, list[str]]]
    traits: dict[str, list[str]]


class Past(Protocol):
    """Questions about the kept history. `asker`: a later question of the same one ends the earlier.

    Each raises HabitueError, with what to do, when it takes too long or the history cannot be read.
    """

    def count(self, playbook: Playbook, condition: Condition, asker: str) -> Count: ...

    def seen(self, asker: str) -> Vocabulary: ...

    def unseen(self, condition: Condition, asker: str, fewest: int = 1) -> list[str]:
        """A sentence for each thing the condition asks for by name that never came.

        `fewest`: what came less often is not told as what there is instead.
        """
        ...

    def course(self, playbook: Playbook, condition: Condition, days: int, asker: str) -> list[tuple[Instant, int]]:
        """The number of members at even distances over so many days, oldest first."""
        ...

    def overlaps(self, playbook: Playbook, condition: Condition, asker: str) -> list[Overlap]:
        """With every segment of the playbook that shares somebody with the condition."""
        ...

    def shared(self, playbook: Playbook, asker: str) -> list[tuple[str, str, int]]:
        """How many people each two segments of the playbook share; pairs that share nobody are left out."""
        ...

    def standings(self, playbook: Playbook, asker: str) -> list[Standing]:
        """Where everybody stands now."""
        ...

    def moves(self, playbook: Playbook, days: int, asker: str) -> list[Move]:
        """From where they stood so many days ago to where they stand now, those who stayed among them."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Planning:
    """Changing what is in force. Each raises HabitueError, with what to do, where it cannot be done."""

    check: Callable[[Mapping[str, str]], Playbook]
    """The playbook of these files, or everything that is wrong with them."""
    plan: Callable[[Mapping[str, str]], Plan]
    """What the files would change, and what that does to people. Takes its time."""
    apply: Callable[[Mapping[str, str], str, str, int], int]
    """(files, author, note, base) → the version that is in force now."""


class Backtest(Protocol):
    """Rehearses a playbook over history, or two of them; `against` is how it was before. Raises HabitueError."""

    def __call__(
        self,
        playbook: Playbook,
        against: Playbook | None,
        *,
        since: Instant,
        until: Instant,
        journey: str | None,
        progress: Callable[[int, int], None],
        stop: Callable[[], bool],
    ) -> Report | Comparison: ...


def _no_product(product: str) -> Product | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything the console reads. Its calls come from several threads at once, so each must bear that.

    `load_playbook` reads a stored version; `plain` says a condition in plain words; `product` looks a product up for
    its name and picture. `hint` stands on the sign-in page (the demo names its account there). `secure` marks cookies
    for https only; behind https they are marked anyway. `public_url` is where clients reach this server.
    """

    view: View
    log: Log
    deliveries: Deliveries
    playbooks: Playbooks
    load_playbook: Callable[[int], Playbook]
    clock: Clock
    preview: Preview
    plain: Callable[[Condition], str]
    accounts: Accounts
    keys: SourceKeys
    privacy: Privacy
    goods: Goods
    planning: Planning
    drafts: Drafts
    past: Past
    backtest: Backtest
    backtests: Shelf
    public_url: str
    alarms: Alarms = NO_ALARMS
    jobs: Jobs = field(default_factory=Jobs)
    product: Callable[[str], Product | None] = _no_product
    hint: str = ""
    secure: bool = False
    identifying: Sequence[str] = ()
    """Names of traits and properties that tell who somebody is, besides those that do everywhere."""
