"""A history shows each event once, under the living customer it belongs to, as of one position of the log."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.decide.test_replayed import EVENTS, PAUSES
from tests.decide.world import World
from tests.run.test_parked import failing

from habitue.analyze import population as population_module
from habitue.analyze.history import History
from habitue.analyze.population import Population
from habitue.errors import HabitueError
from habitue.model.customer import customer_id
from habitue.model.event import CUSTOMER_ERASED, IDENTIFIED, Event
from habitue.model.instant import DAY, MINUTE
from habitue.run.ports import Met
from habitue.store.archive import Archive
from habitue.store.memory import MemoryDeliveries, MemoryStore

COUNTING = {"segments.yaml": "many: {title: Many, condition: 'count(\"Product Viewed\") >= 1000'}"}
ANA, BEN, TABLET = customer_id("user", "ana"), customer_id("user", "ben"), customer_id("anonymous", "tablet")
GUEST = {"email": "guest@example.com"}


class Shop(World):
    """A world whose events are archived when a test says so."""

    def __init__(self, folder: Path) -> None:
        super().__init__(COUNTING)
        self.folder = folder
        self.deliveries = MemoryDeliveries()
        self.archive = Archive(folder, rows_max=20, parts_max=4)

    def archives(self) -> None:
        while self.archive.once(self.log, self.store, self.deliveries).more:
            pass

    def crashes(self) -> None:
        """The archive's memory is gone, and its progress is what the disk says."""
        os.close(self.archive._claim)
        self.archive = Archive(self.folder, rows_max=20, parts_max=4)

    def history(self, population: Population | None = None) -> History:
        return History(self.folder, self.log, self.store, threads=1, population=population)

    def seen(self) -> dict[str | None, int]:
        """How many products each has looked at, as SQL has it."""
        with self.history() as history:
            return dict(history.ask("SELECT customer, count(*) FROM events WHERE name = 'Product Viewed' GROUP BY ALL"))  # type: ignore[arg-type]

    def columns(self) -> dict[int, str | None]:
        """The archive's own column, as any tool reads it."""
        with History.of_folder(self.folder) as history:
            return dict(history.ask("SELECT position, customer FROM events"))  # type: ignore[arg-type]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = Shop(tmp_path / "archive")
    yield shop
    shop.archive.close()


def test_the_columns_are_there_with_their_types(shop: Shop) -> None:
    shop.happens("Product Viewed", "ana", price=5)
    shop.archives()
    shop.happens("Product Viewed", "ana", price=7)
    with shop.history() as history:
        assert history.ask("SELECT column_name, column_type FROM (DESCRIBE events)") == [
            ("position", "BIGINT"),
            ("date", "DATE"),
            ("customer", "VARCHAR"),
            ("name", "VARCHAR"),
            ("occurred_at", "BIGINT"),
            ("received_at", "BIGINT"),
            ("event_id", "VARCHAR"),
            ("type", "VARCHAR"),
            ("source", "VARCHAR"),
            ("properties", "VARCHAR"),
            ("traits", "VARCHAR"),
            ("context", "VARCHAR"),
            ("anonymous_id", "VARCHAR"),
            ("previous_id", "VARCHAR"),
            ("identifiers", "VARCHAR"),
        ]
        rows = history.ask("SELECT position, date::VARCHAR, received_at, properties->>'price' FROM events ORDER BY 1")
        now = shop.clock.now()
        assert rows == [(0, "2026-05-28", now, None), (1, "2026-05-28", now, "5"), (2, "2026-05-28", now, "7")]
        assert (history.position, history.at) == (2, now)


def test_a_visitor_counts_for_whom_she_became_whether_archived_or_not(shop: Shop) -> None:
    shop.happens("Product Viewed", None, "phone")
    shop.archives()
    shop.happens("Product Viewed", None, "phone")
    assert shop.seen() == {customer_id("anonymous", "phone"): 2}
    shop.happens(IDENTIFIED, "ana", "phone")
    assert shop.seen() == {ANA: 2}
    shop.archives()
    assert shop.seen() == {ANA: 2}


def test_an_event_that_names_nobody_she_was_known_by_is_hers_by_her_address(shop: Shop) -> None:
    shop.happens(IDENTIFIED, "ana", identifiers=GUEST)
    shop.happens("Product Viewed", None, identifiers=GUEST)
    shop.archives()
    assert shop.columns()[2] == ANA


def test_a_device_that_moved_leaves_what_was_done_on_it_with_whom_did_it(shop: Shop) -> None:
    token = {"push": "ios:1"}
    for who in ("ana", "ben"):
        shop.happens(IDENTIFIED, who, identifiers=token)
        shop.happens("Product Viewed", None, identifiers=token)
        shop.archives()
    assert shop.seen() == {ANA: 1, BEN: 1}


def test_a_chain_of_joins_leads_to_the_living(shop: Shop) -> None:
    shop.happens("Product Viewed", None, "phone")
    shop.happens("Product Viewed", None, "phone", identifiers=GUEST)
    shop.happens("Product Viewed", None, "tablet", identifiers=GUEST)
    shop.archives()
    shop.happens(IDENTIFIED, "ana", identifiers=GUEST)
    assert shop.seen() == {ANA: 3}


def test_a_split_gives_each_half_its_own_again(shop: Shop) -> None:
    shop.meet("ana", "phone")
    shop.happens("Product Viewed", None, "tablet")
    shop.happens("Product Viewed", "ana", "tablet")
    shop.happens("Product Viewed", None, "tablet")
    shop.archives()
    assert shop.seen() == {ANA: 3}
    shop.split(ANA, TABLET)
    assert shop.seen() == {ANA: 1, TABLET: 2}
    shop.archives()
    assert shop.seen() == {ANA: 1, TABLET: 2}
    assert Counter(shop.columns().values())[TABLET] == 2


def test_what_she_did_on_a_device_that_moved_on_stays_hers_when_she_is_split(shop: Shop) -> None:
    token = {"push": "ios:1"}
    shop.happens(IDENTIFIED, "ana", "phone", identifiers=token)
    shop.happens("Product Viewed", None, identifiers=token)
    shop.happens("Product Viewed", None, "tablet")
    shop.happens("Product Viewed", "ana", "tablet")
    shop.happens(IDENTIFIED, "ben", identifiers=token)
    shop.split(ANA, TABLET)
    assert shop.seen() == {ANA: 2, TABLET: 1}
    assert list(shop.customer("ana").counters.values()) == [2]


def test_what_an_id_did_before_it_met_the_part_stays_with_the_whole(shop: Shop) -> None:
    shop.happens("Product Viewed", None, identifiers=GUEST)
    [guest] = [one.id for one in shop.people()]
    shop.happens(IDENTIFIED, "ana", identifiers=GUEST)
    shop.happens("Product Viewed", None, "laptop")
    shop.happens("Product Viewed", None, "laptop", identifiers=GUEST)
    shop.archives()
    shop.split(ANA, guest)
    for _ in range(2):
        assert shop.seen() == {ANA: 1, guest: 2}
        shop.archives()
    assert list(shop.customer("ana").counters.values()) == [1]


def test_what_queues_behind_a_parked_customer_is_hers(shop: Shop) -> None:
    shop.happens("Product Viewed", "ana")
    with failing(ANA):
        shop.happens("Product Viewed", "ana")
        shop.happens("Product Viewed", "ben")
    assert shop.seen() == {ANA: 2, BEN: 1}
    shop.archives()
    shop.happens("Product Viewed", "ana")
    assert shop.seen() == {ANA: 3, BEN: 1}
    shop.retry("ana")
    shop.archives()
    assert shop.seen() == {ANA: 3, BEN: 1}


def test_whoever_fails_in_her_first_step_has_her_events_and_is_somebody_once_she_goes_on(shop: Shop) -> None:
    with failing(ANA):
        shop.happens("Product Viewed", "ana")
    at = shop.clock.now()
    shop.clock.instant += DAY
    shop.archives()
    assert shop.seen() == {ANA: 1}
    shop.retry("ana")
    with shop.history() as history:
        assert history.ask("FROM people") == [(ANA, at)]


def test_controls_belong_to_nobody(shop: Shop) -> None:
    shop.happens("Product Viewed")
    shop.archives()
    assert shop.columns() == {0: None, 1: ANA}


def test_what_the_decide_loop_has_not_absorbed_is_not_there_yet(shop: Shop) -> None:
    shop.happens("Product Viewed")
    shop.log.append([shop.event("Product Viewed")])
    shop.archives()
    assert shop.seen() == {ANA: 1}
    assert sorted(shop.columns()) == [0, 1]
    shop.turn()
    assert shop.seen() == {ANA: 2}
    shop.archives()
    assert sorted(shop.columns()) == [0, 1, 2]


def test_people_are_there_from_the_first_thing_any_half_of_them_did(shop: Shop) -> None:
    began = shop.clock.now()
    shop.happens("Product Viewed", None, "phone")
    shop.passes(MINUTE)
    shop.happens("Product Viewed", "ben")
    shop.passes(MINUTE)
    shop.happens(IDENTIFIED, "ana", "phone")
    population = Population()
    with shop.history(population) as history:
        assert sorted(history.ask("FROM people")) == sorted([(ANA, began), (BEN, began + MINUTE)])
    shop.happens(IDENTIFIED, "ben", identifiers=GUEST)
    shop.happens("Product Viewed", "cleo")
    with shop.history(population) as history:
        assert len(history.ask("FROM people")) == 3


def test_whoever_changes_while_people_are_read_is_one_person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(population_module, "ROWS_PER_READ", 2)
    rows = [Met(1, "phone", 5, None), Met(2, "ana", 6, None), Met(3, "ben", 7, None), Met(4, "phone", 5, "ana")]

    class Trails(MemoryStore):
        def met(self, after: int, limit: int) -> list[Met]:
            return [one for one in rows if one.change > after][:limit]

    population = Population()
    for _ in range(2):
        living, joined = population.people(Trails())
        assert sorted(living.to_pylist(), key=str) == [
            {"customer": "ana", "first_received_at": 5},
            {"customer": "ben", "first_received_at": 7},
        ]
        assert joined.to_pylist() == [{"customer": "phone", "living": "ana"}]


def test_whoever_is_erased_is_not_among_the_people(shop: Shop) -> None:
    shop.happens("Product Viewed", "ana")
    shop.happens("Product Viewed", "ben")
    shop.archives()
    order = {"customer": ANA, "erasure": 1}
    at = shop.clock.now()
    shop.log.append(
        [Event(id="e", source="habitue", type="control", name=CUSTOMER_ERASED, occurred_at=at, properties=order)]
    )
    shop.turn()
    shop.archives()
    shop.happens("Product Viewed", "ana")
    with shop.history() as history:
        assert {row[0] for row in history.ask("FROM people")} == {ANA, BEN}
    shop.archives()
    assert shop.columns()[4] == ANA


def test_an_archive_from_before_is_put_right_once(shop: Shop) -> None:
    shop.happens("Product Viewed", None, "phone", identifiers=GUEST)
    shop.happens("Product Viewed", "ana")
    shop.archives()
    right = shop.columns()
    for part in sorted(shop.folder.glob("events/*/*.parquet")):
        _spoil(part)
    progress = shop.folder / "progress.json"
    old = msgspec.json.decode(progress.read_bytes())
    old["events"]["done"] = old["events"]["doing"]
    del old["chunk"]
    progress.write_bytes(msgspec.json.encode(old))
    assert shop.columns() != right
    with pytest.raises(HabitueError, match="under whom they named"):
        shop.history()
    shop.crashes()
    shop.happens("Product Viewed", "ana")
    shop.archives()
    assert shop.columns() == right | {3: ANA}
    assert shop.seen() == {ANA: 2, right[1]: 1}


def _spoil(part: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(part, partitioning=None)
    place = table.column_names.index("customer")
    pq.write_table(table.set_column(place, "customer", pa.array(["somebody"] * len(table), pa.string())), part)


def test_parts_that_vanish_are_listed_anew(shop: Shop) -> None:
    for _ in range(3):
        shop.happens("Product Viewed")
        shop.archives()
    with shop.history() as history:
        assert history.position == 3
        for _ in range(10):
            shop.happens("Product Viewed")
            shop.archives()
        assert history.ask("SELECT count(*), count(DISTINCT position), max(position) FROM events") == [(4, 4, 3)]


def test_it_reads_its_own_archive_and_nothing_else(shop: Shop, tmp_path: Path) -> None:
    import duckdb

    shop.happens("Product Viewed")
    shop.archives()
    (tmp_path / "secret.csv").write_text("a,b")
    with shop.history() as history:
        for attempt in (
            f"FROM read_csv('{tmp_path}/secret.csv')",
            f"COPY (SELECT 1) TO '{tmp_path}/stolen.csv'",
            f"ATTACH '{tmp_path}/new.db'",
            "INSTALL httpfs",
            "SET enable_external_access = true",
        ):
            with pytest.raises(duckdb.Error):
                history.ask(attempt)


ACTS = st.one_of(
    EVENTS,
    EVENTS,
    EVENTS,
    PAUSES,
    st.tuples(st.just("split"), st.integers(0, 5)),
    st.just("archive"),
    st.just("crash"),
    st.just("park"),
    st.just("unpark"),
)


@settings(max_examples=20)
@given(st.lists(ACTS, min_size=10, max_size=40))
def test_any_history_of_joining_splitting_and_parking_shows_what_each_customer_counted(acts: list[object]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shop = Shop(Path(folder))
        population = Population()
        for number, act in enumerate(acts):
            _live(shop, act)
            if number % 8 == 7:
                _check(shop, population)
        _live(shop, "unpark")
        _check(shop, population)
        shop.archives()
        _check(shop, population)
        shop.archive.close()


PARKED = {"ana": ANA, "ben": BEN}


def _live(shop: Shop, act: object) -> None:
    match act:
        case int():
            shop.passes(act)
        case "archive":
            shop.archives()
        case "crash" if (shop.folder / "progress.json").exists():
            shop.crashes()
        case "park":
            with failing(ANA):
                shop.happens("Product Viewed", "ana", "d1")
        case "unpark":
            for who, one in PARKED.items():
                if one in shop.store.parked_ids():
                    shop.passes(MINUTE)
                    shop.retry(who)
        case ("split", int(number)):
            merges = [(one.id, part) for one in shop.people() for part in one.merged_ids]
            if merges:
                shop.passes(MINUTE)
                shop.split(*merges[number % len(merges)])
        case (str(name), who, device, dict(identifiers), int(ago)) if who or device or identifiers:
            shop.happens(name, who, device, identifiers=identifiers, ago=ago, product_id="P1")


def _check(shop: Shop, population: Population) -> None:
    """Of everybody who is not parked, SQL counts what she counted; and no event is missing or there twice."""
    parked = shop.store.parked_ids()
    with shop.history(population) as history:
        seen = dict(history.ask("SELECT customer, count(*) FROM events WHERE name = 'Product Viewed' GROUP BY ALL"))
        positions = [row[0] for row in history.ask("SELECT position FROM events ORDER BY position")]
        people = {row[0]: row[1] for row in history.ask("FROM people")}
        began = dict(
            history.ask("SELECT customer, min(received_at) FROM events WHERE customer IS NOT NULL GROUP BY ALL")
        )
    assert positions == list(range(shop.log.position() + 1))
    living = [one for one in shop.people() if one.id not in parked]
    assert {one.id: sum(one.counters.values()) for one in living if one.counters} == {
        one.id: seen[one.id] for one in living if one.id in seen
    }
    assert {one.id for one in living if one.position >= 0} <= people.keys()
    assert all(people[one] <= at for one, at in began.items() if one in people)
