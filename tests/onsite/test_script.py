"""The page's script in a real browser: what is shown, what is told, and what is never run."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn
from starlette.responses import HTMLResponse
from starlette.routing import Route

from .shop import KEY, Corner

pytestmark = pytest.mark.browser
CHROMIUM = "/usr/bin/chromium"

PAGE = f"""<!doctype html><title>Shop</title><body style="font-family:sans-serif">
<h1>Wick & Co</h1><p>Candles, mostly.</p><button id="own">Own button</button>
<script>localStorage.setItem("ajs_anonymous_id", JSON.stringify("anon-ana"))</script>
<script src="/onsite.js" data-write-key="{KEY}" defer></script>"""

# Closed shadow roots hide from tests as well as from the page: in tests alone they are opened.
OPEN_ROOTS = """const real = Element.prototype.attachShadow;
Element.prototype.attachShadow = function () { return real.call(this, { mode: "open" }); };"""


@contextmanager
def served(corner: Corner) -> Iterator[str]:
    async def shop(_: Any) -> HTMLResponse:
        return HTMLResponse(PAGE)

    corner.app.router.routes.append(Route("/", shop))
    server = uvicorn.Server(uvicorn.Config(corner.app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def page() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": 1000, "height": 720})
        opened.add_init_script(OPEN_ROOTS)
        yield opened
        browser.close()


def told(page: Any, what: str) -> Any:
    """Waits for the report that the script sends."""
    return page.expect_response(lambda answer: answer.url.endswith(f"/v1/onsite/{what}") and answer.status == 200)


def test_a_popup_is_shown_told_and_dismissed_with_escape(page: Any, tmp_path: Any) -> None:
    corner = Corner()
    corner.delivered("d1", title="Your basket is safe", body="Take your time.", button="Go to the basket", url="/cart")
    with served(corner) as base:
        with told(page, "displayed"):
            page.goto(base)
        dialog = page.get_by_role("dialog", name="Your basket is safe")
        dialog.wait_for()
        assert dialog.get_by_role("link", name="Go to the basket").get_attribute("href") == f"{base}/cart"
        with told(page, "dismissed"):
            page.keyboard.press("Escape")
        dialog.wait_for(state="detached")
    assert [event.name for event in corner.events()] == ["Message Displayed", "Message Dismissed"]


def test_a_popup_keeps_the_focus_and_gives_it_back(page: Any) -> None:
    corner = Corner()
    with served(corner) as base:
        page.goto(base)
        page.locator("#own").focus()
        corner.delivered("d1", button="Go", url="/cart")
        dialog = page.get_by_role("dialog")
        dialog.wait_for(timeout=15_000)
        for _ in range(5):
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.shadowRoot !== null")
        dialog.get_by_role("button", name="Close").click()
        assert page.evaluate("document.activeElement.id") == "own"


def test_a_click_is_told_and_followed(page: Any) -> None:
    corner = Corner()
    corner.delivered("d1", type="banner", button="Look", url="/?looked")
    with served(corner) as base:
        page.goto(base)
        with page.expect_request("**/v1/onsite/clicked"):
            page.get_by_role("region").get_by_role("link", name="Look").click()
        page.wait_for_url("**/?looked")
    assert "Message Clicked" in [event.name for event in corner.events()]


def test_markup_is_shown_as_text_and_scripts_are_never_run(page: Any) -> None:
    corner = Corner()
    attack = "<img src=x onerror=document.title='owned'>"
    corner.delivered(
        "d1", title=attack, body=attack, button="Go", url="javascript:document.title='owned'", image="data:x"
    )
    with served(corner) as base:
        page.goto(base)
        dialog = page.get_by_role("dialog")
        dialog.wait_for()
        assert dialog.locator("h2").inner_text() == attack
        assert dialog.locator("a, img").count() == 0
        assert page.title() == "Shop"


def test_messages_come_one_after_the_other(page: Any) -> None:
    corner = Corner()
    corner.delivered("d1", title="First")
    corner.delivered("d2", title="Second")
    with served(corner) as base:
        page.goto(base)
        page.get_by_role("dialog", name="First").wait_for()
        assert page.get_by_role("dialog").count() == 1
        page.keyboard.press("Escape")
        page.get_by_role("dialog", name="Second").wait_for()


@pytest.mark.parametrize(
    ("ground", "sheet"), [("#101014", "rgb(29, 31, 35)"), ("#fdf6e3", "rgb(255, 255, 255)"), ("", "rgb(255, 255, 255)")]
)
def test_a_piece_wears_the_pages_typefaces_and_is_dark_where_the_page_is(page: Any, ground: str, sheet: str) -> None:
    corner = Corner()
    page.emulate_media(color_scheme="dark")  # What the machine likes is not asked: a light page stays light.
    with served(corner) as base:
        page.goto(base)
        own = f"html {{ background: {ground} }} body {{ font-family: Lato !important }} h1 {{ font-family: Lora }}"
        page.add_style_tag(content=own)
        corner.delivered("d1", title="Your basket is safe", body="Take your time.")
        page.evaluate(
            "document.dispatchEvent(new Event('visibilitychange'))"
        )  # Asks at once, as after a look elsewhere.
        dialog = page.get_by_role("dialog")
        dialog.wait_for()
        looks = "one => [getComputedStyle(one).fontFamily, getComputedStyle(one).backgroundColor]"
        assert dialog.evaluate(looks) == ["Lato", sheet]
        assert dialog.locator("h2").evaluate(looks)[0] == "Lora"
