"""Minimum gap and duplicates, under any interleaving of journeys, devices and late joins."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.decide.world import NOTE, PLAYBOOK, World

from habitue.model.instant import DAY, HOUR, MINUTE

SPAN = 3 * HOUR
FILES = {
    "playbook.yaml": PLAYBOOK.replace("consent: required", "consent: implied")
    + "guard:\n  minimum_gap: [{span: 30m}, {span: 1h, channel: email}]\n",
    "messages/other.yaml": NOTE.replace("note", "other").replace("1s", "3h") + "about: event.product_id\nttl: 6h\n",
    "messages/receipt.yaml": NOTE.replace("note", "receipt") + "kind: transactional\n",
    "journeys/one.yaml": "journey: one\ntitle: One\nentry: {event: One}\n"
    "steps: [{send: other}, {wait: 1h}, {send: note}]",
    "journeys/two.yaml": "journey: two\ntitle: Two\nentry: {event: Two}\nkey: event.product_id\n"
    "steps: [{wait: 10m}, {send: other}, {send: note}]",
    "journeys/paid.yaml": "journey: paid\ntitle: Paid\nentry: {event: Paid}\nkey: event.product_id\n"
    "steps: [{send: receipt}]",
}
HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(["One", "Two", "Two", "Paid", "Identified"]),
        st.sampled_from([("ana", None), ("ana", "phone"), (None, "phone"), ("ana", "tablet"), (None, "tablet")]),
        st.integers(0, 40 * MINUTE),
        st.integers(0, 2),
    ),
    min_size=4,
    max_size=30,
)


@settings(max_examples=40, deadline=None)
@given(HAPPENINGS)
def test_gaps_and_duplicates_hold_under_any_interleaving(happenings: list[tuple]) -> None:  # type: ignore[type-arg]
    world = World(FILES)
    for name, (who, device), pause, product in happenings:
        world.passes(pause)
        traits = {"email": f"{device}@example.com"} if name == "Identified" else {}
        world.happens(name, who, device, traits=traits, product_id=f"P{product}")
    world.passes(2 * DAY)
    assert world.store.parked() == []
    for customer in {one.customer for one in world.effects()}:
        sent = [one for one in world.effects() if one.customer == customer and one.message != "receipt"]
        for earlier, later in pairwise(sent):
            assert later.at - earlier.at >= HOUR
        for one in sent:
            assert one.at < one.expires_at
            if one.message == "other":
                about = one.data["event"]["product_id"]
                again = [two for two in sent if two.message == "other" and two.data["event"]["product_id"] == about]
                assert all(two is one or abs(two.at - one.at) >= SPAN for two in again)
