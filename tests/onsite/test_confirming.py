"""Double opt-in: the link that asks whether it was she, and what pressing its button comes to."""

from __future__ import annotations

from typing import Any

import pytest

from habitue.content.links import Confirmation
from habitue.decide.profile.consent_words import is_confirming
from habitue.model.customer import Consent, Customer
from habitue.model.effect import Send
from habitue.model.instant import DAY, HOUR, MINUTE
from habitue.model.occasion import of_send

from .shop import ANA, LINKS, NOON, Corner, path_of


@pytest.fixture
def corner() -> Corner:
    corner = Corner()
    corner.people.put(Customer(id=ANA, traits={"email": "Ana@x.example"}, consents={"email:news": wish()}))
    return corner


def wish() -> Consent:
    return Consent(False, NOON - HOUR, "form", requested_at=NOON - HOUR)


def link(corner: Corner, expires_at: int = NOON + DAY, topic: str = "news", **event: Any) -> str:
    said = {"name": "Consent Requested", "channel": "email", "topic": topic, "source": "form", "text": "Yes, news."}
    effect = Send(
        id="d7", customer=ANA, at=NOON - MINUTE, expires_at=NOON + DAY, journey="newsletter", run="r1", step="ask",
        version=1, message="confirm", channel="email", address="ana@x.example", topic="news",
        data={"event": said | event},
    )  # fmt: skip
    corner.deliveries.take_in([(1, effect)], NOON - MINUTE)
    return path_of(LINKS.confirm(Confirmation(of_send(effect), "email", topic, expires_at)))


def test_following_the_link_says_nothing(corner: Corner) -> None:
    asked = link(corner)
    for method in ("GET", "HEAD"):
        answer = corner.browser.request(method, asked)
        assert answer.status_code == 200
        assert answer.headers["referrer-policy"] == "no-referrer"
    assert "Wick &amp; Co may tell me about “News &amp; letters” by e-mail." in corner.browser.get(asked).text
    assert corner.events() == []


def test_the_button_gives_the_consent_with_all_of_its_proof(corner: Corner) -> None:
    answer = corner.browser.post(link(corner))
    assert answer.status_code == 200
    [event] = corner.events()
    assert (event.name, event.source, event.context["customer_id"]) == ("Consent Granted", "habitue", ANA)
    assert is_confirming(event)
    said = event.properties
    assert (said["channel"], said["topic"], said["source"], said["text"]) == ("email", "news", "form", "Yes, news.")
    assert (said["requested_at"], said["confirmed_at"], said["email"]) == (NOON - HOUR, NOON, "ana@x.example")
    assert len(said["token"]) == 20
    assert event.context["userAgent"].startswith("Mozilla")


def test_pressing_once_more_adds_nothing(corner: Corner) -> None:
    asked = link(corner)
    corner.browser.post(asked)
    confirmed = Consent(True, NOON, "form", NOON - HOUR, NOON)
    corner.people.put(Customer(id=ANA, traits={"email": "ana@x.example"}, consents={"email:news": confirmed}))
    corner.later()
    assert corner.browser.post(asked).status_code == 200
    assert len(corner.events()) == 1


def test_the_whole_channel_is_confirmed_where_no_topic_was_asked_for(corner: Corner) -> None:
    corner.browser.post(link(corner, topic=""))
    [event] = corner.events()
    assert "topic" not in event.properties
    assert event.properties["requested_at"] == NOON - MINUTE


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_link_that_has_run_out_confirms_nothing(corner: Corner, method: str) -> None:
    answer = corner.browser.request(method, link(corner, expires_at=NOON))
    assert answer.status_code == 410
    assert corner.events() == []


def test_a_link_to_an_old_address_confirms_nothing_for_the_new_one(corner: Corner) -> None:
    asked = link(corner)
    corner.people.put(Customer(id=ANA, traits={"email": "new@x.example"}))
    assert corner.browser.post(asked).status_code == 410
    assert corner.events() == []


def test_a_link_of_another_kind_or_a_broken_one_leads_nowhere(corner: Corner) -> None:
    asked = link(corner)
    token = asked.rpartition("/")[2]
    leave = path_of(LINKS.unsubscribe(of_send(corner.deliveries.effect("d7")))).rpartition("/")[2]
    for bad in (leave, token[:-3] + "xyz", "x"):
        assert corner.browser.post(f"/y/{bad}").status_code == 404
    assert corner.browser.post(f"/u/{token}").status_code == 404
    assert corner.events() == []


def test_global_privacy_control_is_said_to_be_heeded(corner: Corner) -> None:
    answer = corner.browser.get("/.well-known/gpc.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {"gpc": True, "lastUpdate": "2026-11-22"}
