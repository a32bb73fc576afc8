"""The OpenAPI document, written from the very definitions that read requests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from habitue import __version__
from habitue.model.api_key import SENTENCES, Scope

from .operation import BASE, ID_CHARACTERS_MAX, Nothing, Operation, Page
from .problems import MEDIA_TYPE, Kind, Problem
from .reading import IDEMPOTENCY_CHARACTERS_MAX

_REF = "#/components/schemas/{name}"
_PARTS: dict[str, str] = {
    "customer": "A customer id, or an identifier as `kind:value`, such as `user:ana` or `email:ana@shop.example`. "
    "A slash within it is written `%2F`.",
    "segment": "The segment's name in the playbook.",
    "delivery": "The delivery's id.",
    "product": "The product's id.",
    "article": "The article's id.",
    "erasure": "The number of the erasure.",
    "key": "The write key.",
    "id": "The id.",
}
"""What the parts of addresses mean."""
_EXAMPLES: dict[str, str] = {
    "customer": "user:ana",
    "segment": "lookers",
    "delivery": "d-5f3a",
    "product": "p1",
    "article": "a1",
    "erasure": "1",
    "key": "pk_4Myb7TipaJXm2idrNS3ws",
    "id": "593d573d3424",
}

_ABOUT = """Read and write what Habitue knows, from programs. Every request carries an API key as a bearer token; make
one with `habitue api-key create NAME --scope …`.

**Lists** come in pages. `next` and the `Link` header lead on; a cursor names a place between two entries, so nothing is
seen twice or passed over because something was added meanwhile.

**Events** that are written are on disk when the answer comes, and decided on a moment later: a customer read at once
may not show them yet.

**Repeating a POST** is safe with an `Idempotency-Key`: for 24 hours the same key with the same request gets the same
answer, marked `Idempotency-Replayed: true`, and nothing is done twice.

**Limits**: the `RateLimit` header says how many requests are left in this minute. Beyond them comes 429 with
`Retry-After`.

**Errors** are RFC 9457 problems; each `type` leads to its explanation below."""


def document(operations: Sequence[Operation[Any, Any]], address: str) -> dict[str, Any]:
    """The whole document. `address`: where this server is reached."""
    kinds = _kinds(operations)
    _, components = msgspec.json.schema_components(kinds, ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, components)
    for path, found in paths.items():
        named = re.findall(r"{(\w+)}", path)
        if named:
            found["parameters"] = [_part(name) for name in named]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Habitue",
            "version": __version__,
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": address + BASE}],
        "tags": [{"name": tag} for tag in dict.fromkeys(operation.tag for operation in operations)],
        "security": [{"apiKey": []}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "apiKey": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "hab_…",
                    "description": "An API key. Its scopes: "
                    + " ".join(f"`{scope.value}` {SENTENCES[scope]}" for scope in Scope),
                }
            },
        },
    }


def _kinds(operations: Iterable[Operation[Any, Any]]) -> list[Any]:
    kinds: dict[Any, None] = {Problem: None}
    for operation in operations:
        for kind in (operation.answer, operation.body):
            if kind is not Nothing:
                kinds[kind] = None
    return list(kinds)


def _operation(operation: Operation[Any, Any], components: dict[str, Any]) -> dict[str, Any]:
    scope = "any key" if operation.scope is None else f"`{operation.scope.value}`"
    written: dict[str, Any] = {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": f"{operation.description}\n\nScope: {scope}.".strip(),
        "security": [{"apiKey": [] if operation.scope is None else [operation.scope.value]}],
        "responses": {str(operation.status): _answer(operation), **_problems(operation)},
    }
    parameters = _parameters(operation)
    if operation.method == "POST":
        parameters.append(_IDEMPOTENCY)
    if parameters:
        written["parameters"] = parameters
    if operation.body is not Nothing:
        content: dict[str, Any] = {"schema": {"$ref": _REF.format(name=operation.body.__name__)}}
        if operation.example is not None:
            content["example"] = operation.example
        written["requestBody"] = {"required": True, "content": {"application/json": content}}
    return written


def _parameters(operation: Operation[Any, Any]) -> list[dict[str, Any]]:
    if operation.query is Nothing:
        return []
    # Parameters stand where they are used: a reference into another schema's fields is hard to read.
    schema = msgspec.json.schema(operation.query)
    definitions = schema["$defs"]
    fields = definitions[operation.query.__name__]["properties"]
    return [_parameter(name, _plain(field, definitions)) for name, field in fields.items()]


def _parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    kinds = [kind for kind in schema.pop("anyOf", []) if kind != {"type": "null"}]
    if kinds:
        schema |= kinds[0]
    if schema.get("default", "") is None:
        del schema["default"]
    described = {"description": schema.pop("description")} if "description" in schema else {}
    schema.pop("title", None)
    return {"name": name, "in": "query", "required": False, **described, "schema": schema}


def _plain(schema: Any, definitions: dict[str, Any]) -> Any:
    """The schema with what it refers to put in its place."""
    if isinstance(schema, list):
        return [_plain(one, definitions) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _plain(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    return {name: _plain(value, definitions) for name, value in schema.items()}


def _part(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": _PARTS[name],
        "example": _EXAMPLES[name],
        "schema": {"type": "string", "minLength": 1, "maxLength": ID_CHARACTERS_MAX},
    }


_IDEMPOTENCY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Names this request, so that it can be repeated: a random text, new for each new request.",
    "schema": {"type": "string", "minLength": 1, "maxLength": IDEMPOTENCY_CHARACTERS_MAX},
}

_LIMITS: dict[str, Any] = {
    "RateLimit": {
        "description": "How many requests are left (`r`) for how many seconds (`t`).",
        "schema": {"type": "string"},
    },
    "RateLimit-Policy": {
        "description": "How many requests (`q`) in how many seconds (`w`).",
        "schema": {"type": "string"},
    },
}
_LINK = {"Link": {"description": 'The next page, as `<…>; rel="next"`; not on the last.', "schema": {"type": "string"}}}
_REPLAYED = {
    "Idempotency-Replayed": {"description": "`true` when this is the stored answer.", "schema": {"type": "string"}}
}
_RETRY = {"Retry-After": {"required": True, "description": "Seconds to wait.", "schema": {"type": "integer"}}}
_HEADERS: dict[Kind, dict[str, Any]] = {
    Kind.UNAUTHORIZED: {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}},
    Kind.METHOD_NOT_ALLOWED: {"Allow": {"required": True, "schema": {"type": "string"}}},
    Kind.TOO_MANY_REQUESTS: _RETRY,
    Kind.UNAVAILABLE: _RETRY,
}


def _answer(operation: Operation[Any, Any]) -> dict[str, Any]:
    headers = {**_LIMITS}
    if operation.answer is Nothing:
        return {"description": "Done.", "headers": headers}
    if issubclass(operation.answer, Page):
        headers |= _LINK
    if operation.method == "POST":
        headers |= _REPLAYED
    schema = {"$ref": _REF.format(name=operation.answer.__name__)}
    said = (operation.answer.__doc__ or "").strip().splitlines()[0]
    return {"description": said, "headers": headers, "content": {"application/json": {"schema": schema}}}


_ANYWHERE = (
    Kind.UNAUTHORIZED,
    Kind.METHOD_NOT_ALLOWED,
    Kind.INVALID,
    Kind.TOO_MANY_REQUESTS,
    Kind.INTERNAL,
    Kind.UNAVAILABLE,
)


def kinds_of(operation: Operation[Any, Any]) -> list[Kind]:
    """Every kind of problem an operation may answer with."""
    found = {
        Kind.UNAUTHORIZED,
        Kind.METHOD_NOT_ALLOWED,
        Kind.TOO_MANY_REQUESTS,
        Kind.INTERNAL,
        Kind.UNAVAILABLE,
        Kind.INVALID,
    }
    if operation.scope is not None:
        found.add(Kind.FORBIDDEN)
    if "{" in operation.path:
        found.add(Kind.NOT_FOUND)
    if operation.query is not Nothing:
        found.add(Kind.INVALID_CURSOR)
    if operation.body is not Nothing:
        found |= {Kind.MALFORMED, Kind.TOO_LARGE, Kind.UNSUPPORTED_MEDIA_TYPE}
    if operation.method == "POST":
        found |= {Kind.IN_PROGRESS, Kind.IDEMPOTENCY_MISMATCH}
    found |= {kind for kind in Kind if kind.slug in operation.problems}
    return [kind for kind in Kind if kind in found]


def _problems(operation: Operation[Any, Any]) -> dict[str, Any]:
    by_status: dict[int, list[Kind]] = {}
    for kind in kinds_of(operation):
        by_status.setdefault(kind.status, []).append(kind)
    return {
        str(status): {
            "description": " Or: ".join(f"`{kind.slug}`: {kind.title}." for kind in kinds),
            "headers": {name: header for kind in kinds for name, header in _HEADERS.get(kind, {}).items()},
            "content": {MEDIA_TYPE: {"schema": {"$ref": _REF.format(name="Problem")}}},
        }
        for status, kinds in sorted(by_status.items())
    }
