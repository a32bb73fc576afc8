"""The SMTP side of the mailbox: takes every letter for everybody, except the addresses made for testing refusals."""

from __future__ import annotations

from collections.abc import Callable

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from habitue.model.instant import Instant

from .letters import Letters

REFUSALS = {
    "bounce": "550 5.1.1 There is nobody of this name here",
    "busy": "451 4.3.0 Not now; come back later",
}
"""Local part → what the server says: a way to see a permanent and a passing failure in the demo."""


class _Handler:
    def __init__(self, letters: Letters, now: Callable[[], Instant]) -> None:
        self._letters = letters
        self._now = now

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusal = REFUSALS.get(address.partition("@")[0].lower())
        if refusal is not None:
            return refusal
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode("utf-8", "replace")
        self._letters.put(envelope.mail_from or "", list(envelope.rcpt_tos), raw, self._now())
        return "250 Kept"


class Post:
    """Runs in a thread of its own between `start` and `stop`."""

    def __init__(self, letters: Letters, now: Callable[[], Instant], host: str, port: int) -> None:
        self._controller = Controller(
            _Handler(letters, now), hostname=host, port=port, enable_SMTPUTF8=True, data_size_limit=10 * 1024 * 1024
        )

    def start(self) -> None:
        """Raises OSError when the port is taken."""
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop(no_assert=True)
