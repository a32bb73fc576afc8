"""Write keys: the sources that events come from."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from habitue.errors import HabitueError
from habitue.model.api_key import Scope
from habitue.model.instant import to_iso
from habitue.model.source import KINDS, SERVER, WriteKey

from .customers import moment
from .operation import Call, Listing, Moment, Nothing, Operation, Page
from .ports import Services
from .problems import Fault, invalid, missing

SourceKind = Annotated[
    str,
    Meta(pattern=f"^({'|'.join(KINDS)})$", description="What sends: " + ", ".join(f"`{kind}`" for kind in KINDS) + "."),
]


class WriteKeyRead(msgspec.Struct, frozen=True, kw_only=True):
    """A write key. It is public: every visitor's browser carries it. A secret is never shown."""

    key: str
    source: str
    kind: str
    has_secret: Annotated[bool, Meta(description="Whether what comes with it is signed.")]
    created_at: Moment
    withdrawn_at: Moment | None


class WriteKeyPage(Page, frozen=True, kw_only=True):
    """Write keys, oldest first, withdrawn ones too."""

    data: list[WriteKeyRead]


class WriteKeysAsked(Listing, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which write keys."""


class WriteKeyToMake(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where events will come from."""

    source: Annotated[
        str, Meta(pattern="^[a-z0-9][a-z0-9_-]{0,39}$", description="The source, such as `shop` or `app`.")
    ]
    kind: SourceKind = SERVER
    secret: (
        Annotated[str, Meta(max_length=500, description="What its webhooks are signed with, for the kinds that sign.")]
        | None
    ) = None


def _read(key: WriteKey) -> WriteKeyRead:
    return WriteKeyRead(
        key=key.key,
        source=key.source,
        kind=key.kind,
        has_secret=key.has_secret,
        created_at=to_iso(key.created_at),
        withdrawn_at=moment(key.revoked_at),
    )


def list_write_keys(services: Services, call: Call[WriteKeysAsked, Nothing]) -> WriteKeyPage:
    after = call.place(tuple[int, str]) or (-1, "")
    rest = [key for key in services.source_keys.all() if (key.created_at, key.key) > after]
    shown = rest[: call.query.limit]
    more = len(rest) > len(shown)
    place = (shown[-1].created_at, shown[-1].key) if more else None
    return call.page(WriteKeyPage, [_read(key) for key in shown], place)


def make_write_key(services: Services, call: Call[Nothing, WriteKeyToMake]) -> WriteKeyRead:
    try:
        asked = call.body
        return _read(services.source_keys.create(asked.source, call.now, kind=asked.kind, secret=asked.secret))
    except HabitueError as error:
        raise invalid([Fault(pointer="#", detail=str(error))]) from None


def withdraw_write_key(services: Services, call: Call[Nothing, Nothing]) -> None:
    given = call.path["key"]
    known = next((key for key in services.source_keys.all() if key.key == given), None)
    if known is None:
        raise missing("write key", given)
    if known.revoked_at is None:
        services.source_keys.revoke(given, call.now)


OPERATIONS: tuple[Operation[Any, Any], ...] = (
    Operation(
        id="list_write_keys",
        method="GET",
        path="/write-keys",
        tag="Keys",
        summary="List write keys",
        scope=Scope.KEYS_READ,
        handler=list_write_keys,
        answer=WriteKeyPage,
        query=WriteKeysAsked,
        body=Nothing,
    ),
    Operation(
        id="make_write_key",
        method="POST",
        path="/write-keys",
        tag="Keys",
        summary="Make a write key for a source",
        description="A source may have several keys, so that one can be replaced without a gap.",
        scope=Scope.KEYS_WRITE,
        handler=make_write_key,
        answer=WriteKeyRead,
        query=Nothing,
        body=WriteKeyToMake,
        status=201,
        example={"source": "shop"},
    ),
    Operation(
        id="withdraw_write_key",
        method="DELETE",
        path="/write-keys/{key}",
        tag="Keys",
        summary="Withdraw a write key",
        description="Within seconds, events with it are refused.",
        scope=Scope.KEYS_WRITE,
        handler=withdraw_write_key,
        answer=Nothing,
        query=Nothing,
        body=Nothing,
        status=204,
    ),
)
