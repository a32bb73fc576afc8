"""Settings: what an operator may choose, from `habitue.toml` and the environment, checked before anything starts."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, get_type_hints

import msgspec

from habitue.errors import HabitueError
from habitue.secret import Secret as Secret
from habitue.secret import data_secret as data_secret

PREFIX = "HABITUE_"
FILE_NAME = "habitue.toml"


class SettingsError(HabitueError):
    """A setting is unknown or has a value it cannot have."""


def _about(sentence: str, **limits: Any) -> msgspec.Meta:
    return msgspec.Meta(description=sentence, **limits)


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """One table of `habitue.toml`."""


class Http(Section, frozen=True, kw_only=True):
    """The one port: ingest, links, on-site pieces and the console."""

    host: Annotated[str, _about("The address to listen on. `0.0.0.0` listens on all of them.")] = "127.0.0.1"
    port: Annotated[int, _about("The port to listen on; 0 takes a free one.", ge=0, le=65535)] = 8080
    hosts: Annotated[
        str,
        _about(
            "Names under which clients may reach this server while `links.public_url` is empty, with commas, such as "
            "`localhost:8080`. The address it listens on needs no naming."
        ),
    ] = ""
    trusted_proxies: Annotated[
        str, _about("Addresses of proxies whose `X-Forwarded-*` headers are believed, with commas; `*` believes all.")
    ] = "127.0.0.1"
    connections_max: Annotated[
        int,
        _about("The connections that may be open at once. Beyond it the longest waiting one makes room.", ge=16),
    ] = 2_000
    connections_per_peer_max: Annotated[
        int,
        _about("The connections one address may have open, where it is no trusted proxy's.", ge=1),
    ] = 200
    header_bytes_max: Annotated[int, _about("The bytes of a request's address and headers.", ge=4096)] = 32 * 1024
    headers_seconds_max: Annotated[float, _about("How long a request's headers may take to arrive.", gt=0)] = 10.0
    body_seconds_max: Annotated[
        float,
        _about("How long a request's body may take to arrive; after 10 seconds also not less than 1 KiB/s.", gt=0),
    ] = 120.0
    idle_seconds_max: Annotated[float, _about("How long a connection may wait for its next request.", gt=0)] = 5.0
    sign_in_hint: Annotated[
        str, _about("A line on the console's sign-in page, such as whom to ask for an account.")
    ] = ""
    metrics_token: Annotated[
        Secret, _about("When set, `/metrics` asks for it as a bearer token. Without it, `/metrics` is open.")
    ] = Secret()


class Console(Section, frozen=True, kw_only=True):
    """The pages for people, and how long somebody stays signed in there."""

    session_hours: Annotated[
        float, _about("How long somebody stays signed in at most, however busy they are.", gt=0, le=24 * 30)
    ] = 12.0
    idle_minutes: Annotated[
        float, _about("How long somebody stays signed in while they do nothing.", gt=0, le=24 * 60 * 30)
    ] = 30.0


class Smtp(Section, frozen=True, kw_only=True):
    """The mail server that e-mails are handed to. Without a host, e-mails wait."""

    host: Annotated[str, _about("The mail server's name. Empty: e-mails wait in the outbox.")] = ""
    port: Annotated[int, _about("The mail server's port.", ge=1, le=65535)] = 587
    security: Annotated[
        Literal["starttls", "tls", "none"],
        _about("`starttls` (587), `tls` from the first byte (465), or `none` for a server on the same machine."),
    ] = "starttls"
    user: Annotated[str, _about("The name to sign in with. Empty: no sign-in.")] = ""
    password: Annotated[Secret, _about("The password to sign in with.")] = Secret()
    timeout_seconds: Annotated[float, _about("How long to wait for the server's next answer.", gt=0)] = 30.0
    connections_max: Annotated[int, _about("How many connections may be open to it at once.", ge=1, le=64)] = 4


class Links(Section, frozen=True, kw_only=True):
    """Links in messages that come back to Habitue: clicks, opens, unsubscribing."""

    public_url: Annotated[
        str,
        _about("Where shoppers reach this server, such as `https://habitue.shop.example`. Empty: `http://host:port`."),
    ] = ""
    secret: Annotated[
        Secret,
        _about("What links and sessions are signed with. Empty: made once and kept in the data directory, mode 600."),
    ] = Secret()
    open_tracking: Annotated[bool, _about("Whether e-mails carry a picture that tells when they are opened.")] = True


class Archive(Section, frozen=True, kw_only=True):
    """The copy of all events, decisions and deliveries in Parquet files."""

    enabled: Annotated[bool, _about("Whether the archive is written.")] = True
    interval_seconds: Annotated[float, _about("How often new rows are written to it.", ge=0.1)] = 1.0


class Catalog(Section, frozen=True, kw_only=True):
    """Products and articles, and the feeds they are fetched from."""

    low_stock: Annotated[
        int, _about("From how many pieces on customers may be told that only few are left.", ge=1, le=1_000_000)
    ] = 3
    delete_percent_max: Annotated[
        float, _about("The largest part of a feed's products, in percent, that one fetch may delete.", ge=0, le=100)
    ] = 20.0
    price_drop_percent_max: Annotated[
        float,
        _about(
            "By how much, in percent, a price may fall at once; one that falls further is held and asked about.",
            ge=0,
            le=100,
        ),
    ] = 80.0
    feed_bytes_max: Annotated[int, _about("The largest feed, after unpacking.", ge=1024)] = 1024 * 1024 * 1024
    fetch_seconds_max: Annotated[float, _about("How long fetching one feed may take.", gt=0)] = 600.0
    private_hosts: Annotated[
        str,
        _about("Hosts that may be fetched from although they are not public, with commas, such as `intranet:8080`."),
    ] = ""


class Disk(Section, frozen=True, kw_only=True):
    """When room on the disk is short. On a small disk a tenth and a fiftieth of it count where they are less."""

    warn_bytes: Annotated[int, _about("With less room than this an alarm says so.", ge=0)] = 1_000_000_000
    check_hours: Annotated[
        int, _about("How often every file is looked through for damage, slowly, in the background; 0: never.", ge=0)
    ] = 24
    reserve_bytes: Annotated[
        int,
        _about(
            "With less room than this events are answered 503, so that what was accepted can be decided and sent.", ge=0
        ),
    ] = 100_000_000


class Alarms(Section, frozen=True, kw_only=True):
    """Where alarms are said besides the console, `/readyz` and the metrics."""

    webhook: Annotated[str, _about("An address that each alarm is posted to, when it begins and when it is over.")] = ""
    webhook_secret: Annotated[
        Secret, _about("What the webhook's bodies are signed with. Without it nothing is posted.")
    ] = Secret()
    email: Annotated[
        str,
        _about(
            "An address that alarms are written to, by the mail server of `smtp`.",
            pattern=r"^([^\s@<>,]+@[^\s@<>,]+)?$",
        ),
    ] = ""


class Backup(Section, frozen=True, kw_only=True):
    """Copies of the data directory, which `habitue backup` makes."""

    hours_max: Annotated[
        int, _about("How old the newest backup may be before an alarm says so; 0 asks for none.", ge=0)
    ] = 0


class Limits(Section, frozen=True, kw_only=True):
    """How much one request or one batch of work may be."""

    body_bytes_max: Annotated[int, _about("The largest request body, after unpacking.", ge=1024)] = 4 * 1024 * 1024
    keyless_body_bytes_max: Annotated[
        int,
        _about("The largest request body, as received, whose write key stands in the body and nowhere else.", ge=1024),
    ] = 1024 * 1024
    event_bytes_max: Annotated[int, _about("The largest event; a larger one becomes a dead letter.", ge=256)] = (
        32 * 1024
    )
    batch_events_max: Annotated[int, _about("The most events one request may bring.", ge=1)] = 2_500
    events_per_second_per_key: Annotated[
        float, _about("The events one write key may send each second in the long run; 0 sets no limit.", ge=0)
    ] = 10_000.0
    events_burst_per_key: Annotated[
        int, _about("The events one write key may send at once after a quiet time.", ge=1)
    ] = 100_000
    bytes_per_day_per_key: Annotated[
        float, _about("The bytes one write key may send in a day, unpacked; 0 sets no limit.", ge=0)
    ] = 20.0 * 1024**3
    bytes_burst_per_key: Annotated[
        int, _about("The bytes one write key may send at once after a quiet time.", ge=1)
    ] = 2 * 1024**3
    new_addresses_per_hour_per_ip: Annotated[
        int, _about("The new email addresses that pages may name from one network address; 0 sets no limit.", ge=0)
    ] = 20
    new_addresses_per_hour_per_key: Annotated[
        int, _about("The new email addresses that pages may name with one write key; 0 sets no limit.", ge=0)
    ] = 1_000
    api_requests_per_minute: Annotated[int, _about("The requests one API key may make in a minute.", ge=1)] = 3_000
    decide_records_max: Annotated[
        int, _about("The most events decided in one transaction when there is a backlog.", ge=1)
    ] = 8_000


class Ingest(Section, frozen=True, kw_only=True):
    """How events are read."""

    default_country: Annotated[
        str,
        _about(
            "The country, such as `TR`, that phone numbers without a country code are read for. "
            "Empty: they are not read.",
            pattern="^([A-Z]{2})?$",
        ),
    ] = ""


class Trust(Section, frozen=True, kw_only=True):
    """What is believed of public keys beyond the table in docs/trust.md."""

    orders: Annotated[
        Literal["server", "browser"],
        _about("`browser`: orders that pages and apps tell count, for a shop that has no other source of them."),
    ] = "server"
    identity: Annotated[
        Literal["server", "browser"],
        _about("`browser`: pages and apps may say without proof who somebody is, at the shop's own risk."),
    ] = "server"
    server_traits: Annotated[
        str, _about("More traits that only a server may tell, with commas, such as `discount_code, club`.")
    ] = ""


class Privacy(Section, frozen=True, kw_only=True):
    """What people may ask for about their data."""

    erase_on_request: Annotated[
        bool, _about("Whether a request to erase somebody that comes from the shop is carried out by itself.")
    ] = False
    identifying: Annotated[
        str,
        _about(
            "Traits and properties of yours, with commas, that tell who somebody is, such as `club_card`. "
            "Whoever sees figures without names cannot ask of them; of usual ones nobody has to say so."
        ),
    ] = ""


class Retention(Section, frozen=True, kw_only=True):
    """How long what is known of people is kept, in days; 0 keeps it for good."""

    events_days: Annotated[int, _about("Events, in the log and in the archive.", ge=0, le=36_500)] = 0
    decisions_days: Annotated[int, _about("Decisions, in the ledger and in the archive.", ge=0, le=36_500)] = 0
    deliveries_days: Annotated[
        int, _about("Messages with what they said, from their last change on.", ge=0, le=36_500)
    ] = 0
    dead_letters_days: Annotated[int, _about("Dead letters.", ge=0, le=36_500)] = 0
    anonymous_days: Annotated[
        int, _about("Visitors nobody ever got to know, from when they were last seen on.", ge=0, le=36_500)
    ] = 0
    customers_days: Annotated[
        int, _about("Known customers, from when they were last seen on; they are erased.", ge=0, le=36_500)
    ] = 0
    hour: Annotated[int, _about("The hour of the day, in UTC, when all this is looked at.", ge=0, le=23)] = 3


class Log(Section, frozen=True, kw_only=True):
    """What the processes say about their own work, on standard error."""

    level: Annotated[
        Literal["debug", "info", "warning", "error"], _about("The least important lines that are shown.")
    ] = "info"
    format: Annotated[
        Literal["auto", "console", "json"],
        _about("`json` for machines, `console` for people; `auto` looks for a terminal."),
    ] = "auto"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. Every field has a default, so that an empty data directory starts."""

    http: Http = Http()
    console: Console = Console()
    smtp: Smtp = Smtp()
    links: Links = Links()
    archive: Archive = Archive()
    catalog: Catalog = Catalog()
    disk: Disk = Disk()
    backup: Backup = Backup()
    alarms: Alarms = Alarms()
    limits: Limits = Limits()
    privacy: Privacy = Privacy()
    retention: Retention = Retention()
    ingest: Ingest = Ingest()
    trust: Trust = Trust()
    log: Log = Log()


class Setting(NamedTuple):
    """What there is to say about one setting; `name` is `section.key`."""

    name: str
    default: Any
    sentence: str
    secret: bool

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return PREFIX + self.name.upper().replace(".", "__")


def catalogue() -> Iterator[Setting]:
    """Every setting there is, in order: what `docs/settings.md` must list."""
    defaults = Settings()
    for section in msgspec.structs.fields(Settings):
        struct = section.type
        hints = get_type_hints(struct, include_extras=True)
        for field in msgspec.structs.fields(struct):
            meta = next(part for part in hints[field.name].__metadata__ if isinstance(part, msgspec.Meta))
            default = getattr(getattr(defaults, section.name), field.name)
            yield Setting(f"{section.name}.{field.name}", default, meta.description or "", isinstance(default, Secret))


def load(data: Path, config: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Defaults, then `habitue.toml` (in the data directory, or the file given), then the environment.

    Raises SettingsError, which names the file and line, or the variable, and the nearest setting that exists.
    """
    known = {setting.name: setting for setting in catalogue()}
    values = _read_file(data / FILE_NAME if config is None else config, known, required=config is not None)
    values |= _read_environment(os.environ if environ is None else environ, known)
    return _build(values)


class _Found(NamedTuple):
    """A value and where it stood, for the error if it turns out wrong."""

    value: Any
    place: str


def _read_file(path: Path, known: Mapping[str, Setting], *, required: bool) -> dict[str, _Found]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        if required:
            raise SettingsError(f"{path}: there is no such file. Leave --config out to start with defaults.") from None
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read as UTF-8 text: {error}") from None
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: is not valid TOML: {error}") from None

    found: dict[str, _Found] = {}
    for section, table in tables.items():
        if section not in Settings.__struct_fields__ or not isinstance(table, dict):
            expected = "a table such as [http]" if section not in Settings.__struct_fields__ else f"a table [{section}]"
            raise SettingsError(
                f"{path}:{_line(text, section)}: found {section!r}, expected {expected}."
                + _nearest(section, Settings.__struct_fields__)
            )
        for key, value in table.items():
            name, place = f"{section}.{key}", f"{path}:{_line(text, key, section)}"
            _require_known(name, known, place)
            found[name] = _Found(value, place)
    return found


def _read_environment(environ: Mapping[str, str], known: Mapping[str, Setting]) -> dict[str, _Found]:
    found: dict[str, _Found] = {}
    for variable, value in sorted(environ.items()):
        if not variable.startswith(PREFIX):
            continue
        section, separator, key = variable.removeprefix(PREFIX).lower().partition("__")
        if not separator:
            _refuse_single_underscore(variable, known)
            continue
        name = f"{section}.{key}"
        stem = name.removesuffix("_file")
        if name not in known and stem in known and known[stem].secret:
            found[stem] = _Found(_read_secret_file(variable, Path(value)), variable)
            continue
        _require_known(name, known, variable)
        if name + "_file" in {key.removeprefix(PREFIX).lower().replace("__", ".") for key in environ}:
            raise SettingsError(f"{variable} and {variable}_FILE are both set; keep one of them.")
        found[name] = _Found(value, variable)
    return found


def _refuse_single_underscore(variable: str, known: Mapping[str, Setting]) -> None:
    """`HABITUE_SMTP_HOST` would be ignored in silence, and the operator would search for hours."""
    for setting in known.values():
        if variable in (setting.variable.replace("__", "_"), setting.variable.replace("__", "_") + "_FILE"):
            raise SettingsError(f"{variable}: unknown setting. Did you mean {setting.variable}, with two underscores?")


def _read_secret_file(variable: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{variable}: the file {path} cannot be read: {error}") from None


def _require_known(name: str, known: Mapping[str, Setting], place: str) -> None:
    if name not in known:
        raise SettingsError(f"{place}: unknown setting {name!r}." + _nearest(name, known))


def _nearest(name: str, names: Any) -> str:
    close = difflib.get_close_matches(name, list(names), n=1)
    return f" Did you mean {close[0]!r}?" if close else " docs/settings.md lists all settings."


def _line(text: str, key: str, section: str | None = None) -> int:
    """The line a key stands on: tomllib does not tell."""
    lines = text.splitlines()
    start = 0
    if section is not None:
        start = next((n for n, line in enumerate(lines) if re.match(rf"\s*\[\s*{re.escape(section)}\s*\]", line)), 0)
    pattern = re.compile(rf"\s*\[?\s*[\"']?{re.escape(key)}[\"']?\s*[=\].]")
    return next((n for n, line in enumerate(lines[start:], start + 1) if pattern.match(line)), start + 1)


def _build(values: Mapping[str, _Found]) -> Settings:
    sections: dict[str, Any] = {}
    for section in msgspec.structs.fields(Settings):
        struct = section.type
        given: dict[str, Any] = {}
        hints = get_type_hints(struct, include_extras=True)
        for field in msgspec.structs.fields(struct):
            found = values.get(f"{section.name}.{field.name}")
            if found is not None:
                given[field.name] = _convert(found, hints[field.name], f"{section.name}.{field.name}")
        sections[section.name] = struct(**given)
    return Settings(**sections)


def _convert(found: _Found, kind: Any, name: str) -> Any:
    # The environment has nothing but text, so "8080" must do for 8080.
    try:
        return msgspec.convert(found.value, kind, strict=False, dec_hook=_decode_secret)
    except msgspec.ValidationError as error:
        # A secret's wrong value must not be repeated; msgspec names types and limits, never the value.
        raise SettingsError(f"{found.place}: {name}: {error}") from None


def _decode_secret(kind: type, value: Any) -> Any:
    if kind is not Secret:
        raise TypeError(f"no setting is a {kind.__name__}")
    if not isinstance(value, str):
        raise ValueError(f"Expected `str`, got `{type(value).__name__}`")
    return Secret(value)


def signing_secret(data: Path, settings: Settings) -> bytes:
    """What links and sessions are signed with: the setting, or the data directory's own."""
    return settings.links.secret.reveal().encode() if settings.links.secret else data_secret(data)
