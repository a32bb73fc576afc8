"""The console in a real browser: calm at any width and in both themes, live, and usable from the keyboard.

Screenshots of every page are left in build/screenshots/console.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.console.sample import EMAIL, PASSWORD, Sample, furnished

from habitue.model.customer import customer_id

pytestmark = pytest.mark.browser

SHOTS = Path(__file__).parents[2] / "build" / "screenshots" / "console"
CHROMIUM = {
    "executable_path": "/usr/bin/chromium",
    "args": ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"],
}
PAGES = {
    "home": "",
    "people": "people",
    "segments": "segments",
    "segment": "segments/regulars",
    "journeys": "journeys",
    "journey": "journeys/second_order?step=wait_event_1",
    "messages": "messages",
    "message": "messages/browse_reminder",
    "message-text": "messages/browse_reminder?view=text",
    "message-onsite": "messages/cart_waiting",
    "ledger": "ledger",
    "deliveries": "deliveries",
    "dead-letters": "dead-letters",
    "nobody-found": "people?q=zzzz",
    "not-found": "nowhere",
}


class Site:
    """The console of the sample shop, served on a port of its own."""

    def __init__(self, directory: Path) -> None:
        config = uvicorn.Config(self._answer, port=0, log_level="error", lifespan="off", interface="asgi3")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)
        port = self.server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.shop, self.app = furnished(directory / "console.db", self.url, days=6, people=90)

    async def _answer(self, scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        await self.app(scope, receive, send)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("console"))
    yield site
    site.server.should_exit = True
    site.thread.join(10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**CHROMIUM)  # type: ignore[arg-type]
        yield browser
        browser.close()


def mina(browser: Browser, site: Site, width: int = 1440, theme: str = "light") -> tuple[Page, list[str]]:
    """A page of Mina's, signed in; and what its console and policy complain of."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.goto(f"{site.url}/console/")
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    page.wait_for_load_state()
    return page, complaints


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_every_page_fits_and_nothing_complains(browser: Browser, site: Site, width: int, theme: str) -> None:
    page, complaints = mina(browser, site, width, theme)
    SHOTS.mkdir(parents=True, exist_ok=True)
    ana = site.shop.store.members("regulars", 1)[0][0]
    delivery = site.shop.deliveries.list(limit=1)[0][1].id
    for name, place in {**PAGES, "person": f"people/{ana}", "delivery": f"deliveries/{delivery}"}.items():
        page.goto(f"{site.url}/console/{place}")
        page.evaluate("document.fonts.ready")
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        page.screenshot(path=SHOTS / f"{name}-{width}-{theme}.png", full_page=True)
        assert overflow <= 0, f"{name} is wider than the screen by {overflow}"
        assert page.evaluate("document.documentElement.dataset.bsTheme") == theme
    # The frame's tracking picture and the page that is not there answer 404, as they should.
    assert [said for said in complaints if "404" not in said] == []
    page.context.close()


@pytest.mark.parametrize(("width", "beside"), [(1440, 4), (1100, 4), (390, 2)])
def test_no_number_of_home_stands_alone_on_a_line(browser: Browser, site: Site, width: int, beside: int) -> None:
    page, _ = mina(browser, site, width)
    tops = page.locator("#figures .tile").evaluate_all("all => all.map(one => Math.round(one.offsetTop))")
    assert [tops.count(top) for top in sorted(set(tops))] == [beside] * (8 // beside)
    page.context.close()


def test_the_sign_in_has_its_picture_too(browser: Browser, site: Site) -> None:
    for width in (1440, 390):
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.goto(f"{site.url}/console/")
        expect(page.get_by_label("Email")).to_be_focused()
        page.screenshot(path=SHOTS / f"sign-in-{width}-light.png")
        page.close()


def test_people_are_found_while_typing_and_the_address_keeps_the_search(browser: Browser, site: Site) -> None:
    page, _ = mina(browser, site)
    name = next(row for row in site.shop.store.people(limit=50) if row.search).search.split()[1].split("@")[0]
    page.keyboard.press("g")
    page.keyboard.press("p")
    expect(page.get_by_role("heading", name="People")).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("/")
    page.keyboard.type(name)
    expect(page).to_have_url(re.compile(r"\?q="))
    expect(page.locator("#people tbody tr").first).to_contain_text(name)
    page.reload()
    expect(page.locator("#people-q")).to_have_value(name)
    page.context.close()


def test_a_decision_shows_on_home_and_in_her_timeline_as_it_falls(browser: Browser, site: Site) -> None:
    shop: Sample = site.shop
    shop.take(shop.event("identify", "Identified", user_id="nia", traits={"name": "Nia New"}))
    page, _ = mina(browser, site)
    nia = customer_id("user", "nia")
    page.goto(f"{site.url}/console/people/{nia}")
    opened = page.locator("#moments details").first
    opened.locator("summary").click()
    opened_id = opened.get_attribute("id")

    shop.take(shop.event("track", "Order Completed", user_id="nia", properties={"total": 42}))
    expect(page.locator("#moments")).to_contain_text("Entered “The second order”", timeout=10_000)
    expect(page.locator("#facts")).to_contain_text("Where she is now", timeout=10_000)
    # What was unfolded before the news came is unfolded still.
    expect(page.locator(f"[id='{opened_id}']")).to_have_attribute("open", "")

    page.goto(f"{site.url}/console/")
    shop.take(shop.event("track", "Order Completed", user_id="nia", properties={"total": 42}))
    expect(page.locator(".latest")).to_contain_text("Joined “Habitués”", timeout=10_000)
    page.context.close()


def test_a_reason_unfolds_with_its_particulars(browser: Browser, site: Site) -> None:
    page, _ = mina(browser, site)
    page.goto(f"{site.url}/console/ledger?outcome=dropped")
    item = page.locator(".item").first
    item.locator("summary").click()
    expect(item.locator("dl")).to_contain_text("Reason")
    page.context.close()


def test_a_ledger_filter_goes_into_the_address(browser: Browser, site: Site) -> None:
    page, _ = mina(browser, site)
    page.goto(f"{site.url}/console/ledger")
    page.get_by_label("What").select_option("held")
    expect(page).to_have_url(re.compile("outcome=held"))
    expect(page.locator("#decisions .item").first).to_have_attribute("data-outcome", "held")
    page.go_back()
    expect(page.locator("#decisions .item").first).to_be_visible()
    page.context.close()


def test_a_step_leads_to_who_stands_there(browser: Browser, site: Site) -> None:
    page, _ = mina(browser, site)
    page.goto(f"{site.url}/console/journeys/cart")
    page.locator("#step-wait_2").click()
    expect(page.locator("#step-wait_2")).to_have_attribute("aria-current", "true")
    expect(page.locator("#waiting")).to_contain_text("Who is here now")
    page.context.close()


def test_the_theme_can_be_chosen_and_stays(browser: Browser, site: Site) -> None:
    page, _ = mina(browser, site)
    page.get_by_role("button", name="Dark").click()
    page.goto(f"{site.url}/console/people")
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    page.keyboard.press("t")
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "light"
    page.context.close()


def test_on_a_phone_the_menu_opens_and_closes(browser: Browser, site: Site) -> None:
    page, _ = mina(browser, site, 390)
    menu = page.get_by_role("navigation", name="Main")
    expect(menu).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(menu.get_by_role("link", name="Ledger")).to_be_visible()
    page.screenshot(path=SHOTS / "menu-390-light.png")
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    page.context.close()


def test_an_e_mail_is_previewed_in_a_frame_where_nothing_runs(browser: Browser, site: Site) -> None:
    page, _ = mina(browser, site)
    page.goto(f"{site.url}/console/messages/browse_reminder")
    frame = page.frame_locator("iframe.frame")
    expect(frame.get_by_text("Back to the shop")).to_be_visible()
    assert page.locator("iframe.frame").get_attribute("sandbox") == ""
    page.get_by_role("button", name="Phone").click()
    expect(page.locator("iframe.frame")).to_have_class(re.compile("frame-phone"))
    page.context.close()


def test_what_stands_in_the_builder_outlives_the_session(browser: Browser, site: Site) -> None:
    page, _ = mina(browser, site)
    page.goto(f"{site.url}/console/segments/new-segment")
    page.get_by_label("Title").fill("Late writers")
    page.get_by_role("tab", name="Text").click()
    with page.expect_response("**/segments/count"):
        page.get_by_label("The condition as text").fill('did("Order Completed", within="8d")')
    page.wait_for_load_state("networkidle")  # Else another answer on its way leads to the sign-in first.
    page.context.clear_cookies(name="habitue_session")
    page.get_by_label("The condition as text").fill('did("Order Completed", within="9d")')
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Title")).to_have_value("Late writers")
    expect(page.get_by_label("The condition as text")).to_have_value('did("Order Completed", within="9d")')
    expect(page.get_by_text("is here again")).to_be_visible()
    page.context.close()
