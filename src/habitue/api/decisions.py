"""Decisions: why each customer got, or did not get, what she got."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from habitue.model.api_key import Scope
from habitue.model.decision import Decision
from habitue.model.instant import to_iso
from habitue.model.reason import Outcome, Reason
from habitue.playbook.why import why

from . import people
from .operation import Call, Listing, Moment, Nothing, Operation, Page
from .ports import Services

Word = Annotated[str, Meta(min_length=1, max_length=200)]


class DecisionRead(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the ledger."""

    id: Annotated[str, Meta(description="Of a decision to send, this is also the id of the delivery.")]
    customer: str
    at: Moment
    outcome: Outcome
    reason: Reason
    why: Annotated[str, Meta(description="The reason as a sentence, with what was missing of a condition.")]
    journey: str | None
    run: str | None
    step: str | None
    message: str | None
    channel: str | None
    segment: str | None
    detail: dict[str, Any]


class DecisionPage(Page, frozen=True, kw_only=True):
    """Decisions, newest first."""

    data: list[DecisionRead]


class CustomerDecisionsAsked(Listing, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which decisions."""

    outcome: Outcome | None = None
    reason: Reason | None = None
    journey: Word | None = None
    message: Word | None = None


class DecisionsAsked(CustomerDecisionsAsked, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which decisions."""

    customer: people.Whose | None = None


def read(decision: Decision) -> DecisionRead:
    return DecisionRead(
        id=decision.id,
        customer=decision.customer,
        at=to_iso(decision.at),
        outcome=decision.outcome,
        reason=decision.reason,
        why=why(decision),
        journey=decision.journey,
        run=decision.run,
        step=decision.step,
        message=decision.message,
        channel=decision.channel,
        segment=decision.segment,
        detail=decision.detail,
    )


def list_decisions(services: Services, call: Call[DecisionsAsked, Nothing]) -> DecisionPage:
    return _list(services, call, call.query.customer)


def list_customer_decisions(services: Services, call: Call[CustomerDecisionsAsked, Nothing]) -> DecisionPage:
    return _list(services, call, call.path["customer"])


def _list(services: Services, call: Call[Any, Nothing], customer: str | None) -> DecisionPage:
    asked: CustomerDecisionsAsked = call.query
    found = services.view.decisions(
        customers=None if customer is None else people.ids(people.find(services, customer)),
        outcome=asked.outcome and asked.outcome.value,
        reason=asked.reason and asked.reason.value,
        journey=asked.journey,
        message=asked.message,
        limit=asked.limit + 1,
        before=call.place(int),
    )
    shown = found[: asked.limit]
    more = len(found) > len(shown)
    return call.page(DecisionPage, [read(decision) for _, decision in shown], shown[-1][0] if more else None)


OPERATIONS: tuple[Operation[Any, Any], ...] = (
    Operation(
        id="list_decisions",
        method="GET",
        path="/decisions",
        tag="Decisions",
        summary="Read the ledger, newest first",
        description="What was decided about whom, and why: also why a message was not sent.",
        scope=Scope.CUSTOMERS_READ,
        handler=list_decisions,
        answer=DecisionPage,
        query=DecisionsAsked,
        body=Nothing,
        problems=("not-found",),
    ),
    Operation(
        id="list_customer_decisions",
        method="GET",
        path="/customers/{customer}/decisions",
        tag="Customers",
        summary="What was decided about a customer, newest first",
        scope=Scope.CUSTOMERS_READ,
        handler=list_customer_decisions,
        answer=DecisionPage,
        query=CustomerDecisionsAsked,
        body=Nothing,
    ),
)
