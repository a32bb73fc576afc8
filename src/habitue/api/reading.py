"""Reading a request: its address, its parameters and its body, each against the operation's own definition."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple, TypeVar
from urllib.parse import parse_qsl, unquote

import msgspec
from starlette.requests import ClientDisconnect, Request

from .operation import BASE, ID_CHARACTERS_MAX, Nothing, Operation
from .problems import ApiError, Fault, Kind, invalid

T = TypeVar("T")
Q = TypeVar("Q", bound=msgspec.Struct)

IDEMPOTENCY_CHARACTERS_MAX = 255
_PLACE = re.compile(r"^(?P<what>.*) - at `(?:key in )?\$(?P<path>.*)`$", re.DOTALL)
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")
_DRAIN_FACTOR = 8
_NUMBER = re.compile(r"-?[0-9]{1,9}")
_WHOLE_NUMBERS = frozenset({"limit"})
"""Parameters that are numbers; all others are texts."""


class Route(NamedTuple):
    """An operation, and its path in parts; a part in braces takes anything."""

    operation: Operation[Any, Any]
    parts: tuple[str, ...]


def routes(operations: Sequence[Operation[Any, Any]]) -> list[Route]:
    return [Route(operation, tuple(operation.path.strip("/").split("/"))) for operation in operations]


def find(table: Sequence[Route], raw_path: bytes, method: str) -> tuple[Operation[Any, Any], dict[str, str]]:
    """The operation meant and the parts of its path. Raises ApiError for an address or a method there is not.

    The raw path, so that an id may hold a slash, written as %2F.
    """
    path = raw_path.decode("ascii", "replace").partition("?")[0]
    given = [unquote(part, errors="replace") for part in path.removeprefix(BASE).strip("/").split("/")]
    matching = [route for route in table if _matches(route.parts, given)]
    if not matching:
        raise ApiError(Kind.NOT_FOUND, f"there is nothing at {path[:200]}; /api/docs lists every address")
    # A part that is spelled out goes before one that takes anything.
    matching = [route for route in matching if route.parts == matching[0].parts]
    asked = "GET" if method == "HEAD" else method
    for route in matching:
        if route.operation.method == asked:
            named = zip(route.parts, given, strict=True)
            return route.operation, {part[1:-1]: value for part, value in named if part.startswith("{")}
    allowed = sorted({route.operation.method for route in matching} | ({"HEAD"} if _reads(matching) else set()))
    raise ApiError(
        Kind.METHOD_NOT_ALLOWED,
        f"{path[:200]} takes {', '.join(allowed)}, not {method[:20]}",
        headers={"Allow": ", ".join(allowed)},
    )


def _matches(parts: Sequence[str], given: Sequence[str]) -> bool:
    return len(parts) == len(given) and all(
        0 < len(value) <= ID_CHARACTERS_MAX if part.startswith("{") else part == value
        for part, value in zip(parts, given, strict=True)
    )


def _reads(matching: Sequence[Route]) -> bool:
    return any(route.operation.method == "GET" for route in matching)


def read_query(kind: type[Q], query: bytes) -> Q:
    """The parameters. Raises ApiError for one that is unknown, given twice or wrong."""
    given: dict[str, Any] = {}
    faults = []
    names = [field.encode_name for field in msgspec.structs.fields(kind)]
    for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True, errors="replace"):
        if name not in names:
            faults.append(Fault(parameter=name[:100], detail=_unknown(name, names)))
        elif name in given:
            faults.append(Fault(parameter=name, detail="is given more than once"))
        # Lenient conversion would take more than the document says: "null" for nothing, "0.5" for a moment.
        given[name] = int(value) if name in _WHOLE_NUMBERS and _NUMBER.fullmatch(value) else value
    if faults:
        raise invalid(faults)
    try:
        return msgspec.convert(given, kind)
    except msgspec.ValidationError as error:
        what, pointer = _placed(str(error))
        raise invalid([Fault(parameter=pointer.removeprefix("#/"), detail=what)]) from None


def _unknown(name: str, names: Sequence[str]) -> str:
    if not names:
        return "is no parameter: this address takes none"
    close = get_close_matches(name, names, n=1)
    hint = f'did you mean "{close[0]}"?' if close else f"expected some of: {', '.join(names)}"
    return f"is no parameter of this address; {hint}"


async def read_body(request: Request, kind: type[T], bytes_max: int) -> tuple[T, bytes]:
    """The body and its bytes. Raises ApiError when it is no JSON, too large, or not what was asked for."""
    if kind is Nothing:
        return kind(), b""
    _require_json(request.headers.get("content-type"))
    body = await _bytes(request, bytes_max)
    try:
        return msgspec.json.decode(body, type=kind), body
    except msgspec.ValidationError as error:
        what, pointer = _placed(str(error))
        raise invalid([Fault(pointer=pointer, detail=what)]) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ApiError(Kind.MALFORMED, f"the body is not JSON in UTF-8: {_first_line(error)}") from None


def _require_json(content_type: str | None) -> None:
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind != "application/json":
        found = f'"{kind[:100]}"' if kind else "none"
        raise ApiError(Kind.UNSUPPORTED_MEDIA_TYPE, f"found {found} as Content-Type; expected application/json")


async def _bytes(request: Request, bytes_max: int) -> bytes:
    kept: list[bytes] = []
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size <= bytes_max:
                kept.append(chunk)
            elif size > bytes_max * _DRAIN_FACTOR:
                break
            # In between it is read and forgotten: who is cut off while sending never sees the answer.
    except ClientDisconnect:
        raise ApiError(Kind.MALFORMED, "the connection ended before the body did") from None
    if size > bytes_max:
        raise ApiError(Kind.TOO_LARGE, f"the body is larger than {bytes_max} bytes; send less at once")
    return b"".join(kept)


def read_idempotency_key(request: Request) -> str:
    """What the request is to be known by; empty without one. Raises ApiError when it is longer than is kept."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return ""
    if not 0 < len(key) <= IDEMPOTENCY_CHARACTERS_MAX:
        detail = f"has {len(key)} characters; 1 to {IDEMPOTENCY_CHARACTERS_MAX} were expected"
        raise invalid([Fault(parameter="Idempotency-Key", detail=detail)])
    return key


def _placed(message: str) -> tuple[str, str]:
    """msgspec's message without its place, and the place as a JSON Pointer."""
    match = _PLACE.match(message)
    if match is None:
        return message, "#"
    steps = [name or number for name, number in _STEP.findall(match["path"])]
    return match["what"], "#" + "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)


def _first_line(error: Exception) -> str:
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error).splitlines()[0][:200]
