"""Ids as clients send them: what counts as an id, and what only looks like one."""

from __future__ import annotations

from typing import Any

from habitue.model.id_text import ID_CHARACTERS_MAX, RoundedId, id_text, is_nobody

from .rejection import Reject, Rejection
from .tree import kind_of

__all__ = ["ID_CHARACTERS_MAX", "put_thing_ids", "read_identifier"]

_OF_THE_EVENT = ("order_id", "order_number", "product_id", "variant_id", "sku", "cart_id", "checkout_id", "refund_id")
_OF_A_LINE = ("product_id", "variant_id", "sku")


def read_identifier(field: str, value: Any) -> str | Reject | None:
    """The id, None when there is none, or the reason why it cannot be one."""
    if value is None:
        return None
    if not isinstance(value, (str, int, float)) or isinstance(value, bool):
        return Reject(Rejection.WRONG_TYPE, f"{field} is {kind_of(value)}; a string was expected")
    try:
        text = id_text(value)
    except RoundedId as rounded:
        return Reject(Rejection.ROUNDED_ID, f"{field}: {rounded}")
    if len(text) > ID_CHARACTERS_MAX:
        return Reject(
            Rejection.ID_TOO_LONG, f"{field} has {len(text)} characters; at most {ID_CHARACTERS_MAX} are kept"
        )
    return None if is_nobody(text) else text


def put_thing_ids(properties: dict[str, Any]) -> Reject | None:
    """Bring the ids of orders, products and carts to their one spelling; a product of a list loses a rounded one."""
    for field in _OF_THE_EVENT:
        value = properties.get(field)
        if value is not None and type(value) is not int:
            try:
                properties[field] = _thing(value)
            except RoundedId as rounded:
                return Reject(Rejection.ROUNDED_ID, f"{field}: {rounded}")
    listed = properties.get("products")
    for line in listed if isinstance(listed, list) else ():
        if isinstance(line, dict):
            _put_line_ids(line)
    return None


def _put_line_ids(line: dict[str, Any]) -> None:
    for field in _OF_A_LINE:
        value = line.get(field)
        if value is not None and type(value) is not int:
            try:
                line[field] = _thing(value)
            except RoundedId:
                del line[field]


def _thing(value: Any) -> Any:
    """Whatever is no text and no number stays as it is; it is nobody's id."""
    if isinstance(value, float):
        return int(id_text(value)) if value.is_integer() else value
    return id_text(value) if isinstance(value, str) else value
