"""What people choose or read is documented: every setting, every reason, every command."""

from __future__ import annotations

import ast
import importlib.util

from prometheus_client.core import CounterMetricFamily

from habitue import settings
from habitue.api.metrics import FIGURES
from habitue.cli import app
from habitue.model.alarm import ALARM_KINDS
from habitue.model.reason import SENTENCES, Outcome, Reason
from habitue.run import clock, supervisor
from habitue.wire import inventory, parts, soundness
from habitue.wire.backup import note, restoring

from .rooms import ROOT, modules, tree

DOCS = ROOT / "docs"


def row(text: str, name: str) -> str | None:
    """The table row that starts with `name` in code letters."""
    return next((line for line in text.splitlines() if line.startswith(f"| `{name}` |")), None)


def test_every_setting_is_documented_as_it_is() -> None:
    text = (DOCS / "settings.md").read_text(encoding="utf-8")
    for setting in settings.catalogue():
        line = row(text, setting.name)
        assert line, f"docs/settings.md does not list {setting.name}"
        assert setting.sentence in line, f"docs/settings.md says something else about {setting.name}"
        assert setting.variable in line, f"docs/settings.md does not name {setting.variable}"


def test_no_setting_is_documented_that_does_not_exist() -> None:
    names = {setting.name for setting in settings.catalogue()}
    text = (DOCS / "settings.md").read_text(encoding="utf-8")
    listed = {line.split("`")[1] for line in text.splitlines() if line.startswith("| `") and "." in line.split("`")[1]}
    assert listed == names


def test_every_reason_has_a_sentence_and_is_documented() -> None:
    assert set(SENTENCES) == set(Reason)
    text = (DOCS / "reasons.md").read_text(encoding="utf-8")
    for reason, sentence in SENTENCES.items():
        line = row(text, reason.value)
        assert line, f"docs/reasons.md does not list {reason.value}"
        assert sentence in line, f"docs/reasons.md says something else about {reason.value}"


def test_every_outcome_is_documented() -> None:
    text = (DOCS / "reasons.md").read_text(encoding="utf-8")
    for outcome in Outcome:
        assert row(text, outcome.value), f"docs/reasons.md does not list {outcome.value}"


def test_every_kind_of_alarm_is_documented_as_it_is() -> None:
    text = (DOCS / "alarms.md").read_text(encoding="utf-8")
    for name, kind in ALARM_KINDS.items():
        line = row(text, name)
        assert line, f"docs/alarms.md does not list {name}"
        said = f"| {kind.title} | {kind.advice} | {'yes' if kind.halts else 'no'} |"
        assert said in line, f"docs/alarms.md says something else about {name}"


def test_nobody_sounds_or_clears_an_alarm_of_a_kind_that_is_not_listed() -> None:
    for path in modules():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_alarm(node):
                kind = node.args[0]
                assert not isinstance(kind, ast.Constant) or kind.value in ALARM_KINDS, f"{path}:{node.lineno}"


def _is_alarm(call: ast.Call) -> bool:
    """`….sound(kind, subject, detail, now)` or `….clear(kind, subject, now)`."""
    assert isinstance(call.func, ast.Attribute)
    return (call.func.attr, len(call.args)) in {("sound", 4), ("clear", 3)}


def test_every_metric_is_documented_as_it_is() -> None:
    text = (DOCS / "operators.md").read_text(encoding="utf-8")
    for figure in FIGURES:
        line = row(text, figure.name + ("_total" if figure.kind is CounterMetricFamily else ""))
        assert line, f"docs/operators.md does not list {figure.name}"
        assert figure.sentence in line, f"docs/operators.md says something else about {figure.name}"


def test_every_command_is_documented() -> None:
    text = (DOCS / "cli.md").read_text(encoding="utf-8")
    verbs = [command.name for command in app.registered_commands]
    verbs += [
        f"{group.name} {command.name or command.callback.__name__}"
        for group in app.registered_groups
        for command in group.typer_instance.registered_commands
    ]
    for verb in verbs:
        first, _, second = verb.partition(" ")
        assert f"`habitue {first}" in text, f"docs/cli.md does not list habitue {verb}"
        assert not second or f"{second}`" in text or f"{second} " in text, f"docs/cli.md does not list habitue {verb}"


def test_every_file_of_the_data_directory_is_documented() -> None:
    text = (DOCS / "operators.md").read_text(encoding="utf-8")
    for name in (
        parts.LOG_FILE,
        parts.DELIVERIES_FILE,
        parts.PLAYBOOK_FILE,
        parts.CONSOLE_FILE,
        parts.KEYS_FILE,
        parts.CATALOG_FILE,
        parts.API_FILE,
        parts.SUPPRESSIONS_FILE,
        parts.ALARMS_FILE,
        inventory.INVENTORY_FILE,
        note.NOTE_FILE,
        soundness.NOTE_FILE,
        restoring.RESTORED_FILE,
        f"{parts.FILLS_FOLDER}/",
        clock.ANCHOR_FILE,
        supervisor.STATUS_FILE,
        "state.db",
    ):
        assert f"`{name}`" in text, f"docs/operators.md does not say what {name} is"


def test_no_link_leads_nowhere() -> None:
    specification = importlib.util.spec_from_file_location("docs_build", DOCS / "build.py")
    assert specification is not None
    assert specification.loader is not None
    build = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(build)
    assert build.problems() == []
