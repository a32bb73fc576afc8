"""A plan says what a new version changes for people, before it is in force. Here the past is replayed, slowly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import msgspec
import pytest
from tests.decide.world import NOON, NOTE, PLAYBOOK, World
from tests.run.backtest.by_crank import decided, live_through

from habitue.model.customer import Customer, customer_id
from habitue.model.instant import DAY, MINUTE
from habitue.model.reason import Outcome
from habitue.playbook.load import load
from habitue.playbook.playbook import Playbook
from habitue.run.planning import Asked, Comparison, Known, Plan, Sent, make_plan

SEGMENTS = """
lookers: {title: Lookers, condition: 'count("Product Viewed", within="30d") >= 2'}
calm: {title: Calm, condition: not segment("lookers")}
buyers: {title: Buyers, condition: did("Order Completed")}
"""
NUDGE = """
journey: nudge
title: Nudge
entry: {event: Product Viewed}
steps: [{wait: 1h}, {send: note}]
"""
FILES = {
    "playbook.yaml": PLAYBOOK,
    "messages/note.yaml": NOTE,
    "segments.yaml": SEGMENTS,
    "journeys/nudge.yaml": NUDGE,
}


@pytest.fixture(scope="module")
def world() -> World:
    """Ana and Ben may be written to; Ana looked three times a day apart, Ben once and a moment ago."""
    world = World(FILES)
    world.meet("ana")
    world.meet("ben")
    for _ in range(3):
        world.happens("Product Viewed", "ana")
        world.passes(DAY)
    world.happens("Product Viewed", "ben")
    world.passes(MINUTE)
    return world


class Replayed:
    """What a plan asks of the past, by living through it once with each playbook."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.asked: list[Asked] = []

    def compare(
        self, before: Playbook | None, after: Playbook, asked: Sequence[Asked], examples: int
    ) -> list[Comparison]:
        self.asked += asked
        was = self._members(before) if before is not None else {}
        will = self._members(after)
        pairs = ((was.get(old or "", set()), will.get(new or "", set())) for old, new in asked)
        return [
            Comparison(
                before=len(old),
                after=len(new),
                gained=len(new - old),
                lost=len(old - new),
                joining=tuple(sorted(new - old))[:examples],
                leaving=tuple(sorted(old - new))[:examples],
            )
            for old, new in pairs
        ]

    def sent(self, before: Playbook | None, after: Playbook, days: int) -> tuple[Sent, Sent]:
        return self._sent(before, days) if before is not None else {}, self._sent(after, days)

    def _sent(self, playbook: Playbook, days: int) -> Sent:
        until = self._world.clock.now()
        said = (
            one
            for one in decided(self._world.log.scan(), playbook, until)
            if one.outcome is Outcome.SENT and one.at >= until - days * DAY
        )
        return Counter((one.journey or "", one.channel or "") for one in said)

    def _members(self, playbook: Playbook) -> dict[str, set[str]]:
        store = live_through(self._world.log.scan(), playbook, self._world.clock.now() + 1)
        found: dict[str, set[str]] = {}
        for state in store.load(list(store.customer_ids())).values():
            customer = msgspec.msgpack.decode(state, type=Customer)
            for segment in customer.segments:
                found.setdefault(segment, set()).add(customer.id)
        return found


@pytest.fixture
def planned(world: World) -> Callable[..., Plan]:
    def make(files: Mapping[str, str], days: int = 7, past: Replayed | None = None, **more: int) -> Plan:
        replayed = past or Replayed(world)
        known = Known(
            past=replayed,
            sent=replayed.sent,
            runs=lambda journey: sum(world.store.place_counts(journey).values()),
            kept_since=more.get("kept_since"),
        )
        return make_plan(
            files, load, base=1, before=load(FILES, version=1), known=known, now=world.clock.now(), days=days
        )

    return make


def with_segments(old: str, new: str) -> dict[str, str]:
    return FILES | {"segments.yaml": SEGMENTS.replace(old, new)}


def test_the_same_files_leave_nothing_to_do(planned: Callable[..., Plan]) -> None:
    plan = planned(FILES)
    assert plan.nothing_to_do
    assert plan.changes.edits == plan.impact.segments == ()


def test_a_wider_segment_says_who_joins_and_what_is_made_of_it_who_leaves(planned: Callable[..., Plan]) -> None:
    plan = planned(with_segments(">= 2", ">= 1"))
    rows = {row.segment: (row.how, row.members.before, row.members.after) for row in plan.impact.segments}
    assert rows == {"lookers": ("changed", 1, 2), "calm": ("depends", 1, 0)}
    lookers = next(row.members for row in plan.impact.segments if row.segment == "lookers")
    assert (lookers.gained, lookers.lost, lookers.joining) == (1, 0, (customer_id("user", "ben"),))


def test_segments_that_come_and_go_have_members_on_one_side(planned: Callable[..., Plan]) -> None:
    came = planned(with_segments("buyers: {", "shoppers: {title: S, condition: cart.is_empty}\nbuyers: {"))
    assert [(row.segment, row.how, row.members.after) for row in came.impact.segments] == [("shoppers", "added", 2)]
    files = with_segments('calm: {title: Calm, condition: not segment("lookers")}\n', "")
    went = planned(files)
    assert [(row.segment, row.how, row.members.before) for row in went.impact.segments] == [("calm", "removed", 1)]


def test_a_new_name_asks_nobody(planned: Callable[..., Plan], world: World) -> None:
    past = Replayed(world)
    plan = planned(with_segments("buyers:", "customers:"), past=past)
    assert plan.changes.summary() == "1 segment renamed"
    assert past.asked == []


def test_what_all_segments_may_be_read_by_is_asked_of_all(planned: Callable[..., Plan], world: World) -> None:
    past = Replayed(world)
    files = FILES | {"playbook.yaml": PLAYBOOK.replace("timezone: UTC", "timezone: Europe/Madrid")}
    plan = planned(files, past=past)
    assert past.asked == [("buyers", "buyers"), ("calm", "calm"), ("lookers", "lookers")]
    assert plan.impact.segments == ()  # And nobody moves.


def test_messages_a_week_are_those_of_both_versions_over_the_same_days(planned: Callable[..., Plan]) -> None:
    files = FILES | {"journeys/nudge.yaml": NUDGE.replace("steps:", "reentry: never\nsteps:")}
    plan = planned(files, days=7)
    (row,) = plan.impact.messages
    assert (row.journey, row.channel, row.before, row.after) == ("nudge", "email", 3.0, 1.0)
    assert (plan.impact.messages_before, plan.impact.messages_after) == (3.0, 1.0)
    assert planned(files, days=14).impact.messages[0].before == 1.5
    assert planned(files, days=0).impact.messages == ()


def test_runs_under_way_in_what_changes_are_counted(planned: Callable[..., Plan]) -> None:
    changed = planned(FILES | {"journeys/nudge.yaml": NUDGE.replace("1h", "2h")})
    assert [(row.journey, row.how, row.runs) for row in changed.impact.runs] == [("nudge", "changed", 1)]
    gone = planned({path: text for path, text in FILES.items() if "nudge" not in path})
    assert [(row.journey, row.how, row.runs) for row in gone.impact.runs] == [("nudge", "removed", 1)]


def test_new_counters_say_what_they_are_filled_from(planned: Callable[..., Plan]) -> None:
    plan = planned(with_segments('did("Order Completed")', "did('Cart Viewed')"), kept_since=NOON)
    assert (plan.impact.filled, plan.impact.kept_since) == (("Cart Viewed",), NOON)
    kept = planned(FILES | {"journeys/nudge.yaml": NUDGE.replace("1h", "2h")}, kept_since=NOON)
    assert (kept.impact.filled, kept.impact.kept_since) == ((), None)


def test_other_words_move_nobody_and_history_is_not_read(planned: Callable[..., Plan], world: World) -> None:
    past = Replayed(world)
    past.sent = past.compare  # type: ignore[method-assign,assignment]  # Would fail if it were asked.
    files = FILES | {"messages/note.yaml": NOTE.replace("subject: Hello", "subject: Good day")}
    plan = planned(files, past=past)
    assert plan.changes.summary() == "1 message changed"
    assert plan.impact.days == 0
    layout = planned(FILES | {"segments.yaml": SEGMENTS + "# A comment.\n"}, past=past)
    assert (layout.files, layout.changes.edits, layout.nothing_to_do) == (("segments.yaml",), (), False)


def test_files_that_cannot_run_come_back_with_their_problems(planned: Callable[..., Plan]) -> None:
    plan = planned(with_segments("did(", "dit("))
    assert "dit" in plan.problems[0].text
    assert not plan.nothing_to_do
    assert plan.changes.edits == ()


def test_a_plan_is_named_by_the_version_and_the_files(planned: Callable[..., Plan], world: World) -> None:
    one, other = planned(with_segments(">= 2", ">= 3")), planned(with_segments(">= 2", ">= 4"))
    assert one.id == planned(with_segments(">= 2", ">= 3"), days=0).id
    assert one.id != other.id
    assert msgspec.json.decode(msgspec.json.encode(one), type=Plan) == one
