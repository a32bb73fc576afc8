"""Loading: a playbook in text becomes one checked `Playbook`, or a complete list of what is wrong with it."""

from __future__ import annotations

import pytest

from habitue.model.instant import DAY, HOUR, MINUTE
from habitue.playbook.journey import (
    ExitStep,
    GoalStep,
    If,
    OnEvent,
    OnInaction,
    OnRequest,
    OnSchedule,
    OnSegment,
    Reentry,
    SendStep,
    SetStep,
    Split,
    WaitEvent,
    WaitFor,
    WaitUntil,
)
from habitue.playbook.load import load
from habitue.playbook.playbook import Cap, Gap, QuietHours

from .small import HEAD, HELLO, JOURNEY, files, journey_with, loaded, problems


def test_a_small_playbook_is_read_whole() -> None:
    playbook = load(files())
    assert playbook.shop.timezone == "Europe/Istanbul"
    assert playbook.channels["email"].sender == "The Shop <hello@shop.example>"
    assert playbook.guard.caps == (Cap(limit=1, within=DAY, channel="email"), Cap(limit=4, within=7 * DAY))
    assert playbook.guard.gaps == (Gap(span=2 * HOUR),)
    assert playbook.guard.quiet_hours == QuietHours(start=22 * 60, end=8 * 60)
    assert playbook.segments["dormant"].line == 1
    assert playbook.messages["hello"].channels == ("email", "onsite")
    assert playbook.files == files()


def test_pauses_are_those_the_shop_offers_and_three_where_it_says_nothing() -> None:
    assert load(files()).guard.pauses == (30 * DAY, 60 * DAY, 90 * DAY)
    head = HEAD.replace("end: 08:00}", "end: 08:00}\n  pauses: 14d")
    assert load(files(head=head)).guard.pauses == (14 * DAY,)


def test_a_send_without_channels_tries_all_its_message_is_written_for() -> None:
    assert load(files()).journeys["greet"].steps == (
        SendStep(id="send_hello", message="hello", channels=("email", "onsite")),
    )


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        ("{event: Product Viewed, where: price > 5}", OnEvent),
        ("{inaction: {after: Product Added, within: 30m, without: [Order Completed]}}", OnInaction),
        ("{segment: dormant, on: enter}", OnSegment),
        ("{schedule: 09:30, segment: dormant, weekdays: [mon, fri]}", OnSchedule),
        ("{schedule: 09:30, segment: dormant, day: 31, zone: shop}", OnSchedule),
        ("{request: true}", OnRequest),
    ],
)
def test_every_way_in_is_read(entry: str, kind: type) -> None:
    assert isinstance(loaded(journey=journey_with("- send: hello", entry)).journeys["greet"].entry, kind)


def test_every_step_is_read() -> None:
    journey = loaded(
        journey=journey_with(
            """
            - wait: 25m
            - wait_until: 09:00
              weekdays: [tue, thu]
            - wait_event: [Order Completed, {event: Product Added, where: price > event.price}]
              timeout: 2d
              then:
                - goal
              otherwise:
                - set: {nudged: true, note: null, times: 3, word: "3"}
            - if: count("Product Viewed") > 3
              then: []
              otherwise:
                - send: hello
                  channels: onsite
            - if:
                - {when: cart.is_empty, then: [{wait: 1h}]}
                - {when: cart.value > 50, name: rich, then: [{wait: 2h}]}
            - split:
                one: {weight: 1, then: [{send: hello}]}
                two: {weight: 3, then: [{exit: true}]}
            - exit
            """
        )
    ).journeys["greet"]
    wait, until, event, branch, several, split, leave = journey.steps
    assert wait == WaitFor(id="wait_1", span=25 * MINUTE)
    assert until == WaitUntil(id="wait_until_1", minute_of_day=540, weekdays=(1, 3))
    assert isinstance(event, WaitEvent) and event.then == (GoalStep(id="goal_1"),)
    assert event.otherwise == (SetStep(id="set_1", traits={"nudged": True, "note": None, "times": 3, "word": "3"}),)
    assert isinstance(branch, If) and [part.name for part in branch.branches] == ["yes"]
    assert branch.otherwise == (SendStep(id="send_hello", message="hello", channels=("onsite",)),)
    assert isinstance(several, If) and [part.name for part in several.branches] == ["branch_1", "rich"]
    assert isinstance(split, Split) and split.salt == "greet.split_1"
    assert [(share.name, share.weight) for share in split.shares] == [("one", 1), ("two", 3)]
    assert split.shares[0].then == (SendStep(id="send_hello_2", message="hello", channels=("email", "onsite")),)
    assert leave == ExitStep(id="exit_2")


def test_a_step_may_have_an_id_of_its_own() -> None:
    steps = loaded(journey=journey_with("- {wait: 1h, id: wait_2}\n- wait: 1h\n- wait: 1h")).journeys["greet"].steps
    assert [step.id for step in steps] == ["wait_2", "wait_1", "wait_3"]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("always", Reentry()),
        ("never", Reentry(mode="never")),
        ("after 30d", Reentry(mode="after", after=30 * DAY)),
    ],
)
def test_reentry_reads_as_it_is_said(text: str, rule: Reentry) -> None:
    journey = loaded(journey=journey_with("- send: hello", more=f"reentry: {text}\n")).journeys["greet"]
    assert journey.reentry == rule


def test_all_problems_are_told_at_once_each_with_its_line() -> None:
    assert problems(
        head=HEAD.replace("Europe/Istanbul", "Europe/Istambul").replace("limit: 4", "limit: many"),
        segments='dormant:\n  title: Dormant\n  conditon: did("Order Completed")\n',
        message=HELLO.replace("offers", "ofers"),
        journey=JOURNEY.replace("send: hello", "send: helo"),
    ) == [
        'journeys/greet.yaml:5: unknown message "helo". Did you mean "hello"?',
        'playbook.yaml:2: unknown time zone "Europe/Istambul". Did you mean "Europe/Istanbul"?',
        'playbook.yaml:11: expected a whole number from 1 to 1000, found "many"',
        'segments.yaml:2: a segment needs the field "condition": Who belongs to it.',
        'segments.yaml:3: unknown field "conditon". Did you mean "condition"?',
    ]


def test_names_nobody_defined_are_refused() -> None:
    assert problems(message=HELLO.replace("offers", "ofers"), journey=JOURNEY.replace("send: hello", "send: helo")) == [
        'journeys/greet.yaml:5: unknown message "helo". Did you mean "hello"?',
        'messages/hello.yaml:3: unknown topic "ofers". Did you mean "offers"?',
    ]
