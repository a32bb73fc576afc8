"""The language of conversation files, and what the runner makes of it."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from tests.decide.world import NOTE, PLAYBOOK

from habitue.model.instant import HOUR, Instant, from_datetime
from habitue.playbook.load import load
from habitue.run.conversation import ConversationError, run, update
from habitue.run.conversation.moments import moment, spoken
from habitue.run.conversation.people import Goods, Person
from habitue.run.conversation.script import read_script
from habitue.run.conversation.sentences import SENTENCES, Speaker, say
from habitue.run.ports import Clock, Log, Store
from habitue.store.memory import MemoryLog, MemoryStore

LONDON = ZoneInfo("Europe/London")
MONDAY = from_datetime(datetime(2026, 5, 4, 11, 0, tzinfo=UTC))  # Noon in London.
JOURNEY = """
journey: nudge
title: Nudge
entry: {event: Product Viewed}
steps:
  - wait: 25m
  - send: note
"""
SHOP = load({"playbook.yaml": PLAYBOOK, "messages/note.yaml": NOTE, "journeys/nudge.yaml": JOURNEY})


def stores(clock: Clock) -> tuple[Store, Log]:
    return MemoryStore(), MemoryLog(clock)


def played(text: str) -> str:
    return update(text, SHOP, stores)


STORY = """\
# Ana looks and leaves
ana signs up as ana@example.com
ana allows email
ana looks at "Red Mug" (P1, 4.95, Mugs) at 14:00 and leaves
----
enters nudge · waits 25m

clock 14:24:59
----
nothing

clock +1s
----
email note · leaves nudge (end)
"""


def test_a_story_that_comes_out_as_told_holds() -> None:
    (result,) = run(STORY, SHOP, stores)
    assert result.holds
    assert (result.title, result.checks) == ("Ana looks and leaves", 3)


def test_what_comes_out_otherwise_is_shown_line_by_line() -> None:
    (result,) = run(STORY.replace("email note", "email notes"), SHOP, stores)
    (mismatch,) = result.mismatches
    assert mismatch.line == 13
    assert mismatch.diff() == "- email notes · leaves nudge (end)\n+ email note · leaves nudge (end)"


def test_an_update_rewrites_what_is_expected_and_nothing_else() -> None:
    wrong = STORY.replace("nothing", "something\nand more").replace("enters nudge · waits 25m\n", "")
    assert played(wrong) == STORY


def test_an_update_adds_the_check_a_story_ends_without() -> None:
    assert played("ben looks at a mug") == "ben looks at a mug\n----\nenters nudge · waits 25m\n"


def test_a_story_without_a_last_check_does_not_hold() -> None:
    (result,) = run("ben looks at a mug", SHOP, stores)
    assert [mismatch.got for mismatch in result.mismatches] == [("enters nudge · waits 25m",)]


def test_stories_of_one_file_know_nothing_of_each_other() -> None:
    text = "==== One\nben looks at a mug\n----\nenters nudge · waits 25m\n"
    assert [result.holds for result in run(text + text.replace("One", "Two"), SHOP, stores)] == [True, True]


def test_with_several_people_each_line_says_who() -> None:
    assert played("ana looks at a mug\nben looks at a mug\nclock +25m").splitlines()[4:] == [
        "12:00 · ana enters nudge · waits 25m",
        "12:00 · ben enters nudge · waits 25m",
        "ana email note dropped (unreachable) · leaves nudge (end)",
        "ben email note dropped (unreachable) · leaves nudge (end)",
    ]


def test_what_happened_in_between_is_told_with_its_time() -> None:
    assert "12:00 · enters nudge" in played("ana looks at a mug\nclock +1h")
    assert "Mon 12:00 · enters nudge" in played("ana looks at a mug\nclock +1d")
    assert "2026-05-04 12:00 · enters nudge" in played("ana looks at a mug\nclock +7d")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("ana looks at a mug\n\nana dances\n----", 3, "nothing known is said by"),
        ("clock 25:00", 1, "expected a time such as"),
        ("clock later", 1, "expected a time such as"),
        ("clock 2026-02-30 12:00", 1, "is not a day of the calendar"),
        ("clock +3x", 1, "is not a length of time"),
        ("clock 2026-05-05 12:00\nclock 2026-05-04 12:00", 2, "only goes forward"),
        ("zone Nowhere/City", 1, "unknown time zone"),
        ("hide everything", 1, "only segments can be hidden"),
        ("Something else entirely", 1, "expected a person and what she does"),
        ("ana: Product Viewed {price: [1}", 1, "the properties cannot be read"),
        ('ana looks at "Mug" (P1, dear)', 1, "expected a price such as 4.95"),
    ],
)
def test_a_line_that_is_not_understood_is_pointed_out(text: str, line: int, said: str) -> None:
    with pytest.raises(ConversationError, match=said) as error:
        run(text, SHOP, stores)
    assert error.value.line == line


@pytest.mark.parametrize("example", [example for _, example, _ in SENTENCES])
def test_every_sentence_says_its_own_example(example: str) -> None:
    name = example.removeprefix("ana")
    person = Person("ana", "UTC")
    assert say(Speaker(person, "browser", Goods(), 1), name) is not None


def said(words: str, goods: Goods | None = None) -> tuple[str, dict[str, object]]:
    event = say(Speaker(Person("ana", "UTC"), "browser", goods or Goods(), 1), words)
    return event.name, event.properties


def test_a_product_once_described_is_known_by_its_name() -> None:
    goods = Goods()
    mug = {"product_id": "P1", "name": "Red Mug", "price": 4.95, "category": "Mugs"}
    assert said(' looks at "Red Mug" (P1, 4.95, Mugs)', goods) == ("Product Viewed", mug)
    assert said(' puts 2 × "Red Mug" into her basket', goods) == ("Product Added", {**mug, "quantity": 2})
    assert said(" looks at the red mug", goods) == ("Product Viewed", mug)


def test_an_order_without_products_takes_what_is_in_the_basket() -> None:
    speaker = Speaker(Person("ana", "UTC"), "browser", Goods(), 7)
    say(speaker, ' puts 2 "Red Mug" (P1, 4.95) into her basket')
    say(speaker, ' puts "Blue Mug" (P2, 5) into her basket')
    order = say(speaker, " orders").properties
    assert (order["order_id"], order["total"], len(order["products"])) == ("O7", 14.9, 2)
    assert say(speaker, " orders").properties["products"] == []


def test_several_products_are_ordered_in_one_sentence() -> None:
    _, order = said(' orders "Red Mug" (P1, 4.95), 2 × "Blue Mug" (P2, 5) and a teapot for 40.00')
    products = order["products"]
    assert isinstance(products, list)
    assert [product["name"] for product in products] == ["Red Mug", "Blue Mug", "teapot"]
    assert order["total"] == 40.0


MOMENTS = [
    ("+25m", datetime(2026, 5, 4, 12, 25, tzinfo=LONDON)),
    ("22:10", datetime(2026, 5, 4, 22, 10, tzinfo=LONDON)),
    ("08:00", datetime(2026, 5, 5, 8, 0, tzinfo=LONDON)),
    ("12:00", datetime(2026, 5, 4, 12, 0, tzinfo=LONDON)),
    ("Mon 11:00", datetime(2026, 5, 11, 11, 0, tzinfo=LONDON)),
    ("Wed 09:00", datetime(2026, 5, 6, 9, 0, tzinfo=LONDON)),
    ("15:00 Europe/Istanbul", datetime(2026, 5, 4, 13, 0, tzinfo=LONDON)),
    ("2026-06-01 08:30:15", datetime(2026, 6, 1, 8, 30, 15, tzinfo=LONDON)),
]


@pytest.mark.parametrize(("text", "expected"), MOMENTS, ids=[text for text, _ in MOMENTS])
def test_a_clock_line_means_the_next_such_moment(text: str, expected: datetime) -> None:
    assert moment(text, MONDAY, LONDON) == from_datetime(expected)


@pytest.mark.parametrize(
    ("later", "text"),
    [(HOUR, "13:00"), (12 * HOUR, "00:00"), (13 * HOUR, "Tue 01:00"), (170 * HOUR, "2026-05-11 14:00")],
)
def test_a_moment_is_said_as_shortly_as_it_can(later: Instant, text: str) -> None:
    assert spoken(MONDAY + later, MONDAY, LONDON) == text


def test_a_comment_is_no_action_and_a_blank_line_ends_what_is_expected() -> None:
    (story,) = read_script("# A title\n\n# note\nana visits\n----\none\ntwo\n\n# more\nana visits\n")
    assert story.title == "A title"
    assert [(len(block.actions), block.check, block.expected) for block in story.blocks] == [
        (1, 5, ("one", "two")),
        (1, None, ()),
    ]


def test_wishes_lists_details_and_orders_taken_back_can_be_told() -> None:
    shop = load(
        {
            "playbook.yaml": PLAYBOOK,
            "messages/note.yaml": NOTE,
            "segments.yaml": """
wishing: {title: Wishing, condition: '"P1" in wishlist.products'}
lost: {title: Lost at the till, condition: 'last_visit.stage == "checkout"'}
close: {title: Close, condition: 'visit.details >= 1 and visit.stage == "detail"'}
mugs: {title: Mugs, condition: 'affinity("category") == "Mugs"'}
paying: {title: Paying, condition: orders.revenue > 0}
home: {title: At the door, condition: 'visit.stage == "home"'}
""",
        }
    )
    story = """\
ana visits "/"
----
is now in home

ana browses "Mugs"
----
is now in mugs · is no longer in home

ana opens the details of "Red Mug" (P1, 4.95, Mugs)
ana wishes for "Red Mug"
----
is now in close · is now in wishing

ana takes "Red Mug" off her wish list
ana puts "Red Mug" into her basket
ana starts the checkout and leaves
----
is no longer in wishing · is no longer in close

clock 12:30:00
----
nothing

clock +1s
----
12:30 · is now in lost

ana orders
ana gets 1.00 back
----
is now in paying

clock +1h
----
13:00:01 · is no longer in lost

ana cancels her order
----
is no longer in paying
"""
    assert update(story, shop, stores) == story


def test_an_update_keeps_the_layout_of_what_holds() -> None:
    laid_out = "  ana looks at a mug\n  # A comment.\n  ----\n    enters nudge · waits 25m"
    assert played(laid_out) == laid_out
    assert (
        played(laid_out.replace("25m", "5m"))
        == "  ana looks at a mug\n  # A comment.\n  ----\n  enters nudge · waits 25m\n"
    )
