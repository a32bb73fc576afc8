"""No marketing to an address that nobody proved: anybody can type a stranger's into a page, and agree in its name."""

from __future__ import annotations

from habitue.decide.profile.addresses import is_proven
from habitue.decide.profile.consents import ADDRESSED
from habitue.model.reason import Reason

from .verdict import Drop, Question, Verdict


def check(question: Question) -> Verdict:
    if not question.is_marketing or question.channel not in ADDRESSED:
        return None
    return None if is_proven(question.customer, question.address) else Drop(Reason.ADDRESS_UNPROVEN)
