"""A journey's steps: each is a mapping whose verb says what it does, `wait: 25m`, `send: cart_reminder`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import yaml

from habitue.model.message import CHANNELS
from habitue.playbook.clause import Clause
from habitue.playbook.form import Field, Form, Page, Schema, Values, found
from habitue.playbook.journey import (
    Branch,
    ExitStep,
    GoalStep,
    If,
    SendStep,
    SetStep,
    Share,
    Split,
    Step,
    WaitEvent,
    WaitFor,
    WaitUntil,
)
from habitue.playbook.kinds import (
    Choice,
    Length,
    Listed,
    Name,
    Plain,
    Ref,
    Table,
    Text,
    TimeOfDay,
    Weekday,
    Whole,
    Yes,
)
from habitue.playbook.problem import unknown
from habitue.playbook.signals import SIGNALS

STEP_ID = "step id"
WRITTEN_FOR = "written for"
"""A mention of `message/channel`: the message must have something to say there."""
ABOUT_EVENT = "about an event"
"""A mention of a message sent where no event is known."""
TRAIT = Name()


@dataclass(frozen=True)
class Steps:
    """A list of steps, none of them out of reach."""

    empty: bool = True

    def read(self, node: yaml.Node, page: Page) -> tuple[Step, ...] | None:
        if not isinstance(node, yaml.SequenceNode):
            page.problem(node, f"expected a list of steps, each beginning with a dash, found {found(node)}")
            return None
        if not node.value and not self.empty:
            page.problem(node, "a journey without steps does nothing; add one, such as - send: welcome")
            return None
        before = len(page.problems)
        steps = [_read_step(item, page) for item in node.value]
        for step, following in zip(steps, node.value[1:], strict=False):
            if step is not None and _ends(step):
                page.problem(following, "this step is out of reach: the step before it always ends the journey")
                break
        return tuple(step for step in steps if step is not None) if len(page.problems) == before else None

    def schema(self) -> Schema:
        return {"type": "array", "items": {"$ref": "#/$defs/step"}} | ({} if self.empty else {"minItems": 1})


BRANCH_STEPS = Ref("steps", Steps)
ID = Field(
    "id", Name(refers=STEP_ID), "The step's name in the console and the ledger. Made from its verb when left out."
)


def _branches(values: Values) -> If | None:
    """`if: condition` with `then`, or `if:` with a list of branches."""
    branches = values["if"]
    if isinstance(branches, tuple):
        if "then" in values:
            values.problem("then", 'each branch in the list has its own "then"; move these steps into one of them')
            return None
        named = tuple(
            branch if branch.name else msgspec.structs.replace(branch, name=f"branch_{number}")
            for number, branch in enumerate(branches, 1)
        )
        return If(id=values.get("id", ""), branches=named, otherwise=values.get("otherwise", ()))
    if "then" not in values:
        values.problem("if", 'an "if" needs the field "then": the steps to take when the condition is true')
        return None
    yes = Branch(name="yes", when=branches, then=values["then"])
    return If(id=values.get("id", ""), branches=(yes,), otherwise=values.get("otherwise", ()))


@dataclass(frozen=True)
class Branches:
    """A condition, or a list of `{when, then, name}`."""

    def read(self, node: yaml.Node, page: Page) -> Any:
        if isinstance(node, yaml.SequenceNode):
            return Listed(BRANCH).read(node, page)
        return Clause().read(node, page)

    def schema(self) -> Schema:
        return {"anyOf": [Clause().schema(), Listed(BRANCH).schema()]}


BRANCH = Form(
    "a branch",
    (
        Field("when", Clause(), "Taken when this is true and no branch above was.", required=True),
        Field("then", BRANCH_STEPS, "The steps to take.", required=True),
        Field("name", Name(), "What the console calls the branch."),
    ),
    lambda values: Branch(name=values.get("name", ""), when=values["when"], then=values["then"]),
)

SHARE = Form(
    "a share",
    (
        Field("weight", Whole(1, 1_000_000), "Its part of the whole: 50 beside 50 is half.", required=True),
        Field("then", BRANCH_STEPS, "The steps to take.", required=True),
    ),
    lambda values: Share(name="", **values),
)


def _named_share(name: str, share: Share, line: int) -> Share:
    return msgspec.structs.replace(share, name=name)


def _split(values: Values) -> Split | None:
    shares = tuple(values["split"].values())
    if len(shares) < 2:
        values.problem("split", "a split needs at least two shares to choose from")
        return None
    return Split(id=values.get("id", ""), shares=shares, salt=values.get("salt", ""))


def _wait(values: Values) -> WaitFor:
    return WaitFor(id=values.get("id", ""), span=values["wait"])


def _wait_event(values: Values) -> WaitEvent | None:
    return WaitEvent(
        id=values.get("id", ""),
        signals=values["wait_event"],
        **values.given("timeout", "then", "otherwise"),
    )


def _send(values: Values) -> SendStep | None:
    channels = values.get("channels", ())
    if len(set(channels)) < len(channels):
        values.problem("channels", "a channel stands twice; the message is said on the first that is allowed")
        return None
    for channel in channels:
        values.page.mention(WRITTEN_FOR, f"{values['send']}/{channel}", values.nodes["channels"])
    if not values.page.entry_event:
        values.page.mention(ABOUT_EVENT, values["send"], values.nodes["send"])
    return SendStep(id=values.get("id", ""), message=values["send"], channels=channels)


VERBS: dict[str, Form[Any]] = {
    "wait": Form("a wait", (Field("wait", Length(), "Wait this long, such as 25m.", required=True), ID), _wait),
    "wait_until": Form(
        "a wait",
        (
            Field("wait_until", TimeOfDay(), "Wait for this time of day where the customer lives.", required=True),
            Field("weekdays", Listed(Weekday(), or_one=True), "Only on these days: mon, tue, wed, thu, fri, sat, sun."),
            ID,
        ),
        lambda values: WaitUntil(
            id=values.get("id", ""), minute_of_day=values["wait_until"], weekdays=values.get("weekdays", ())
        ),
    ),
    "wait_event": Form(
        "a wait for an event",
        (
            Field("wait_event", SIGNALS, "Wait for this event, or the first of several.", required=True),
            Field("timeout", Length(), "How long to wait for it at most.", required=True),
            Field("then", BRANCH_STEPS, "The steps to take when it comes."),
            Field("otherwise", BRANCH_STEPS, "The steps to take when it does not."),
            ID,
        ),
        _wait_event,
    ),
    "if": Form(
        "an if",
        (
            Field(
                "if",
                Branches(),
                "A condition, or a list of branches of which the first true one is taken.",
                required=True,
            ),
            Field("then", BRANCH_STEPS, "The steps to take when the condition is true."),
            Field("otherwise", BRANCH_STEPS, "The steps to take when nothing above is true."),
            ID,
        ),
        _branches,
    ),
    "split": Form(
        "a split",
        (
            Field(
                "split",
                Table("shares", SHARE, _named_share),
                "Shares by name; chance, fixed per customer, picks one.",
                required=True,
            ),
            Field("salt", Text(), "Splits of the same salt and weights choose alike. Default: journey and step."),
            ID,
        ),
        _split,
    ),
    "send": Form(
        "a send",
        (
            Field("send", Name(refers="message"), "The message to send.", required=True),
            Field(
                "channels",
                Listed(Choice(CHANNELS), or_one=True),
                "On the first of these that is allowed. Default: all it is written for, e-mail first.",
            ),
            ID,
        ),
        _send,
    ),
    "set": Form(
        "a set",
        (Field("set", Table("traits", Plain(), key=TRAIT), "Traits to write; null removes one.", required=True), ID),
        lambda values: SetStep(id=values.get("id", ""), traits=values["set"]),
    ),
    "goal": Form(
        "a goal",
        (Field("goal", Yes(), "The goal is reached here; the journey ends.", required=True), ID),
        lambda values: GoalStep(id=values.get("id", "")),
    ),
    "exit": Form(
        "an exit",
        (Field("exit", Yes(), "The journey ends here.", required=True), ID),
        lambda values: ExitStep(id=values.get("id", "")),
    ),
}

BARE: dict[str, Callable[[], Step]] = {"goal": lambda: GoalStep(id=""), "exit": lambda: ExitStep(id="")}


@dataclass(frozen=True)
class StepKind:
    """One step, whichever it is."""

    def read(self, node: yaml.Node, page: Page) -> Step | None:
        return _read_step(node, page)

    def schema(self) -> Schema:
        return {"anyOf": [{"enum": sorted(BARE)}, *(form.schema() for form in VERBS.values())]}


def _read_step(node: yaml.Node, page: Page) -> Step | None:
    if isinstance(node, yaml.ScalarNode) and node.value in BARE:
        return BARE[node.value]()
    if not isinstance(node, yaml.MappingNode):
        page.problem(node, f"expected a step such as wait: 25m, found {found(node)}")
        return None
    keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
    verbs = [verb for verb in VERBS if verb in keys]
    if len(verbs) == 1:
        step: Step | None = VERBS[verbs[0]].read(node, page)
        return step
    if verbs:
        page.problem(node, f'a step does one thing, and this one says both "{verbs[0]}" and "{verbs[1]}"; make it two')
    else:
        page.problem(node, unknown("step", keys[0] if keys else "", VERBS))
    return None


def _ends(step: Step) -> bool:
    """Whether nothing can come after the step."""
    if isinstance(step, GoalStep | ExitStep):
        return True
    branches = list(inner(step))
    whole = isinstance(step, If | Split | WaitEvent)
    return whole and all(steps and _ends(steps[-1]) for steps in branches)


def inner(step: Step) -> Iterator[tuple[Step, ...]]:
    """The lists of steps a step holds; an `otherwise` that was left out is an empty one."""
    match step:
        case If(branches=branches, otherwise=otherwise):
            yield from (branch.then for branch in branches)
            yield otherwise
        case Split(shares=shares):
            yield from (share.then for share in shares)
        case WaitEvent(then=then, otherwise=otherwise):
            yield then
            yield otherwise


def with_inner(step: Step, change: Callable[[tuple[Step, ...]], tuple[Step, ...]]) -> Step:
    """The step with each list of steps it holds changed, in order."""
    replace = msgspec.structs.replace
    match step:
        case If():
            branches = tuple(replace(branch, then=change(branch.then)) for branch in step.branches)
            return replace(step, branches=branches, otherwise=change(step.otherwise))
        case Split():
            return replace(step, shares=tuple(replace(share, then=change(share.then)) for share in step.shares))
        case WaitEvent():
            return replace(step, then=change(step.then), otherwise=change(step.otherwise))
    return step


def walk(steps: tuple[Step, ...]) -> Iterator[Step]:
    """Every step, also those in branches, from top to bottom."""
    for step in steps:
        yield step
        for branch in inner(step):
            yield from walk(branch)
