"""Email addresses in the form for the wire: a local part without tricks, a domain in ASCII."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import idna

from .headers import one_line

LOCAL_OCTETS_MAX = 64
DOMAIN_CHARACTERS_MAX = 253
ADDRESS_CHARACTERS_MAX = LOCAL_OCTETS_MAX + 1 + DOMAIN_CHARACTERS_MAX
SENDER_CHARACTERS_MAX = 500
# What RFC 5322 allows outside quotes, dots in any place: some old providers gave out addresses such as `ana..@`.
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+")
_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')


class BadRecipient(ValueError):
    """The customer's address cannot be written to."""


class BadSender(ValueError):
    """The playbook's sender is not an email address."""


class Mailbox(NamedTuple):
    name: str
    address: str
    domain: str


def recipient(address: str) -> str:
    """The address with its domain in ASCII. Raises BadRecipient."""
    try:
        return "@".join(_address(address))
    except ValueError as error:  # UnicodeError and idna's errors too
        raise BadRecipient(f'"{address[:100]}" cannot be written to: {error}') from error


@lru_cache(maxsize=256)
def sender(text: str) -> Mailbox:
    """`Gift Shop <hello@shop.example>` or the address alone. Raises BadSender."""
    try:
        if len(text) > SENDER_CHARACTERS_MAX:
            raise ValueError(f"at most {SENDER_CHARACTERS_MAX} characters")
        name, opening, address = text.strip().rpartition("<")
        if opening and not address.endswith(">"):
            raise ValueError("expected a sender like: Gift Shop <hello@shop.example>")
        local, domain = _address(address.removesuffix(">") if opening else address)
    except ValueError as error:
        raise BadSender(f'"{text[:100]}" is not a sender: {error}') from error
    return Mailbox(_unquoted(one_line(name)), f"{local}@{domain}", domain)


def _address(text: str) -> tuple[str, str]:
    if len(text) > ADDRESS_CHARACTERS_MAX:
        raise ValueError(f"it is longer than {ADDRESS_CHARACTERS_MAX} characters")
    local, at, domain = text.strip().rpartition("@")
    if not (local and at and domain):
        raise ValueError("it is not of the form name@domain")
    # `=?` never stands in a real mailbox, and careless readers decode it.
    if not all(_LOCAL.fullmatch(one) if one.isascii() else one.isprintable() for one in local) or "=?" in local:
        raise ValueError("the part before the @ has characters that cannot be sent")
    if len(local.encode()) > LOCAL_OCTETS_MAX:
        raise ValueError(f"the part before the @ is longer than {LOCAL_OCTETS_MAX} bytes")
    return local, _domain(domain)


def _domain(text: str) -> str:
    domain = text if text.isascii() else idna.encode(text, uts46=True).decode("ascii")
    if len(domain) > DOMAIN_CHARACTERS_MAX or not all(map(_LABEL.fullmatch, domain.split("."))):
        raise ValueError("the part after the @ is not a domain")
    return domain


def _unquoted(name: str) -> str:
    quoted = _QUOTED.fullmatch(name)
    return re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else name
