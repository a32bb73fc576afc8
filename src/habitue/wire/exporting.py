"""Everything that is known of one person, as files that she and machines can read. Streamed, however long it is."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal

import msgspec

from habitue.decide.profile.consents import all_words
from habitue.model import spreadsheet
from habitue.model.customer import Customer, moment
from habitue.model.instant import Instant, to_iso
from habitue.model.reason import SENTENCES

from .parts import Parts

Format = Literal["json", "csv"]
Row = Mapping[str, Any]
PAGE = 500
_encode = msgspec.json.Encoder().encode


def files(parts: Parts, person: Customer, kind: Format) -> Iterator[tuple[str, bytes]]:
    """(file name, bytes); consecutive pieces of one name are one file."""
    ids = [person.id, *person.merged_ids]
    tables: list[tuple[str, Iterable[Row]]] = [
        ("profile", _profile(person)),
        ("consents", _consents(person)),
        ("consent_ledger", _consent_ledger(parts, ids)),
        ("segments", ({"segment": name, "since": to_iso(since)} for name, since in sorted(person.segments.items()))),
        ("journeys", _journeys(person)),
        ("events", _events(parts, ids)),
        ("decisions", _decisions(parts, ids)),
        ("messages", _messages(parts, ids)),
    ]
    write: Callable[[Iterable[Row]], Iterator[bytes]] = _json if kind == "json" else _csv
    for name, rows in tables:
        for piece in write(rows):
            yield f"{name}.{kind}", piece


def _profile(person: Customer) -> Iterator[Row]:
    """Every field of what is known, by its own name; those with a file of their own are left to it."""
    elsewhere = {"consents", "addressed", "segments", "segment_dues", "runs", "counters", "trait_times"}
    for name in person.__struct_fields__:
        value = getattr(person, name)
        if name not in elsewhere and value not in (None, "", 0, [], {}):
            yield {"name": name, "value": _plain(name, value)}
    times = {name: to_iso(moment(said)[0]) for name, said in sorted(person.trait_times.items())}
    if times:
        yield {"name": "traits_said_at", "value": times}


def _consents(person: Customer) -> Iterator[Row]:
    for address, name, consent in all_words(person):
        channel, _, topic = name.partition(":")
        yield {
            "channel": channel,
            "topic": topic or None,
            "address": address or None,
            **{key: _plain(key, getattr(consent, key)) for key in consent.__struct_fields__},
        }


def _consent_ledger(parts: Parts, ids: list[str]) -> Iterator[Row]:
    """Every word she ever said about consent, with the words she read, newest first."""
    before: int | None = None
    while page := parts.view.consents(ids, PAGE, before):
        before = page[-1][0]
        for _, word in page:
            yield {name: _plain(name, getattr(word, name)) for name in word.__struct_fields__}


def _journeys(person: Customer) -> Iterator[Row]:
    for run in person.runs:
        yield {name: _plain(name, getattr(run, name)) for name in run.__struct_fields__}


def _events(parts: Parts, ids: list[str]) -> Iterator[Row]:
    """Newest first, as they were received."""
    before: int | None = None
    while page := parts.view.timeline(ids, PAGE, before):
        before = page[-1][0]
        for record in sorted(parts.log.at([position for position, _ in page]), key=lambda one: -one.position):
            event = record.event
            yield {
                "received_at": to_iso(record.received_at),
                "occurred_at": to_iso(event.occurred_at),
                **{name: getattr(event, name) for name in event.__struct_fields__ if name != "occurred_at"},
            }


def _decisions(parts: Parts, ids: list[str]) -> Iterator[Row]:
    before: int | None = None
    while page := parts.view.decisions(customers=ids, limit=PAGE, before=before):
        before = page[-1][0]
        for _, one in page:
            row = {name: _plain(name, getattr(one, name)) for name in one.__struct_fields__}
            yield {**row, "why": SENTENCES[one.reason]}


def _messages(parts: Parts, ids: list[str]) -> Iterator[Row]:
    """What became of each message, what it showed, and all that its template could speak of."""
    before: int | None = None
    while page := parts.deliveries.list(customers=ids, limit=PAGE, before=before):
        before = page[-1][0]
        for _, one in page:
            effect = parts.deliveries.effect(one.id)
            row = {name: _plain(name, getattr(one, name)) for name in one.__struct_fields__}
            yield {**row, "data": effect.data if effect is not None else None}


def _plain(name: str, value: Any) -> Any:
    """Structs by the names of their fields, and instants as people write them."""
    if isinstance(value, msgspec.Struct):
        return {field: _plain(field, getattr(value, field)) for field in value.__struct_fields__}
    if isinstance(value, Mapping):
        return {str(key): _plain(name if _is_instant(name, inner) else str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(name, inner) for inner in value]
    if _is_instant(name, value):
        return _moment(value)
    return value


def _is_instant(name: str, value: Any) -> bool:
    timed = name.endswith(("_at", "since", "due", "clock")) or name in ("at", "until", "passed", "identifiers", "apart")
    return timed and isinstance(value, int) and not isinstance(value, bool) and value > 10**12


def _moment(value: Instant) -> str | int:
    try:
        return to_iso(value)
    except (ValueError, OverflowError):
        return value


def _json(rows: Iterable[Row]) -> Iterator[bytes]:
    """A list, a row a line."""
    start = b"[\n"
    for row in rows:
        yield start + _encode(row)
        start = b",\n"
    yield b"[]\n" if start == b"[\n" else b"\n]\n"


def _csv(rows: Iterable[Row]) -> Iterator[bytes]:
    names: list[str] = []
    for row in rows:
        if not names:
            names = list(row)
            yield _line(map(spreadsheet.guarded, names))
        yield _line(_cell(row.get(name)) for name in names)


def _line(cells: Iterable[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue().encode("utf-8", "replace")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else _encode(value).decode()
    # A name such as =HYPERLINK(…) must stay a name in whatever opens the file.
    return spreadsheet.guarded(text)
