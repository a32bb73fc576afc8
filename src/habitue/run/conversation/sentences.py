"""What people do, in sentences: `ana looks at "Red Mug"`, `ben orders`, `cleo allows email about offers`.

Each sentence is a pattern and a function from its words to one event. Whatever has no sentence of its own can be said
as `ana: Event Name {property: value}`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from habitue.model.event import IDENTIFIED, PAGE_VIEWED
from habitue.model.instant import DAY, parse_span
from habitue.model.trust import Level
from habitue.playbook.source import SourceError, compose, plain
from habitue.run.conversation.people import Goods, Person, total


class Said(NamedTuple):
    """An event as a sentence tells it; who and when is added by the stage. `name` empty: nothing reaches the shop.

    `is_ours`: it happens on a page of ours, and not in the shop.
    """

    name: str
    properties: dict[str, Any]
    traits: dict[str, Any]
    is_ours: bool = False
    level: Level = Level.SERVER


class Speaker(NamedTuple):
    """What a sentence may look at: who acts, on which device (None: known without one), the products known so far."""

    person: Person
    device: str | None
    goods: Goods
    number: int
    """Of the event within the story; makes order ids."""


Sentence: TypeAlias = Callable[[Speaker, "re.Match[str]"], Said]

_CART = r"(?:her|his|their|the|a) (?:cart|basket)"
_WISHES = r"(?:her|his|their|the|a) wish ?list"
_CHANNEL = r"(?P<channel>e-?mail|onsite|the site)"
_TOPIC = r"(?: about (?P<topic>[a-z0-9_]+))?"
_SENT_TO = r"(?: by a link sent to (?P<address>\S+@\S+))?"


def _event(name: str, /, **properties: Any) -> Said:
    return Said(name, properties, {})


def _looks(speaker: Speaker, said: re.Match[str]) -> Said:
    return _event("Product Viewed", **speaker.goods.read(said["what"]))


def _opens(speaker: Speaker, said: re.Match[str]) -> Said:
    return _event("Product Details Opened", **speaker.goods.read(said["what"]))


def _browses(speaker: Speaker, said: re.Match[str]) -> Said:
    return _event("Product List Viewed", category=said["what"])


def _wishes(speaker: Speaker, said: re.Match[str]) -> Said:
    return _event("Product Added to Wishlist", **speaker.goods.read(said["what"]))


def _takes_off(speaker: Speaker, said: re.Match[str]) -> Said:
    return _event("Product Removed from Wishlist", **speaker.goods.read(said["what"]))


def _puts(speaker: Speaker, said: re.Match[str]) -> Said:
    product = speaker.goods.read(said["what"])
    known = speaker.person.cart.get(product["product_id"], {"quantity": 0})
    quantity = known["quantity"] + product.get("quantity", 1)
    speaker.person.cart[product["product_id"]] = {**product, "quantity": quantity}
    return _event("Product Added", **product)


def _takes(speaker: Speaker, said: re.Match[str]) -> Said:
    product = speaker.goods.read(said["what"])
    speaker.person.cart.pop(product["product_id"], None)
    return _event("Product Removed", **product)


def _empties(speaker: Speaker, said: re.Match[str]) -> Said:
    speaker.person.cart.clear()
    return _event("Cart Cleared")


def _checkout(speaker: Speaker, said: re.Match[str]) -> Said:
    return _event("Checkout Started", products=list(speaker.person.cart.values()))


def _orders(speaker: Speaker, said: re.Match[str]) -> Said:
    products = speaker.goods.read_list(said["what"]) if said["what"] else list(speaker.person.cart.values())
    speaker.person.cart.clear()
    amount = float(said["amount"]) if said["amount"] else total(products)
    speaker.person.order = f"O{speaker.number}"
    return _event("Order Completed", order_id=speaker.person.order, total=amount, products=products)


def _refund(speaker: Speaker, said: re.Match[str]) -> Said:
    amount = {"total": float(said["amount"])} if said["amount"] else {}
    return _event("Order Refunded", order_id=speaker.person.order or f"O{speaker.number}", **amount)


def _cancels(speaker: Speaker, said: re.Match[str]) -> Said:
    return _event("Order Cancelled", order_id=speaker.person.order or f"O{speaker.number}")


def _signs(speaker: Speaker, said: re.Match[str]) -> Said:
    if speaker.device is not None:
        speaker.person.signed_in.add(speaker.device)
    traits = {"firstName": speaker.person.name.capitalize()}
    if said["email"]:
        traits["email"] = speaker.person.email = said["email"]
    return Said(IDENTIFIED, {}, traits)


def _signs_out(speaker: Speaker, said: re.Match[str]) -> Said:
    if speaker.device is not None:
        speaker.person.signed_in.discard(speaker.device)
    return Said("", {}, {})


def _lives(speaker: Speaker, said: re.Match[str]) -> Said:
    speaker.person.zone = said["zone"]
    return Said("", {}, {})


def _consent(name: str) -> Sentence:
    def say(speaker: Speaker, said: re.Match[str]) -> Said:
        channel = "onsite" if "site" in (said["channel"] or "") else "email"
        return _event(name, channel=channel, **({"topic": said["topic"]} if said["topic"] else {}))

    return say


def _confirms(speaker: Speaker, said: re.Match[str]) -> Said:
    about = _consent("Consent Granted")(speaker, said).properties
    address = said["address"] or speaker.person.email
    about |= {"method": "double_opt_in", **({"email": address} if address else {})}
    return Said("Consent Granted", about, {}, is_ours=True)


def _unsubscribes(speaker: Speaker, said: re.Match[str]) -> Said:
    about = {"channel": "email", **({"topic": said["topic"]} if said["topic"] else {})}
    if said["address"]:
        return Said("Unsubscribed", about | {"email": said["address"]}, {}, is_ours=True)
    return _event("Unsubscribed", **about)


def _types(speaker: Speaker, said: re.Match[str]) -> Said:
    speaker.person.email = said["email"]
    return Said(IDENTIFIED, {}, {"email": said["email"]}, level=Level.BROWSER)


def _follows(speaker: Speaker, said: re.Match[str]) -> Said:
    return Said("Email Link Clicked", {"email": said["address"], "machine": False}, {}, is_ours=True)


def _pauses(speaker: Speaker, said: re.Match[str]) -> Said:
    return _event("Messages Paused", **({"days": parse_span(said["span"]) / DAY} if said["span"] else {}))


def _resumes(speaker: Speaker, said: re.Match[str]) -> Said:
    return _event("Messages Resumed")


def _spam(speaker: Speaker, said: re.Match[str]) -> Said:
    return _event("Email Marked as Spam")


def _bounces(speaker: Speaker, said: re.Match[str]) -> Said:
    return _event("Email Bounced", permanent=True)


def _page(speaker: Speaker, said: re.Match[str]) -> Said:
    what = said["what"]
    return _event(PAGE_VIEWED, **({"path" if what.startswith("/") else "name": what} if what else {}))


def _searches(speaker: Speaker, said: re.Match[str]) -> Said:
    return _event("Products Searched", query=said["what"])


def _asked(speaker: Speaker, said: re.Match[str]) -> Said:
    return _event("Journey Requested", journey=said["journey"])


def _anything(speaker: Speaker, said: re.Match[str]) -> Said:
    name = said["name"].strip()
    try:
        properties = plain(compose("", said["properties"])) if said["properties"] else {}
    except SourceError as error:
        raise ValueError(f"the properties cannot be read: {error.problem.text}") from None
    return Said(name, {}, properties) if name == IDENTIFIED else Said(name, properties, {})


SENTENCES: tuple[tuple[str, str, Sentence], ...] = (
    (r": (?P<name>[^{}]+?)\s*(?P<properties>\{.*\})?", "ana: Event Name {property: value}", _anything),
    (r" looks at (?P<what>.+)", 'ana looks at "Red Mug" (P1, 4.95, Mugs)', _looks),
    (rf" puts (?P<what>.+?) in(?:to)? {_CART}", 'ana puts 2 × "Red Mug" into her basket', _puts),
    (rf" takes (?P<what>.+?) out of {_CART}", 'ana takes "Red Mug" out of her basket', _takes),
    (r" opens the details of (?P<what>.+)", 'ana opens the details of "Red Mug"', _opens),
    (r' browses "(?P<what>[^"]+)"', 'ana browses "Mugs"', _browses),
    (r" wishes for (?P<what>.+)", 'ana wishes for "Red Mug"', _wishes),
    (rf" takes (?P<what>.+?) off {_WISHES}", 'ana takes "Red Mug" off her wish list', _takes_off),
    (rf" empties {_CART}", "ana empties her basket", _empties),
    (r" starts the checkout", "ana starts the checkout", _checkout),
    (r" orders(?: (?!for )(?P<what>.+?))?(?: for (?P<amount>\d+(?:\.\d+)?))?", "ana orders for 25.00", _orders),
    (r" gets (?:(?P<amount>\d+(?:\.\d+)?)|(?:her|his|their) money) back", "ana gets 12.50 back", _refund),
    (r" cancels (?:her|his|their|the) order", "ana cancels her order", _cancels),
    (r" signs (?:up|in)(?: as (?P<email>\S+@\S+))?", "ana signs up as ana@example.com", _signs),
    (r" signs out", "ana signs out", _signs_out),
    (r" lives in (?P<zone>\S+)", "ana lives in Europe/Istanbul", _lives),
    (rf" allows {_CHANNEL}{_TOPIC}", "ana allows email about offers", _consent("Consent Granted")),
    (rf" refuses {_CHANNEL}{_TOPIC}", "ana refuses email about offers", _consent("Consent Withdrawn")),
    (rf" asks for {_CHANNEL}{_TOPIC}", "ana asks for email about news", _consent("Consent Requested")),
    (rf" confirms {_CHANNEL}{_TOPIC}{_SENT_TO}", "ana confirms email about news", _confirms),
    (
        rf" unsubscribes(?: from (?P<topic>[a-z0-9_]+))?{_SENT_TO}",
        "ana unsubscribes from offers by a link sent to ana@example.com",
        _unsubscribes,
    ),
    (r" types (?P<email>\S+@\S+) into the page", "ana types ben@example.com into the page", _types),
    (r" follows a link sent to (?P<address>\S+@\S+)", "ana follows a link sent to ana@example.com", _follows),
    (r" pauses(?: for (?P<span>\d.*))?", "ana pauses for 90d", _pauses),
    (r" resumes", "ana resumes", _resumes),
    (r" marks an e-?mail as spam", "ana marks an e-mail as spam", _spam),
    (r"'s e-?mail bounces", "ana's e-mail bounces", _bounces),
    (r' visits(?: "(?P<what>[^"]+)")?', 'ana visits "About us"', _page),
    (r' searches for "(?P<what>[^"]+)"', 'ana searches for "mug"', _searches),
    (r" is asked into (?P<journey>[a-z0-9_]+)", "ana is asked into vip_care", _asked),
)
"""(pattern of what follows the name, an example, what it says). The first that fits is taken."""

_COMPILED = tuple((re.compile(pattern), sentence) for pattern, _, sentence in SENTENCES)


def say(speaker: Speaker, words: str) -> Said:
    """The event told by the words after a person's name. Raises ValueError that lists what can be said."""
    for pattern, sentence in _COMPILED:
        match = pattern.fullmatch(words)
        if match is not None:
            return sentence(speaker, match)
    examples = "\n  ".join(example for _, example, _ in SENTENCES)
    raise ValueError(f'nothing known is said by "{speaker.person.name}{words}". What can be said:\n  {examples}')
