"""What a mail server's answer means for us: the one place where SMTP codes become failures.

When it was said decides whom it is about. At the greeting, the sign-in and the sender (MAIL FROM) it is about us, and
the channel rests. From the recipient (RCPT TO) on it is about this recipient or this message, whatever rule it names:
others go on. The enhanced status (RFC 3463) makes it finer. Only a clear "no such mailbox" condemns an address:
suppressing good addresses for a policy or a reputation problem of ours would lose customers for good.
"""

from __future__ import annotations

import re
from typing import Literal

from habitue.model.delivery import Failure

Stage = Literal["connect", "auth", "mail", "rcpt", "data"]

_ENHANCED = re.compile(r"\b5\.(\d{1,3})\.(\d{1,3})\b")
_POLICY = re.compile(r"spam|block|policy|relay|denied|reputation|listed|spf|dkim|dmarc|authenticat", re.IGNORECASE)
_SIGN_IN_CODES = frozenset({530, 534, 535, 538})
_SIGN_IN = frozenset({"7.8", "7.9", "7.10", "7.11"})
# The sender's own address or domain, and what proves that a letter is the sender's (RFC 7372): some servers look at it
# only when they have heard the recipient or the letter, and would say the same of every other.
_OUR_SENDER = frozenset({"1.7", "1.8", *(f"7.{number}" for number in range(20, 28))})
_NO_SUCH_ADDRESS = frozenset({"1.1", "1.2", "1.3", "1.6", "1.10", "2.1"})
_MAILBOX_FULL = frozenset({"2.2"})
_TOO_BIG = frozenset({"2.3", "3.4"})


def judge(code: int, text: str, stage: Stage) -> Failure:
    """The failure a refusal comes to. `code` is the SMTP reply code."""
    if code < 500:
        return Failure.PASSING
    if code in _SIGN_IN_CODES or stage in ("connect", "auth"):
        return Failure.CONFIGURATION
    enhanced = _ENHANCED.search(text)
    status = f"{int(enhanced[1])}.{int(enhanced[2])}" if enhanced else ""
    if stage == "mail":
        return Failure.PERMANENT_MESSAGE if status in _TOO_BIG else Failure.CONFIGURATION
    return _by_status(status) if status else _by_code(code, text, stage)


def _by_status(status: str) -> Failure:
    if status in _NO_SUCH_ADDRESS:
        return Failure.PERMANENT_ADDRESS
    if status in _OUR_SENDER or status in _SIGN_IN:
        return Failure.CONFIGURATION
    if status in _MAILBOX_FULL:
        return Failure.PASSING
    return Failure.PERMANENT_RECIPIENT if status.startswith("7.") else Failure.PERMANENT_MESSAGE


def _by_code(code: int, text: str, stage: Stage) -> Failure:
    if stage == "rcpt" and code in (550, 551, 553):
        return Failure.PERMANENT_RECIPIENT if _POLICY.search(text) else Failure.PERMANENT_ADDRESS
    return Failure.PERMANENT_MESSAGE
