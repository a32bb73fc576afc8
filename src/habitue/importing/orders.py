"""Rows that are orders, or lines of orders: completed, refunded, cancelled.

Lines of one order need not stand together. An order stays open until `WINDOW` rows have gone by without a line of it,
so memory holds the orders of one window, however long the file. A line that comes later still is not taken: the order
went out without it, and an order that changes afterwards would be another one. So that such a line is noticed, the
latest `CLOSED_MAX` closed orders are remembered by a hash. Files sorted by order, or by time, come near neither limit.

An order is taken whole or not at all: one bad line rejects all of them, so that the repaired file can be imported again
and still adds the order.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from .fields import Fields
from .making import EventMaker, Made, Refused, Skipped
from .order import Order, items, meaning_of
from .reading.rows import Row
from .reasons import RowReason, RowRefused

WINDOW = 10_000
CLOSED_MAX = 1_000_000
ROWS_MAX = 5_000
"""Rows of one order. What has more is no order but a column that was taken for one."""


class Open(msgspec.Struct):
    """An order whose lines are still coming."""

    last: int
    """How many rows had been read when its last line came."""
    rows: list[tuple[int, dict[str, Any]]]
    order: Order
    spoilt: int = 0
    """The number of the row that was rejected, if one was."""


class Orders(EventMaker):
    """One row, one order; or one row, one line of an order, where the mapping has fields of lines."""

    def __init__(self, fields: Fields, *more: Any, window: int = WINDOW) -> None:
        super().__init__(fields.mapping, *more)
        self._fields = fields
        self._window = window if any(column.field.startswith("line.") for column in self.mapping.columns) else 0
        self._open: OrderedDict[str, Open] = OrderedDict()
        self._closed: dict[int, None] = {}
        self._read = 0

    def make(self, row: Row) -> Iterator[Made]:
        self._read += 1
        order_id = self._fields.id_of(row.cells, "order_id")
        if order_id is None:
            yield Refused(row.number, RowReason.NO_ORDER_ID, "the order's number is empty", row.cells)
        elif order_id not in self._open and self._window and hash(order_id) in self._closed:
            detail = f'order "{order_id:.60}" was complete {self._window:,} rows before; sort the file by order'
            yield Refused(row.number, RowReason.ORDER_CLOSED, detail, row.cells)
        else:
            yield from self._add(order_id, row)
        yield from self._close_old()

    def _add(self, order_id: str, row: Row) -> Iterator[Made]:
        known = self._open.setdefault(order_id, Open(self._read, [], Order(order_id)))
        known.last = self._read
        self._open.move_to_end(order_id)
        try:
            values = self._fields.read(row.cells)
            if len(known.rows) >= ROWS_MAX:
                raise RowRefused(RowReason.NOT_A_VALUE, f"the order has more than {ROWS_MAX:,} rows")
            known.order.add(values)
        except RowRefused as refused:
            known.spoilt = known.spoilt or row.number
            yield Refused(row.number, refused.reason, refused.detail, row.cells)
        else:
            known.rows.append((row.number, row.cells))

    def _close_old(self) -> Iterator[Made]:
        while self._open:
            order_id, known = next(iter(self._open.items()))
            if self._read - known.last < self._window:
                return
            del self._open[order_id]
            self._remember(order_id)
            yield from self._finished(known)

    def _remember(self, order_id: str) -> None:
        if not self._window:
            return
        # `hash` differs from process to process, which is well: nothing outlives this one.
        self._closed[hash(order_id)] = None
        if len(self._closed) > CLOSED_MAX:
            del self._closed[next(iter(self._closed))]

    def _finished(self, known: Open) -> Iterator[Made]:
        if known.spoilt:
            detail = f"row {known.spoilt} of the same order was rejected"
            yield from (Refused(number, RowReason.ORDER_SPOILT, detail, cells) for number, cells in known.rows)
            return
        try:
            made = self._events(known.order, Row(*known.rows[0]))
        except RowRefused as refused:
            made = [Refused(0, refused.reason, refused.detail, None)]
        refusal = next((one for one in made if isinstance(one, Refused)), None)
        if refusal is None:
            yield from made
        else:
            yield from (Refused(number, refusal.reason, refusal.detail, cells) for number, cells in known.rows)

    def _events(self, order: Order, row: Row) -> list[Made]:
        meaning = meaning_of(order, self.mapping.statuses)
        if meaning == "skip":
            return [Skipped(row.number, "its status says that it is not an order yet")]
        at = self.time_of(order.values)
        if self.is_too_late(at):
            return [Skipped(row.number, "not before the time asked for")]
        told = list(items(self, order, meaning, at))
        if any(item["at"] > self.now for item in told):
            raise RowRefused(RowReason.TIME_NOT_BELIEVED, "its refund or cancellation lies in the future")
        return [self.event(row, item) for item in told]

    def rest(self) -> Iterator[Iterable[Made]]:
        while self._open:
            yield self._finished(self._open.popitem(last=False)[1])

    def pass_over(self, row: Row) -> None:
        self._read += 1
        order_id = self._fields.id_of(row.cells, "order_id")
        if order_id is not None and order_id not in self._open:
            self._remember(order_id)

    def waiting(self) -> bytes:
        return msgspec.msgpack.encode(list(self._open.items()))

    def go_on(self, waiting: bytes) -> None:
        self._open = OrderedDict(msgspec.msgpack.decode(waiting, type=list[tuple[str, Open]]) if waiting else ())
