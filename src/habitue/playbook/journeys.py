"""`journeys/*.yaml`: who enters, through which steps, until when."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Any

import msgspec
import yaml

from habitue.model.instant import parse_span
from habitue.playbook.clause import Clause
from habitue.playbook.form import Field, Form, Page, Schema, Values, found
from habitue.playbook.journey import (
    EntryRule,
    Journey,
    OnEvent,
    OnInaction,
    OnRequest,
    OnSchedule,
    OnSegment,
    Reentry,
    SendStep,
    Signal,
    Split,
    Step,
)
from habitue.playbook.kinds import (
    EVENT_PATH,
    Choice,
    Length,
    Listed,
    Name,
    Ref,
    Text,
    TimeOfDay,
    Weekday,
    Whole,
    Yes,
    text_of,
)
from habitue.playbook.problem import unknown
from habitue.playbook.signals import EVENT_NAME, SIGNALS, WHERE
from habitue.playbook.steps import STEP_ID, Steps, with_inner

INACTION = Form(
    "an inaction",
    (
        Field(
            "after",
            SIGNALS,
            "The events after which something is missed; each new one starts the watch anew.",
            required=True,
        ),
        Field(
            "where", WHERE.kind, "Only events whose properties fit; for those of `after` without a filter of their own."
        ),
        Field("without", SIGNALS, "What should have come, and did not.", required=True),
        Field("within", Length(), "How long to watch for it.", required=True),
    ),
    lambda values: OnInaction(
        signals=tuple(
            signal if signal.where is not None else Signal(event=signal.event, where=values.get("where"))
            for signal in values["after"]
        ),
        without=values["without"],
        within=values["within"],
    ),
)


def _schedule(values: Values) -> OnSchedule | None:
    if "weekdays" in values and "day" in values:
        values.problem("day", 'either "weekdays" or a "day" of the month; both together hardly ever meet')
        return None
    return OnSchedule(
        segment=values["segment"], minute_of_day=values["schedule"], **values.given("weekdays", "day", "zone")
    )


ENTRIES: dict[str, Form[Any]] = {
    "event": Form(
        "an entry by event",
        (Field("event", EVENT_NAME, "The journey begins when this event comes.", required=True), WHERE),
        lambda values: OnEvent(signal=Signal(**values)),
    ),
    "inaction": Form(
        "an entry by inaction",
        (Field("inaction", INACTION, "The journey begins when something did not happen in time.", required=True),),
        lambda values: values["inaction"],
    ),
    "schedule": Form(
        "an entry by schedule",
        (
            Field("schedule", TimeOfDay(), "The journey begins at this time of day", required=True),
            Field("segment", Name(refers="segment"), "for every member of this segment,", required=True),
            Field("weekdays", Listed(Weekday(), or_one=True), "on these days: mon, tue, wed, thu, fri, sat, sun;"),
            Field("day", Whole(1, 31), "or on this day of the month; beyond the month's end means its last day."),
            Field("zone", Choice(("customer", "shop")), "Whose clock it is. Default customer."),
        ),
        _schedule,
    ),
    "segment": Form(
        "an entry by segment",
        (
            Field(
                "segment",
                Name(refers="segment"),
                "The journey begins when a customer joins or leaves it.",
                required=True,
            ),
            Field("on", Choice(("enter", "leave")), "enter or leave.", required=True),
        ),
        lambda values: OnSegment(segment=values["segment"], change=values["on"]),
    ),
    "request": Form(
        "an entry by request",
        (Field("request", Yes(), "The journey begins when a program asks for it.", required=True),),
        lambda values: OnRequest(),
    ),
}


@dataclass(frozen=True)
class EntryKind:
    """One way in. `schedule` stands before `segment`, since a schedule names its segment too."""

    def read(self, node: yaml.Node, page: Page) -> EntryRule | None:
        if not isinstance(node, yaml.MappingNode):
            page.problem(node, f"expected an entry such as event: Product Viewed, found {found(node)}")
            return None
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        for verb, form in ENTRIES.items():
            if verb in keys:
                entry: EntryRule | None = form.read(node, page)
                return entry
        page.problem(node, unknown("entry", keys[0] if keys else "", ENTRIES))
        return None

    def schema(self) -> Schema:
        return {"anyOf": [form.schema() for form in ENTRIES.values()]}


@dataclass(frozen=True)
class KeyKind:
    """A property of the entry's event; only where there is one."""

    def read(self, node: yaml.Node, page: Page) -> str | None:
        if not page.entry_event:
            page.problem(node, "this journey does not begin with an event, so there is no event.… to be keyed by")
            return None
        return EVENT_PATH.read(node, page)

    def schema(self) -> Schema:
        return EVENT_PATH.schema()


@dataclass(frozen=True)
class ReentryKind:
    """`always`, `never`, or `after 30d`."""

    def read(self, node: yaml.Node, page: Page) -> Reentry | None:
        text = text_of(node, page, "always, never, or a length of time such as after 30d")
        if text in ("always", "never"):
            return Reentry(mode="always" if text == "always" else "never")
        if text is None:
            return None
        try:
            return Reentry(mode="after", after=parse_span(re.sub(r"^after\s+", "", text)))
        except ValueError:
            page.problem(node, f"expected always, never, or a length of time such as after 30d, found {found(node)}")
            return None

    def schema(self) -> Schema:
        return {"type": "string", "pattern": r"^(always|never|(after\s+)?(\s*[0-9]+\s*[smhdw])+)$"}


def may_have_event(root: yaml.Node) -> bool:
    """Whether the entry names an event, seen before anything is read: conditions are read with this in mind."""
    for key, value in root.value if isinstance(root, yaml.MappingNode) else ():
        if key.value == "entry" and isinstance(value, yaml.MappingNode):
            return any(verb.value in ("event", "inaction", "request") for verb, _ in value.value)
    return True  # A journey without an entry has a worse problem.


def _journey(values: Values) -> Journey | None:
    page, name = values.page, values["journey"]
    steps = _Ids(page, name).named(values["steps"])
    return Journey(
        name=name,
        goals=values.get("goal", ()),
        exits=values.get("exit", ()),
        steps=steps,
        file=page.file,
        line=values.node.start_mark.line + 1,
        **values.given(
            "title", "entry", "description", "when", "key", "reentry", "runs_max", "exit_when", "time_limit"
        ),
    )


class _Ids:
    """Gives every step an id that says what it does, and no two the same one."""

    def __init__(self, page: Page, journey: str) -> None:
        self._journey = journey
        self._taken: set[str] = set()
        for mention in page.mentions:
            if mention.what == STEP_ID and mention.name in self._taken:
                page.problems.append(mention.problem(f'a second step has the id "{mention.name}"; give it another'))
            if mention.what == STEP_ID:
                self._taken.add(mention.name)

    def named(self, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        return tuple(self._named(step) for step in steps)

    def _named(self, step: Step) -> Step:
        identity = step.id or self._next(step)
        named: Step = msgspec.structs.replace(step, id=identity)
        if isinstance(named, Split) and not named.salt:
            named = msgspec.structs.replace(named, salt=f"{self._journey}.{identity}")
        return with_inner(named, self.named)

    def _next(self, step: Step) -> str:
        """`send_` and the message for a send; otherwise the verb and a number, counted from the top."""
        numbers = itertools.count(2)
        if isinstance(step, SendStep):
            stem = first = f"send_{step.message}"
        else:
            stem = str(step.__struct_config__.tag)
            first = f"{stem}_1"
        identity = first
        while identity in self._taken:
            identity = f"{stem}_{next(numbers)}"
        self._taken.add(identity)
        return identity


JOURNEY = Form(
    "a journey",
    (
        Field("journey", Name(), "The journey's name.", required=True),
        Field("title", Text(), "What the console calls it.", required=True),
        Field("description", Text(), "What it is for, in a sentence."),
        Field("entry", EntryKind(), "How customers come in.", required=True),
        Field("when", Clause(), "Only those for whom this is true at that moment."),
        Field(
            "key", KeyKind(), "One run for each value of this, such as event.order_id; one per customer when left out."
        ),
        Field("reentry", ReentryKind(), "always, never, or after 30d since the last entry. Default always."),
        Field("runs_max", Whole(1, 100), "How many runs one customer may have at once, over all keys. Default 10."),
        Field("goal", SIGNALS, "What it is all for; the journey ends when it happens."),
        Field("exit", SIGNALS, "Events that end the journey without the goal."),
        Field("exit_when", Clause(), "The journey ends as soon as this is true."),
        Field("time_limit", Length(), "The journey ends after this long, wherever it stands."),
        Field(
            "steps",
            Ref("journey_steps", lambda: Steps(empty=False)),
            "What happens, from top to bottom.",
            required=True,
        ),
    ),
    _journey,
)
