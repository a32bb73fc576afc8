"""One question to the server as a value, and what to make of its answer. The two clients differ in how they wait."""

from __future__ import annotations

import random
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Generic, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from .errors import ProblemError, problem_of

T = TypeVar("T")

BASE = "/api/v1"
WORTH_RETRYING = frozenset({409, 429, 502, 503, 504})
_IN_PROGRESS = "in-progress"


class Retries(msgspec.Struct, frozen=True, kw_only=True):
    """How often a request is tried again, and how long it may wait in all.

    The server's `Retry-After` is heeded; without one, waits double from `first_seconds`, each shortened by chance so
    that many clients do not come back at once.
    """

    times: int = 5
    first_seconds: float = 0.25
    seconds_max: float = 90.0


class Ask(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """A question. A POST carries an idempotency key, so that repeating it is harmless."""

    method: str
    path: str
    answer: type[T]
    query: dict[str, str] = {}
    body: bytes | None = None
    idempotency_key: str = ""

    def headers(self) -> dict[str, str]:
        headers = {"Accept": "application/json, application/problem+json"}
        if self.body is not None:
            headers["Content-Type"] = "application/json"
        if self.idempotency_key:
            headers["Idempotency-Key"] = self.idempotency_key
        return headers


class Page(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """A page of a list. `cursor` leads to the next one; `resume`, of the log, is good for ever."""

    data: list[T]
    next: str | None = None
    cursor: str | None = None
    resume: str | None = None


def get(path: Sequence[str], answer: type[T], query: Mapping[str, Any] | None = None) -> Ask[T]:
    return Ask(method="GET", path=_path(path), answer=answer, query=_query(query or {}))


def post(path: Sequence[str], answer: type[T], body: Any, idempotency_key: str | None) -> Ask[T]:
    return Ask(
        method="POST",
        path=_path(path),
        answer=answer,
        body=msgspec.json.encode(body),
        idempotency_key=idempotency_key or uuid.uuid4().hex,
    )


def put(path: Sequence[str], answer: type[T], body: Any) -> Ask[T]:
    return Ask(method="PUT", path=_path(path), answer=answer, body=msgspec.json.encode(body))


def delete(path: Sequence[str], answer: type[T]) -> Ask[T]:
    return Ask(method="DELETE", path=_path(path), answer=answer)


def after(ask: Ask[Page[T]], page: Page[T]) -> Ask[Page[T]] | None:
    """The question for the next page, None after the last."""
    if page.cursor is None:
        return None
    return msgspec.structs.replace(ask, query={**ask.query, "cursor": page.cursor})


def read(ask: Ask[T], response: httpx.Response) -> T:
    """The answer. Raises ProblemError when it is none."""
    if response.is_success:
        if ask.answer is type(None):
            return None
        return msgspec.json.decode(response.content, type=ask.answer)
    raise problem_of(response.status_code, response.content, retry_after(response.headers))


def wait_seconds(retries: Retries, tried: int, waited: float, problem: ProblemError | None) -> float | None:
    """How long to wait before asking again; None: not again. `problem` is None when no answer came."""
    if tried > retries.times:
        return None
    if problem is not None:
        if problem.status not in WORTH_RETRYING or (problem.status == 409 and problem.kind != _IN_PROGRESS):
            return None
        if problem.retry_after is not None:
            return problem.retry_after if waited + problem.retry_after <= retries.seconds_max else None
    pause: float = retries.first_seconds * 2 ** (tried - 1) * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
    return pause if waited + pause <= retries.seconds_max else None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, also where a date is given."""
    given = headers.get("retry-after", "").strip()
    if given.isascii() and given.isdigit():
        return float(given)
    try:
        moment = parsedate_to_datetime(given)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _path(parts: Sequence[str]) -> str:
    return BASE + "".join("/" + quote(part, safe=":@") for part in parts)


def _query(given: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else str(value)
        for name, value in given.items()
        if value is not None and value != ""
    }
