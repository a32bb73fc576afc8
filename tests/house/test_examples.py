"""The examples are true: each command line in them is one that there is, with options that it takes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

import typer
import yaml

from habitue.cli import app

from .rooms import ROOT

WORKFLOW = ROOT / "examples" / "github-action" / "playbook.yml"


def workflow() -> dict[Any, Any]:
    found = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def command_lines() -> Iterator[list[str]]:
    """Every `habitue …` of every script, in words."""
    for job in workflow()["jobs"].values():
        for step in job["steps"]:
            script = step.get("run", "").replace("\\\n", " ")
            # What the shell would put in is one word here: nothing of it is ours.
            script = re.sub(r"\$\([^)]*\)|\$\{?\w+\}?", "word", script)
            for line in script.splitlines():
                words = shlex.split(line)
                if words[:1] == ["habitue"]:
                    yield words[1:]


def test_the_action_has_a_job_for_pull_requests_and_one_for_merges() -> None:
    found = workflow()
    # YAML 1.1 reads the word `on` as true.
    assert set(found[True]) == {"pull_request", "push"}
    assert set(found["jobs"]) == {"plan", "apply"}
    assert all("uses" in step or "run" in step for job in found["jobs"].values() for step in job["steps"])


def test_pull_requests_from_forks_run_nothing_on_the_shops_machine() -> None:
    condition = workflow()["jobs"]["plan"]["if"]
    assert "github.event.pull_request.head.repo.full_name == github.repository" in condition


def test_every_command_line_of_the_action_can_be_given() -> None:
    group = typer.main.get_command(app)
    lines = list(command_lines())
    assert [line[0] for line in lines] == ["check", "test", "plan", "apply"]
    for name, *words in lines:
        command = group.commands[name]  # type: ignore[attr-defined]
        context = command.context_class(command, info_name=name)
        _, left, _ = command.make_parser(context).parse_args(list(words))
        assert not left, f"habitue {name} does not take {left}"
