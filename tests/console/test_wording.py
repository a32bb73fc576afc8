"""Words: what happened, as a marketer would say it."""

from __future__ import annotations

import pytest
from tests.console.sample_playbook import files

from habitue.console import wording
from habitue.console.figures import Figures
from habitue.model.customer import Customer
from habitue.model.decision import Decision
from habitue.model.event import Event
from habitue.model.instant import DAY, MINUTE
from habitue.model.reason import Outcome, Reason
from habitue.playbook.load import load

BOOK = load(files("https://shop.example"))
NOW = 1_790_000_000_000_000
NOT_SENT = "“Thank you” not sent by e-mail"
WORDS = wording.Words(BOOK, Figures(BOOK.shop, NOW))


def decision(outcome: Outcome, reason: Reason, **more: object) -> Decision:
    return Decision(id="d1", customer="u1", at=NOW, outcome=outcome, reason=reason, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "says"),
    [
        (decision(Outcome.ENTERED, Reason.ENTRY, journey="cart"), "Entered “Left in the basket”"),
        (decision(Outcome.REFUSED, Reason.REENTRY, journey="cart"), "Not let into “Left in the basket”"),
        (decision(Outcome.SENT, Reason.ALLOWED, message="thanks", channel="email"), "“Thank you” queued by e-mail"),
        (decision(Outcome.DROPPED, Reason.NO_CONSENT, message="thanks", channel="email"), NOT_SENT),
        (decision(Outcome.SENT, Reason.ALLOWED, message="thanks", channel="onsite"), "“Thank you” queued on the site"),
        (decision(Outcome.JOINED, Reason.SEGMENT_ENTER, segment="regulars"), "Joined “Habitués”"),
        (decision(Outcome.LEFT, Reason.SEGMENT_LEAVE, segment="regulars"), "Left “Habitués”"),
        (decision(Outcome.LEFT, Reason.GOAL, journey="cart"), "Left “Left in the basket”"),
        (decision(Outcome.CHANGED, Reason.MERGED), "Recognised"),
        (decision(Outcome.REFUSED, Reason.TWO_KNOWN_USERS), "Not joined with another person"),
        (decision(Outcome.ENTERED, Reason.ENTRY, journey="gone"), "Entered “gone”"),
        (
            decision(Outcome.WAITING, Reason.WAIT, journey="cart", detail={"until": NOW + 90 * MINUTE}),
            "Waits in “Left in the basket” until 16:43",
        ),
        (
            decision(Outcome.BRANCHED, Reason.CONDITION_TRUE, journey="cart", detail={"branch": "spent_a_lot"}),
            "Took the branch “Spent a lot” in “Left in the basket”",
        ),
    ],
)
def test_a_decision_has_a_headline(one: Decision, says: str) -> None:
    assert WORDS.decision(one) == says


def test_details_are_written_out() -> None:
    said = dict(
        WORDS.details(
            {"until": NOW, "within": 3 * DAY, "limit": 2, "also": {"onsite": "duplicate"}, "because": "quiet_hours"}
        )
    )
    assert said["Until"].startswith("Mon 21 Sep 2026, 15:13:20")
    assert said["Within"] == "3 days"
    assert said["At most"] == "2"
    assert said["Other channels"] == "On the site: They got the same message about the same thing a short while ago."
    assert said["Because"] == "It is night where they live; it waits until the morning."


@pytest.mark.parametrize(
    ("name", "properties", "says"),
    [
        ("Product Viewed", {"name": "Jug", "price": 34, "category": "Kitchen"}, "Jug · £34.00 · Kitchen"),
        ("Order Completed", {"total": "12.5", "products": [{}, {}]}, "£12.50 · 2 products"),
        ("Products Searched", {"query": "red bowl"}, "“red bowl”"),
        ("Consent Withdrawn", {"topic": "offers"}, "E-mail: Things you might like"),
        ("Email Opened", {"message": "thanks"}, "Thank you"),
        ("Something Else", {"price": float("inf"), "name": ["x"], "category": True}, ""),
        ("Order Completed", {"total": "9" * 400, "products": "none"}, ""),
    ],
)
def test_an_event_says_what_it_was_about(name: str, properties: dict[str, object], says: str) -> None:
    event = Event(id="e1", source="shop", type="track", name=name, occurred_at=NOW, properties=properties)
    assert WORDS.event(event) == says


@pytest.mark.parametrize(
    ("traits", "user_id", "says"),
    [
        ({"name": "Ana Berg", "email": "a@b.c"}, "u1", "Ana Berg"),
        ({"first_name": "Ana", "last_name": "Berg"}, "u1", "Ana Berg"),
        ({"firstName": "Ana", "email": "a@b.c"}, "u1", "Ana"),
        ({"name": 7, "email": "a@b.c"}, "u1", "a@b.c"),
        ({}, "u1", "u1"),
        ({}, None, "Visitor bcde"),
    ],
)
def test_a_person_is_called_by_the_best_name_there_is(
    traits: dict[str, object], user_id: str | None, says: str
) -> None:
    assert wording.name_of(Customer(id="abcdef", traits=traits, user_id=user_id), "abcdef") == says
    assert wording.name_of(None, "abcdef") == "Unknown abcdef"


def test_initials_are_taken_of_names_and_addresses() -> None:
    assert [wording.initials(name) for name in ("Ana Berg", "ana.berg@b.c", "ana", "", "– –")] == [
        "AB",
        "AB",
        "A",
        "?",
        "?",
    ]


def test_entries_are_said_in_words() -> None:
    entries = {name: WORDS.entry(journey.entry) for name, journey in BOOK.journeys.items()}
    assert entries == {
        "cart": "30 minutes after Product Added without Order Completed",
        "browse": "25 minutes after Product Viewed without Product Added or Order Completed",
        "second_order": "When Order Completed happens",
    }


def test_what_a_cap_counted_is_one_sentence() -> None:
    told = WORDS.details({"limit": 2, "within": 7 * DAY, "count": 3, "zone": "Europe/London"})
    assert told == [
        ("The cap", "got 3 within 7 days, and at most 2 are allowed"),
        ("In the time zone", "Europe/London"),
    ]
