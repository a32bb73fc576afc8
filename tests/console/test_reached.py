"""Queued, sent and shown are three words and three numbers, on every page and in every command."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.console.sample import Sample

from habitue.model.delivery import DeliveryState
from habitue.model.reached import MEANINGS, TOLD_BY, WAY, Reached, reached_of
from habitue.model.reason import Outcome

SOURCE = Path(__file__).parents[2] / "src" / "habitue"
TEMPLATES = sorted((SOURCE / "console").rglob("*.html"))
COMMANDS = sorted((SOURCE / "cli").rglob("*.py"))


def test_every_state_has_a_stage_and_every_stage_its_sentence() -> None:
    stages = {reached_of(channel, state) for channel in WAY for state in DeliveryState}
    assert {*stages, Reached.OPENED, Reached.CLICKED} == set(Reached) == set(MEANINGS)


def test_what_waits_for_a_page_is_queued_and_not_sent() -> None:
    assert reached_of("onsite", DeliveryState.ACCEPTED) is Reached.QUEUED
    assert reached_of("email", DeliveryState.ACCEPTED) is Reached.SENT
    assert reached_of("onsite", DeliveryState.DISPLAYED) is Reached.SHOWN


def test_machines_are_in_no_number() -> None:
    assert not [name for name in TOLD_BY if "Machine" in name]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_page_calls_the_guards_number_sent(path: Path) -> None:
    """What the guard let through (`.sent`, `counts["sent"]`, `outcomes["sent"]`) stands under "Queued" alone."""
    text = path.read_text(encoding="utf-8")
    for found in re.finditer(r'>Sent</(?:span|th)>|"Sent"|>Accepted<|>Displayed<', text):
        around = text[found.start() : found.start() + 90]
        assert re.match(r">Sent</th><th[^>]*>Shown</th>", around), f"{path}: {around}"


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_command_calls_the_guards_number_sent(path: Path) -> None:
    assert not re.search(r'"sent": (?:report|counts)', path.read_text(encoding="utf-8"))


def events(shop: Sample, *names: str) -> int:
    return sum(tally.count for tally in shop.store.totals("event") if tally.name in names)


def stages(shop: Sample, stage: Reached) -> int:
    return sum(tally.count for tally in shop.store.totals("receipt") if tally.outcome == stage)


def test_receipts_are_counted_by_journey_message_and_stage(shop: Sample) -> None:
    assert stages(shop, Reached.SENT) == events(shop, "Email Sent") > 0
    assert stages(shop, Reached.OPENED) == events(shop, "Email Opened") > 0
    names = {tally.name for tally in shop.store.totals("receipt")}
    assert "cart/cart_reminder" in names


def test_a_message_tells_queued_sent_and_opened_apart(mina: TestClient, shop: Sample) -> None:
    page = mina.get("/console/messages/cart_reminder").text
    queued = _figure(page, "Queued")
    sent, opened = _figure(page, "Sent"), _figure(page, "Opened")
    assert queued > sent > opened > 0 and "Shown in 30 days" not in page


def test_the_deliveries_page_has_a_number_for_each_stage(mina: TestClient, shop: Sample) -> None:
    page = mina.get("/console/deliveries").text
    counts = shop.deliveries.counts()
    for title, key in (
        ("Sent", ("email", DeliveryState.ACCEPTED)),
        ("Queued for a page", ("onsite", DeliveryState.ACCEPTED)),
        ("Shown", ("onsite", DeliveryState.DISPLAYED)),
    ):
        assert re.search(rf'</svg>{title}</span><span class="tile-figure">{counts[key]}<', page), title
    assert "Accepted" not in page and "Displayed" not in page


def test_the_number_of_what_waits_for_a_page_leads_to_it_and_back(mina: TestClient) -> None:
    page = mina.get("/console/deliveries", params={"state": "accepted", "channel": "onsite"}).text
    chosen = re.findall(r'<a class="tile [^>]*href="([^"]*)" aria-current="true"', page)
    assert chosen == ["/console/deliveries"]
    rows = page.partition('id="deliveries"')[2]
    assert "Queued" in rows and "Sent" not in rows


def test_a_journey_tells_queued_from_sent_and_shown(mina: TestClient, shop: Sample) -> None:
    page = mina.get("/console/journeys/cart?range=all").text
    assert re.search(r"\d+ sent, \d+ shown, \d+ clicked", page)


def test_the_ledgers_word_for_the_guards_yes_is_queued(mina: TestClient) -> None:
    page = mina.get("/console/ledger", params={"outcome": Outcome.SENT.value}).text
    assert ">Queued</option>" in page and ">Sent</option>" not in page


def _figure(page: str, word: str) -> int:
    found = re.search(rf"<dt>{word} in 30 days</dt><dd>(?:<a[^>]*>)?(\d+)", page)
    assert found, word
    return int(found[1])
