"""`habitue import` from the command line, into a real data directory."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from habitue import wire
from habitue.cli import app
from habitue.errors import HabitueError

from .conftest import file

ORDERS = (
    "Order ID,Customer Email,Created at,Status,Total,Currency\n"
    "1,ana@example.com,2026-05-01 10:00:00,paid,20,EUR\n"
    "2,ben@example.com,2026-05-01 11:00:00,refunded,30,EUR\n"
    "3,,2026-05-01 11:00:00,paid,30,EUR\n"
)


def habitue(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def answered(*arguments: object) -> dict[str, object]:
    result = habitue(*arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, object] = json.loads(result.stdout)
    return found


def test_orders_reach_the_log_once_and_customers_decide_on_them(tmp_path: Path) -> None:
    path, data = file(tmp_path, "orders.csv", ORDERS), tmp_path / "data"
    first = answered("import", "orders", path, "--data", data)
    assert (first["added"], first["rejected"]) == (3, {"no_identity": 1})
    assert first["rejected_file"] == f"{path}.rejected.jsonl"
    again = answered("import", "orders", path, "--data", data)
    assert (again["added"], again["known"]) == (0, 3)
    parts = wire.open_existing(data)
    assert [record.event.name for record in parts.log.scan()] == [
        "Order Completed",
        "Order Completed",
        "Order Refunded",
    ]
    parts.close()


def test_a_dry_run_shows_what_would_come_and_writes_nothing(tmp_path: Path) -> None:
    path, data = file(tmp_path, "orders.csv", ORDERS), tmp_path / "data"
    result = habitue("import", "orders", path, "--data", data, "--dry-run")
    assert result.exit_code == 0
    assert "2 × Order Completed, 1 × Order Refunded. Nothing was written." in result.stdout
    assert "no_identity" in result.stdout
    trial = answered("import", "orders", path, "--data", data, "--dry-run")
    assert trial["whole"] is True
    assert sorted(one.name for one in tmp_path.iterdir()) == ["orders.csv"]


def test_a_dry_run_shows_orders_whose_lines_stand_at_the_end(tmp_path: Path) -> None:
    lines = "order_id,email,date,sku,quantity,price\n" + "1,ana@example.com,2026-05-01,w1,1,10\n" * 3
    trial = answered("import", "orders", file(tmp_path, "a.csv", lines), "--data", tmp_path / "data", "--dry-run")
    assert trial["counts"]["made"] == {"Order Completed": 1}  # type: ignore[index]


def test_the_mapping_that_is_written_is_one_that_can_be_read(tmp_path: Path) -> None:
    path, data = file(tmp_path, "orders.csv", ORDERS), tmp_path / "data"
    mapping = file(tmp_path, "m.yaml", habitue("import", "orders", path, "--write-mapping").stdout)
    assert answered("import", "orders", path, "--mapping", mapping, "--data", data)["added"] == 3
    assert answered("import", "orders", path, "--data", data)["added"] == 0


def test_a_date_that_could_be_two_days_is_asked_about(tmp_path: Path) -> None:
    path = file(tmp_path, "a.csv", "order_id,email,date,total\n1,ana@example.com,03/04/2026,20\n")
    result = habitue("import", "orders", path, "--data", tmp_path / "data")
    assert isinstance(result.exception, HabitueError)
    assert "begins with the day or the month" in str(result.exception)
    assert "--write-mapping" in str(result.exception)
    assert not (tmp_path / "data").exists()


def test_a_wrong_mapping_is_told_with_file_and_line(tmp_path: Path) -> None:
    path = file(tmp_path, "orders.csv", ORDERS)
    mapping = file(tmp_path, "m.yaml", "columns:\n  Order: order_id\n  Created at: time\n  Customer Email: email\n")
    result = habitue("import", "orders", path, "--mapping", mapping, "--data", tmp_path / "data")
    assert str(result.exception).startswith(f'{mapping}:2: unknown column "Order". Did you mean "Order ID"?')


def test_a_file_of_which_nothing_could_be_taken_is_an_error(tmp_path: Path) -> None:
    path = file(tmp_path, "a.csv", ORDERS.splitlines()[0] + "\n3,,2026-05-01 11:00:00,paid,30,EUR\n")
    result = habitue("import", "orders", path, "--data", tmp_path / "data")
    assert result.exit_code == 1
    assert "no_identity" in result.stdout


def test_products_come_into_the_catalogue(tmp_path: Path) -> None:
    path, data = file(tmp_path, "p.jsonl", '{"id": "w1", "title": "Watch", "price": "120.00"}\n'), tmp_path / "data"
    assert answered("import", "products", path, "--data", data)["added"] == 1
    assert answered("import", "products", path, "--data", data)["known"] == 1
    parts = wire.create(data)
    assert parts.catalog.get(["w1"])["w1"].name == "Watch"
    parts.close()


def test_an_import_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    """A real process, killed in the middle; the second start says where it goes on and loses and doubles nothing."""
    rows = "".join(f"{number},u{number % 100},2026-05-01 10:00:00,20\n" for number in range(20_000))
    path, data = file(tmp_path, "orders.csv", "order_id,user_id,date,total\n" + rows), tmp_path / "data"
    command = [sys.executable, "-m", "habitue", "import", "orders", str(path), "--data", str(data)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not list(data.glob("imports/*.place")) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    if not list(data.glob("imports/*.place")):
        pytest.skip("the import was over before it could be killed")
    result = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert "Going on after row" in result.stdout
    parts = wire.open_existing(data)
    assert {record.event.id for record in parts.log.scan()} == {f"order-completed:{number}" for number in range(20_000)}
    assert parts.log.position() == 19_999
    parts.close()
    assert not list(data.glob("imports/*.place"))


HEAD = "playbook: shop\nshop: {name: Watches}\n"
SEGMENTS = """
watch_lovers:
  title: Watch lovers
  condition: '"watches" in trait.interests and did("Account Followed", account="@omega")'
"""


def test_interests_from_outside_stand_in_conditions_like_any_other(tmp_path: Path) -> None:
    data = tmp_path / "data"
    parts = wire.create(data)
    wire.apply_playbook(parts, {"playbook.yaml": HEAD, "segments.yaml": SEGMENTS}, "tests")
    parts.close()
    likes = file(tmp_path, "likes.csv", 'id,Likes\nana,"watches, gloves"\nben,gloves\n')
    mapping = file(tmp_path, "m.yaml", "columns: {id: user_id, Likes: traits.interests as list}\n")
    answered("import", "customers", likes, "--mapping", mapping, "--data", data)
    followed = file(
        tmp_path, "f.jsonl", '{"event":"Account Followed","user":"ana","account":"@omega","at":"2026-05-01"}\n'
    )
    mapping = file(
        tmp_path, "f.yaml", "columns: {event: event, user: user_id, account: properties.account, at: time}\n"
    )
    answered("import", "events", followed, "--mapping", mapping, "--data", data)
    parts = wire.open_existing(data)
    crank = parts.crank()
    while crank.turn(100).records:
        pass
    parts.close()
    members = json.loads(habitue("segments", "members", "watch_lovers", "--data", data, "--json").stdout)
    assert len(members) == 1
