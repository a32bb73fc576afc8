"""The gift shop's catalogue: readable names, usual prices, derived categories, and how each product sells."""

from __future__ import annotations

import re
from datetime import datetime

import msgspec

from habitue.model.product import Product

from .categories import category_of
from .orders import Orders
from .words import blurb_for


class Good(msgspec.Struct, frozen=True, kw_only=True):
    """A product and how it sold in the year of the data (`pieces`, `orders`); times are the file's own."""

    product: Product
    pieces: int
    orders: int
    first_sold_at: datetime
    last_sold_at: datetime


def goods(orders: Orders) -> list[Good]:
    """All products, those ordered most often first."""
    return [_good(*row) for row in orders.rows("products")]


def readable_name(description: str) -> str:
    """`SET/5 RED RETROSPOT LID GLASS BOWLS` → `Set of 5 Red Retrospot Lid Glass Bowls`."""
    text = description.strip(" .,*")
    for pattern, replacement in _SPELLINGS:
        text = pattern.sub(replacement, text)
    text = re.sub(r"\s+", " ", text).strip(" .,")
    words = text.split(" ")
    return " ".join(_cased(word, first=index == 0) for index, word in enumerate(words))


def slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower().replace("'", "")).strip("-")


def range_of(name: str) -> str:
    """The range a product belongs to, which stands in for a brand: the data has none."""
    return next((one for one in RANGES if re.search(rf"\b{one}\b", name)), "")


def _good(code: str, description: str, price: float, pieces: int, orders: int, last: datetime, first: datetime) -> Good:
    name = readable_name(description)
    category = category_of(description)
    product = Product(
        id=code,
        name=name,
        price=round(price, 2),
        category=category,
        category_path=[DEPARTMENTS[category], category],
        brand=range_of(name),
        currency="GBP",
        url=f"/product/{slug(name)}-{code}",
        image_url=f"/pictures/{code}.svg",
        description=blurb_for(code, name, category),
    )
    return Good(product=product, pieces=int(pieces), orders=orders, first_sold_at=first, last_sold_at=last)


DEPARTMENTS = {
    "Christmas": "Celebrations",
    "Party": "Celebrations",
    "Baking": "Kitchen & Table",
    "Mugs & Teaware": "Kitchen & Table",
    "Kitchen & Dining": "Kitchen & Table",
    "Candles & Lights": "Home",
    "Clocks & Frames": "Home",
    "Textiles & Comfort": "Home",
    "Storage & Hooks": "Home",
    "Home Decoration": "Home",
    "Garden & Picnic": "Outdoors",
    "Bags": "To Wear & Carry",
    "Jewellery & Beauty": "To Wear & Carry",
    "Toys & Games": "For Children & Makers",
    "Stationery & Craft": "For Children & Makers",
    "Curiosities": "Home",
}
"""Category → the wider one it lies in."""

RANGES = (
    "Retrospot",
    "Spaceboy",
    "Dolly Girl",
    "Regency",
    "Union Jack",
    "Sweetheart",
    "Feltcraft",
    "Woodland",
    "Pantry",
    "Suki",
    "Skull",
    "Baroque",
    "Paisley",
    "Gingham",
    "Polkadot",
)

# The file abbreviates to fit a till receipt; the storefront has room.
_SPELLINGS = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"\b(?:SET|S)\s?/\s?(\d+)", r"SET OF \1"),
        (r"\bSET OF(\d+)", r"SET OF \1"),
        (r"\bSET (\d+)\b", r"SET OF \1"),
        (r"\bBOX OF(\d+)", r"BOX OF \1"),
        (r"\s*,\s*", ", "),
        (r"\bW/\s?", "WITH "),
        (r"\b(?:ASSTD|ASST|ASS|ASSORT)\b\.?", "ASSORTED"),
        (r"\bHLDR\b", "HOLDER"),
        (r"\bANT WHITE\b", "ANTIQUE WHITE"),
        (r"\bANT SILVER\b", "ANTIQUE SILVER"),
        (r"\bBLK\b", "BLACK"),
        (r"\bTURQ\b", "TURQUOISE"),
        (r"\b(?:NECKL|NECKLA)\b\.?", "NECKLACE"),
        (r"\bGARLD\b", "GARLAND"),
        (r"\bCOL\b", "COLOUR"),
        (r"\bDECO\.", "DECORATION, "),
        (r"\bB'FLY\b", "BUTTERFLY"),
        (r"\bMED\b", "MEDIUM"),
        (r"\bLGE?\b", "LARGE"),
        (r"\bVINT\b", "VINTAGE"),
        (r"\b(\d+) ?PC\b", r"\1 PIECES"),
        (r"\bTLIGHTS?\b", "T-LIGHT"),
        (r"\b(\d+)\s?CM\b", r"\1 cm"),
        (r"\s*\+\s*", " + "),
        (r"\bUNION ?JACK\b", "UNION JACK"),
    )
)
_SMALL = {"of", "and", "with", "in", "the", "a", "or", "for", "to", "on", "at", "from", "by", "de", "cm"}
_CAPITALS = {"LED", "USB", "DIY", "TV", "BBQ", "II", "XL", "UK", "CD", "DVD", "A4", "A5", "A6", "A7", "3D", "VIP"}


def _cased(word: str, *, first: bool) -> str:
    if word in _CAPITALS:
        return word
    lower = word.lower()
    if lower in _SMALL and not first:
        return lower
    # Capitals after a hyphen or slash, but not after an apostrophe: T-Light, Black/Blue, Children's.
    return re.sub(r"(^|[-/+&(\"])([a-z])", lambda match: match[1] + match[2].upper(), lower)
