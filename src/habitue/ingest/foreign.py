"""Other systems' messages: each is translated into items of one shape, which then go the same road as everybody's."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import msgspec
import structlog

from . import segment
from .pipeline import Draft, Received, Reception, Step, receive
from .rejection import Reject, Rejection
from .settings import IngestSettings
from .values import present

EVENT_BYTES_MAX = 256 * 1024
"""A shop's order may list hundreds of products, and there is no sender to tell that it should be smaller."""

Item: TypeAlias = dict[str, Any]

_log = structlog.get_logger(__name__)


def told(
    name: str,
    *,
    id: str = "",
    at: Any = None,
    properties: dict[str, Any] | None = None,
    identifiers: dict[str, str] | None = None,
    user_id: str = "",
    anonymous_id: str = "",
    context: dict[str, Any] | None = None,
) -> Item:
    """Something that happened. `id` is made of what the sender cannot say twice for two different things."""
    return {
        "type": "track",
        "event": name,
        **_who_and_when(id, at, identifiers, user_id, anonymous_id, context),
        "properties": properties or {},
    }


def known(
    traits: dict[str, Any],
    *,
    id: str = "",
    at: Any = None,
    identifiers: dict[str, str] | None = None,
    user_id: str = "",
    anonymous_id: str = "",
    context: dict[str, Any] | None = None,
) -> Item:
    """What is said of a person herself."""
    return {
        "type": "identify",
        **_who_and_when(id, at, identifiers, user_id, anonymous_id, context),
        "traits": traits,
    }


def _who_and_when(
    id: str,
    at: Any,
    identifiers: dict[str, str] | None,
    user_id: str,
    anonymous_id: str,
    context: dict[str, Any] | None,
) -> Item:
    return present(
        messageId=id,
        timestamp=at,
        identifiers=identifiers,
        userId=user_id,
        anonymousId=anonymous_id,
        context=context,
    )


def put_identities(draft: Draft) -> Reject | None:
    """Who it was, as the translation found. Nobody is an answer too: a shop also tells of products."""
    item = draft.item
    draft.user_id = item.get("userId")
    draft.anonymous_id = item.get("anonymousId")
    draft.identifiers = item.get("identifiers") or {}
    return None


STEPS: tuple[Step, ...] = (
    segment.put_type,
    segment.put_context,
    put_identities,
    segment.put_name,
    segment.put_properties,
    segment.put_traits,
    segment.put_ids_of_things,
    segment.put_commerce_types,
    segment.put_time,
    segment.put_message_id,
)


def receive_translated(
    content: Any,
    translate: Callable[[dict[str, Any]], Iterable[Item] | Reject],
    reception: Reception,
    settings: IngestSettings,
) -> Received:
    """A webhook's content as events, or as a dead letter: signed and parsed, it is never sent back."""
    roomy = msgspec.structs.replace(settings, event_bytes_max=max(settings.event_bytes_max, EVENT_BYTES_MAX))
    if not isinstance(content, dict):
        return receive([content], reception, STEPS, roomy)
    try:
        items = translate(content)
    except Exception as fault:  # noqa: BLE001 - a fault of ours in one message must not make the shop give up on us
        _log.exception("message_not_read", source=reception.source)
        items = Reject(Rejection.FAILED, repr(fault)[:200])
    if isinstance(items, Reject):
        reject = items
        return receive([content], reception, (lambda _draft: reject,), roomy)
    return receive(items, reception, STEPS, roomy)
