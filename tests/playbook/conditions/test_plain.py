"""Conditions in plain English, as a marketer reads them."""

from __future__ import annotations

import pytest

from habitue.playbook.conditions import KNOWN_EVENTS, parse, plain


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            'count("Product Viewed", category="watches", within="7d") >= 3 '
            'and not did("Order Completed", within="30d")',
            "looked at products where category is watches at least 3 times in the last 7 days "
            "and has not ordered in the last 30 days (also true of people who never ordered)",
        ),
        ('did("Product Viewed")', "looked at a product"),
        ('did("Order Completed", before="2026-01-01")', "ordered before 1 January 2026"),
        (
            'count("Order Completed", between=("2026-01-01", "2026-02-01")) >= 2',
            "ordered at least twice since 1 January 2026 and before 1 February 2026",
        ),
        (
            'not did("Order Completed", within="last month")',
            "did not have orders last month (also true of people who never ordered)",
        ),
        (
            'count("Product Viewed", within="this week", tz="America/New_York") > 4',
            "looked at products more than 4 times this week (New York time)",
        ),
        (
            'sequence("Product Viewed", did("Product Added", category="mugs"), within="7d", apart="2h", '
            'without="Order Completed")',
            "looked at a product, then put a product into the cart where category is mugs "
            "(with no order in between, no more than 2 hours from first to last, in the last 7 days)",
        ),
        ('not sequence("Signed Up", "Order Completed")', "it is not so that (signed up, then ordered)"),
        (
            'did("Order Completed", products[].category == "mugs")',
            "ordered where category of one of the products is mugs",
        ),
        ('trait.tags[] == "vip"', "one of the tags is vip"),
        ('starts_with(trait.email, "ana@")', 'email begins with "ana@"'),
        ('not ends_with(lower(trait.city), "ville")', "city in small letters does not end with ville"),
        ('has_any(trait.interests, ("mugs", "lamps"))', "interests has one of mugs or lamps"),
        ('not has_all(cart.products, ("P1", "P2"))', "the cart has not all of P1 and P2"),
        ("size(trait.interests) >= 2", "the size of interests is at least 2"),
        ('reachable("email")', "can be reached by e-mail"),
        ('not consents("email", topic="news")', "has not allowed e-mail about news"),
        ('bucket("spring", 0, 10)', "is among the 10 % that spring draws from 0 to 10"),
        ('occasion("christmas", within="14d")', "christmas where they live is today or at most 14 days ahead"),
        ('not occasion("mothers_day")', "mothers day where they live is not today"),
        ('score("intent") >= 0.7', "the score intent is at least 0.7"),
        ('rfm.group in ("champions", "loyal")', "the RFM group is champions or loyal"),
        ("rfm.recency >= 4", "the recency score is at least 4"),
        ('lifecycle == "dormant"', "the lifecycle stage is dormant"),
        ('did("Product Viewed", within="1d")', "looked at a product in the last day"),
        ('did("Order Completed", within="1d 12h")', "ordered in the last 1 day and 12 hours"),
        ('not did("Order Completed")', "has never ordered"),
        ('count("Order Completed") == 0', "has never ordered"),
        (
            'not did("Cart Viewed", since="2026-01-01")',
            "has not looked at the cart since 1 January 2026 (also true of people who never looked at the cart)",
        ),
        ('count("Order Completed") >= 2', "ordered at least twice"),
        ('count("Order Completed") > 4', "ordered more than 4 times"),
        ('count("Product Reviewed") == 1', "reviewed a product exactly once"),
        ('1 <= count("Product Added")', "put a product into the cart at least once"),
        (
            'count("Product Added", within="1w") < 3',
            "put products into the cart fewer than 3 times in the last 7 days "
            "(also true of people who never put a product into the cart)",
        ),
        (
            'not count("Product Added", within="1w") >= 3',
            "put products into the cart fewer than 3 times in the last 7 days "
            "(also true of people who never put a product into the cart)",
        ),
        (
            'not did("Email Sent", within="2h")',
            "has not been sent an e-mail in the last 2 hours (also true of people who never were sent an e-mail)",
        ),
        (
            'days_since("Order Completed") >= 30',
            "last ordered at least 30 days ago (not true of people who never ordered)",
        ),
        (
            'days_since("Product Viewed", price > 1000) < 1',
            "last looked at a product where price is more than 1,000 less than 1 day ago "
            "(not true of people who never looked at a product)",
        ),
        (
            'sum("Order Completed", total, within="90d") > 250.5',
            "the sum of total over orders in the last 90 days is more than 250.5",
        ),
        (
            'avg("Order Completed", total) <= max("Order Completed", total) / 2',
            "the average total of orders is at most the largest total of orders divided by 2",
        ),
        (
            'distinct("Product Viewed", product_id, within="1h") >= 5',
            "the number of different values of product id over product views in the last hour is at least 5",
        ),
        ('last("Product Viewed", category) == "watches"', "the category of the last product view is watches"),
        ('did("Size Guide Opened", size in ("S", "M", "L"))', 'did "Size Guide Opened" where size is S, M or L'),
        ('not did("Size Guide Opened")', 'has never done "Size Guide Opened"'),
        (
            'did("Product Viewed", price > 1 or sale, within="1d")',
            "looked at a product where (price is more than 1 or sale is set) in the last day",
        ),
        ('trait.country == "ES"', "country is ES"),
        ('trait.country != "ES"', "country is not ES (also true where country is not known)"),
        ('not trait.country == "ES"', "country is not ES (also true where country is not known)"),
        ('trait.address.city not in ("Rome",)', "address city is not Rome (also true where address city is not known)"),
        ("trait.email", "email is set"),
        ("not trait.email", "email is not set"),
        ("trait.email == None", "email is not known"),
        ("trait.vip == True", "vip is yes"),
        ('"vip" in trait.tags', "tags contains vip"),
        ("not trait.age > 60", "it is not so that (age is more than 60)"),
        (
            'segment("regulars") and not segment("on holiday")',
            'is in the segment "regulars" and is not in the segment "on holiday"',
        ),
        ("cart.is_empty or cart.value >= 50", "has an empty cart or the value of the cart is at least 50"),
        ("not cart.is_empty", "has something in the cart"),
        ("wishlist.is_empty or not wishlist.is_empty", "has an empty wish list or has something on the wish list"),
        ('"P1" in recently_viewed.products', "the list of recently viewed products contains P1"),
        (
            "event.product_id not in cart.products",
            "the cart does not contain the product id of the event that started the journey",
        ),
        ('last_visit.stage == "checkout"', "the stage at which the last visit ended is checkout"),
        (
            'not visit.stage in ("cart", "order")',
            "the stage the present visit is at is not cart or order (also true "
            "where the stage the present visit is at is not known)",
        ),
        (
            "visit.price_spread < 20",
            "the difference between the dearest and the cheapest product of the present visit is less than 20",
        ),
        ("orders.revenue >= 100", "the worth of all orders, refunds taken off is at least 100"),
        ('affinity("category") == "mugs"', "the favourite category is mugs"),
        ('affinity("brand", "Orbis") > 0.5', "the share of interest that goes to the brand Orbis is more than 0.5"),
        ("cart.lines > 1", "the number of different products in the cart is more than 1"),
        (
            "cart.value > event.price",
            "the value of the cart is more than the price of the event that started the journey",
        ),
        ("run.key == event.cart_id", "the key of the run is the cart id of the event that started the journey"),
        ("(trait.a or trait.b) and trait.c", "(a is set or b is set) and c is set"),
        ("not (trait.a or trait.b)", "it is not so that (a is set or b is set)"),
        ("True", "is anybody"),
    ],
)
def test_a_condition_reads_as_english(text: str, said: str) -> None:
    assert plain(parse(text, entry_event=True)) == said


def test_a_filter_reads_as_english() -> None:
    assert plain(parse("price > 20 and brand == 'Orbis'", kind="filter")) == "price is more than 20 and brand is Orbis"


@pytest.mark.parametrize("event", sorted(KNOWN_EVENTS))
def test_every_known_event_is_said_in_words(event: str) -> None:
    """Its name in quotes would mean that nobody wrote a phrase for it."""
    for text in (
        f'did("{event}")',
        f'not did("{event}")',
        f'count("{event}") > 2',
        f'avg("{event}", value) > count("{event}")',
    ):
        assert event not in plain(parse(text))
