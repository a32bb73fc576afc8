"""The preview of a message: on the occasion of its own journey, and what would become of it now."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.console.conftest import signed_in
from tests.console.sample import NOW, Sample

from habitue.model.instant import DAY, HOUR, MINUTE

NOON = NOW // DAY * DAY + 11 * HOUR
LANTERN, BELL, JUG = (
    {"product_id": "p0", "name": "Paper lantern, set of four", "price": 12.5},
    {"product_id": "p1", "name": "Brass table bell", "price": 18.0},
    {"product_id": "p3", "name": "Stoneware jug, sea green", "price": 34.0},
)


@pytest.fixture
def shop(small_shop: Sample) -> Sample:
    """It is noon, and Ana is known, has an address and said yes to email."""
    small_shop.clock.set(NOON)
    say(small_shop, "Identified", type_="identify", traits={"name": "Ana", "email": "ana@example.com"})
    say(small_shop, "Consent Granted", {"channel": "email", "source": "newsletter box"})
    return small_shop


@pytest.fixture
def mina(shop: Sample, tmp_path: Path) -> TestClient:
    return signed_in(shop, tmp_path)


def say(shop: Sample, name: str, properties: dict[str, Any] | None = None, type_: str = "track", **more: Any) -> None:
    """Something of Ana's, a minute after the last."""
    shop.clock.set(shop.clock.now() + MINUTE)
    who = {} if "anonymous_id" in more else {"user_id": "ana"}
    shop.take(shop.event(type_, name, properties=properties or {}, level="server", **who, **more))


def ana(shop: Sample) -> str:
    return shop.store.people("ana@example.com")[0].id


def preview(mina: TestClient, shop: Sample, message: str, **query: str) -> str:
    return mina.get(f"/console/messages/{message}", params={"customer": ana(shop), **query}).text


def test_a_message_shows_what_its_own_journey_would_be_about(mina: TestClient, shop: Sample) -> None:
    say(shop, "Product Viewed", LANTERN)
    say(shop, "Product Added", {**BELL, "quantity": 1, "cart_id": "c1"})
    shop.clock.set(shop.clock.now() + HOUR)
    shop.turn()  # Ana is in the journey about the basket now, and not in the one about what was looked at.
    page = preview(mina, shop, "browse_reminder")
    assert "Paper lantern, set of four, still on your mind?" in page and "Brass table bell, still" not in page
    assert "With the latest Product Viewed that starts “Looked and left”" in page


def test_the_latest_event_that_starts_the_journey_counts(mina: TestClient, shop: Sample) -> None:
    for product in (LANTERN, JUG):
        say(shop, "Product Viewed", product)
    say(shop, "Product List Viewed", BELL)
    assert "Stoneware jug, sea green, still on your mind?" in preview(mina, shop, "browse_reminder")


def test_who_is_in_the_journey_sees_the_message_of_that_run(mina: TestClient, shop: Sample) -> None:
    say(shop, "Product Viewed", LANTERN)
    shop.clock.set(shop.clock.now() + HOUR)
    shop.turn()
    say(shop, "Product Viewed", JUG)
    page = preview(mina, shop, "browse_reminder")
    assert "Paper lantern, set of four, still on your mind?" in page
    assert "As in “Looked and left”, where Ana is now." in page


def test_who_did_nothing_that_starts_it_sees_it_with_a_product_and_is_told(mina: TestClient, shop: Sample) -> None:
    page = preview(mina, shop, "browse_reminder")
    assert "still on your mind?" in page and "Nothing this person did starts a journey that sends it" in page


def test_it_says_that_the_journeys_condition_is_not_met(mina: TestClient, shop: Sample) -> None:
    say(shop, "Product Viewed", LANTERN)
    say(shop, "Product Added", {**BELL, "quantity": 1, "cart_id": "c1"})
    assert "That journey&#39;s condition is not met now." in preview(mina, shop, "browse_reminder")


def test_what_nothing_is_against_would_be_let_through(mina: TestClient, shop: Sample) -> None:
    say(shop, "Product Viewed", LANTERN)
    page = preview(mina, shop, "browse_reminder")
    assert "Would be let through now by e" in page and "Would not be sent" not in page


def test_who_paused_would_not_be_sent_it_now(mina: TestClient, shop: Sample) -> None:
    say(shop, "Messages Paused")
    page = preview(mina, shop, "browse_reminder")
    assert "Would not be sent now: paused" in page and "begin again by themselves when the pause is over" in page


def test_who_refused_the_topic_would_not_be_sent_it_now(mina: TestClient, shop: Sample) -> None:
    say(shop, "Consent Withdrawn", {"channel": "email", "topic": "offers"})
    assert "Would not be sent now: topic denied" in preview(mina, shop, "browse_reminder")
    assert "Would be let through now" in preview(mina, shop, "thanks")


def test_at_night_it_would_be_held_until_the_morning(mina: TestClient, shop: Sample) -> None:
    shop.clock.set(NOON + 12 * HOUR)
    page = preview(mina, shop, "browse_reminder")
    assert "Would not be sent now: held until" in page and "08:00, quiet hours" in page


def test_an_anonymous_visitor_is_not_offered_for_an_email(mina: TestClient, shop: Sample) -> None:
    say(shop, "Product Viewed", LANTERN, anonymous_id="device-of-ben")
    ben = next(row.id for row in shop.store.people() if row.id != ana(shop))
    page = mina.get("/console/messages/thanks").text
    assert "As Ana would get it" in page and f"customer={ben}" not in page
    assert f"customer={ben}" in mina.get("/console/messages/cart_waiting").text


def test_an_anonymous_visitor_who_is_asked_for_has_no_address(mina: TestClient, shop: Sample) -> None:
    say(shop, "Product Viewed", LANTERN, anonymous_id="device-of-ben")
    ben = next(row.id for row in shop.store.people() if row.id != ana(shop))
    page = mina.get("/console/messages/browse_reminder", params={"customer": ben}).text
    assert "Would not be sent now: unreachable" in page and "No email address of theirs is known." in page


def test_where_only_visitors_came_there_is_nobody_to_show_an_email_for(small_shop: Sample, tmp_path: Path) -> None:
    say(small_shop, "Product Viewed", LANTERN, anonymous_id="device-of-ben")
    page = signed_in(small_shop, tmp_path).get("/console/messages/thanks").text
    assert "Nobody to show it for" in page and "Nobody is known yet who has an address for it." in page


def test_looking_changes_nobody(mina: TestClient, shop: Sample) -> None:
    say(shop, "Product Viewed", LANTERN)
    before = shop.store.person(ana(shop))
    preview(mina, shop, "browse_reminder")
    assert before is not None and shop.store.person(ana(shop)) == before
