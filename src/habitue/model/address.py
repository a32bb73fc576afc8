"""An email address in the one spelling it is known by and compared in.

`Ana@BÜCHER.example`, `ana@bücher.example` and `ana@xn--bcher-kva.example` are one address. The part after the @ is a
domain in the letters of DNS (IDNA 2008); the part before it is taken without regard to case, as every large provider
does. What nobody sees (a zero-width space out of a copied text) is no part of it.
"""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from functools import lru_cache

import idna

CHARACTERS_MAX = 255
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff\u00ad"))

_DOTTED = "i\u0307"


def spelled(address: str) -> str:
    """The address in its one spelling; empty for what is no address at all."""
    bare = address.strip()
    if bare.isascii() and "xn--" not in bare:
        return bare.lower() if "@" in bare else ""
    return _spelled(bare) if len(bare) <= CHARACTERS_MAX else ""


@lru_cache(maxsize=4_096)
def _spelled(address: str) -> str:
    local, at, domain = unicodedata.normalize("NFKC", address.translate(_UNSEEN)).strip().rpartition("@")
    if not at:
        return ""
    # Lower case of a Turkish İ is an i with a dot above it, which nobody types.
    return f"{unicodedata.normalize('NFKC', local.lower().replace(_DOTTED, 'i'))}@{_domain(domain)}"


def _domain(domain: str) -> str:
    """As DNS writes it; one that it cannot write stays as it is, in small letters."""
    try:
        return idna.encode(domain, uts46=True, std3_rules=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        return domain.lower()


def spellings(address: str) -> list[str]:
    """The one spelling first, then those that earlier versions kept the same address in."""
    found = [spelled(address), address.strip().lower()]
    local, at, domain = found[0].rpartition("@")
    if at and "xn--" in domain:
        with suppress(idna.IDNAError, UnicodeError):  # It may only look like one.
            found.append(f"{local}@{idna.decode(domain)}")
    return list(dict.fromkeys(one for one in found if one))
