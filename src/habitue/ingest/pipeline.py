"""From items as they came to events and dead letters: the same road for live requests, imports and tests.

A dialect is a tuple of named steps. Each fills in one part of a draft and may answer with the reason why the item
cannot become an event. Whatever happens to one item, the others of its batch go on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import msgspec
import orjson
import structlog

from habitue.model.event import Event
from habitue.run.ports import DeadLetter

from .draft import Draft, Reception, Step, random_id
from .rejection import Reject, Rejection
from .settings import IngestSettings
from .tree import is_deeper_than, kind_of, mended, mended_text
from .trust import put_trust

__all__ = ["Draft", "Received", "Reception", "Step", "random_id", "read_item", "receive"]

DEAD_LETTER_CHARACTERS_MAX = 8_192

_log = structlog.get_logger(__name__)

_NUL = rb"\u0000"


class Received(msgspec.Struct, frozen=True):
    """What a request came to: every item is in one of the two lists."""

    events: list[Event]
    dead: list[DeadLetter]


def receive(items: Iterable[Any], reception: Reception, steps: tuple[Step, ...], settings: IngestSettings) -> Received:
    """Bring every item into canonical form, or say why not."""
    received = Received([], [])
    for item in items:
        result = read_item(item, reception, steps, settings)
        if isinstance(result, Event):
            received.events.append(result)
        else:
            received.dead.append(result)
    return received


def read_item(item: Any, reception: Reception, steps: tuple[Step, ...], settings: IngestSettings) -> Event | DeadLetter:
    """One item's way through the steps."""
    try:
        result = _event(item, reception, steps, settings)
    except Exception as fault:  # noqa: BLE001 - a fault of ours in one item must not send its whole batch back for ever
        _log.exception("event_not_read", source=reception.source)
        result = Reject(Rejection.FAILED, repr(fault)[:200])
    return _dead_letter(item, reception, result) if isinstance(result, Reject) else result


def _event(item: Any, reception: Reception, steps: tuple[Step, ...], settings: IngestSettings) -> Event | Reject:
    sound = _sound(item, reception, settings)
    if isinstance(sound, Reject):
        return sound
    draft = Draft(sound, reception)
    for step in steps:
        reject = step(draft)
        if reject is not None:
            return reject
    reject = put_trust(draft, settings.trust)
    if reject is not None:
        return reject
    reception.limit_addresses(draft)
    return Event(
        id=draft.id,
        source=reception.source,
        type=draft.type,
        name=draft.name,
        occurred_at=draft.occurred_at,
        user_id=draft.user_id,
        anonymous_id=draft.anonymous_id,
        previous_id=draft.previous_id,
        properties=draft.properties,
        traits=draft.traits,
        context=draft.context,
        identifiers=draft.identifiers,
        level=reception.level,
        claims=draft.claims,
        proof=draft.proof,
    )


def _sound(item: Any, reception: Reception, settings: IngestSettings) -> dict[str, Any] | Reject:
    """The item, if it is an object every encoder can bear; mended where that loses nothing one could want.

    Writing it out once answers everything: its size, whether it holds NUL (a search in bytes), whether it may be nested
    too deeply (it cannot, with few brackets), whether a string or a number cannot be encoded (then writing fails).
    """
    if not isinstance(item, dict):
        return Reject(Rejection.NOT_AN_OBJECT, f"found {kind_of(item)}; an object was expected")
    sound: dict[str, Any] = item
    _merge_shared(sound, reception)
    levels = settings.nesting_levels_max
    text = _written(sound)
    # Size first, so that what follows never walks far.
    size = len(_written_leniently(sound)) if text is None else len(text)
    if size > settings.event_bytes_max:
        return _too_large(size, settings)
    if (text is None or text.count(b"{") + text.count(b"[") > levels) and is_deeper_than(sound, levels):
        return Reject(Rejection.NESTED_TOO_DEEPLY, f"values are nested more than {levels} levels deep")
    if text is None or _NUL in text:
        sound = mended(sound, levels)
        text = orjson.dumps(sound)
    return _too_large(len(text), settings) if len(text) > settings.event_bytes_max else sound


def _too_large(size: int, settings: IngestSettings) -> Reject:
    detail = f"the event has {size} bytes; at most {settings.event_bytes_max} are kept"
    return Reject(Rejection.TOO_LARGE, detail)


def _merge_shared(item: dict[str, Any], reception: Reception) -> None:
    """What the request says for all its items goes in before the item is measured: it is kept with each of them."""
    for field, shared in (("context", reception.context), ("integrations", reception.integrations)):
        if shared:
            own = item.get(field)
            if not own or isinstance(own, dict):
                item[field] = {**shared, **(own or {})}


def _written(item: Any) -> bytes | None:
    try:
        return orjson.dumps(item)
    except TypeError:  # Lone surrogates, integers beyond 64 bits, hundreds of levels.
        return None


def _written_leniently(item: Any) -> str:
    """What the strict writer refuses, with at most as many characters as it has bytes."""
    try:
        return json.dumps(item, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        return "nested too deeply to be shown"


def _dead_letter(item: Any, reception: Reception, reject: Reject) -> DeadLetter:
    # Steps may have moved parts of the item around by now; what is kept is for people to read, not to be replayed.
    written = _written(item)
    text = _written_leniently(item) if written is None else written.decode()
    return DeadLetter(
        source=reception.source,
        reason=reject.reason.value,
        detail=reject.detail,
        body=mended_text(text[:DEAD_LETTER_CHARACTERS_MAX]),
    )
