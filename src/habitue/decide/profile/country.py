"""Which country's law protects her: the one she lives in, as far as that is known."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale

from habitue.model.customer import Customer
from habitue.playbook.countries import CALLING_CODES
from habitue.playbook.playbook import Shop

from .consent_words import phone

LANGUAGES = ("en", "tr", "es", "de", "fr", "it", "pt", "nl")
"""In which a country's name is understood."""
_ALSO = {"uk": "GB", "usa": "US", "england": "GB", "scotland": "GB", "wales": "GB", "turkey": "TR", "turkiye": "TR"}
LENGTH_MAX = 60


def country_of(customer: Customer, shop: Shop) -> tuple[str, str]:
    """(two letters, how that is known): her address, else her phone number, else where the shop is. Empty: unknown."""
    address = customer.traits.get("address")
    said = [address.get("country")] if isinstance(address, dict) else []
    for name in [*said, customer.traits.get("country")]:
        code = country_code(name) if isinstance(name, str) else ""
        if code:
            return code, "address"
    home = shop_country(shop)
    number = phone(customer)
    if number:
        code = _country_called(number, home)
        if code:
            return code, "phone"
    return home, "shop"


def shop_country(shop: Shop) -> str:
    """Where the shop says it is, else what its locale says: `en-GB` is Great Britain's."""
    if shop.country:
        return shop.country
    parts = shop.locale.replace("_", "-").split("-")
    return parts[-1].upper() if len(parts) > 1 and len(parts[-1]) == 2 else ""


def country_code(name: str) -> str:
    """Two letters for `DE`, `Germany`, `Deutschland`; empty when nobody knows what is meant."""
    return _code_of(name.strip().lower()) if len(name) <= LENGTH_MAX else ""


@lru_cache(maxsize=2_000)
def _code_of(name: str) -> str:
    return _ALSO.get(name) or _names().get(name, "")


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    names: dict[str, str] = {}
    for language in LANGUAGES:
        territories = Locale.parse(language).territories
        for code, name in territories.items():
            if len(code) == 2 and code.isalpha():
                names.setdefault(name.lower(), code)
                names.setdefault(code.lower(), code)
    return names


def _country_called(number: str, home: str) -> str:
    """By the longest calling code. Where countries share one: the shop's own, if among them, else the strictest."""
    digits = number.removeprefix("+")
    for length in (3, 2, 1):
        shared = CALLING_CODES.get(digits[:length])
        if shared:
            return home if home in shared else shared[0]
    return ""
