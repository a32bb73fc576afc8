"""Segments that need not be written: `lost: built_in` in `segments.yaml` is all there is to say."""

from __future__ import annotations

from typing import NamedTuple

BUILT_IN = "built_in"


class Given(NamedTuple):
    """A segment as `segments.yaml` would have it."""

    title: str
    description: str
    condition: str


_OF_EMAIL = '(channel == None or channel == "email") and not topic'
"""Words about e-mail as a whole: where no channel is named it is meant."""
_BACK = f'did("Consent Granted", source == "preference_page" and {_OF_EMAIL})'

GIVEN: dict[str, Given] = {
    "lost": Given(
        "Lost",
        "They unsubscribed from all e-mail, or took back their leave, and have not come round.",
        f'not consents("email") and (did("Unsubscribed", {_OF_EMAIL}) or did("Consent Withdrawn", {_OF_EMAIL}))',
    ),
    "recovered": Given(
        "Recovered",
        "They had said no to e-mail, and allowed it again on the preference page.",
        f'consents("email") and (sequence(did("Unsubscribed", {_OF_EMAIL}), {_BACK}) '
        f'or sequence(did("Consent Withdrawn", {_OF_EMAIL}), {_BACK}))',
    ),
    "paused": Given(
        "Paused",
        "They asked to be left alone for a while; when that is over they are out of it by themselves.",
        "pause.is_on",
    ),
    "first_time": Given("Bought once", "One order so far.", 'count("Order Completed") == 1'),
    "repeat": Given("Came back", "Two orders or more.", 'count("Order Completed") >= 2'),
    "dormant": Given(
        "Gone quiet",
        "They bought once upon a time, and not for long; half a year, unless lifecycle says otherwise.",
        'lifecycle in ("dormant", "lost")',
    ),
    "champions": Given("Champions", "Lately, often and for much: the best by RFM.", 'rfm.group == "champions"'),
    "loyal": Given("Loyal", "Often and for much, by RFM.", 'rfm.group == "loyal"'),
    "cannot_lose": Given("Not to be lost", "Once among the best by RFM, and long gone.", 'rfm.group == "cannot_lose"'),
}
"""By the name it goes by; whoever wants another name or another meaning writes the segment out."""
