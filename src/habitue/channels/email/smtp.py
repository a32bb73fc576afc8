"""Hands letters to a mail server by SMTP, over connections that are kept and used again."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress

import aiosmtplib

from habitue.model.delivery import Failure
from habitue.model.instant import Instant, to_datetime
from habitue.model.rendered import Rendered, RenderedEmail
from habitue.run.ports import Accepted, Handover, Refused, Start, Uncertain
from habitue.settings import Smtp

from .address import BadRecipient, BadSender
from .answers import Stage, judge
from .headers import BadHeader
from .message import Letter, build

LETTERS_PER_CONNECTION = 100
"""Many servers end a session after a hundred or so; we end it first, between two letters."""
_FINE, _SEND_IT = frozenset({250, 251}), frozenset({354})


class SmtpChannel:
    """Implements `run.ports.Channel`. `now` dates the letters: the run's clock. `domain` stands in Message-IDs and
    List-IDs, the sender's own when it is empty."""

    def __init__(self, settings: Smtp, now: Callable[[], Instant], domain: str = "") -> None:
        self._settings = settings
        self._now = now
        self._domain = domain
        self._idle: list[_Connection] = []
        self._gate = asyncio.Semaphore(settings.connections_max)

    async def hand_over(self, delivery: str, address: str, content: Rendered, start: Start) -> Handover:
        """One letter to one address. An answer that never came after the letter went out is `Uncertain`.

        `start` is called when the server has agreed to sender and recipient and asks for the letter (354).
        """
        if not isinstance(content, RenderedEmail):
            raise TypeError(f"the e-mail channel was given a {type(content).__name__}")
        try:
            letter = build(delivery, address, content, to_datetime(self._now()), self._domain)
        except BadRecipient as error:
            return Refused(Failure.PERMANENT_ADDRESS, str(error))
        except BadSender as error:
            return Refused(Failure.CONFIGURATION, str(error))
        except BadHeader as error:
            return Refused(Failure.PERMANENT_MESSAGE, str(error))
        async with self._gate:
            return await self._send(letter, start)

    async def close(self) -> None:
        while self._idle:
            await self._idle.pop().quit()

    async def _send(self, letter: Letter, start: Start) -> Handover:
        while True:
            kept = self._idle.pop() if self._idle else None
            connection = kept or _Connection(self._settings)
            answer = await connection.send(letter, start)
            if connection.is_usable:
                self._idle.append(connection)
            else:
                connection.close()
            if kept is not None and answer is None:
                continue  # The server had ended a session we kept: nothing was handed over, a new one is opened.
            return answer or Refused(Failure.PASSING, "the mail server ended the session")


class _Connection:
    """One session with the server, and how far the present letter has come in it."""

    def __init__(self, settings: Smtp) -> None:
        self._settings = settings
        self._client = aiosmtplib.SMTP(
            hostname=settings.host,
            port=settings.port,
            username=settings.user or None,
            password=settings.password.reveal() or None,
            use_tls=settings.security == "tls",
            start_tls=settings.security == "starttls",
            timeout=settings.timeout_seconds,
        )
        self._stage: Stage = "connect"
        self._letters = 0
        self._begun = False
        """The present letter's first byte may have gone out."""

    @property
    def is_usable(self) -> bool:
        return self._client.is_connected and self._letters < LETTERS_PER_CONNECTION

    async def send(self, letter: Letter, start: Start) -> Handover | None:
        """None: the server was gone before the letter was handed over."""
        try:
            return await self._converse(letter, start)
        except aiosmtplib.SMTPAuthenticationError as error:
            self._stage = "auth"
            return self._refused(error.code, error.message)
        except aiosmtplib.SMTPResponseException as error:
            return await self._answered(error)
        except (aiosmtplib.SMTPNotSupported, ssl.SSLError) as error:
            if self._begun:
                return self._unanswered(error)
            return Refused(Failure.CONFIGURATION, f"{self._stage}: {error}")
        except (aiosmtplib.SMTPServerDisconnected, ConnectionResetError, BrokenPipeError) as error:
            is_gone = self._stage in ("mail", "rcpt", "data") and not self._begun
            return None if is_gone else self._unanswered(error)
        except (aiosmtplib.SMTPException, OSError) as error:
            return self._unanswered(error)

    async def _converse(self, letter: Letter, start: Start) -> Handover:
        self._begun = False
        if not self._client.is_connected:
            self._stage = "connect"
            await self._client.connect()
            await self._greet()
        self._stage = "mail"
        options = [b"SMTPUTF8"] if letter.is_international else []
        if options and not self._client.supports_extension("smtputf8"):
            return Refused(Failure.PERMANENT_MESSAGE, "the mail server does not take international addresses")
        # `address.py` has looked at both; the library would take them apart once more.
        await self._say(_FINE, b"MAIL", f"FROM:<{letter.sender}>".encode(), *options)
        self._stage = "rcpt"
        await self._say(_FINE, b"RCPT", f"TO:<{letter.recipient}>".encode())
        self._stage = "data"
        await self._say(_SEND_IT, b"DATA")
        if not start():
            self.close()  # The server waits for a letter: only the end of the session says that none will come.
            return Refused(Failure.PASSING, "withdrawn")
        self._begun = True
        return await self._transfer(letter)

    async def _greet(self) -> None:
        if self._client.is_ehlo_or_helo_needed:
            try:
                await self._client.ehlo()
            except aiosmtplib.SMTPHeloError:
                await self._client.helo()

    async def _say(self, expected: frozenset[int], *words: bytes) -> None:
        code, answer = await self._client.execute_command(*words)
        if code not in expected:
            raise aiosmtplib.SMTPResponseException(code, answer)

    async def _transfer(self, letter: Letter) -> Handover:
        protocol = self._client.protocol
        if protocol is None:
            raise aiosmtplib.SMTPServerDisconnected("the session ended")
        # A line that begins with a dot gets a second one, or it might end the letter (RFC 5321, section 4.5.2).
        protocol.write(letter.raw.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        try:
            code, answer = await protocol.read_response(timeout=self._settings.timeout_seconds)
        except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPTimeoutError):
            self.close()
            raise
        if code not in _FINE:
            raise aiosmtplib.SMTPResponseException(code, answer)
        self._letters += 1
        return Accepted(f"{code} {answer}"[:500])

    async def _answered(self, error: aiosmtplib.SMTPResponseException) -> Handover:
        if not 400 <= error.code < 600:
            # No SMTP answer at all. After the letter went out it says nothing about what became of it.
            self.close()
            return self._unanswered(error)
        await self._reset()
        return self._refused(error.code, error.message)

    def _refused(self, code: int, text: str) -> Refused:
        return Refused(judge(code, text, self._stage), f"{self._stage}: {code} {text}"[:500])

    def _unanswered(self, error: Exception) -> Handover:
        if (
            type(error) is aiosmtplib.SMTPException
        ):  # Of no special kind: the server lacks what was asked for, STARTTLS.
            return Refused(Failure.CONFIGURATION, f"{self._stage}: {error}"[:500])
        if self._begun:
            return Uncertain(f"no answer after the letter was sent: {error}"[:500])
        return Refused(Failure.PASSING, f"{self._stage}: {error or type(error).__name__}"[:500])

    async def _reset(self) -> None:
        """Forget the letter, so that the session can carry the next; a session that cannot is closed."""
        if not self._client.is_connected:
            return
        try:
            await self._client.rset()
        except (aiosmtplib.SMTPException, OSError):
            self.close()

    async def quit(self) -> None:
        with suppress(aiosmtplib.SMTPException, OSError):
            await self._client.quit()
        self.close()

    def close(self) -> None:
        self._client.close()
