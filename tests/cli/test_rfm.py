"""`habitue rfm` and `habitue language`: bands measured into a playbook, groups with their sizes, words for editors."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from habitue import wire
from habitue.cli import app
from habitue.errors import HabitueError
from habitue.model.event import Event
from habitue.model.instant import DAY
from habitue.playbook.conditions import parse
from habitue.playbook.load import load
from habitue.playbook.rfm import Bands
from habitue.run.playbook_files import read_directory

GIFTSHOP = Path(__file__).parents[2] / "playbooks" / "giftshop"


def run(*line: str) -> Result:
    return CliRunner().invoke(app, list(line))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty people, the nth with n orders."""
    folder = tmp_path_factory.mktemp("rfm") / "data"
    parts = wire.create(folder, environ={})
    wire.apply_playbook(parts, read_directory(GIFTSHOP), "tests")
    now = parts.clock.now()
    parts.log.append(
        [
            Event(
                id=f"{number}-{time}",
                source="web",
                type="track",
                name="Order Completed",
                occurred_at=now - number * DAY,
                user_id=f"c{number}",
                properties={"order_id": f"{number}-{time}", "total": number},
            )
            for number in range(1, 41)
            for time in range(number)
        ]
    )
    crank = parts.crank()
    while crank.turn(1_000).records:
        pass
    parts.close()
    return folder


@pytest.fixture
def playbook(tmp_path: Path) -> Path:
    folder = tmp_path / "playbook"
    shutil.copytree(GIFTSHOP, folder)
    return folder


def test_bands_are_measured_into_the_playbook(data: Path, playbook: Path) -> None:
    head = playbook / "playbook.yaml"
    head.write_text(head.read_text(encoding="utf-8") + "\nrfm: {bands: percentile}\n", encoding="utf-8")
    assert load(read_directory(playbook)).rfm.bands == Bands()
    result = run("rfm", "measure", str(playbook), "--data", str(data))
    assert result.exit_code == 0, result.output
    assert "has the bands of 40 customers" in result.output
    assert load(read_directory(playbook)).rfm.bands.frequency == (9, 17, 25, 33)
    assert run("check", str(playbook)).exit_code == 0


def test_what_holds_instead_of_measured_bands_is_said_until_they_are(
    data: Path, playbook: Path, tmp_path: Path
) -> None:
    data = Path(shutil.copytree(data, tmp_path / "data"))
    head = playbook / "playbook.yaml"
    usual = head.read_text(encoding="utf-8")

    def told() -> list[str]:
        """What `plan`, `check` and `apply` say of it, each once; here none of them fails for it."""
        plan = run("plan", str(playbook), "--days", "0", "--data", str(data))
        applied = run("apply", str(playbook), "--yes", "--data", str(data))
        results = [plan, run("check", str(playbook)), applied]
        assert [result.exit_code for result in results] == [0, 0, 0]
        return [line for result in results for line in result.output.splitlines() if "habitue rfm measure" in line]

    head.write_text(usual + "\nrfm: {bands: percentile}\n", encoding="utf-8")
    (playbook / "measured").mkdir()
    lines = told()
    assert len(lines) == 3 and all("not measured yet" in line and "playbook.yaml:" in line for line in lines)
    (playbook / "measured" / "rfm.yaml").write_text("measured: what somebody broke", encoding="utf-8")
    assert run("rfm", "measure", str(playbook), "--data", str(data)).exit_code == 0
    assert told() == []
    head.write_text(usual + "\nrfm: {bands: percentile, monetary: sum}\n", encoding="utf-8")
    lines = told()
    assert len(lines) == 3 and all("something else counted as buying" in line for line in lines)


def test_a_place_where_bands_cannot_be_written_is_said(data: Path, playbook: Path) -> None:
    head = playbook / "playbook.yaml"
    head.write_text(head.read_text(encoding="utf-8") + "\nrfm: {bands: percentile}\n", encoding="utf-8")
    (playbook / "measured").write_text("a file where the folder should be", encoding="utf-8")
    result = run("rfm", "measure", str(playbook), "--data", str(data))
    assert isinstance(result.exception, HabitueError)
    assert "measured/rfm.yaml: cannot be written" in str(result.exception)


def test_fixed_bands_are_not_measured(data: Path, playbook: Path) -> None:
    result = run("rfm", "measure", str(playbook), "--data", str(data))
    assert result.exit_code == 1
    assert "its bands are fixed" in str(result.exception)


def test_each_group_has_its_size(data: Path) -> None:
    rows = json.loads(run("rfm", "groups", "--data", str(data), "--json").output)
    assert len(rows) == 11
    assert sum(row["people"] for row in rows) == 40
    assert next(row for row in rows if row["group"] == "new")["people"] == 1


def test_the_language_is_told_to_people_and_to_editors() -> None:
    for people in (run("language"), run("language", str(GIFTSHOP))):
        assert people.exit_code == 0
        assert "bucket(salt, low, high)" in people.output
    words = json.loads(run("language", str(GIFTSHOP), "--json").output)
    assert words["own"]["segments"]["lost"] == "Lost"
    assert words["own"]["topics"] == ["news", "offers"]
    for function in words["functions"]:
        parse(function["example"])
