"""Words of conditions that hang on more than counters: membership follows what changes them, on the dot."""

from __future__ import annotations

from typing import Any

import pytest
from tests.decide.world import NOON, PLAYBOOK, World

from habitue.decide.conditions import Compiler
from habitue.decide.conditions.bucket import place
from habitue.model.customer import Cart, CartLine, Customer, Wish
from habitue.model.event import IDENTIFIED
from habitue.model.instant import DAY, HOUR, to_iso
from habitue.playbook.conditions import Condition, parse


def world(condition: str, head: str = PLAYBOOK) -> World:
    return World({"playbook.yaml": head, "segments.yaml": f"these:\n  title: These\n  condition: {condition!r}\n"})


def is_in(shop: World, who: str = "ana", kind: str = "user") -> bool:
    return "these" in shop.customer(who, kind).segments


# --- reachable, consents ---


def test_ana_is_reachable_with_an_address_and_her_leave_and_ben_is_not() -> None:
    shop = world('reachable("email")')
    shop.happens("Consent Granted", channel="email")
    assert not is_in(shop)
    shop.happens(IDENTIFIED, traits={"email": "ana@example.com"})
    assert is_in(shop)
    shop.happens(IDENTIFIED, "ben", traits={"email": "ben@example.com"})
    assert not is_in(shop, "ben")
    shop.happens("Unsubscribed")
    assert not is_in(shop)


def test_an_address_that_only_the_identifiers_tell_will_do() -> None:
    shop = world('reachable("email")')
    shop.happens("Consent Granted", channel="email")
    shop.happens("Order Completed", identifiers={"email": "ana@example.com"})
    assert is_in(shop)


def test_leave_for_one_topic_is_enough_and_leave_for_none_is_not() -> None:
    shop = world('reachable("email")')
    shop.happens(IDENTIFIED, traits={"email": "ana@example.com"})
    shop.happens("Consent Granted", channel="email", topic="news")
    assert is_in(shop)
    shop.happens("Consent Withdrawn", channel="email", topic="news")
    assert not is_in(shop)


def test_a_bounce_for_good_ends_reaching_her() -> None:
    shop = world('reachable("email")')
    shop.meet()
    assert is_in(shop)
    shop.happens("Email Bounced", permanent=True)
    assert not is_in(shop)
    shop.happens(IDENTIFIED, traits={"email": "ana@new.example"})
    assert is_in(shop)


def test_the_page_reaches_whoever_has_a_browser() -> None:
    shop = world('reachable("onsite")')
    shop.happens(IDENTIFIED, traits={"email": "ana@example.com"})
    assert not is_in(shop)
    shop.happens("Page Viewed", device="laptop")
    assert is_in(shop)


BY_COUNTRY = PLAYBOOK.replace("consent: required", "consent: by_country")


def test_by_the_law_of_her_country_an_order_lets_us_write_and_in_canada_for_two_years() -> None:
    shop = world('reachable("email")', BY_COUNTRY)
    shop.happens(IDENTIFIED, traits={"email": "ana@example.com", "country": "CA"})
    assert not is_in(shop)
    shop.happens("Order Completed")
    assert is_in(shop)
    shop.passes(730 * DAY)
    assert is_in(shop)
    shop.passes(1)
    assert not is_in(shop)


def test_consents_follow_her_words_on_the_channel_and_the_topic() -> None:
    shop = world('consents("email", topic="news")')
    for name, topic, expected in (
        ("Consent Granted", {}, True),
        ("Consent Withdrawn", {"topic": "news"}, False),
        ("Consent Granted", {"topic": "news"}, True),
        ("Consent Withdrawn", {}, False),
    ):
        shop.passes(HOUR)
        shop.happens(name, channel="email", **topic)
        assert is_in(shop) is expected


# --- occasions ---

# NOON is 28 May 2026. Mother's Day is 31 May in France, was 3 May in Spain, and is 10 May in the United States.


def test_an_occasion_comes_and_goes_at_her_own_midnight() -> None:
    shop = world('occasion("mothers_day", within="2d")')
    shop.happens(IDENTIFIED, traits={"country": "FR"}, context={"timezone": "Europe/Paris"})
    assert not is_in(shop)
    joins_at = shop.customer().due
    assert joins_at is not None
    assert to_iso(joins_at) == "2026-05-28T22:00:00.000000Z"
    shop.passes(10 * HOUR - 1)
    assert not is_in(shop)
    shop.passes(1)
    assert is_in(shop)
    shop.passes(3 * DAY - 1)
    assert is_in(shop)
    shop.passes(1)
    assert not is_in(shop)


def test_an_occasion_follows_her_to_another_country_and_another_clock() -> None:
    shop = world('occasion("mothers_day", within="3d")')
    shop.happens(IDENTIFIED, traits={"country": "US"})
    assert not is_in(shop)
    shop.passes(HOUR)
    shop.happens(IDENTIFIED, traits={"country": "FR"})
    assert is_in(shop)
    shop.clock.instant = NOON + 3 * DAY + 11 * HOUR  # 23:00 UTC of the day itself.
    shop.turn()
    assert is_in(shop)
    shop.happens("Page Viewed", context={"timezone": "Asia/Tokyo"})
    assert not is_in(shop)


def test_where_the_country_is_not_known_the_shops_holds() -> None:
    shop = world(
        'occasion("mothers_day", within="3d")', PLAYBOOK.replace("currency: EUR", "currency: EUR, country: FR")
    )
    shop.happens("Page Viewed")
    assert is_in(shop)


# --- scores, groups, stages ---


def test_a_score_is_the_latest_that_was_told() -> None:
    shop = world('score("intent") >= 0.5')
    shop.happens("Score Updated", score="intent", value=0.7)
    shop.happens("Score Updated", score="churn", value=0.1)
    assert is_in(shop)
    shop.happens("Score Updated", score="intent", value=0.9, ago=HOUR)
    shop.happens("Score Updated", score="intent", value=0.2, ago=1)
    assert is_in(shop)
    shop.happens("Score Updated", score="intent", value=0.2)
    assert not is_in(shop)


def test_a_group_is_entered_with_an_order_and_left_when_a_window_closes() -> None:
    shop = world('rfm.group == "new"')
    shop.happens("Order Completed", total=10)
    assert is_in(shop)  # 511: ninety days later it is 311, which is new as well, and then 211.
    shop.passes(180 * DAY - 1)
    assert is_in(shop)
    shop.passes(1)
    assert not is_in(shop)


def test_a_stage_of_life_ends_to_the_microsecond() -> None:
    shop = world('lifecycle == "new"')
    shop.happens("Order Completed", total=10)
    assert is_in(shop)
    shop.passes(90 * DAY - 1)
    assert is_in(shop)
    shop.passes(1)
    assert not is_in(shop)


# --- texts, buckets, products ---


def holds(condition: str, customer: Customer, entry: dict[str, Any] | None = None) -> bool:
    check = Compiler().condition(parse(condition, entry_event=True))
    return check.evaluate(customer, NOON, entry)[0]


@pytest.mark.parametrize(
    ("condition", "traits"),
    [
        ('starts_with(trait.city, "San")', {"city": "San Sebastián"}),
        ('ends_with(trait.email, ".es")', {"email": "ana@example.es"}),
        ('lower(trait.city) == "i̇stanbul"', {"city": "i̇stanbul"}),
        ('lower(trait.city) == "istanbul"', {"city": "İSTANBUL"}),
        ('lower(trait.name) == "σοφοσ"', {"name": "ΣΟΦΟΣ"}),
        ('has_any(trait.tags, ("a", 2))', {"tags": ["b", "2"]}),
        ('has_all(trait.tags, ("a", "b"))', {"tags": ["b", "c", "a"]}),
        ("size(trait.tags) == 3", {"tags": ["b", "c", "a"]}),
        ("size(trait.city) == 6", {"city": "Málaga"}),
        ("size(trait.age) == None", {"age": 30}),
        ('not starts_with(trait.city, "S") and not has_any(trait.city, ("a",))', {}),
        ('not has_all(trait.tags, ("a", "b"))', {"tags": ["a"]}),
    ],
)
def test_text_and_lists_are_as_people_read_them(condition: str, traits: dict[str, Any]) -> None:
    assert holds(condition, Customer(id="ana", traits=traits))


def test_a_filter_asks_the_same_of_an_event() -> None:
    check = Compiler().filter(parse('starts_with(lower(name), "gift") and size(tags) > 1', kind="filter"))
    assert check({"name": "GIFT card", "tags": ["a", "b"]}, None, "")
    assert not check({"name": "GIFT card", "tags": ["a"]}, None, "")


def test_buckets_of_one_salt_part_everybody() -> None:
    counts = [0, 0, 0, 0]
    quarters = [Compiler().condition(parse(f'bucket("spring", {25 * part}, {25 * part + 25})')) for part in range(4)]
    for number in range(4_000):
        inside = [quarter.evaluate(Customer(id=f"c{number}"), NOON)[0] for quarter in quarters]
        assert sum(inside) == 1
        counts[inside.index(True)] += 1
    assert all(900 < count < 1_100 for count in counts)


def test_a_bucket_is_for_ever() -> None:
    assert (place("spring", "ana"), place("spring", "ben"), place("summer", "ana")) == (3_304, 5_845, 5_822)


def test_a_product_is_as_she_was_last_told_of_it() -> None:
    line = CartLine(changes=[(1, "e", 1.0)], name="Red Mug", price=4.95)
    wish = Wish(at=1, wished=True, name="Red mug of old", price=3.0, brand="Orbis")
    ana = Customer(id="ana", cart=Cart(lines={"P1": line}), wishes={"P1": wish})
    told = {"product_id": "P1", "price": 4.5}
    assert holds("product(event.product_id).price == 4.5", ana, told)
    assert holds('product(event.product_id).name == "Red Mug"', ana, told)
    assert holds('product(event.product_id).brand == "Orbis"', ana, told)
    assert holds('product("P1").price == 4.95', ana, {"product_id": "P2", "price": 1})
    assert holds("product(event.product_id).price == None", ana, {"product_id": "P2"})


def test_what_can_change_a_word_is_known() -> None:
    def check(text: str) -> Condition:
        return parse(text)

    assert check('reachable("email")').facts == {"consent", "pause", "reach", "address", "identifier"}
    assert check('reachable("onsite")').facts == {"consent", "pause", "reach", "device"}
    assert check('occasion("easter")').traits == {"address", "country", "phone"}
    assert Compiler().condition(parse('rfm.recency == 5 and score("x") > 1')).events == {
        "Order Completed",
        "Score Updated",
    }
