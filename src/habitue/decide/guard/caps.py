"""Caps: at most so many marketing messages in any rolling window, on one channel or over all."""

from __future__ import annotations

from habitue.model.reason import Reason
from habitue.playbook.playbook import Cap

from .verdict import Drop, Question, Verdict


def check(question: Question) -> Verdict:
    if not question.is_marketing:
        return None
    for cap in question.playbook.guard.caps:
        if cap.channel not in (None, question.channel):
            continue
        count = _said(question, cap)
        if count >= cap.limit:
            reason = Reason.CAP_TOTAL if cap.channel is None else Reason.CAP_CHANNEL
            return Drop(reason, {"limit": cap.limit, "within": cap.within, "count": count})
    return None


def _said(question: Question, cap: Cap) -> int:
    since = question.now - cap.within
    return sum(
        1
        for exposure in question.customer.exposures
        if exposure.marketing and exposure.at > since and cap.channel in (None, exposure.channel)
    )
