"""Log lines: structured, and without what must not travel."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any, Literal

import pytest
import structlog

from habitue import logs
from habitue.settings import Log, Secret


@pytest.fixture(autouse=True)
def as_before() -> object:
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    logging.basicConfig(force=True)


def written(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    return json.loads(capsys.readouterr().err.splitlines()[-1])


def test_a_line_says_when_who_and_what(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Log(format="json"), "outbox")
    structlog.get_logger().info("message_unknown", delivery="d1")
    line = written(capsys)
    assert (line["event"], line["role"], line["level"], line["delivery"]) == (
        "message_unknown",
        "outbox",
        "info",
        "d1",
    )
    assert "timestamp" in line


def test_secrets_and_addresses_are_taken_out(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Log(format="json"), "http")
    structlog.get_logger().error(
        "refused",
        password="hush",
        settings={"smtp_password": "hush", "host": "mail"},
        secret=Secret("hush"),
        detail="550 no such user ana.smith@example.com",
        tried=["ben@example.com"],
    )
    text = capsys.readouterr().err
    assert "hush" not in text
    assert "ana.smith" not in text
    assert "a•••@example.com" in text.encode().decode("unicode_escape") or "a•••@example.com" in text
    assert "b•••@example.com" in text.encode().decode("unicode_escape") or "ben@" not in text


@pytest.mark.parametrize("form", ["json", "console"])
@pytest.mark.parametrize("who", [structlog.get_logger, logging.getLogger])
def test_what_was_raised_is_told_with_its_place_and_without_values(
    capsys: pytest.CaptureFixture[str], form: Literal["json", "console"], who: Callable[[str], Any]
) -> None:
    logs.configure(Log(format=form), "http")
    key = "".join(("hu", "sh"))
    try:
        raise ValueError(f"no such user ana.smith@example.com, {len(key)}")
    except ValueError:
        who("somewhere").exception("failed")
    text = capsys.readouterr().err
    assert "failed" in text and "ValueError: no such user" in text and "test_logs.py" in text
    assert "hush" not in text
    assert "ana.smith" not in text


def test_what_libraries_say_has_the_same_form(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Log(format="json"), "http")
    logging.getLogger("somewhere").warning("mail to ana@example.com failed")
    line = written(capsys)
    assert line["event"] == "mail to a•••@example.com failed"
    assert line["role"] == "http"


def test_lines_below_the_level_are_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Log(format="json", level="error"), "http")
    structlog.get_logger().info("chatter")
    assert capsys.readouterr().err == ""
