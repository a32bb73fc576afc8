"""What surrounds the items of a request: a batch with things said for all of them, or one event on its own."""

from __future__ import annotations

from typing import Any

import orjson

from habitue.model.instant import Instant

from .pipeline import Received, Reception, receive
from .rejection import Refusal, Refused
from .segment import STEPS
from .settings import IngestSettings
from .times import read_time
from .tree import kind_of, mended

_SHARED_BYTES_MAX = 8_192


def receive_event(
    content: Any,
    call: str,
    source: str,
    received_at: Instant,
    settings: IngestSettings,
    *,
    sent_at: Instant | None = None,
    ip: str | None = None,
    gpc: bool = False,
) -> Received:
    """One event whose kind the address named. Raises Refused when the content is no object at all."""
    if not isinstance(content, dict):
        raise Refused(Refusal.INVALID_EVENT, f"the body is {kind_of(content)}; an object was expected")
    reception = Reception(
        source=source,
        received_at=received_at,
        call=call,
        sent_at=read_time(content.get("sentAt")) or sent_at,
        ip=ip,
        gpc=gpc,
        country=settings.default_country,
    )
    return receive([content], reception, STEPS, settings)


def receive_batch(
    content: Any,
    source: str,
    received_at: Instant,
    settings: IngestSettings,
    *,
    sent_at: Instant | None = None,
    ip: str | None = None,
    gpc: bool = False,
) -> Received:
    """A batch as clients send it. Raises Refused for what is no batch; of a bad item, only the item is dead.

    `sent_at` is what a header says; the batch's own word goes before it.
    """
    items = content.get("batch") if isinstance(content, dict) else None
    if not isinstance(items, list):
        raise Refused(Refusal.INVALID_BATCH, 'the body must be an object with a list "batch"')
    if len(items) > settings.batch_events_max:
        found = f"the batch has {len(items)} events"
        raise Refused(Refusal.TOO_MANY_EVENTS, f"{found}; at most {settings.batch_events_max} are taken at once")
    reception = Reception(
        source=source,
        received_at=received_at,
        sent_at=read_time(content.get("sentAt")) or sent_at,
        context=_shared(content, "context"),
        integrations=_shared(content, "integrations"),
        ip=ip,
        gpc=gpc,
        country=settings.default_country,
    )
    return receive(items, reception, STEPS, settings)


def _shared(content: dict[str, Any], field: str) -> dict[str, Any]:
    """What the batch says for all its items. Small, because it is kept with each of them."""
    value = content.get(field)
    if not isinstance(value, dict):
        return {}
    shared: dict[str, Any] = mended(value, 32)
    if len(orjson.dumps(shared)) > _SHARED_BYTES_MAX:
        raise Refused(Refusal.INVALID_BATCH, f'the batch\'s "{field}" is larger than {_SHARED_BYTES_MAX} bytes')
    return shared
