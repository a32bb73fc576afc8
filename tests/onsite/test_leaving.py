"""The way out: one click for mail clients, a page for people, and nothing by accident."""

from __future__ import annotations

import pytest

from habitue.model.customer import Consent, Customer

from .shop import ANA, LETTER, LINKS, Corner, hidden_and_on, path_of

LEAVE = path_of(LINKS.unsubscribe(LETTER))
CHOOSE = path_of(LINKS.preferences(LETTER))


@pytest.fixture
def corner() -> Corner:
    return Corner()


def test_fetching_the_page_changes_nothing(corner: Corner) -> None:
    for method in ("GET", "HEAD"):
        answer = corner.browser.request(method, LEAVE)
        assert answer.status_code == 200
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "set-cookie" not in answer.headers
    assert "Only stop “Offers”" in corner.browser.get(LEAVE).text
    assert corner.events() == []


@pytest.mark.parametrize("how", ["urlencoded", "multipart"])
def test_one_click_in_the_mail_client_unsubscribes(corner: Corner, how: str) -> None:
    field = {"List-Unsubscribe": "One-Click"}
    request = {"data": field} if how == "urlencoded" else {"files": {"List-Unsubscribe": (None, "One-Click")}}
    answer = corner.browser.post(LEAVE, **request)  # type: ignore[arg-type]
    assert answer.status_code == 200
    (event,) = corner.events()
    assert event.name == "Unsubscribed"
    assert event.properties["channel"] == "email"
    assert "topic" not in event.properties
    assert event.properties["source"] == "one_click"
    assert event.context["customer_id"] == ANA
    assert event.context["ip"]


def test_unsubscribing_again_after_a_change_of_mind_counts(corner: Corner) -> None:
    for _ in range(2):
        assert corner.browser.post(LEAVE, data={"choice": "all"}).status_code == 200
        corner.later()
    assert [event.name for event in corner.events()] == ["Unsubscribed", "Unsubscribed"]


def test_only_one_topic_can_be_stopped(corner: Corner) -> None:
    answer = corner.browser.post(LEAVE, data={"choice": "topic"})
    assert "no more about “Offers”" in answer.text
    (event,) = corner.events()
    assert event.properties["topic"] == "offers"
    assert event.properties["text"] == "Only stop “Offers”"
    assert event.properties["source"] == "unsubscribe_page"


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"x" * 100_000, b"choice=nonsense"])
def test_an_odd_body_still_unsubscribes(corner: Corner, body: bytes) -> None:
    """Who posts here wants to leave, however clumsily her mail client says so."""
    assert corner.browser.post(LEAVE, content=body).status_code == 200
    assert "topic" not in corner.events()[0].properties


def test_a_broken_link_says_so(corner: Corner) -> None:
    for path in ("/u/nonsense", "/p/nonsense", LEAVE.replace("/u/", "/p/")):
        assert corner.browser.get(path).status_code == 404
        assert corner.browser.post(path, data={"choice": "all"}).status_code == 404
    assert corner.events() == []


def test_the_page_shows_her_choices(corner: Corner) -> None:
    assert hidden_and_on(corner.browser.get(CHOOSE).text, "on") == [
        "email:offers",
        "email:news",
        "onsite",
        "onsite:offers",
        "onsite:news",
    ]
    corner.people.put(Customer(id=ANA, consents={"email": Consent(True, 1), "email:news": Consent(False, 2)}))
    shown = hidden_and_on(corner.browser.get(CHOOSE).text, "on")
    assert "email" in shown
    assert "email:news" not in shown


def test_only_what_she_changed_is_kept_with_the_words_she_read(corner: Corner) -> None:
    page = corner.browser.get(CHOOSE).text
    was_on = list(hidden_and_on(page, "was_on"))
    now_on = [name for name in was_on if name != "email:news"] + ["email"]
    answer = corner.browser.post(CHOOSE, data={"was_on": was_on, "on": now_on})
    assert "Saved" in answer.text
    assert sorted(hidden_and_on(answer.text, "on")) == sorted(now_on)
    events = {event.name: event for event in corner.events()}
    assert len(events) == 2
    granted, withdrawn = events["Consent Granted"], events["Consent Withdrawn"]
    assert granted.properties["channel"] == "email"
    assert "topic" not in granted.properties
    assert granted.properties["text"] == "Wick & Co may write to me by e-mail."
    assert withdrawn.properties["topic"] == "news"
    assert withdrawn.properties["text"] in page.replace("&amp;", "&")
    assert withdrawn.properties["source"] == "preference_page"


def test_a_choice_is_kept_though_the_state_is_behind(corner: Corner) -> None:
    """She turned news off a moment ago and turns it on again: the state still says on, and yet it is a change."""
    corner.browser.post(CHOOSE, data={"was_on": ["email:offers"], "on": ["email:offers", "email:news"]})
    (event,) = corner.events()
    assert (event.name, event.properties["topic"]) == ("Consent Granted", "news")


def test_saving_without_a_change_says_nothing(corner: Corner) -> None:
    corner.browser.post(CHOOSE, data={"was_on": ["onsite"], "on": ["onsite"]})
    assert corner.events() == []


def test_names_are_escaped(corner: Corner) -> None:
    assert "Wick &amp; Co" in corner.browser.get(LEAVE).text
    assert "script-src" not in corner.browser.get(LEAVE).headers["content-security-policy"]
