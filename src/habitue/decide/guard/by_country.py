"""The law where she lives: whether silence may be taken for leave, and what a letter there must show.

A refusal has been honoured before this is asked; the rules are data, in `playbook/countries.py`.
"""

from __future__ import annotations

from habitue.decide.profile.country import country_of
from habitue.model.customer import Customer
from habitue.model.instant import Instant
from habitue.model.reason import Reason
from habitue.playbook.countries import Rule, law_of
from habitue.playbook.playbook import Playbook

from .consent import granted, is_confirmed, mode, pending_since
from .verdict import Drop, Question, Verdict


def check(question: Question) -> Verdict:
    if not question.is_marketing or mode(question) != "by_country":
        return None
    country, known_by = country_of(question.customer, question.playbook.shop)
    law = law_of(country)
    rule = law.rule(question.channel)
    if rule is None:
        return None  # No law of messaging speaks of it.
    detail = {"country": country, "known_by": known_by, "rule": rule.source}
    if law.postal_address and not question.playbook.shop.address:
        return Drop(Reason.COUNTRY_ADDRESS, {**detail, "rule": law.footer})
    given = granted(question)
    if given and (not rule.confirmed or is_confirmed(question)):
        return None
    if silence_is_leave(rule, question.customer, question.now):
        return None
    since = pending_since(question)
    if since is not None:
        return Drop(Reason.CONSENT_PENDING, {**detail, "since": since})
    return Drop(Reason.COUNTRY_UNCONFIRMED if given else Reason.COUNTRY_CONSENT, detail)


def silence_is_leave(rule: Rule, customer: Customer, now: Instant) -> bool:
    """Whether she may be written to as long as she has not refused."""
    match rule.consent:
        case "opt_out":
            return True
        case "soft_opt_in":
            bought_at = customer.last_order_at
            return bought_at is not None and (rule.customer_for is None or now - bought_at <= rule.customer_for)
        case _:
            return False


def may_write_unasked(playbook: Playbook, customer: Customer, channel: str, now: Instant) -> bool:
    """What holds for a channel `by_country` while she has said nothing: for pages that show how things stand."""
    rule = law_of(country_of(customer, playbook.shop)[0]).rule(channel)
    return rule is None or silence_is_leave(rule, customer, now)
