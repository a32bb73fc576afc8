"""Why something was or was not done: the closed list. The ledger holds nothing else."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """What a decision came to."""

    ENTERED = "entered"
    REFUSED = "refused"
    WAITING = "waiting"
    BRANCHED = "branched"
    SENT = "sent"
    HELD = "held"
    DROPPED = "dropped"
    CHANGED = "changed"
    LEFT = "left"
    JOINED = "joined"


class Reason(StrEnum):
    """Each member's value is stored; its sentence is in `SENTENCES`."""

    # Into and out of journeys
    ENTRY = "entry"
    ENTRY_CONDITION = "entry_condition"
    REENTRY = "reentry"
    ALREADY_IN = "already_in"
    NO_KEY = "no_key"
    HISTORY = "history"
    GOAL = "goal"
    EXIT = "exit"
    END = "end"
    TIME_LIMIT = "time_limit"
    STEP_EXIT = "step_exit"
    MERGED_AWAY = "merged_away"
    WITHDRAWN = "withdrawn"
    # Inside journeys
    WAIT = "wait"
    EVENT_CAME = "event_came"
    TIMEOUT = "timeout"
    CONDITION_TRUE = "condition_true"
    CONDITION_FALSE = "condition_false"
    SPLIT = "split"
    TRAIT_SET = "trait_set"
    # Segments
    SEGMENT_ENTER = "segment_enter"
    SEGMENT_LEAVE = "segment_leave"
    # The guard
    ALLOWED = "allowed"
    SUPPRESSED = "suppressed"
    UNREACHABLE = "unreachable"
    NO_CONSENT = "no_consent"
    CONSENT_DENIED = "consent_denied"
    TOPIC_DENIED = "topic_denied"
    CONSENT_PENDING = "consent_pending"
    CONSENT_UNCONFIRMED = "consent_unconfirmed"
    COUNTRY_CONSENT = "country_consent"
    COUNTRY_UNCONFIRMED = "country_unconfirmed"
    COUNTRY_ADDRESS = "country_address"
    ADDRESS_UNPROVEN = "address_unproven"
    PAUSED = "paused"
    DUPLICATE = "duplicate"
    CAP_CHANNEL = "cap_channel"
    CAP_TOTAL = "cap_total"
    MINIMUM_GAP = "minimum_gap"
    QUIET_HOURS = "quiet_hours"
    EXPIRED = "expired"
    # Identity
    MERGED = "merged"
    TWO_KNOWN_USERS = "two_known_users"
    KEPT_APART = "kept_apart"
    IDENTIFIER_LIMIT = "identifier_limit"
    PARTED = "parted"


SENTENCES: dict[Reason, str] = {
    Reason.ENTRY: "What starts this journey happened.",
    Reason.ENTRY_CONDITION: "The journey's entry condition was not met.",
    Reason.REENTRY: "They have been in this journey before, and its re-entry rule does not let them in again yet.",
    Reason.ALREADY_IN: "They are in this journey already, for the same key or as often as is allowed at once.",
    Reason.NO_KEY: "The event does not carry the property the journey is keyed by.",
    Reason.HISTORY: "The event lies too far in the past to act on; it counts as history only.",
    Reason.GOAL: "They reached the journey's goal.",
    Reason.EXIT: "The journey's exit rule became true.",
    Reason.END: "They came to the end of the journey.",
    Reason.TIME_LIMIT: "The journey's time limit was reached.",
    Reason.STEP_EXIT: "The journey has an exit step here.",
    Reason.MERGED_AWAY: "Two identities joined, and were in this journey more often than it allows; the older goes on.",
    Reason.WITHDRAWN: "The playbook version this run was pinned to is no longer available.",
    Reason.WAIT: "The journey waits here.",
    Reason.EVENT_CAME: "The event that was waited for came.",
    Reason.TIMEOUT: "The event that was waited for did not come in time.",
    Reason.CONDITION_TRUE: "The condition of this branch is true.",
    Reason.CONDITION_FALSE: "None of the branches' conditions is true.",
    Reason.SPLIT: "Chance, fixed for this customer and this split, chose the branch.",
    Reason.TRAIT_SET: "The journey set a trait.",
    Reason.SEGMENT_ENTER: "The segment's condition became true.",
    Reason.SEGMENT_LEAVE: "The segment's condition became false.",
    Reason.ALLOWED: "Every rule allowed the message.",
    Reason.SUPPRESSED: "The address is suppressed: it bounced for good, or its owner complained.",
    Reason.UNREACHABLE: "There is no address for this channel.",
    Reason.NO_CONSENT: "The channel needs consent and they have not given any.",
    Reason.CONSENT_DENIED: "They withdrew or refused consent for this channel.",
    Reason.TOPIC_DENIED: "They do not want this topic.",
    Reason.CONSENT_PENDING: "They asked for it, and have not yet confirmed by the link they were sent.",
    Reason.CONSENT_UNCONFIRMED: "The channel needs consent that is confirmed by a link, and theirs was not.",
    Reason.COUNTRY_CONSENT: "The law of their country asks for their consent first, and they have not given any.",
    Reason.COUNTRY_UNCONFIRMED: "In their country consent has to be provable: confirmed by a link. Theirs was not.",
    Reason.COUNTRY_ADDRESS: "The law of their country asks for the shop's postal address, and the playbook has none.",
    Reason.ADDRESS_UNPROVEN: "Nobody proved that the address is theirs: it was only typed into a page or an app.",
    Reason.PAUSED: "They paused our messages, which begin again by themselves when the pause is over.",
    Reason.DUPLICATE: "They got the same message about the same thing a short while ago.",
    Reason.CAP_CHANNEL: "They got as many messages on this channel as the cap allows.",
    Reason.CAP_TOTAL: "They got as many messages over all channels as the cap allows.",
    Reason.MINIMUM_GAP: "The last message is too recent; it waits until the gap is over.",
    Reason.QUIET_HOURS: "It is night where they live; it waits until the morning.",
    Reason.EXPIRED: "The message waited longer than it is worth sending.",
    Reason.MERGED: "Someone known by another id turned out to be this customer.",
    Reason.TWO_KNOWN_USERS: "Both are known users; they are never joined.",
    Reason.KEPT_APART: "Somebody said that these are two people, so they are not joined again.",
    Reason.IDENTIFIER_LIMIT: "They have as many ids of this kind as one person may have; no more of them join anybody.",
    Reason.PARTED: "Somebody said that these are two people; what had been joined was taken apart.",
}
"""One sentence a marketer understands for each reason."""
