"""Write keys: the sources that events come from."""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from habitue.errors import HabitueError
from habitue.model import powers
from habitue.model.api_key import ApiKey, Scope
from habitue.model.instant import to_iso
from habitue.model.source import KINDS, SERVER, WriteKey

from .customers import moment
from .gate import require_all
from .operation import Call, Listing, Moment, Nothing, Operation, Page
from .ports import Services
from .problems import Fault, invalid, missing

SourceKind = Annotated[
    str,
    Meta(pattern=f"^({'|'.join(KINDS)})$", description="What sends: " + ", ".join(f"`{kind}`" for kind in KINDS) + "."),
]


class WriteKeyRead(msgspec.Struct, frozen=True, kw_only=True):
    """A write key. A browser's and an app's is public: every visitor carries it. A secret is never shown."""

    id: Annotated[str, Meta(description="Tells it from others, and opens nothing.")]
    key: Annotated[
        str | None,
        Meta(description="Null in a list, where it is secret and what it may say is more than this API key may do."),
    ]
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


def _id(key: WriteKey) -> str:
    return sha256(key.key.encode()).hexdigest()[:16]


def _read(key: WriteKey, *, hidden: bool = False) -> WriteKeyRead:
    return WriteKeyRead(
        id=_id(key),
        key=None if hidden else key.key,
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
    return call.page(WriteKeyPage, [_read(key, hidden=_is_hidden(key, call.key)) for key in shown], place)


def _is_hidden(key: WriteKey, reader: ApiKey) -> bool:
    """Whoever reads a secret key has it: only those who may do all it says anyway are shown one."""
    return key.kind in powers.KEY_IS_SECRET and bool(powers.lacking(powers.OF_SOURCE[key.kind], reader.scopes))


def make_write_key(services: Services, call: Call[Nothing, WriteKeyToMake]) -> WriteKeyRead:
    asked = call.body
    require_all(call.key, powers.OF_SOURCE[asked.kind], f"a source of kind {asked.kind}")
    try:
        return _read(services.source_keys.create(asked.source, call.now, kind=asked.kind, secret=asked.secret))
    except HabitueError as error:
        raise invalid([Fault(pointer="#", detail=str(error))]) from None


def withdraw_write_key(services: Services, call: Call[Nothing, Nothing]) -> None:
    given = call.path["key"]
    known = next((key for key in services.source_keys.all() if given in (key.key, _id(key))), None)
    if known is None:
        raise missing("write key", given)
    if known.revoked_at is None:
        services.source_keys.revoke(known.key, call.now)


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
        description="A source may have several keys, so that one can be replaced without a gap. The API key must have "
        "every scope that the source's kind amounts to: a shop that signs also tells of products and has people "
        "erased.",
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
        description="By the key or its id. Within seconds, events with it are refused.",
        scope=Scope.KEYS_WRITE,
        handler=withdraw_write_key,
        answer=Nothing,
        query=Nothing,
        body=Nothing,
        status=204,
    ),
)
