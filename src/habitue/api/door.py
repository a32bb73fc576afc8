"""The door of the API: every request comes in here, and every answer and every problem goes out here."""

from __future__ import annotations

import asyncio
import hashlib
import inspect
from collections.abc import Sequence
from typing import Any

import msgspec
import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from habitue.errors import HabitueError
from habitue.model.api_key import ApiKey, KeptAnswer

from . import reading
from .gate import Gate, require
from .operation import Call, Nothing, Operation, Page
from .ports import Busy, Services
from .problems import MEDIA_TYPE, ApiError, Kind

log = structlog.get_logger("api")

RETRY_SECONDS = "5"
REPLAYED = "Idempotency-Replayed"
NOWHERE = "none"
"""What requests are counted under that reach no operation."""


class Door:
    """The ASGI application behind `/api/v1/`."""

    def __init__(self, operations: Sequence[Operation[Any, Any]], services: Services, gate: Gate) -> None:
        self._routes = reading.routes(operations)
        self._services = services
        self._gate = gate
        self._under_way: set[tuple[str, str]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        response, operation = await self._answered(request)
        self._services.tally.add(operation, response.status_code)
        await response(scope, receive, send)

    async def _answered(self, request: Request) -> tuple[Response, str]:
        name, headers = NOWHERE, {"Cache-Control": "no-store"}
        try:
            raw_path = request.scope.get("raw_path") or request.url.path.encode()
            operation, path = reading.find(self._routes, raw_path, request.method)
            name = operation.id
            key = await self._gate.key(request)
            headers |= self._gate.count(key)
            require(key, operation.scope)
            return await self._carried_out(request, operation, path, key, headers), name
        except ApiError as error:
            return self._problem(error, headers), name
        except Busy as busy:
            seconds = {"Retry-After": str(busy.seconds)}
            return self._problem(ApiError(Kind.UNAVAILABLE, str(busy), headers=seconds), headers), name
        except HabitueError as error:
            # The path and the cause are the operator's business.
            log.error("a store did not answer", operation=name, error=str(error))
            detail = "what is needed cannot be read or written now; ask again later"
            unavailable = ApiError(Kind.UNAVAILABLE, detail, headers={"Retry-After": RETRY_SECONDS})
            return self._problem(unavailable, headers), name
        except Exception:
            log.exception("a request failed", operation=name)
            detail = "the request failed; this is a fault in Habitue, and its log says where"
            return self._problem(ApiError(Kind.INTERNAL, detail), headers), name

    async def _carried_out(
        self,
        request: Request,
        operation: Operation[Any, Any],
        path: dict[str, str],
        key: ApiKey,
        headers: dict[str, str],
    ) -> Response:
        services = self._services
        query = reading.read_query(operation.query, request.scope.get("query_string", b""))
        body, raw = await reading.read_body(request, operation.body, services.body_bytes_max)
        call = Call(
            operation=operation,
            services=services,
            key=key,
            path=path,
            query=query,
            body=body,
            idempotency_key=reading.read_idempotency_key(request) if operation.method == "POST" else "",
            body_bytes=len(raw),
            now=services.clock.now(),
        )
        if not call.idempotency_key:
            return self._response(operation, await _answer(call), headers)
        return await self._once(call, _fingerprint(request, raw), headers)

    async def _once(self, call: Call[Any, Any], fingerprint: bytes, headers: dict[str, str]) -> Response:
        """Carry the request out, or answer what it was answered before."""
        store, place = self._services.store, (call.key.id, call.idempotency_key)
        if place in self._under_way:
            detail = f'a request with the idempotency key "{call.idempotency_key}" is being answered'
            raise ApiError(Kind.IN_PROGRESS, detail, headers={"Retry-After": "1"})
        self._under_way.add(place)
        try:
            kept = await asyncio.to_thread(store.answer, *place, call.now)
            if kept is not None:
                return _again(call, kept, fingerprint, headers)
            answer = await _answer(call)
            response = self._response(call.operation, answer, headers)
            body = response.body if not call.operation.withheld else _encoded(_withheld(call.operation, answer))
            keep = KeptAnswer(fingerprint=fingerprint, status=response.status_code, body=bytes(body))
            await asyncio.to_thread(store.keep_answer, *place, keep, call.now)
            return response
        finally:
            self._under_way.discard(place)

    def _response(self, operation: Operation[Any, Any], answer: Any, headers: dict[str, str]) -> Response:
        if operation.answer is Nothing:
            return Response(status_code=operation.status, headers=headers)
        if isinstance(answer, Page) and answer.next:
            headers = {**headers, "Link": f'<{answer.next}>; rel="next"'}
        return Response(_encoded(answer), operation.status, headers, "application/json")

    def _problem(self, error: ApiError, headers: dict[str, str]) -> Response:
        body = msgspec.json.encode(error.problem(self._services.address))
        return Response(body, error.kind.status, {**headers, **error.headers}, MEDIA_TYPE)


async def _answer(call: Call[Any, Any]) -> Any:
    handler = call.operation.handler
    if inspect.iscoroutinefunction(handler):
        return await handler(call.services, call)
    # It reads from the disk; others should not have to wait for it.
    return await run_in_threadpool(handler, call.services, call)


def _encoded(answer: Any) -> bytes:
    return msgspec.json.encode(answer)


def _withheld(operation: Operation[Any, Any], answer: Any) -> Any:
    return msgspec.structs.replace(answer, **dict.fromkeys(operation.withheld))


def _again(call: Call[Any, Any], kept: KeptAnswer, fingerprint: bytes, headers: dict[str, str]) -> Response:
    if kept.fingerprint != fingerprint:
        raise ApiError(
            Kind.IDEMPOTENCY_MISMATCH,
            f'the idempotency key "{call.idempotency_key}" was used in the last 24 hours for another request',
        )
    return Response(kept.body, kept.status, {**headers, REPLAYED: "true"}, "application/json")


def _fingerprint(request: Request, body: bytes) -> bytes:
    address = f"{request.method} {request.scope.get('raw_path', b'')!r} {request.scope.get('query_string', b'')!r}"
    return hashlib.sha256(address.encode() + b"\n" + body).digest()
