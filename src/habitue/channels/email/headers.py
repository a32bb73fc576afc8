"""Header lines as bytes: the only way anything gets into an email's headers.

Three forms and no other: words (`text`), addresses (`mailbox`), and what we made ourselves (`verbatim`). A value goes
in as one value: whatever could end a line, begin another header or be read as an encoded word is encoded or refused. It
needs nothing but Python's own `base64` and `re`: libraries that parse what they write have let `=0A` through as a line
break (RFC 5322 for lines, RFC 2047 for encoded words).
"""

from __future__ import annotations

import re
from base64 import b64encode

LINE_OCTETS_MAX = 998
LINE_CHARACTERS = 76
WORD_CHARACTERS_MAX = 75
"""Of an encoded word, its marks included (RFC 2047, section 2)."""

_WORD_OPEN, _WORD_CLOSE = "=?utf-8?{}?", "?="
_WORD_FRAME = len(_WORD_OPEN.format("q")) + len(_WORD_CLOSE)
_ROOM_MIN = WORD_CHARACTERS_MAX // 2
_BREAKING = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,59}")
_PLAIN = re.compile(r"[!-~]{1,60}(?: [!-~]{1,60})*")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_VISIBLE = re.compile(r"[ -~]+")
_NAME_CHARACTERS_MAX = 60
"""A display name up to this stands as it is or in quotes; a longer one is encoded, since quotes cannot be folded."""
# What stands for itself in the Q encoding everywhere, in display names too (RFC 2047, section 5, rule 3).
_ITSELF = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")


class BadHeader(ValueError):
    """The value cannot stand in a header."""


def text(name: str, value: str) -> bytes:
    """A header of words, such as a subject: as it is where that is safe, encoded as a whole where it is not."""
    line = one_line(value)
    if _PLAIN.fullmatch(line) and "=?" not in line:
        return _line(name, _folded(line, len(name) + 2))
    return _line(name, encoded(line, len(name) + 2))


def mailbox(name: str, display: str, address: str) -> bytes:
    """An address with the name of its owner. `address` has been checked by `address.py`; it may go beyond ASCII."""
    if not display:
        return _line(name, address)
    shown = phrase(display, len(name) + 2)
    last_line = f"{name}: {shown}".rpartition("\n")[2]
    blank = " " if len(last_line) + len(address) + 3 <= LINE_CHARACTERS else "\r\n "
    return _line(name, f"{shown}{blank}<{address}>")


def verbatim(name: str, value: str) -> bytes:
    """A value of our own making that must not be folded or encoded, such as the address of a one-click button."""
    if not _VISIBLE.fullmatch(value) or "=?" in value:
        raise BadHeader(f"{name}: {value[:60]!r} has characters that cannot stand in it")
    return _line(name, value)


def phrase(display: str, indent: int) -> str:
    """A display name: words, a quoted string, or encoded words."""
    line = one_line(display)
    if "=?" not in line and len(line) <= _NAME_CHARACTERS_MAX:
        if _ATOMS.fullmatch(line):
            return line
        if _VISIBLE.fullmatch(line):
            return '"' + line.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return encoded(line, indent)


def encoded(line: str, indent: int) -> str:
    """Encoded words, each on a line of its own; cut between characters, never inside one."""
    if not line:
        return ""
    raw = line.encode()
    quoted = sum(1 if one in _ITSELF or one == " " else 3 * len(one.encode()) for one in line)
    way, cost = ("q", _quoted_cost) if quoted <= (len(raw) + 2) // 3 * 4 else ("b", _base64_cost)
    words, chunk, spent = [], "", 0.0
    room = LINE_CHARACTERS - indent - _WORD_FRAME
    fits_behind = room >= _ROOM_MIN - _WORD_FRAME
    room = room if fits_behind else WORD_CHARACTERS_MAX - _WORD_FRAME
    for one in line:
        price = cost(one)
        if chunk and spent + price > _whole(room, way):
            words.append(chunk)
            chunk, spent, room = "", 0.0, WORD_CHARACTERS_MAX - _WORD_FRAME
        chunk, spent = chunk + one, spent + price
    words.append(chunk)
    made = "\r\n ".join(_word(word, way) for word in words)
    return made if fits_behind else f"\r\n {made}"


def one_line(value: str) -> str:
    """Without anything that could end a line, and without halves of characters, which have no bytes."""
    line = _BREAKING.sub(" ", value).strip()
    return line if _has_bytes(line) else line.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _has_bytes(line: str) -> bool:
    try:
        line.encode()
    except UnicodeEncodeError:
        return False
    return True


def _line(name: str, value: str) -> bytes:
    """The last door: whatever came here, one header leaves, or none."""
    if not _NAME.fullmatch(name):
        raise BadHeader(f"{name[:60]!r} is not the name of a header")
    lines = f"{name}: {value}".encode().split(b"\r\n")
    for number, line in enumerate(lines):
        if len(line) > LINE_OCTETS_MAX:
            raise BadHeader(f"{name}: a line of {len(line)} bytes; at most {LINE_OCTETS_MAX} can be sent")
        if b"\r" in line or b"\n" in line or b"\0" in line or (number and not line.strip()):
            raise BadHeader(f"{name}: a break inside the value")
        if number and not line.startswith(b" "):
            raise BadHeader(f"{name}: a second header inside the value")
    return b"\r\n".join(lines) + b"\r\n"


def _folded(line: str, indent: int) -> str:
    if indent + len(line) <= LINE_CHARACTERS:
        return line
    lines, length = [""], indent
    for word in line.split(" "):
        if lines[-1] and length + 1 + len(word) > LINE_CHARACTERS:
            lines.append(word)
            length = 1 + len(word)
        else:
            blank = " " if lines[-1] else ""
            lines[-1] += blank + word
            length += len(blank) + len(word)
    return "\r\n ".join(lines)


def _word(chunk: str, way: str) -> str:
    inside = _quoted(chunk) if way == "q" else b64encode(chunk.encode()).decode("ascii")
    return _WORD_OPEN.format(way) + inside + _WORD_CLOSE


def _quoted(chunk: str) -> str:
    return "".join(
        one if one in _ITSELF else "_" if one == " " else "".join(f"={byte:02X}" for byte in one.encode())
        for one in chunk
    )


def _quoted_cost(one: str) -> int:
    return 1 if one in _ITSELF or one == " " else 3 * len(one.encode())


def _base64_cost(one: str) -> int:
    return len(one.encode())


def _whole(room: int, way: str) -> int:
    """How much of the way's cost a word has room for: characters in Q, bytes in B."""
    return room if way == "q" else room // 4 * 3
