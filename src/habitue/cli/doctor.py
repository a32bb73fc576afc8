"""`habitue doctor`: is the system well, and if not, what to do."""

from __future__ import annotations

import shutil
import smtplib
import sqlite3
import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import typer

from habitue import settings as settings_room
from habitue import wire
from habitue.cli.options import DATA, Config, Data, Json
from habitue.cli.output import print_json, say
from habitue.errors import HabitueError
from habitue.run.supervisor import read_status
from habitue.wire import Parts

FREE_BYTES_MIN = 500_000_000


class Finding(NamedTuple):
    """One thing looked at. `level` is `ok`, `note` (works, but know it) or `bad`."""

    level: str
    what: str
    text: str


def doctor(data: Data = DATA, config: Config = None, as_json: Json = False) -> None:
    """Look at everything that can be wrong, and say what to do. Exit code 1 when something is."""
    findings = list(_examine(data, config))
    if as_json:
        print_json([finding._asdict() for finding in findings])
    else:
        for finding in findings:
            say(f"{ {'ok': '✓', 'note': '·', 'bad': '✗'}[finding.level] } {finding.what}: {finding.text}")
    if any(finding.level == "bad" for finding in findings):
        raise typer.Exit(1)


def _examine(data: Data, config: Config) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("ok", "python", version)
    yield Finding("ok", "sqlite", sqlite3.sqlite_version)
    try:
        parts = wire.open_existing(data, config)
    except HabitueError as error:
        yield Finding("bad", "data", str(error))
        return
    yield _settings(parts)
    for what, look in LOOKS.items():
        try:
            yield from look(parts)
        except HabitueError as error:
            yield Finding("bad", what, str(error))


def _settings(parts: Parts) -> Finding:
    chosen = []
    for setting in settings_room.catalogue():
        section, _, key = setting.name.partition(".")
        value = getattr(getattr(parts.settings, section), key)
        if value != setting.default:
            chosen.append(f"{setting.name} = {value}")  # A secret shows dots.
    return Finding("ok", "settings", ", ".join(chosen) or "all at their defaults")


def _disk(parts: Parts) -> Iterator[Finding]:
    free = shutil.disk_usage(parts.data).free
    level = "ok" if free >= FREE_BYTES_MIN else "bad"
    advice = "" if level == "ok" else "; events are refused when it is full, so make room"
    yield Finding(level, "disk", f"{free / 1e9:.1f} GB free at {parts.data}{advice}")


def _log(parts: Parts) -> Iterator[Finding]:
    yield Finding("ok", "log", f"{parts.log.position() + 1:,} events")
    letters = parts.log.dead_letters(limit=1)
    if letters:
        yield Finding("note", "dead letters", f"{letters[0].id:,}; `habitue dead-letters` says why")


def _state(parts: Parts) -> Iterator[Finding]:
    behind = parts.log.position() - parts.store.position()
    text = f"{parts.view.people_count():,} people, {behind:,} events not decided on yet"
    yield Finding("ok" if behind < 100_000 else "note", "state", text)
    for parked in parts.view.parked():
        advice = f"after mending the cause: `habitue people retry {parked.customer}`"
        yield Finding("bad", "parked", f"{parked.customer}: {parked.error}; {advice}")


def _playbook(parts: Parts) -> Iterator[Finding]:
    versions = parts.playbooks.playbooks()
    if not versions:
        yield Finding("note", "playbook", "none in force: events are kept, nothing is sent; `habitue apply FOLDER`")
    else:
        yield Finding("ok", "playbook", f"{versions[0]['name']}, version {versions[0]['version']}")


def _fills(parts: Parts) -> Iterator[Finding]:
    for name in parts.fills.damaged():
        yield Finding(
            "note",
            "fills",
            f"{name}, counted for a new version, was damaged and is thrown away: everybody's counters are read from "
            f"the log instead, more slowly and as right; look after the disk of {parts.data}",
        )


def _keys(parts: Parts) -> Iterator[Finding]:
    used = [key.source for key in parts.keys.all() if key.revoked_at is None]
    if used:
        yield Finding("ok", "write keys", ", ".join(used))
    else:
        yield Finding("bad", "write keys", "none: every event is refused; `habitue key create shop` makes one")
    if not parts.accounts.users():
        yield Finding("note", "console", "no accounts; `habitue user create EMAIL` makes one")


def _deliveries(parts: Parts) -> Iterator[Finding]:
    counts: dict[str, int] = {}
    for (_, state), count in parts.deliveries.counts().items():
        counts[state] = counts.get(state, 0) + count
    text = ", ".join(f"{count:,} {state}" for state, count in sorted(counts.items())) or "none yet"
    unknown = counts.get("unknown", 0)
    advice = "; `habitue deliveries --state unknown` lists those that may or may not have gone out" if unknown else ""
    yield Finding("note" if unknown else "ok", "deliveries", text + advice)


def _mail(parts: Parts) -> Iterator[Finding]:
    smtp = parts.settings.smtp
    if not smtp.host:
        yield Finding(
            "note", "mail", "smtp.host is empty: e-mails wait in the outbox; docs/settings.md says how to set it"
        )
        return
    kind: Callable[..., Any] = smtplib.SMTP_SSL if smtp.security == "tls" else smtplib.SMTP
    try:
        with kind(smtp.host, smtp.port, timeout=min(smtp.timeout_seconds, 10)) as connection:
            if smtp.security == "starttls":
                connection.starttls()
            if smtp.user:
                connection.login(smtp.user, smtp.password.reveal())
    except (OSError, smtplib.SMTPException) as error:
        yield Finding("bad", "mail", f"{smtp.host} port {smtp.port} with {smtp.security}: {error}")
    else:
        yield Finding("ok", "mail", f"{smtp.host} port {smtp.port} takes us")


def _processes(parts: Parts) -> Iterator[Finding]:
    statuses = read_status(parts.data)
    if not statuses:
        yield Finding("note", "processes", f"not running; `habitue serve --data {parts.data}` starts them")
    for status in statuses:
        level = "ok" if status.ready else "bad"
        text = f"{'ready' if status.ready else 'not ready'}, started {status.starts} times, pid {status.pid}"
        yield Finding(level, status.role, text)


LOOKS: dict[str, Callable[[Parts], Iterator[Finding]]] = {
    "disk": _disk,
    "log": _log,
    "state": _state,
    "playbook": _playbook,
    "fills": _fills,
    "write keys": _keys,
    "deliveries": _deliveries,
    "mail": _mail,
    "processes": _processes,
}
"""What is looked at, in order. To look at something more, add a line."""
