"""Reading a request's body: raw bytes whatever the content type says, unpacked and parsed within bounds.

Content types cannot be believed: real clients send gzipped JSON as a form and plain JSON as text. So the bytes decide.
"""

from __future__ import annotations

import json
import math
import re
import zlib
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import orjson

from .rejection import Refusal, Refused

_GZIP_MAGIC = b"\x1f\x8b"
_ZLIB_MAGIC = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
"""What HTTP calls deflate. JSON never starts with an x."""
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_DRAIN_FACTOR = 8
_MEMBERS_MAX = 100
"""A gzip file may be several, one after the other. Clients send one; tools that pack in parallel send a few."""
_RATIO_MAX = 200
"""How many bytes each packed one may stand for. Events pack to a twentieth, one event over and over to a hundredth."""
_RATIO_FREE_BYTES = 262_144
"""What is unpacked of the smallest body, whatever the ratio."""
_PIECE_BYTES = 65_536
"""What is handed over at a time: where a member ends, zlib copies what is left, which must not be the whole body."""


async def read_body(chunks: AsyncIterator[bytes], bytes_max: int) -> bytes:
    """All bytes of the request. Raises Refused when they are more than `bytes_max`."""
    kept: list[bytes] = []
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size <= bytes_max:
            kept.append(chunk)
        elif size > bytes_max * _DRAIN_FACTOR:
            break
        # In between, bytes are read and forgotten: a client that is cut off while it sends never sees the 400 and
        # would send the same body for ever.
    if size > bytes_max:
        raise Refused(Refusal.BODY_TOO_LARGE, f"the body is larger than {bytes_max} bytes; send smaller batches")
    return b"".join(kept)


def is_packed(body: bytes) -> bool:
    """Magic bytes decide: proxies unpack bodies and leave the header in place."""
    return body.startswith((_GZIP_MAGIC, *_ZLIB_MAGIC))


def unpacked(body: bytes, bytes_max: int) -> bytes:
    """The body without gzip or deflate, in time linear to its size. Raises Refused beyond the bounds."""
    if not is_packed(body):
        return body
    try:
        return b"".join(_members(body, min(bytes_max, max(_RATIO_FREE_BYTES, len(body) * _RATIO_MAX))))
    except zlib.error as error:
        raise Refused(
            Refusal.INVALID_GZIP, f"the body starts like gzip or deflate but cannot be unpacked: {error}"
        ) from error


def _members(body: bytes, bytes_max: int) -> Iterator[bytes]:
    """What each member holds, bit by bit; what follows the last is let be. Raises Refused where it is too much."""
    at, room = 0, bytes_max
    for _ in range(_MEMBERS_MAX):
        member = zlib.decompressobj(wbits=47)
        while not member.eof:
            handed = body[at : at + _PIECE_BYTES]
            if not handed:
                raise Refused(Refusal.INVALID_GZIP, "the packed body ends too early")
            piece = member.decompress(handed, room + 1)
            room -= len(piece)
            if room < 0:
                raise Refused(Refusal.BODY_TOO_LARGE, f"the body unpacks to more than {bytes_max} bytes")
            at += len(handed) - len(member.unused_data) - len(member.unconsumed_tail)
            yield piece
        if not body[at : at + 2].startswith((_GZIP_MAGIC, *_ZLIB_MAGIC)):
            return
    raise Refused(Refusal.INVALID_GZIP, f"the packed body has more than {_MEMBERS_MAX} members; send one")


def named_keys(body: bytes, fields: Sequence[str], keys_max: int) -> Iterator[str]:
    """What stands in the body under these names, the first few of each name: read without parsing it, in one pass."""
    for field in fields:
        found: set[bytes] = set()
        for match in re.finditer(rb'"%s"\s*:\s*"([^"\\\s]{1,200})"' % re.escape(field.encode()), body):
            if match[1] not in found:
                found.add(match[1])
                yield match[1].decode("utf-8", "replace")
            if len(found) == keys_max:
                break


def parsed(body: bytes) -> Any:
    """The JSON value of the body. Raises Refused when there is none.

    Fast and strict first. What it refuses is read a second time by the standard library's lenient parser, because real
    clients send NaN, Infinity, numbers beyond all bounds, lone surrogates and byte order marks.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return _parsed_leniently(body)


def _parsed_leniently(body: bytes) -> Any:
    try:
        text = body.removeprefix(_BYTE_ORDER_MARK).decode("utf-8", "surrogatepass")
        return json.loads(text, parse_constant=_nothing, parse_float=_finite, parse_int=_bounded)
    except UnicodeDecodeError as error:
        raise Refused(Refusal.INVALID_JSON, f"the body is not UTF-8: byte {error.start} cannot be read") from error
    except RecursionError as error:
        raise Refused(Refusal.INVALID_JSON, "the body is nested too deeply to be read") from error
    except ValueError as error:
        raise Refused(Refusal.INVALID_JSON, f"the body is not JSON: {error}") from error


def _nothing(_name: str) -> None:
    return None


def _finite(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


def _bounded(text: str) -> int | float | None:
    return int(text) if len(text) <= 18 else _whole(text)


def _whole(text: str) -> int | float | None:
    # int() refuses, for good reason, to read thousands of digits; beyond 64 bits a float is what other parsers give.
    if len(text) > 20:
        return _finite(text)
    number = int(text)
    return number if -(2**63) <= number < 2**63 else float(number)
