"""An operation: one method of one address, with all there is to say about it.

The same definition validates requests, chooses the handler and is written into the OpenAPI document.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, Generic, Literal, TypeVar
from urllib.parse import quote, urlencode

import msgspec
from msgspec import Meta

from habitue.model.api_key import ApiKey, Scope

from . import cursors
from .ports import Services

BASE = "/api/v1"
PAGE_MAX = 200
ID_CHARACTERS_MAX = 600
"""Of whatever names one thing in an address."""

Method = Literal["GET", "POST", "PUT", "DELETE"]
Moment = Annotated[
    str, Meta(description="RFC 3339, in UTC, to the microsecond.", extra_json_schema={"format": "date-time"})
]


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No parameters, no body, or no content."""


class Listing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every list takes."""

    limit: Annotated[int, Meta(ge=1, le=PAGE_MAX, description="How many entries at most.")] = 50
    cursor: (
        Annotated[str, Meta(min_length=1, max_length=1_000, description="Where to go on: `cursor` of the page before.")]
        | None
    ) = None


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a list; `data` holds its entries."""

    next: Annotated[
        str | None, Meta(description="The address of the next page, without the host; null on the last page.")
    ]
    cursor: Annotated[str | None, Meta(description="The cursor of the next page; null on the last page.")]


Query = TypeVar("Query", bound=msgspec.Struct)
Body = TypeVar("Body")
P = TypeVar("P", bound=Page)
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(Generic[Query, Body]):
    """`id` names it in the document, in metrics and in the client; `path` is below `/api/v1`."""

    id: str
    method: Method
    path: str
    tag: str
    summary: str
    scope: Scope | None
    """What the key must be allowed; None: any key will do."""
    handler: Callable[[Services, Call[Query, Body]], Any | Awaitable[Any]]
    """A plain function is run in a thread, since it reads from the disk; a coroutine function in the event loop."""
    answer: type[Any]
    query: type[Query]
    body: type[Body]
    status: int = 200
    description: str = ""
    problems: tuple[str, ...] = ()
    """Slugs of problems besides those that any operation of this form has."""
    example: Any = None
    """A body that will do."""
    withheld: tuple[str, ...] = ()
    """Fields of the answer that are shown once, and are null in an answer given again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[Query, Body]):
    """One request to an operation, read and allowed."""

    operation: Operation[Query, Body]
    services: Services
    key: ApiKey
    path: dict[str, str]
    query: Query
    body: Body
    idempotency_key: str = ""
    body_bytes: int = 0
    now: int = field(default=0)

    def place(self, kind: type[T]) -> T | None:
        """Where the list goes on; None: at its beginning."""
        cursor = getattr(self.query, "cursor", None)
        return None if cursor is None else cursors.read(cursor, kind, self._about(), self.services.secret)

    def cursor(self, place: Any) -> str:
        return cursors.written(place, self._about(), self.services.secret)

    def page(self, kind: Callable[..., P], data: list[Any], place: Any, **more: Any) -> P:
        """A page; `place` is where the next one begins, None when there is none."""
        if place is None:
            return kind(data=data, next=None, cursor=None, **more)
        cursor = self.cursor(place)
        query = {name: value for name, value in self._filters().items() if value is not None}
        query |= {"limit": getattr(self.query, "limit", None), "cursor": cursor}
        return kind(data=data, next=f"{self._address()}?{urlencode(query)}", cursor=cursor, **more)

    def _address(self) -> str:
        return BASE + self.operation.path.format(**{name: quote(part, safe=":@") for name, part in self.path.items()})

    def _filters(self) -> dict[str, Any]:
        given: dict[str, Any] = msgspec.to_builtins(self.query)
        return {name: value for name, value in given.items() if name not in ("limit", "cursor")}

    def _about(self) -> str:
        return f"{self.operation.id} {msgspec.json.encode([self.path, self._filters()], order='sorted').decode()}"
