"""The ledger: every decision with its reason, and how often each reason was given."""

from __future__ import annotations

from collections import Counter
from typing import Any

from starlette.responses import Response

from habitue.console import addresses, wording
from habitue.console.figures import to_minute
from habitue.console.roles import WITH_PEOPLE
from habitue.console.visit import Door, Visit
from habitue.model.instant import DAY
from habitue.model.reason import Outcome, Reason

DECISIONS_A_PAGE = 40
COUNTED_DAYS = 7
REASONS_SHOWN = 12
FILTERS = ("outcome", "reason", "journey", "message", "customer")


def show(visit: Visit) -> Response:
    chosen = {name: visit.query(name) for name in FILTERS}
    before = visit.query_number("before")
    found = visit.services.view.decisions(
        customers=_ids(visit, chosen["customer"]) if chosen["customer"] else None,
        outcome=chosen["outcome"] or None,
        reason=chosen["reason"] or None,
        journey=chosen["journey"] or None,
        message=chosen["message"] or None,
        limit=DECISIONS_A_PAGE + 1,
        before=before,
    )
    shown = found[:DECISIONS_A_PAGE]
    return visit.page(
        "ledger/rows.html" if visit.is_fragment else "ledger/ledger.html",
        place="ledger",
        chosen=chosen,
        is_filtered=any(chosen.values()),
        customer_name=visit.name(chosen["customer"]) if chosen["customer"] else "",
        without_customer=addresses.to("ledger", **{**chosen, "customer": ""}),
        decisions=[(seq, decision, visit.name(decision.customer)) for seq, decision in shown],
        older=addresses.to("ledger", **chosen, before=shown[-1][0]) if len(found) > DECISIONS_A_PAGE else None,
        newest=addresses.to("ledger", **chosen) if before is not None else None,
        outcomes=[(outcome.value, wording.OUTCOMES[outcome][0]) for outcome in Outcome],
        reasons=[(reason.value, visit.words.sentence(reason)) for reason in Reason],
        journeys=[(name, journey.title) for name, journey in visit.book.journeys.items()],
        messages=[(name, message.title) for name, message in visit.book.messages.items()],
        counts=_counts(visit),
        days=COUNTED_DAYS,
    )


def _ids(visit: Visit, identity: str) -> list[str]:
    """All ids the person has had: what was decided before she was recognised is hers too."""
    customer = visit.person(identity)
    return [identity, *customer.merged_ids] if customer else [identity]


def _counts(visit: Visit) -> list[dict[str, Any]]:
    """How often each reason kept somebody out or a message back, most frequent first."""
    view, since = visit.services.view, to_minute(visit.now - COUNTED_DAYS * DAY)
    counts: Counter[tuple[str, str]] = Counter()
    for tally in view.totals("journey", since):
        if tally.outcome in (Outcome.REFUSED, Outcome.HELD, Outcome.DROPPED, Outcome.LEFT, Outcome.SENT):
            counts[tally.outcome, tally.reason] += tally.count
    return [
        {"outcome": Outcome(outcome), "reason": Reason(reason), "count": count}
        for (outcome, reason), count in counts.most_common(REASONS_SHOWN)
    ]


DOORS = (Door("/ledger", show, WITH_PEOPLE),)
