"""A customer: one person and all that is known of her, loaded and saved whole.

The structs here are mutable on purpose: `decide.step` owns the customer it is given and returns the same object
changed. A frozen copy per event cost more than the rest of the step. Whoever needs the state before a step keeps the
bytes it was decoded from. Everything is bounded, and everything joins: for each field there is one answer to "what if
two halves of a person are put together", independent of the order in which that happens.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from typing import Any, TypeAlias

import msgspec

from .instant import DAY, Instant, Span

PAUSE_MAX: Span = 366 * DAY
UNPLACED = -1
"""The position of what earlier versions kept without one: before every place in the log."""

Moment: TypeAlias = tuple[Instant, int]
"""When something was said, and where in the log: of two things of one instant, the later in the log is the later."""


def moment(told: Moment | Instant) -> Moment:
    """An instant alone is what earlier versions kept."""
    return told if isinstance(told, tuple) else (told, UNPLACED)


def place(mark: int | str) -> int:
    """A position in the log. A text is what earlier versions kept, an event's id."""
    return UNPLACED if isinstance(mark, str) else mark


class Consent(msgspec.Struct, array_like=True, frozen=True):
    """What is known of a channel (`email`), a topic of it (`email:offers`) or a purpose (`category:Advertising`).

    `granted`, `at` and `source` are the latest yes or no. The three moments after them are each the latest of its kind,
    0 for never: so what they say together does not depend on the order in which it was told.
    """

    granted: bool
    at: Instant
    source: str = ""
    requested_at: Instant = 0
    """She asked for it, and was asked to confirm."""
    confirmed_at: Instant = 0
    """She confirmed through something only the owner of the address has: a link sent there, or a national register."""
    refused_at: Instant = 0

    @property
    def is_spoken(self) -> bool:
        """Whether a yes or a no was ever said, and not only a wish that awaits its confirmation."""
        return self.granted or not self.requested_at or self.refused_at > 0

    @property
    def is_pending(self) -> bool:
        """She asked for it since her last no, and has not confirmed yet."""
        return not self.granted and self.requested_at > self.refused_at

    @property
    def is_refused(self) -> bool:
        return not self.granted and not self.is_pending

    @property
    def is_confirmed(self) -> bool:
        return self.granted and self.confirmed_at > self.refused_at


class Address(msgspec.Struct, array_like=True, frozen=True):
    """An email address of this person's: since when they are known by it, and since when that is proven.

    Proven: told by somebody who can know, confirmed by a link that was sent there, or such a link was opened.
    """

    since: Instant
    proven_at: Instant | None = None


class Pause(msgspec.Struct, array_like=True, frozen=True):
    """Her latest word on a pause: said `at`, and nothing is to be sent before `until`; the same where she resumed."""

    at: Instant
    until: Instant
    position: int = UNPLACED


class CartLine(msgspec.Struct, array_like=True):
    """One product's changes since the cart was last emptied: `(at, log position, change)`; None means "all out".

    Earlier versions kept the event's id in place of the position.
    """

    changes: list[tuple[Instant, int | str, float | None]]
    name: str = ""
    price: float = 0.0
    category: str = ""
    image_url: str = ""
    url: str = ""
    described_at: Instant = 0
    described_position: int = UNPLACED


class Cart(msgspec.Struct, array_like=True):
    """Lines by product id, and when it was last emptied by an order or by hand."""

    lines: dict[str, CartLine] = {}
    emptied_at: Instant = 0
    cart_id: str = ""
    changed_at: Instant = 0
    emptied_position: int = UNPLACED
    changed_position: int = UNPLACED


class View(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The latest look at a product."""

    at: Instant
    product: str
    position: int = UNPLACED


class Run(msgspec.Struct, array_like=True):
    """One customer's passage through a journey, pinned to the playbook version it entered with.

    `step` is the index in the journey's flat program; `due` the instant its wait or hold ends; `asked_at` the moment
    its present send step was first asked for (time to live counts from there).
    """

    id: str
    journey: str
    version: int
    key: str
    entered_at: Instant
    step: int
    due: Instant | None
    since: Instant
    ends_at: Instant | None = None
    asked_at: Instant | None = None
    event: dict[str, Any] = {}
    event_name: str = ""
    choices: dict[str, str] = {}
    began_at: Instant = 0
    """When what started it happened, which may have been told later. What happened before is not what it waits for."""
    trusted: bool = False
    """Whether `event` was told by a server or above, and not by a key that anybody can read."""


class Entry(msgspec.Struct, array_like=True):
    """A journey entry that may fall due: an inaction being watched (`key`, `event`), or the next date of a schedule."""

    journey: str
    version: int
    key: str
    due: Instant
    since: Instant
    event: dict[str, Any] = {}
    event_name: str = ""
    trusted: bool = False


class Exposure(msgspec.Struct, array_like=True, frozen=True):
    """A message the guard allowed: what caps, gaps and duplicates are counted from."""

    at: Instant
    id: str
    message: str
    channel: str
    about: str = ""
    marketing: bool = True


class Wish(msgspec.Struct, array_like=True):
    """A product's place on the wish list: the latest word on it, and the product as it was described then."""

    at: Instant
    wished: bool
    name: str = ""
    price: float = 0.0
    category: str = ""
    brand: str = ""
    image_url: str = ""
    url: str = ""
    position: int = UNPLACED


class Visit(msgspec.Struct, array_like=True):
    """One visit to the shop: what she looked at between two pauses, and where she left.

    `stage` and `page` are the latest that were told, each with its time; `deepest` is the furthest stage, see
    `model/stage.py`. The lists are sorted, bounded and without repetition; the prices are those of products looked at.
    """

    started_at: Instant
    ended_at: Instant
    stage: str = ""
    stage_at: Instant = 0
    page: str = ""
    page_at: Instant = 0
    deepest: str = ""
    pages: int = 0
    details: int = 0
    products: list[str] = []
    categories: list[str] = []
    brands: list[str] = []
    price_lowest: float | None = None
    price_highest: float | None = None
    stage_position: int = UNPLACED
    page_position: int = UNPLACED


class Ordered(msgspec.Struct, array_like=True, frozen=True):
    """One of the latest orders: what the shop last said it comes to, and what of it was given back.

    `amount` None: nobody has said that it was placed. `refunded` and `whole` (cancelled, or given back without saying
    how much) hold up to `back_at`, the shop's last word on both together; what was told of later stands in `later`,
    each with its time, and None for all of it. Amounts are millionths, moments the shop's own.
    """

    at: Instant
    amount: int | None = None
    refunded: int = 0
    whole: bool = False
    names: tuple[str, ...] = ()
    """Its further names, such as its number: the first one is the key in `Customer.ordered`."""
    said_at: Instant = 0
    """When the shop said `amount`, or `foretold`; 0 for a word without a time, which every other replaces."""
    is_proven: bool = False
    """Whether that was a word of the shop's, and not one of a key that anybody can read."""
    foretold: int | None = None
    """What it comes to by a word that does not say that it was placed."""
    back_at: Instant = 0
    later: tuple[tuple[Instant, int | None], ...] = ()
    said_position: int = UNPLACED
    back_position: int = UNPLACED


class Customer(msgspec.Struct, array_like=True):
    """The aggregate. `position` is the last log position absorbed; `clock` the latest instant she has lived to."""

    id: str
    position: int = -1
    clock: Instant = 0
    ordinal: int = 0
    version: int = 0
    """The playbook version her segments were last read with."""
    user_id: str | None = None
    anonymous_ids: list[str] = []
    merged_ids: list[str] = []
    """Customer ids that were joined into this one."""
    first_seen_at: Instant = 0
    last_seen_at: Instant = 0
    due: Instant | None = None
    """The earliest of all her timers; the store indexes it."""
    traits: dict[str, Any] = {}
    trait_times: dict[str, Moment | Instant] = {}
    """When each was said; see `moment`."""
    timezone: str = ""
    timezone_at: Instant = 0
    locale: str = ""
    consents: dict[str, Consent] = {}
    suppressed: dict[str, tuple[Instant, str]] = {}
    """`channel:address` → (since, address and why); the channel alone means every address on it."""
    counters: dict[int, Any] = {}
    """Leaf id → what that leaf keeps; see `decide/conditions/leaves/`."""
    segments: dict[str, Instant] = {}
    """Segment → member since."""
    segment_dues: dict[str, Instant] = {}
    """Segment → when its condition can change without an event."""
    runs: list[Run] = []
    entries: list[Entry] = []
    passed: dict[str, Instant] = {}
    """`journey` and `journey/key` → latest entry, for re-entry rules."""
    refusals: dict[str, Instant] = {}
    """`journey:reason` → when that refusal was last written; the same one is written once a day."""
    exposures: list[Exposure] = []
    cart: Cart = msgspec.field(default_factory=Cart)
    viewed: list[View] = []
    """Recently viewed products, newest first."""
    bought: dict[str, tuple[int, Instant]] = {}
    """Category → (times bought, last time)."""
    orders: int = 0
    first_order_at: Instant | None = None
    last_order_at: Instant | None = None
    revenue: int = 0
    """Millionths of the shop's currency, refunds taken off; whole numbers so that sums are exact in any order."""
    merged_into: str | None = None
    """Set on the tombstone that is left under an id that was joined into another customer."""
    identifiers: dict[str, dict[str, Instant]] = {}
    """Kind → value → when she was last known by it; see `model/identifier.py`."""
    apart: dict[str, Instant] = {}
    """Customer ids that somebody said are not her, and since when: they are never joined to her again."""
    wishes: dict[str, Wish] = {}
    """Wish list by product id; what was taken off stays for a while, so that late news finds its place."""
    visit: Visit | None = None
    """Her latest visit, which may still go on."""
    last_visit: Visit | None = None
    """The visit before that."""
    affinities: dict[str, dict[str, float]] = {}
    """`category` or `brand` → value → weight. Only shares of the sum mean anything; see `profile/affinities`."""
    refunds: int = 0
    """Millionths of the shop's currency given back; `revenue` is what is left after them."""
    opted_out_at: Instant | None = None
    """Since when she, or her browser (Global Privacy Control), objects to her data being shared or sold."""
    ordered: dict[str, Ordered] = {}
    """The latest orders by the first of their names: one told twice counts once, and a refund finds its order."""
    pause: Pause | None = None
    timezone_position: int = UNPLACED
    addresses: dict[str, Address] = {}
    """Email addresses this person is or was known by, in small letters; see `profile/addresses`."""
    addressed: dict[str, dict[str, Consent]] = {}
    """Email address → what was said of it alone, each as in `consents`, which holds what was said of none by name."""
    claimed_traits: list[str] = []
    """Traits that only public sources told so far, by name; a server's word replaces them whatever its time."""


@lru_cache(maxsize=65_536)
def customer_id(kind: str, value: str) -> str:
    """A person's id under one identifier; `kind` is `user` or `anonymous`. The same input, for ever the same id."""
    return kind[0] + blake2b(f"{kind}:{value}".encode("utf-8", "replace"), digest_size=10).hexdigest()
