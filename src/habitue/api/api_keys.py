"""API keys: list, make and withdraw them. A key can make no key that may do more than itself."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from habitue.errors import HabitueError
from habitue.model.api_key import ApiKey, Scope
from habitue.model.instant import to_iso

from .customers import moment
from .gate import require_all
from .operation import Call, Listing, Moment, Nothing, Operation, Page
from .ports import Services
from .problems import Fault, invalid, missing


class ApiKeyRead(msgspec.Struct, frozen=True, kw_only=True):
    """An API key, without its token."""

    id: str
    name: Annotated[str, Meta(description="Also the source of events sent with it.")]
    scopes: list[Scope]
    hint: Annotated[str, Meta(description="How its token begins.")]
    created_at: Moment
    last_used_at: Annotated[Moment | None, Meta(description="To about a minute.")]
    withdrawn_at: Moment | None


class ApiKeyMade(ApiKeyRead, frozen=True, kw_only=True):
    """A new API key with its token, which is kept nowhere and not shown again."""

    token: Annotated[
        str | None,
        Meta(description="Null when the request is answered a second time: withdraw this key and make another."),
    ]


class ApiKeyPage(Page, frozen=True, kw_only=True):
    """API keys, oldest first, withdrawn ones too."""

    data: list[ApiKeyRead]


class ApiKeysAsked(Listing, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which API keys."""


class ApiKeyToMake(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the key is for, and what it may do."""

    name: Annotated[
        str,
        Meta(pattern="^[a-z0-9][a-z0-9_-]{0,39}$", description="Such as `crm`; also the source of its events."),
    ]
    scopes: Annotated[list[Scope], Meta(min_length=1, max_length=len(Scope))]


def _fields(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "scopes": list(key.scopes),
        "hint": key.hint,
        "created_at": to_iso(key.created_at),
        "last_used_at": moment(key.last_used_at),
        "withdrawn_at": moment(key.withdrawn_at),
    }


def list_api_keys(services: Services, call: Call[ApiKeysAsked, Nothing]) -> ApiKeyPage:
    after = call.place(tuple[int, str]) or (-1, "")
    rest = [key for key in services.store.all_keys() if (key.created_at, key.id) > after]
    shown = rest[: call.query.limit]
    place = (shown[-1].created_at, shown[-1].id) if len(rest) > len(shown) else None
    return call.page(ApiKeyPage, [ApiKeyRead(**_fields(key)) for key in shown], place)


def read_own_key(services: Services, call: Call[Nothing, Nothing]) -> ApiKeyRead:
    return ApiKeyRead(**_fields(services.store.key(call.key.id) or call.key))


def make_api_key(services: Services, call: Call[Nothing, ApiKeyToMake]) -> ApiKeyMade:
    require_all(call.key, call.body.scopes, "such an API key")
    try:
        key, token = services.store.create_key(call.body.name, call.body.scopes, call.now)
    except HabitueError as error:
        raise invalid([Fault(pointer="#/name", detail=str(error))]) from None
    return ApiKeyMade(**_fields(key), token=token)


def withdraw_api_key(services: Services, call: Call[Nothing, Nothing]) -> None:
    key = services.store.key(call.path["id"])
    if key is None:
        raise missing("API key", call.path["id"])
    if key.withdrawn_at is None:
        services.store.withdraw_key(key.id, call.now)
        services.withdrawn()


OPERATIONS: tuple[Operation[Any, Any], ...] = (
    Operation(
        id="read_own_key",
        method="GET",
        path="/api-keys/own",
        tag="Keys",
        summary="Which key this is, and what it may do",
        scope=None,
        handler=read_own_key,
        answer=ApiKeyRead,
        query=Nothing,
        body=Nothing,
    ),
    Operation(
        id="list_api_keys",
        method="GET",
        path="/api-keys",
        tag="Keys",
        summary="List API keys",
        scope=Scope.KEYS_READ,
        handler=list_api_keys,
        answer=ApiKeyPage,
        query=ApiKeysAsked,
        body=Nothing,
    ),
    Operation(
        id="make_api_key",
        method="POST",
        path="/api-keys",
        tag="Keys",
        summary="Make an API key",
        description="With scopes this key has itself. The token is shown this once.",
        scope=Scope.KEYS_WRITE,
        handler=make_api_key,
        answer=ApiKeyMade,
        query=Nothing,
        body=ApiKeyToMake,
        status=201,
        example={"name": "crm", "scopes": ["customers:read", "events:write"]},
        withheld=("token",),
    ),
    Operation(
        id="withdraw_api_key",
        method="DELETE",
        path="/api-keys/{id}",
        tag="Keys",
        summary="Withdraw an API key",
        description="From now on it opens nothing.",
        scope=Scope.KEYS_WRITE,
        handler=withdraw_api_key,
        answer=Nothing,
        query=Nothing,
        body=Nothing,
        status=204,
    ),
)
