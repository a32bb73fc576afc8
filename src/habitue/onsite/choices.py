"""What a customer may choose to hear about, what she chose so far, and what a change of it is as an event."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from habitue.decide.guard.by_country import may_write_unasked
from habitue.decide.profile.consents import words
from habitue.model.customer import Consent, Customer
from habitue.model.instant import Instant
from habitue.playbook.playbook import Channel, Playbook, Topic

CHANNEL_TITLES = {"email": "E-mail", "onsite": "On our website"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One switch. `name` is the consent's key: `email`, or `email:offers`. `text` is what she reads and agrees to."""

    name: str
    title: str
    description: str
    text: str
    is_on: bool

    @property
    def channel(self) -> str:
        return self.name.partition(":")[0]

    @property
    def topic(self) -> str | None:
        return self.name.partition(":")[2] or None


@dataclass(frozen=True, slots=True)
class ChannelChoices:
    channel: Choice
    topics: tuple[Choice, ...]


def choices_of(playbook: Playbook, customer: Customer | None, address: str, now: Instant) -> list[ChannelChoices]:
    """Every channel with its topics, as they stand now for the address that the link was sent to."""
    said = words(customer, address) if customer is not None else {}
    return [
        ChannelChoices(
            _channel_choice(channel, playbook, customer, said.get(channel.name), now),
            tuple(_topic_choice(channel.name, topic, playbook, said) for topic in playbook.topics.values()),
        )
        for channel in playbook.channels.values()
    ]


def switched(choices: list[ChannelChoices], on: Collection[str]) -> list[ChannelChoices]:
    """The same switches, on where their name is in `on`."""
    return [ChannelChoices(_turn(one.channel, on), tuple(_turn(topic, on) for topic in one.topics)) for one in choices]


def flat(choices: list[ChannelChoices]) -> Iterator[Choice]:
    for one in choices:
        yield one.channel
        yield from one.topics


def _turn(choice: Choice, on: Collection[str]) -> Choice:
    return Choice(choice.name, choice.title, choice.description, choice.text, choice.name in on)


def wording(playbook: Playbook, channel: str, topic: Topic | None = None) -> str:
    """What she reads and agrees to."""
    shop = playbook.shop.name
    if topic is not None:
        where = {"email": "by e-mail", "onsite": "on the website"}.get(channel, f"by {channel}")
        return f"{shop} may tell me about “{topic.title}” {where}."
    return {
        "email": f"{shop} may write to me by e-mail.",
        "onsite": f"{shop} may show me personal notes on its website.",
    }.get(channel, f"{shop} may reach me by {channel}.")


def _channel_choice(
    channel: Channel, playbook: Playbook, customer: Customer | None, known: Consent | None, now: Instant
) -> Choice:
    title = CHANNEL_TITLES.get(channel.name, channel.name)
    is_spoken = known is not None and not known.is_pending
    is_on = known.granted if known and is_spoken else _is_on_unasked(channel, playbook, customer, now)
    return Choice(channel.name, title, "", wording(playbook, channel.name), is_on)


def _is_on_unasked(channel: Channel, playbook: Playbook, customer: Customer | None, now: Instant) -> bool:
    """What holds while she has said neither yes nor no."""
    if channel.consent == "by_country" and customer is not None:
        return may_write_unasked(playbook, customer, channel.name, now)
    return channel.consent == "implied"


def _topic_choice(channel: str, topic: Topic, playbook: Playbook, said: Mapping[str, Consent]) -> Choice:
    """A topic is on until somebody says no to it."""
    name = f"{channel}:{topic.name}"
    known = said.get(name)
    is_on = known is None or not known.is_refused
    return Choice(name, topic.title, topic.description, wording(playbook, channel, topic), is_on)
