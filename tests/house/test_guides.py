"""The guides are true: what they tell readers to write can run, and comes out as they say."""

from __future__ import annotations

import re

import pytest

from habitue.content.check import check_message
from habitue.playbook.load import load
from habitue.playbook.playbook import Playbook
from habitue.playbook.problem import PlaybookError
from habitue.run.conversation import run
from habitue.run.playbook_files import read_directory
from habitue.store.memory import MemoryLog, MemoryStore

from .rooms import ROOT

GUIDE = (ROOT / "docs" / "marketers.md").read_text(encoding="utf-8")


def files_with_the_guides() -> dict[str, str]:
    """The gift shop's playbook, with what the guide adds to it."""
    files = read_directory(ROOT / "playbooks" / "giftshop")
    for name, text in re.findall(r"```yaml\n# (\S+)\n(.*?)```", GUIDE, re.DOTALL):
        files[name] = f"{files[name]}\n{text}" if name in files else text
    return files


def playbook() -> Playbook:
    return load(files_with_the_guides(), check_message=check_message)


def test_what_the_marketers_guide_writes_can_run() -> None:
    assert {"mugs"} <= set(playbook().journeys)


def test_the_marketers_stories_hold() -> None:
    (script,) = re.findall(r"```\n(====.*?)```", GUIDE, re.DOTALL)
    results = run(script, playbook(), lambda clock: (MemoryStore(), MemoryLog(clock)))
    assert len(results) == 2
    assert [mismatch.diff() for result in results for mismatch in result.mismatches] == []


def test_the_misspelt_word_is_pointed_out_as_shown() -> None:
    files = files_with_the_guides()
    head, _, tail = files["segments.yaml"].rpartition("condition:")
    files["segments.yaml"] = f"{head}conditon:{tail}"
    with pytest.raises(PlaybookError) as refused:
        load(files, check_message=check_message)
    for problem in refused.value.problems:
        # Without the number of the line: the gift shop's file may grow.
        said = rf"playbooks/mine/{problem.file}:\d+: {re.escape(problem.text)}"
        assert re.search(f"^{said}$", GUIDE, re.MULTILINE), problem
