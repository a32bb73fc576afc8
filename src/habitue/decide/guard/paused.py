"""Nothing of marketing while she has paused: what would be said then is not kept for the day on which she is back."""

from __future__ import annotations

from habitue.decide.profile.pausing import paused_until
from habitue.model.reason import Reason

from .verdict import Drop, Question, Verdict


def check(question: Question) -> Verdict:
    if not question.is_marketing:
        return None
    until = paused_until(question.customer, question.now)
    return None if until is None else Drop(Reason.PAUSED, {"until": until})
