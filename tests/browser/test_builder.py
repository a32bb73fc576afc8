"""The builder in a real browser: a segment from the first letter to being in force, by keyboard and on a phone."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.test_console_pages import SHOTS, Site, browser, mina

from habitue.console.backtests import Unfinished

pytestmark = pytest.mark.browser
__all__ = ["browser"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("builder"))
    yield site
    site.server.should_exit = True
    site.thread.join(10)


def write(page: Page, text: str) -> None:
    page.get_by_role("tab", name="Text").click()
    page.get_by_label("The condition as text").fill("")
    page.get_by_label("The condition as text").press_sequentially(text)


def test_what_was_seen_is_offered_and_what_never_came_is_said(browser: Browser, site: Site) -> None:
    page, complaints = mina(browser, site)
    with page.expect_response("**/segments/seen"):
        page.goto(f"{site.url}/console/segments/new-segment")
    expect(page.locator("#list-events option").first).to_have_attribute("value", "Product Viewed")
    page.get_by_role("tab", name="Rows").click()
    page.get_by_label("Event", exact=True).fill("Product Viewed")
    page.get_by_role("button", name="only where").click()
    page.get_by_label("Property", exact=True).last.fill("category")
    page.get_by_label("With what", exact=True).last.focus()
    expect(page.locator("#list-of-event option").first).to_have_attribute("value", "Mugs")
    write(page, 'did("Nothing Ever Happened")')
    expect(page.locator("#count")).to_contain_text('The event "Nothing Ever Happened" was never seen.')
    assert not complaints


def test_a_segment_is_written_looked_over_and_put_in_force(browser: Browser, site: Site) -> None:
    page, complaints = mina(browser, site)
    page.goto(f"{site.url}/console/segments")
    page.get_by_role("link", name="New segment").click()
    plain = page.locator("#plain")

    write(page, 'count("Product View')
    expect(page.get_by_role("option").first).to_contain_text("Product Viewed")
    page.keyboard.press("Tab")
    page.keyboard.type(', within="7d") >= 3 and cart.valu > 20')
    expect(page.locator("#code-error")).to_contain_text('Did you mean "value"?')
    expect(page.locator(".code-wrong")).to_have_text("cart.valu")
    page.get_by_label("The condition as text").fill('count("Product Viewed", within="7d") >= 3 and cart.value > 20')
    expect(plain).to_have_text(
        "Looked at products at least 3 times in the last 7 days and the value of the cart is more than 20"
    )
    expect(page.locator("#code-error")).to_be_empty()
    expect(page.locator("#count")).to_contain_text("people")
    expect(page.locator("#course canvas")).to_be_visible()

    page.get_by_role("tab", name="Rows").click()
    page.get_by_text("Add a condition").click()
    page.get_by_role("button", name="Another segment").click()
    expect(page.locator(".field-problem", has_text="Choose a segment")).to_be_visible()
    expect(page.get_by_label("Segment", exact=True)).to_be_focused()
    page.keyboard.type("regulars")
    expect(plain).to_contain_text('and is in the segment "regulars"')
    page.get_by_label("Segment", exact=True).press("Tab")
    page.get_by_label("In or not").select_option("are not in")
    expect(plain).to_contain_text('is not in the segment "regulars"')

    page.get_by_label("Title").fill("Eager with a full cart")
    page.get_by_role("button", name="Save to the draft").click()
    expect(page.get_by_role("heading", name="1 segment added")).to_be_visible()
    expect(page.locator("#impact")).to_contain_text("Messages a week", timeout=20_000)
    page.get_by_label("Why").fill("to remind them")
    page.get_by_role("button", name="Put in force").click()
    expect(page.get_by_role("status")).to_contain_text("Version 2 is in force")
    page.goto(f"{site.url}/console/segments/eager_with_a_full_cart")
    expect(page.get_by_role("heading", name="Eager with a full cart")).to_be_visible()
    assert complaints == []
    page.context.close()


def test_rows_are_added_and_taken_away_by_keyboard_alone(browser: Browser, site: Site) -> None:
    page, _ = mina(browser, site)
    page.goto(f"{site.url}/console/segments/regulars/edit")
    page.get_by_role("tab", name="Rows").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("The condition as text")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    page.locator(".rule-add summary").first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".rule")).to_have_count(2)
    expect(page.get_by_label("What to look at")).to_be_focused()
    page.keyboard.type("cart.lines")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("3")
    expect(page.locator("#plain")).to_contain_text("the number of different products in the cart is 3")
    page.get_by_role("button", name="Remove", exact=True).nth(1).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".rule")).to_have_count(1)
    expect(page.locator(".rule-add summary")).to_be_focused()
    page.context.close()


def test_what_no_form_shows_stands_as_text_and_a_form_can_be_turned_into_it(browser: Browser, site: Site) -> None:
    page, _ = mina(browser, site)
    page.goto(f"{site.url}/console/segments/regulars/edit")
    write(page, 'sum("Order Completed", total) / 2 > 5 and did("Order Completed")')
    expect(page.locator("#plain")).to_contain_text("divided by 2")
    page.get_by_role("tab", name="Rows").click()
    expect(page.get_by_label("Condition as text", exact=True)).to_have_value('sum("Order Completed", total) / 2 > 5')
    page.get_by_role("button", name="Edit as text").click()
    expect(page.get_by_label("Condition as text", exact=True).nth(1)).to_have_value('did("Order Completed")')
    page.context.close()


def test_a_draft_is_rehearsed_and_its_report_has_charts(browser: Browser, site: Site) -> None:
    page, complaints = mina(browser, site)
    page.goto(f"{site.url}/console/backtest")
    page.get_by_role("button", name="Rehearse").click()
    expect(page.get_by_role("heading", name="Messages a day")).to_be_visible(timeout=30_000)
    expect(page.locator("canvas")).to_have_count(3)
    page.get_by_role("link", name="Backtest", exact=True).first.click()
    # What was rehearsed is the draft where another test has left one, else what is in force.
    expect(
        page.locator("main table").get_by_role("link", name=re.compile(r"Version \d|The draft")).first
    ).to_be_visible()
    assert complaints == []
    page.context.close()


def test_a_part_that_fails_says_so_in_its_place_and_is_asked_for_again(browser: Browser, site: Site) -> None:
    page, _ = mina(browser, site)
    page.goto(f"{site.url}/console/segments/new-segment")
    page.get_by_label("Title").fill("Asked for again")
    page.route("**/plan/impact", lambda route: route.fulfill(status=500, body="The disk is full."))
    page.get_by_role("button", name="Save to the draft").click()
    impact = page.locator("#impact")
    expect(impact.get_by_role("alert")).to_contain_text("This part could not be loaded. The disk is full.")
    expect(impact).not_to_contain_text("Reckoning")
    impact.get_by_role("button", name="Try again").click()
    expect(impact.get_by_role("alert")).to_be_visible()
    page.unroute("**/plan/impact")
    impact.get_by_role("button", name="Try again").click()
    expect(impact).to_contain_text("join", timeout=20_000)
    page.context.close()


def test_a_part_goes_on_by_itself_once_the_server_can_be_reached_again(browser: Browser, site: Site) -> None:
    page, _ = mina(browser, site)
    page.clock.install()
    page.route("**/rfm/moves*", lambda route: route.abort())
    page.goto(f"{site.url}/console/rfm")
    page.clock.run_for(500)
    expect(page.locator(".rfm-moves").get_by_role("alert")).to_contain_text("cannot be reached")
    page.unroute("**/rfm/moves*")
    page.clock.run_for(5_000)
    expect(page.locator(".rfm-moves")).to_contain_text("Against 90 days ago")
    page.context.close()


def test_a_count_that_fails_says_so_in_its_place(browser: Browser, site: Site) -> None:
    page, _ = mina(browser, site)
    page.route("**/segments/count", lambda route: route.abort())
    page.goto(f"{site.url}/console/segments/regulars/edit")
    expect(page.locator("#count").get_by_role("alert")).to_contain_text("cannot be reached")
    page.unroute("**/segments/count")
    page.locator("#count").get_by_role("button", name="Try again").click()
    expect(page.locator("#count")).to_contain_text("people")
    page.context.close()


def test_a_second_click_while_the_server_thinks_begins_no_second_backtest(
    browser: Browser, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, _ = mina(browser, site)
    go, begun, ask = threading.Event(), [], site.shop.shelf.ask

    def slow(asked: Unfinished) -> None:
        begun.append(asked.id)
        go.wait(10)
        ask(asked)

    monkeypatch.setattr(site.shop.shelf, "ask", slow)
    page.goto(f"{site.url}/console/backtest")
    box = page.get_by_role("button", name="Rehearse").bounding_box()
    assert box is not None
    # A mouse that does not wait, as a hand does not.
    page.mouse.click(box["x"] + 5, box["y"] + 5)
    while not begun:
        page.wait_for_timeout(10)
    page.mouse.click(box["x"] + 5, box["y"] + 5)
    page.wait_for_timeout(200)
    go.set()
    expect(page.get_by_role("heading", name="Messages a day")).to_be_visible(timeout=30_000)
    assert len(begun) == 1
    page.context.close()


def test_what_is_not_saved_is_not_left_without_a_question(browser: Browser, site: Site) -> None:
    page, _ = mina(browser, site)
    page.goto(f"{site.url}/console/segments/regulars/edit")
    page.get_by_label("What it is for").press_sequentially("Those who stay")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.reload()
    assert asked == ["beforeunload"]
    page.reload()
    assert asked == ["beforeunload"]
    page.context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_the_pages_of_editing_fit(browser: Browser, site: Site, width: int, theme: str) -> None:
    page, complaints = mina(browser, site, width, theme)
    SHOTS.mkdir(parents=True, exist_ok=True)
    builder = ("segments/regulars/edit", "segments/new-segment?condition=cart.valu")
    for place in (*builder, "backtest", "plan", "versions", "versions/1", "rfm"):
        page.goto(f"{site.url}/console/{place}")
        page.wait_for_load_state("networkidle")
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        name = place.replace("/", "-").partition("?")[0]
        page.screenshot(path=SHOTS / f"{name}-{width}-{theme}.png", full_page=True)
        assert overflow <= 0, f"{place} is wider than the screen by {overflow}"
    assert complaints == []
    page.context.close()
