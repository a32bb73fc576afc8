"""Why something was decided, as a person reads it: the reason's sentence, and what of a condition was or was not so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from habitue.model.decision import Decision
from habitue.model.reason import SENTENCES

from .conditions import shortfall


def why(decision: Decision) -> str:
    """`The journey's entry condition was not met: the number of pieces in the cart is 2; at least 3 is needed.`"""
    sentence, details = SENTENCES[decision.reason], clauses(decision.detail)
    return f"{sentence.removesuffix('.')}: {', and '.join(details)}." if details else sentence


def clauses(detail: Mapping[str, Any]) -> list[str]:
    """What a decision's particulars say of its condition."""
    return [*shortfall.unmet(_parts(detail, "unmet")), *shortfall.met(_parts(detail, "met"))]


def _parts(detail: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Anything may stand in a ledger that an earlier or a later version wrote."""
    found = detail.get(name)
    return [part for part in found if isinstance(part, Mapping)] if isinstance(found, (list, tuple)) else []
