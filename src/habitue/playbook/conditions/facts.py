"""What is kept of a customer besides events and traits: the words for it, the kind of each value, how it is said."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from habitue.model.stage import STAGES

Kind: TypeAlias = Literal["number", "text", "stage", "list", "truth"]


class FactWord(NamedTuple):
    """`said` names the value; of a truth it is the clause, and `denied` its opposite. `known`: never nothing."""

    kind: Kind
    said: str
    denied: str = ""
    known: bool = True


def _of_visit(which: str, at: str) -> dict[str, FactWord]:
    return {
        "stage": FactWord("stage", f"the stage {at}", known=False),
        "deepest": FactWord("stage", f"the furthest stage of {which}", known=False),
        "page": FactWord("text", f"the page {at}", known=False),
        "pages": FactWord("number", f"the number of pages seen in {which}"),
        "products": FactWord("number", f"the number of products looked at in {which}"),
        "categories": FactWord("number", f"the number of categories looked at in {which}"),
        "brands": FactWord("number", f"the number of brands looked at in {which}"),
        "details": FactWord("number", f"the number of product details opened in {which}"),
        "minutes": FactWord("number", f"the minutes of {which}"),
        "price_spread": FactWord(
            "number", f"the difference between the dearest and the cheapest product of {which}", known=False
        ),
    }


FACTS: dict[str, dict[str, FactWord]] = {
    "cart": {
        "value": FactWord("number", "the value of the cart"),
        "count": FactWord("number", "the number of pieces in the cart"),
        "lines": FactWord("number", "the number of different products in the cart"),
        "products": FactWord("list", "the cart"),
        "is_empty": FactWord("truth", "has an empty cart", "has something in the cart"),
    },
    "wishlist": {
        "count": FactWord("number", "the number of products on the wish list"),
        "products": FactWord("list", "the wish list"),
        "is_empty": FactWord("truth", "has an empty wish list", "has something on the wish list"),
    },
    "recently_viewed": {
        "count": FactWord("number", "the number of recently viewed products"),
        "products": FactWord("list", "the list of recently viewed products"),
    },
    "visit": _of_visit("the present visit", "the present visit is at"),
    "last_visit": _of_visit("the last visit", "at which the last visit ended"),
    "orders": {
        "count": FactWord("number", "the number of orders"),
        "revenue": FactWord("number", "the worth of all orders, refunds taken off"),
        "refunds": FactWord("number", "the sum of all refunds"),
    },
    "consent": {
        "email": FactWord("truth", "has allowed e-mail", "has not allowed e-mail"),
        "onsite": FactWord("truth", "has allowed notes on the site", "has not allowed notes on the site"),
        "ads": FactWord("truth", "may be advertised to elsewhere", "may not be advertised to elsewhere"),
    },
    "pause": {
        "is_on": FactWord("truth", "has paused messages", "has not paused messages"),
    },
}
"""The first name of a fact → its fields."""

AFFINITIES: tuple[str, ...] = ("category", "brand")
"""What `affinity(…)` can be asked of."""

__all__ = ["AFFINITIES", "FACTS", "STAGES", "FactWord", "Kind"]
