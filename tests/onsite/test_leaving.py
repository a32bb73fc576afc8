"""The way out: one click for mail clients, a page for people, and nothing by accident."""

from __future__ import annotations

import re

import msgspec
import pytest

from habitue.model.customer import Consent, Customer, Pause
from habitue.model.event import Event
from habitue.model.instant import DAY
from habitue.playbook.playbook import GuardRules

from .shop import ANA, LETTER, LINKS, NOON, PLAYBOOK, Corner, hidden_and_on, path_of

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


def test_one_click_sent_fifty_times_is_one_event(corner: Corner) -> None:
    corner.delivered("d1", "email")
    for _ in range(25):
        assert corner.browser.post(LEAVE, data={"List-Unsubscribe": "One-Click"}).status_code == 200
        corner.later()
    corner.people.put(Customer(id=ANA, addressed={"ana@x.example": {"email": Consent(False, NOON)}}))
    corner.decided = 0
    for _ in range(25):
        assert corner.browser.post(LEAVE, data={"List-Unsubscribe": "One-Click"}).status_code == 200
        corner.later()
    assert [event.name for event in corner.events()] == ["Unsubscribed"]


def test_forms_that_come_at_once_are_one_event(corner: Corner) -> None:
    corner.people.put(Customer(id=ANA, consents={"email": Consent(True, 5)}))
    corner.browser.post(LEAVE)
    corner.decided = 0  # As each of them sees it: the first is in no state yet, and no longer beyond it.
    corner.later()
    corner.browser.post(LEAVE)
    assert len(corner.events()) == 1


def test_unsubscribing_again_after_a_change_of_mind_counts(corner: Corner) -> None:
    corner.delivered("d1", "email")
    corner.browser.post(LEAVE, data={"choice": "all"})
    for _ in range(2):
        corner.later()
        corner.browser.post(CHOOSE, data={"was_on": [], "on": ["email"]})
        corner.later()
        corner.browser.post(LEAVE, data={"choice": "all"})
    names = [event.name for event in corner.events()]
    assert names == ["Unsubscribed", "Consent Granted", "Unsubscribed", "Consent Granted", "Unsubscribed"]


def test_a_yes_that_a_shop_just_told_may_be_theirs_and_so_the_no_counts_again(corner: Corner) -> None:
    corner.browser.post(LEAVE)
    yes = Event(id="e1", source="shop", type="track", name="Consent Granted", occurred_at=NOON, user_id="ana")
    corner.log.append([yes])
    corner.browser.post(LEAVE)
    assert [event.name for event in corner.events()] == ["Unsubscribed", "Consent Granted", "Unsubscribed"]


def test_stopping_one_topic_and_then_everything_are_two_things(corner: Corner) -> None:
    corner.browser.post(LEAVE, data={"choice": "topic"})
    corner.browser.post(LEAVE, data={"choice": "topic"})
    corner.browser.post(LEAVE, data={"choice": "all"})
    assert [event.properties.get("topic") for event in corner.events()] == ["offers", None]


def test_the_same_choices_saved_twice_are_told_once(corner: Corner) -> None:
    for _ in range(2):
        corner.browser.post(CHOOSE, data={"was_on": ["onsite", "email:news"], "on": ["onsite"], "pause": str(30 * DAY)})
        corner.later()
    assert [event.name for event in corner.events()] == ["Consent Withdrawn", "Messages Paused"]


def test_a_pause_chosen_again_much_later_lasts_longer(corner: Corner) -> None:
    corner.people.put(Customer(id=ANA, pause=Pause(NOON, NOON + 30 * DAY)))
    corner.later(10 * DAY)
    corner.browser.post(CHOOSE, data={"pause": str(30 * DAY)})
    assert [event.name for event in corner.events()] == ["Messages Paused"]


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
    corner.delivered("d1", "email")
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
    assert [event.properties["email"] for event in (granted, withdrawn)] == ["ana@x.example"] * 2


def test_a_choice_is_kept_though_the_state_is_behind(corner: Corner) -> None:
    """She turned news off a moment ago and turns it on again: the state still says on, and yet it is a change."""
    corner.delivered("d1", "email")
    corner.browser.post(CHOOSE, data={"was_on": ["email:offers"], "on": ["email:offers", "email:news"]})
    (event,) = corner.events()
    assert (event.name, event.properties["topic"]) == ("Consent Granted", "news")


def test_a_yes_by_a_link_whose_address_nobody_knows_any_more_is_not_kept_and_a_no_is(corner: Corner) -> None:
    corner.browser.post(CHOOSE, data={"was_on": ["email:offers"], "on": ["email:news"]})
    (event,) = corner.events()
    assert (event.name, event.properties["topic"]) == ("Consent Withdrawn", "offers")
    assert "email" not in event.properties


def test_the_page_shows_and_changes_what_holds_for_the_address_it_was_sent_to(corner: Corner) -> None:
    corner.delivered("d1", "email")
    said = {"ana@x.example": {"email": Consent(True, 1)}, "ana@new.example": {"email": Consent(False, 2)}}
    corner.people.put(Customer(id=ANA, traits={"email": "ana@new.example"}, addressed=said))
    assert "email" in hidden_and_on(corner.browser.get(CHOOSE).text, "on")
    corner.browser.post(LEAVE)
    (event,) = corner.events()
    assert (event.name, event.properties["email"]) == ("Unsubscribed", "ana@x.example")


def test_saving_without_a_change_says_nothing(corner: Corner) -> None:
    corner.browser.post(CHOOSE, data={"was_on": ["onsite"], "on": ["onsite"]})
    assert corner.events() == []


def test_a_pause_is_chosen_on_the_page_and_ended_there(corner: Corner) -> None:
    page = corner.browser.get(CHOOSE).text
    assert re.findall(r'name="pause" value="(\w+)"', page) == [str(days * DAY) for days in (30, 60, 90)]
    answer = corner.browser.post(CHOOSE, data={"pause": str(60 * DAY)})
    assert "Until 27 July 2026" in answer.text and "Resume now" in answer.text
    (event,) = corner.events()
    assert event.name == "Messages Paused"
    assert event.properties["days"] == 60
    assert event.properties["text"] == "Pause for 60 days"
    assert event.properties["source"] == "preference_page"
    assert event.context["customer_id"] == ANA
    corner.people.put(Customer(id=ANA, pause=Pause(NOON, NOON + 60 * DAY)))
    corner.later()
    assert "Until 27 July 2026" in corner.browser.get(CHOOSE).text
    answer = corner.browser.post(CHOOSE, data={"pause": "resume"})
    assert "Resume now" not in answer.text and "Pause for 60 days" in answer.text
    assert corner.events()[1].name == "Messages Resumed"
    corner.later(60 * DAY)
    assert "Resume now" not in corner.browser.get(CHOOSE).text  # It is over by itself.


def test_what_was_switched_is_kept_with_the_pause(corner: Corner) -> None:
    data = {"was_on": ["onsite", "email:news"], "on": ["onsite"], "pause": str(30 * DAY)}
    corner.browser.post(CHOOSE, data=data)
    assert [event.name for event in corner.events()] == ["Consent Withdrawn", "Messages Paused"]


@pytest.mark.parametrize("pause", ["", "1", "-1", "9" * 5_000, "Resume", str(31 * DAY), "<script>"])
def test_a_pause_that_is_not_offered_is_none(corner: Corner, pause: str) -> None:
    assert corner.browser.post(CHOOSE, data={"pause": pause}).status_code == 200
    assert corner.events() == []


def test_a_shop_says_how_long_a_rest_from_it_may_be(corner: Corner) -> None:
    corner.playbook = msgspec.structs.replace(PLAYBOOK, guard=GuardRules(pauses=(DAY // 2, 14 * DAY)))
    page = corner.browser.get(CHOOSE).text
    assert "Pause for 12 hours" in page and "Pause for 14 days" in page and "30 days" not in page
    corner.browser.post(CHOOSE, data={"pause": str(DAY // 2)})
    assert corner.events()[0].properties["days"] == 0.5


def test_who_came_to_leave_may_have_a_rest_instead(corner: Corner) -> None:
    assert "Pause for 90 days instead" in corner.browser.get(LEAVE).text
    answer = corner.browser.post(LEAVE, data={"pause": str(90 * DAY)})
    assert "Until 26 August 2026" in answer.text
    assert re.search(
        r'<form method="post" action="[^"]+"><button class="quiet" name="pause" value="resume">', answer.text
    )
    (event,) = corner.events()
    assert (event.name, event.properties["days"]) == ("Messages Paused", 90)
    assert event.properties["source"] == "unsubscribe_page"


@pytest.mark.parametrize("page", [LEAVE, CHOOSE])
def test_a_link_to_an_address_that_is_not_theirs_any_more_chooses_no_pause(corner: Corner, page: str) -> None:
    corner.delivered("d1", "email")
    corner.people.put(Customer(id=ANA, traits={"email": "another@x.example"}))
    assert corner.browser.post(page, data={"pause": str(30 * DAY)}).status_code == 200
    assert corner.events() == []
    assert "Pause" not in corner.browser.get(page).text
    corner.people.put(Customer(id=ANA, traits={"email": "Ana@X.example"}))
    corner.browser.post(page, data={"pause": str(30 * DAY)})
    assert "Messages Paused" in [event.name for event in corner.events()]


def test_names_are_escaped(corner: Corner) -> None:
    assert "Wick &amp; Co" in corner.browser.get(LEAVE).text
    assert "script-src" not in corner.browser.get(LEAVE).headers["content-security-policy"]
