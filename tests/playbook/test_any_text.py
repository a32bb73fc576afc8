"""Whatever an author writes, the answer is a playbook or a list of problems, never a crash."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habitue.content.check import check_message
from habitue.playbook.load import kind_of, load
from habitue.playbook.problem import PlaybookError
from habitue.run.playbook_files import read_directory

from .small import files

GIFTSHOP = read_directory(Path(__file__).parents[2] / "playbooks" / "giftshop")
WRITTEN = sorted(path for path in GIFTSHOP if kind_of(path) != "part")
WORDS = [
    "",
    "null",
    "[]",
    "{}",
    "- 1",
    "true",
    "1e999",
    "a: b",
    "- a: [",
    "''",
    "{{ x",
    "cart",
    "event.x",
    "\u0000",
    "ß🎁",
]


def accepted_or_refused(changed: dict[str, str], check: bool = True) -> None:
    try:
        load(changed, check_message=check_message if check else None)
    except PlaybookError as error:
        assert all(problem.line >= 1 and problem.column >= 1 and problem.text for problem in error.problems)


@pytest.mark.parametrize("path", sorted(path for path in files()))
@pytest.mark.parametrize("text", WORDS)
def test_a_file_of_nonsense_is_refused_in_words(path: str, text: str) -> None:
    accepted_or_refused({**files(), path: text})


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_file_with_a_slip_in_it_is_accepted_or_refused_in_words(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(WRITTEN))
    lines = GIFTSHOP[path].splitlines()
    number = data.draw(st.integers(0, len(lines) - 1))
    line = lines[number]
    cut = data.draw(st.integers(0, len(line)))
    lines[number] = line[:cut] + data.draw(st.sampled_from(WORDS) | st.text(max_size=8)) + line[cut + 1 :]
    accepted_or_refused(GIFTSHOP | {path: "\n".join(lines)}, check=False)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_file_with_a_line_too_few_or_too_deep_is_accepted_or_refused_in_words(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(WRITTEN))
    lines = GIFTSHOP[path].splitlines()
    number = data.draw(st.integers(0, len(lines) - 1))
    lines[number : number + 1] = data.draw(st.sampled_from([[], [f"  {lines[number]}"], [lines[number]] * 2]))
    accepted_or_refused(GIFTSHOP | {path: "\n".join(lines)}, check=False)
