"""What tells who somebody is: whoever may see figures and no names must not ask for it, not even how it begins.

One list, by the last words of a name however it is spelled: `trait.billing.eMail` asks for an email.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .tree import Aggregate, EntryProperty, Node, Property, RunKey, Trait, walk

OF_PEOPLE: frozenset[str] = frozenset(
    """
    email mail mailaddress emailaddress phone phonenumber telephone tel mobile mobilephone msisdn fax whatsapp
    firstname lastname fullname givenname familyname surname middlename maidenname nickname displayname username
    login handle address addressline addressline1 addressline2 street street1 street2 housenumber postcode postalcode
    zip zipcode latitude longitude lat lng lon birthday birthdate birthday dateofbirth dob ssn
    nationalid taxid vatid vatnumber passport iban card cardnumber ip ipaddress userid customerid anonymousid shopid
    accountid externalid deviceid devicetoken token pushtoken cookie avatar facebook
    instagram twitter linkedin useragent orderid orderno ordernumber invoiceid invoicenumber trackingnumber
    transactionid checkoutid cartid paymentid
    """.split()  # noqa: SIM905 – a list of words is read as words
)
"""Names of traits and of events' properties, in small letters and without separators. Add to it freely."""

OF_TRAITS: frozenset[str] = OF_PEOPLE | frozenset(
    "name first last id key title company notes url website photo picture city town location geo".split()  # noqa: SIM905
)
"""Of a trait more words are about the person: an event's `name` is a product's, its `url` a page's."""

AT_THE_END: frozenset[str] = frozenset(
    """
    email emailaddress mailaddress phone phonenumber telephone firstname lastname fullname surname nickname username
    street postcode postalcode zipcode birthday birthdate dateofbirth ssn taxid passport passportnumber iban cardnumber
    ipaddress address addressline userid customerid orderid ordernumber
    """.split()  # noqa: SIM905
)
"""Of these, whatever stands before them: `contact_email`, `shippingAddress`."""

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SEPARATORS = re.compile(r"[^a-z0-9]+")


def identifying(tree: Node, more: Iterable[str] = ()) -> list[str]:
    """The names in a condition that tell who somebody is, as they are written. `more`: the shop's own such names."""
    own = frozenset(map(_plain, more))
    found: dict[str, None] = {}
    for node in walk(tree):
        match node:
            case Trait(path=path) if _is_any(path, OF_TRAITS | own):
                found[".".join(("trait", *path))] = None
            case Property(path=path) | EntryProperty(path=path) | Aggregate(value=path) if _is_any(
                path, OF_PEOPLE | own
            ):
                found[".".join(path)] = None
            case RunKey():
                found["run.key"] = None
    return list(found)


def _is_any(path: tuple[str, ...], words: frozenset[str]) -> bool:
    return any(_plain(name) in words or _ends_so(name) for name in path)


def _ends_so(name: str) -> bool:
    parts = [part.lower() for part in _WORDS.findall(name)]
    return any("".join(parts[start:]) in AT_THE_END for start in range(1, len(parts)))


def _plain(name: str) -> str:
    return _SEPARATORS.sub("", name.lower())
