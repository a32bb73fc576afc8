"""Playbook as code on the command line: planned, agreed to, applied, taken back and pulled."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from habitue import cli, wire
from habitue.cli import agreeing, app
from habitue.errors import HabitueError
from habitue.model.event import Event
from habitue.playbook.diff import diff
from habitue.playbook.editing import put_segment
from habitue.playbook.load import load
from habitue.run.playbook_files import read_directory
from habitue.store.failures import VersionMoved

FILES = {
    "playbook.yaml": """\
playbook: corner
shop: {name: Corner shop, address: 1 Corner}
channels:
  onsite: {consent: implied}
topics:
  offers: {title: Offers}
""",
    "segments.yaml": """\
# Who looks around.
lookers:
  title: Lookers   # in the shop
  condition: count("Product Viewed") >= 2
""",
    "messages/note.yaml": """\
message: note
title: Note
topic: offers
onsite: {type: banner, title: Hello}
""",
    "journeys/nudge.yaml": """\
journey: nudge
title: Nudge
entry: {event: Product Viewed}
steps:
  - wait: 90d
  - send: note
""",
}


def laid(folder: Path, **changes: tuple[str, str]) -> Path:
    """The playbook in a folder; `segments=(old, new)` changes a file of it."""
    for path, text in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        name = Path(path).stem
        (folder / path).write_text(text.replace(*changes[name]) if name in changes else text)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return laid(tmp_path / "playbook")


@pytest.fixture
def data(tmp_path: Path, folder: Path) -> Path:
    """The playbook is in force; Ana looked twice, Ben once, each in a browser, and both wait in the journey."""
    data = tmp_path / "data"
    parts = wire.create(data, environ={})
    wire.apply_playbook(parts, read_directory(folder), "ana", "The beginning")
    now = parts.clock.now()
    seen = [("ana", 1), ("ana", 2), ("ben", 3)]
    parts.log.append(
        [
            Event(
                id=str(number),
                source="shop",
                type="track",
                name="Product Viewed",
                occurred_at=now,
                user_id=who,
                anonymous_id=f"browser of {who}",
            )
            for who, number in seen
        ]
    )
    crank = parts.crank()
    while crank.turn(100).records:
        pass
    parts.close()
    return data


def habitue(*arguments: object, data: Path, said: str = "") -> Result:
    line = [str(argument) for argument in (*arguments, "--data", data)]
    return CliRunner().invoke(app, line, input=said)


def answered(*arguments: object, data: Path) -> Any:
    result = habitue(*arguments, "--json", data=data)
    assert result.exit_code == 0, (result.output, result.exception)
    return json.loads(result.stdout)


def in_force(data: Path) -> int:
    return wire.version_in_force(wire.open_existing(data))


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody sits there."""
    monkeypatch.setattr(agreeing, "is_terminal", lambda: True)


def test_a_plan_says_what_changes_and_for_whom(data: Path, folder: Path) -> None:
    laid(folder, segments=(">= 2", ">= 1"), nudge=("90d", "60d"))
    result = habitue("plan", folder, data=data)
    assert result.exit_code == 0, result.exception
    for line in (
        "Against version 1, which is in force: 1 segment changed, 1 journey changed.",
        '    condition: count("Product Viewed") >= 2 → count("Product Viewed") >= 1',
        "      in words: looked at a product at least once",
        "    step wait_1: for: 90 days → 60 days",
        "  segment lookers: 1 → 2 (+1)",
        "    joining: ben",
        "  in all: 0.0 → 0.0",
        "journey nudge (changed): 2 runs go on under the version they began with.",
    ):
        assert line in result.stdout.splitlines(), result.stdout
    assert in_force(data) == 1


def test_a_plan_says_how_many_messages_a_week_it_makes(data: Path, folder: Path) -> None:
    laid(folder, nudge=("  - wait: 90d\n", ""))
    lines = habitue("plan", folder, data=data).stdout.splitlines()
    assert "Messages a week, had each version been in force over the last 28 days" in lines
    assert "  nudge by onsite: 0.0 → 0.5" in lines, lines
    assert "  in all: 0.0 → 0.5" in lines


def test_a_plan_for_programs_names_people_by_id_alone(data: Path, folder: Path, tmp_path: Path) -> None:
    laid(folder, segments=(">= 2", ">= 1"))
    plan = answered("plan", folder, "--markdown", tmp_path / "plan.md", data=data)
    (row,) = plan["impact"]["segments"]
    assert (row["members"]["before"], row["members"]["after"]) == (1, 2)
    comment = (tmp_path / "plan.md").read_text()
    assert "- segment lookers: 1 → 2 (+1)" in comment.splitlines()
    assert row["members"]["joining"][0] not in comment


def test_the_exit_code_says_whether_there_is_something_to_apply(data: Path, folder: Path) -> None:
    assert habitue("plan", folder, "--exit-code", data=data).exit_code == 0
    laid(folder, segments=("Lookers", "Seekers"))
    assert habitue("plan", folder, data=data).exit_code == 0
    assert habitue("plan", folder, "--exit-code", data=data).exit_code == 2
    laid(folder, segments=("count(", "cuont("))
    broken = habitue("plan", folder, "--exit-code", data=data)
    assert broken.exit_code == 1
    assert "segments.yaml:4:" in broken.stdout


def test_a_comment_shows_long_texts_by_the_lines_that_change_and_stays_short(data: Path, folder: Path) -> None:
    long = "\n".join(f"    line {number} of the ```body``` of a long message" for number in range(120))
    other = long.replace("line 7 ", "line seven ")
    short, piece = "onsite: {type: banner, title: Hello}", "onsite:\n  type: banner\n  title: Hello\n  body: |\n"
    laid(folder, note=(short, piece + long))
    wire.apply_playbook(wire.open_existing(data), read_directory(folder), "ana")
    laid(folder, note=(short, piece + other))
    (folder / "segments.yaml").write_text(
        "".join(f's{number}: {{title: {"x" * 400}, condition: did("X{number}")}}\n' for number in range(120))
    )
    comment = folder.parent / "plan.md"
    answered("plan", folder, "--markdown", comment, "--days", 0, data=data)
    text = comment.read_text()
    assert len(text) < 65_536
    assert "… and more" in text
    assert text.count("```") == 2
    laid(folder, note=(short, piece + other))
    answered("plan", folder, "--markdown", comment, "--days", 0, data=data)
    lines = comment.read_text().splitlines()
    assert "-     line 7 of the '''body''' of a long message" in lines
    assert "+     line seven of the '''body''' of a long message" in lines
    assert len(lines) < 30


@pytest.mark.usefixtures("terminal")
def test_apply_shows_the_plan_and_asks(data: Path, folder: Path) -> None:
    laid(folder, segments=(">= 2", ">= 1"))
    refused = habitue("apply", folder, data=data, said="n\n")
    assert refused.exit_code == 1
    assert "segment lookers: 1 → 2 (+1)" in refused.stdout
    assert in_force(data) == 1
    agreed = habitue("apply", folder, "--note", "Wider", data=data, said="y\n")
    assert agreed.exit_code == 0
    assert "Version 2 is in force: 1 segment changed." in agreed.stdout
    assert [(row["version"], row["note"]) for row in answered("versions", data=data)] == [
        (2, "Wider"), (1, "The beginning")
    ]  # fmt: skip


def test_a_question_that_is_broken_off_ends_like_any_command(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked() -> None:
        raise RuntimeError("Query interrupted")

    monkeypatch.setattr(cli, "app", asked)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 130


def test_apply_without_anybody_to_ask_says_what_to_give(data: Path, folder: Path) -> None:
    laid(folder, segments=(">= 2", ">= 1"))
    result = habitue("apply", folder, data=data)
    assert "--yes" in str(result.exception)
    assert in_force(data) == 1
    assert answered("apply", folder, "--yes", data=data)["version"] == 2


def test_the_first_playbook_and_the_same_files_need_no_answer(tmp_path: Path, folder: Path) -> None:
    assert answered("apply", folder, data=tmp_path / "new")["version"] == 1
    assert answered("apply", folder, data=tmp_path / "new")["version"] == 1


def test_a_plan_is_applied_as_it_was_agreed_to(data: Path, folder: Path, tmp_path: Path) -> None:
    laid(folder, segments=(">= 2", ">= 1"))
    kept = tmp_path / "plan.json"
    answered("plan", folder, "--out", kept, data=data)
    assert answered("apply", folder, "--plan", kept, data=data)["version"] == 2


def test_a_plan_of_other_files_or_against_another_version_is_refused(data: Path, folder: Path, tmp_path: Path) -> None:
    laid(folder, segments=(">= 2", ">= 1"))
    kept = tmp_path / "plan.json"
    answered("plan", folder, "--out", kept, "--days", 0, data=data)
    laid(folder, segments=(">= 2", ">= 3"))
    assert "made of other files" in str(habitue("apply", folder, "--plan", kept, data=data).exception)
    laid(folder, segments=("Lookers", "Seekers"))
    answered("apply", folder, "--yes", "--author", "ben", data=data)
    laid(folder, segments=(">= 2", ">= 1"))
    refused = habitue("apply", folder, "--plan", kept, data=data).exception
    assert "made against version 1, and version 2 is in force" in str(refused)
    assert in_force(data) == 2
    kept.write_text("{}")
    assert isinstance(habitue("apply", folder, "--plan", kept, data=data).exception, HabitueError)


@pytest.mark.usefixtures("terminal")
def test_what_somebody_applies_while_one_reads_the_plan_is_not_undone(
    data: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    laid(folder, segments=(">= 2", ">= 1"))

    def agrees(*_: object, **__: object) -> bool:
        theirs = put_segment(FILES, "lookers", "Theirs", 'count("Product Viewed") >= 9')
        wire.apply_playbook(wire.open_existing(data), theirs, "ben")
        return True

    monkeypatch.setattr(agreeing.typer, "confirm", agrees)
    assert isinstance(habitue("apply", folder, data=data).exception, VersionMoved)
    assert in_force(data) == 2


def test_versions_say_what_each_changed(data: Path, folder: Path) -> None:
    laid(folder, segments=(">= 2", ">= 1"))
    answered("apply", folder, "--yes", "--author", "ben", data=data)
    laid(folder, segments=(">= 2", ">= 1 # wider"))
    answered("apply", folder, "--yes", data=data)
    rows = answered("versions", data=data)
    assert [(row["version"], row["changes"]) for row in rows[:2]] == [
        (3, "layout and comments"), (2, "1 segment changed")
    ]  # fmt: skip
    assert rows[2]["changes"] == "the first"
    assert rows[1]["author"] == "ben"
    assert [row["version"] for row in answered("versions", "--before", 3, "--limit", 1, data=data)] == [2]


def test_a_rollback_is_a_new_version_with_the_old_files(data: Path, folder: Path) -> None:
    laid(folder, segments=(">= 2", ">= 1"))
    answered("apply", folder, "--yes", data=data)
    assert answered("rollback", "--yes", data=data) == {
        "version": 3, "events_kept_since": None, "changes": "1 segment changed", "notes": []
    }  # fmt: skip
    parts = wire.open_existing(data)
    assert wire.files_of(parts, 3) == FILES
    assert answered("versions", data=data)[0]["note"] == "Back to version 1"
    assert answered("rollback", 2, "--yes", data=data)["version"] == 4
    for unknown in (9, 10**20):
        assert "there are 1 to 4" in str(habitue("rollback", unknown, "--yes", data=data).exception)


def test_a_rollback_asks_too(data: Path, folder: Path) -> None:
    laid(folder, segments=(">= 2", ">= 1"))
    answered("apply", folder, "--yes", data=data)
    assert "--yes" in str(habitue("rollback", data=data).exception)
    assert in_force(data) == 2


def test_an_edit_made_in_the_console_comes_back_with_comments_kept(data: Path, folder: Path) -> None:
    edited = put_segment(FILES, "lookers", "Lookers", 'count("Product Viewed") >= 5')
    wire.apply_playbook(wire.open_existing(data), edited, "cleo", base=1)
    assert answered("pull", folder, data=data)["written"] == ["segments.yaml"]
    assert (folder / "segments.yaml").read_text() == FILES["segments.yaml"].replace(">= 2", ">= 5")
    assert "holds version 2 already" in habitue("pull", folder, data=data).stdout
    assert answered("plan", folder, data=data)["files"] == []


def test_a_pull_does_not_write_over_work_unless_forced(data: Path, folder: Path) -> None:
    laid(folder, segments=(">= 2", ">= 7"))
    result = habitue("pull", folder, data=data)
    assert f"changed here: {folder / 'segments.yaml'}" in result.stdout
    assert "--force" in str(result.exception)
    assert ">= 7" in (folder / "segments.yaml").read_text()
    assert answered("pull", folder, "--force", data=data)["conflicts"] == ["segments.yaml"]
    assert (folder / "segments.yaml").read_text() == FILES["segments.yaml"]


def test_an_update_of_stories_shows_what_changed_and_says_so(tmp_path: Path, folder: Path) -> None:
    story = folder / "conversations" / "nudge.txt"
    story.parent.mkdir()
    story.write_text("# Ana looks\nhide segments\nana looks at a mug\n")
    first = CliRunner().invoke(app, ["test", str(folder), "--update"])
    assert first.exit_code == 2
    assert "+enters nudge · waits 90d" in first.stdout.splitlines()
    assert "1 story expects something else now, in 1 file." in first.stdout
    again = CliRunner().invoke(app, ["test", str(folder), "--update", "--json"])
    assert (again.exit_code, json.loads(again.stdout)) == (0, {"changed": [], "stories": []})


def test_a_terminal_is_one_on_both_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: False, raising=False)
    assert not agreeing.is_terminal()


def test_a_plan_over_a_wrong_directory_is_told_from_a_first_one(tmp_path: Path, folder: Path) -> None:
    result = habitue("plan", folder, data=tmp_path / "nowhere")
    assert isinstance(result.exception, wire.NoData)
    assert not (tmp_path / "nowhere").exists()


def test_over_a_version_that_cannot_be_read_any_more_everything_is_new(data: Path, folder: Path) -> None:
    """As when a later Habitue refuses what an earlier one took."""
    parts = wire.open_existing(data)
    old = FILES | {"segments.yaml": "lookers: {title: Lookers, condition: of_old()}"}
    parts.playbooks.save_playbook("corner", old, parts.clock.now(), "ana")
    plan = answered("plan", folder, data=data)
    assert (plan["base"], plan["changes"]["edits"][0]["how"]) == (2, "added")
    assert answered("versions", data=data)[0]["changes"] == "cannot be read any more"
    assert answered("apply", folder, "--yes", data=data)["version"] == 3


def test_what_a_condition_asks_for_and_never_came_is_noted(data: Path, folder: Path) -> None:
    segments = folder / "segments.yaml"
    segments.write_text(segments.read_text().replace('"Product Viewed"', '"Product Viewed", category="mugs"'))
    note = 'No "Product Viewed" with category "mugs" was ever seen.'
    found = CliRunner().invoke(app, ["plan", str(folder), "--days", "0", "--data", str(data)])
    assert f"Note: segments.yaml:2: {note}" in found.output
    found = CliRunner().invoke(app, ["check", str(folder), "--data", str(data)])
    assert found.exit_code == 0
    assert note in found.output
    assert note not in CliRunner().invoke(app, ["check", str(folder)]).output


def test_check_says_which_currencies_came_without_a_rate(folder: Path, data: Path) -> None:
    parts = wire.open_existing(data)
    told = {"id": "won", "source": "shop", "type": "track", "name": "Order Completed", "user_id": "ana"}
    parts.log.append([Event(**told, occurred_at=parts.clock.now(), properties={"total": 9_000, "currency": "KRW"})])
    parts.crank().turn(100)
    parts.close()
    assert "no rate for KRW" not in habitue("check", folder, data=data).output
    laid(folder, playbook=("1 Corner}", "1 Corner, currency: EUR}"))
    assert "no rate for KRW when it was said (1 event)" in habitue("check", folder, data=data).output


def test_other_rates_are_a_change_of_the_playbook() -> None:
    before = load({**FILES, "playbook.yaml": FILES["playbook.yaml"].replace("1 Corner}", f"1 Corner, {RATED}}}")})
    after = load({**FILES, "playbook.yaml": before.files["playbook.yaml"].replace("0.0061", "0.007")})
    assert diff(before, after).edits
    assert not diff(before, before).edits


RATED = "currency: EUR, rates: [{currency: JPY, from: 2026-01-01, rate: 0.0061}]"
