"""The same message about the same thing is said once within its span, on whichever channel."""

from __future__ import annotations

from habitue.model.reason import Reason

from .verdict import Drop, Question, Verdict


def check(question: Question) -> Verdict:
    message, since = question.message, question.now - question.message.duplicate_within
    for exposure in reversed(question.customer.exposures):
        if exposure.at <= since:
            break
        if exposure.message == message.name and exposure.about == question.about:
            return Drop(Reason.DUPLICATE, {"earlier": exposure.id, "at": exposure.at})
    return None
