"""Whether a marketing message could go to her on a channel at all, and until when that holds by itself.

The passes are the guard's own: what this says and what is sent cannot differ. What comes and goes with the moment, such
as caps and quiet hours, is not asked.
"""

from __future__ import annotations

from collections.abc import Callable

from habitue.decide.profile.country import country_of
from habitue.decide.profile.pausing import paused_until
from habitue.model.customer import Customer
from habitue.model.instant import Instant
from habitue.model.message import Message
from habitue.playbook.countries import law_of
from habitue.playbook.playbook import Playbook

from . import by_country, consent, paused, suppressed, unproven
from .reach import address_of
from .verdict import Question, Verdict

WHETHER_AT_ALL: tuple[Callable[[Question], Verdict], ...] = (
    suppressed.check,
    consent.check,
    by_country.check,
    unproven.check,
    paused.check,
)


def is_reachable(playbook: Playbook, customer: Customer, channel: str, now: Instant) -> bool:
    """Whether a message about any of the playbook's topics would pass."""
    address = address_of(customer, channel)
    if not address:
        return False
    for topic in playbook.topics or ("",):
        message = Message(name="", title="", topic=topic)
        question = Question(customer, message, channel, address, "", now, now, playbook)
        if all(check(question) is None for check in WHETHER_AT_ALL):
            return True
    return False


def reach_changes_at(playbook: Playbook, customer: Customer, channel: str, now: Instant) -> Instant | None:
    """When it may next be otherwise by itself: a pause is over, or the time in which she may be written to unasked."""
    ends = [paused_until(customer, now), _unasked_until(playbook, customer, channel, now)]
    return min((at for at in ends if at is not None), default=None)


def _unasked_until(playbook: Playbook, customer: Customer, channel: str, now: Instant) -> Instant | None:
    """When she stops being a customer who may be written to unasked, where her country's law counts from her order."""
    settings = playbook.channels.get(channel)
    if settings is None or settings.consent != "by_country" or customer.last_order_at is None:
        return None
    rule = law_of(country_of(customer, playbook.shop)[0]).rule(channel)
    if rule is None or rule.consent != "soft_opt_in" or rule.customer_for is None:
        return None
    ends_at = customer.last_order_at + rule.customer_for + 1
    return ends_at if ends_at > now else None
