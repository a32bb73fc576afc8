"""Random batches mean the same to every store."""

from __future__ import annotations

import tempfile
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from habitue.model.decision import Decision
from habitue.model.delivery import DeliveryState
from habitue.model.effect import Send
from habitue.model.instant import MINUTE
from habitue.model.reason import Outcome, Reason
from habitue.run.ports import Commit, CustomerRow, Deliveries, Membership, Parked, Place, Store, Tally, View
from habitue.store.memory import MemoryDeliveries, MemoryStore
from habitue.store.sqlite import SqliteDeliveries, SqliteStore, SqliteView

NAMES = ["ana", "ben", "cleo", "dan"]
names = st.sampled_from(NAMES)
instants = st.integers(0, 3_000 * MINUTE)
minutes = st.integers(0, 3_000)
dues = st.none() | st.integers(0, 50)
words = st.sampled_from(["", "ana a", "ben b", "örn", "a"])
optional = st.none() | st.sampled_from(["x", "y"])

rows = st.builds(CustomerRow, names, st.binary(max_size=4), dues, words, instants, st.booleans())
decisions = st.builds(
    Decision,
    id=st.text("ab", min_size=1),
    customer=names,
    at=instants,
    outcome=st.sampled_from([Outcome.SENT, Outcome.HELD]),
    reason=st.sampled_from([Reason.ALLOWED, Reason.WAIT]),
    journey=optional,
    message=optional,
    run=optional,
    detail=st.dictionaries(st.sampled_from("kl"), st.integers(0, 9)),
)
memberships = st.builds(Membership, names, st.sampled_from(["fans", "new"]), dues, instants)
runs = st.sampled_from(["r1", "r2"])
places = st.builds(Place, names, runs, st.just("cart"), st.integers(1, 2), st.just(""), optional, instants, dues)
counts = st.integers(-3, 5)
tallies = st.builds(Tally, minutes, st.just("event"), st.sampled_from("ab"), st.just(""), st.just(""), counts, counts)
parked = st.builds(Parked, customer=names, position=st.integers(0, 99), error=st.just("boom"), at=st.integers(0, 9))


def send(name: str) -> Send:
    return Send(
        id=name,
        customer=NAMES[len(name) % 4],
        at=1,
        expires_at=30,
        journey="cart",
        run="r",
        step="s",
        version=1,
        message="m" + name[-1],
        channel="onsite" if "a" in name else "email",
        address="x",
        topic="t",
    )


effect_names = st.text("ab", min_size=1, max_size=3)
commits = st.builds(
    Commit,
    position=st.integers(0, 3),  # How far this batch goes on from the one before.
    now=instants,
    version=st.integers(0, 3),
    customers=st.lists(rows, max_size=4),
    effects=st.lists(effect_names.map(send), max_size=3),
    decisions=st.lists(decisions, max_size=5),
    memberships=st.lists(memberships, max_size=5),
    places=st.lists(places, max_size=5),
    tallies=st.lists(tallies, max_size=5),
    parked=st.lists(parked, max_size=1),
    skipped=st.lists(st.tuples(names, st.integers(0, 9)), max_size=2),
    unparked=st.lists(names, max_size=1),
    tail=st.lists(st.tuples(names, st.integers(0, 99), st.just(7)), max_size=6),
)


def told(store: Store, view: View) -> dict[str, object]:
    """Everything two stores could disagree about."""
    newest = view.decisions()
    middle = newest[len(newest) // 2][0] if newest else None
    return {
        "progress": (store.position(), store.version()),
        "states": store.load(NAMES),
        "persons": [view.person(one) for one in NAMES],
        "due": [store.due(until, limit) for until in (5, 25, 50) for limit in (1, 10)],
        "next due": store.next_due(),
        "live": list(store.customer_ids()),
        "effects": store.effects(0, 99),
        "parked": (store.parked_ids(), view.parked(), [store.skipped(one) for one in NAMES]),
        "people": [view.people(query, limit) for query in ("", "a", "ör", "ben", "dan") for limit in (1, 9)],
        "people after": [view.people("", 9, one) for one in NAMES],
        "people count": view.people_count(),
        "timeline": [
            view.timeline(NAMES[:k], limit, before) for k in (1, 3) for limit in (1, 3) for before in (None, 50)
        ],
        "decisions": (newest, view.decisions(before=middle, limit=2), view.decisions_after(1, 2)),
        "filtered": [
            view.decisions(customers=customers, outcome=outcome, journey=journey, message="x", limit=2)
            for customers in (None, NAMES[:2])
            for outcome in (None, "sent")
            for journey in (None, "y")
        ],
        "segments": (view.segment_sizes(), view.segment_changes("fans", 90 * MINUTE, 60 * MINUTE)),
        "members": (view.members("fans"), view.members("new", 1, "ana")),
        "places": (view.places("cart"), view.places("cart", "x", 1), view.place_counts("cart")),
        "tallies": [view.tallies("event", 7, 2_999, bucket) for bucket in (1, 60, 90, 1_440)],
        "totals": [view.totals("event", since) for since in (0, 1, 1_441)],
    }


@settings(max_examples=60, deadline=None)
@given(batches=st.lists(commits, min_size=1, max_size=5))
def test_the_stores_agree_on_everything_they_tell(batches: list[Commit]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        memory, sqlite = MemoryStore(), SqliteStore(folder)
        view = SqliteView(folder)
        position = -1
        for batch in batches:
            position += batch.position
            batch.position = position
            memory.commit(batch)
            sqlite.commit(batch)
        assert told(memory, memory) == told(sqlite, view)
        view.close()
        sqlite.close()


Move = Callable[[Deliveries, int], object]


def _finish(name: str, state: DeliveryState, retry_at: int | None) -> Move:
    def move(deliveries: Deliveries, now: int) -> object:
        known = deliveries.get(name)
        if known is None:
            return None
        return deliveries.finish([type(known)(**{**_fields(known), "state": state, "retry_at": retry_at})])

    return move


def _fields(known: object) -> dict[str, object]:
    return {field: getattr(known, field) for field in known.__struct_fields__}  # type: ignore[attr-defined]


moves = st.one_of(
    effect_names.map(lambda name: lambda deliveries, now: deliveries.take_in([(now, send(name))], now)),
    effect_names.map(lambda name: lambda deliveries, now: deliveries.begin([name], now)),
    st.builds(_finish, effect_names, st.sampled_from(list(DeliveryState)), dues),
    effect_names.map(lambda name: lambda deliveries, now: deliveries.mark_displayed(name, now)),
    effect_names.map(lambda name: lambda deliveries, now: deliveries.mark_reported([name])),
    st.just(lambda deliveries, now: deliveries.recover(now)),
)


def passages(deliveries: Deliveries) -> list[object]:
    return [
        deliveries.cursor(),
        deliveries.due(20, 3),
        deliveries.due(99, 99),
        deliveries.next_due(),
        deliveries.unreported(99),
        deliveries.list(),
        deliveries.list(customers=NAMES[:2], limit=2),
        deliveries.list(state=DeliveryState.WAITING, message="ma"),
        deliveries.list(state=DeliveryState.ACCEPTED, before=3),
        deliveries.onsite(NAMES, 20),
        deliveries.counts(),
        deliveries.changes_after(2, 3),
        deliveries.effect("a"),
    ]


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(moves, min_size=1, max_size=25))
def test_the_outboxes_agree_on_everything_they_tell(steps: list[Move]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        memory, sqlite = MemoryDeliveries(), SqliteDeliveries(f"{folder}/deliveries.db")
        for now, step in enumerate(steps, start=1):
            assert step(memory, now) == step(sqlite, now)
        assert passages(memory) == passages(sqlite)
        sqlite.close()
