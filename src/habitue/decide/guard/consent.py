"""Consent per channel and topic. The word on the topic is more exact than the word on the channel, except that a
refusal of the whole channel, given later, covers its topics too."""

from __future__ import annotations

from habitue.model.customer import Consent
from habitue.model.reason import Reason

from .verdict import Drop, Question, Verdict


def check(question: Question) -> Verdict:
    if not question.is_marketing:
        return None
    consents = question.customer.consents
    channel = consents.get(question.channel)
    topic = consents.get(f"{question.channel}:{question.message.topic}")
    if channel is not None and not channel.granted and not _was_granted_after(topic, channel):
        return Drop(Reason.CONSENT_DENIED, {"since": channel.at, "source": channel.source})
    if topic is not None and not topic.granted:
        return Drop(Reason.TOPIC_DENIED, {"topic": question.message.topic, "since": topic.at, "source": topic.source})
    if channel is None and topic is None and _is_required(question):
        return Drop(Reason.NO_CONSENT)
    return None


def _was_granted_after(topic: Consent | None, channel: Consent) -> bool:
    return topic is not None and topic.granted and topic.at > channel.at


def _is_required(question: Question) -> bool:
    settings = question.playbook.channels.get(question.channel)
    return settings is None or settings.consent == "required"
