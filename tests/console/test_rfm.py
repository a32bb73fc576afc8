"""The RFM page: every cell and group leads to its condition, and the picture of moves loses nobody."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.testclient import TestClient
from tests.console.sample_past import SamplePast

from habitue.console.ports import Standing, Superseded
from habitue.console.rfm import flow, grid
from habitue.playbook.conditions import parse


def test_a_cell_counts_its_codes_and_the_fullest_is_the_darkest() -> None:
    standings = [Standing("555", "active", 9), Standing("552", "active", 7), Standing("", "visitor", 99)]
    cells = grid.cells(standings, "frequency")
    best = cells[0][4]
    assert (best.people, best.shade, best.condition) == (16, 8, "rfm.recency == 5 and rfm.frequency == 5")
    assert sum(cell.people for row in cells for cell in row) == 16
    by_money = grid.cells([Standing("552", "active", 7)], "monetary")
    assert by_money[0][1].people == 7


def test_nobody_is_no_shade_and_somebody_always_one() -> None:
    cells = grid.cells([Standing("555", "active", 10_000), Standing("111", "lost", 1)], "frequency")
    assert (cells[4][0].shade, cells[2][2].shade) == (1, 0)


def test_every_cell_and_group_opens_the_builder_with_a_condition_that_can_be_read(mina: TestClient) -> None:
    page = mina.get("/console/rfm/figures").text
    addresses = [html.unescape(one) for one in re.findall(r'href="(/console/segments/new-segment[^"]+)"', page)]
    assert len(addresses) == 25 + 11 + 6
    for address in addresses:
        assert parse(parse_qs(urlsplit(address).query)["condition"][0])
    answer = mina.get(addresses[0])
    assert answer.status_code == 200 and "rfm.recency == 5" in html.unescape(answer.text)


def test_a_condition_in_the_address_that_cannot_be_read_is_shown_with_its_mistake(mina: TestClient) -> None:
    page = html.unescape(mina.get("/console/segments/new-segment?condition=cart.valu>3").text)
    assert ">cart.valu>3</textarea>" in page and 'Did you mean \\"value\\"' in page


def test_the_moves_say_who_went_where(mina: TestClient) -> None:
    page = mina.get("/console/rfm/moves?range=30d").text
    assert "Against 30 days ago" in page and "<path" in page and "From → to" in page


def test_bands_fill_their_bars_and_say_which_way_they_go() -> None:
    picture = flow.picture(["best", "worst", ""], {("best", "worst"): 30, ("worst", "best"): 10, ("best", "best"): 60})
    assert picture is not None
    assert {band.how for band in picture.bands} == {"up", "down", "calm"}
    assert sum(band.people for band in picture.bands) == 100
    assert [bar.people for bar in picture.left] == [90, 10] and [bar.name for bar in picture.right] == ["best", "worst"]


def test_nobody_makes_no_picture() -> None:
    assert flow.picture(["best"], {}) is None


@pytest.mark.parametrize(
    ("question", "place"), [("standings", "rfm/figures"), ("moves", "rfm/moves"), ("shared", "segments/in-both")]
)
def test_a_part_that_a_later_page_was_given_first_says_so_instead_of_waiting_for_ever(
    mina: TestClient, monkeypatch: pytest.MonkeyPatch, question: str, place: str
) -> None:
    def later(*_: Any) -> Any:
        raise Superseded("A later question took its place.")

    monkeypatch.setattr(SamplePast, question, later)
    answer = mina.get(f"/console/{place}", headers={"HX-Request": "true"})
    assert answer.status_code == 409 and "Another page of yours" in answer.text
