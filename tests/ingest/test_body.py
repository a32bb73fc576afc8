"""Bodies are read by their bytes, within bounds."""

from __future__ import annotations

import asyncio
import gzip
import random
import zlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from habitue.ingest.body import named_keys, parsed, read_body, unpacked
from habitue.ingest.rejection import Refusal, Refused

LIMIT = 100_000


def read(*chunks: bytes) -> bytes:
    async def stream() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    return asyncio.run(read_body(stream(), 10))


def test_chunks_are_put_together_without_a_length_announced() -> None:
    assert read(b"12345", b"67890") == b"1234567890"


@pytest.mark.parametrize("chunks", [(b"12345678901",), (b"1",) * 11, (b"1" * 10,) * 20])
def test_a_body_beyond_the_limit_is_refused(chunks: tuple[bytes, ...]) -> None:
    with pytest.raises(Refused, match="body_too_large"):
        read(*chunks)


def test_gzip_is_known_by_its_first_bytes() -> None:
    assert unpacked(gzip.compress(b'{"a": 1}'), LIMIT) == b'{"a": 1}'


def test_several_gzip_members_are_one_body() -> None:
    assert unpacked(gzip.compress(b'{"a":') + gzip.compress(b" 1}"), LIMIT) == b'{"a": 1}'


def test_a_small_body_that_unpacks_to_a_huge_one_is_refused_early() -> None:
    with pytest.raises(Refused, match="body_too_large"):
        unpacked(gzip.compress(b"0" * 50_000_000), LIMIT)


def test_more_gzip_members_than_any_client_packs_are_refused() -> None:
    with pytest.raises(Refused, match="invalid_gzip"):
        unpacked(gzip.compress(b"") * 205_000, 4_000_000)


def test_a_member_larger_than_what_is_handed_over_at_a_time_is_read_to_its_end() -> None:
    text = random.Random(7).randbytes(300_000)
    assert unpacked(gzip.compress(text) + gzip.compress(b"end"), 1_000_000) == text + b"end"


def test_no_body_unpacks_to_more_than_its_size_can_honestly_hold() -> None:
    with pytest.raises(Refused, match="body_too_large"):
        unpacked(gzip.compress(b" " * 2_000_000), 4_000_000)
    assert len(unpacked(gzip.compress(b" " * 200_000), 4_000_000)) == 200_000


def test_keys_are_found_without_parsing_and_the_first_few_only() -> None:
    body = b'{"batch": [{"token": "t1"}, {"token" : "t1"}, {"token":"t2"}, {"token":"t3"}], "api_key": "k"}'
    assert list(named_keys(body, ["api_key", "token"], 2)) == ["k", "t1", "t2"]


CUT_SHORT = gzip.compress(b"abc" * 100, mtime=0)[:-9]


@pytest.mark.parametrize("body", [CUT_SHORT, b"\x1f\x8b", b"\x1f\x8bnonsense", b"\x1f\x8b" * 50])
def test_broken_gzip_is_refused(body: bytes) -> None:
    with pytest.raises(Refused, match="invalid_gzip"):
        unpacked(body, LIMIT)


def test_what_is_neither_gzip_nor_deflate_is_left_alone() -> None:
    body = zlib.compress(b"{}", wbits=-15)
    assert unpacked(body, LIMIT) == body


def test_deflate_is_unpacked_within_the_same_bounds() -> None:
    assert unpacked(zlib.compress(b"{}"), LIMIT) == b"{}"
    with pytest.raises(Refused) as refused:
        unpacked(zlib.compress(b" " * (LIMIT + 1)), LIMIT)
    assert refused.value.code is Refusal.BODY_TOO_LARGE


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b"[NaN, Infinity, -Infinity, 1e400, -1e400]", [None, None, None, None, None]),
        (b'["\\ud83d"]', ["\ud83d"]),
        (b"[NaN, 18446744073709551616]", [None, 18446744073709551616.0]),
        (b"[NaN, -9223372036854775808, 9223372036854775807]", [None, -(2**63), 2**63 - 1]),
        (b"[NaN, " + b"9" * 10_000 + b"]", [None, None]),
        ('["ü", NaN]'.encode(), ["ü", None]),
        (b'["\xed\xa0\xbd", 1]', ["\ud83d", 1]),
    ],
)
def test_what_real_clients_send_and_strict_parsers_refuse_is_read(body: bytes, value: Any) -> None:
    assert parsed(body) == value


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"{'a': 1}",
        b"\xff\xfe{\x00}\x00",
        b"\x80",
        b"a=b&c=d",
        b"[" * 100_000,
        b'{"a":' * 5_000,
        b"<xml/>",
    ],
)
def test_what_is_no_json_is_refused_with_a_reason(body: bytes) -> None:
    with pytest.raises(Refused) as refused:
        parsed(body)
    assert refused.value.code == "invalid_json"
    assert refused.value.message
