"""İYS, Türkiye's register of consents: what has to be entered there, and what was said there, as its API writes both.

Fields, codes and rules: https://dev.iys.org.tr/api-metotlar/izin-yonetimi/izin-yonetimi/. Nothing is sent from here:
the rows are what `consents/request` takes, the file is what `consents/changes` or the daily change file gives.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from hashlib import blake2b
from typing import Any, NamedTuple, TextIO

import msgspec

from habitue.errors import HabitueError
from habitue.model.address import spelled
from habitue.model.consent import ConsentState, ConsentWord
from habitue.model.event import Event
from habitue.model.identifier import EMAIL, PHONE
from habitue.model.instant import SECOND, Instant, from_datetime, to_datetime

TYPES = {"email": "EPOSTA", "sms": "MESAJ", "call": "ARAMA"}
CHANNELS = {code: channel for channel, code in TYPES.items()}
SOURCES = frozenset(
    {
        "HS_FIZIKSEL_ORTAM", "HS_ISLAK_IMZA", "HS_WEB", "HS_CAGRI_MERKEZI", "HS_SOSYAL_MEDYA", "HS_EPOSTA", "HS_MESAJ",
        "HS_MOBIL", "HS_EORTAM", "HS_ETKINLIK", "HS_2015", "HS_ATM", "HS_KARAR",
    }
)  # fmt: skip
GRANTED, REFUSED = "ONAY", "RET"
PERSON, TRADER = "BIREYSEL", "TACIR"
DAYS_MAX = 3
"""Business days after which a consent that was not entered is void."""
REGISTER = "register"

_TURKEY = timezone(timedelta(hours=3))
_FORMAT = "%Y-%m-%d %H:%M:%S"
_FIRST = from_datetime(datetime(2015, 5, 1, tzinfo=_TURKEY))
"""Consents from before the law came into force are all entered with this date."""
_HINTS = (
    ("HS_CAGRI_MERKEZI", ("call", "phone", "çağrı")),
    ("HS_FIZIKSEL_ORTAM", ("store", "till", "branch", "mağaza", "paper")),
    ("HS_MOBIL", ("app", "mobile", "mobil")),
    ("HS_MESAJ", ("sms", "text message")),
    ("HS_EPOSTA", ("e-mail", "one_click")),
    ("HS_SOSYAL_MEDYA", ("social",)),
    ("HS_ETKINLIK", ("event", "fair")),
)


class Registration(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One entry, with İYS's own names of the fields."""

    type: str
    source: str
    recipient: str
    status: str
    consent_date: str
    recipient_type: str


class Export(NamedTuple):
    """`late`: how many are older than İYS takes, public holidays not counted."""

    rows: list[Registration]
    late: int


class Row(NamedTuple):
    """A line of what was said at İYS."""

    channel: str
    recipient: str
    granted: bool
    said_at: Instant | None
    source: str
    transaction: str


class Read(NamedTuple):
    rows: list[Row]
    problems: list[str]


def registrations(
    words: Iterable[ConsentWord],
    recipient_type: Callable[[ConsentWord], str | None],
    since: Instant,
    now: Instant,
    confirmed: frozenset[str] = frozenset(),
) -> Export:
    """What came to us since then and has to be entered. All words are needed: İYS takes changes alone.

    A first word that is a refusal is not entered, nor one that repeats the last. `recipient_type` gives None for whom
    the register is not about. `confirmed`: channels on which only a confirmed consent counts.
    """
    by_recipient: dict[tuple[str, str, str], list[ConsentWord]] = {}
    for word in _each_address([*words]):
        kind = recipient_type(word) if word.channel in TYPES and word.address else None
        if kind is not None and _status(word, confirmed) is not None:
            by_recipient.setdefault((word.channel, word.address, kind), []).append(word)
    rows, late = [], 0
    for (channel, address, kind), said in by_recipient.items():
        known, entered_at = "", 0
        for word in sorted(said, key=lambda one: (one.said_at, one.recorded_at, one.id)):
            status = _status(word, confirmed)
            if status is None or status == known or (not known and status == REFUSED):
                continue
            known = status
            # Each has to be later than the one before, and their clock has no parts of seconds.
            entered_at = max(word.said_at // SECOND * SECOND, entered_at + SECOND, _FIRST)
            if word.recorded_at < since or word.method == REGISTER:
                continue
            source = "HS_2015" if word.said_at < _FIRST else source_of(word)
            late += _business_days(word.said_at, now) > DAYS_MAX
            rows.append(
                Registration(
                    type=TYPES[channel],
                    source=source,
                    recipient=address,
                    status=status,
                    consent_date=to_datetime(entered_at).astimezone(_TURKEY).strftime(_FORMAT),
                    recipient_type=kind,
                )
            )
    return Export(rows, late)


def _each_address(words: Sequence[ConsentWord]) -> Iterator[ConsentWord]:
    """The words, and of a no that was said of no address by name one for each other address of that customer."""
    known: dict[tuple[str, str], set[str]] = {}
    for word in words:
        if word.address:
            known.setdefault((word.customer, word.channel), set()).add(word.address)
    for word in words:
        yield word
        if word.is_of_all and _status(word, frozenset()) == REFUSED:
            for address in sorted(known.get((word.customer, word.channel), set()) - {word.address}):
                yield msgspec.structs.replace(word, address=address)


def source_of(word: ConsentWord) -> str:
    """İYS's code for where it was said: the code itself, if the shop uses them, else what the source's name tells."""
    said = word.source.strip()
    if said.upper() in SOURCES:
        return said.upper()
    for code, hints in _HINTS:
        if any(hint in said.lower() for hint in hints):
            return code
    return "HS_WEB" if word.ip or word.agent or word.origin == "habitue" else "HS_EORTAM"


def _status(word: ConsentWord, confirmed: frozenset[str]) -> str | None:
    """Leave for one topic is leave for the channel as İYS sees it; the refusal of one topic is none of the channel."""
    if word.state == ConsentState.GRANTED:
        return GRANTED if word.channel not in confirmed or word.confirmed_at is not None else None
    if word.state in (ConsentState.WITHDRAWN, ConsentState.DENIED) and not word.topic:
        return REFUSED
    return None


def _business_days(since: Instant, now: Instant) -> int:
    day, last = (to_datetime(at).astimezone(_TURKEY).date() for at in (since, now))
    count = 0
    while day < last and count <= DAYS_MAX:
        day += timedelta(days=1)
        count += day.weekday() < 5
    return count


def read(file: TextIO, name: str) -> Read:
    """JSON as the API answers, or CSV as the daily change file is. Raises HabitueError when it is neither."""
    rows: list[Row] = []
    problems: list[str] = []
    for place, item in _items(file, name):
        try:
            rows.append(_row(item))
        except ValueError as error:
            problems.append(f"{place}: {error}")
    return Read(rows, problems)


def _items(file: TextIO, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    start = file.read(1).lstrip("\ufeff")
    while start.isspace():
        start = file.read(1)
    if start not in ("[", "{"):
        yield from _lines(file, start, name)
        return
    try:
        document = json.loads(start + file.read())
    except ValueError as error:
        raise HabitueError(f"{name}: is not valid JSON: {error}") from None
    listed = document.get("list") if isinstance(document, dict) else document
    if not isinstance(listed, list):
        raise HabitueError(f'{name}: expected a list of consents, or an object with a "list" of them')
    yield from ((f"entry {number}", item) for number, item in enumerate(listed, 1) if isinstance(item, dict))


def _lines(file: TextIO, start: str, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    heading = start + file.readline().strip()
    mark = max(",;\t", key=heading.count)
    names = next(csv.reader([heading], delimiter=mark), [])
    if not {"recipient", "type", "status"} <= set(names):
        raise HabitueError(
            f"{name}: expected İYS's columns (recipient, type, status, consentDate, source, …), found {heading[:200]!r}"
        )
    for number, cells in enumerate(csv.reader(file, delimiter=mark), 2):
        if cells:
            yield f"line {number}", dict(zip(names, cells, strict=False))


def _row(item: dict[str, Any]) -> Row:
    channel = CHANNELS.get(str(item.get("type", "")).strip().upper())
    if channel is None:
        raise ValueError(f"type is {item.get('type')!r}, expected one of {', '.join(CHANNELS)}")
    status = str(item.get("status", "")).strip().upper()
    if status not in (GRANTED, REFUSED):
        raise ValueError(f"status is {item.get('status')!r}, expected {GRANTED} or {REFUSED}")
    recipient = str(item.get("recipient") or "").strip()
    if not (("@" in recipient) if channel == "email" else recipient.startswith("+")):
        raise ValueError("recipient is no address of its type: expected an e-mail address, or a number such as +90…")
    said = str(item.get("consentDate") or "").strip()
    return Row(
        channel,
        spelled(recipient) if channel == "email" else recipient,
        status == GRANTED,
        _instant(said) if said else None,
        str(item.get("source") or "").strip()[:40],
        str(item.get("transactionId") or "").strip()[:100],
    )


def _instant(text: str) -> Instant:
    try:
        return from_datetime(datetime.strptime(text, _FORMAT).replace(tzinfo=_TURKEY).astimezone(UTC))
    except ValueError:
        raise ValueError(f"consentDate is {text!r}, expected a date such as 2026-11-22 09:30:00") from None


def events(rows: Sequence[Row], now: Instant, owner: Callable[[str, str], str | None]) -> list[Event]:
    """What was said at İYS as events, the last word of each address and type. A refusal overrides: it counts from now.

    A consent counts from when it was given, so it overrides no refusal that came later. `owner(kind, address)` names
    the customer, where she is not found by the address itself. The same file once more comes to the same events.
    """
    last: dict[tuple[str, str], Row] = {}
    for row in rows:
        key = (row.channel, row.recipient)
        known = last.get(key)
        if known is None or (row.said_at or 0, not row.granted) >= (known.said_at or 0, not known.granted):
            last[key] = row
    return [_event(row, now, owner) for row in last.values()]


def _event(row: Row, now: Instant, owner: Callable[[str, str], str | None]) -> Event:
    kind = EMAIL if row.channel == "email" else PHONE
    named = owner(kind, row.recipient)
    mark = f"{row.channel}:{row.recipient}:{row.granted}:{row.said_at}:{row.transaction}"
    said: dict[str, Any] = {
        "channel": row.channel,
        "source": row.source or "İYS",
        "method": REGISTER,
        "actor": "İYS",
        "email" if kind == EMAIL else "phone": row.recipient,
    }
    if row.said_at is not None:
        said["consent_date"] = to_datetime(row.said_at).astimezone(_TURKEY).strftime(_FORMAT)
    return Event(
        id=f"iys:{blake2b(mark.encode(), digest_size=12).hexdigest()}",
        source="habitue",
        type="track",
        name="Consent Granted" if row.granted else "Consent Withdrawn",
        occurred_at=min(row.said_at, now) if row.granted and row.said_at is not None else now,
        properties=said,
        identifiers={kind: row.recipient},
        context={"customer_id": named} if named is not None else {},
    )
