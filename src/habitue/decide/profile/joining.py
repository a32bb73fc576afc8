"""Two halves of a person become one: each fact's answer to being put together, whichever half is joined first."""

from __future__ import annotations

from habitue.decide.journeys.enter import forget_oldest
from habitue.decide.journeys.travel import newest_exposures
from habitue.decide.outcome import InterestChange, Outcome
from habitue.model.customer import Customer
from habitue.model.instant import Instant, Span

from .addresses import join_addresses
from .affinities import join_affinities
from .cart import join_carts
from .consents import join_consents, join_suppressed
from .interests import interests, tell_changes
from .orders import drop_oldest_categories, join_orders
from .pausing import join_pauses
from .traits import join_traits
from .viewed import newest_views
from .visits import join_visits
from .wishes import join_wishes

IDS_MAX = 200
MERGED_MAX = 1_000


def join_facts(into: Customer, other: Customer, gap: Span, outcome: Outcome) -> None:
    """Put what is known of `other` to what is known of `into`. Counters, runs and segments are not facts.

    `gap`: a pause longer than this parts two visits. What leads to `other` from now on leads to `into`.
    """
    before, moved = interests(into), interests(other)
    join_addresses(into, other)  # While each half still has its own traits.
    join_traits(into, other)
    seen = [at for at in (into.first_seen_at, other.first_seen_at) if at]
    into.first_seen_at = min(seen, default=0)
    into.last_seen_at = max(into.last_seen_at, other.last_seen_at)
    if _clock(other) > _clock(into):
        into.timezone = other.timezone or into.timezone
        into.locale = other.locale or into.locale
        into.timezone_at, into.timezone_position = other.timezone_at, other.timezone_position
    into.anonymous_ids = sorted({*into.anonymous_ids, *other.anonymous_ids})[:IDS_MAX]
    into.merged_ids = sorted({*into.merged_ids, *other.merged_ids, other.id})[:MERGED_MAX]
    join_consents(into, other)
    join_suppressed(into, other)
    join_pauses(into, other)
    into.cart = join_carts(into.cart, other.cart)
    into.viewed = newest_views([*into.viewed, *other.viewed])
    join_wishes(into, other)
    join_visits(into, other, gap)
    join_affinities(into, other)
    for category, (times, at) in other.bought.items():
        known_times, known_at = into.bought.get(category, (0, 0))
        into.bought[category] = (known_times + times, max(known_at, at))
    drop_oldest_categories(into)
    join_orders(into, other)
    into.first_order_at = _least(into.first_order_at, other.first_order_at)
    into.last_order_at = _greatest(into.last_order_at, other.last_order_at)
    exposures = {exposure.id: exposure for exposure in (*into.exposures, *other.exposures)}
    into.exposures = newest_exposures(sorted(exposures.values(), key=lambda exposure: (exposure.at, exposure.id)))
    for marks, theirs in ((into.passed, other.passed), (into.refusals, other.refusals)):
        for mark, at in theirs.items():
            marks[mark] = max(at, marks.get(mark, at))
    forget_oldest(into)
    outcome.interests += [InterestChange(other.id, kind, key, None) for kind, key in moved]
    tell_changes(into, outcome, before)


def _clock(customer: Customer) -> tuple[Instant, int, str, str]:
    return customer.timezone_at, customer.timezone_position, customer.timezone, customer.locale


def _least(one: Instant | None, other: Instant | None) -> Instant | None:
    known = [at for at in (one, other) if at is not None]
    return min(known, default=None)


def _greatest(one: Instant | None, other: Instant | None) -> Instant | None:
    known = [at for at in (one, other) if at is not None]
    return max(known, default=None)
