"""What stands on the shop's shelves, and in which order: by category, by search, side by side, on the front page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, get_args

from habitue.demo.categories import Category, categories
from habitue.demo.goods import Good

Sort = Literal["popular", "new", "price", "price-down", "name"]
SORTS: dict[Sort, str] = {
    "popular": "Most loved",
    "new": "Newest",
    "price": "Price, low to high",
    "price-down": "Price, high to low",
    "name": "A to Z",
}
assert set(SORTS) == set(get_args(Sort))

_WORD = re.compile(r"[a-z0-9]+")
_DULL = {"of", "set", "and", "with", "the", "in", "a", "design", "pack", "for", "small", "large", "medium", "pieces"}


class Shelf:
    """All goods, those ordered most often first. Read-only once built."""

    def __init__(self, goods: Iterable[Good]) -> None:
        self._goods = list(goods)
        self._by_id = {good.product.id: good for good in self._goods}
        self._by_category: dict[str, list[Good]] = {}
        for good in self._goods:
            self._by_category.setdefault(good.product.category, []).append(good)
        self._words = {good.product.id: _words(good.product.name) for good in self._goods}

    def __len__(self) -> int:
        return len(self._goods)

    def find(self, code: str) -> Good | None:
        return self._by_id.get(code)

    def category(self, category: Category, sort: Sort = "popular") -> list[Good]:
        return _sorted(self._by_category.get(category.name, []), sort)

    def size(self, category: Category) -> int:
        return len(self._by_category.get(category.name, []))

    def search(self, query: str, sort: Sort = "popular") -> list[Good]:
        """Goods with all words of the query in name or category, by the beginning of words; none for an empty query."""
        wanted = _WORD.findall(query.lower())
        if not wanted:
            return []
        hits = [good for good in self._goods if _holds_all(wanted, f"{good.product.name} {good.product.category}")]
        return _sorted(hits, sort)

    def bestsellers(self, count: int, per_category: int = 2) -> list[Good]:
        """The most ordered, not too many from one category: a front page of nothing but bags sells no cups."""
        taken: list[Good] = []
        used: dict[str, int] = {}
        for good in self._goods:
            category = good.product.category
            if used.get(category, 0) < per_category:
                used[category] = used.get(category, 0) + 1
                taken.append(good)
            if len(taken) == count:
                break
        return taken

    def arrivals(self, count: int) -> list[Good]:
        """Good sellers among the latest additions."""
        return _sorted([good for good in self._goods if good.orders >= 100], "new")[:count]

    def related(self, good: Good, count: int) -> list[Good]:
        """From the same category: those that share most words with its name, then the most loved."""
        words = self._words[good.product.id]
        others = [other for other in self._by_category[good.product.category] if other is not good]
        others.sort(key=lambda other: -len(words & self._words[other.product.id]))
        return others[:count]


def _sorted(goods: list[Good], sort: Sort) -> list[Good]:
    match sort:
        case "popular":
            return list(goods)
        case "new":
            return sorted(goods, key=lambda good: good.first_sold_at, reverse=True)
        case "price":
            return sorted(goods, key=lambda good: good.product.price)
        case "price-down":
            return sorted(goods, key=lambda good: good.product.price, reverse=True)
        case "name":
            return sorted(goods, key=lambda good: good.product.name)


def _words(name: str) -> frozenset[str]:
    return frozenset(_WORD.findall(name.lower())) - _DULL


def _holds_all(wanted: list[str], text: str) -> bool:
    words = _WORD.findall(text.lower())
    return all(any(word.startswith(part) for word in words) for part in wanted)


def stocked(shelf: Shelf) -> list[Category]:
    """The categories that have anything in them, in the shop's order."""
    return [category for category in categories() if shelf.size(category)]
