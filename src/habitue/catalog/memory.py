"""The catalogue in memory: for tests and for trying a playbook without a shop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from habitue.model.article import Article
from habitue.model.product import Product


class MemoryCatalog:
    """The same answers as `SqliteCatalog`; one contract suite says so."""

    def __init__(self) -> None:
        self._products: dict[str, Product] = {}
        self._sold: dict[str, float] = {}
        self._articles: list[Article] = []

    def put(self, products: Iterable[Product], sold: Mapping[str, float] | None = None) -> int:
        """Add or describe anew; returns how many. `sold`: pieces sold by product id."""
        count = 0
        for product in products:
            self._products[product.id] = product
            pieces = (sold or {}).get(product.id)
            if pieces is not None:
                self._sold[product.id] = pieces
            count += 1
        return count

    def put_articles(self, articles: Iterable[Article]) -> None:
        self._articles += articles

    def get(self, ids: Sequence[str]) -> dict[str, Product]:
        """The products that exist, by id."""
        return {one: self._products[one] for one in ids if one in self._products}

    def bestsellers(self, category: str, count: int, exclude: Collection[str] = ()) -> list[Product]:
        """The most sold products in stock of a category, most sold first; of all categories when it is empty."""
        return [
            product
            for product in self._most_sold_first()
            if product.in_stock and category in ("", product.category) and product.id not in exclude
        ][:count]

    def articles_of(self, category: str, count: int = 3) -> list[Article]:
        """The latest articles of a category; of all when it is empty."""
        wanted = category.lower()
        found = [one for one in self._articles if not wanted or wanted in (name.lower() for name in one.categories)]
        return sorted(found, key=lambda one: -(one.published_at or 0))[:count]

    def search(self, query: str = "", count: int = 50) -> list[Product]:
        """Products whose id, name or category holds the query, the most sold first."""
        words = query.strip().lower()
        return [
            product
            for product in self._most_sold_first()
            if words in f"{product.id} {product.name} {product.category}".lower()
        ][:count]

    def categories(self) -> dict[str, int]:
        """Category → how many products, the largest first."""
        counted = Counter(product.category for product in self._products.values())
        return dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))

    def count(self) -> int:
        return len(self._products)

    def close(self) -> None:
        """Nothing to close."""

    def _most_sold_first(self) -> list[Product]:
        return sorted(self._products.values(), key=lambda product: (-self._sold.get(product.id, 0.0), product.id))
