"""Why something was not accepted: two closed lists, one for single events and one for whole requests."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Rejection(StrEnum):
    """Why one event became a dead letter. Stored in `DeadLetter.reason`; its sentence is in `SENTENCES`."""

    NOT_AN_OBJECT = "not_an_object"
    TOO_LARGE = "too_large"
    NESTED_TOO_DEEPLY = "nested_too_deeply"
    WRONG_TYPE = "wrong_type"
    NO_TYPE = "no_type"
    UNKNOWN_TYPE = "unknown_type"
    NO_NAME = "no_name"
    NAME_TOO_LONG = "name_too_long"
    NO_IDENTITY = "no_identity"
    NO_USER_ID = "no_user_id"
    NO_PREVIOUS_ID = "no_previous_id"
    NO_GROUP_ID = "no_group_id"
    ID_TOO_LONG = "id_too_long"
    ROUNDED_ID = "rounded_id"
    UNKNOWN_TOPIC = "unknown_topic"
    NOT_FOR_THIS_SOURCE = "not_for_this_source"
    FAILED = "failed"


SENTENCES: dict[Rejection, str] = {
    Rejection.NOT_AN_OBJECT: "An event must be a JSON object.",
    Rejection.TOO_LARGE: "The event is larger than one event may be.",
    Rejection.NESTED_TOO_DEEPLY: "The event's values are nested deeper than is accepted.",
    Rejection.WRONG_TYPE: "A field holds a value of the wrong type.",
    Rejection.NO_TYPE: "The event does not say what kind of call it is.",
    Rejection.UNKNOWN_TYPE: "The kind of call is not track, identify, page, screen, group or alias.",
    Rejection.NO_NAME: "A track call needs the name of the event.",
    Rejection.NAME_TOO_LONG: "The event's name is longer than a name may be.",
    Rejection.NO_IDENTITY: "The event names nobody: no usable userId, anonymousId, e-mail address or phone.",
    Rejection.NO_USER_ID: "An alias call needs the userId the other id is joined into.",
    Rejection.NO_PREVIOUS_ID: "An alias call needs the previousId.",
    Rejection.NO_GROUP_ID: "A group call needs a groupId.",
    Rejection.ID_TOO_LONG: "An id is longer than an id may be.",
    Rejection.ROUNDED_ID: "An id is a number that a spreadsheet has rounded (1.00012E+12): it stands for many ids.",
    Rejection.UNKNOWN_TOPIC: "A webhook is of a topic that is not understood.",
    Rejection.NOT_FOR_THIS_SOURCE: "The source is not trusted to say this; see docs/trust.md.",
    Rejection.FAILED: "Reading the event failed; this is a fault in Habitue, please report it.",
}
"""One sentence for each, shown in the console beside the dead letter."""


class Reject(msgspec.Struct, frozen=True):
    """A rejection and what exactly was found."""

    reason: Rejection
    detail: str


class Refusal(StrEnum):
    """Why a whole request was answered with 400. The `code` clients read; sending it again would not help."""

    INVALID_JSON = "invalid_json"
    INVALID_GZIP = "invalid_gzip"
    INVALID_EVENT = "invalid_event"
    INVALID_BATCH = "invalid_batch"
    BODY_TOO_LARGE = "body_too_large"
    TOO_MANY_EVENTS = "too_many_events"
    NO_WRITE_KEY = "no_write_key"
    UNKNOWN_WRITE_KEY = "unknown_write_key"
    UNKNOWN_HOST = "unknown_host"
    UNKNOWN_CALL = "unknown_call"
    WRONG_METHOD = "wrong_method"


class Refused(Exception):
    """{code}: {message}"""

    def __init__(self, code: Refusal, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
