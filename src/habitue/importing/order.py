"""One order of a file: its rows put together, what its status means, and the events it becomes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from habitue.model.instant import Instant

from .fields import Values, tree
from .making import EventMaker
from .names import STATUSES, field_of_line, plain_name
from .reasons import RowReason, RowRefused
from .values import json_value, number

LINES_MAX = 200
"""Lines that an event names; of a longer order the smallest are left out of `products`, never out of its amounts."""
LINES_CHARACTERS_MAX = 24_000
"""Their length as text, so that an order with many long names stays below what an event may have."""

_AMOUNTS = ("total", "revenue", "subtotal", "shipping", "tax", "discount")


class Order(msgspec.Struct):
    """What its rows say: fields of the order, and its lines."""

    id: str
    values: Values = {}
    lines: list[dict[str, Any]] = []

    def add(self, values: Values) -> None:
        """Take in a row. What several rows say of the order itself is believed of the first that says it."""
        line: dict[str, Any] = {}
        for field, value in values.items():
            if field.startswith("line."):
                line[field.removeprefix("line.")] = value
            else:
                self.values.setdefault(field, value)
        if line:
            self.lines.append(_priced(line))
        listed = self.values.pop("products", None)
        if listed is not None:
            self.lines += _listed(listed)


def _listed(value: Any) -> list[dict[str, Any]]:
    """The lines of a list of objects, under whatever common names they stand there."""
    listed = json_value(value)
    if not isinstance(listed, list) or not all(isinstance(line, dict) for line in listed):
        raise RowRefused(RowReason.NOT_A_VALUE, "the products are no list of objects")
    lines = []
    for given in listed:
        line = {field_of_line(name): value for name, value in given.items() if value is not None}
        for field in ("price", "quantity", "total"):
            if field in line:
                line[field] = number(line[field])
        lines.append(_priced(line))
    return lines


def _priced(line: dict[str, Any]) -> dict[str, Any]:
    total = line.pop("total", None)
    if total is not None and "price" not in line:
        quantity = line.get("quantity", 1)
        line["price"] = round(total / quantity, 6) if quantity else total
    return line


def amount_of(line: Mapping[str, Any]) -> float:
    """What the line adds to the order."""
    price: float = line.get("price", 0)
    quantity: float = line.get("quantity", 1)
    return price * quantity


def meaning_of(order: Order, statuses: Mapping[str, str]) -> str:
    """What became of the order. Raises RowRefused for a status that nobody explains."""
    said = order.values.get("status")
    if said is not None:
        meaning = statuses.get(str(said)) or STATUSES.get(plain_name(str(said)))
        if meaning is None:
            detail = f'status "{str(said)[:60]}"; say what it means under "statuses" in the mapping'
            raise RowRefused(RowReason.UNKNOWN_STATUS, detail)
        if meaning != "completed":
            return meaning
    if _worth(order) < 0:  # A slip that gives money back, as tills and invoices write it.
        return "refund"
    return "refunded in part" if order.values.get("refunded_total") else "completed"


def _worth(order: Order) -> float:
    for field in ("total", "revenue"):
        if field in order.values:
            worth: float = order.values[field]
            return worth
    return sum(map(amount_of, order.lines))


def items(maker: EventMaker, order: Order, meaning: str, at: Instant) -> Iterator[dict[str, Any]]:
    """The events of an order as a client would send them, in order of time."""
    values = order.values
    properties = _properties(order, maker.mapping.currency)
    context = tree(values, "context")
    if meaning == "refund":
        # Several slips may name one order: each is told by its own number, or by its time.
        key = values.get("id") or f"{order.id}:{at}"
        yield maker.item("Order Refunded", f"order-refunded:{key}", at, values, properties=properties, context=context)
        return
    yield maker.item(
        "Order Completed", f"order-completed:{order.id}", at, values, properties=properties, context=context
    )
    if meaning == "cancelled":
        name, later, kind = "Order Cancelled", values.get("cancelled_at", at), "cancelled"
    elif meaning in ("refunded", "refunded in part"):
        name, later, kind = "Order Refunded", values.get("refunded_at", at), "refunded"
        properties = _refunded(properties, values, meaning)
    else:
        return
    yield maker.item(
        name, f"order-{kind}:{order.id}", max(later, at), values, properties=properties, context=dict(context)
    )


def _refunded(properties: dict[str, Any], values: Values, meaning: str) -> dict[str, Any]:
    given = values.get("refunded_total")
    if given is None and meaning == "refunded in part":
        raise RowRefused(RowReason.NO_REFUND_AMOUNT, 'map the column with the amount to "refunded_total"')
    if given is None:
        return dict(properties)
    kept = {name: value for name, value in properties.items() if name not in (*_AMOUNTS, "products", "coupon")}
    return kept | {"total": abs(given)}


def _properties(order: Order, currency: str) -> dict[str, Any]:
    values = order.values
    found: dict[str, Any] = {"order_id": order.id} | tree(values, "properties")
    # A slip that gives back has negative amounts; its event says by its name that they go the other way.
    found |= {field: abs(values[field]) for field in _AMOUNTS if field in values}
    code = values.get("currency", currency)
    if code:
        found["currency"] = str(code).upper()
    if "coupon" in values:
        found["coupon"] = str(values["coupon"])
    if order.lines:
        worth = sum(map(amount_of, order.lines))
        if not {"total", "revenue"} & found.keys():
            found["revenue"] = round(abs(worth), 6)
        found["products"] = _named(order.lines, giving_back=worth < 0)
        if len(found["products"]) < len(order.lines):
            found["lines"] = len(order.lines)
    return found


def _named(lines: list[dict[str, Any]], *, giving_back: bool) -> list[dict[str, Any]]:
    """The lines that the event names, in the order of the file. One that goes against the rest is in the amounts alone:
    whoever counts what was bought must not count what was returned."""
    kept = [line for line in lines if (amount_of(line) < 0) == giving_back and line.get("quantity") != 0]
    if giving_back:
        kept = [line | {field: abs(line[field]) for field in ("price", "quantity") if field in line} for line in kept]
    if len(kept) <= 20:
        return kept
    largest = sorted(range(len(kept)), key=lambda index: (-amount_of(kept[index]), index))
    chosen: list[int] = []
    size = 0
    for index in largest[:LINES_MAX]:
        size += len(msgspec.json.encode(kept[index]))
        if size > LINES_CHARACTERS_MAX:
            break
        chosen.append(index)
    return [kept[index] for index in sorted(chosen)]
