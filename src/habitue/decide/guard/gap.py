"""A minimum gap between two marketing messages: the later one waits for it."""

from __future__ import annotations

from habitue.model.reason import Reason

from .verdict import Defer, Question, Verdict


def check(question: Question) -> Verdict:
    if not question.is_marketing:
        return None
    until = question.now
    for gap in question.playbook.guard.gaps:
        if gap.channel not in (None, question.channel):
            continue
        for exposure in question.customer.exposures:
            if exposure.marketing and gap.channel in (None, exposure.channel):
                until = max(until, exposure.at + gap.span)
    return Defer(until, Reason.MINIMUM_GAP) if until > question.now else None
