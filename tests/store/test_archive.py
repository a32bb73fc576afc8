"""The archive shows every event once, whatever happens to who writes it, and any tool can read it meanwhile."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import duckdb
import msgspec
import pytest

from habitue.model.decision import Decision
from habitue.model.delivery import DeliveryState
from habitue.model.effect import Send
from habitue.model.event import Event
from habitue.model.instant import DAY, HOUR
from habitue.model.reason import Outcome, Reason
from habitue.run.ports import Commit, CustomerRow
from habitue.store.archive import Archive, Archived, folder, read_events
from habitue.store.failures import StoreBusy
from habitue.store.memory import MemoryDeliveries, MemoryLog, MemoryStore

MORNING = 20_000 * DAY + 9 * HOUR


class HandClock:
    def __init__(self) -> None:
        self.instant = MORNING

    def now(self) -> int:
        return self.instant


class Shop:
    """A log, a state and an outbox, and the archive that is kept of them."""

    def __init__(self, directory: Path, **options: int) -> None:
        self.clock = HandClock()
        self.log = MemoryLog(self.clock)
        self.store = MemoryStore()
        self.deliveries = MemoryDeliveries()
        self.directory = directory
        self.options = options
        self.archive = Archive(directory, **options)

    def once(self, customer: str = "ana") -> Archived:
        """The decide loop absorbs what there is as this customer's, then it is archived."""
        self.absorb(customer)
        return self.archive.once(self.log, self.store, self.deliveries)

    def absorb(self, customer: str = "ana") -> None:
        position = self.store.position()
        if self.log.position() > position:
            rows = [CustomerRow(customer, b"", None, "")]
            records = self.log.scan(after=position)
            tail = [(customer, one.position, 1) for one in records if one.event.type != "control"]
            self.store.commit(Commit(position=self.log.position(), now=1, customers=rows, tail=tail))

    def crash(self) -> None:
        """Forget all that was in memory, as a killed process does."""
        os.close(self.archive._claim)
        self.archive = Archive(self.directory, **self.options)

    def happen(self, *names: str) -> None:
        self.log.append([seen(name) for name in names])

    def positions(self) -> list[int]:
        return [row[0] for row in self.ask("select position from '{}/events/**/*.parquet' order by position")]

    def ask(self, query: str) -> list[tuple[object, ...]]:
        return duckdb.connect().execute(query.format(self.directory)).fetchall()

    def parts(self, kind: str = "events") -> list[Path]:
        return sorted(self.directory.glob(f"{kind}/date=*/*.parquet"))


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = Shop(tmp_path / "archive", parts_max=4)
    yield shop
    shop.archive.close()


def seen(name: str, **more: object) -> Event:
    given = {"occurred_at": MORNING - 7, "user_id": "ana"} | more
    return Event(id=name, source="web", type="track", name="Product Viewed", **given)  # type: ignore[arg-type]


def sent(number: int, at: int) -> Decision:
    return Decision(
        id=f"d{number}", customer="ana", at=at, outcome=Outcome.SENT, reason=Reason.ALLOWED, detail={"cap": number}
    )


def send(name: str) -> Send:
    return Send(
        id=name,
        customer="ana",
        at=1,
        expires_at=9,
        journey="cart",
        run="r1",
        step="ask",
        version=1,
        message="mail",
        channel="email",
        address="ana@example.com",
        topic="offers",
    )


def test_what_happened_can_be_asked_for_with_plain_duckdb(shop: Shop) -> None:
    event = seen("m1", properties={"price": 12.5, "name": "Owl “Ulla”"}, context={"page": {"path": "/owl"}})
    shop.log.append([event])
    assert shop.once().events == 1
    rows = shop.ask(
        "select position, epoch_us(received_at), epoch_us(occurred_at), name, customer, date::text, "
        "properties->>'price' from '{}/events/**/*.parquet'"
    )
    day = "2024-10-04"
    assert rows == [(0, MORNING, MORNING - 7, "Product Viewed", "ana", day, "12.5")]


def test_records_come_back_exactly_as_the_log_has_them(shop: Shop) -> None:
    shop.log.append(
        [
            seen("m1", properties={"n": 1, "f": 1.0, "big": 2**53 + 1, "list": [None, True, {"ü": "🦉"}]}),
            seen("m2", user_id=None, anonymous_id="a-1", traits={"email": "ana@example.com"}),
            Event(
                id="m3", source="habitue", type="alias", name="Aliased", occurred_at=-5, previous_id="o", user_id="x"
            ),
            Event(id="m4", source="habitue", type="control", name="Playbook Applied", occurred_at=5),
        ]
    )
    shop.clock.instant += 3 * DAY
    shop.happen("m5")
    shop.once()
    assert list(read_events(shop.directory)) == list(shop.log.scan())


def test_reading_is_bounded_by_reception_and_position(shop: Shop) -> None:
    for name in ("m0", "m1", "m2", "m3"):
        shop.happen(name)
        shop.once()
        shop.clock.instant += DAY
    found = read_events(shop.directory, since=MORNING + 1, until=MORNING + 3 * DAY)
    assert [record.position for record in found] == [1, 2]
    assert [record.position for record in read_events(shop.directory, after=2)] == [3]
    assert list(read_events(shop.directory / "elsewhere")) == []


def test_decisions_and_deliveries_are_kept_too(shop: Shop) -> None:
    shop.store.commit(
        Commit(position=0, now=1, decisions=[sent(1, MORNING), sent(2, MORNING - 9 * DAY), sent(3, MORNING)])
    )
    shop.deliveries.take_in([(1, send("a")), (2, send("b"))], MORNING)
    assert shop.once() == Archived(events=0, decisions=3, deliveries=2, merged=0, more=False)
    rows = shop.ask("select sequence, outcome, detail, date::text from '{}/decisions/**/*.parquet' order by sequence")
    assert rows == [
        (1, "sent", '{"cap":1}', "2024-10-04"),
        (2, "sent", '{"cap":2}', "2024-09-25"),
        (3, "sent", '{"cap":3}', "2024-10-04"),
    ]

    waiting = shop.deliveries.get("a")
    assert waiting is not None
    shop.deliveries.finish([msgspec.structs.replace(waiting, state=DeliveryState.FAILED, reason="passing")])
    assert shop.once().deliveries == 1
    latest = (
        "select delivery_id, state, reason from '{}/deliveries/**/*.parquet' "
        "qualify row_number() over (partition by delivery_id order by change desc) = 1 order by delivery_id"
    )
    assert shop.ask(latest) == [("a", "failed", "passing"), ("b", "waiting", None)]


def test_nothing_new_writes_nothing(shop: Shop) -> None:
    shop.happen("m1")
    shop.once()
    before = {path: path.stat().st_mtime_ns for path in shop.directory.rglob("*")}
    assert shop.once() == Archived(events=0, decisions=0, deliveries=0, merged=0, more=False)
    assert {path: path.stat().st_mtime_ns for path in shop.directory.rglob("*")} == before


def test_a_backlog_is_taken_in_several_steps(tmp_path: Path) -> None:
    shop = Shop(tmp_path, rows_max=3)
    shop.happen(*"abcdefgh")
    assert [shop.once().more for _ in range(4)] == [True, True, False, False]
    assert shop.positions() == list(range(8))


def test_many_small_parts_become_few(shop: Shop) -> None:
    for number in range(60):
        shop.happen(f"m{number}")
        shop.once()
    assert len(shop.parts()) <= 5
    assert shop.positions() == list(range(60))
    assert [record.event.id for record in read_events(shop.directory)] == [f"m{number}" for number in range(60)]


def test_a_day_that_is_over_becomes_one_file(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("m0", "m1", "m2"):
        shop.happen(name)
        shop.once()
    shop.clock.instant += DAY
    shop.happen("m3")
    shop.once()
    assert len(shop.parts()) == 4
    monkeypatch.setattr(folder, "QUIET_SECONDS", -1)
    assert shop.archive.tidy() == 3
    assert [path.name for path in shop.parts()] == [
        "000000000000000-000000000000002.parquet",
        "000000000000003-000000000000003.parquet",
    ]
    shop.crash()
    shop.once()
    assert shop.positions() == [0, 1, 2, 3]


def test_a_day_may_be_moved_away_while_the_archive_is_kept(shop: Shop, tmp_path: Path) -> None:
    for number in range(3):
        shop.happen(f"m{number}")
        shop.once()
    shop.parts()[0].parent.rename(tmp_path / "elsewhere")
    for number in range(3, 20):
        shop.happen(f"m{number}")
        shop.once()
    assert shop.positions() == list(range(3, 20))


class Killed(Exception):
    """The process died here."""


def kill_at(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """Die at the n-th time that anything is made durable: before each such moment the disk looks different."""
    left = [count]

    def dying(path: Path) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Killed
        original(path)

    original = folder._sync_file
    monkeypatch.setattr(folder, "_sync_file", dying)
    monkeypatch.setattr(folder, "_sync_directory", dying)


@pytest.mark.parametrize("moment", range(40))
def test_a_crash_at_any_moment_loses_nothing_and_doubles_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    for number in range(4):  # Four parts lie there: the next step merges.
        shop.happen(f"m{number}")
        shop.deliveries.take_in([(number, send(f"s{number}"))], MORNING)
        shop.once()
    shop.happen("m4", "m5")
    shop.clock.instant += DAY
    shop.happen("m6")
    shop.store.commit(Commit(position=6, now=1, decisions=[sent(at, MORNING + at * DAY) for at in (1, 0, 1, 2)]))

    with monkeypatch.context() as patched:
        kill_at(patched, moment)
        with suppress(Killed):
            shop.once()
    assert len(set(shop.positions())) == len(shop.positions()), "a row is there twice before anybody cleaned up"
    shop.deliveries.begin(["s0"], MORNING + DAY)
    shop.crash()
    shop.happen("m7")
    shop.once()
    shop.once()
    assert shop.positions() == list(range(8))
    assert shop.ask("select sequence from '{}/decisions/**/*.parquet' order by 1") == [(1,), (2,), (3,), (4,)]
    changes = shop.ask("select change from '{}/deliveries/**/*.parquet' order by 1")
    assert len(set(changes)) == len(changes)
    assert changes[-1] == (5,)


def test_a_failed_step_is_taken_again_by_the_same_process(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.happen("m0")
    with monkeypatch.context() as patched:
        kill_at(patched, 3)
        with pytest.raises(Killed):
            shop.once()
    shop.happen("m1")
    shop.once()
    shop.once()
    assert shop.positions() == [0, 1]


def test_where_directories_cannot_be_exchanged_they_are_renamed(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder.ctypes, "CDLL", lambda *_, **__: object())
    for number in range(20):
        shop.happen(f"m{number}")
        shop.once()
    assert len(shop.parts()) <= 5
    assert shop.positions() == list(range(20))


def test_a_day_left_aside_by_a_crash_is_put_back(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    original = os.rename

    def dying(one: Path, other: Path) -> None:
        if ".staging" not in str(other):
            raise Killed
        original(one, other)

    for number in range(4):
        shop.happen(f"m{number}")
        shop.once()
    shop.happen("m4")
    with monkeypatch.context() as patched:
        patched.setattr(folder.ctypes, "CDLL", lambda *_, **__: object())
        patched.setattr(folder.os, "rename", dying)
        with pytest.raises(Killed):
            shop.once()
    assert shop.parts() == []
    shop.crash()
    shop.once()
    assert shop.positions() == [0, 1, 2, 3, 4]


def test_one_process_keeps_an_archive(shop: Shop) -> None:
    with pytest.raises(StoreBusy, match="another process keeps this archive"):
        Archive(shop.directory)


WRITER = """
import sys
from pathlib import Path
from habitue.model.event import Event
from habitue.run.ports import Commit
from habitue.store.archive import Archive
from habitue.store.memory import MemoryDeliveries, MemoryLog, MemoryStore

class Clock:
    now = staticmethod(lambda: 1_728_000_000_000_000)

log, store, deliveries = MemoryLog(Clock()), MemoryStore(), MemoryDeliveries()
archive = Archive(Path(sys.argv[1]), parts_max=8)
for number in range(150):
    log.append([Event(id=f"{number}-{n}", source="s", type="track", name="x", occurred_at=1) for n in range(3)])
    store.commit(Commit(position=log.position(), now=1))
    archive.once(log, store, deliveries)
    print(number, flush=True)
"""


def test_a_reader_beside_the_writer_sees_every_event_once(tmp_path: Path) -> None:
    """DuckDB may find that a part it listed was merged meanwhile: then it says so, and asking again answers."""
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    writer.stdout.readline()
    answers = 0
    connection = duckdb.connect()
    while writer.poll() is None:
        try:
            count, distinct, last = connection.execute(
                f"select count(*), count(distinct position), max(position) from '{tmp_path}/events/**/*.parquet'"
            ).fetchone() or (0, 0, 0)
        except duckdb.IOException:
            continue
        assert count == distinct == last + 1
        answers += 1
        positions = [record.position for record in read_events(tmp_path)]
        assert positions == list(range(len(positions)))
    assert writer.returncode == 0
    assert answers > 0
    assert connection.execute(f"select count(*) from '{tmp_path}/events/**/*.parquet'").fetchone() == (450,)


def test_who_does_not_archive_does_not_pay_for_it(tmp_path: Path) -> None:
    program = (
        "import sys, json; import habitue.store.archive, habitue.store.sqlite, habitue.store.memory\n"
        "print(json.dumps([name for name in ('pyarrow', 'duckdb', 'pandas', 'numpy') if name in sys.modules]))"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(shown.stdout) == []
