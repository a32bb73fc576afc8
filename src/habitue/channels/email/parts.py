"""The body's parts as bytes: text in UTF-8, quoted-printable or base64 by what is shorter (RFC 2045).

Both keep to lines of 76 characters and to ASCII, so that every server passes them on as they are. Needs nothing but
Python's own `binascii`.
"""

from __future__ import annotations

from binascii import b2a_base64, b2a_qp
from typing import Final

BOUNDARY: Final = "=_alternative-of-one-letter"
"""It may stay the same for all: `=_` occurs in neither encoding, so no part can hold it (RFC 2045, section 6.7)."""
_BASE64_LINE_BYTES = 57


def alternative(text: str, html: str) -> bytes:
    """Headers and body of `multipart/alternative`; the plainest first, as mail programs take the last they can show."""
    mark = BOUNDARY.encode()
    return b"".join(
        (
            b'MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary="' + mark + b'"\r\n\r\n',
            b"--" + mark + b"\r\n",
            part(text, "plain"),
            b"--" + mark + b"\r\n",
            part(html, "html"),
            b"--" + mark + b"--\r\n",
        )
    )


def part(text: str, subtype: str) -> bytes:
    """One part with its headers."""
    data = _lines(text)
    quoted = b2a_qp(data, istext=True)
    rows = -(-len(data) // _BASE64_LINE_BYTES)
    if len(quoted) <= -(-len(data) // 3) * 4 + 2 * rows:
        way, body = b"quoted-printable", quoted
    else:
        way, body = b"base64", _base64(data)
    kind = f'Content-Type: text/{subtype}; charset="utf-8"\r\n'.encode()
    return kind + b"Content-Transfer-Encoding: " + way + b"\r\n\r\n" + body + b"\r\n"


def _lines(text: str) -> bytes:
    """Every line ended by CRLF, the last one too. Half a character, which has no bytes, becomes a question mark."""
    joined = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
    if not joined.endswith("\r\n"):
        joined += "\r\n"
    try:
        return joined.encode()
    except UnicodeEncodeError:
        return joined.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def _base64(data: bytes) -> bytes:
    size = _BASE64_LINE_BYTES
    rows = [b2a_base64(data[at : at + size], newline=False) for at in range(0, len(data), size)]
    return b"\r\n".join(rows) + b"\r\n"
