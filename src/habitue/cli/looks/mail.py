"""Mail: does the mail server take us?"""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Iterator
from typing import Any

from habitue.wire import Parts

from .finding import Finding


def look(parts: Parts) -> Iterator[Finding]:
    smtp = parts.settings.smtp
    if not smtp.host:
        yield Finding(
            "note", "mail", "smtp.host is empty: e-mails wait in the outbox; docs/settings.md says how to set it"
        )
        return
    kind: Callable[..., Any] = smtplib.SMTP_SSL if smtp.security == "tls" else smtplib.SMTP
    try:
        with kind(smtp.host, smtp.port, timeout=min(smtp.timeout_seconds, 10)) as connection:
            if smtp.security == "starttls":
                connection.starttls()
            if smtp.user:
                connection.login(smtp.user, smtp.password.reveal())
    except (OSError, smtplib.SMTPException) as error:
        yield Finding("bad", "mail", f"{smtp.host} port {smtp.port} with {smtp.security}: {error}")
    else:
        yield Finding("ok", "mail", f"{smtp.host} port {smtp.port} takes us")
