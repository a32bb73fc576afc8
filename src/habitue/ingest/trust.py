"""What a source may claim: the last step of every dialect's pipeline. The table it applies is `model/claims.py`."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from habitue.model.claims import BY_NAME, CONSENTS, OF_THE_BROWSER, ORDER_NAMES, SPELLED_TRAITS, spelled
from habitue.model.identifier import IDENTIFIERS, USER
from habitue.model.trust import FOLDED, PREVIOUS, PUBLIC, RANK

from .draft import Draft
from .rejection import Reject, Rejection
from .settings import TrustRules

USER_HASH, LINK = "user_hash", "link"
"""Kinds of proof."""
_HASH_NAMES = ("userHash", "user_hash")
_PROVING = ("method", "token", "actor", "requested_at", "confirmed_at")
"""How a consent was made sure of: for those to say who made sure of it."""


def put_trust(draft: Draft, rules: TrustRules) -> Reject | None:
    """Believe what the source's level may say; the rest becomes less, a claim, or a dead letter."""
    draft.context.pop(FOLDED, None)
    level = draft.reception.level
    claim = BY_NAME.get(draft.name)
    if claim is not None and RANK[level] < RANK[claim.least] and not _is_allowed(draft, rules):
        if not claim.weaker:
            found = f'"{draft.name}" from the source "{draft.reception.source}", which is of level {level}'
            return Reject(Rejection.NOT_FOR_THIS_SOURCE, f"{found}; only {claim.least} or higher may say it")
        draft.name = claim.weaker
    if level in PUBLIC:
        _put_traits(draft, rules)
        _put_claims(draft, rules)
        if draft.name in CONSENTS:
            for word in _PROVING:
                draft.properties.pop(word, None)
    return None


def _is_allowed(draft: Draft, rules: TrustRules) -> bool:
    """Whether it may be said all the same: by the shop's choice, or because it concerns the browser alone."""
    if draft.name in ORDER_NAMES:
        return rules.orders == "browser" and draft.reception.level in PUBLIC
    channel = draft.properties.get("channel")
    return draft.name == "Consent Granted" and isinstance(channel, str) and channel in OF_THE_BROWSER


def _put_traits(draft: Draft, rules: TrustRules) -> None:
    """What the shop knows or grants is not for a page to say. The names are noted, the values are gone."""
    if not draft.traits:
        return
    left_out = [name for name in draft.traits if _is_for_servers(name, rules)]
    if left_out:
        draft.traits = {name: value for name, value in draft.traits.items() if name not in left_out}
        draft.context["traits_left_out"] = left_out


def _is_for_servers(name: str, rules: TrustRules) -> bool:
    spelling = spelled(name)
    return spelling in SPELLED_TRAITS or spelling in rules.server_traits


def _put_claims(draft: Draft, rules: TrustRules) -> None:
    """Whoever is named without proof leads to nobody: the event is the visitor's alone."""
    signature = _taken_user_hash(draft)
    if rules.identity == "browser":
        return
    claims: dict[str, str] = {}
    if draft.user_id is not None:
        if _has_signed(draft, draft.user_id, signature):
            draft.proof = USER_HASH
        else:
            claims[USER], draft.user_id = draft.user_id, None
    if draft.previous_id is not None and draft.user_id is None:
        claims[PREVIOUS], draft.previous_id = draft.previous_id, None
    if draft.identifiers:
        # The hash is over the user id alone: whoever has an account could claim anybody's address with it.
        claims.update((kind, value) for kind, value in draft.identifiers.items() if IDENTIFIERS[kind].strong)
        if claims:
            draft.identifiers = {kind: value for kind, value in draft.identifiers.items() if kind not in claims}
    draft.claims = claims


def _has_signed(draft: Draft, user_id: str, signature: str) -> bool:
    """Whether the shop's server signed this user id: HMAC-SHA256 in hex. In constant time."""
    secret = draft.reception.user_secret
    if not secret or not signature:
        return False
    made = hmac.new(secret, user_id.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
    return hmac.compare_digest(made.encode(), signature.lower().encode("utf-8", "replace"))


def _taken_user_hash(draft: Draft) -> str:
    """The hash, wherever its client can carry one; it is a credential, and so is never kept with the event."""
    found = ""
    context = draft.context
    integrations = context.get("integrations")
    of_integrations = integrations.values() if isinstance(integrations, dict) else ()
    for place in (context, draft.traits, context.get("traits"), draft.properties, *of_integrations):
        if isinstance(place, dict):
            found = _taken(place) or found
    return found


def _taken(place: dict[str, Any]) -> str:
    found = ""
    for name in _HASH_NAMES:
        if name in place:
            value = place.pop(name)
            found = value.strip() if isinstance(value, str) else found
    return found
