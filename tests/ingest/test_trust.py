"""What each level may claim, and what becomes of the rest: the table, applied at the door."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import pytest
from tests.ingest.shop import AUTHORIZED, NOON, Shop, open_shop

from habitue.ingest.envelope import batch_of
from habitue.ingest.pipeline import Received, Reception
from habitue.ingest.settings import IngestSettings, TrustRules
from habitue.model.claims import BY_NAME
from habitue.model.event import Event
from habitue.model.trust import FOLDED, PUBLIC, RANK, Level

STRICT = TrustRules()
SECRET = b"what the shop signs with"


def said(level: Level, name: str = "Product Viewed", trust: TrustRules = STRICT, **fields: Any) -> Received:
    """What becomes of one item that a source of this level sends."""
    item = {"type": "track", "event": name, "anonymousId": "a1", "messageId": "m1", **fields}
    reception = Reception(source="shop", level=level, received_at=NOON, user_secret=SECRET)
    return batch_of({"batch": [item]}, reception, IngestSettings(trust=trust))


def taken(level: Level, name: str = "Product Viewed", trust: TrustRules = STRICT, **fields: Any) -> Event:
    received = said(level, name, trust, **fields)
    assert not received.dead, received.dead
    return received.events[0]


def user_hash(user_id: str, secret: bytes = SECRET) -> str:
    return hmac.new(secret, user_id.encode(), hashlib.sha256).hexdigest()


# --- the table ---


@pytest.mark.parametrize("name", BY_NAME)
@pytest.mark.parametrize("level", Level)
def test_a_claim_is_believed_from_its_level_on_and_else_becomes_what_the_table_says(level: Level, name: str) -> None:
    claim = BY_NAME[name]
    received = said(level, name)
    if RANK[level] >= RANK[claim.least]:
        assert [event.name for event in received.events] == [name]
    elif claim.weaker:
        assert [event.name for event in received.events] == [claim.weaker]
    else:
        assert [letter.reason for letter in received.dead] == ["not_for_this_source"]
        assert f"of level {level}; only {claim.least} or higher" in received.dead[0].detail


# --- levels ---


@pytest.mark.parametrize("level", Level)
def test_an_event_says_of_what_level_it_is(level: Level) -> None:
    assert taken(level).level == level


@pytest.mark.parametrize("header", [{"Origin": "https://shop.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_a_secret_key_in_a_page_is_believed_like_a_browsers(header: dict[str, str]) -> None:
    with open_shop(level=Level.SERVER) as shop:
        order = {"event": "Order Completed", "anonymousId": "a1", "properties": {"order_id": "1", "total": 9}}
        assert shop.post("/v1/track", order, {**AUTHORIZED, **header}).status_code == 200
        assert [(one.level, one.name) for one in shop.events()] == [(Level.BROWSER, "Order Claimed")]
        assert [(alarm.kind, alarm.subject) for alarm in shop.alarms.standing()] == [("secret_key_in_a_page", "shop")]


def test_a_secret_key_in_a_program_is_believed_and_alarms_nobody() -> None:
    with open_shop(level=Level.SERVER) as shop:
        shop.post("/v1/track", {"event": "Order Completed", "userId": "ana"})
        assert [(one.level, one.name) for one in shop.events()] == [(Level.SERVER, "Order Completed")]
        assert not shop.alarms.standing()


def test_an_apps_key_in_a_page_stays_an_apps() -> None:
    with open_shop(level=Level.APP) as shop:
        shop.post(
            "/v1/track", {"event": "Page Viewed", "anonymousId": "a1"}, {**AUTHORIZED, "Origin": "https://x.example"}
        )
        assert shop.events()[0].level == Level.APP
        assert not shop.alarms.standing()


def test_nobody_forges_a_level_in_the_context() -> None:
    event = taken(Level.BROWSER, context={FOLDED: {"level": "operator"}})
    assert (event.level, event.context) == (Level.BROWSER, {})


# --- orders, consents, traits ---


def test_a_browsers_order_is_claimed_with_all_it_said() -> None:
    order = taken(Level.BROWSER, "Completed Order", properties={"order_id": "7", "total": "19.90"})
    assert (order.name, order.properties) == ("Order Claimed", {"order_id": "7", "total": 19.9})


def test_a_shop_with_nothing_but_pages_may_count_their_orders() -> None:
    trust = TrustRules(orders="browser")
    names = ("Order Completed", "Order Updated", "Order Refunded", "Order Cancelled")
    assert [taken(Level.BROWSER, name, trust).name for name in names] == list(names)


@pytest.mark.parametrize("channel", [None, "email", "sms", "whatsapp", "push", 7, ["onsite"], {"onsite": 1}])
def test_a_browsers_yes_to_an_address_is_a_wish_to_be_asked(channel: Any) -> None:
    assert taken(Level.BROWSER, "Consent Granted", properties={"channel": channel}).name == "Consent Requested"


@pytest.mark.parametrize("channel", ["onsite", "ads", "category"])
def test_a_browsers_yes_to_what_has_no_address_is_believed(channel: str) -> None:
    assert taken(Level.BROWSER, "Consent Granted", properties={"channel": channel}).name == "Consent Granted"


def test_a_browser_says_nothing_of_how_a_consent_was_made_sure_of() -> None:
    forged = {"channel": "email", "method": "double_opt_in", "token": "t", "confirmed_at": 1, "text": "Yes"}
    assert taken(Level.BROWSER, "Consent Granted", properties=forged).properties == {"channel": "email", "text": "Yes"}


@pytest.mark.parametrize("name", ["Consent Granted", "Consent Withdrawn", "Unsubscribed"])
def test_a_browser_names_nobody_of_the_shops_as_who_kept_its_word(name: str) -> None:
    forged = {"channel": "ads", "actor": "Ben of the shop", "token": "t", "requested_at": 1}
    assert taken(Level.BROWSER, name, properties=forged).properties == {"channel": "ads"}


@pytest.mark.parametrize("name", ["loyalty_points", "Loyalty Points", "loyaltyPoints", "VIP", "club"])
def test_what_the_shop_grants_is_left_out_of_what_a_browser_tells(name: str) -> None:
    trust = TrustRules(server_traits=frozenset({"club"}))
    event = taken(Level.BROWSER, trust=trust, type="identify", traits={name: 9_000, "first_name": "Ana"})
    assert event.traits == {"first_name": "Ana"}
    assert event.context["traits_left_out"] == [name]
    assert taken(Level.SERVER, trust=trust, type="identify", traits={name: 9_000}).traits == {name: 9_000}


# --- who it was ---


@pytest.mark.parametrize("level", sorted(PUBLIC))
def test_whom_a_public_source_names_is_a_claim(level: Level) -> None:
    event = taken(level, type="identify", userId="ana", traits={"email": "Ana@Shop.example", "phone": "+442079460000"})
    assert (event.user_id, event.anonymous_id, event.identifiers) == (None, "a1", {})
    assert event.claims == {"user": "ana", "email": "ana@shop.example", "phone": "+442079460000"}


def test_an_alias_of_a_browser_joins_nothing() -> None:
    event = taken(Level.BROWSER, type="alias", userId="ana", previousId="ben")
    assert (event.user_id, event.previous_id) == (None, None)
    assert event.claims == {"user": "ana", "previous": "ben"}


def test_a_device_is_no_claim() -> None:
    context = {"device": {"id": "d1", "token": "t1", "type": "ios"}}
    assert taken(Level.APP, userId="ana", context=context).identifiers == {"device": "d1", "push": "ios:t1"}


def test_a_server_is_believed_whom_it_names() -> None:
    event = taken(Level.SERVER, type="identify", userId="ana", traits={"email": "ana@shop.example"})
    assert (event.user_id, event.identifiers, event.claims) == ("ana", {"email": "ana@shop.example"}, {})


def test_a_shop_may_believe_its_pages_at_its_own_risk() -> None:
    event = taken(Level.BROWSER, trust=TrustRules(identity="browser"), userId="ana")
    assert (event.user_id, event.claims) == ("ana", {})


PLACES: dict[str, Any] = {
    "context": lambda hash: {"context": {"userHash": hash}},
    "context, snake case": lambda hash: {"context": {"user_hash": hash}},
    "traits": lambda hash: {"traits": {"user_hash": hash}},
    "context.traits": lambda hash: {"context": {"traits": {"userHash": hash}}},
    "an integration": lambda hash: {"integrations": {"Intercom": {"user_hash": hash}}},
}


@pytest.mark.parametrize("place", PLACES)
def test_a_signed_user_hash_proves_the_user_id_and_is_not_kept(place: str) -> None:
    event = taken(Level.BROWSER, type="identify", userId="ana", **PLACES[place](user_hash("ana")))
    assert (event.user_id, event.proof, event.claims, event.level) == ("ana", "user_hash", {}, Level.BROWSER)
    assert user_hash("ana") not in repr(event)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "forged", ["", "x", "é", 7, None, user_hash("ben"), user_hash("ana", b"another"), user_hash("ana")[:-1]]
)
def test_anothers_or_a_broken_hash_proves_nothing_and_is_not_kept(place: str, forged: Any) -> None:
    event = taken(Level.BROWSER, type="identify", userId="ana", **PLACES[place](forged))
    assert (event.user_id, event.proof, event.claims) == (None, "", {"user": "ana"})
    assert "hash" not in repr(event).replace("user_hash=", "").lower()


def test_no_hash_is_right_where_there_is_no_secret() -> None:
    item = {"type": "identify", "userId": "ana", "context": {"userHash": user_hash("ana", b"")}}
    received = batch_of({"batch": [item]}, Reception(source="s", level=Level.APP, received_at=NOON), IngestSettings())
    assert received.events[0].claims == {"user": "ana"}


def test_a_user_hash_proves_no_address() -> None:
    """Mallory has an account too, and would name Ana's address beside it."""
    traits = {"email": "ana@shop.example"}
    event = taken(
        Level.BROWSER, type="identify", userId="mallory", traits=traits, context={"userHash": user_hash("mallory")}
    )
    assert (event.user_id, event.identifiers) == ("mallory", {})
    assert event.claims == {"email": "ana@shop.example"}


def test_every_dialect_goes_through_the_table() -> None:
    with open_shop(level=Level.BROWSER) as shop:
        _say_an_order_in_every_dialect(shop)
        assert {event.name for event in shop.events()} == {"Order Claimed"}
        assert len(shop.events()) == 4
        assert not any(event.user_id for event in shop.events())


def _say_an_order_in_every_dialect(shop: Shop) -> None:
    order = {"order_id": "7", "total": 20}
    shop.post("/v1/track", {"event": "Order Completed", "userId": "ana", "anonymousId": "a1", "properties": order})
    batch = {"api_key": "WRITE_KEY", "event": "Order Completed", "distinct_id": "ana", "properties": order}
    shop.post("/capture", {**batch, "uuid": "u1"}, {})
    ga4 = {"client_id": "1.2", "user_id": "ana", "events": [{"name": "purchase", "params": {"transaction_id": "7"}}]}
    shop.post("/mp/collect?api_secret=WRITE_KEY&measurement_id=G-1", ga4, {})
    clevertap = {"d": [{"identity": "ana", "type": "event", "evtName": "Charged", "evtData": {"Amount": 20}}]}
    headers = {"X-CleverTap-Account-Id": "x", "X-CleverTap-Passcode": "WRITE_KEY"}
    assert shop.post("/1/upload", clevertap, headers).status_code == 200
