"""Events of any name: from the site, from the till, from the call centre."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from habitue.importing.mapping import Kind
from habitue.importing.mapping_file import read_mapping
from habitue.importing.reasons import SENTENCES
from habitue.model.instant import to_iso

from .conftest import Importing, Sink, file, reasons

DOC = (Path(__file__).parents[2] / "docs" / "import.md").read_text(encoding="utf-8")
TILL, CALLS = [text for text in re.findall(r"```yaml\n(.*?)```", DOC, re.DOTALL) if text.startswith("kind: events")]


def test_what_happens_in_the_store_is_an_order_like_any_other(tmp_path: Path, bring: Importing, sink: Sink) -> None:
    rows = (
        "When,What,Receipt,Sum,Mail\n"
        '2026-05-01T10:00:00Z,In-Store Purchase,r1,"1,250.50",Ana@Example.com\n'
        "2026-05-02T10:00:00Z,In-Store Return,r2,20,ana@example.com\n"
    )
    bring(file(tmp_path, "till.csv", rows), "events", TILL)
    bought, returned = sink.events
    assert (bought.name, bought.source, bought.context["channel"]) == ("Order Completed", "till", "store")
    assert bought.properties == {"order_id": "r1", "total": 1250.5, "currency": "EUR"}
    assert bought.identifiers == {"email": "ana@example.com"} == returned.identifiers
    assert returned.name == "Order Refunded"


def test_calls_complaints_and_notes_are_events_of_whoever_called(tmp_path: Path, bring: Importing, sink: Sink) -> None:
    rows = (
        "started,kind,ticket,caller,agent,text\n"
        "2026-05-01T10:00:00Z,CALL,1,020 7946 0000,Cleo,asks for a watch\n"
        "2026-05-01T11:00:00Z,COMPLAINT,2,+44 20 7946 0000,Cleo,strap broke\n"
        "2026-05-01T12:00:00Z,NOTE,3,02079460000,Cleo,likes blue\n"
    )
    bring(file(tmp_path, "calls.csv", rows), "events", CALLS)
    assert [event.name for event in sink.events] == ["Call Received", "Complaint Filed", "Note Added"]
    assert {event.identifiers["phone"] for event in sink.events} == {"+442079460000"}
    assert sink.events[1].properties == {"agent": "Cleo", "text": "strap broke"}


def test_rows_are_known_again_in_another_file_and_order(tmp_path: Path, bring: Importing, sink: Sink) -> None:
    mapping = "event: Store Visited\ncolumns: {at: time, who: user_id, store: properties.store}"
    bring(file(tmp_path, "a.csv", "at,who,store\n2026-05-01,ana,north\n2026-05-01,ben,north\n"), "events", mapping)
    again = file(tmp_path, "b.csv", "store,at,who\nnorth,2026-05-01,ben\nsouth,2026-05-01,ben\nnorth,2026-05-01,ana\n")
    counts = bring(again, "events", mapping)
    assert (counts.added, counts.known) == (1, 2)


def test_what_clients_sent_comes_back_as_it_was(tmp_path: Path, bring: Importing, sink: Sink) -> None:
    lines = (
        '{"type":"identify","userId":"ana","traits":{"plan":"gold"},"messageId":"m1","timestamp":"2026-05-01T10:00:00Z"}\n'
        '{"type":"track","event":"Viewed Product","anonymousId":"a-1","properties":{"price":"9.50"},"messageId":"m2",'
        '"timestamp":"2026-05-01T10:00:01Z","context":{"locale":"tr-TR","customer_id":"stolen"},"receivedAt":"x"}\n'
        '{"type":"page","name":"Home","anonymousId":"a-1","messageId":"m3","timestamp":"2026-05-01T10:00:02Z"}\n'
    )
    bring(file(tmp_path, "raw.jsonl", lines), "events")
    identified, viewed, page = sink.events
    assert (identified.id, identified.name, identified.traits) == ("m1", "Identified", {"plan": "gold"})
    assert (viewed.name, viewed.properties, viewed.context) == ("Product Viewed", {"price": 9.5}, {"locale": "tr-TR"})
    assert (page.name, page.properties) == ("Page Viewed", {"name": "Home"})


def test_rows_that_cannot_be_events_stand_beside_the_file(tmp_path: Path, bring: Importing, sink: Sink) -> None:
    rows = (
        "at,who,points\n"
        "2026-05-01,ana,1\n"
        "2026-05-01,undefined,1\n"
        ",ana,1\n"
        "2031-05-01,ana,1\n"
        "2026-05-01,ana,many\n"
        f"2026-05-01,ana{'a' * 300},1\n"
        "2026-05-01,ana\n"
    )
    path = file(tmp_path, "a.csv", rows)
    counts = bring(path, "events", "event: X\ncolumns: {at: time, who: user_id, points: properties.points as number}")
    assert reasons(path) == [
        (3, "no_identity"),
        (4, "no_time"),
        (5, "time_not_believed"),
        (6, "not_a_number"),
        (7, "id_too_long"),
        (8, "wrong_length"),
    ]
    assert (counts.rows, counts.added, counts.rejected_rows) == (7, 1, 6)
    assert (path.with_name("a.csv.rejected.jsonl").stat().st_mode & 0o777) == 0o600


def test_a_corrected_file_leaves_no_rejected_rows_behind(tmp_path: Path, bring: Importing, sink: Sink) -> None:
    mapping = "event: X\ncolumns: {at: time, who: user_id}"
    bring(file(tmp_path, "a.csv", "at,who\nsoon,ana\n"), "events", mapping)
    path = file(tmp_path, "a.csv", "at,who\n2026-05-01,ana\n")
    bring(path, "events", mapping)
    assert reasons(path) == []
    assert not path.with_name("a.csv.rejected.jsonl").exists()


def test_a_day_and_an_hour_apart_make_one_time(tmp_path: Path, bring: Importing, sink: Sink) -> None:
    mapping = """
event: X
columns: {who: user_id}
templates: {time: "{day} {hour}"}
constants: {properties.kind: visit}
time: {format: "%d.%m.%Y %H:%M", zone: Europe/Istanbul}
"""
    bring(file(tmp_path, "a.csv", "day,hour,who\n01.05.2026,13:00,ana\n"), "events", mapping)
    assert (to_iso(sink.events[0].occurred_at)[:16], sink.events[0].properties) == (
        "2026-05-01T10:00",
        {"kind": "visit"},
    )


def test_what_clients_have_told_since_is_left_out(tmp_path: Path, bring: Importing, sink: Sink) -> None:
    rows = "at,who\n2026-05-01,ana\n2026-05-02,ana\n"
    mapping = "event: X\ncolumns: {at: time, who: user_id}"
    counts = bring(file(tmp_path, "a.csv", rows), "events", mapping, before=1_777_680_000_000_000)
    assert counts.added == 1
    assert sum(counts.skipped.values()) == 1


@pytest.mark.parametrize("reason", list(SENTENCES))
def test_each_reason_is_documented(reason: str) -> None:
    assert f"| `{reason}` | {SENTENCES[reason]} |" in DOC  # type: ignore[index]


@pytest.mark.parametrize("text", re.findall(r"```yaml\n(kind: .*?)```", DOC, re.DOTALL))
def test_the_mappings_of_the_documentation_are_right(text: str) -> None:
    kind: Kind = text.split("\n")[0].removeprefix("kind: ")  # type: ignore[assignment]
    assert read_mapping("doc.yaml", text, kind)
