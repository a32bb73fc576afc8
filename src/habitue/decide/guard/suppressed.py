"""Never again to an address that bounced for good or whose owner complained, transactional or not."""

from __future__ import annotations

from habitue.decide.profile.consents import is_suppressed
from habitue.model.reason import Reason

from .verdict import Drop, Question, Verdict


def check(question: Question) -> Verdict:
    if not question.address:
        return Drop(Reason.UNREACHABLE)
    why = is_suppressed(question.customer, question.channel, question.address)
    return Drop(Reason.SUPPRESSED, {"because": why}) if why else None
