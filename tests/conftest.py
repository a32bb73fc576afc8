"""What all tests share: nothing may hide. What is skipped is named at the end, or refused under HABITUE_NO_SKIP."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from typing import TypeVar

import hypothesis
import pytest

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)

NO_SKIP = os.environ.get("HABITUE_NO_SKIP") == "1"

# Before a change lands, the same code must get the same answer; everywhere else each run tries new examples.
hypothesis.settings.register_profile("landing", derandomize=True, deadline=None)
# How busy the machine is must not decide whether a test passes.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")
if NO_SKIP:
    hypothesis.settings.load_profile("landing")

TOOLS = {
    "browser": ("chromium", "Debian's chromium is missing (apt-get install chromium)"),
    "node": ("npm", "node and npm are missing (apt-get install nodejs npm)"),
}
"""Marker → the program such tests need, and what to say when it is not there."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for marker, (program, sentence) in TOOLS.items():
        if shutil.which(program) is None:
            for item in items:
                if item.get_closest_marker(marker):
                    item.add_marker(pytest.mark.skip(reason=sentence))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    return _refuse_skip(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    return _refuse_skip(report)


def _refuse_skip(report: Report) -> Report:
    if NO_SKIP and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, and here nothing may be skipped: {report.longrepr}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the very end what was left out, so that a green line is not taken for the whole."""
    reasons: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reasons[reason.removeprefix("Skipped: ")] = reasons.get(reason.removeprefix("Skipped: "), 0) + 1
    for reason, count in reasons.items():
        terminalreporter.write_line(f"NOT TESTED: {count} skipped, because {reason}", yellow=True)
