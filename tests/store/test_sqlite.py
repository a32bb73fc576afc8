"""What only files can do: survive, be shared, be too new, be full, be damaged."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path
from threading import Thread

import msgspec
import pytest

from habitue.model.customer import Customer
from habitue.model.event import Event
from habitue.run.ports import Commit, CustomerRow
from habitue.store.failures import StoreBusy, StoreDamaged, StoreFull, StoreTooNew
from habitue.store.sqlite import SqliteDeliveries, SqliteLog, SqlitePlaybooks, SqliteStore, SqliteView, database
from habitue.store.sqlite.database import Database
from habitue.store.sqlite.queries import Queries
from habitue.store.sqlite.state import STATE_FILE


class Stopped:
    def now(self) -> int:
        return 7


def seen(name: str) -> Event:
    return Event(id=name, source="shop", type="track", name="Product Viewed", occurred_at=1, user_id="ana")


def ana(state: bytes) -> CustomerRow:
    return CustomerRow("ana", state, None, "ana")


def test_what_was_committed_is_there_when_opened_again(tmp_path: Path) -> None:
    log, store = SqliteLog(tmp_path / "log.db", Stopped()), SqliteStore(tmp_path)
    log.append([seen("1")])
    store.commit(Commit(position=0, now=1, customers=[ana(b"x")]))
    store.close()
    log.close()
    assert SqliteStore(tmp_path).load(["ana"]) == {"ana": b"x"}
    assert SqliteLog(tmp_path / "log.db", Stopped()).append([seen("1")]).duplicates == 1


def test_the_last_commit_is_recognised_after_a_restart(tmp_path: Path) -> None:
    commit = Commit(position=0, now=1, customers=[ana(b"x")], tail=[("ana", 0, 1)])
    store = SqliteStore(tmp_path)
    store.commit(commit)
    store.close()
    again = SqliteStore(tmp_path)
    again.commit(commit)
    again.close()
    assert sqlite3.connect(tmp_path / "state.db").execute("SELECT count(*) FROM trails").fetchone() == (1,)


def test_a_batch_that_cannot_be_written_leaves_no_trace(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path)
    unwritable = CustomerRow("ben", b"x", 1 << 70, "")
    with pytest.raises(OverflowError):
        store.commit(Commit(position=5, now=1, customers=[ana(b"x"), unwritable]))
    assert (store.position(), store.load(["ana"])) == (-1, {})
    store.commit(Commit(position=5, now=1, customers=[ana(b"y")]))
    assert store.load(["ana"]) == {"ana": b"y"}


def test_leaving_copies_the_write_ahead_log_into_the_file(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path / "log.db", Stopped())
    log.append([seen("1")])
    log.close()
    log.close()
    assert [path.name for path in tmp_path.iterdir()] == ["log.db"]


def test_a_view_answers_while_a_batch_is_being_written(tmp_path: Path) -> None:
    store, view = SqliteStore(tmp_path), SqliteView(tmp_path)
    store.commit(Commit(position=0, now=1, customers=[ana(b"before")]))
    with store._database.write() as connection:
        connection.execute("UPDATE customers SET state = x'00', sum = NULL")
        assert view.person("ana") == b"before"
    assert view.person("ana") == b"\x00"


def test_a_view_may_be_asked_by_many_threads(tmp_path: Path) -> None:
    store, view = SqliteStore(tmp_path), SqliteView(tmp_path)
    store.commit(Commit(position=0, now=1, customers=[ana(b"x")]))
    answers: list[object] = []
    threads = [Thread(target=lambda: answers.extend(view.person("ana") for _ in range(50))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [b"x"] * 600
    view.close()


def test_two_processes_append_to_one_log_without_loss(tmp_path: Path) -> None:
    program = (
        "import sys; from habitue.store.sqlite import SqliteLog; from habitue.model.event import Event\n"
        "class Clock:\n  now = staticmethod(lambda: 7)\n"
        "log = SqliteLog(sys.argv[1], Clock())\n"
        "for n in range(100):\n"
        "  ids = sys.argv[2] + str(n), str(n)\n"
        "  log.append([Event(id=i, source='s', type='track', name='x', occurred_at=1) for i in ids])\n"
    )
    path = tmp_path / "log.db"
    writers = [subprocess.Popen([sys.executable, "-c", program, str(path), name]) for name in ("a", "b")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    records = list(SqliteLog(path, Stopped()).scan())
    assert [record.position for record in records] == list(range(300))
    assert len({record.event.id for record in records}) == 300


def test_one_process_decides_at_a_time(tmp_path: Path) -> None:
    first, second = SqliteStore(tmp_path), SqliteStore(tmp_path)
    first.commit(Commit(position=0, now=1))
    with pytest.raises(StoreBusy, match="another process decides here already"):
        second.commit(Commit(position=1, now=1))
    first.close()
    second.commit(Commit(position=1, now=1))
    second.close()


def migrations_in(folder: Path, monkeypatch: pytest.MonkeyPatch, *steps: str, schema: str = "toys") -> None:
    (folder / "migrations" / schema).mkdir(parents=True, exist_ok=True)
    for number, step in enumerate(steps, start=1):
        (folder / "migrations" / schema / f"{number:04}_step.sql").write_text(step)
    monkeypatch.setattr(database, "_MIGRATIONS", folder / "migrations")


def test_an_older_file_is_brought_up_to_date_with_what_it_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = "CREATE TABLE toys (name TEXT) STRICT;\n"
    migrations_in(tmp_path, monkeypatch, first)
    older = Database(tmp_path / "toys.db", "toys")
    with older.write() as connection:
        connection.execute("INSERT INTO toys VALUES ('owl')")
    older.close()

    migrations_in(
        tmp_path,
        monkeypatch,
        first,
        "-- Toys have a price; those from before have none.\nALTER TABLE toys ADD price INTEGER NOT NULL DEFAULT 0;\n"
        "CREATE INDEX toys_price\n  ON toys (price);\n",
    )
    newer = Database(tmp_path / "toys.db", "toys")
    with newer.read() as connection:
        assert connection.execute("SELECT name, price FROM toys").fetchall() == [("owl", 0)]
        assert connection.execute("PRAGMA user_version").fetchone() == (2,)
    newer.close()


def test_a_state_from_before_there_were_trails_to_read_tells_whose_its_records_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        steps = [one.read_text() for one in database.migrations("state") if one.name < "0007"]
        migrations_in(tmp_path, before, *steps, schema="state")
        old = Database(tmp_path / STATE_FILE, "state")
        with old.write() as connection:
            ana = Customer(id="ana", first_seen_at=5)
            phone = Customer(id="phone", merged_into="ana", first_seen_at=4)
            for number, (one, trail) in enumerate([(phone, 1), (ana, 3)], 1):
                row = (number, one.id, 5, trail, 9, msgspec.msgpack.encode(one))
                connection.execute("INSERT INTO customers VALUES (?, ?, NULL, ?, NULL, ?, ?, ?)", row)
            for chunk, previous, positions in [(1, 0, [0]), (2, 0, [1, 2]), (3, 2, [7])]:
                body = msgspec.msgpack.encode(([(position, 5) for position in positions], []))
                connection.execute("INSERT INTO trails VALUES (?, ?, -1, ?)", (chunk, previous, body))
            connection.execute("UPDATE progress SET position = 8")
        old.close()
    view = SqliteView(tmp_path)
    assert [(one.customer, one.positions, one.until) for one in view.attributions(0, 9)] == [
        ("phone", [0], 8),
        ("ana", [1, 2], 8),
        ("ana", [7], 8),
    ]
    assert [(one.customer, one.met_at, one.joined_into) for one in view.met(0, 9)] == [
        ("phone", 4, "ana"),
        ("ana", 5, None),
    ]
    view.close()


def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = "CREATE TABLE toys (name TEXT) STRICT;\n"
    migrations_in(tmp_path, monkeypatch, first)
    Database(tmp_path / "toys.db", "toys").close()
    migrations_in(tmp_path, monkeypatch, first, "ALTER TABLE toys ADD price INTEGER;\nDROP TABLE puppets;\n")
    with pytest.raises(Exception, match="no such table: puppets"):
        Database(tmp_path / "toys.db", "toys")
    columns = sqlite3.connect(tmp_path / "toys.db").execute("PRAGMA table_info(toys)").fetchall()
    assert [column[1] for column in columns] == ["name"]


def test_a_file_from_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    SqlitePlaybooks(tmp_path / "playbook.db").close()
    file = sqlite3.connect(tmp_path / "playbook.db")
    file.execute("PRAGMA user_version = 99")
    file.close()
    with pytest.raises(StoreTooNew, match=r"playbook\.db: has schema version 99, this version of Habitue knows up to"):
        SqlitePlaybooks(tmp_path / "playbook.db")


def test_another_programs_file_is_left_alone(tmp_path: Path) -> None:
    file = sqlite3.connect(tmp_path / "log.db")
    file.execute("CREATE TABLE theirs (x)")
    file.close()
    with pytest.raises(StoreDamaged, match="a database of another program"):
        SqliteLog(tmp_path / "log.db", Stopped())


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "deliveries.db").write_bytes(b"this is not a database" * 300)
    with pytest.raises(StoreDamaged, match=r"deliveries\.db: is not a sound SQLite database .* restore it"):
        SqliteDeliveries(tmp_path / "deliveries.db")


def test_a_record_that_cannot_be_read_is_named_with_what_to_do(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path / "log.db", Stopped())
    log.append([seen("1")])
    with sqlite3.connect(tmp_path / "log.db") as connection:
        connection.execute("UPDATE events SET body = ?, sum = NULL", (b'{"id": 7}',))
    with pytest.raises(StoreDamaged, match=r"position 0 cannot be read.*start the version that wrote it"):
        log.read(-1, 10)


def test_a_full_disk_is_told_and_nothing_is_half_written(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path / "log.db", Stopped())
    log.append([seen("1")])
    with log._database.own() as connection:
        connection.execute("PRAGMA max_page_count = 1")  # SQLite's own way to play a full disk.
    with pytest.raises(StoreFull, match=r"log\.db: cannot be written .*make room"):
        log.append([seen(str(number)) for number in range(2, 2_000)])
    with log._database.own() as connection:
        connection.execute("PRAGMA max_page_count = 100000")
    assert log.append([seen("2")]).position == 1


def test_a_file_somebody_keeps_locked_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MILLISECONDS", 10)
    log = SqliteLog(tmp_path / "log.db", Stopped())
    other = sqlite3.connect(tmp_path / "log.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusy, match="kept the right to write for longer than the busy timeout"):
        log.append([seen("1")])
    other.execute("ROLLBACK")
    assert log.append([seen("1")]).accepted == 1


def test_a_directory_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreFull, match="cannot be written"):
        SqliteView(tmp_path / "nowhere")


@pytest.mark.parametrize("file", ["log.sql", "state.sql", "view.sql", "past.sql", "deliveries.sql", "playbooks.sql"])
def test_every_query_has_a_name_and_a_sentence(file: str) -> None:
    queries = Queries(file)
    text = (Path(database.__file__).parent / file).read_text("utf-8")
    assert text.count("-- :") == len(queries) > 0
    assert all(sentence.endswith(".") for sentence in queries.sentences.values())
    assert all(sqlite3.complete_statement(query + ";") and ";" not in query for query in queries.values())


def test_searches_use_an_index(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path)
    asked = {
        "due": (1, 1),
        "next_due": (),
        "load": ("[]",),
        "known": ("[]",),
        "customers_after": (0, 1),
    }
    with store._database.own() as connection:
        for name, values in asked.items():
            plan = connection.execute("EXPLAIN QUERY PLAN " + Queries("state.sql")[name], values).fetchall()
            assert not any(row[3].startswith("SCAN customers") and "INDEX" not in row[3] for row in plan), (name, plan)
            assert not any("TEMP B-TREE" in row[3] for row in plan), (name, plan)
    store.close()
