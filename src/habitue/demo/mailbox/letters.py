"""Letters as the mailbox keeps them: the latest few hundred, in memory, and in a file where one is wanted."""

from __future__ import annotations

import re
import threading
from collections import deque
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses, parseaddr
from html import unescape
from pathlib import Path

import msgspec

from habitue.model.instant import Instant

KEPT_MAX = 500
_ADDRESS_IN_ANGLES = re.compile(r"<([^<>]+)>")
_HIDDEN = re.compile(r"(?is)<(div|span|p)\b[^>]*\bstyle=[\"'][^\"'>]*display:\s*none[^>]*>(.*?)</\1>")
_FILLER = "\u034f\u200b\u200c\u2007\ufeff\u00ad"
"""Characters without width, which keep a mail program from showing what follows the preheader."""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """One received message. `id` counts up; `recipients` are those of the envelope: where it really went."""

    id: int
    received_at: Instant
    sender: str
    recipients: list[str]
    raw: bytes


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """A letter, read. `unsubscribe` is where a one-click unsubscription goes (RFC 8058), if it offers one."""

    id: int
    received_at: Instant
    sender_name: str
    sender: str
    to: list[str]
    subject: str
    preview: str
    html: str | None
    text: str | None
    headers: list[tuple[str, str]]
    unsubscribe: str | None


class Letters:
    """Thread-safe: SMTP delivers in one thread, pages read in another."""

    def __init__(self, file: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._letters: deque[Letter] = deque(maxlen=KEPT_MAX)
        self._opened: dict[int, Opened] = {}
        self._file = file
        self._last_id = 0
        if file is not None and file.exists():
            self._read_back(file)

    def put(self, sender: str, recipients: list[str], raw: bytes, received_at: Instant) -> Letter:
        with self._lock:
            self._last_id += 1
            letter = Letter(id=self._last_id, received_at=received_at, sender=sender, recipients=recipients, raw=raw)
            self._keep(letter)
            if self._file is not None:
                with self._file.open("ab") as file:
                    file.write(msgspec.json.encode(letter) + b"\n")
            return letter

    def all(self, to: str = "") -> list[Opened]:
        """Newest first; `to` is any part of a recipient's address or of the subject."""
        with self._lock:
            opened = [self._opened[letter.id] for letter in reversed(self._letters)]
        wanted = to.strip().lower()
        return [letter for letter in opened if wanted in f"{' '.join(letter.to)} {letter.subject}".lower()]

    def find(self, number: int) -> Opened | None:
        with self._lock:
            return self._opened.get(number)

    @property
    def last_id(self) -> int:
        return self._last_id

    def _keep(self, letter: Letter) -> None:
        if len(self._letters) == KEPT_MAX:
            self._opened.pop(self._letters[0].id, None)
        self._letters.append(letter)
        self._opened[letter.id] = opened(letter)

    def _read_back(self, file: Path) -> None:
        for line in file.read_bytes().splitlines()[-KEPT_MAX:]:
            try:
                letter = msgspec.json.decode(line, type=Letter)
            except msgspec.DecodeError:
                continue  # The last line may have been cut off when the demo was killed.
            self._keep(letter)
            self._last_id = max(self._last_id, letter.id)
        # What is no longer shown need not be kept; the file would grow for ever.
        file.write_bytes(b"".join(msgspec.json.encode(letter) + b"\n" for letter in self._letters))


def opened(letter: Letter) -> Opened:
    """Read the letter; a broken one shows as much as can be read."""
    message = message_from_bytes(letter.raw, policy=policy.default)
    name, address = parseaddr(str(message.get("From", letter.sender)))
    html, text = _body(message, "html"), _body(message, "plain")
    return Opened(
        id=letter.id,
        received_at=letter.received_at,
        sender_name=name or address or letter.sender,
        sender=address or letter.sender,
        to=letter.recipients or [address for _, address in getaddresses([str(message.get("To", ""))])],
        subject=str(message.get("Subject", "")) or "(no subject)",
        preview=_preview(html or "", text or ""),
        html=html,
        text=text,
        headers=[(key, str(value)) for key, value in message.items()],
        unsubscribe=_one_click(message),
    )


def _body(message: EmailMessage, kind: str) -> str | None:
    part = message.get_body(preferencelist=(kind,))
    if part is None:
        return None
    try:
        return str(part.get_content())
    except (LookupError, ValueError):  # An unknown charset: show the bytes as they are.
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else None


def _preview(html: str, text: str) -> str:
    """What mail programs show beside the subject: the hidden first words if there are any, or the letter's own."""
    hidden = _HIDDEN.search(html)
    preheader = _words_of(hidden[2]).translate(dict.fromkeys(map(ord, _FILLER))) if hidden else ""
    words = preheader if preheader.strip() else text or _words_of(html)
    return " ".join(words.split())[:160]


def _words_of(html: str) -> str:
    """An HTML's text, roughly: enough for a line in a list."""
    without_tags = re.sub(r"<[^>]+>", " ", re.sub(r"(?s)<(style|script|title).*?</\1>", " ", html))
    return unescape(without_tags)


def _one_click(message: EmailMessage) -> str | None:
    if str(message.get("List-Unsubscribe-Post", "")).replace(" ", "").lower() != "list-unsubscribe=one-click":
        return None
    addresses = _ADDRESS_IN_ANGLES.findall("".join(str(message.get("List-Unsubscribe", "")).split()))
    return next((address for address in addresses if address.startswith(("http://", "https://"))), None)
