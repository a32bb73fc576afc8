"""What the documentation shows can be written just so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from habitue.playbook.conditions import parse
from habitue.playbook.conditions.condition import Kind
from habitue.playbook.conditions.paths import FUNCTIONS

PAGE = (Path(__file__).parents[3] / "docs" / "conditions.md").read_text(encoding="utf-8")


def shown(kind: Kind) -> list[str]:
    return [line for block in re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]


@pytest.mark.parametrize("text", shown("condition"))
def test_each_condition_shown_is_one(text: str) -> None:
    parse(text)


@pytest.mark.parametrize("text", shown("filter"))
def test_each_filter_shown_is_one(text: str) -> None:
    parse(text, kind="filter", entry_event=True)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_each_function_is_explained(function: str) -> None:
    assert f"`{function}(E" in PAGE
