"""What surrounds the items of a request: a batch with things said for all of them, or one event on its own."""

from __future__ import annotations

from typing import Any

import orjson
from msgspec.structs import replace

from habitue.model.instant import Instant
from habitue.model.trust import Level

from .pipeline import Received, Reception, receive
from .rejection import Refusal, Refused
from .segment import STEPS
from .settings import IngestSettings
from .times import read_time
from .tree import kind_of, mended

_SHARED_BYTES_MAX = 8_192


def event_of(content: Any, call: str, reception: Reception, settings: IngestSettings) -> Received:
    """One event whose kind the address named. Raises Refused when the content is no object at all."""
    if not isinstance(content, dict):
        raise Refused(Refusal.INVALID_EVENT, f"the body is {kind_of(content)}; an object was expected")
    sent_at = read_time(content.get("sentAt")) or reception.sent_at
    return receive([content], replace(reception, call=call, sent_at=sent_at), STEPS, settings)


def batch_of(content: Any, reception: Reception, settings: IngestSettings) -> Received:
    """A batch as clients send it. Raises Refused for what is no batch; of a bad item, only the item is dead.

    `reception.sent_at` is what a header says; the batch's own word goes before it.
    """
    items = content.get("batch") if isinstance(content, dict) else None
    if not isinstance(items, list):
        raise Refused(Refusal.INVALID_BATCH, 'the body must be an object with a list "batch"')
    if len(items) > settings.batch_events_max:
        found = f"the batch has {len(items)} events"
        raise Refused(Refusal.TOO_MANY_EVENTS, f"{found}; at most {settings.batch_events_max} are taken at once")
    of_all = replace(
        reception,
        sent_at=read_time(content.get("sentAt")) or reception.sent_at,
        context=_shared(content, "context"),
        integrations=_shared(content, "integrations"),
    )
    return receive(items, of_all, STEPS, settings)


def receive_batch(content: Any, source: str, level: Level, received_at: Instant, settings: IngestSettings) -> Received:
    """A batch that came by another road than HTTP."""
    country = settings.default_country
    reception = Reception(source=source, level=level, received_at=received_at, country=country)
    return batch_of(content, reception, settings)


def _shared(content: dict[str, Any], field: str) -> dict[str, Any]:
    """What the batch says for all its items. Small, because it is kept with each of them."""
    value = content.get(field)
    if not isinstance(value, dict):
        return {}
    shared: dict[str, Any] = mended(value, 32)
    if len(orjson.dumps(shared)) > _SHARED_BYTES_MAX:
        raise Refused(Refusal.INVALID_BATCH, f'the batch\'s "{field}" is larger than {_SHARED_BYTES_MAX} bytes')
    return shared
