"""Consents: what a customer agreed to or refused, and her word on it as an event."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta
from starlette.concurrency import run_in_threadpool

from habitue.decide.profile.consents import ADDRESSED, all_words
from habitue.decide.profile.pausing import paused_until
from habitue.model.api_key import Scope
from habitue.model.consent import ConsentState
from habitue.model.instant import to_iso

from . import people
from .operation import Call, Listing, Moment, Nothing, Operation, Page
from .ports import Services
from .writing import WRITING, EventId, Occurred, Taken, take, without_nothing

EVENTS = {"granted": "Consent Granted", "withdrawn": "Consent Withdrawn"}


class ConsentRead(msgspec.Struct, frozen=True, kw_only=True):
    """The latest word on a channel, or on a topic of it."""

    channel: str
    topic: Annotated[str, Meta(description="Empty for the whole channel.")]
    granted: bool
    at: Moment
    source: Annotated[str, Meta(description="Where she said it.")]
    address: Annotated[str, Meta(description="The email address it holds for: first the one they have now.")] = ""


class SuppressedRead(msgspec.Struct, frozen=True, kw_only=True):
    """An address that is not written to any more."""

    channel: str
    address: Annotated[str, Meta(description="Empty: every address of hers on this channel.")]
    since: Moment
    why: str


class ConsentsRead(msgspec.Struct, frozen=True, kw_only=True):
    """All that stands between a customer and a message."""

    customer: str
    consents: list[ConsentRead]
    suppressed: list[SuppressedRead]
    paused_until: Annotated[str | None, Meta(description="Until when she wants to hear nothing; empty: no pause.")] = (
        None
    )


class ConsentWordRead(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the consent ledger, kept as proof."""

    id: str
    channel: str
    topic: str
    state: ConsentState
    said_at: Moment
    recorded_at: Moment
    event: Annotated[str, Meta(description="The id of the event it comes from.")]
    origin: Annotated[str, Meta(description="The source of that event.")]
    address: str
    source: str
    method: Annotated[str, Meta(description="How it was made sure of, such as `double_opt_in`.")]
    text: Annotated[str, Meta(description="Exactly what she read.")]
    text_version: str
    locale: str
    ip: str
    agent: str
    actor: str


class ConsentWordPage(Page, frozen=True, kw_only=True):
    """Words on consent as they were recorded, newest first."""

    data: list[ConsentWordRead]


class ConsentHistoryAsked(Listing, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which words."""


class ConsentToWrite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What she said, and the proof of it."""

    channel: Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,39}$", description="Such as `email`, `sms` or `onsite`.")]
    state: Literal["granted", "withdrawn"]
    topic: Annotated[str, Meta(max_length=100, description="A topic of the playbook; empty: the whole channel.")] = ""
    address: Annotated[
        str,
        Meta(
            max_length=320,
            description="The email address a yes is about; empty: those known by then. A no is about all of theirs.",
        ),
    ] = ""
    source: Annotated[str, Meta(max_length=100, description="Where she said it, such as `sign-up form`.")] = ""
    text: Annotated[str, Meta(max_length=4_000, description="Exactly what she read.")] = ""
    text_version: Annotated[str, Meta(max_length=100, description="What the shop calls this text.")] = ""
    locale: Annotated[str, Meta(max_length=35, description="The language she read it in.")] = ""
    ip: Annotated[str, Meta(max_length=60, description="The address she said it from.")] = ""
    agent: Annotated[str, Meta(max_length=500, description="The browser she said it with.")] = ""
    actor: Annotated[str, Meta(max_length=200, description="Who noted it, where that was not she herself.")] = ""
    occurred_at: Occurred | None = None
    id: EventId | None = None


def read_consents(services: Services, call: Call[Nothing, Nothing]) -> ConsentsRead:
    customer = people.find(services, call.path["customer"])
    until = paused_until(customer, services.clock.now())
    return ConsentsRead(
        customer=customer.id,
        consents=[
            ConsentRead(
                channel=channel,
                topic=topic,
                granted=said.granted,
                at=to_iso(said.at),
                source=said.source,
                address=address,
            )
            for address, key, said in all_words(customer)
            for channel, _, topic in [key.partition(":")]
        ],
        suppressed=[
            SuppressedRead(channel=channel, address=address, since=to_iso(since), why=why)
            for key, (since, why) in sorted(customer.suppressed.items())
            for channel, _, address in [key.partition(":")]
        ],
        paused_until=to_iso(until) if until is not None else None,
    )


def list_consent_history(services: Services, call: Call[ConsentHistoryAsked, Nothing]) -> ConsentWordPage:
    customer, limit = people.find(services, call.path["customer"]), call.query.limit
    found = services.view.consents(people.ids(customer), limit + 1, call.place(int))
    words = [
        ConsentWordRead(
            id=word.id,
            channel=word.channel,
            topic=word.topic,
            state=word.state,
            said_at=to_iso(word.said_at),
            recorded_at=to_iso(word.recorded_at),
            event=word.event,
            origin=word.origin,
            address=word.address,
            source=word.source,
            method=word.method,
            text=word.text,
            text_version=word.text_version,
            locale=word.locale,
            ip=word.ip,
            agent=word.agent,
            actor=word.actor,
        )
        for _, word in found[:limit]
    ]
    return call.page(ConsentWordPage, words, found[limit - 1][0] if len(found) > limit else None)


async def write_consent(services: Services, call: Call[Nothing, ConsentToWrite]) -> Taken:
    said = call.body
    who = await run_in_threadpool(people.named, services, call.path["customer"])
    context = {**who.get("context", {}), **_given(ip=said.ip, userAgent=said.agent, locale=said.locale)}
    item = without_nothing(
        **{**who, "context": context},
        type="track",
        event=EVENTS[said.state],
        properties={
            "channel": said.channel,
            **_given(
                topic=said.topic,
                email=said.address if said.channel in ADDRESSED else "",
                source=said.source,
                text=said.text,
                text_version=said.text_version,
                locale=said.locale,
                actor=said.actor,
            ),
        },
        timestamp=said.occurred_at,
        messageId=said.id,
    )
    return await take(call, [item], ["#"])


def _given(**said: str) -> dict[str, str]:
    return {name: text for name, text in said.items() if text}


OPERATIONS: tuple[Operation[Any, Any], ...] = (
    Operation(
        id="read_consents",
        method="GET",
        path="/customers/{customer}/consents",
        tag="Consents",
        summary="What a customer agreed to and refused",
        scope=Scope.CONSENTS_READ,
        handler=read_consents,
        answer=ConsentsRead,
        query=Nothing,
        body=Nothing,
    ),
    Operation(
        id="list_consent_history",
        method="GET",
        path="/customers/{customer}/consents/history",
        tag="Consents",
        summary="Every word a customer ever said on consent",
        description="With the proof of each: where and when she said it, and to which text.",
        scope=Scope.CONSENTS_READ,
        handler=list_consent_history,
        answer=ConsentWordPage,
        query=ConsentHistoryAsked,
        body=Nothing,
    ),
    Operation(
        id="write_consent",
        method="POST",
        path="/customers/{customer}/consents",
        tag="Consents",
        summary="Record that a customer agreed or refused",
        description="Becomes a `Consent Granted` or `Consent Withdrawn` event. The guard asks for the latest word "
        "before every message. Somebody not known yet may be named by `user:…`, `anonymous:…`, `email:…`, `phone:…` or "
        "`external:type:…`.",
        scope=Scope.CONSENTS_WRITE,
        handler=write_consent,
        answer=Taken,
        query=Nothing,
        body=ConsentToWrite,
        status=202,
        problems=WRITING,
        example={
            "channel": "email",
            "topic": "offers",
            "state": "granted",
            "source": "sign-up form",
            "text": "Yes, write to me about offers.",
            "text_version": "2026-11",
            "locale": "en-GB",
        },
    ),
)
