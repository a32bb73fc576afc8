"""Reading text out of properties that anyone may have sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from habitue.model.id_text import RoundedId, id_text


def text(source: Mapping[str, Any], name: str, length_max: int = 300) -> str:
    """The property as bounded text; numbers become text, anything else is empty."""
    value = source.get(name)
    if isinstance(value, str):
        return value[:length_max]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)[:length_max]
    return ""


def product_id(source: Mapping[str, Any]) -> str:
    return thing_id(source, "product_id", 100) or thing_id(source, "sku", 100)


def thing_id(source: Mapping[str, Any], name: str, length_max: int = 300) -> str:
    """An id in its one spelling: logs from before ids were brought to it at the door hold `39910.0` too."""
    value = source.get(name)
    try:
        found = id_text(value)
    except RoundedId:
        return ""
    return found[:length_max]


def groups(source: Mapping[str, Any]) -> tuple[str, str]:
    """The category and the brand of a product. Asked of most events, so what is text already is taken as it is."""
    category, brand = source.get("category"), source.get("brand")
    if category is None:
        category = ""
    elif type(category) is not str or len(category) > 100:
        category = text(source, "category", 100)
    if brand is None:
        brand = ""
    elif type(brand) is not str or len(brand) > 100:
        brand = text(source, "brand", 100)
    return category, brand
