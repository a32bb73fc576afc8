"""`playbook.yaml`: the shop, its channels and topics, and the guard's rules."""

from __future__ import annotations

import re
from datetime import datetime
from email.utils import parseaddr
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import msgspec
import yaml
from babel import Locale, UnknownLocaleError

from habitue.model.customer import PAUSE_MAX
from habitue.model.instant import DAY, from_datetime
from habitue.model.message import CHANNELS
from habitue.playbook.form import Field, Form, Page, Schema, Values, found
from habitue.playbook.identity import IDENTITY
from habitue.playbook.kinds import (
    Choice,
    Length,
    Listed,
    Money,
    Name,
    Pattern,
    Table,
    Text,
    TimeOfDay,
    Whole,
    text_of,
)
from habitue.playbook.lifecycle import LifecycleRules
from habitue.playbook.occasions import Rule
from habitue.playbook.playbook import (
    RATE_UNIT,
    Cap,
    Channel,
    Gap,
    GuardRules,
    IdentityRules,
    QuietHours,
    Rate,
    Shop,
    Topic,
)
from habitue.playbook.problem import did_you_mean
from habitue.playbook.rfm import RfmRules
from habitue.playbook.tables import ISO_DATE, LIFECYCLE, OCCASIONS, RFM


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What `playbook.yaml` holds: the playbook without its segments, messages and journeys."""

    name: str
    shop: Shop
    channels: dict[str, Channel]
    topics: dict[str, Topic]
    guard: GuardRules
    identity: IdentityRules
    rfm: RfmRules
    lifecycle: LifecycleRules
    occasions: dict[str, dict[str, Rule]]
    spans: dict[str, int]


class Zone:
    """A time zone of the tz database, such as Europe/London."""

    def read(self, node: yaml.Node, page: Page) -> str | None:
        name = text_of(node, page, "a time zone such as Europe/London")
        if name is None:
            return None
        try:
            ZoneInfo(name)
        except (KeyError, OSError, ValueError):  # A name nobody knows, one that is a folder, one that is no path.
            page.problem(node, f'unknown time zone "{name}".{did_you_mean(name, available_timezones())}')
            return None
        return name

    def schema(self) -> Schema:
        return {"type": "string", "examples": ["Europe/London", "Europe/Istanbul", "America/New_York"]}


class Tongue:
    """A locale such as en-GB: the language of dates and the shape of prices."""

    def read(self, node: yaml.Node, page: Page) -> str | None:
        name = text_of(node, page, "a locale such as en-GB")
        if name is None:
            return None
        try:
            Locale.parse(name, sep="_" if "_" in name else "-")
        except (UnknownLocaleError, ValueError):
            page.problem(node, f'unknown locale "{name}"; expected a language and a country, such as en-GB')
            return None
        return name

    def schema(self) -> Schema:
        return {"type": "string", "examples": ["en-GB", "de-DE", "tr-TR"]}


class Mailbox:
    """An e-mail address, with or without a name before it. One with Liquid in it is left to the template check."""

    def read(self, node: yaml.Node, page: Page) -> str | None:
        text = text_of(node, page, 'an e-mail address such as "The Shop <hello@example.com>"')
        if text is None or "{{" in text:
            return text
        address = parseaddr(text)[1]
        name, at, domain = address.rpartition("@")
        if name and at and domain and not any(character.isspace() for character in address):
            return text
        page.problem(node, f'expected an e-mail address such as "The Shop <hello@example.com>", found "{text}"')
        return None

    def schema(self) -> Schema:
        return {"type": "string", "pattern": "@"}


URL = Pattern(r"^https?://\S+$", "an address that starts with https:// or http://")
HOST = Pattern(r"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$", "a host such as cdn.corner.example, without https://")
COLOR = Pattern(r"^#[0-9a-fA-F]{6}$", "a colour such as #1f5c4d, in quotes")
COUNTRY = Pattern(r"^[A-Z]{2}$", "a country's two letters such as GB")
CURRENCY = Pattern(r"^[A-Z]{3}$", "a currency code such as GBP")
CHANNEL = Choice(CHANNELS, refers="channel")


class Worth:
    """What one unit of a currency is worth, exact: 0.0061, with at most twelve decimals. In units of RATE_UNIT."""

    def read(self, node: yaml.Node, page: Page) -> int | None:
        text = text_of(node, page, "a rate such as 0.0061") if isinstance(node, yaml.ScalarNode) else None
        if text is not None and re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,12})?", text):
            whole, _, part = text.partition(".")
            worth = int(whole) * RATE_UNIT + int(part.ljust(12, "0"))
            if worth:
                return worth
        page.problem(node, f"expected a rate above 0 such as 0.0061, with at most twelve decimals, found {found(node)}")
        return None

    def schema(self) -> Schema:
        return {"type": "number", "exclusiveMinimum": 0, "maximum": 999_999}


def _rate(values: Values) -> Rate:
    return Rate(
        currency=values["currency"],
        since=from_datetime(datetime.fromisoformat(f"{values['from']}T00:00+00:00")),
        rate=values["rate"],
    )


RATE = Form(
    "a rate",
    (
        Field("currency", CURRENCY, "The other currency.", required=True),
        Field("from", ISO_DATE, "The day from which on it holds, in UTC, until the next rate's.", required=True),
        Field("rate", Worth(), "What one unit of it is worth in the shop's currency, such as 0.0061.", required=True),
    ),
    _rate,
)

SHOP = Form(
    "the shop",
    (
        Field("name", Text(), "The shop's name, as customers know it.", required=True),
        Field("url", URL, "Where the shop is; product links that begin with / are completed with it."),
        Field("address", Text(), "The postal address that must stand in every marketing e-mail."),
        Field("timezone", Zone(), "The shop's own clock, and that of customers whose zone is not known. Default UTC."),
        Field("currency", CURRENCY, "The currency prices are in. Default EUR."),
        Field("locale", Tongue(), "How prices and dates are written. Default en."),
        Field(
            "country",
            COUNTRY,
            "Whose law holds for customers of whom no country is known. Default: the locale's.",
        ),
        Field("logo_url", URL, "A picture for the head of e-mails."),
        Field(
            "hosts", Listed(HOST), "Other hosts of the shop's own, such as cdn.corner.example, that a browser may name."
        ),
        Field("color", COLOR, "The shop's colour, for buttons."),
        Field("rates", Listed(RATE, or_one=True), "What other currencies are worth; amounts in others are in no sum."),
    ),
    lambda values: Shop(**values, is_currency_said="currency" in values),
)

EMAIL_CONSENT = Field(
    "consent",
    Choice(("required", "double_opt_in", "by_country", "implied")),
    "required: only with the customer's consent. double_opt_in: only when she confirmed it by a link. by_country: as "
    "the law where she lives has it. implied: unless she refused.",
    required=True,
)
COST = Field("cost", Money(), "What one message costs in the shop's currency, such as 0.0008. Backtests add it up.")
ONSITE_CONSENT = Field(
    "consent",
    Choice(("required", "implied")),
    "required: only with the customer's consent. implied: unless she refused.",
    required=True,
)


def _channel(name: str) -> Any:
    return lambda values: Channel(
        name=name,
        consent=values["consent"],
        sender=values.get("from", ""),
        reply_to=values.get("reply_to", ""),
        **values.given("confirm_within", "cost"),
    )


CHANNEL_FORMS = Form(
    "the channels",
    (
        Field(
            "email",
            Form(
                "the e-mail channel",
                (
                    EMAIL_CONSENT,
                    Field("from", Mailbox(), "Who e-mails come from, unless a message says otherwise.", required=True),
                    Field("reply_to", Mailbox(), "Where answers go, if not to the sender."),
                    Field("confirm_within", Length(), "How long a link to confirm consent is good. Default 7d."),
                    COST,
                ),
                _channel("email"),
            ),
            "E-mail.",
        ),
        Field(
            "onsite",
            Form("the on-site channel", (ONSITE_CONSENT, COST), _channel("onsite")),
            "Banners and pop-ups on the shop's own pages.",
        ),
    ),
    dict,
)

TOPIC = Form(
    "a topic",
    (
        Field("title", Text(), "What customers read on the preference page.", required=True),
        Field("description", Text(), "One sentence more about it."),
    ),
    lambda values: Topic(name="", **values),
)

CAP = Form(
    "a cap",
    (
        Field("limit", Whole(1, 1000), "At most so many marketing messages", required=True),
        Field("within", Length(), "in any stretch of time as long as this, such as 1d or 7d", required=True),
        Field("channel", CHANNEL, "on this channel; over all channels when left out."),
    ),
    lambda values: Cap(**values),
)

GAP = Form(
    "a minimum gap",
    (
        Field("span", Length(), "The least time between two marketing messages, such as 2h.", required=True),
        Field("channel", CHANNEL, "On this channel; over all channels when left out."),
    ),
    lambda values: Gap(**values),
)


def _quiet_hours(values: Values) -> QuietHours | None:
    if values["start"] == values["end"]:
        values.problem("end", "quiet hours that end when they start would never end; leave them out, or move one")
        return None
    return QuietHours(**values)


QUIET_HOURS = Form(
    "quiet hours",
    (
        Field(
            "start", TimeOfDay(), "From when messages are held, on the customer's clock, such as 22:00.", required=True
        ),
        Field("end", TimeOfDay(), "When held messages go out, such as 08:00.", required=True),
        Field("channels", Listed(CHANNEL, or_one=True), "The channels that would disturb. Default: email."),
    ),
    _quiet_hours,
)


def _guard(values: Values) -> GuardRules | None:
    if any(pause > PAUSE_MAX for pause in values.get("pauses", ())):
        values.problem("pauses", "a pause is at most a year long; who wants to hear nothing at all unsubscribes")
        return None
    return GuardRules(
        caps=values.get("caps", ()),
        gaps=values.get("minimum_gap", ()),
        quiet_hours=values.get("quiet_hours"),
        **values.given("pauses"),
    )


GUARD = Form(
    "the guard",
    (
        Field("caps", Listed(CAP, or_one=True), "How many marketing messages one customer may get."),
        Field("minimum_gap", Listed(GAP, or_one=True), "How much time must lie between two of them."),
        Field("quiet_hours", QUIET_HOURS, "When nobody is disturbed; messages wait for the morning."),
        Field(
            "pauses", Listed(Length(), or_one=True), "How long customers may pause all of it. Default 30d, 60d, 90d."
        ),
    ),
    _guard,
)


def _named_topic(name: str, topic: Topic, line: int) -> Topic:
    return msgspec.structs.replace(topic, name=name)


def _head(values: Values) -> Head | None:
    session_gap = values.get("session_gap", 0)
    if session_gap > DAY:
        values.problem("session_gap", "a visit does not pause for longer than a day; expected something like 30m")
        return None
    return Head(
        name=values["playbook"],
        shop=values["shop"],
        channels=values.get("channels", {}),
        topics=values.get("topics", {}),
        guard=values.get("guard", GuardRules()),
        identity=values.get("identity", IdentityRules()),
        rfm=values.get("rfm", RfmRules()),
        lifecycle=values.get("lifecycle", LifecycleRules()),
        occasions=values.get("occasions", {}),
        spans=values.given("history_after", "session_gap"),
    )


PLAYBOOK = Form(
    "the playbook",
    (
        Field("playbook", Name(), "The playbook's name.", required=True),
        Field("shop", SHOP, "Facts of the shop that templates and rules use.", required=True),
        Field("channels", CHANNEL_FORMS, "The channels in use, and what consent each needs."),
        Field("topics", Table("topics", TOPIC, _named_topic), "What messages are about; customers choose among them."),
        Field("guard", GUARD, "The rules that keep customers from being pestered."),
        Field("identity", IDENTITY, "Who counts as the same person."),
        Field("rfm", RFM, "How customers are scored by how lately, how often and for how much they buy."),
        Field("lifecycle", LIFECYCLE, "When the stages of a customer's life with the shop begin."),
        Field("occasions", OCCASIONS, "Days of the shop's own, and other dates for those that are known."),
        Field("history_after", Length(), "An event older than this when it arrives starts nothing. Default 2h."),
        Field("session_gap", Length(), "A pause longer than this begins a new visit. Default 30m."),
    ),
    _head,
)
