"""A version's files come back into a folder, and nothing that nobody applied is lost by it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from habitue.errors import HabitueError
from habitue.run.pulling import pull

FIRST = {"playbook.yaml": "one\n", "segments.yaml": "a\n", "journeys/cart.yaml": "cart\n"}
SECOND = {"playbook.yaml": "one\n", "segments.yaml": "b\n", "journeys/mug.yaml": "mug\n"}
VERSIONS = (FIRST, SECOND)


def laid(folder: Path, **changes: str) -> Path:
    """The first version in a folder, with some files otherwise."""
    pull(folder, FIRST, VERSIONS)
    for name, text in changes.items():
        path = folder / name.replace("__", "/").replace("_yaml", ".yaml")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return folder


def held(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    pulled = pull(tmp_path / "new", FIRST, VERSIONS)
    assert held(tmp_path / "new") == FIRST
    assert pulled.written == ("journeys/cart.yaml", "playbook.yaml", "segments.yaml")


def test_what_is_as_an_older_version_has_it_is_brought_up_to_date(tmp_path: Path) -> None:
    pulled = pull(laid(tmp_path), SECOND, VERSIONS)
    assert held(tmp_path) == SECOND
    assert (pulled.written, pulled.removed) == (("journeys/mug.yaml", "segments.yaml"), ("journeys/cart.yaml",))


def test_again_it_has_nothing_to_do(tmp_path: Path) -> None:
    pull(laid(tmp_path), SECOND, VERSIONS)
    again = pull(tmp_path, SECOND, VERSIONS)
    assert (again.written, again.removed, again.conflicts) == ((), (), ())


def test_work_that_nobody_applied_stops_everything(tmp_path: Path) -> None:
    laid(tmp_path, segments_yaml="mine\n", journeys__cart_yaml="mine too\n")
    before = held(tmp_path)
    pulled = pull(tmp_path, SECOND, VERSIONS)
    assert pulled.conflicts == ("journeys/cart.yaml", "segments.yaml")
    assert (pulled.written, pulled.removed) == ((), ())
    assert held(tmp_path) == before


def test_work_is_overwritten_when_that_is_forced(tmp_path: Path) -> None:
    pulled = pull(laid(tmp_path, segments_yaml="mine\n"), SECOND, VERSIONS, force=True)
    assert held(tmp_path) == SECOND
    assert pulled.conflicts == ("segments.yaml",)


def test_work_that_is_not_utf8_is_work_too(tmp_path: Path) -> None:
    file = laid(tmp_path) / "segments.yaml"
    file.write_bytes(b"caf\xe9: {title: Caf\xe9}\n")
    assert pull(tmp_path, SECOND, VERSIONS).conflicts == ("segments.yaml",)
    assert file.read_bytes().startswith(b"caf\xe9")
    pulled = pull(tmp_path, SECOND, VERSIONS, force=True)
    assert pulled.conflicts == ("segments.yaml",)
    assert held(tmp_path) == SECOND


def test_a_name_that_nobody_can_write_down_is_refused(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(laid(tmp_path)) + b"/segm\xe9nts.yaml")).touch()
    with pytest.raises(HabitueError, match=r"the name of the file 'segm.udce9nts.yaml' is not plain text"):
        pull(tmp_path, SECOND, VERSIONS, force=True)


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: Path, **_: object) -> str:
        raise PermissionError(13, "Permission denied", path)

    laid(tmp_path)
    monkeypatch.setattr(Path, "read_text", refused)
    with pytest.raises(HabitueError, match=r"cart.yaml: cannot be read: Permission denied"):
        pull(tmp_path, SECOND, VERSIONS, force=True)


def test_files_of_ones_own_are_left_alone(tmp_path: Path) -> None:
    laid(tmp_path, journeys__draft_yaml="draft\n", conversations__x_yaml="story\n")
    (tmp_path / "notes.md").write_text("hm\n")
    pulled = pull(tmp_path, SECOND, VERSIONS)
    assert pulled.own == ("journeys/draft.yaml",)
    assert held(tmp_path) == SECOND | {
        "journeys/draft.yaml": "draft\n",
        "conversations/x.yaml": "story\n",
        "notes.md": "hm\n",
    }


def test_a_file_that_is_as_wanted_is_no_conflict(tmp_path: Path) -> None:
    """Somebody wrote by hand what somebody else did in the console."""
    assert pull(laid(tmp_path, segments_yaml="b\n"), SECOND, VERSIONS).conflicts == ()


@pytest.mark.parametrize("link", ["journeys", "segments.yaml"])
def test_no_link_leads_a_file_out_of_the_folder(tmp_path: Path, link: str) -> None:
    folder, elsewhere = tmp_path / "shop", tmp_path / "elsewhere"
    for place in (folder, elsewhere):
        place.mkdir()
    target = elsewhere / ("mug.yaml" if link == "journeys" else link)
    target.write_text("a\n")
    (folder / link).symlink_to(elsewhere if link == "journeys" else target)
    with pytest.raises(HabitueError, match="leads out of"):
        pull(folder, SECOND, VERSIONS)
    assert target.read_text() == "a\n"
    assert not (folder / "playbook.yaml").exists()
