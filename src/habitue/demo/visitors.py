"""Simulated visitors: seeded shoppers who look, take, leave and sometimes order, so that the shop is never empty.

Every event says so: its source is `visitors`, and its context carries `simulated: true`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from operator import attrgetter
from typing import Any, NamedTuple

from habitue.model.product import Product

from .goods import Good
from .people import Person, person
from .storefront.shelf import Shelf

SOURCE = "visitors"
_NEWCOMERS_FROM = 90_000
"""Numbers of people who are not in the data; the file's own end below 19,000."""

Item = dict[str, Any]


class Step(NamedTuple):
    """Something a visitor does, so many seconds of shop time after the step before."""

    after: float
    item: Item


class Visitors:
    """Who comes, and what each of them does: the same for the same seed and run. No clock and no network."""

    def __init__(
        self,
        goods: Sequence[Good],
        people: Sequence[Person],
        *,
        seed: int,
        run: str,
        origin: str,
        price: Callable[[Product], float] = attrgetter("price"),
    ) -> None:
        """`run` sets ids of one run apart from another's; `origin` is the storefront's address, `price` its price."""
        self._chance = random.Random(seed)  # noqa: S311 - a simulation, not a secret
        self._shelf = Shelf(goods)
        self._goods = [good for good in goods if good.orders >= 20]
        # The more often something was ordered, the more often it is looked at.
        self._weights = list(_running_sum(good.orders for good in self._goods))
        self._people = people
        self._run = run
        self._origin = origin
        self._price = price
        self._numbers = count(1)
        self._items = count(1)
        self._returning: list[str] = []

    def session(self) -> list[Step]:
        """The next visitor's whole visit."""
        visit = _Visit(self, self._chance, self._anonymous_id())
        visit.happen()
        return visit.steps

    def pick_good(self) -> Good:
        return self._chance.choices(self._goods, cum_weights=self._weights)[0]

    def pick_near(self, good: Good) -> Good:
        near = self._shelf.related(good, 8)
        return self._chance.choice(near) if near else good

    def pick_customer(self) -> Person:
        return self._chance.choice(self._people)

    def newcomer(self) -> Person:
        """Somebody who was never here before: a name and an address, made as for the customers of the data."""
        return person(str(_NEWCOMERS_FROM + self._chance.randrange(10_000)), "United Kingdom")

    def next_order(self) -> str:
        return f"V{self._run}-{next(self._numbers)}"

    def item(self, anonymous_id: str, who: Person | None, fields: Item, path: str, title: str) -> Item:
        """The fields in the form in which browsers send them; the times are stamped when it is sent."""
        context: Item = {
            "library": {"name": "visitors", "version": "1"},
            "page": {"url": self._origin + path, "path": path, "title": title, "referrer": "", "search": ""},
            "userAgent": "simulated",
            "locale": who.locale if who is not None else "en-GB",
            "timezone": who.timezone if who is not None else "Europe/London",
            "simulated": True,
        }
        found = {
            "messageId": f"visitors-{self._run}-{next(self._items)}",
            "anonymousId": anonymous_id,
            "context": context,
        }
        return found | fields | ({"userId": who.user_id} if who is not None else {})

    def product(self, good: Good) -> Item:
        product = good.product
        return {
            "product_id": product.id,
            "sku": product.id,
            "name": product.name,
            "category": product.category,
            "price": self._price(product),
            "url": self._origin + product.url,
            "image_url": self._origin + product.image_url,
        }

    def _anonymous_id(self) -> str:
        if self._returning and self._chance.random() < 0.12:
            return self._chance.choice(self._returning)
        fresh = f"visitor-{self._run}-{next(self._numbers)}"
        self._returning = [*self._returning[-199:], fresh]
        return fresh


class _Visit:
    """One visit, from the first page to the last."""

    def __init__(self, world: Visitors, chance: random.Random, anonymous_id: str) -> None:
        self.steps: list[Step] = []
        self._world = world
        self._chance = chance
        self._anonymous_id = anonymous_id
        self._cart_id = f"cart-{anonymous_id}"
        self._who: Person | None = None
        self._cart: dict[str, tuple[Good, int]] = {}

    def happen(self) -> None:
        self._page("Home", "home", "/")
        if self._chance.random() < 0.22:
            self._sign_in(self._world.pick_customer(), new=False)
        self._look_around()
        if self._who is None and self._chance.random() < 0.07:
            self._sign_in(self._world.newcomer(), new=True)
        if self._cart and self._chance.random() < 0.6:
            self._cart_and_checkout()

    def _look_around(self) -> None:
        good = self._world.pick_good()
        self._list(good)
        for _ in range(min(8, 1 + int(self._chance.expovariate(0.5)))):
            self._look_at(good)
            near = self._chance.random() < 0.7
            good = self._world.pick_near(good) if near else self._world.pick_good()

    def _list(self, good: Good) -> None:
        category = good.product.category
        path = f"/category/{category.lower()}"
        self._page("Category", category, path)
        self._track("Product List Viewed", {"list_id": category, "category": category}, path, category)

    def _look_at(self, good: Good) -> None:
        product = good.product
        self._page("Product", product.category, product.url)
        fields = self._world.product(good)
        self._track("Product Viewed", fields | {"currency": "GBP", "value": fields["price"]}, product.url, product.name)
        if self._chance.random() < 0.3:
            self._track("Product Details Opened", fields | {"detail": "details"}, product.url, product.name)
        if self._who is not None and self._chance.random() < 0.08:
            self._track("Product Added to Wishlist", fields, product.url, product.name)
        if self._chance.random() < 0.22:
            self._change_cart("Product Added", good, self._chance.choice((1, 1, 1, 2, 3, 6)))

    def _change_cart(self, event: str, good: Good, quantity: int) -> None:
        code, before = good.product.id, self._cart.get(good.product.id, (good, 0))[1]
        after = before + quantity if event == "Product Added" else before - quantity
        self._cart[code] = (good, after)
        if after <= 0:
            del self._cart[code]
        fields = self._world.product(good) | {"cart_id": self._cart_id, "quantity": quantity}
        self._track(event, fields, good.product.url, good.product.name)

    def _cart_and_checkout(self) -> None:
        self._page("Cart", "cart", "/cart")
        self._track("Cart Viewed", {"cart_id": self._cart_id, "products": self._lines()}, "/cart", "Your basket")
        if len(self._cart) > 1 and self._chance.random() < 0.2:
            good, quantity = self._chance.choice(list(self._cart.values()))
            self._change_cart("Product Removed", good, quantity)
        if self._chance.random() < 0.55:
            self._checkout()

    def _checkout(self) -> None:
        order = self._order()
        self._page("Checkout", "checkout", "/checkout")
        self._track("Checkout Started", order, "/checkout", "Checkout")
        if self._chance.random() > 0.62:
            return
        if self._who is None:
            self._sign_in(self._world.newcomer(), new=True)
        self._track("Order Completed", order, "/checkout", "Checkout")
        self._cart.clear()

    def _sign_in(self, who: Person, *, new: bool) -> None:
        self._who = who
        traits = {
            "email": who.email,
            "firstName": who.first_name,
            "lastName": who.last_name,
            "timezone": who.timezone,
            "locale": who.locale,
        }
        self._add(30.0, {"type": "identify", "traits": traits}, "/sign-in", "Sign in")
        if new:
            event, words = (
                ("Consent Granted", "Yes, e-mail me") if who.consents else ("Consent Withdrawn", "No, thanks")
            )
            choice = {"channel": "email", "source": "sign-in form", "text": words}
            self._track(event, choice, "/sign-in", "Sign in", after=1.0)

    def _order(self) -> Item:
        lines = self._lines()
        revenue = round(sum(line["price"] * line["quantity"] for line in lines), 2)
        shipping = 0.0 if revenue >= 30 else 3.95
        return {
            "order_id": self._world.next_order(),
            "cart_id": self._cart_id,
            "revenue": revenue,
            "value": revenue,
            "shipping": shipping,
            "total": round(revenue + shipping, 2),
            "currency": "GBP",
            "products": lines,
        }

    def _lines(self) -> list[Item]:
        return [self._world.product(good) | {"quantity": quantity} for good, quantity in self._cart.values()]

    def _page(self, name: str, category: str, path: str) -> None:
        fields = {"type": "page", "name": name, "category": category, "properties": {"path": path}}
        self._add(self._chance.uniform(8, 70), fields, path, name)

    def _track(self, event: str, properties: Item, path: str, title: str, *, after: float | None = None) -> None:
        seconds = self._chance.uniform(1, 25) if after is None else after
        self._add(seconds, {"type": "track", "event": event, "properties": properties}, path, title)

    def _add(self, after: float, fields: Item, path: str, title: str) -> None:
        self.steps.append(Step(after, self._world.item(self._anonymous_id, self._who, fields, path, title)))


def _running_sum(numbers: Iterator[int]) -> Iterator[int]:
    total = 0
    for number in numbers:
        total += number
        yield total
