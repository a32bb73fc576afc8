"""Whatever a file holds: nothing breaks, and every row is in the log, among the rejected, or counted as left out."""

from __future__ import annotations

import csv
import io
import json
import threading
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from habitue.importing.guess import guess
from habitue.importing.mapping import KINDS
from habitue.importing.progress import Bookmark
from habitue.importing.reading.rows import NotReadable
from habitue.importing.rejected import rejected_path
from habitue.importing.work import Import, Taken, Terms
from habitue.model.event import Event
from habitue.run.clock import SystemClock
from habitue.store.sqlite import SqliteLog

from .conftest import NOW, Sink, file, mapped
from .test_orders import LINES

WORDS = st.sampled_from(
    [
        "1",
        "2",
        "ä",
        "",
        "-5",
        "1e400",
        "NaN",
        "ana",
        "2026-05-01",
        "31.12.2026",
        "paid",
        "refund",
        '"',
        "\x00",
        "null",
        "\ud83d",
        "9" * 30,
        "x" * 40_000,
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)


def brought(path: Path, kind: Any, mapping: Any) -> tuple[Import, Sink]:
    sink = Sink()
    work = Import(path, Terms(mapping=mapping, now=NOW), sink, Bookmark(path.parent, path, kind), rejected_path(path))
    work.run(lambda done, whole: None)
    return work, sink


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(WORDS, min_size=7, max_size=9), max_size=12))
def test_no_row_of_a_file_is_lost_or_breaks_it(rows: list[list[str]]) -> None:
    with TemporaryDirectory() as folder:
        text = io.StringIO()
        csv.writer(text).writerows([["no", "at", "who", "status", "sku", "price", "qty", "ship"], *rows])
        path = file(Path(folder), "a.csv", text.getvalue().encode("utf-8", "surrogatepass"))
        work, sink = brought(path, "orders", mapped("orders", LINES))
        numbers = [json.loads(line)["number"] for line in rejected_path(path).read_text().splitlines()] if (
            work.rejected_path
        ) else []  # fmt: skip
        orders = {event.properties["order_id"] for event in sink.events}
        taken = [row for row in rows if row and row[0].strip() in orders]
        assert len(numbers) + len(taken) + sum(work.counts.skipped.values()) >= work.counts.rows
        assert len(numbers) == len(set(numbers))


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.dictionaries(st.sampled_from(["event", "at", "userId", "email", "properties", "x"]), JSON), max_size=8)
)
def test_no_object_breaks_an_import_of_events(objects: list[dict[str, Any]]) -> None:
    with TemporaryDirectory() as folder:
        lines = "".join(json.dumps(one) + "\n" for one in objects) or "{}\n"
        path = file(Path(folder), "a.jsonl", lines)
        mapping = mapped(
            "events",
            "columns: {event: event, at: time, userId: user_id, email: email, properties: properties, x: context.x}",
        )
        work, sink = brought(path, "events", mapping)
        assert len(sink.events) + work.counts.rejected_rows + work.counts.known == work.counts.rows


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(KINDS), st.sampled_from(["a.csv", "a.jsonl", "a.parquet", "a.csv.gz"]))
def test_no_bytes_break_the_guess(content: bytes, kind: Any, name: str) -> None:
    with TemporaryDirectory() as folder:
        try:
            guess(file(Path(folder), name, content), kind)
        except NotReadable as error:
            assert name in str(error)


def test_clients_go_on_sending_while_a_file_comes_in(tmp_path: Path) -> None:
    log, live = SqliteLog(tmp_path / "log.db", SystemClock()), SqliteLog(tmp_path / "log.db", SystemClock())

    class ToLog(Sink):
        def take_events(self, events: Any) -> Taken:
            appended = log.append(events)
            return Taken(appended.accepted, appended.duplicates)

    def send() -> None:
        for number in range(20):
            live.append(
                [Event(id=f"live-{number}", source="shop", type="track", name="X", occurred_at=1, user_id="ben")]
            )

    path = file(tmp_path, "a.csv", "at,who,n\n" + "".join(f"2026-05-01,ana,{n}\n" for n in range(5_000)))
    mapping = mapped("events", "event: X\ncolumns: {at: time, who: user_id, n: properties.n}")
    bookmark = Bookmark(tmp_path / "imports", path, "events")
    sender = threading.Thread(target=send)
    sender.start()
    Import(path, Terms(mapping=mapping, now=NOW), ToLog(), bookmark, rejected_path(path)).run(lambda done, whole: None)
    sender.join()
    assert log.position() == 5_019
    log.close()
    live.close()
