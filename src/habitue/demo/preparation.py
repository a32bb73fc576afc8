"""What the demo needs before it can run: settings, keys, an account, a playbook, a catalogue, a year of history."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from datetime import datetime, time, timedelta
from importlib.resources import files
from pathlib import Path

import msgspec

from habitue import wire
from habitue.errors import HabitueError
from habitue.model.api_key import Scope
from habitue.model.instant import Instant, from_datetime, to_datetime
from habitue.run import clock
from habitue.run.playbook_files import read_directory
from habitue.settings import FILE_NAME
from habitue.wire import Parts

from .goods import Good, goods
from .online_retail import import_online_retail
from .orders import Orders
from .people import Person, person
from .prices import Reduction, reductions_of
from .visitors import SOURCE as VISITORS

OWNER = "owner@example.com"
STOREFRONT = "storefront"
SERVER = "storefront-server"
"""The shop's own server: sign-ins, consents and orders, which a page's word alone does not make true."""
HISTORY = "online-retail"
CATALOGUE = "demo"
SHOPKEEPER = "shopkeeper"
_MARKER = "demo.json"
_WRITTEN_BY = "# Written by `habitue demo` at each start; a file without this line is left alone."
_PLAYBOOK_URL = "url: http://127.0.0.1:8080"

# Nobody is written to at night. A newcomer who tries the demo in the evening should not have to wait for the morning;
# nor should the welcome, which goes out at nine, come first and hold up the letter that she is told to look out for.
_OPENS, _LATE = time(9, 5), time(15, 0)


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """What the rest of the demo runs with."""

    goods: list[Good]
    reductions: dict[str, Reduction]
    customers: list[Person]
    storefront_key: str
    server_key: str
    user_secret: str
    visitors_key: str
    api_token: str
    password: str
    secret: str


class _Marker(msgspec.Struct, kw_only=True):
    """What earlier starts have done."""

    password: str
    secret: str
    api_token: str = ""
    imported: bool = False


def prepare(
    data: Path,
    *,
    shop_url: str,
    smtp_host: str,
    smtp_port: int,
    speed: float,
    loopback: bool,
    progress: Callable[[int], None],
) -> Prepared:
    """Make the data directory ready; what is done already is left alone. `progress` is told how many events are in.

    `loopback` says that nobody else can reach the console, so that a password everybody knows does no harm.
    """
    marker = _marker(data, loopback)
    _write_settings(data, smtp_host, smtp_port, marker.password)
    if speed != 1.0:
        begin_in_daylight(data)
    parts = wire.create(data)
    try:
        _account(parts, marker.password)
        wire.apply_playbook(parts, playbook_files(shop_url), "demo")
        stock, customers = _stock(parts)
        if not marker.imported:
            _import(parts, progress)
            marker.imported = True
            _keep_marker(data, marker)
        now, pages_key = parts.clock.now(), _key(parts, STOREFRONT, "browser")
        return Prepared(
            goods=stock,
            reductions=reductions_of(parts.catalog.get([good.product.id for good in stock]).values(), now),
            customers=customers,
            storefront_key=pages_key,
            server_key=_key(parts, SERVER, "server"),
            user_secret=parts.keys.user_secret(pages_key),
            visitors_key=_key(parts, VISITORS, "server"),
            api_token=_api_token(parts, marker, data),
            password=marker.password,
            secret=marker.secret,
        )
    finally:
        parts.close()
        # The run that follows must not begin before the moment at which the last event of the history came in.
        clock.seen(data)


def begin_in_daylight(data: Path) -> None:
    """Move the shop's clock on to the next morning, in this machine's zone, unless it is day and not late."""
    now = clock.running(data).now()
    local = to_datetime(now).astimezone()
    if _OPENS <= local.time() < _LATE:
        return
    morning = datetime.combine(local.date(), _OPENS).astimezone()
    if local.time() >= _OPENS:
        morning = datetime.combine(local.date() + timedelta(days=1), _OPENS).astimezone()
    _set_clock(data, from_datetime(morning))


def playbook_files(shop_url: str) -> dict[str, str]:
    """The gift shop's playbook, with the address under which the storefront really answers."""
    found = read_directory(_playbook_folder())
    text = found["playbook.yaml"]
    if _PLAYBOOK_URL not in text:
        raise HabitueError(f'playbooks/giftshop/playbook.yaml: expected the line "  {_PLAYBOOK_URL}" under shop:')
    return found | {"playbook.yaml": text.replace(_PLAYBOOK_URL, f"url: {shop_url}")}


def _playbook_folder() -> Path:
    # Beside the sources in a clone, inside the package when installed.
    package = Path(str(files("habitue")))
    for folder in (package / "demo" / "playbook", package.parents[1] / "playbooks" / "giftshop"):
        if folder.is_dir():
            return folder
    raise HabitueError("the playbook giftshop is missing; run the demo from a clone, or install the package again")


def _set_clock(data: Path, run: Instant) -> None:
    wall = clock.SystemClock().now()
    anchor = clock.Anchor(wall=wall, run=run, speed=1.0, seen_at=wall)
    (data / clock.ANCHOR_FILE).write_bytes(msgspec.json.encode(anchor))


def _marker(data: Path, loopback: bool) -> _Marker:
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = data / _MARKER
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Marker)
    except FileNotFoundError:
        marker = _Marker(
            password="habitue-demo" if loopback else secrets.token_urlsafe(9),
            secret=secrets.token_urlsafe(24),
        )
        _keep_marker(data, marker)
        return marker
    except msgspec.DecodeError as error:
        raise HabitueError(f"{path} cannot be read: {error}. Delete {data} to begin the demo anew.") from None


def _keep_marker(data: Path, marker: _Marker) -> None:
    path = data / _MARKER
    path.write_bytes(msgspec.json.encode(marker))
    os.chmod(path, 0o600)


def _write_settings(data: Path, smtp_host: str, smtp_port: int, password: str) -> None:
    """Settings as a file, so that `habitue … --data DIR` beside the demo sees the same."""
    path = data / FILE_NAME
    if path.exists() and not path.read_text("utf-8").startswith(_WRITTEN_BY):
        return
    path.write_text(
        f"""{_WRITTEN_BY}
[http]
sign_in_hint = "This is the demo: {OWNER}, password {password}"

[smtp]
host = "{smtp_host}"
port = {smtp_port}
security = "none"

[log]
level = "warning"
""",
        "utf-8",
    )


def _account(parts: Parts, password: str) -> None:
    if all(user.email != OWNER for user in parts.accounts.users()):
        parts.accounts.create_user(OWNER, password, "Owner", known_to_all=True)


def _api_token(parts: Parts, marker: _Marker, data: Path) -> str:
    """What the shopkeeper signs in with. The system keeps only a hash of it, so the note of earlier starts has it."""
    if not marker.api_token or parts.api.key_of(marker.api_token) is None:
        scopes = (Scope.EVENTS_READ, Scope.CATALOGUE_WRITE)
        _, marker.api_token = parts.api.create_key(SHOPKEEPER, scopes, parts.clock.now())
        _keep_marker(data, marker)
    return marker.api_token


def _key(parts: Parts, source: str, kind: str) -> str:
    for key in parts.keys.all():
        if key.source == source and key.kind == kind and key.revoked_at is None:
            return key.key
    return parts.keys.create(source, parts.clock.now(), kind=kind).key


def _stock(parts: Parts) -> tuple[list[Good], list[Person]]:
    orders = Orders()
    try:
        stock = goods(orders)
        customers = [person(str(number), country) for number, country in orders.rows("customers")]
    finally:
        orders.close()
    if parts.catalog.count() != len(stock):
        products = (good.product for good in stock)
        parts.catalog.put_products(products, source=CATALOGUE, at=parts.clock.now(), tell=False)
        parts.catalog.put_sold({good.product.id: good.pieces for good in stock})
    return stock, customers


def _import(parts: Parts, progress: Callable[[int], None]) -> None:
    done = 0

    def told(events: int) -> None:
        nonlocal done
        done += events
        progress(done)

    import_online_retail(wire.taker(parts, HISTORY), to_datetime(parts.clock.now()).date(), told)
