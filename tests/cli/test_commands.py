"""The command line: what the console shows can be scripted, and a mistake gets one helpful line and an exit code."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from habitue import wire
from habitue.cli import app
from habitue.errors import HabitueError
from habitue.model.event import Event
from habitue.model.instant import DAY, to_iso
from habitue.model.product import Product
from habitue.playbook.schema import FILES
from habitue.run.clock import SystemClock
from habitue.run.playbook_files import read_directory
from habitue.run.ports import DeadLetter
from habitue.store.archive import Archive

GIFTSHOP = Path(__file__).parents[2] / "playbooks" / "giftshop"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ana has ordered once and Ben has only looked; one event could not be taken."""
    data = tmp_path_factory.mktemp("cli") / "data"
    parts = wire.create(data, environ={})
    wire.apply_playbook(parts, read_directory(GIFTSHOP), "tests")
    now = parts.clock.now()

    def did(number: int, user: str, event: str, kind: str = "track", ago: int = 0, **properties: Any) -> Event:
        traits = {"email": f"{user}@example.com", "firstName": user.title()} if kind == "identify" else {}
        return Event(
            id=str(number),
            source="shop",
            type=kind,  # type: ignore[arg-type]
            name=event,
            occurred_at=now - ago,
            user_id=user,
            properties=properties,
            traits=traits,
        )

    parts.log.append(
        [
            did(1, "ana", "Identified", "identify"),
            did(2, "ana", "Order Completed", order_id="o1", total=20, products=[]),
            did(3, "ben", "Product Viewed", product_id="p1", name="Watch", price=120),
            did(4, "ben", "Searched Long Ago", ago=9 * DAY),
        ],
        [DeadLetter(source="shop", reason="invalid_event", detail="it has no name", body="{}")],
    )
    crank = parts.crank()
    while crank.turn(100).records:
        pass
    parts.close()
    return data


def habitue(*arguments: object, data: Path | None = None) -> Result:
    line = [str(argument) for argument in arguments]
    return CliRunner().invoke(app, line + (["--data", str(data)] if data else []))


def answered(*arguments: object, data: Path) -> Any:
    result = habitue(*arguments, "--json", data=data)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.mark.parametrize(
    "verb",
    [
        ("people", "search"),
        ("people", "show", "ana"),
        ("segments", "list"),
        ("segments", "members", "first_time"),
        ("segments", "count", 'did("Order Completed")'),
        ("journeys", "list"),
        ("journeys", "show", "second_order"),
        ("ledger",),
        ("deliveries",),
        ("dead-letters",),
        ("key", "list"),
        ("user", "list"),
    ],
    ids=" ".join,
)
def test_what_shows_something_shows_it_to_people_and_to_programs(verb: tuple[str, ...], data: Path) -> None:
    assert habitue(*verb, data=data).exit_code == 0
    assert answered(*verb, data=data) is not None


def test_a_person_is_found_by_user_id_and_by_address(data: Path) -> None:
    by_id = answered("people", "show", "ana", data=data)
    assert by_id == answered("people", "show", "ana@example.com", data=data)
    assert by_id["customer"]["traits"]["email"] == "ana@example.com"
    assert [event["name"] for event in by_id["events"]] == ["Order Completed", "Identified"]


def test_nobody_of_that_name_is_an_error_that_says_how_to_search(data: Path) -> None:
    result = habitue("people", "show", "cleo", data=data)
    assert isinstance(result.exception, HabitueError)
    assert "people search" in str(result.exception)


def test_members_of_a_segment_are_listed(data: Path) -> None:
    members = answered("segments", "members", "first_time", data=data)
    assert [member["customer"] for member in members] == [
        answered("people", "show", "ana", data=data)["customer"]["id"]
    ]


def test_segments_are_said_in_plain_words(data: Path) -> None:
    first_time = next(row for row in answered("segments", "list", data=data) if row["segment"] == "first_time")
    assert first_time["people"] == 1
    assert first_time["says"] == "ordered exactly once"


def test_a_condition_is_counted_before_it_is_anybodys_segment(data: Path) -> None:
    counted = answered("segments", "count", 'did("Order Completed") and segment("first_time")', data=data)
    assert (counted["members"], counted["says"]) == (1, 'ordered and is in the segment "first_time"')
    assert counted["examples"] == [answered("people", "show", "ana", data=data)["customer"]["id"]]
    before = answered("segments", "count", 'did("Order Completed")', "--at", "2001-01-01", data=data)
    assert before["members"] == 0
    week_ago = to_iso(SystemClock().now() - 7 * DAY)[:10]
    imported = answered("segments", "count", 'did("Searched Long Ago")', "--at", week_ago, data=data)
    assert (imported["members"], imported["people"]) == (1, 1)  # It was told today.
    slip = habitue("segments", "count", 'segment("first_tme")', data=data)
    assert 'Did you mean "first_time"?' in str(slip.exception)


def test_the_ledger_of_one_person_says_why(data: Path) -> None:
    decisions = answered("ledger", "--customer", "ana", "--journey", "second_order", data=data)
    assert [(row["outcome"], row["reason"]) for row in reversed(decisions)] == [
        ("entered", "entry"),
        ("waiting", "wait"),
    ]
    assert decisions[-1]["why"] == "What starts this journey happened."


def test_an_unknown_reason_is_refused_with_those_there_are(data: Path) -> None:
    result = habitue("ledger", "--reason", "bored", data=data)
    assert "quiet_hours" in str(result.exception)


def test_dead_letters_have_their_reason_and_text(data: Path) -> None:
    letters = answered("dead-letters", data=data)
    assert [(letter["reason"], letter["body"]) for letter in letters] == [("invalid_event", "{}")]


def test_who_waits_in_a_journey_is_shown(data: Path) -> None:
    shown = answered("journeys", "show", "second_order", data=data)
    assert list(shown["waiting"].values()) == [1]
    assert shown["places"][0]["journey"] == "second_order"


def test_a_wrong_directory_is_told_from_an_empty_one(tmp_path: Path) -> None:
    result = habitue("people", "search", data=tmp_path / "nowhere")
    assert isinstance(result.exception, wire.NoData)
    assert not (tmp_path / "nowhere").exists()


def test_a_key_is_made_listed_and_withdrawn(tmp_path: Path) -> None:
    made = answered("key", "create", "shop", "--kind", "browser", data=tmp_path)
    assert habitue("key", "revoke", made["key"], data=tmp_path).exit_code == 0
    listed = answered("key", "list", data=tmp_path)
    assert [(key["source"], key["revoked_at"] is not None) for key in listed] == [("shop", True)]


def test_our_own_source_cannot_be_given_to_a_key(tmp_path: Path) -> None:
    result = habitue("key", "create", "habitue", data=tmp_path)
    assert isinstance(result.exception, HabitueError)


def test_an_account_signs_in_with_its_password(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        app,
        ["user", "create", "ana@example.com", "--data", str(tmp_path)],
        env={"HABITUE_PASSWORD": "correct horse battery"},
    )
    assert result.exit_code == 0, result.output
    accounts = wire.create(tmp_path, environ={}).accounts
    assert accounts.verify("ana@example.com", "correct horse battery") is not None


def test_a_sound_playbook_passes_the_check() -> None:
    assert habitue("check", GIFTSHOP).exit_code == 0


def test_editors_get_the_schema_of_each_kind_of_file() -> None:
    for kind in FILES:
        schema = json.loads(habitue("check", "--schema", kind).stdout)
        assert schema["$schema"].startswith("https://json-schema.org/")
    assert habitue("check", "--schema", "journy").exit_code == 2


def test_a_broken_playbook_fails_the_check_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "playbook.yaml").write_text("playbook: broken\nshop:\n  nmae: The shop\n")
    result = habitue("check", tmp_path)
    assert result.exit_code == 1
    assert f"{tmp_path / 'playbook.yaml'}:3:" in result.stdout


def test_applying_the_same_playbook_twice_keeps_the_version(tmp_path: Path) -> None:
    assert answered("apply", GIFTSHOP, data=tmp_path)["version"] == 1
    again = answered("apply", GIFTSHOP, data=tmp_path)
    assert (again["version"], again["changes"]) == (1, "")


def test_the_stories_of_the_gift_shop_hold() -> None:
    result = habitue("test", GIFTSHOP)
    assert result.exit_code == 0, result.stdout


def test_what_is_not_kept_any_more_is_said_where_it_is_missing(data: Path, tmp_path: Path) -> None:
    copy = tmp_path / "data"
    shutil.copytree(data, copy)
    assert answered("apply", GIFTSHOP, data=copy)["events_kept_since"] is None
    parts = wire.open_existing(copy)
    until = parts.clock.now() - 90 * DAY
    parts.privacy.set_retention("events", until, until)
    parts.close()
    for command in (("backtest", "second_order"), ("apply", GIFTSHOP)):
        assert answered(*command, data=copy)["events_kept_since"] == to_iso(until)
        assert f"Events from before {to_iso(until)} are not kept" in habitue(*command, data=copy).output.replace(
            "\n", " "
        )


def test_a_backtest_reports_on_recorded_history(data: Path) -> None:
    report = answered("backtest", "second_order", data=data)
    assert report["entered"] == 1


def test_the_archive_gives_the_same_backtest_as_the_log(data: Path, tmp_path: Path) -> None:
    copy = tmp_path / "data"
    shutil.copytree(data, copy)
    period = ("--from", "2020-01-01", "--to", "2100-01-01")
    from_log = answered("backtest", *period, data=copy)
    assert from_log["entered"] > 0
    parts = wire.open_existing(copy)
    archive = Archive(copy / "archive", rows_max=2)
    archive.once(parts.log, parts.view, parts.deliveries)
    assert answered("backtest", *period, data=copy) == from_log  # Half from the archive, half from the log.
    while archive.once(parts.log, parts.view, parts.deliveries).more:
        pass
    archive.close()
    parts.close()
    assert answered("backtest", *period, data=copy) == from_log
    assert answered("backtest", *period, "--archive-folder", copy / "archive", data=data) == from_log


def test_an_archive_without_events_is_refused_with_where_one_is(data: Path, tmp_path: Path) -> None:
    with pytest.raises(HabitueError, match="holds no archived events"):
        wire.open_existing(data).recording(tmp_path)


def test_two_playbooks_are_compared_person_by_person(data: Path, tmp_path: Path) -> None:
    draft = tmp_path / "draft"
    shutil.copytree(GIFTSHOP, draft)
    (draft / "journeys" / "second_order.yaml").unlink()
    found = answered("backtest", "--playbook", draft, "--against", "1", data=data)
    assert found["totals"]["entered"] == {"one": 1, "other": 0}
    assert set(found["by_journey"]) == {"second_order"}
    shown = habitue("backtest", "--playbook", draft, "--against", "1", data=data).output
    assert "second_order" in shown
    assert "-1" in shown


def test_a_playbook_that_is_neither_a_folder_nor_a_version_is_refused(data: Path) -> None:
    refused = habitue("backtest", "--playbook", "nowhere", data=data)
    assert isinstance(refused.exception, HabitueError)
    assert "neither a folder" in str(refused.exception)


def test_a_simulation_is_the_same_for_the_same_seed() -> None:
    arguments = ("simulate", GIFTSHOP, "--people", 30, "--days", 5, "--json")
    first, second = habitue(*arguments), habitue(*arguments)
    assert first.exit_code == 0
    assert first.stdout == second.stdout


def test_the_doctor_finds_what_is_wrong_and_says_what_to_do(data: Path) -> None:
    result = habitue("doctor", data=data)
    assert result.exit_code == 1
    assert "write keys: none" in result.stdout
    assert "habitue key create" in result.stdout


def test_the_doctor_warns_of_a_shop_that_believes_its_pages(data: Path) -> None:
    environ = {"HABITUE_TRUST__ORDERS": "browser", "HABITUE_TRUST__IDENTITY": "browser"}
    warned = CliRunner().invoke(app, ["doctor", "--data", str(data)], env=environ).output
    assert "trust.orders: browser" in warned
    assert "trust.identity: browser" in warned
    assert "trust.orders: browser" not in habitue("doctor", data=data).stdout


def test_the_doctor_does_not_show_secrets(data: Path) -> None:
    result = CliRunner().invoke(app, ["doctor", "--data", str(data)], env={"HABITUE_LINKS__SECRET": "hush"})
    assert "hush" not in result.output
    assert "links.secret = ••••••" in result.output


def test_the_version_is_said() -> None:
    assert "Habitue" in habitue("version").stdout


def test_prices_that_are_held_are_listed_let_in_and_refused(data: Path) -> None:
    parts = wire.create(data, environ={})
    for price in (100.0, 1.0):
        watches = [Product(id=one, name="Watch", price=price) for one in ("w1", "w2")]
        parts.catalog.put_products(watches, source="feed", at=parts.clock.now())
    held = answered("catalog", "held", data=data)
    assert [(one["product"], one["before"], one["price"]) for one in held] == [("w1", 100, 1), ("w2", 100, 1)]
    assert "1 price let in" in habitue("catalog", "accept", "w1", data=data).output
    assert "1 price refused" in habitue("catalog", "refuse", "--all", data=data).output
    found = parts.catalog.get(["w1", "w2"])
    assert (found["w1"].price, found["w2"].price, answered("catalog", "held", data=data)) == (1, 100, [])
