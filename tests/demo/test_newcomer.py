"""The newcomer's path: one command, a look at a product, a sign-in, and the letter about that very product."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.demo.ports import free_port

from habitue.demo.run import HISTORY_EVENTS
from habitue.run.clock import SystemClock
from habitue.store.sqlite import SqliteLog


class Running(NamedTuple):
    process: subprocess.Popen[str]
    storefront: str
    console: str
    mailbox: str
    data: Path


def start(data: Path) -> Running:
    """`habitue demo` at twice its usual pace: the 25 minutes of the browse reminder take 12 seconds."""
    options = ["--data", str(data), "--speed", "120"]
    for name in ("port", "storefront-port", "mailbox-port", "smtp-port"):
        options += [f"--{name}", str(free_port())]
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", "from habitue.cli import main; main()", "demo", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    said, addresses = "", {}
    for line in process.stdout:
        said += line
        found = re.search(r"(Storefront|Console|Mailbox)\s+(http://\S+)", line)
        if found:
            addresses[found[1]] = found[2]
        if "Ctrl-C" in line:
            return Running(process, addresses["Storefront"], addresses["Console"], addresses["Mailbox"], data)
    raise AssertionError(f"the demo ended before it was ready:\n{said}")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = start(tmp_path_factory.mktemp("newcomer") / "data")
    yield running
    if running.process.poll() is None:
        running.process.send_signal(signal.SIGINT)
        try:
            running.process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            running.process.kill()
            raise


def letters(demo: Running, to: str) -> list[dict[str, Any]]:
    with urllib.request.urlopen(f"{demo.mailbox}/messages.json?to={to}", timeout=10) as answer:
        found: list[dict[str, Any]] = json.load(answer)["messages"]
    return found


def letters_until(demo: Running, to: str, word: str, seconds: float = 180) -> list[dict[str, Any]]:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = letters(demo, to)
        if any(word in letter["subject"] for letter in found):
            return found
        time.sleep(0.2)
    raise AssertionError(f'no letter with "{word}" in its subject came to {to}; there were {letters(demo, to)}')


def test_all_three_addresses_answer(demo: Running) -> None:
    for address in (demo.storefront, demo.console, demo.mailbox):
        with urllib.request.urlopen(address, timeout=10) as answer:
            assert answer.status == 200


def test_simulated_visitors_come_by_themselves(demo: Running) -> None:
    log = SqliteLog(demo.data / "log.db", SystemClock())
    deadline = time.monotonic() + 30
    sources: set[str] = set()
    while "visitors" not in sources and time.monotonic() < deadline:
        sources |= {record.event.source for record in log.read(HISTORY_EVENTS, 2_000)}
        time.sleep(0.2)
    log.close()
    assert "visitors" in sources


@pytest.mark.browser
def test_who_looks_signs_in_and_leaves_gets_a_letter_about_that_very_product(demo: Running) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{demo.storefront}/product/roses-regency-teacup-and-saucer-22699")
        page.click("text=Sign in")
        page.fill("[name=first_name]", "Ana")
        page.fill("[name=email]", "ana@newcomer.example")
        page.check("[name=consents][value=yes]", force=True)
        page.click("#sign-in button")
        page.wait_for_url("**/product/roses-regency-teacup-and-saucer-22699")
        found = letters_until(demo, "ana@newcomer.example", "Roses Regency Teacup and Saucer")
        assert faults == []

        page.goto(f"{demo.mailbox}/?to=ana@newcomer.example")
        page.click(f"#letters [data-id='{found[0]['id']}']")
        letter = page.frame_locator("#html")
        letter.locator("img").first.wait_for()
        with urllib.request.urlopen(f"{demo.mailbox}/messages/{found[0]['id']}.json", timeout=10) as answer:
            assert "/pictures/22699.svg" in json.load(answer)["html"]
        browser.close()


@pytest.mark.browser
def test_whoever_says_no_thanks_gets_no_letter_though_others_do(demo: Running) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for name, choice in (("ben", "no"), ("cleo", "yes")):
            page = browser.new_context().new_page()
            page.goto(f"{demo.storefront}/product/party-bunting-47566")
            page.click("text=Sign in")
            page.fill("[name=first_name]", name.title())
            page.fill("[name=email]", f"{name}@newcomer.example")
            page.check(f"[name=consents][value={choice}]", force=True)
            page.click("#sign-in button")
            page.wait_for_url("**/product/party-bunting-47566")
        # Cleo came after Ben and did the same: when hers is there, his would have been.
        letters_until(demo, "cleo@newcomer.example", "Party Bunting")
        assert letters(demo, "ben@newcomer.example") == []
        browser.close()


def test_ctrl_c_ends_everything_and_says_where_the_data_stays(demo: Running) -> None:
    demo.process.send_signal(signal.SIGINT)
    said, _ = demo.process.communicate(timeout=60)
    assert demo.process.returncode == 0
    assert "Traceback" not in said
    assert str(demo.data) in said.replace("\n", "")
    with pytest.raises(OSError):
        urllib.request.urlopen(demo.storefront, timeout=2)


def test_the_demos_log_decided_again_comes_to_the_same_state_and_ledger(demo: Running) -> None:
    """Byte for byte: a year of history, the visitors, and the newcomers of the tests above."""
    proved = subprocess.run(
        [sys.executable, "-m", "habitue", "prove", "--data", str(demo.data), "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    proof = json.loads(proved.stdout)
    assert (proof["states_differing"], proof["decisions_differing"]) == ([], [])
    assert proof["customers"] > 5_000
    assert proof["records"] > HISTORY_EVENTS
    assert proved.returncode == 0
