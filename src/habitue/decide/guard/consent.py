"""Consent per channel and topic. The word on the topic is more exact than the word on the channel, except that a
refusal of the whole channel, given later, covers its topics too."""

from __future__ import annotations

from habitue.decide.profile.consents import word
from habitue.model.customer import Consent
from habitue.model.reason import Reason

from .verdict import Drop, Question, Verdict


def check(question: Question) -> Verdict:
    if not question.is_marketing:
        return None
    channel, topic = spoken(question)
    if channel is not None and channel.is_refused and not _was_granted_after(topic, channel):
        return Drop(Reason.CONSENT_DENIED, {"since": channel.at, "source": channel.source})
    if topic is not None and topic.is_refused:
        return Drop(Reason.TOPIC_DENIED, {"topic": question.message.topic, "since": topic.at, "source": topic.source})
    match mode(question):
        case "required" | "double_opt_in" as needed:
            return _asked_for(question, confirmed=needed == "double_opt_in")
        case _:
            return None


def spoken(question: Question) -> tuple[Consent | None, Consent | None]:
    """The words on the channel and on the topic of it, as they hold for the address this would go to."""
    customer, channel, address = question.customer, question.channel, question.address
    return word(customer, channel, address), word(customer, f"{channel}:{question.message.topic}", address)


def granted(question: Question) -> list[Consent]:
    """Her leave for the channel and for the topic. What was allowed before the whole channel was refused is over."""
    channel, topic = spoken(question)
    refused_at = channel.refused_at if channel is not None else 0
    return [one for one in (channel, topic) if one is not None and one.granted and one.at > refused_at]


def is_confirmed(question: Question) -> bool:
    """Whether one of them was confirmed, and nothing refused since."""
    channel, _ = spoken(question)
    refused_at = channel.refused_at if channel is not None else 0
    return any(one.is_confirmed and one.confirmed_at > refused_at for one in granted(question))


def pending_since(question: Question) -> int | None:
    """Since when a wish of hers awaits its confirmation."""
    return max((one.requested_at for one in spoken(question) if one is not None and one.is_pending), default=None)


def mode(question: Question) -> str:
    settings = question.playbook.channels.get(question.channel)
    return "required" if settings is None else settings.consent


def _asked_for(question: Question, *, confirmed: bool) -> Verdict:
    given = granted(question)
    if given and (not confirmed or is_confirmed(question)):
        return None
    since = pending_since(question)
    if since is not None:
        return Drop(Reason.CONSENT_PENDING, {"since": since})
    if given:
        return Drop(Reason.CONSENT_UNCONFIRMED, {"since": given[0].at, "source": given[0].source})
    return Drop(Reason.NO_CONSENT)


def _was_granted_after(topic: Consent | None, channel: Consent) -> bool:
    return topic is not None and topic.granted and topic.at > channel.at
