"""The README is true: every row of the mission is there once, every test it names exists, every figure has its row."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest

from .rooms import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
SIZES = {"K": 10, "A": 4, "D": 12, "S": 6, "P": 7, "T": 4, "W": 3}
MISSION = [f"{letter}{number}" for letter, size in SIZES.items() for number in range(1, size + 1)]
"""The ids of everything Habitue is to do. No row is ever dropped: it works, works in part, or does not yet."""


class Feature(NamedTuple):
    """A row of the README's table."""

    id: str
    what: str
    state: str
    shown_by: tuple[str, ...]


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def features() -> list[Feature]:
    rows = [cells(line) for line in README.splitlines() if re.match(r"\| [A-Z]\d+ \|", line)]
    return [Feature(row[0], row[1], row[2], tuple(re.findall(r"\]\(([^)]+)\)", row[3]))) for row in rows]


def test_each_row_of_the_mission_is_there_once_and_in_order() -> None:
    assert [feature.id for feature in features()] == MISSION


@pytest.mark.parametrize("feature", features(), ids=lambda feature: feature.id)
def test_what_is_said_to_work_is_shown_by_tests_that_exist(feature: Feature) -> None:
    assert feature.what
    word = re.match(r"works|in part: |not yet", feature.state)
    assert word, f'{feature.id}: "{feature.state}" is none of: works, in part: …, not yet'
    for path in feature.shown_by:
        assert (ROOT / path).is_file(), f"{feature.id} names {path}, which is not there"
    if word[0] == "not yet":
        assert not feature.shown_by, f"{feature.id} is not yet there, and yet a test shows it"
    else:
        assert any(re.fullmatch(r"tests/.*/test_\w+\.py", path) for path in feature.shown_by), (
            f"{feature.id} is said to work, and no test shows it"
        )


def test_every_figure_of_the_bench_has_its_row() -> None:
    source = (ROOT / "bench" / "figures.py").read_text(encoding="utf-8")
    figures = re.findall(r'Figure\(\s*"([^"]+)"', source)
    table = README.split("## Performance")[1].split("\n## ")[0]
    rows = [cells(line)[0] for line in table.splitlines() if line.startswith("| ")]
    assert rows[1:] == figures


def test_every_page_can_be_reached_from_the_readme() -> None:
    linked = set(re.findall(r"\]\(docs/([\w-]+\.md)", README))
    assert {path.name for path in (ROOT / "docs").glob("*.md")} == linked


def test_the_two_commands_stand_on_the_first_screen() -> None:
    first_screen = "\n".join(README.splitlines()[:25])
    assert "make demo" in first_screen
    assert "make test" in first_screen
