"""Reads letters back by other means than those that wrote them, on whatever Python runs this. Standard library only.

`python written.py FOLDER` writes hostile letters with the modules in FOLDER and reads them back; it ends with 0 when
nothing came through. So it can be run by interpreters that have none of our dependencies.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from email import message_from_bytes, policy
from email.header import decode_header
from email.message import EmailMessage
from pathlib import Path
from types import ModuleType

HOSTILE = (
    "=?utf-8?q?a=0ABcc:_z@z.example?=",
    "=?utf-8?q?a=0D=0ABcc:_z@z.example?=",
    "=?utf-8?q?=0A=0A<html>body?=",
    "=?utf-8?b?YQpCY2M6IHpAei5leGFtcGxl?=",
    "x =?utf-8?q?=0ABcc:_z?= y",
    "=?utf-8?q?a=0ABcc:_z@z?= =?utf-8?q?=0ABcc:_y@y?=",
    "a\r\nBcc: z@z.example",
    "a\nBcc: z@z.example",
    "a\rBcc: z@z.example",
    "a\x0bBcc: z\x0cBcc: z\x1cBcc: z\x85Bcc: z\u2028Bcc: z\u2029Bcc: z",
    "a\r\n\r\n<script>",
    '" <z@z.example>, "',
    "z@z.example>, <y@y.example",
    "\\",
    '"',
    "\ud800Bcc: z",
    "a" * 3_000,
    "ğ" * 3_000,
    "=?" + "b" * 3_000,
    "\u202eccB\u202c \u200b\u200d\ufeff",
    "👩‍👩‍👧‍👦" * 40,
    "",
    " ",
)

_FIELD = re.compile(rb"([!-9;-~]+): ?(.*)", re.DOTALL)


def fields(raw: bytes) -> list[tuple[str, bytes]]:
    """Headers by RFC 5322 alone, unfolded, undecoded. Raises ValueError for anything it does not allow."""
    head, separator, _ = raw.partition(b"\r\n\r\n")
    if not separator:
        raise ValueError("the headers never end")
    if b"\r" in head.replace(b"\r\n", b"") or b"\n" in head.replace(b"\r\n", b"") or b"\0" in head:
        raise ValueError("a bare line break or a zero")
    found = []
    for line in re.split(rb"\r\n(?![ \t])", head):
        if any(len(part) > 998 for part in line.split(b"\r\n")):
            raise ValueError("a line is too long")
        match = _FIELD.fullmatch(line)
        if match is None:
            raise ValueError(f"not a header: {line[:60]!r}")
        found.append((match[1].decode("ascii"), match[2].replace(b"\r\n", b"")))
    return found


def words(value: bytes) -> str:
    """What a value says, by RFC 2047: blanks between encoded words are none."""
    pieces = decode_header(re.sub(rb"\?=\s+=\?", b"?==?", value).decode("ascii"))
    return "".join(piece if isinstance(piece, str) else piece.decode(way or "ascii") for piece, way in pieces)


def parsed(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)  # type: ignore[return-value]


def _module(folder: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, folder / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def _try(headers: ModuleType, parts: ModuleType, said: str) -> None:
    raw = b"".join(
        (
            headers.mailbox("From", said, "hi@shop.example"),
            headers.mailbox("To", "", "ana@x.example"),
            headers.text("Subject", said),
            headers.mailbox("Reply-To", said, "ben@shop.example"),
            headers.text("X-Own", said),
            parts.alternative(said, said),
        )
    )
    expected = ["From", "To", "Subject", "Reply-To", "X-Own", "MIME-Version", "Content-Type"]
    line = headers.one_line(said)
    found = fields(raw)
    assert [name for name, _ in found] == expected, (said, found)
    assert words(dict(found)["Subject"]) == line, (said, dict(found)["Subject"])
    letter = parsed(raw)
    assert list(letter.keys()) == expected, said
    assert [part.get_content_type() for part in letter.iter_parts()] == ["text/plain", "text/html"], said
    assert [one.addr_spec for one in letter["From"].addresses] == ["hi@shop.example"], said
    assert [one.addr_spec for one in letter["Reply-To"].addresses] == ["ben@shop.example"], said
    assert not letter.defects, (said, letter.defects)
    for verbatim in (said, f"x{said}"):
        try:
            made = headers.verbatim("X-Own", verbatim)
        except headers.BadHeader:
            continue
        assert [name for name, _ in fields(made + b"\r\n")] == ["X-Own"], verbatim


if __name__ == "__main__":
    modules = [_module(Path(sys.argv[1]), name) for name in ("headers", "parts")]
    for hostile in HOSTILE:
        _try(modules[0], modules[1], hostile)
    print(sys.version.split()[0], len(HOSTILE), "letters")
