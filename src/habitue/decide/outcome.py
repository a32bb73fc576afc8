"""What one step comes to: effects wanted, decisions with their reasons, and what indexes must follow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from habitue.model.consent import ConsentWord
from habitue.model.customer import Customer, Run
from habitue.model.decision import Decision
from habitue.model.effect import Effect
from habitue.model.instant import Instant
from habitue.model.reason import Outcome as Came
from habitue.model.reason import Reason


class MembershipChange(NamedTuple):
    customer: str
    segment: str
    since: Instant | None
    at: Instant


class RunChange(NamedTuple):
    """`step` None: the run is over."""

    customer: str
    run: str
    journey: str
    version: int
    key: str
    step: str | None
    since: Instant
    due: Instant | None


class InterestChange(NamedTuple):
    """`since` None: it is no longer among what she is known by; see `decide/profile/interests.py`."""

    customer: str
    kind: str
    key: str
    since: Instant | None


class Outcome:
    """Collects what a step wants. Its lists are only ever appended to, in order."""

    __slots__ = ("consents", "decisions", "effects", "interests", "memberships", "runs", "sold", "unrated")

    def __init__(self) -> None:
        self.effects: list[Effect] = []
        self.decisions: list[Decision] = []
        self.memberships: list[MembershipChange] = []
        self.runs: list[RunChange] = []
        self.interests: list[tuple[str, str, str, Instant | None]] = []
        """Each as `InterestChange` has it."""
        self.sold: tuple[int, int] | None = None
        """What the event changed of the number of orders and of the revenue, in millionths."""
        self.unrated = ""
        """A currency in which the event told amounts and the playbook has no rate for: they are in no sum."""
        self.consents: list[ConsentWord] = []

    def decide(
        self,
        customer: Customer,
        at: Instant,
        outcome: Came,
        reason: Reason,
        *,
        run: Run | None = None,
        journey: str | None = None,
        step: str | None = None,
        message: str | None = None,
        channel: str | None = None,
        segment: str | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> str:
        """Write one line of the ledger and return its id, which no other decision ever has."""
        decision = Decision(
            id=next_id(customer),
            customer=customer.id,
            at=at,
            outcome=outcome,
            reason=reason,
            journey=run.journey if run is not None else journey,
            run=run.id if run is not None else None,
            step=step,
            message=message,
            channel=channel,
            segment=segment,
            detail=dict(detail) if detail else {},
        )
        self.decisions.append(decision)
        return decision.id

    def stands(self, customer: Customer, run: Run, step: str | None) -> None:
        self.runs.append(RunChange(customer.id, run.id, run.journey, run.version, run.key, step, run.since, run.due))


def next_id(customer: Customer) -> str:
    """Ids count up within a customer's own state: a batch that is decided again after a crash gets the same ones."""
    customer.ordinal += 1
    return f"{customer.id}.{customer.ordinal}"
