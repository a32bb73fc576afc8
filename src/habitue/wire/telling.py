"""Says alarms to the outside: `python -m habitue.wire.telling DATA`, begun by the supervisor when one is to be said.

A process of its own: the supervisor carries no mail and no HTTP, and a receiver that hangs holds up nobody.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import smtplib
import sys
import time
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import formatdate
from pathlib import Path
from typing import Any

import msgspec
import structlog

from habitue import logs, private
from habitue.errors import HabitueError
from habitue.fetch import Fetcher
from habitue.model.alarm import kind_of
from habitue.model.instant import to_iso
from habitue.run.ports.alarms import Told
from habitue.run.telling import CLEARED, Telling

from .notices import EMAIL, WEBHOOK, waiting
from .parts import Parts, create

SECONDS_MAX = 20.0

log = structlog.get_logger()
Say = Callable[[Telling], None]


def tell(parts: Parts, says: dict[str, Say] | None = None) -> int:
    """Say what is to be said now, and note what became of it; how much was said."""
    says = says or {WEBHOOK: lambda one: _post(parts, one), EMAIL: lambda one: _mail(parts, one)}
    done = 0
    for one in waiting(parts):
        answer = ""
        try:
            says[one.way](one)
        except (HabitueError, OSError, smtplib.SMTPException, ValueError) as error:
            answer = f"{type(error).__name__}: {error}"
            log.error("alarm_not_told", way=one.way, kind=one.alarm.kind, error=answer)
        done += not answer
        now = parts.clock.now()
        # Noted before the next: killed in between, this one alone may be said twice.
        parts.alarms.note([Told(one.number, one.way, one.what, one.tries + 1, now, not answer, answer)])
    return done


def _post(parts: Parts, one: Telling) -> None:
    settings = parts.settings
    body = msgspec.json.encode(message(one))
    identity, at = f"alarm_{one.number}_{one.what}", str(int(time.time()))
    headers = {
        "content-type": "application/json",
        "webhook-id": identity,
        "webhook-timestamp": at,
        "webhook-signature": sign(settings.alarms.webhook_secret.reveal(), identity, at, body),
    }
    hosts = frozenset(host.strip() for host in settings.catalog.private_hosts.split(",") if host.strip())
    Fetcher(bytes_max=65_536, seconds_max=SECONDS_MAX, private_hosts=hosts).post(settings.alarms.webhook, body, headers)


def sign(secret: str, identity: str, at: str, body: bytes) -> str:
    """As Standard Webhooks has it: HMAC-SHA256 over id, seconds and body, base64 after `v1,`."""
    signed = hmac.digest(secret.encode(), f"{identity}.{at}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(signed).decode()


def message(one: Telling) -> dict[str, Any]:
    """What the webhook is sent."""
    alarm, kind = one.alarm, kind_of(one.alarm.kind)
    return {
        "type": f"alarm.{one.what}",
        "id": one.number,
        "kind": alarm.kind,
        "subject": alarm.subject,
        "detail": alarm.detail,
        "title": kind.title,
        "advice": kind.advice,
        "raised_at": to_iso(alarm.raised_at),
        "cleared_at": None if alarm.cleared_at is None else to_iso(alarm.cleared_at),
    }


def _mail(parts: Parts, one: Telling) -> None:
    smtp = parts.settings.smtp
    made = letter(one, parts.settings.alarms.email, _sender(parts), parts.public_url)
    kind: Any = smtplib.SMTP_SSL if smtp.security == "tls" else smtplib.SMTP
    with kind(smtp.host, smtp.port, timeout=min(smtp.timeout_seconds, SECONDS_MAX)) as connection:
        if smtp.security == "starttls":
            connection.starttls()
        if smtp.user:
            connection.login(smtp.user, smtp.password.reveal())
        connection.send_message(made)


def letter(one: Telling, to: str, sender: str, console: str) -> EmailMessage:
    """Its headers hold nothing but our own words and settings; what the alarm says stands in the body alone."""
    alarm, kind = one.alarm, kind_of(one.alarm.kind)
    made = EmailMessage()
    made["Subject"] = f"Habitue: {'over: ' if one.what == CLEARED else ''}{kind.title}"
    made["From"], made["To"], made["Date"] = sender, to, formatdate(usegmt=True)
    made["Message-ID"] = f"<alarm-{one.number}-{one.what}-{alarm.raised_at}@{to.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    over = "" if alarm.cleared_at is None else f"\nOver since {to_iso(alarm.cleared_at)}."
    made.set_content(
        f"{kind.title}\n\n{alarm.subject}: {alarm.detail}\nSince {to_iso(alarm.raised_at)}.{over}\n\n"
        f"What to do: {kind.advice}\n\n{console}/console/\n",
        cte="base64",
    )
    return made


def _sender(parts: Parts) -> str:
    """The shop's own, which its mail server knows; without a playbook the owner writes to themselves."""
    try:
        playbook = parts.latest_playbook()
    except HabitueError:
        playbook = None
    channel = None if playbook is None else playbook.channels.get("email")
    sender = "" if channel is None else channel.sender
    return sender if sender and "{" not in sender else parts.settings.alarms.email


def main(arguments: list[str]) -> int:
    os.umask(private.UMASK)
    config = Path(arguments[1]) if len(arguments) > 1 else None
    parts = create(Path(arguments[0]), config)
    logs.configure(parts.settings.log, "telling")
    tell(parts)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
