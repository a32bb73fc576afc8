"""Where a customer can be reached on each channel; nothing means: not at all."""

from __future__ import annotations

from habitue.decide.profile.traits import email
from habitue.model.customer import Customer


def address_of(customer: Customer, channel: str) -> str:
    match channel:
        case "email":
            return email(customer)
        case "onsite":
            return customer.id if customer.anonymous_ids else ""
    return ""
