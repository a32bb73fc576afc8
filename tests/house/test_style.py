"""Style that matters: openings, names, sizes, nothing half done, nothing that ties the project to one machine."""

from __future__ import annotations

import ast
import hashlib
import re
from pathlib import Path

import pytest

from .rooms import ROOT, SOURCE, modules, project_files, tree

LINES_MAX = 450
LONG_FOR_A_REASON: dict[str, str] = {
    "settings.py": "one table of all that an operator may choose; a line of it is never read without its neighbours",
}
"""File → why it is better as one piece."""

EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "service", "services"}

# Written in two halves, so that this file does not find itself.
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|NotImplemented" r"Error)\b")
HOSTS = [
    "py" "pi.org", "python" "hosted.org", "npm" "js.org", "npm" "js.com", "yarn" "pkg.com", "deb." "debian.org",
    "proxy." "golang.org", "crates" ".io", "dock" "er.io", "jsdeliv" "r.net", "unp" "kg.com",
]  # fmt: skip
"""Registries and mirrors differ from place to place; naming one breaks the others. Clients know where to ask."""

TEXT_KINDS = {
    ".py",
    ".md",
    ".toml",
    ".yaml",
    ".yml",
    ".json",
    ".txt",
    ".html",
    ".sql",
    ".lock",
    ".sh",
    ".css",
    ".mjml",
    "",
}


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_module_opens_with_its_purpose(path: Path) -> None:
    docstring = ast.get_docstring(tree(path))
    assert docstring, f"{path} has no opening sentence"
    assert docstring.split("\n\n")[0].rstrip().endswith((".", ":", "?")), f"{path}: the opening is not a sentence"


def test_names_say_something() -> None:
    empty = [path for path in modules() if path.stem in EMPTY_NAMES or path.parent.name in EMPTY_NAMES]
    assert not empty, "a name that could be anything's name: " + ", ".join(map(str, empty))


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_file_is_one_idea(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    reason = LONG_FOR_A_REASON.get(str(path.relative_to(SOURCE)))
    assert lines <= LINES_MAX or reason, f"{path} has {lines} lines; split it, or say in LONG_FOR_A_REASON why not"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_nothing_is_half_done(path: Path) -> None:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        assert not UNFINISHED.search(line), f"{path}:{number}: {line.strip()}"


def test_no_registry_is_named() -> None:
    for path in project_files():
        if path.suffix not in TEXT_KINDS or path.stat().st_size > 2_000_000 or "vendor" in path.parts:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        for host in HOSTS:
            assert host not in text, f"{path.relative_to(ROOT)} names {host}"


SUMS = [path for path in project_files() if path.name == "SHA256SUMS"]


@pytest.mark.parametrize("sums", SUMS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_others_made_is_what_they_made(sums: Path) -> None:
    """Each vendored file has the checksum it came with, and each has a licence beside it."""
    listed = {}
    for line in sums.read_text().splitlines():
        digest, name = line.split(maxsplit=1)
        listed[name.removeprefix("*").removeprefix("./")] = digest
    for name, digest in listed.items():
        assert hashlib.sha256((sums.parent / name).read_bytes()).hexdigest() == digest, f"{name} was changed"
    for path in sums.parent.rglob("*"):
        name = path.relative_to(sums.parent).as_posix()
        if path.is_file() and name not in listed:
            assert path.name in ("SHA256SUMS", "README.md", "LICENSE", "NOTICE"), f"{name} has no checksum"


def test_every_vendored_folder_has_checksums_and_licences() -> None:
    folders = {part for path in project_files() for part in path.parents if part.name == "vendor"}
    for folder in folders:
        assert (folder / "SHA256SUMS").is_file(), f"{folder} has no SHA256SUMS"
        assert list(folder.rglob("LICENSE*")), f"{folder} has no licence"
