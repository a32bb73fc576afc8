"""Segment's client for browsers, the vendored file unchanged, in Debian's chromium on a page of another origin."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from .live import Live, live_server, wait_until

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api")

VENDORED = Path(str(files("habitue.demo") / "static/vendor/analytics-next-1.84.3/standalone.js"))
PAGE = """<!doctype html><title>Shop</title>
<script>
  // Segment's documented snippet, with the address of the settings and of the script changed.
  // `var`, because the client puts itself in the place of this list when it is loaded.
  var analytics = []
  analytics.methods = ["track", "identify", "page", "screen", "group", "alias", "ready", "on", "user", "reset"]
  for (const method of analytics.methods) {
    analytics[method] = (...args) => { analytics.push([method, ...args]); return analytics }
  }
  window.open_shop = (server, batching) => new Promise((resolve) => {
    const delivery = batching ? {strategy: "batching", config: {size: 10, timeout: 200}} : {}
    analytics._writeKey = "WRITE_KEY"
    analytics._cdn = server
    analytics._loadOptions = {integrations: {"Segment.io": {deliveryStrategy: delivery}}}
    analytics.ready(() => resolve())
    const script = document.createElement("script")
    script.src = "standalone.js"
    document.head.append(script)
  })
</script>"""


@pytest.fixture(scope="module")
def browser() -> Iterator[playwright.Browser]:
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def shop_page(tmp_path: Path, browser: playwright.Browser) -> Iterator[tuple[Live, playwright.Page]]:
    """A server, and a page that is served under another host name: what the browser sends is checked for CORS."""
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "index.html").write_text(PAGE)
    shutil.copy(VENDORED, pages / "standalone.js")
    with live_server(tmp_path, pages) as server, browser.new_context() as context:
        page = context.new_page()
        page.goto(server.url.replace("127.0.0.1", "localhost") + "/pages/")
        yield server, page


def open_shop(server: Live, page: playwright.Page, batching: bool) -> None:
    page.evaluate("([server, batching]) => open_shop(server, batching)", [server.url, batching])


@pytest.mark.parametrize("batching", [False, True], ids=["one by one", "batching"])
def test_each_kind_of_call_arrives_with_no_more_than_the_address_of_the_settings(
    shop_page: tuple[Live, playwright.Page], batching: bool
) -> None:
    server, page = shop_page
    open_shop(server, page, batching)
    page.evaluate(
        """async () => {
          await analytics.page("Docs", "Home")
          await analytics.identify("ana", {email: "ana@example.com"})
          await analytics.track("Product Viewed", {product_id: "watch", price: 18.99})
          await analytics.screen("Home")
          await analytics.group("g1", {name: "Initech"})
          await analytics.alias("ana", "a1")
        }"""
    )
    server.wait_for(6)
    events = server.by_type()
    assert set(events) == {"page", "identify", "track", "screen", "group", "alias"}
    assert events["identify"].traits == {"email": "ana@example.com"}
    assert events["track"].user_id == "ana"
    assert events["track"].anonymous_id
    assert events["track"].properties == {"product_id": "watch", "price": 18.99}
    assert events["page"].properties["name"] == "Home"
    assert events["page"].properties["category"] == "Docs"
    assert events["track"].context["ip"] == "127.0.0.1"
    assert server.dead() == []
    paths = {path for path, _, _ in server.weather.requests}
    assert paths == ({"/v1/b"} if batching else {"/v1/p", "/v1/i", "/v1/t", "/v1/s", "/v1/g", "/v1/a"})


@pytest.mark.parametrize("batching", [False, True], ids=["one by one", "batching"])
@pytest.mark.parametrize(("put_off", "lost"), [([429], 0), ([503, 503], 0), ([], 1)], ids=["429", "503", "answer lost"])
def test_a_browser_in_bad_weather_loses_and_doubles_nothing(
    shop_page: tuple[Live, playwright.Page], batching: bool, put_off: list[int], lost: int
) -> None:
    server, page = shop_page
    server.weather.put_off, server.weather.answers_lost = list(put_off), lost
    open_shop(server, page, batching)
    page.evaluate("() => { for (let number = 0; number < 5; number++) analytics.track('Product Viewed', {number}) }")
    server.wait_for(5)
    assert sorted(event.properties["number"] for event in server.events()) == list(range(5))
    # What was not answered with a yes came again, and the log knew it.
    ours = len(put_off) + lost
    assert wait_until(lambda: len(server.weather.requests) >= ours + (1 if batching else 5))
    assert len(server.events()) == 5
