"""The parts of one data directory: from its settings and files to the objects that processes and commands use."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from habitue.content.links import Links
from habitue.errors import HabitueError
from habitue.ingest.settings import IngestSettings, TrustRules
from habitue.model.claims import spelled
from habitue.playbook.load import load
from habitue.playbook.playbook import Playbook
from habitue.run import clock
from habitue.run.bell import DECIDE, Bell
from habitue.run.crank import Crank
from habitue.run.ports import Clock
from habitue.run.suppressing import noter
from habitue.settings import Settings, Trust, data_secret, signing_secret
from habitue.settings import load as load_settings
from habitue.store.alarms import AlarmFile
from habitue.store.archive.archive import read_progress
from habitue.store.archive.recording import ArchiveRecording
from habitue.store.sqlite import SqliteCatalog, SqliteDeliveries, SqliteLog, SqlitePlaybooks, SqliteStore, SqliteView
from habitue.store.sqlite.api import SqliteApi
from habitue.store.sqlite.fills import SqliteFills
from habitue.store.sqlite.privacy import PrivacyFile
from habitue.store.suppressions import SuppressionFile

from .forgetting import note_forgotten
from .inventory import require_whole

if TYPE_CHECKING:
    # These bring templates, cryptography, password hashing and Arrow with them, 60 MB that most processes never use:
    # they are imported where they are first asked for.
    from habitue.analyze.history import History
    from habitue.analyze.population import Population
    from habitue.console.accounts import Accounts
    from habitue.content.renderer import Renderer
    from habitue.store.keys import KeyFile

LOG_FILE = "log.db"
DELIVERIES_FILE = "deliveries.db"
PLAYBOOK_FILE = "playbook.db"
CONSOLE_FILE = "console.db"
KEYS_FILE = "keys.db"
CATALOG_FILE = "catalog.db"
API_FILE = "api.db"
PRIVACY_FILE = "privacy.db"
SUPPRESSIONS_FILE = "suppressions.db"
ALARMS_FILE = "alarms.db"
ARCHIVE_FOLDER = "archive"
FILLS_FOLDER = "fills"
"""What was counted beforehand for a version that not everybody has adopted."""
PLACES_FOLDER = "imports"
"""How far imports that were cut off have come, with the rows that wait for others."""


class NoData(HabitueError):
    """The data directory does not hold a system yet."""


class Parts:
    """One data directory's parts, each made when it is first asked for. One per process; its stores bear threads."""

    def __init__(self, data: Path, settings: Settings, config: Path | None = None) -> None:
        self.data = data
        self.config = config
        self.settings = settings
        self._playbooks_loaded: dict[int, Playbook | None] = {}

    @cached_property
    def clock(self) -> Clock:
        return clock.running(self.data)

    @cached_property
    def alarms(self) -> AlarmFile:
        """Where whoever sees trouble says so."""
        return AlarmFile(self.data / ALARMS_FILE)

    @cached_property
    def log(self) -> SqliteLog:
        return SqliteLog(self.data / LOG_FILE, self.clock, Bell(self.data / DECIDE).ring)

    @cached_property
    def store(self) -> SqliteStore:
        return SqliteStore(self.data)

    @cached_property
    def view(self) -> SqliteView:
        return SqliteView(self.data)

    @cached_property
    def deliveries(self) -> SqliteDeliveries:
        return SqliteDeliveries(self.data / DELIVERIES_FILE)

    @cached_property
    def playbooks(self) -> SqlitePlaybooks:
        return SqlitePlaybooks(self.data / PLAYBOOK_FILE)

    @cached_property
    def keys(self) -> KeyFile:
        from habitue.store.keys import KeyFile

        return KeyFile(self.data / KEYS_FILE, lambda: data_secret(self.data))

    @cached_property
    def api(self) -> SqliteApi:
        return SqliteApi(self.data / API_FILE)

    @cached_property
    def suppressions(self) -> SuppressionFile:
        # Not the secret that links are signed with: that one may be changed, and the list must outlive it.
        return SuppressionFile(self.data / SUPPRESSIONS_FILE, data_secret(self.data), self.clock)

    @cached_property
    def accounts(self) -> Accounts:
        from habitue.console.accounts import Accounts

        console = self.settings.console
        return Accounts(
            self.data / CONSOLE_FILE,
            session_seconds=console.session_hours * 3600,
            idle_seconds=console.idle_minutes * 60,
        )

    @cached_property
    def privacy(self) -> PrivacyFile:
        return PrivacyFile(self.data / PRIVACY_FILE)

    @cached_property
    def secret(self) -> bytes:
        return signing_secret(self.data, self.settings)

    @cached_property
    def catalog(self) -> SqliteCatalog:
        settings = self.settings.catalog
        return SqliteCatalog(self.data / CATALOG_FILE, settings.low_stock, settings.price_drop_percent_max, self.alarms)

    @cached_property
    def links(self) -> Links:
        return Links(self.secret.decode(), self.public_url, open_tracking=self.settings.links.open_tracking)

    @cached_property
    def renderer(self) -> Renderer:
        from habitue.content.renderer import Renderer

        return Renderer(self.playbook, self.catalog, self.links)

    @cached_property
    def fills(self) -> SqliteFills:
        return SqliteFills(self.data / FILLS_FOLDER)

    @property
    def ingest_settings(self) -> IngestSettings:
        limits = self.settings.limits
        return IngestSettings(
            body_bytes_max=limits.body_bytes_max,
            keyless_body_bytes_max=limits.keyless_body_bytes_max,
            event_bytes_max=limits.event_bytes_max,
            batch_events_max=limits.batch_events_max,
            events_per_second_per_key=limits.events_per_second_per_key,
            events_burst_per_key=limits.events_burst_per_key,
            bytes_per_day_per_key=limits.bytes_per_day_per_key,
            bytes_burst_per_key=limits.bytes_burst_per_key,
            new_addresses_per_hour_per_ip=limits.new_addresses_per_hour_per_ip,
            new_addresses_per_hour_per_key=limits.new_addresses_per_hour_per_key,
            trust=_trust_rules(self.settings.trust),
            default_country=self.settings.ingest.default_country,
            public_url=self.settings.links.public_url,
            hosts=frozenset(host.strip().lower() for host in self.settings.http.hosts.split(",") if host.strip()),
        )

    @property
    def public_url(self) -> str:
        """Where shoppers reach this server, without a slash at the end."""
        http, given = self.settings.http, self.settings.links.public_url
        return (given or f"http://{'127.0.0.1' if http.host == '0.0.0.0' else http.host}:{http.port}").rstrip("/")  # noqa: S104

    def playbook(self, version: int) -> Playbook | None:
        """A version, read once; versions never change."""
        if version not in self._playbooks_loaded:
            files = self.playbooks.playbook(version)
            if files is None:
                return None
            self._playbooks_loaded[version] = load(files, version=version)
        return self._playbooks_loaded[version]

    def required_playbook(self, version: int) -> Playbook:
        """A version that must be there, or raises NoData."""
        found = self.playbook(version)
        if found is None:
            raise NoData(f"{self.data} has no playbook version {version}; `habitue apply FOLDER` applies one")
        return found

    def latest_playbook(self) -> Playbook | None:
        """The version in force, None before the first is applied."""
        versions = self.playbooks.playbooks()
        return self.playbook(versions[0]["version"]) if versions else None

    def current_playbook(self) -> Playbook:
        """The version in force, or raises NoData when none has been applied."""
        found = self.latest_playbook()
        if found is None:
            raise NoData(f"no playbook has been applied in {self.data}; `habitue apply FOLDER` applies one")
        return found

    def recording(self, folder: Path | None = None) -> ArchiveRecording:
        """All that happened: the archive, and the log from where it ends; or another archive's folder, or NoData."""
        if folder is None:
            archive = self.data / ARCHIVE_FOLDER
            end = read_progress(archive).events.done
            return ArchiveRecording(archive if end >= 0 else None, end, self.log.scan(end))
        if not any((folder / "events").glob("date=*/*.parquet")):
            raise NoData(
                f"{folder} holds no archived events (events/date=…/*.parquet). `habitue serve` writes an archive "
                f"beside its log, in {self.data / ARCHIVE_FOLDER}; name it or a copy of it with --archive-folder."
            )
        return ArchiveRecording(folder)

    def history(self, memory_limit: str = "2GB", population: Population | None = None) -> History:
        """The past as tables, over all that is decided by now. To be closed."""
        from habitue.analyze.history import History

        folder = self.data / ARCHIVE_FOLDER
        return History(folder, self.log, self.view, memory_limit=memory_limit, population=population)

    def crank(self) -> Crank:
        return Crank(
            self.store,
            self.log,
            self.load,
            note_forgotten=partial(note_forgotten, self.privacy, data_secret(self.data)),
            note_suppressed=noter(self.suppressions),
            fills=self.fills,
        )

    def load(self, files: Mapping[str, str]) -> Playbook:
        """A stored version's files as a playbook; they were checked when they were applied."""
        return load(files)

    def close(self) -> None:
        """Let go of what was opened."""
        for name in (
            "log",
            "store",
            "view",
            "deliveries",
            "playbooks",
            "suppressions",
            "catalog",
            "privacy",
            "api",
            "fills",
        ):
            part = self.__dict__.pop(name, None)
            if part is not None:
                part.close()


def _trust_rules(chosen: Trust) -> TrustRules:
    traits = frozenset(spelled(name) for name in chosen.server_traits.split(",") if name.strip())
    return TrustRules(orders=chosen.orders, identity=chosen.identity, server_traits=traits)


def create(data: Path, config: Path | None = None, environ: Mapping[str, str] | None = None) -> Parts:
    """The parts of a data directory, which is made if need be. `environ` stands for the environment in tests."""
    try:
        # Customers' data: nobody else on this machine has a reason to read it.
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise HabitueError(f"{data}: cannot be made: {error.strerror}. Choose another directory with --data.") from None
    require_whole(data)
    return Parts(data, load_settings(data, config, environ), config)


def open_existing(data: Path, config: Path | None = None) -> Parts:
    """The parts of a data directory that holds a system already. Raises NoData when it does not."""
    require_whole(data)
    if not (data / LOG_FILE).exists():
        raise NoData(
            f"{data} holds no Habitue data. Name the right directory with --data (or HABITUE_DATA), "
            f"or start a new system there with `habitue serve --data {data}`."
        )
    return Parts(data, load_settings(data, config), config)
