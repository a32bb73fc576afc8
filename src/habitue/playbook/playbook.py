"""The playbook: everything the marketer defines, parsed and checked, at one version."""

from __future__ import annotations

from hashlib import blake2b
from typing import Literal

import msgspec

from habitue.model.identifier import IDENTIFIERS
from habitue.model.instant import DAY, HOUR, MINUTE, WEEK, Instant, Span
from habitue.model.message import CHANNELS, Message
from habitue.playbook.conditions import Condition, Names
from habitue.playbook.conditions.expanding import Definitions
from habitue.playbook.journey import Journey
from habitue.playbook.lifecycle import STAGES, LifecycleRules
from habitue.playbook.occasions import Rule, with_own
from habitue.playbook.problem import Problem
from habitue.playbook.rfm import RfmRules


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    title: str
    condition: Condition
    description: str = ""
    file: str = ""
    line: int = 1


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    title: str
    description: str = ""


class Cap(msgspec.Struct, frozen=True, kw_only=True):
    """At most `limit` marketing messages in any rolling `within`; over all channels when `channel` is None."""

    limit: int
    within: Span
    channel: str | None = None


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """At least `span` between two marketing messages on the channel, or on any when `channel` is None."""

    span: Span
    channel: str | None = None


class QuietHours(msgspec.Struct, frozen=True, kw_only=True):
    """Minutes of the local day; `start` > `end` runs past midnight. `channels` are those that would disturb."""

    start: int
    end: int
    channels: tuple[str, ...] = ("email",)


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """`required`: only with consent. `double_opt_in`: only with consent confirmed by a link, which is good for
    `confirm_within`. `by_country`: as the law where she lives has it, see `playbook/countries.py`. `implied`: unless
    refused. Transactional messages need no consent."""

    name: str
    consent: Literal["required", "double_opt_in", "by_country", "implied"] = "required"
    sender: str = ""
    reply_to: str = ""
    confirm_within: Span = WEEK
    cost: int = 0
    """What one message costs, in millionths of the shop's currency."""


class GuardRules(msgspec.Struct, frozen=True, kw_only=True):
    caps: tuple[Cap, ...] = ()
    gaps: tuple[Gap, ...] = ()
    quiet_hours: QuietHours | None = None
    pauses: tuple[Span, ...] = (30 * DAY, 60 * DAY, 90 * DAY)
    """How long a pause may be, where a customer is asked: each at most `PAUSE_MAX`; never none."""


class IdentityRules(msgspec.Struct, frozen=True, kw_only=True):
    """Who counts as the same person; see `model/identifier.py` and `decide/identity.py`."""

    join_on: tuple[str, ...] = ("shop", "email", "phone", "external")
    """Kinds of identifier that join two customers who share one. Others are not looked at."""
    limits: dict[str, int] = {}
    """Kind → how many of it one person may have; the kind's own limit where nothing is said."""
    blocked: dict[str, frozenset[str]] = {}
    """Kind (also `user`, `anonymous`) → values in lower case that stand for nobody."""

    def limit(self, kind: str) -> int:
        return self.limits.get(kind, IDENTIFIERS[kind].limit)


RATE_UNIT = 10**12


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """What one unit of a currency is worth in the shop's own, from a moment on, in millionths of a millionth."""

    currency: str
    since: Instant
    rate: int


class Shop(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of the shop that templates and rules use."""

    name: str
    url: str = ""
    address: str = ""
    timezone: str = "UTC"
    currency: str = "EUR"
    locale: str = "en"
    country: str = ""
    """Two letters; empty: that of the locale, if it has one."""
    logo_url: str = ""
    color: str = "#1f5c4d"
    hosts: tuple[str, ...] = ()
    """Where else the shop's own pages and pictures lie."""
    is_currency_said: bool = False
    """Whether the playbook names its currency. Where it does not, amounts are summed as they are told."""
    rates: tuple[Rate, ...] = ()
    """What other currencies are worth. An amount in one without a rate is in no sum."""

    @property
    def rates_name(self) -> str:
        """Equal for shops that bring the same amounts to the same, however their rates are ordered."""
        said = [self.currency if self.is_currency_said else "", *sorted(map(repr, self.rates))]
        return blake2b("\n".join(said).encode(), digest_size=8).hexdigest()


class Playbook(msgspec.Struct, frozen=True, kw_only=True):
    """`history_after`: an event older than this when it arrives counts as history and starts nothing."""

    name: str
    shop: Shop
    version: int = 0
    history_after: Span = 2 * HOUR
    session_gap: Span = 30 * MINUTE
    channels: dict[str, Channel] = {}
    topics: dict[str, Topic] = {}
    identity: IdentityRules = IdentityRules()
    guard: GuardRules = GuardRules()
    rfm: RfmRules = RfmRules()
    lifecycle: LifecycleRules = LifecycleRules()
    occasions: dict[str, dict[str, Rule]] = {}
    """Its own: occasion → country → when it is."""
    segments: dict[str, Segment] = {}
    messages: dict[str, Message] = {}
    journeys: dict[str, Journey] = {}
    files: dict[str, str] = {}
    """The text it was read from, by path: what the store keeps of a version."""
    notes: tuple[Problem, ...] = ()
    """What its author should know, though it can run."""

    @property
    def definitions(self) -> Definitions:
        """What words of tables mean in its conditions."""
        return Definitions(self.rfm, self.lifecycle)

    @property
    def known_occasions(self) -> dict[str, dict[str, Rule]]:
        """Those that every playbook knows, and its own."""
        return with_own(self.occasions)

    @property
    def names(self) -> Names:
        """What a condition may speak of here."""
        return Names(
            segments=frozenset(self.segments),
            channels=frozenset(CHANNELS),
            topics=frozenset(self.topics),
            occasions=frozenset(self.known_occasions),
            rfm_groups=frozenset(self.rfm.groups),
            lifecycle_stages=frozenset(STAGES),
        )
