"""Imports point one way: model ← playbook ← decide ← run ← {api, onsite, console, cli} ← wire."""

from __future__ import annotations

import subprocess
import sys

import pytest

from .rooms import SOURCE, imports, is_module, module_name, modules, room_of

BASE = {"errors", "model", "private"}
PURE = BASE | {"playbook", "decide"}
DOORS = PURE | {"run", "run.ports", "settings"}

MAY_SEE: dict[str, set[str]] = {
    "errors": set(),
    "model": {"errors"},
    "private": set(),
    "secret": set(),
    "settings": {"errors", "secret"},
    "logs": {"settings"},
    "fetch": {"errors"},
    "http": set(),
    "playbook": BASE,
    "decide": BASE | {"playbook"},
    # These implement what `run` asks for: they see its ports, never its runners.
    "ingest": BASE | {"playbook", "run.ports", "settings"},
    "store": BASE | {"playbook", "run.ports"},
    "channels": BASE | {"playbook", "run.ports", "settings"},
    "content": BASE | {"playbook", "run.ports", "catalog"},
    "catalog": BASE | {"playbook", "run.ports", "fetch"},
    # Files come in through the same steps as live traffic, and their mappings are read with the playbook's forms.
    "importing": BASE | {"playbook", "ingest"},
    "run": PURE,
    # Reads the archive's columns and the state's view; decides nothing, and is asked by the doors.
    "analyze": PURE | {"run.ports", "store"},
    "api": DOORS,
    "onsite": DOORS | {"content"},
    "console": DOORS | {"content"},
    # The two that put everything together, and the demo, which is a user of all of it.
    "wire": {"*"},
    "cli": {"*"},
    "demo": {"*"},
    "__main__": {"cli"},
}
"""Room → rooms it may import from, besides itself. `run.ports` alone means the interfaces and nothing else of `run`."""

ONLY_SEEN_BY: dict[str, set[str]] = {
    "demo": {"cli"},
    "cli": {"__main__"},
    "wire": {"cli", "demo"},
}
"""Room → the only rooms that may import from it."""


def seen(path_room: str, name: str) -> str | None:
    """What an import counts as under the law, or None when it is free: outside the project, or in the same room."""
    if not name.startswith("habitue.") and name != "habitue":
        return None
    room = room_of(name)
    if room in ("", path_room, "__version__"):
        return None
    return "run.ports" if name.startswith("habitue.run.ports") else room


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_point_one_way(path) -> None:  # type: ignore[no-untyped-def]
    room = room_of(module_name(path))
    if room == "":
        return
    assert room in MAY_SEE, f"the room {room!r} is new: say in MAY_SEE what it may import"
    for imported in imports(path):
        target = seen(room, imported.name)
        if target is None:
            continue
        allowed = MAY_SEE[room]
        assert target in allowed or "*" in allowed, (
            f"{path.relative_to(SOURCE)}:{imported.line}: {room} imports {imported.name}, "
            f"and may only import from {', '.join(sorted(allowed)) or 'nothing'}"
        )
        only = ONLY_SEEN_BY.get(target)
        assert only is None or room in only, (
            f"{path.relative_to(SOURCE)}:{imported.line}: {target} may only be imported by {', '.join(sorted(only))}"
        )


def test_channels_do_not_know_each_other() -> None:
    """A channel is a file or folder of `channels`; what they share stands in its top files that name no channel."""
    names = {path.stem for path in (SOURCE / "channels").glob("*") if path.stem in ("email", "smtp", "onsite")}
    for path in modules("channels"):
        own = path.relative_to(SOURCE / "channels").parts[0].removesuffix(".py")
        if own not in names:
            continue
        for imported in imports(path):
            other = imported.name.removeprefix("habitue.channels.").split(".")[0]
            assert other == own or other not in names, f"{path}:{imported.line}: {own} imports its sibling {other}"


def test_there_are_no_import_cycles_between_modules() -> None:
    """Two modules that need each other are one module, or hide a third."""
    graph: dict[str, set[str]] = {}
    for path in modules():
        name = module_name(path)
        graph[name] = set()
        for imported in imports(path):
            target = imported.name
            while target.startswith("habitue.") and not is_module(target):
                target = target.rpartition(".")[0]
            if target.startswith("habitue.") and target != name and not name.startswith(target + "."):
                graph[name].add(target)

    visiting: list[str] = []
    done: set[str] = set()

    def visit(name: str) -> None:
        if name in done:
            return
        assert name not in visiting, "import cycle: " + " → ".join([*visiting[visiting.index(name) :], name])
        visiting.append(name)
        for target in sorted(graph.get(name, ())):
            visit(target)
        done.add(visiting.pop())

    for name in sorted(graph):
        visit(name)


def test_what_only_questions_of_the_past_need_is_not_in_every_process() -> None:
    """DuckDB, Arrow and what they bring are 50 MB each time; six processes run where nobody asks anything."""
    asked = "import sys, habitue.cli, habitue.wire.process; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout.split()
    assert not {"duckdb", "pyarrow", "numpy", "pandas", "sqlglot", "pyspark"} & set(told)
