"""`decide` and `playbook` are pure: no clock, no chance, no input or output, nothing of the machine they run on."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from .rooms import SOURCE, imports, modules, tree

MAY_IMPORT = {
    # The language itself.
    "__future__", "abc", "ast", "bisect", "calendar", "collections", "contextlib", "copy", "dataclasses", "datetime",
    "decimal", "difflib", "email.utils", "enum", "fractions", "functools", "hashlib", "heapq", "itertools", "json",
    "keyword", "math", "operator", "posixpath", "re", "string", "textwrap", "types", "typing", "unicodedata",
    "urllib.parse",
    # Reads the time-zone tables; the same answer on every machine since tzdata is a locked dependency.
    "zoneinfo",
    # Keeps Python's own remarks about an odd literal in a condition from the operator's terminal.
    "warnings",
    # From text or bytes in memory to values and back.
    "msgspec", "yaml", "jsonschema", "liquid", "mrml", "babel", "sqlglot", "idna",
}  # fmt: skip
"""A list of what is allowed, since the list of what is not would never end."""

FORBIDDEN_CALLS = {"open", "input", "print", "exec", "eval", "compile", "__import__", "breakpoint", "globals", "id"}
FORBIDDEN_ATTRIBUTES = {
    "now",
    "utcnow",
    "today",
    "fromtimestamp",
    "getenv",
    "environ",
    "read_text",
    "read_bytes",
    "urandom",
}
CLOCK_OWNERS = {"datetime", "date", "time", "os", "Path", "secrets"}

PURE_FILES = [path for room in ("model", "playbook", "decide") for path in modules(room)]


@pytest.mark.parametrize("path", PURE_FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_only_pure_modules_are_imported(path: Path) -> None:
    for imported in imports(path):
        name = imported.name
        allowed = name.startswith("habitue") or any(name == pure or name.startswith(pure + ".") for pure in MAY_IMPORT)
        assert allowed, (
            f"{path.relative_to(SOURCE)}:{imported.line}: {name} is not on the list of what pure code may import"
        )


@pytest.mark.parametrize("path", PURE_FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_nothing_asks_for_the_time_or_touches_the_world(path: Path) -> None:
    for node in ast.walk(tree(path)):
        place = f"{path.relative_to(SOURCE)}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in FORBIDDEN_CALLS, f"{place}: {node.func.id}() has no place in pure code"
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in CLOCK_OWNERS:
            assert node.attr not in FORBIDDEN_ATTRIBUTES, (
                f"{place}: {node.value.id}.{node.attr} has no place in pure code"
            )
        # `hash("text")` differs from process to process; blake2b does not.
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "hash":
            pytest.fail(f"{place}: hash() is salted in each process; use hashlib")


@pytest.mark.parametrize("path", PURE_FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_nothing_is_remembered_in_a_global(path: Path) -> None:
    """A module-level variable that functions change would make one step depend on another."""
    for node in ast.walk(tree(path)):
        assert not isinstance(node, ast.Global), f"{path.relative_to(SOURCE)}:{node.lineno}: no globals in pure code"
