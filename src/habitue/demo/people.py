"""Who the customers of the file might be: it has numbers and countries only, so names and consents are derived.

Every e-mail address ends in a domain that can never belong to anybody (`example.com`, `mail.example`).
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from .chance import pick, share

CONSENT_PERCENT = 70
"""How many customers are taken to have said yes to e-mail: about what a shop with an honest question sees."""

_NORDIC = {"da", "nb", "sv", "fi", "is"}
_ADDRESS = re.compile(r"^[a-z.]+\.(\d{5})@(?:example\.com|mail\.example)$")


class Person(NamedTuple):
    user_id: str
    first_name: str
    last_name: str
    email: str
    country: str
    timezone: str
    locale: str
    consents: bool


def person(customer: str, country: str) -> Person:
    """The person behind a customer number: for ever the same for the same number and country."""
    timezone, locale = _countries().get(country, ("Europe/London", "en-GB"))
    first_names, last_names = _names(locale[:2])
    first = pick(first_names, "first name", customer)
    last = pick(last_names, "last name", customer)
    domain = pick(("example.com", "mail.example"), "domain", customer)
    return Person(
        user_id=customer,
        first_name=first,
        last_name=last,
        email=f"{_plain(first)}.{_plain(last)}.{customer}@{domain}",
        country=country,
        timezone=timezone,
        locale=locale,
        consents=share(CONSENT_PERCENT, "consent", customer),
    )


def customer_of(email: str) -> str | None:
    """The customer number in a derived address: whoever signs in with one is that customer."""
    match = _ADDRESS.match(email.strip().lower())
    return match[1] if match else None


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(files("habitue.demo").joinpath("data/people.toml").read_text("utf-8"))


@cache
def _countries() -> dict[str, tuple[str, str]]:
    return {name: (zone, locale) for name, (zone, locale) in _data()["countries"].items()}


@cache
def _names(language: str) -> tuple[list[str], list[str]]:
    """First and last names of a language; one without names of its own borrows the English ones."""
    lists = _data()["names"]
    chosen = lists["nordic"] if language in _NORDIC else lists.get(language, lists["en"])
    return chosen["first"].split(), chosen["last"].split()


def _plain(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower().translate(_PLAIN))


_PLAIN = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e", "è": "e", "ê": "e", "ë": "e", "ç": "c", "á": "a", "í": "i"}
    | {"ó": "o", "ñ": "n", "ã": "a", "å": "a", "ø": "o", "à": "a", "ô": "o", "ú": "u", "â": "a"}
)
