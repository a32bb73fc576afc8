"""Random pasts of several people, and conditions about them, answered three ways: live, by SQL, and by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import msgspec
from hypothesis import strategies as st
from tests.decide.conditions.histories import (
    MANY_CURRENCIES,
    SHOP_ZONE,
    _logic,
    edges,
    fact_conditions,
    histories,
    orders,
    plain_conditions,
)
from tests.decide.conditions.oracle import Person
from tests.decide.conditions.test_facts import GAP, shopping

from habitue.analyze.asking import Asking
from habitue.analyze.history import History
from habitue.analyze.intervals import intervals
from habitue.analyze.members import Reader
from habitue.analyze.points import at_points
from habitue.decide import counters, identity
from habitue.decide.conditions import Compiler
from habitue.decide.outcome import Outcome
from habitue.decide.profile import put_facts
from habitue.decide.profile.consent_words import put_consents
from habitue.decide.profile.exchange import in_shop_currency
from habitue.model.customer import Customer
from habitue.model.event import Record
from habitue.model.instant import DAY, HOUR, Instant
from habitue.model.trust import Level
from habitue.playbook.conditions import Condition
from habitue.playbook.conditions.tree import (
    Affinity,
    Aggregate,
    And,
    Arithmetic,
    Bucket,
    Change,
    Choices,
    Compare,
    Consents,
    Constant,
    EntryProperty,
    Fact,
    InSegment,
    Node,
    Not,
    Occasion,
    Or,
    Product,
    Reachable,
    RunKey,
    Test,
    Trait,
)
from habitue.playbook.playbook import Channel, Playbook, Segment

PEOPLE = ("ana", "ben", "cleo", "dora")


class Case(NamedTuple):
    """`past`: who, and what she is told to have done, in order of reception. `segment` is that of `lookers`."""

    trees: list[Node]
    segment: Node
    past: list[tuple[str, Record]]

    @property
    def playbook(self) -> Playbook:
        condition = Condition("lookers", self.segment)
        return Playbook(
            name="test",
            shop=MANY_CURRENCIES,
            channels={"email": Channel(name="email"), "onsite": Channel(name="onsite", consent="implied")},
            segments={"lookers": Segment(name="lookers", title="Lookers", condition=condition)},
        )

    def of(self, who: str) -> list[Record]:
        return [record for name, record in self.past if name == who]

    def instants(self, who: str) -> list[Instant]:
        """When she was heard of, and where a window of hers turns, with a microsecond to both sides."""
        records = self.of(who)
        turns = edges([*self.trees, self.segment], [record.event for record in records])
        heard = (record.received_at + nudge for record in records for nudge in (-1, 0, 1))
        rested = (
            record.event.occurred_at + record.event.properties["days"] * DAY + nudge
            for record in records
            if record.event.name == "Messages Paused"
            for nudge in (-1, 0)
        )
        over = (record.event.occurred_at + GAP + nudge for record in records for nudge in (0, 1))
        return sorted({*turns, *heard, *over, *rested})


# --- the three answers ---


def live(case: Case, who: str, instants: list[Instant]) -> Iterator[tuple[bool, ...]]:
    playbook = case.playbook
    segments = {name: segment.condition for name, segment in playbook.segments.items()}
    compiler = Compiler(segments, playbook)
    checks = [compiler.condition(Condition("", tree)) for tree in case.trees]
    leaves = compiler.leaves_by_event
    waiting, customer = case.of(who)[::-1], Customer(id=who)
    for at in instants:
        while waiting and waiting[-1].received_at <= at:
            record = waiting.pop()
            absorb(customer, record, playbook)
            counters.absorb(leaves.get(record.event.name, ()), customer.counters, record.event, record.position)
        yield tuple(check.evaluate(customer, at)[0] for check in checks)


def lived(case: Case, who: str, until: Instant) -> Iterator[list[tuple[Instant, Instant | None]]]:
    """Of each condition, when it came to be true and when it ceased, as timers and events go in `decide.step`."""
    playbook = case.playbook
    segments = {name: segment.condition for name, segment in playbook.segments.items()}
    for tree in case.trees:
        compiler = Compiler(segments, playbook)
        check = compiler.condition(Condition("", tree))
        customer, due, crossings = Customer(id=who), None, []
        for record in (*case.of(who), None):
            now = until + 1 if record is None else record.received_at
            while due is not None and due < now:
                truth, following = check.evaluate(customer, due)
                crossings.append((due, truth))
                due = following
            if record is None or record.received_at > until:
                break
            absorb(customer, record, playbook)
            counters.absorb(
                compiler.leaves_by_event.get(record.event.name, ()), customer.counters, record.event, record.position
            )
            truth, due = check.evaluate(customer, now)
            crossings.append((now, truth))
        yield _runs(dict(crossings))


def _runs(truths: dict[Instant, bool]) -> list[tuple[Instant, Instant | None]]:
    """The last answer of an instant counts."""
    found: list[tuple[Instant, Instant | None]] = []
    for at, truth in sorted(truths.items()):
        is_member = bool(found) and found[-1][1] is None
        if truth and not is_member:
            found.append((at, None))
        elif is_member and not truth:
            found[-1] = (found[-1][0], at)
    return found


def by_hand(case: Case, who: str, instants: list[Instant]) -> Iterator[tuple[bool, ...]]:
    for at in instants:
        known = [record for record in case.of(who) if record.received_at <= at]
        customer = Customer(id=who)
        for record in known:
            absorb(customer, record, case.playbook)
        person = Person(
            [record.event for record in known],
            customer.traits,
            segments={"lookers": case.segment},
            timezone=SHOP_ZONE,
            name=who,
        )
        yield tuple(person.holds(tree, at) for tree in case.trees)


def absorb(customer: Customer, record: Record, playbook: Playbook) -> None:
    for kind, value in record.event.identifiers.items():
        identity.note(playbook.identity, customer, kind, value, record.event.occurred_at)
    identity.link(customer, record.event.anonymous_id)
    outcome = Outcome()
    put_facts(customer, in_shop_currency(record, playbook.shop, outcome), playbook.session_gap, outcome)
    put_consents(customer, record.event, record.received_at)


def by_sql(case: Case, instants: dict[str, list[Instant]]) -> dict[tuple[str, Instant], tuple[bool, ...]]:
    """All at once."""
    values = ", ".join(f"('{who}', {at})" for who, points in instants.items() for at in points)
    with History.of_records(case.past, threads=1) as history:
        asking = Asking(history, case.playbook)
        wanted = tuple(Condition("", tree) for tree in case.trees)
        with at_points(asking, wanted, f"SELECT * FROM (VALUES {values}) points(customer, t)") as asked:
            columns = ", ".join(asked.truths)
            rows = history.ask(f"{asked.tables} SELECT customer, t, {columns} FROM {asked.source}")
    return {(who, at): tuple(answers) for who, at, *answers in rows}


def disagreements(case: Case, *, hand: bool = True) -> tuple[int, list[str]]:
    """How many answers were compared, and what is wrong."""
    instants = {who: points for who in PEOPLE if (points := case.instants(who))}
    if not instants:
        return 0, []
    found, wrong = by_sql(case, instants), []
    for who, points in instants.items():
        lived = list(live(case, who, points))
        handmade = list(by_hand(case, who, points)) if hand else lived
        for at, one, other in zip(points, lived, handmade, strict=True):
            sql = found[who, at]
            for tree, *answers in zip(case.trees, one, other, sql, strict=True):
                if len(set(answers)) > 1:
                    wrong.append(f"{who} at {at}: live, by hand, SQL: {answers} for {tree!r}")
    return sum(map(len, instants.values())) * len(case.trees), wrong


def miscounted(case: Case, at: Instant) -> list[str]:
    """What is wrong with the members of each condition at one instant for all: listed one by one and counted together,
    which go another way than instants of each."""
    there = sorted({who for who, record in case.past if record.received_at <= at})
    lived = {who: next(live(case, who, [at])) for who in there}
    wrong, wanted = [], [[who for who in there if lived[who][place]] for place in range(len(case.trees))]
    conditions = [Condition(str(place), tree) for place, tree in enumerate(case.trees)]
    with History.of_records(case.past, threads=1) as history:
        reader = Reader(history, case.playbook)
        counts = reader.count({condition.text: condition for condition in conditions}, at)
        for condition, who in zip(conditions, wanted, strict=True):
            found = reader.members(condition, at)
            if found != who or counts[condition.text] != len(who):
                counted = counts[condition.text]
                wrong.append(f"at {at}: lived {who}, told {found}, counted {counted} for {condition.tree!r}")
    return wrong


def misremembered(case: Case, until: Instant) -> list[str]:
    """What is wrong with the history of memberships."""
    with History.of_records(case.past, threads=1) as history:
        told = [list(intervals(history, case.playbook, Condition("", tree), until=until)) for tree in case.trees]
    wrong = []
    for who in PEOPLE:
        for tree, wanted, all_told in zip(case.trees, lived(case, who, until), told, strict=True):
            found = [(joined, left) for name, joined, left in all_told if name == who]
            if found != wanted:
                wrong.append(f"{who} until {until}: lived {wanted}, told {found} for {tree!r}")
    return wrong


# --- random pasts and conditions ---

delays = st.sampled_from((0, 0, 0, 0, 1, HOUR, 3 * HOUR, DAY))
words = st.fixed_dictionaries(
    {},
    optional={
        "country": st.sampled_from(("ES", "PT", "", None)),
        "age": st.sampled_from((0, 1, 2.5, "2", "a", True, None)),
        "deep": st.sampled_from(({"er": "a"}, {"er": 2}, {"er": ["a", 2]}, {}, None, "x" * 120)),
    },
)
levels = st.sampled_from((Level.BROWSER, Level.SERVER))
once = st.sampled_from(((), (), (), ("country",), ("age", "country")))


@st.composite
def pasts(draw: st.DrawFn) -> list[tuple[str, Record]]:
    told = []
    for who in PEOPLE:
        events = draw(histories())
        for place, event in enumerate(events):
            if draw(st.integers(0, 4)) == 0:
                properties = {"set_once": list(draw(once))}
                event = msgspec.structs.replace(
                    event,
                    type="identify",
                    name="Identified",
                    traits=draw(words),
                    properties=properties,
                    level=draw(levels),
                )
            told.append((event.occurred_at + draw(delays), place, who, event))
    # Received in the order of time; of one instant, in any.
    told.sort(key=lambda one: one[:2])
    return [(who, Record(place, received, event)) for place, (received, _, who, event) in enumerate(told)]


def of_customers(node: Node) -> Node:
    """The same, asked of a customer and not of a run."""
    match node:
        case EntryProperty(path=path):
            return Trait(path)
        case Affinity(of=of, value=value) if value is not None:
            return Affinity(of, of_customers(value))
        case RunKey():
            return Trait(("age",))
        case And(items=items):
            return And(tuple(of_customers(item) for item in items))
        case Or(items=items):
            return Or(tuple(of_customers(item) for item in items))
        case Not(item=item):
            return Not(of_customers(item))
        case Compare(left=left, operator=operator, right=right):
            return Compare(of_customers(left), operator, of_customers(right))
        case Arithmetic(left=left, operator=sign, right=right):
            return Arithmetic(of_customers(left), sign, of_customers(right))
    return node


bought = st.builds(
    Compare,
    st.sampled_from(
        (
            Aggregate("count", "Product Viewed", within=DAY),
            Aggregate("sum", "Order Completed", ("total",)),
            Aggregate("last", "Product Viewed", ("price",)),
            Change("size", Trait(("interests",))),
            Aggregate("distinct", "Product Viewed", ("category",), within=30 * DAY),
        )
    ),
    orders,
    st.builds(Constant, st.sampled_from((0, 1, 2.5, 10))),
)
asides = st.one_of(
    bought,
    st.builds(Bucket, st.sampled_from(("spring", "it's")), st.just(0), st.sampled_from((12.5, 50, 100))),
    st.sampled_from(
        (
            Consents("email"),
            Consents("email", "news"),
            Fact("consent", "ads"),
            Fact("pause", "is_on"),
            Test("starts_with", Trait(("city",)), Constant("Ma")),
            Test("has_any", Trait(("interests",)), Choices(("mugs", 2))),
            Test("has_all", Trait(("interests",)), Choices(("mugs", 2))),
            Compare(Change("lower", Trait(("city",))), "==", Constant("malmö")),
            Compare(Product(Constant("p1"), "price"), ">=", Constant(2.5)),
            Reachable("email"),
            Reachable("onsite"),
            Occasion("christmas"),
            Occasion("christmas", 30 * DAY),
            InSegment("lookers"),
        )
    ),
)
mixed = _logic(st.one_of(fact_conditions.map(of_customers), asides), 5)
about_her = st.fixed_dictionaries(
    {},
    optional={
        "city": st.sampled_from(("Madrid", "MALMÖ", "Istanbul", "", None)),
        "interests": st.sampled_from((["mugs", 2], ["mugs"], [], "mugs", None)),
        "email": st.sampled_from(("ana@x.example", "ana@y.example", "ana@example.com", "", None)),
        "country": st.sampled_from(("ES", "Deutschland", None)),
    },
)
addresses = st.sampled_from(("ana@x.example", "Ana@Y.example"))
addressed = st.fixed_dictionaries({}, optional={"email": addresses})
contexts = st.sampled_from(
    (
        {},
        {},
        {},
        {"gpc": True},
        {"timezone": "Asia/Tokyo"},
        {"consent": {"categoryPreferences": {"Advertising": False}}},
    )
)


said_currencies = st.sampled_from(({}, {}, {"currency": "EUR"}, {"currency": "JPY"}, {"currency": "KRW"}))


@st.composite
def shopping_pasts(draw: st.DrawFn) -> list[tuple[str, Record]]:
    told = []
    for who in PEOPLE:
        for place, event in enumerate(draw(shopping(size=12))):
            kind = draw(st.integers(0, 8))
            event = msgspec.structs.replace(event, context=draw(contexts))
            if kind == 0:
                event = msgspec.structs.replace(
                    event, type="identify", name="Identified", traits=draw(about_her), level=draw(levels)
                )
            elif kind == 1:
                said = draw(st.sampled_from(("Consent Granted", "Consent Withdrawn", "Email Marked as Spam")))
                topic = draw(st.sampled_from(("", "news")))
                about = {"channel": "email", "topic": topic, **draw(addressed)}
                event = msgspec.structs.replace(event, name=said, properties=about)
            elif kind == 2:
                event = msgspec.structs.replace(
                    event, anonymous_id=f"device of {who}", identifiers={"email": f"{who}@example.com"}
                )
            elif kind == 3:
                said = draw(st.sampled_from(("Messages Paused", "Messages Paused", "Messages Resumed")))
                event = msgspec.structs.replace(event, name=said, properties={"days": draw(st.sampled_from((1, 30)))})
            elif kind == 4:
                opened = {"machine": draw(st.booleans()), **draw(addressed)}
                event = msgspec.structs.replace(event, name="Email Link Clicked", source="habitue", properties=opened)
            event = msgspec.structs.replace(
                event,
                level=draw(st.sampled_from((Level.SERVER, Level.BROWSER))),
                properties={**event.properties, **draw(said_currencies)},
            )
            told.append((event.occurred_at + draw(delays), place, who, event))
    told.sort(key=lambda one: one[:2])
    return [(who, Record(place, received, event)) for place, (received, _, who, event) in enumerate(told)]


shopping_cases = st.builds(Case, st.lists(mixed, min_size=6, max_size=12), bought, shopping_pasts())
several = st.lists(plain_conditions.map(of_customers), min_size=8, max_size=16)
cases = st.builds(Case, several, plain_conditions.map(of_customers), pasts())
