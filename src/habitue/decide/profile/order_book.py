"""The latest orders: one entry for an order however many names it has, and the shop's latest word on each.

An order has names as a person has ids. A browser may call it `1806`, Shopify `806` with the number 1806, a spreadsheet
`#1806`. An event that tells several names of an order joins what was told under each of them, in whatever order it
comes. Two orders that both told their id beside their number are two, even where one's number is the other's id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, TypeAlias

import msgspec

from habitue.decide.conditions.leaves.known import short_id
from habitue.model.customer import Ordered
from habitue.model.id_text import is_nobody
from habitue.model.instant import Instant

from .money import bounded_sum
from .text import thing_id

ORDERS_MAX = 20
NAMES_MAX = 6
LATER_MAX = 20
_FIELDS = ("order_id", "order_number")

Book: TypeAlias = dict[str, Ordered]


class Share(NamedTuple):
    """What one order adds to a customer's sums."""

    orders: int
    revenue: int
    refunds: int


NOTHING = Share(0, 0, 0)


def names_of(properties: Mapping[str, Any]) -> tuple[str, ...]:
    """All names that an event gives an order, its id first; none where it gives none."""
    given = [thing_id(properties, field) for field in _FIELDS]
    listed = properties.get("order_names")
    given += [thing_id({"name": one}, "name") for one in listed[:NAMES_MAX]] if isinstance(listed, list) else []
    found = [name.lstrip("# ") for name in given]
    kept = dict.fromkeys(short_id(name) for name in found if name and not is_nobody(name))
    return tuple(kept)[:NAMES_MAX]


def find(book: Book, names: tuple[str, ...]) -> list[str]:
    """The keys of the entries that are this order's."""
    first = names[0]
    if len(names) > 1:
        return [key for key, one in book.items() if key == first or (key in names and not one.names)]
    if first in book:
        return [first]
    called = [key for key, one in book.items() if first in one.names]
    return [max(called, key=lambda key: (book[key].at, key))] if called else []


def keep(book: Book, names: tuple[str, ...], told: Ordered) -> Share:
    """Put what was told to what is known of the order. Returns by how much the sums change."""
    keys = find(book, names)
    known = [(key, book.pop(key)) for key in keys]
    key, further = _named(names, known)
    joined = told
    for _, one in known:
        joined = both(one, joined)
    joined = msgspec.structs.replace(joined, names=further)
    book[key] = joined
    return _difference(share(joined), [share(one) for _, one in known])


def _named(names: tuple[str, ...], known: Iterable[tuple[str, Ordered]]) -> tuple[str, tuple[str, ...]]:
    """The key, and the further names in an order that does not depend on who came first."""
    key, all_names = names[0], set(names)
    for known_key, one in known:
        if one.names and len(names) == 1:  # It told its id beside its number before: that stays the key.
            key = known_key
        all_names |= {known_key, *one.names}
    return key, tuple(sorted(all_names - {key}))[:NAMES_MAX]


def join(into: Book, other: Book) -> list[Share]:
    """Both halves' orders as one book; by how much the sums of the two together change."""
    changes = []
    for key, theirs in other.items():
        changes += [keep(into, (key, *theirs.names), theirs), _difference(NOTHING, [share(theirs)])]
    return changes


def both(one: Ordered, other: Ordered) -> Ordered:
    """Two tellings of one order; of two words of one instant the later one in the log counts."""
    said = max(one, other, key=_rank)
    placed = one.amount is not None or other.amount is not None
    worth = said.amount if said.amount is not None else said.foretold
    base = max(one, other, key=lambda half: (half.back_at, half.back_position))
    refunded, whole = base.refunded, base.whole
    if not base.back_at:  # No word on all of them: what was told one by one.
        refunded, whole = bounded_sum(one.refunded, other.refunded), one.whole or other.whole
    later = sorted(
        (back for back in (*one.later, *other.later) if back[0] > base.back_at or not base.back_at), key=_by_time
    )
    return _folded(
        Ordered(
            at=max(one.at, other.at),
            amount=(worth or 0) if placed else None,
            refunded=refunded,
            whole=whole,
            said_at=said.said_at,
            said_position=said.said_position,
            is_proven=said.is_proven,
            foretold=None if placed else worth,
            back_at=base.back_at,
            back_position=base.back_position,
            later=tuple(later),
        )
    )


def _rank(half: Ordered) -> tuple[bool, Instant, int, int]:
    """A word of the shop's before anybody's, then the latest by its own clock. Without a time, the larger amount."""
    return half.is_proven, half.said_at, half.said_position, half.amount or 0


def _by_time(back: tuple[Instant, int | None]) -> tuple[Instant, int]:
    return back[0], -1 if back[1] is None else back[1]


def _folded(ordered: Ordered) -> Ordered:
    """Of very many refunds the oldest are kept as a sum."""
    while len(ordered.later) > LATER_MAX:
        (_, amount), *rest = ordered.later
        ordered = msgspec.structs.replace(
            ordered,
            refunded=bounded_sum(ordered.refunded, amount or 0),
            whole=ordered.whole or amount is None,
            later=tuple(rest),
        )
    return ordered


def share(ordered: Ordered) -> Share:
    """What is given back of an order that was not placed, as far as is known, is taken off as it was said."""
    back, whole = ordered.refunded, ordered.whole
    for _, amount in ordered.later:
        back, whole = bounded_sum(back, amount or 0), whole or amount is None
    if ordered.amount is None:
        return Share(0, -back, back)
    back = max(0, ordered.amount if whole else min(ordered.amount, back))
    return Share(1, ordered.amount - back, back)


def _difference(after: Share, before: list[Share]) -> Share:
    return Share(*(new - sum(old) for new, *old in zip(after, *before, strict=True)))


def drop_oldest(book: Book) -> None:
    while len(book) > ORDERS_MAX:
        del book[min(book, key=lambda key: (book[key].at, key))]
