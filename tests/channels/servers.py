"""A real mail server that answers as the test tells it, and keeps what it took."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from habitue.channels.email.smtp import SmtpChannel
from habitue.model.instant import HOUR
from habitue.model.rendered import RenderedEmail
from habitue.settings import Secret, Smtp

NOW = 24 * 365 * 56 * HOUR
HELLO = RenderedEmail(
    subject="Hello",
    html="<p>Hello</p>",
    text="Hello\n",
    sender="Wick & Co <hi@shop.example>",
    unsubscribe_url="https://h.example/u/" + "x" * 400,
    list_id="offers",
    feedback_id="note",
)


class Server:
    """`answers` maps a stage (mail, rcpt, data) or a recipient to what it says next; `silent` stages never answer."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}
        self.silent: set[str] = set()
        self.hangs_up: set[str] = set()
        self.taken: list[bytes] = []
        self.recipients: list[str] = []
        self.sessions = 0
        self.port = 0
        self.protocols: list[SMTP] = []

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        envelope.mail_from = address
        return await self._answer(server, "mail") or "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        answer = await self._answer(server, "rcpt") or self.answers.get(address)
        if answer is None:
            envelope.rcpt_tos.append(address)
            self.recipients.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if "take_then_data" in self.silent or "take_then_data" in self.hangs_up:
            self.taken.append(bytes(envelope.content or b""))
        answer = await self._answer(server, "data")
        await self._answer(server, "take_then_data")
        if answer is None:
            self.taken.append(bytes(envelope.content or b""))
        return answer or "250 2.0.0 queued"

    async def _answer(self, server: SMTP, stage: str) -> str | None:
        if stage in self.hangs_up:
            server.transport.abort()
            await asyncio.sleep(3600)
        if stage in self.silent:
            await asyncio.sleep(3600)
        return self.answers.get(stage)

    def letter(self, number: int = -1) -> EmailMessage:
        return message_from_bytes(self.taken[number], policy=policy.default)  # type: ignore[return-value]

    def end_sessions(self) -> None:
        for protocol in self.protocols:
            if protocol.transport:
                protocol.transport.abort()
        self.protocols.clear()


@asynccontextmanager
async def mail_server(**options: Any) -> AsyncIterator[Server]:
    handler = Server()

    def factory() -> SMTP:
        handler.sessions += 1
        handler.protocols.append(SMTP(handler, enable_SMTPUTF8=True, **options))
        return handler.protocols[-1]

    listening = await asyncio.get_running_loop().create_server(factory, "127.0.0.1", 0)
    handler.port = listening.sockets[0].getsockname()[1]
    try:
        yield handler
    finally:
        handler.end_sessions()
        listening.close()


def refuse_sign_in(*_: object) -> AuthResult:
    return AuthResult(success=False, handled=False)


@asynccontextmanager
async def channel_to(server: Server, **settings: Any) -> AsyncIterator[SmtpChannel]:
    known: dict[str, Any] = {"host": "127.0.0.1", "port": server.port, "security": "none", "timeout_seconds": 5.0}
    made = SmtpChannel(Smtp(**(known | settings)), lambda: NOW)
    try:
        yield made
    finally:
        await made.close()


def go_ahead() -> bool:
    return True


__all__ = ["HELLO", "NOW", "Secret", "Server", "channel_to", "go_ahead", "mail_server", "refuse_sign_in"]
