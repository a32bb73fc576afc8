"""Lifecycle: the stage of somebody's life with the shop, by how often and how lately they bought."""

from __future__ import annotations

import msgspec

from habitue.model.instant import DAY, Span

STAGES: dict[str, str] = {
    "visitor": "never bought",
    "new": "bought once, not long ago",
    "active": "bought twice or more, not long ago",
    "at_risk": "has not bought for a while",
    "dormant": "has not bought for long",
    "lost": "has not bought for very long",
}
"""Stage → what it means. Everybody is in exactly one."""


class LifecycleRules(msgspec.Struct, frozen=True, kw_only=True):
    """What counts as buying, and how long ago it was when each of the later stages begins; each span is longer."""

    event: str = "Order Completed"
    at_risk_after: Span = 90 * DAY
    dormant_after: Span = 182 * DAY
    lost_after: Span = 365 * DAY
