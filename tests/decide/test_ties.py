"""Things of one instant, as in a batch without times: the order of the log says what came last, in every fact."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habitue.decide.conditions import cart_lines
from habitue.decide.outcome import Outcome
from habitue.decide.profile import put_facts
from habitue.decide.profile.joining import join_facts
from habitue.model.customer import Customer, moment
from habitue.model.event import IDENTIFIED, Event, Record
from habitue.model.instant import MINUTE

from .world import NOON, World

GAP = 30 * MINUTE


def batch(*told: tuple[str, dict[str, Any]], backwards_ids: bool = False) -> list[Record]:
    """Events of one instant in the order of the log; their ids may say the opposite."""
    records = []
    for position, (name, about) in enumerate(told):
        number = len(told) - position if backwards_ids else position
        traits, context = about.pop("traits", {}), about.pop("context", {})
        event = Event(
            id=f"e{number:02}",
            source="shop",
            type="track",
            name=name,
            occurred_at=NOON,
            properties=about,
            traits=traits,
            context=context,
        )
        records.append(Record(position, NOON, event))
    return records


def after(*told: tuple[str, dict[str, Any]], backwards_ids: bool = False) -> Customer:
    ana = Customer(id="ana")
    for record in batch(*told, backwards_ids=backwards_ids):
        put_facts(ana, record, GAP, Outcome())
    return ana


def pieces(customer: Customer) -> dict[str, float]:
    return {product: quantity for product, _, quantity in cart_lines(customer.cart)}


def put(product: str, **more: Any) -> tuple[str, dict[str, Any]]:
    return "Product Added", {"product_id": product, **more}


def out(product: str, **more: Any) -> tuple[str, dict[str, Any]]:
    return "Product Removed", {"product_id": product, **more}


CLEARED: tuple[str, dict[str, Any]] = ("Cart Cleared", {})


@pytest.mark.parametrize("backwards_ids", [False, True])
def test_of_two_words_on_a_trait_the_later_in_the_log_stands(backwards_ids: bool) -> None:
    told = [(IDENTIFIED, {"traits": {"plan": "old"}}), (IDENTIFIED, {"traits": {"plan": "new"}})]
    assert after(*told, backwards_ids=backwards_ids).traits == {"plan": "new"}


@pytest.mark.parametrize("backwards_ids", [False, True])
def test_what_is_added_and_removed_is_not_in_the_cart(backwards_ids: bool) -> None:
    assert pieces(after(put("A"), out("A"), backwards_ids=backwards_ids)) == {}
    assert pieces(after(out("A"), put("A"), backwards_ids=backwards_ids)) == {"A": 1}


@pytest.mark.parametrize("backwards_ids", [False, True])
def test_what_is_added_after_the_cart_was_cleared_is_in_it(backwards_ids: bool) -> None:
    assert pieces(after(put("A"), CLEARED, put("B"), backwards_ids=backwards_ids)) == {"B": 1}
    assert pieces(after(put("A"), put("B"), CLEARED, backwards_ids=backwards_ids)) == {}


def test_a_cart_that_is_told_whole_in_the_same_instant_is_what_was_told_last() -> None:
    whole = ("Cart Viewed", {"products": [{"product_id": "B", "quantity": 3}]})
    assert pieces(after(put("A"), whole)) == {"B": 3}
    assert pieces(after(whole, put("A"))) == {"B": 3, "A": 1}


def test_less_than_nothing_added_takes_out_and_never_adds() -> None:
    assert pieces(after(put("A", quantity=-1))) == {}
    assert pieces(after(put("A", quantity=3), put("A", quantity=-2))) == {"A": 1}
    assert pieces(after(put("A", quantity=3), put("A", quantity=-5), put("A"))) == {"A": 1}


def test_less_than_nothing_removed_takes_out_as_many() -> None:
    assert pieces(after(put("A", quantity=3), out("A", quantity=-2))) == {"A": 1}


def test_less_than_nothing_in_a_cart_told_whole_is_nothing() -> None:
    assert pieces(after(("Cart Viewed", {"products": [{"product_id": "A", "quantity": -2}]}))) == {}


def test_what_an_order_gives_back_was_not_bought() -> None:
    lines = [{"product_id": "A", "category": "mugs", "quantity": -2}, {"product_id": "B", "category": "bags"}]
    assert set(after(("Order Completed", {"order_id": "o1", "products": lines})).bought) == {"bags"}


def test_the_later_word_on_a_wish_stands() -> None:
    wished, not_any_more = (
        ("Product Added to Wishlist", {"product_id": "A"}),
        ("Product Removed from Wishlist", {"product_id": "A"}),
    )
    assert after(wished, not_any_more).wishes["A"].wished is False
    assert after(not_any_more, wished).wishes["A"].wished is True


def test_a_visit_stands_where_the_log_last_said() -> None:
    visit = after(("Checkout Started", {}), ("Page Viewed", {"path": "/z"}), ("Page Viewed", {"path": "/"})).visit
    assert visit is not None
    assert (visit.stage, visit.page, visit.deepest) == ("home", "/", "checkout")


def test_the_product_looked_at_last_is_the_first_of_the_recently_viewed() -> None:
    looks = [("Product Viewed", {"product_id": product}) for product in ("B", "C", "A", "B")]
    assert [view.product for view in after(*looks).viewed] == ["B", "A", "C"]


def test_zone_and_language_are_those_said_last() -> None:
    ana = after(
        ("Page Viewed", {"context": {"timezone": "Europe/Madrid", "locale": "es"}}),
        ("Page Viewed", {"context": {"timezone": "Asia/Tokyo", "locale": "ja"}}),
        backwards_ids=True,
    )
    assert (ana.timezone, ana.locale) == ("Asia/Tokyo", "ja")


def test_at_one_instant_a_refusal_outweighs_a_yes_whatever_the_log_says() -> None:
    """The law asks for strictness: of a yes and a no of one instant nobody can show that the yes came last."""
    world = World()
    world.happens("Unsubscribed", channel="email")
    world.happens("Consent Granted", channel="email")
    assert not world.customer().consents["email"].granted


NAMES = (
    *("Product Added", "Product Removed", "Cart Cleared", "Order Completed", "Product Viewed"),
    *("Product Added to Wishlist", "Product Removed from Wishlist", "Page Viewed", "Checkout Started"),
    *("Messages Paused", "Messages Resumed", IDENTIFIED),
)
about = st.fixed_dictionaries(
    {"product_id": st.sampled_from("AB")},
    optional={
        "quantity": st.sampled_from((1, 2, -1)),
        "path": st.sampled_from(("/", "/a", "/b")),
        "days": st.sampled_from((1, 2)),
        "traits": st.fixed_dictionaries({}, optional={"plan": st.sampled_from(("a", "b", None)), "size": st.just(1)}),
        "context": st.fixed_dictionaries({}, optional={"timezone": st.sampled_from(("Asia/Tokyo", "Europe/Rome"))}),
    },
)
batches = st.lists(st.tuples(st.sampled_from(NAMES), about), max_size=9)


def known(customer: Customer) -> dict[str, Any]:
    """All that was told, without the order in which mappings came to be filled."""
    fields = dict(zip(Customer.__struct_fields__, msgspec.to_builtins(customer), strict=True))
    return {name: value for name, value in fields.items() if name not in ("id", "merged_ids")}


@settings(deadline=None)
@given(batches, st.lists(st.booleans(), min_size=9, max_size=9), st.booleans())
def test_two_halves_who_share_a_batch_come_to_what_the_log_says(
    told: list[tuple[str, dict[str, Any]]], sides: list[bool], turned: bool
) -> None:
    records = batch(*[(name, dict(said)) for name, said in told], backwards_ids=True)
    whole, halves = Customer(id="ana"), (Customer(id="ana"), Customer(id="anonymous"))
    for record in records:
        put_facts(whole, record, GAP, Outcome())
    for record, side in zip(records, sides, strict=False):
        put_facts(halves[side], record, GAP, Outcome())
    into, other = halves[::-1] if turned else halves
    join_facts(into, other, GAP, Outcome())
    assert known(into) == known(whole)


def test_what_an_earlier_version_wrote_is_read_and_goes_on() -> None:
    """Without a position, by the ids of events: what is told now is the later word."""
    ana = after(put("A"), (IDENTIFIED, {"traits": {"plan": "old"}}), ("Product Viewed", {"product_id": "A"}))
    fields = dict(zip(Customer.__struct_fields__, msgspec.to_builtins(ana), strict=True))
    fields["trait_times"] = {"plan": NOON}
    fields["viewed"] = [[NOON, "A"]]
    fields["cart"][0]["A"][0] = [[NOON, "id-of-an-event", 1.0]]
    fields["cart"] = fields["cart"][:4]
    known_then = list(fields.values())[: list(fields).index("timezone_position")]
    old = msgspec.msgpack.decode(msgspec.msgpack.encode(known_then), type=Customer)
    assert (moment(old.trait_times["plan"]), pieces(old)) == ((NOON, -1), {"A": 1})
    for record in batch(out("A"), (IDENTIFIED, {"traits": {"plan": "new"}}), ("Product Viewed", {"product_id": "B"})):
        put_facts(old, record, GAP, Outcome())
    assert (old.traits, pieces(old), [view.product for view in old.viewed]) == ({"plan": "new"}, {}, ["B", "A"])
