"""Which category a product of the gift shop belongs to: derived from the words of its name, since the data has none."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Category(NamedTuple):
    """`slug` stands in addresses, `blurb` is the sentence under the heading of the category's page."""

    name: str
    slug: str
    blurb: str
    firm: re.Pattern[str]
    words: re.Pattern[str]


OTHER = Category(
    "Curiosities", "curiosities", "What fits nowhere else, and is wanted all the same.", *[re.compile("$^")] * 2
)


@cache
def categories() -> tuple[Category, ...]:
    """All categories in the order in which their words are tried; `OTHER` is the last."""
    text = files("habitue.demo").joinpath("data/categories.toml").read_text("utf-8")
    read = (
        Category(
            name=entry["name"],
            slug=entry["slug"],
            blurb=entry["blurb"],
            firm=_any_of(entry["firm"]),
            words=_any_of(entry["words"]),
        )
        for entry in tomllib.loads(text)["category"]
    )
    return (*read, OTHER)


@cache
def slugs() -> dict[str, str]:
    """A category's name → what stands for it in addresses."""
    return {category.name: category.slug for category in categories()}


def category_of(name: str) -> str:
    """The first category with a firm word in the name, else the first with any of its words."""
    upper = name.upper()
    for category in categories():
        if category.firm.search(upper):
            return category.name
    return next((category.name for category in categories() if category.words.search(upper)), OTHER.name)


def _any_of(words: str) -> re.Pattern[str]:
    # An underscore in the file stands for a space inside a word such as HOT_WATER_BOTTLE.
    alternatives = "|".join(words.split()).replace("_", " ")
    return re.compile(rf"\b(?:{alternatives})\b")
