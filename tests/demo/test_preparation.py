"""Getting the demo's data directory ready: once, in daylight, and without treading on anybody's settings."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import msgspec
import pytest

from habitue import wire
from habitue.demo.preparation import OWNER, begin_in_daylight, playbook_files, prepare
from habitue.demo.preparation import Prepared as Prepared_
from habitue.errors import HabitueError
from habitue.model.instant import HOUR, MINUTE, to_datetime
from habitue.run import clock
from habitue.wire import checked

SHOP = "http://127.0.0.1:9191"


def ready(data: Path, told: list[int] | None = None) -> Prepared_:
    return prepare(
        data,
        shop_url=SHOP,
        smtp_host="127.0.0.1",
        smtp_port=2525,
        speed=60,
        loopback=True,
        progress=(told if told is not None else []).append,
    )


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "data"
    ready(folder)
    return folder


def test_the_history_is_in_the_log_and_nothing_of_it_was_refused(data: Path) -> None:
    parts = wire.open_existing(data)
    assert parts.log.fence()[1] + 1 == 30_604 + 1  # and the playbook that was applied
    assert parts.log.dead_letters() == []
    parts.close()


def test_the_catalogue_knows_what_sells(data: Path) -> None:
    parts = wire.open_existing(data)
    assert parts.catalog.count() == 3798
    assert parts.catalog.get(["22423"])["22423"].url == "/product/regency-cakestand-3-tier-22423"
    assert len(parts.catalog.bestsellers("Baking", 3)) == 3
    parts.close()


def test_preparing_again_changes_nothing(data: Path) -> None:
    parts = wire.open_existing(data)
    before = parts.log.fence()[1]
    told: list[int] = []
    first, second = ready(data, told), ready(data)
    assert told == []
    assert (first.storefront_key, first.visitors_key) == (second.storefront_key, second.visitors_key)
    assert parts.log.fence()[1] == before
    parts.close()


def test_the_owner_can_sign_in_with_the_password_that_is_shown(data: Path) -> None:
    parts = wire.open_existing(data)
    assert parts.accounts.verify(OWNER, ready(data).password) is not None
    parts.close()


def test_time_never_goes_back_behind_the_history(data: Path) -> None:
    parts = wire.open_existing(data)
    latest = parts.log.fence()[0]
    assert clock.start(data, 60).now() >= latest - 5_000_000 * 60
    parts.close()


def test_the_mail_server_is_set_for_commands_beside_the_demo_too(data: Path) -> None:
    smtp = wire.open_existing(data).settings.smtp
    assert (smtp.host, smtp.port, smtp.security) == ("127.0.0.1", 2525, "none")


def test_settings_somebody_else_wrote_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "habitue.toml").write_text('[smtp]\nhost = "mail.shop.example"\n')
    monkeypatch.setattr("habitue.demo.preparation._import", lambda parts, progress: None)
    ready(tmp_path)
    assert wire.create(tmp_path).settings.smtp.host == "mail.shop.example"


def test_where_others_can_reach_the_console_the_password_is_nobodys_guess(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("habitue.demo.preparation._import", lambda parts, progress: None)
    made = prepare(
        tmp_path, shop_url=SHOP, smtp_host="x", smtp_port=25, speed=1, loopback=False, progress=lambda done: None
    )
    assert made.password != "habitue-demo"
    assert len(made.password) >= 12


def test_the_playbook_names_the_storefront_that_runs_and_still_holds() -> None:
    files = playbook_files(SHOP)
    assert checked(files).shop.url == SHOP


def test_a_damaged_note_of_earlier_starts_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "demo.json").write_text("{")
    with pytest.raises(HabitueError, match="begin the demo anew"):
        ready(tmp_path)


@pytest.mark.parametrize("hours", range(24))
def test_the_demo_opens_in_the_morning_or_goes_on_by_day(tmp_path: Path, hours: int) -> None:
    wall = clock.SystemClock().now()
    start = wall + 48 * HOUR + hours * HOUR
    anchor = clock.Anchor(wall=wall, run=start, speed=1.0, seen_at=wall)
    (tmp_path / clock.ANCHOR_FILE).write_bytes(msgspec.json.encode(anchor))
    begin_in_daylight(tmp_path)
    now = clock.running(tmp_path).now()
    assert start <= now < start + 19 * HOUR
    assert time(9, 5) <= to_datetime(now + MINUTE).astimezone().time() <= time(15, 2)
