"""How a segment grew: what came at once is no growth."""

from __future__ import annotations

from pathlib import Path

from tests.console.conftest import signed_in
from tests.console.sample import Sample

from habitue.console.segments.sizes import Point, after_flood
from habitue.model.instant import HOUR


def test_growth_is_counted_from_an_import_on() -> None:
    points = [Point(1, 0, 0, 0), Point(2, 2_887, 2_887, 0), Point(3, 2_890, 4, 1)]
    assert after_flood(points) == points[1:]


def test_steady_growth_is_counted_whole() -> None:
    points = [Point(1, 100, 10, 0), Point(2, 160, 60, 0), Point(3, 170, 10, 0)]
    assert after_flood(points) is points


def test_a_few_who_come_first_are_no_flood() -> None:
    points = [Point(1, 0, 0, 0), Point(2, 3, 3, 0)]
    assert after_flood(points) is points


def test_the_list_says_how_many_came_at_once(small_shop: Sample, tmp_path: Path) -> None:
    small_shop.take(
        *(
            small_shop.event("track", "Order Completed", user_id=f"u{number}", properties={"order_id": str(number)})
            for number in range(60)
        )
    )
    small_shop.clock.set(small_shop.clock.now() + 9 * HOUR)
    page = signed_in(small_shop, tmp_path).get("/console/segments").text
    row = page.partition(">Bought once<")[2].partition("</tr>")[0]
    assert "no change since" in row and "when 60 came at once" in row and "+60" not in row
