"""A journey as the marketer wrote it: entry, rules around it, nested steps. `decide/journeys` runs it.

`Condition` speaks of the customer (`count(…)`, `trait.…`, `cart.…`) and of the run's entry event (`event.…`).
A filter (`where`) speaks of the incoming event's own properties by bare name (`price > 20`) and may compare them with
the run's entry event (`cart_id == event.cart_id`).
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec

from habitue.model.instant import Span
from habitue.playbook.conditions import Condition


class Signal(msgspec.Struct, frozen=True, kw_only=True):
    """An event by name, narrowed by a filter."""

    event: str
    where: Condition | None = None


# --- entries -------------------------------------------------------------------------------------------------------


class OnEvent(msgspec.Struct, frozen=True, kw_only=True, tag="event"):
    """Starts when the event comes."""

    signal: Signal


class OnInaction(msgspec.Struct, frozen=True, kw_only=True, tag="inaction"):
    """Starts `within` after the last of the signals unless `without` came. Each new one of the same key starts anew."""

    signals: tuple[Signal, ...]
    without: tuple[Signal, ...]
    within: Span


class OnSegment(msgspec.Struct, frozen=True, kw_only=True, tag="segment"):
    """Starts the moment the customer joins or leaves the segment."""

    segment: str
    change: Literal["enter", "leave"]


class OnSchedule(msgspec.Struct, frozen=True, kw_only=True, tag="schedule"):
    """Starts for every member of the segment at a local time of day, daily, on weekdays, or on a day of the month.

    `weekdays` counts Monday as 0; both empty means daily. `zone` says whose clock: the customer's or the shop's.
    A `day` beyond the month's end means its last day.
    """

    segment: str
    minute_of_day: int
    weekdays: tuple[int, ...] = ()
    day: int | None = None
    zone: Literal["customer", "shop"] = "customer"


class OnRequest(msgspec.Struct, frozen=True, kw_only=True, tag="request"):
    """Starts when a program asks: an event `Journey Requested` whose property `journey` names this journey."""


JOURNEY_REQUESTED = "Journey Requested"
EntryRule: TypeAlias = OnEvent | OnInaction | OnSegment | OnSchedule | OnRequest


class Reentry(msgspec.Struct, frozen=True, kw_only=True):
    """`always`, `never`, or `after` a span since the last entry (per key when the journey is keyed)."""

    mode: Literal["always", "never", "after"] = "always"
    after: Span = 0


# --- steps ---------------------------------------------------------------------------------------------------------


class WaitFor(msgspec.Struct, frozen=True, kw_only=True, tag="wait"):
    id: str
    span: Span


class WaitUntil(msgspec.Struct, frozen=True, kw_only=True, tag="wait_until"):
    """Until it is next this minute of the day (0..1439) where the customer lives, on one of the weekdays if given."""

    id: str
    minute_of_day: int
    weekdays: tuple[int, ...] = ()


class WaitEvent(msgspec.Struct, frozen=True, kw_only=True, tag="wait_event"):
    """Until one of the signals comes (`then`) or the timeout passes (`otherwise`); both go on after the step."""

    id: str
    signals: tuple[Signal, ...]
    timeout: Span
    then: tuple[Step, ...] = ()
    otherwise: tuple[Step, ...] = ()


class Branch(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    when: Condition
    then: tuple[Step, ...]


class If(msgspec.Struct, frozen=True, kw_only=True, tag="if"):
    """The first branch whose condition is true, or `otherwise`."""

    id: str
    branches: tuple[Branch, ...]
    otherwise: tuple[Step, ...] = ()


class Share(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    weight: int
    then: tuple[Step, ...]


class Split(msgspec.Struct, frozen=True, kw_only=True, tag="split"):
    """A weighted draw that is the same for the same customer and salt, for ever."""

    id: str
    shares: tuple[Share, ...]
    salt: str


class SendStep(msgspec.Struct, frozen=True, kw_only=True, tag="send"):
    """Say the message on the first channel that is allowed and reachable. Refused on all: the journey goes on."""

    id: str
    message: str
    channels: tuple[str, ...]


class SetStep(msgspec.Struct, frozen=True, kw_only=True, tag="set"):
    """Write traits. A value of None removes the trait."""

    id: str
    traits: dict[str, Any]


class GoalStep(msgspec.Struct, frozen=True, kw_only=True, tag="goal"):
    """Counts as the goal and ends the run."""

    id: str


class ExitStep(msgspec.Struct, frozen=True, kw_only=True, tag="exit"):
    id: str


Step: TypeAlias = "WaitFor | WaitUntil | WaitEvent | If | Split | SendStep | SetStep | GoalStep | ExitStep"


class Journey(msgspec.Struct, frozen=True, kw_only=True):
    """`key` is a path such as `event.cart_id`; one run per key at a time, at most `runs_max` at once over all keys.

    `goals` and `exits` end a run on an event; `exit_when` ends it as soon as the condition is true, checked on every
    event that touches it and before every step.
    """

    name: str
    title: str
    entry: EntryRule
    steps: tuple[Step, ...]
    description: str = ""
    when: Condition | None = None
    key: str | None = None
    reentry: Reentry = Reentry()
    runs_max: int = 10
    goals: tuple[Signal, ...] = ()
    exits: tuple[Signal, ...] = ()
    exit_when: Condition | None = None
    time_limit: Span | None = None
    file: str = ""
    line: int = 1
