"""The live event debugger: what comes in, the moment it comes, as server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse

from habitue.console.gate import session_of
from habitue.console.ports import Services
from habitue.console.roles import WITH_ENGINE
from habitue.console.visit import Visit
from habitue.model.event import Record
from habitue.model.instant import to_iso
from habitue.run.ports import DeadLetter

STREAMS_MAX = 20
"""Each asks the log several times a second; nobody needs more windows than this on it."""
PAUSE_SECONDS = 0.5
LIFE_SECONDS = 600
"""Then the browser asks anew."""
SHOWN_AT_ONCE = 40
"""More than this between two looks is passed over, and said so: nobody reads hundreds of lines a second."""

_open: set[object] = set()


def stream(visit: Visit) -> Response:
    """A stream of `event`, `rejected` and `passed` messages; `source` narrows it to one source."""
    if len(_open) >= STREAMS_MAX:
        raise HTTPException(503, f"{STREAMS_MAX} live views are open already. Close one, then reload this page.")
    headers = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}
    token, accounts = session_of(visit.services, visit.request), visit.services.accounts

    def may_look() -> bool:
        user = accounts.user_of(token, by_hand=False)
        return user is not None and user.role in WITH_ENGINE

    messages = _follow(visit.services, visit.query("source"), may_look)
    return StreamingResponse(messages, media_type="text/event-stream", headers=headers)


async def _follow(services: Services, source: str, may_look: Callable[[], bool]) -> AsyncIterator[bytes]:
    """Until who looks has signed out, or may not look any more."""
    mark = object()
    _open.add(mark)
    try:
        position = await run_in_threadpool(services.log.position)
        newest = await run_in_threadpool(services.log.dead_letters, 1)
        letter = newest[0].id if newest else 0
        yield b"retry: 2000\n\n"
        for _ in range(int(LIFE_SECONDS / PAUSE_SECONDS)):
            if not await run_in_threadpool(may_look):
                return
            last = await run_in_threadpool(services.log.position)
            if last - position > SHOWN_AT_ONCE:
                yield _message("passed", {"count": last - position - SHOWN_AT_ONCE})
                position = last - SHOWN_AT_ONCE
            records = await run_in_threadpool(services.log.read, position, SHOWN_AT_ONCE) if last > position else []
            for record in records:
                position = record.position
                if not source or record.event.source == source:
                    yield _message("event", told(record))
            letters = await run_in_threadpool(services.log.dead_letters, SHOWN_AT_ONCE)
            for one in reversed([one for one in letters if one.id > letter]):
                letter = one.id
                if not source or one.source == source:
                    yield _message("rejected", _refused(one))
            if not records:
                yield b": here\n\n"
            await asyncio.sleep(PAUSE_SECONDS)
    finally:
        _open.discard(mark)


def told(record: Record) -> dict[str, Any]:
    """An event as the page shows it."""
    event = record.event
    return {
        "position": record.position,
        "received_at": to_iso(record.received_at),
        "name": event.name,
        "source": event.source,
        "type": event.type,
        "who": event.user_id or event.anonymous_id or next(iter(event.identifiers.values()), ""),
        "body": {
            "id": event.id,
            "occurred_at": to_iso(event.occurred_at),
            "user_id": event.user_id,
            "anonymous_id": event.anonymous_id,
            "identifiers": event.identifiers,
            "properties": event.properties,
            "traits": event.traits,
            "context": event.context,
        },
    }


def _refused(letter: DeadLetter) -> dict[str, Any]:
    return {
        "received_at": to_iso(letter.received_at),
        "name": letter.reason,
        "source": letter.source,
        "detail": letter.detail,
        "body": letter.body[:4_000],
    }


def _message(kind: str, data: dict[str, Any]) -> bytes:
    # JSON holds no line break, so one data line is enough whatever a visitor sent.
    return b"event: " + kind.encode() + b"\ndata: " + orjson.dumps(data, default=str) + b"\n\n"
