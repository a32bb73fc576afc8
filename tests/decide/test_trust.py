"""Nobody becomes somebody else by saying so: what a public key can and cannot do to people, through door and decide."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.decide.world import World

from habitue.decide.guard.reach import address_of
from habitue.ingest.envelope import batch_of
from habitue.ingest.pipeline import Reception
from habitue.ingest.settings import IngestSettings, TrustRules
from habitue.model.claims import BY_NAME
from habitue.model.customer import Customer, customer_id
from habitue.model.event import Event
from habitue.model.instant import MINUTE
from habitue.model.trust import Level

SECRET = b"what the shop signs with"
ANA = "ana@example.com"
FILES = {
    "segments.yaml": """
keen: {title: Keen, condition: 'count("Product Viewed", within="7d") >= 2'}
filled: {title: Filled, condition: not cart.is_empty}
buyers: {title: Buyers, condition: orders.count >= 1}
""",
    "messages/bar.yaml": "message: bar\ntitle: Bar\ntopic: offers\nonsite: {type: banner, title: For you alone}\n",
    "journeys/basket.yaml": """
journey: basket
title: Basket
entry: {inaction: {after: Product Added, within: 5m, without: [Order Completed]}}
reentry: always
goal: Order Completed
steps: [{send: note}, {send: bar}]
""",
    "journeys/drop.yaml": """
journey: drop
title: Drop
entry: {event: Product Price Dropped}
reentry: always
steps: [{send: note}]
""",
}


def user_hash(user_id: str) -> str:
    return hmac.new(SECRET, user_id.encode(), hashlib.sha256).hexdigest()


class Shop(World):
    """What is said goes through the door first, at its source's level."""

    def __init__(self, trust: TrustRules | None = None) -> None:
        super().__init__(FILES)
        self._rules = IngestSettings(trust=trust or TrustRules())

    def says(self, level: Level, item: dict[str, Any]) -> list[Event]:
        """Returns what became of it; nothing, when it is a dead letter."""
        self._number += 1
        reception = Reception(source="shop", level=level, received_at=self.clock.now(), user_secret=SECRET)
        received = batch_of({"batch": [{"messageId": f"s{self._number}", **item}]}, reception, self._rules)
        self.log.append(received.events, received.dead)
        self.turn()
        return received.events

    def browser(self, event: str, device: str | None, user: str | None = None, **fields: Any) -> list[Event]:
        return self.says(Level.BROWSER, track(event, device, user, **fields))

    def server(self, event: str, device: str | None, user: str | None = None, **fields: Any) -> list[Event]:
        return self.says(Level.SERVER, track(event, device, user, **fields))

    def welcome(self, user: str = "ana", device: str | None = "ana-phone") -> None:
        """The shop's server says who sits at this device, and that they said yes to email."""
        self.server("", device, user, type="identify", traits={"email": f"{user}@example.com"})
        self.server("Consent Granted", device, user, properties={"channel": "email"})

    def visitor(self, device: str) -> Customer | None:
        """Whoever the on-site feed of this browser would show what waits for."""
        one: str | None = customer_id("anonymous", device)
        while one is not None:
            state = self.store.person(one)
            if state is None:
                return None
            found = msgspec.msgpack.decode(state, type=Customer)
            one = found.merged_into
        return found


def track(event: str, device: str | None, user: str | None = None, **fields: Any) -> dict[str, Any]:
    item = {"type": "track", "event": event, "anonymousId": device, "userId": user, **fields}
    return {name: value for name, value in item.items() if value is not None}


@pytest.fixture
def shop() -> Shop:
    return Shop()


# --- who it was ---


def test_a_page_that_names_a_user_joins_nobody(shop: Shop) -> None:
    shop.welcome()
    shop.browser("Product Viewed", "mallory", "ana", properties={"product_id": "P1"})
    shop.browser("", "mallory", "ana", type="identify", traits={"email": ANA})
    mallory = shop.visitor("mallory")
    assert mallory is not None
    assert mallory.id == customer_id("anonymous", "mallory")
    assert (mallory.user_id, mallory.identifiers) == (None, {})
    assert [view.product for view in mallory.viewed] == ["P1"]
    assert not shop.customer("ana").viewed


def test_naming_somebody_shows_nothing_of_what_waits_for_them(shop: Shop) -> None:
    shop.welcome()
    shop.server("Product Added", "ana-phone", "ana", properties={"product_id": "P1", "price": 5})
    shop.browser("", "mallory", "ana", type="identify", traits={"email": ANA})
    shop.passes(6 * MINUTE)
    waiting = [effect.customer for effect in shop.effects() if effect.channel == "onsite"]
    assert waiting == [customer_id("user", "ana")]
    mallory = shop.visitor("mallory")
    assert mallory is not None
    assert {mallory.id, *mallory.merged_ids}.isdisjoint(waiting)


def test_who_claims_an_address_first_gets_nothing_of_what_its_owner_does_later(shop: Shop) -> None:
    shop.browser("", "mallory", "ana", type="identify", traits={"email": ANA, "firstName": "M"})
    shop.welcome()
    shop.server("Order Completed", "ana-phone", "ana", properties={"order_id": "1", "total": 9})
    ana, mallory = shop.customer("ana"), shop.visitor("mallory")
    assert mallory is not None
    assert (ana.orders, mallory.orders) == (1, 0)
    assert "firstName" not in ana.traits
    assert ana.merged_ids == [customer_id("anonymous", "ana-phone")] or ana.anonymous_ids == ["ana-phone"]


def test_a_browser_is_ones_own_once_a_server_named_both_ids(shop: Shop) -> None:
    shop.browser("Product Viewed", "ana-phone", properties={"product_id": "P1"})
    shop.welcome()
    shop.browser("Product Viewed", "ana-phone", properties={"product_id": "P2"})
    shop.browser("Product Viewed", "ana-phone", "ana", properties={"product_id": "P3"})
    assert {view.product for view in shop.customer("ana").viewed} == {"P1", "P2", "P3"}


def test_a_signed_user_hash_joins_the_visitor(shop: Shop) -> None:
    shop.browser("Product Viewed", "ana-phone", properties={"product_id": "P1"})
    shop.browser("", "ana-phone", "ana", type="identify", context={"userHash": user_hash("ana")})
    assert shop.visitor("ana-phone") == shop.customer("ana")
    assert [view.product for view in shop.customer("ana").viewed] == ["P1"]


def test_on_a_shared_device_a_claim_falls_to_neither_of_the_two(shop: Shop) -> None:
    shop.welcome("ana", "tablet")
    shop.welcome("ben", "ben-phone")
    before = msgspec.msgpack.encode(shop.customer("ana")), msgspec.msgpack.encode(shop.customer("ben"))
    for claim in ({"userId": "ben"}, {"userId": "cleo"}, {"context": {"traits": {"email": "cleo@example.com"}}}):
        shop.says(Level.BROWSER, {**track("Product Viewed", "tablet", properties={"product_id": "P1"}), **claim})
    assert before == (msgspec.msgpack.encode(shop.customer("ana")), msgspec.msgpack.encode(shop.customer("ben")))
    assert sorted(one.id[0] for one in shop.people()) == ["c", "c", "c", "u", "u"]


def test_what_is_claimed_in_the_owners_own_name_is_the_owners(shop: Shop) -> None:
    shop.welcome("ana", "tablet")
    for claim in ({"userId": "ana"}, {"context": {"traits": {"email": "Ana@Example.com"}}}):
        shop.says(Level.BROWSER, {**track("Product Viewed", "tablet", properties={"product_id": "P1"}), **claim})
    assert shop.customer("ana").last_seen_at == shop.clock.now()
    assert len(shop.people()) == 1


def test_without_an_anonymous_id_a_claim_belongs_to_somebody_nothing_else_leads_to(shop: Shop) -> None:
    shop.welcome()
    for _ in range(2):
        shop.browser("Product Viewed", None, "ana", properties={"product_id": "P1"})
    [claimed] = [one for one in shop.people() if one.user_id is None]
    assert claimed.segments.keys() == {"keen"}
    assert not shop.customer("ana").viewed
    assert shop.visitor("ana") is None


def test_an_alias_of_a_page_takes_nobody_over(shop: Shop) -> None:
    shop.welcome()
    shop.browser("", "mallory", "mallory", type="alias", previousId="ana-phone")
    shop.browser("", "mallory", "ana", type="alias", previousId="mallory")
    assert shop.visitor("ana-phone") == shop.customer("ana")
    assert shop.visitor("mallory") != shop.customer("ana")


def test_a_device_called_by_a_users_id_is_not_the_one_an_alias_means(shop: Shop) -> None:
    shop.welcome("ana-before", None)
    shop.browser("Page Viewed", "ana-before")
    shop.server("", None, "ana", type="alias", previousId="ana-before")
    assert shop.visitor("ana-before") != shop.customer("ana")


def test_a_page_that_sends_an_orders_id_first_keeps_the_order_from_nobody(shop: Shop) -> None:
    shop.welcome()
    shop.browser("Order Completed", "mallory", messageId="order-7", properties={"order_id": "7", "total": 1})
    shop.server("Order Completed", None, "ana", messageId="order-7", properties={"order_id": "7", "total": 50})
    assert (shop.customer("ana").orders, shop.customer("ana").revenue) == (1, 50_000_000)


@pytest.mark.parametrize("unseen", [300, 301, 3_000])
def test_no_length_makes_a_strangers_address_a_proven_one(shop: Shop, unseen: int) -> None:
    shop.browser("", "mallory", type="identify", traits={"email": "victim@ex" + "\u00ad" * unseen + "ample.com"})
    mallory = shop.visitor("mallory")
    assert mallory is not None
    assert address_of(mallory, "email") == ""


def test_a_push_token_is_not_taken_from_somebody_known(shop: Shop) -> None:
    device = {"context": {"device": {"id": "d1", "token": "t1", "type": "ios"}}}
    shop.server("Application Opened", "ana-phone", "ana", **device)
    shop.says(Level.APP, track("Application Opened", "mallory", "mallory", **device))
    shop.says(Level.APP, track("Application Opened", "mallory", **device))
    shop.says(Level.APP, track("Product Viewed", None, "mallory", properties={"product_id": "P1"}, **device))
    ana = shop.customer("ana")
    assert (ana.identifiers["push"].keys(), ana.identifiers["device"].keys()) == ({"ios:t1"}, {"d1"})
    assert not ana.viewed


def test_what_a_page_said_of_a_device_alone_joins_nobody_whom_a_server_knows_there(shop: Shop) -> None:
    device = {"context": {"device": {"id": "d1", "token": "t1", "type": "ios"}, "timezone": "Asia/Tokyo"}}
    for _ in range(2):
        shop.browser("Product Viewed", None, properties={"product_id": "P1"}, **device)
    shop.server("Application Opened", None, "ana", context={"device": device["context"]["device"]})
    shop.browser("Product Viewed", None, properties={"product_id": "P2"}, **device)
    ana = shop.customer("ana")
    assert (ana.viewed, ana.timezone, ana.merged_ids) == ([], "", [])
    assert (ana.identifiers["push"].keys(), ana.identifiers["device"].keys()) == ({"ios:t1"}, {"d1"})
    [page] = [one for one in shop.people() if one.user_id is None and one.merged_into is None]
    assert {view.product for view in page.viewed} == {"P1", "P2"}


def test_an_app_is_known_by_its_device_until_its_owner_is_proven(shop: Shop) -> None:
    device = {"context": {"device": {"id": "d1", "token": "t1", "type": "ios"}}}
    shop.says(Level.APP, track("Product Viewed", "app-1", properties={"product_id": "P1"}, **device))
    shop.server("Application Opened", "app-1", "ana")
    ana = shop.customer("ana")
    assert ana.identifiers["push"].keys() == {"ios:t1"}
    assert [view.product for view in ana.viewed] == ["P1"]


def test_a_shop_that_believes_its_pages_joins_as_it_did() -> None:
    shop = Shop(TrustRules(identity="browser"))
    shop.browser("Product Viewed", "phone", "ana", properties={"product_id": "P1"})
    assert shop.visitor("phone") == shop.customer("ana")


# --- what is said of somebody ---


def test_an_invented_order_is_no_order_and_stops_the_reminder(shop: Shop) -> None:
    shop.welcome()
    shop.browser("Product Added", "ana-phone", properties={"product_id": "P1", "price": 5})
    shop.browser("Order Completed", "ana-phone", properties={"order_id": "7", "total": 1_000_000})
    ana = shop.customer("ana")
    assert (ana.orders, ana.revenue, ana.cart.lines, "buyers" in ana.segments) == (0, 0, {}, False)
    shop.server("Order Completed", None, "ana", properties={"order_id": "7", "total": 5})
    ana = shop.customer("ana")
    assert (ana.orders, ana.revenue) == (1, 5_000_000)


@pytest.mark.parametrize("name", ["Email Bounced", "Email Marked as Spam", "Product Price Dropped", "Order Refunded"])
def test_a_page_says_nothing_of_what_only_the_shop_knows(shop: Shop, name: str) -> None:
    shop.welcome()
    shop.server("Order Completed", None, "ana", properties={"order_id": "7", "total": 5})
    before = shop.customer("ana")
    said = {"email": ANA, "permanent": True, "order_id": "7", "total": 5}
    assert shop.browser(name, "ana-phone", "ana", properties=said) == []
    assert shop.customer("ana") == before
    assert [letter.reason for letter in shop.log.dead_letters()] == ["not_for_this_source"]


@pytest.mark.parametrize("name", ["Messages Paused", "Unsubscribed", "Consent Withdrawn"])
def test_a_page_pauses_and_unsubscribes_its_own_visitor_alone(shop: Shop, name: str) -> None:
    shop.welcome()
    before = shop.customer("ana")
    shop.browser(name, "mallory", "ana", properties={"channel": "email", "days": 366, "email": ANA})
    assert shop.customer("ana") == before
    shop.browser(name, "ana-phone", properties={"channel": "email", "days": 366})
    assert shop.customer("ana") != before


LATER = MINUTE


@pytest.mark.parametrize("order", [(Level.SERVER, Level.BROWSER), (Level.BROWSER, Level.SERVER)])
@pytest.mark.parametrize("joined", [False, True])
def test_a_trait_that_a_server_told_is_not_replaced_by_a_page(order: tuple[Level, Level], joined: bool) -> None:
    """Whatever came first, and whether the page spoke before it was known to be hers."""
    shop = Shop()
    if not joined:
        shop.welcome()
    for level in order:
        shop.clock.instant += LATER
        user = "ana" if level is Level.SERVER else None
        device = None if level is Level.SERVER else "ana-phone"
        shop.says(level, track("", device, user, type="identify", traits={"city": str(level), "by_" + level: level}))
    shop.clock.instant += LATER
    if joined:
        shop.welcome()
    ana = shop.customer("ana")
    assert ana.traits["city"] == "server"
    assert (ana.traits["by_server"], ana.traits["by_browser"]) == ("server", "browser")
    assert ana.claimed_traits == ["by_browser"]


def test_a_page_replaces_what_a_page_told_and_a_server_takes_it_back(shop: Shop) -> None:
    for city in ("Rome", "Oslo"):
        shop.clock.instant += LATER
        shop.browser("", "ana-phone", type="identify", traits={"city": city})
    shop.welcome()
    assert shop.customer("ana").traits["city"] == "Oslo"
    shop.server("", None, "ana", type="identify", traits={"city": None})
    shop.clock.instant += LATER
    shop.browser("", "ana-phone", type="identify", traits={"city": "Rome"})
    assert "city" not in shop.customer("ana").traits


# --- the property ---

IDS = st.sampled_from(["ana", "ben", "mallory", ANA, "ben@example.com"])
DEVICES = st.sampled_from(["mallory", "m2", "ana", ANA, None])
"""Whatever an attacker may know or make up: everything but the anonymous id that Ana's own browser made."""
ADDRESSES = st.sampled_from([ANA, "ben@example.com", "m@example.com"])
said = st.fixed_dictionaries(
    {},
    optional={
        "product_id": st.sampled_from(["P1", "P2"]),
        "price": st.integers(1, 9),
        "order_id": st.sampled_from(["1", "2"]),
        "total": st.integers(1, 10**9),
        "channel": st.sampled_from(["email", "onsite", "ads", "sms"]),
        "email": ADDRESSES,
        "permanent": st.just(True),
        "days": st.integers(1, 400),
        "customer": st.just(customer_id("user", "ana")),
        "method": st.just("double_opt_in"),
    },
)
traits = st.fixed_dictionaries({}, optional={"email": ADDRESSES, "vip": st.just(True), "firstName": st.just("M")})
contexts = st.fixed_dictionaries(
    {},
    optional={
        "traits": traits,
        "customer_id": st.just(customer_id("user", "ana")),
        "userHash": st.sampled_from([user_hash("mallory"), "0" * 64]),
        "device": st.just({"id": "ana-device", "token": "ana-token", "type": "ios"}),
        "externalIds": st.just([{"type": "crm", "id": "ana-crm", "collection": "users"}]),
        "gpc": st.just(True),
        "consent": st.just({"categoryPreferences": {"Advertising": False}}),
        "timezone": st.just("Asia/Tokyo"),
    },
)
attacks = st.builds(
    lambda kind, name, device, user, previous, properties, traits, context: track(
        name,
        device,
        user,
        type=kind,
        previousId=previous,
        properties=properties,
        traits=traits,
        context=context,
    ),
    st.sampled_from(["track", "track", "track", "identify", "alias", "page"]),
    st.sampled_from([*BY_NAME, "Support Asked"]),
    DEVICES,
    st.one_of(st.none(), IDS),
    st.one_of(st.none(), IDS),
    said,
    traits,
    contexts,
)
LIVED: list[tuple[Level, dict[str, Any]]] = [
    (Level.SERVER, track("", "ana-phone", "ana", type="identify", traits={"email": ANA, "points": 3})),
    (Level.SERVER, track("Consent Granted", None, "ana", properties={"channel": "email"})),
    (
        Level.SERVER,
        track(
            "Application Opened",
            None,
            "ana",
            context={
                "device": {"id": "ana-device", "token": "ana-token", "type": "ios"},
                "externalIds": [{"type": "crm", "id": "ana-crm", "collection": "users"}],
            },
        ),
    ),
    (Level.BROWSER, track("Product Viewed", "ana-phone", properties={"product_id": "P1", "price": 4})),
    (Level.BROWSER, track("Product Added", "ana-phone", "ana", properties={"product_id": "P1", "price": 4})),
    (Level.SERVER, track("Order Completed", None, "ana", properties={"order_id": "1", "total": 4})),
    (Level.BROWSER, track("Product Added", "ana-phone", properties={"product_id": "P2", "price": 4})),
]
NOBODY = track("Page Viewed", "nobody")
"""Keeps the log's positions the same in the world without attacks."""


@settings(
    max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)
@given(st.lists(st.lists(attacks, max_size=3), min_size=len(LIVED) + 1, max_size=len(LIVED) + 1))
def test_nothing_that_others_browsers_say_changes_anything_for_somebody_proven(
    rounds: list[list[dict[str, Any]]],
) -> None:
    quiet, loud = Shop(), Shop()
    for (level, lived), round_ in zip([*LIVED, (Level.BROWSER, NOBODY)], rounds, strict=True):
        for attack in round_:
            accepted = loud.says(Level.BROWSER, msgspec.to_builtins(attack))
            quiet._number += 1
            for event in accepted:
                quiet.log.append([msgspec.structs.replace(_nobodys(event), id=event.id)])
            quiet.turn()
        for shop in (quiet, loud):
            shop.says(level, msgspec.to_builtins(lived))
            shop.passes(MINUTE)
    for shop in (quiet, loud):
        shop.passes(10 * MINUTE)
    hers = customer_id("user", "ana")
    assert _known(loud) == _known(quiet)
    assert loud.decisions("ana") == quiet.decisions("ana")
    assert _of(loud, hers) == _of(quiet, hers)
    assert _of(loud, hers)
    for device in ("mallory", "m2", "ana", ANA):
        found = loud.visitor(device)
        assert found is None or found.id != hers


def _nobodys(event: Event) -> Event:
    return Event(
        id="", source="shop", type="track", name="Page Viewed", occurred_at=event.occurred_at, anonymous_id="nobody"
    )


def _known(shop: Shop) -> dict[str, Any]:
    return {name: value for name, value in msgspec.structs.asdict(shop.customer("ana")).items() if name != "ordinal"}


def _of(shop: Shop, customer: str) -> list[Any]:
    return [effect for effect in shop.effects() if effect.customer == customer]
