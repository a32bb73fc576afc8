"""What she allows: whether she said yes to a channel, and whether her data may be shared to advertise to her."""

from __future__ import annotations

from habitue.model.consent import ADS, CATEGORY
from habitue.model.customer import Customer

from .consents import word
from .traits import email

ADVERTISING = f"{CATEGORY}:Advertising"


def has_allowed(customer: Customer, channel: str) -> bool:
    """Whether they said yes to the channel, for the address they have. What silence means, is the guard's."""
    known = word(customer, channel, email(customer))
    return known is not None and known.granted


def has_refused_topic(customer: Customer, channel: str, topic: str) -> bool:
    known = word(customer, f"{channel}:{topic}", email(customer))
    return known is not None and known.is_refused


def may_share(customer: Customer) -> bool:
    """Unless she, her browser or her consent platform objects. A yes of hers to `ads` outweighs an earlier signal."""
    ads = customer.consents.get(ADS)
    if ads is not None and ads.is_refused:
        return False
    if customer.opted_out_at is not None and not (ads is not None and ads.granted and ads.at > customer.opted_out_at):
        return False
    one, whole = customer.consents.get(ADVERTISING), customer.consents.get(CATEGORY)
    if whole is not None and whole.is_refused:
        return one is not None and one.granted and one.at > whole.at
    return one is None or not one.is_refused
