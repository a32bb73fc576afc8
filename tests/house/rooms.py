"""The rooms of the house as the house tests see them: files, modules and what each imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "habitue"


class Import(NamedTuple):
    """`name` is the full name of a module, or of something in it, and `line` where it is asked for."""

    name: str
    line: int


def modules(room: str = "") -> list[Path]:
    """The Python files of one room, or of all."""
    return sorted((SOURCE / room).rglob("*.py"))


def module_name(path: Path) -> str:
    parts = ("habitue", *path.relative_to(SOURCE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(name: str) -> str:
    """`habitue.run.clock` → `run`; a module of no room, such as `habitue.wire`, is a room of its own."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else ""


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(path: Path) -> Iterator[Import]:
    """Everything the file imports, wherever in it, relative imports spelt out."""
    package = module_name(path).split(".") + ([] if path.name != "__init__.py" else ["__init__"])
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level]) if node.level else ""
            start = ".".join(part for part in (base, node.module or "") if part)
            for alias in node.names:
                yield Import(f"{start}.{alias.name}", node.lineno)


def is_module(name: str) -> bool:
    path = SOURCE.joinpath(*name.split(".")[1:])
    return path.is_dir() or path.with_suffix(".py").is_file()


def project_files() -> list[Path]:
    """Every file that is part of the project, on whatever machine: no builds, caches or environments."""
    passed_over = {
        ".git", ".venv", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis", ".demo",
        "build", "dist", "node_modules",
    }  # fmt: skip
    return [
        path
        for path in sorted(ROOT.rglob("*"))
        if path.is_file() and not passed_over.intersection(path.relative_to(ROOT).parts)
    ]
