"""`habitue consents`: how things stand with one person, and the proof; the ledger as a file; Türkiye's register."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from habitue import wire
from habitue.cli.options import DATA, Config, Data, Json
from habitue.cli.output import heading, moment, plain, print_json, say, say_error, show, show_facts
from habitue.cli.people import Person, consent_state, find, named_words
from habitue.decide.profile.country import country_of
from habitue.decide.profile.pausing import paused_until
from habitue.errors import HabitueError
from habitue.model.address import spelled
from habitue.model.consent import ConsentWord
from habitue.model.customer import Customer, customer_id
from habitue.model.instant import Instant, from_datetime
from habitue.model.spreadsheet import guarded
from habitue.playbook.playbook import Shop
from habitue.run import iys
from habitue.wire import Parts

app = typer.Typer(help="Consents, their proof, and registers of them.", no_args_is_help=True)

PAGE = 5_000
EVENTS_PER_APPEND = 1_000
PROBLEMS_SHOWN = 10
FIELDS = msgspec.structs.fields(ConsentWord)
MOMENTS = frozenset({"said_at", "recorded_at", "requested_at", "confirmed_at"})
Since = Annotated[
    str | None, typer.Option("--since", help="Only what came to us since then: 2026-11-22, or 2026-11-22T08:00 (UTC).")
]


@app.command("show")
def show_person(person: Person, data: Data = DATA, config: Config = None, as_json: Json = False) -> None:
    """Show what one person allowed and refused, and every word of hers with its proof."""
    parts = wire.open_existing(data, config)
    customer = find(parts, person)
    words = [word_row(word) for _, word in parts.view.consents([customer.id, *customer.merged_ids])]
    if as_json:
        print_json({"customer": customer.id, "consents": _state(customer, parts.clock.now()), "words": words})
        return
    facts = {key: f"{consent_state(one)} · {moment(one.at)}" for key, one in named_words(customer).items()}
    if customer.opted_out_at is not None:
        facts["sharing"] = f"objected to · {moment(customer.opted_out_at)}"
    until = paused_until(customer, parts.clock.now())
    if until is not None:
        facts["pause"] = f"until {moment(until)}"
    show_facts(facts or {"consents": "none was ever asked for"})
    heading("Every word, latest first")
    columns = ["said_at", "state", "channel", "topic", "source", "method", "address", "text"]
    show(words, as_json=False, empty="None yet.", columns=columns)


@app.command("export")
def export(
    form: Annotated[str, typer.Option("--format", help="json, csv, or iys (Türkiye's register).")] = "json",
    since: Since = None,
    person: Annotated[
        str | None, typer.Option("--person", help="Only one person's; see `habitue people show`.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write to this file instead of the terminal.")] = None,
    data: Data = DATA,
    config: Config = None,
) -> None:
    """Write the consent ledger, or what has to be entered in İYS within 3 business days."""
    parts = wire.open_existing(data, config)
    start = _instant(since) if since else 0
    text: Iterator[str]
    match form:
        case "json":
            text = _json(_words(parts, start, person))
        case "csv":
            text = _csv(_words(parts, start, person))
        case "iys":
            text = _iys(parts, start)
        case _:
            raise HabitueError(f'"{form}" is no format; expected json, csv or iys')
    if out is None:
        sys.stdout.writelines(text)
        return
    try:
        with out.open("w", encoding="utf-8", newline="") as file:
            file.writelines(text)
    except OSError as error:
        raise HabitueError(f"{out}: cannot be written: {error.strerror}") from None


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="What İYS gave: JSON of its API, or its daily change file (CSV).")],
    form: Annotated[str, typer.Option("--format", help="iys, the only one there is.")] = "iys",
    data: Data = DATA,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Take in what people said at İYS. A refusal there overrides a consent here. Importing twice adds nothing."""
    if form != "iys":
        raise HabitueError(f'"{form}" is no format; expected iys')
    parts = wire.open_existing(data, config)
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            read = iys.read(lines, str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise HabitueError(f"{file}: cannot be read: {error}") from None
    allowed = [
        row for row in read.rows if not row.granted or parts.suppressions.find(row.channel, row.recipient) is None
    ]
    events = iys.events(allowed, parts.clock.now(), lambda kind, value: _owner(parts, kind, value))
    added = 0
    for first in range(0, len(events), EVENTS_PER_APPEND):
        added += parts.log.append(events[first : first + EVENTS_PER_APPEND]).accepted
    counts = {
        "rows": len(read.rows),
        "events": added,
        "suppressed": len(read.rows) - len(allowed),
        "rejected": len(read.problems),
    }
    for problem in read.problems[:PROBLEMS_SHOWN]:
        say_error(f"{file}: {problem}")
    if as_json:
        print_json(counts)
    else:
        say(
            f"{counts['rows']:,} rows read, {added:,} new events; {counts['suppressed']:,} consents of suppressed "
            f"addresses and {counts['rejected']:,} rows that cannot be read were left out."
        )
    if read.problems:
        raise typer.Exit(1)


def word_row(word: ConsentWord) -> dict[str, Any]:
    """A line of the ledger as the command line shows it everywhere: times in ISO 8601, the text with its id."""
    row = {
        field.name: moment(value) if field.name in MOMENTS else plain(value)
        for field in FIELDS
        for value in [getattr(word, field.name)]
    }
    return {**row, "text_id": word.text_id}


def _state(customer: Customer, now: Instant) -> dict[str, Any]:
    return {
        **{key: {"state": consent_state(one), "since": moment(one.at)} for key, one in named_words(customer).items()},
        "sharing_objected_at": moment(customer.opted_out_at),
        "paused_until": moment(paused_until(customer, now)),
    }


def _words(parts: Parts, since: Instant, person: str | None) -> Iterator[ConsentWord]:
    if person is not None:
        customer = find(parts, person)
        ids, before = [customer.id, *customer.merged_ids], None
        while page := parts.view.consents(ids, PAGE, before):
            before = page[-1][0]
            yield from (word for _, word in page if word.recorded_at >= since)
        return
    after = 0
    while page := parts.view.consents_after(after, PAGE):
        after = page[-1][0]
        yield from (word for _, word in page if word.recorded_at >= since)


def _json(words: Iterator[ConsentWord]) -> Iterator[str]:
    """One line a word: such a file has millions, and is read line by line."""
    for word in words:
        yield msgspec.json.encode(word_row(word)).decode() + "\n"


class _Lines:
    """A file of one line, for the CSV writer."""

    def __init__(self) -> None:
        self.line = ""

    def write(self, text: str) -> None:
        self.line = text


def _csv(words: Iterator[ConsentWord]) -> Iterator[str]:
    line = _Lines()
    names = [*(field.name for field in FIELDS), "text_id"]
    writer = csv.DictWriter(line, names, lineterminator="\n")
    writer.writeheader()
    yield line.line
    for word in words:
        cells = word_row(word).items()
        writer.writerow({name: guarded(cell) if isinstance(cell, str) else cell for name, cell in cells})
        yield line.line


def _iys(parts: Parts, since: Instant) -> Iterator[str]:
    playbook = parts.latest_playbook()
    shop = playbook.shop if playbook else Shop(name="")
    channels = playbook.channels.values() if playbook else ()
    confirmed = frozenset(channel.name for channel in channels if channel.consent == "double_opt_in")
    people: dict[str, Customer | None] = {}

    def recipient_type(word: ConsentWord) -> str | None:
        """None for whom the register is not about: who lives elsewhere, or is not known any more."""
        if word.customer not in people:
            people[word.customer] = _load(parts, word.customer)
        customer = people[word.customer]
        is_turkish = word.address.startswith("+90") or (customer and country_of(customer, shop)[0] == "TR")
        if customer is None or not is_turkish:
            return None
        said = customer.traits.get("recipient_type")
        return iys.TRADER if isinstance(said, str) and said.upper() == iys.TRADER else iys.PERSON

    found = iys.registrations(_words(parts, 0, None), recipient_type, since, parts.clock.now(), confirmed)
    if found.late:
        say_error(
            f"{found.late:,} of {len(found.rows):,} are more than {iys.DAYS_MAX} business days old: İYS does not take "
            "them, and without it they are void. Ask these people anew, and export every day"
        )
    yield msgspec.json.format(msgspec.json.encode(found.rows), indent=2).decode() + "\n"


def _load(parts: Parts, one: str) -> Customer | None:
    state = parts.view.person(one)
    if state is None:
        return None
    customer = msgspec.msgpack.decode(state, type=Customer)
    return customer if customer.merged_into is None else _load(parts, customer.merged_into)


def _owner(parts: Parts, kind: str, value: str) -> str | None:
    """Who has the address only as a trait, from before addresses led to people. Others are found by the address."""
    if kind != "email" or parts.view.person(customer_id(kind, value)) is not None:
        return None
    for row in parts.view.people(value, 10):
        customer = _load(parts, row.id)
        if customer is not None and spelled(str(customer.traits.get("email", ""))) == value:
            return customer.id
    return None


def _instant(text: str) -> Instant:
    try:
        said = datetime.fromisoformat(text)
    except ValueError:
        raise HabitueError(f'"{text}" is no date; expected one such as 2026-11-22 or 2026-11-22T08:00') from None
    return from_datetime(said if said.tzinfo is not None else said.replace(tzinfo=UTC))
