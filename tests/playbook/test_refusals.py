"""Nothing is accepted into a playbook that cannot run, and the refusal says where and what to do."""

# ruff: noqa: E501 — refusals are quoted whole, as their reader sees them.
from __future__ import annotations

from textwrap import dedent

import pytest

from habitue.playbook.load import load
from habitue.playbook.problem import PlaybookError

from .small import HEAD, HELLO, SEGMENTS, files, journey_with, problems

STEPS = [
    ("- wait: soon", '"soon" is not a length of time; write it like 25m, 36h, 7d or 1d 12h'),
    ("- wait: 0m", '"0m" is not a length of time; write it like 25m, 36h, 7d or 1d 12h'),
    ("- wait: 5000d", '"5000d" is longer than ten years'),
    ("- wait_until: 24:00", 'expected a time of day from 00:00 to 23:59, found "24:00"'),
    ("- {wait_until: 09:00, weekdays: [monday]}", 'unknown weekday "monday". Did you mean "mon"?'),
    (
        "- wait_event: Order Completed",
        'a wait for an event needs the field "timeout": How long to wait for it at most.',
    ),
    ("- wait_event: Order Complete\n  timeout: 1d", 'unknown event "Order Complete". Did you mean "Order Completed"?'),
    (
        "- send: hello\n  channels: [email, email]",
        "a channel stands twice; the message is said on the first that is allowed",
    ),
    ("- send: hello\n  channels: sms", 'expected email or onsite, found "sms"'),
    ("- wait: 1h\n  send: hello", 'a step does one thing, and this one says both "wait" and "send"; make it two'),
    ("- wiat: 1h", 'unknown step "wiat". Did you mean "wait"?'),
    ("- later", 'expected a step such as wait: 25m, found "later"'),
    ("- exit\n- send: hello", "this step is out of reach: the step before it always ends the journey"),
    (
        "- if: cart.is_empty\n  then: [goal]\n  otherwise: [exit]\n- send: hello",
        "this step is out of reach: the step before it always ends the journey",
    ),
    ("- if: cart.is_empty", 'an "if" needs the field "then": the steps to take when the condition is true'),
    ("- split: {one: {weight: 1, then: []}}", "a split needs at least two shares to choose from"),
    (
        "- split: {one: {weight: 0, then: []}, two: {weight: 1, then: []}}",
        'expected a whole number from 1 to 1000000, found "0"',
    ),
    ("- set: {}", "expected traits here, found none"),
    ("- {wait: 1h, id: a}\n- {wait: 2h, id: a}", 'a second step has the id "a"; give it another'),
    ("- {wait: 1h, wait: 2h}", '"wait" stands here already, in line 5; keep one of them'),
]


@pytest.mark.parametrize(("steps", "said"), STEPS, ids=[said[:40] for _, said in STEPS])
def test_a_step_that_cannot_run_is_refused(steps: str, said: str) -> None:
    assert [problem.split(": ", 1)[1] for problem in problems(journey=journey_with(steps))] == [said]


def test_a_step_after_branches_that_do_not_all_end_is_in_reach() -> None:
    load(files(journey=journey_with("- if: cart.is_empty\n  then: [goal]\n- send: hello")))


def test_a_message_is_sent_only_where_it_has_something_to_say() -> None:
    mute = HELLO.replace("onsite: {type: banner, title: Hi}\n", "")
    assert problems(message=mute, journey=journey_with("- send: hello\n  channels: [email, onsite]")) == [
        'journeys/greet.yaml:6: the message "hello" says nothing for the channel "onsite"; write it there, or leave it out'
    ]


def test_a_channel_must_be_in_use() -> None:
    head = HEAD.replace("  onsite: {consent: implied}\n", "")
    assert problems(head=head) == ['messages/hello.yaml:5: unknown channel "onsite". Known here: email.']


def test_the_entry_event_is_spoken_of_only_where_there_is_one() -> None:
    steps = "- if: event.price > 5\n  then: [exit]\n- send: hello"
    assert problems(
        message=HELLO + "about: event.product_id\n",
        journey=journey_with(steps, "{segment: dormant, on: enter}", "key: event.cart_id\n"),
    ) == [
        "journeys/greet.yaml:4: this journey does not begin with an event, so there is no event.… to be keyed by",
        "journeys/greet.yaml:6: there is no entry event here, so event.… means nothing; it does inside a journey that an "
        "event starts",
        'journeys/greet.yaml:8: the message "hello" is about event.product_id, but this journey does not begin with an event',
    ]


def test_a_condition_points_at_its_own_place_in_the_file() -> None:
    with pytest.raises(PlaybookError) as error:
        load(files(segments=SEGMENTS.replace("not did", "not dit")))
    (problem,) = error.value.problems
    assert (problem.line, problem.column) == (3, 18)


def test_a_condition_points_at_its_own_place_in_block_text() -> None:
    text = """
    dormant:
      title: Dormant
      condition: |
        not did("Order Completed", within="180d")
        and segment("dormand")
    """
    with pytest.raises(PlaybookError) as error:
        load(files(segments=text))
    (problem,) = error.value.problems
    assert (problem.line, problem.column) == (5, 17)
    assert problem.text == 'unknown segment "dormand". Did you mean "dormant"?'


def test_segments_must_not_go_round_in_a_circle() -> None:
    text = """
    a: {title: A, condition: segment("b")}
    b: {title: B, condition: not segment("c")}
    c: {title: C, condition: segment("a") and cart.is_empty}
    """
    assert problems(segments=text, journey=journey_with("- send: hello")) == [
        "segments.yaml:1: segments name each other in a circle: a → b → c → a; one of them must not"
    ]


def test_a_name_is_given_once() -> None:
    with pytest.raises(PlaybookError) as error:
        load(files() | {"journeys/other.yaml": files()["journeys/greet.yaml"]})
    assert str(error.value) == (
        'journeys/other.yaml:1: the journey "greet" stands in journeys/greet.yaml already; give one of them another name'
    )


def test_a_file_that_belongs_nowhere_is_pointed_out() -> None:
    with pytest.raises(PlaybookError) as error:
        load(files() | {"segments.yml": ""})
    assert str(error.value).startswith("segments.yml:1: not a file of a playbook; expected playbook.yaml,")


def test_a_playbook_begins_with_its_head() -> None:
    with pytest.raises(PlaybookError, match=r"playbook\.yaml:1: this file is missing"):
        load({})


def test_a_broken_message_is_not_called_unknown_as_well() -> None:
    assert problems(message=HELLO.replace("title: Hello\n", "")) == [
        'messages/hello.yaml:1: a message needs the field "title": What the console calls it.'
    ]


MESSAGES = [
    ("message: hello\ntitle: T\ntopic: offers\n", 'a message needs something to say: the field "email" or "onsite"'),
    (HELLO.replace("title: Hi}", "title: Hi, button: Go}"), 'a button needs a "url" to lead to'),
    (HELLO.replace("subject: Hi,", ""), 'the e-mail needs the field "subject"'),
    (HELLO.replace("<mjml><mj-body></mj-body></mjml>", "helo.mjml"), 'there is no file "messages/helo.mjml"'),
    (HELLO + "kind: spam\n", 'expected offer or news or transactional, found "spam"'),
    (HELLO + "about: product_id\n", "expected a property of the event the journey began with, such as event.cart_id"),
]


@pytest.mark.parametrize(("text", "said"), MESSAGES, ids=[said[:40] for _, said in MESSAGES])
def test_a_message_that_cannot_be_said_is_refused(text: str, said: str) -> None:
    (problem,) = problems(message=text)
    assert said in problem


HEADS = [
    ("currency: TRY", "currency: lira", 'expected a currency code such as GBP, found "lira"'),
    ("locale: tr-TR", "locale: xx-YY", 'unknown locale "xx-YY"; expected a language and a country, such as en-GB'),
    ("hello@shop.example", "hello.shop.example", "expected an e-mail address such as"),
    ("end: 08:00", "end: 22:00", "quiet hours that end when they start would never end"),
    ("end: 08:00}", "end: 08:00}\n  pauses: [30d, 400d]", "a pause is at most a year long"),
    ("end: 08:00}", "end: 08:00}\n  pauses: []", "the list is empty"),
    ("limit: 4", "limit: 0", 'expected a whole number from 1 to 1000, found "0"'),
    ("shop: {name", "shop: {nam", 'unknown field "nam". Did you mean "name"?'),
]


@pytest.mark.parametrize(("right", "wrong", "said"), HEADS, ids=[wrong for _, wrong, _ in HEADS])
def test_a_head_that_cannot_hold_is_refused(right: str, wrong: str, said: str) -> None:
    assert any(said in problem for problem in problems(head=HEAD.replace(right, wrong)))


def test_templates_are_checked_where_they_stand() -> None:
    message = dedent(
        """
        message: hello
        title: Hello
        topic: offers
        email:
          subject: Hi
          mjml: hello.mjml
          text: |
            one
              two
        """
    ).lstrip("\n")
    with pytest.raises(PlaybookError) as error:
        load(
            files(message=message) | {"messages/hello.mjml": "<mjml>\n</mjml>"},
            check_message=lambda message: [("email.mjml", 2, "wrong here"), ("email.text", 2, "and here")],
        )
    assert [(one.file, one.line, one.column, one.text) for one in error.value.problems] == [
        ("messages/hello.mjml", 2, 1, "wrong here"),
        ("messages/hello.yaml", 9, 7, "and here"),
    ]
