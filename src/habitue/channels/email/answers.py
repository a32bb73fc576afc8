"""What a mail server's answer means for us: the one place where SMTP codes become failures.

The enhanced status (RFC 3463) decides where there is one. Only a clear "no such mailbox" condemns an address:
suppressing good addresses for a policy or a reputation problem of ours would lose customers for good.
"""

from __future__ import annotations

import re
from typing import Literal

from habitue.model.delivery import Failure

Stage = Literal["connect", "auth", "mail", "rcpt", "data"]

_ENHANCED = re.compile(r"\b5\.(\d{1,3})\.(\d{1,3})\b")
_POLICY = re.compile(r"spam|block|policy|relay|denied|reputation|listed|spf|dkim|dmarc|authenticat", re.IGNORECASE)
_NO_SUCH_ADDRESS = frozenset({"1.1", "1.2", "1.3", "1.6", "1.10", "2.1"})
_OUR_SENDER = frozenset({"1.7", "1.8", "1.9"})
_MAILBOX_FULL = frozenset({"2.2"})


def judge(code: int, text: str, stage: Stage) -> Failure:
    """The failure a refusal comes to. `code` is the SMTP reply code."""
    if code < 500:
        return Failure.PASSING
    if code in (530, 534, 535, 538) or stage in ("connect", "auth"):
        return Failure.CONFIGURATION
    enhanced = _ENHANCED.search(text)
    if enhanced is not None:
        return _by_status(f"{int(enhanced[1])}.{int(enhanced[2])}")
    return _by_code(code, text, stage)


def _by_status(status: str) -> Failure:
    if status in _NO_SUCH_ADDRESS:
        return Failure.PERMANENT_ADDRESS
    if status in _OUR_SENDER or status.startswith("7."):
        return Failure.CONFIGURATION
    if status in _MAILBOX_FULL:
        return Failure.PASSING
    return Failure.PERMANENT_MESSAGE


def _by_code(code: int, text: str, stage: Stage) -> Failure:
    if stage == "mail":
        return Failure.CONFIGURATION
    if stage == "rcpt" and code in (550, 551, 553):
        return Failure.CONFIGURATION if _POLICY.search(text) else Failure.PERMANENT_ADDRESS
    return Failure.PERMANENT_MESSAGE
