"""What can go wrong for a program, as RFC 9457 problems: a closed list, each with an anchor in the documentation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Annotated, Any, NamedTuple

import msgspec

MEDIA_TYPE = "application/problem+json"
DOCS = "/api/docs"


class _Said(NamedTuple):
    slug: str
    status: int
    title: str
    advice: str


class Kind(Enum):
    """Each kind of problem: its slug, its status, its title and what to do about it."""

    MALFORMED = _Said("malformed", 400, "The request cannot be read", "Send one JSON document in UTF-8.")
    INVALID_CURSOR = _Said(
        "invalid-cursor",
        400,
        "The cursor does not fit",
        "Use a cursor as it was given, with the same filters, or leave it out to start at the beginning.",
    )
    UNAUTHORIZED = _Said(
        "unauthorized",
        401,
        "No API key in use was found",
        "Send `Authorization: Bearer hab_…`. `habitue api-key create NAME --scope …` makes a key.",
    )
    FORBIDDEN = _Said(
        "forbidden", 403, "The API key may not do this", "Use a key that has the scope which `detail` names."
    )
    NOT_FOUND = _Said("not-found", 404, "There is no such thing", "Look at the address and at the id in it.")
    METHOD_NOT_ALLOWED = _Said(
        "method-not-allowed", 405, "This address does not take that method", "Use one of those in the `Allow` header."
    )
    IN_PROGRESS = _Said(
        "in-progress",
        409,
        "The same request is being answered",
        "Ask again after the seconds in `Retry-After`: the answer will be the stored one.",
    )
    CONFLICT = _Said("conflict", 409, "It cannot be done as things are", "`detail` says what stands in the way.")
    TOO_LARGE = _Said("too-large", 413, "The body is too large", "Send less at once.")
    UNSUPPORTED_MEDIA_TYPE = _Said(
        "unsupported-media-type", 415, "The body is not JSON", "Send `Content-Type: application/json`."
    )
    INVALID = _Said(
        "invalid",
        422,
        "The request is not valid",
        "`errors` lists what is wrong: `pointer` points into the body, `parameter` names a part of the address.",
    )
    IDEMPOTENCY_MISMATCH = _Said(
        "idempotency-mismatch",
        422,
        "The idempotency key belongs to another request",
        "Use a new `Idempotency-Key` for each new request, and repeat a request exactly as it was.",
    )
    TOO_MANY_REQUESTS = _Said(
        "too-many-requests",
        429,
        "Too many requests",
        "Wait for the seconds in `Retry-After`. The `RateLimit` header says in advance how many are left.",
    )
    INTERNAL = _Said(
        "internal", 500, "Something went wrong in Habitue", "It is in the log of the server. Asking again may help."
    )
    UNAVAILABLE = _Said(
        "unavailable", 503, "It cannot be done right now", "Ask again after the seconds in `Retry-After`."
    )

    @property
    def slug(self) -> str:
        return self.value.slug

    @property
    def status(self) -> int:
        return self.value.status

    @property
    def title(self) -> str:
        return self.value.title

    @property
    def advice(self) -> str:
        return self.value.advice


class Fault(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is wrong with a request."""

    detail: Annotated[str, msgspec.Meta(description="What was found and what was expected.")]
    pointer: Annotated[
        str, msgspec.Meta(description="Where in the body, as a JSON Pointer.", examples=["#/events/0/name"])
    ] = ""
    parameter: Annotated[str, msgspec.Meta(description="Which part of the address or which header.")] = ""


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An error, after RFC 9457."""

    type: Annotated[str, msgspec.Meta(description="What kind of problem: an address in this documentation.")]
    title: Annotated[str, msgspec.Meta(description="The kind in a few words, always the same.")]
    status: Annotated[int, msgspec.Meta(description="The status of the answer.")]
    detail: Annotated[str, msgspec.Meta(description="What was found, what was expected, what to do.")]
    errors: Annotated[list[Fault], msgspec.Meta(description="All that is wrong with the request.")] = []


class ApiError(Exception):
    """Raised anywhere on a request's way; the door turns it into a problem."""

    def __init__(
        self, kind: Kind, detail: str, *, errors: Sequence[Fault] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{kind.slug}: {detail}")
        self.kind = kind
        self.detail = detail
        self.errors = list(errors)
        self.headers = dict(headers or {})

    def problem(self, address: str) -> Problem:
        """`address`: where this server is reached, for the `type`."""
        return Problem(
            type=f"{address}{DOCS}#problem-{self.kind.slug}",
            title=self.kind.title,
            status=self.kind.status,
            detail=self.detail,
            errors=self.errors,
        )


def invalid(errors: Sequence[Fault]) -> ApiError:
    """One problem for all that is wrong."""
    first = errors[0]
    place = first.pointer or first.parameter
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return ApiError(Kind.INVALID, f"{place + ': ' if place else ''}{first.detail}{more}", errors=errors)


def missing(what: str, one: Any) -> ApiError:
    return ApiError(Kind.NOT_FOUND, f'there is no {what} "{str(one)[:200]}"')
