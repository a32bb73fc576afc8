"""Wrong merges are found and undone from the command line."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner, Result

from habitue import wire
from habitue.cli import app
from habitue.model.customer import customer_id
from habitue.model.event import Event

TABLET = customer_id("anonymous", "tablet")


def _shop(data: Path) -> None:
    """Ana signs in on the tablet Ben has looked at a watch on."""
    parts = wire.create(data, environ={})
    now = parts.clock.now()
    look = {"source": "web", "type": "track", "name": "Product Viewed", "occurred_at": now, "anonymous_id": "tablet"}
    parts.log.append(
        [
            Event(id="1", properties={"product_id": "B1"}, **look),  # type: ignore[arg-type]
            Event(id="2", properties={"product_id": "A1"}, user_id="ana", **look),  # type: ignore[arg-type]
        ]
    )
    _turn(data)
    parts.close()


def _turn(data: Path) -> None:
    parts = wire.open_existing(data)
    crank = parts.crank()
    while crank.turn(100).records:
        pass
    parts.close()


def habitue(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_a_wrong_merge_is_listed_and_undone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    _shop(data)
    [row] = json.loads(habitue("people", "merges", "ana", "--json", "--data", str(data)).output)
    assert (row["what"], row["other"], row["through"]) == ("merged", TABLET, "anonymous")
    assert habitue("people", "split", "ana", row["other"], "--yes", "--data", str(data)).exit_code == 0
    _turn(data)
    rows = json.loads(habitue("people", "merges", "--json", "--data", str(data)).output)
    assert [row["what"] for row in rows] == ["parted", "parted", "merged"]
    shown = json.loads(habitue("people", "show", TABLET, "--json", "--data", str(data)).output)
    assert [event["properties"]["product_id"] for event in shown["events"]] == ["B1"]


def test_who_was_not_joined_cannot_be_split_off(tmp_path: Path) -> None:
    data = tmp_path / "data"
    _shop(data)
    refused = habitue("people", "split", "ana", "nobody", "--yes", "--data", str(data))
    assert refused.exit_code == 1 and f"these were: {TABLET}" in str(refused.exception)
