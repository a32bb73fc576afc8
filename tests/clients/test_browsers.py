"""RudderStack's, Jitsu's and PostHog's clients for browsers, from npm unchanged, on a page of another origin."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from .live import LONG_KEY, Live, live_server, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.node]
playwright = pytest.importorskip("playwright.sync_api")

FILES = {
    "rudder.js": "@rudderstack/analytics-js/dist/npm/modern/bundled/umd/index.js",
    "jitsu.js": "@jitsu/js/dist/web/p.js.txt",
    "posthog.js": "posthog-js/dist/array.full.js",
}

RUDDER = """<!doctype html><title>Shop</title><script src="rudder.js"></script><script>
window.open_shop = (server, useBeacon) => new Promise((resolve) => {
  window.client = new rudderanalytics.RudderAnalytics()
  client.load("LONG_KEY", server, {configUrl: server, useBeacon, onLoaded: () => resolve(),
    beaconQueueOptions: {flushQueueInterval: 200}, queueOptions: {minRetryDelay: 100, backoffJitter: 0}})
})
</script>""".replace("LONG_KEY", LONG_KEY)
JITSU = """<!doctype html><title>Shop</title><script>
window.open_shop = (server) => new Promise((resolve) => {
  const script = document.createElement("script")
  script.src = "jitsu.js"
  // The script sends to where it came from; this page keeps a copy beside itself.
  window.jitsuConfig = {host: server}
  script.dataset.writeKey = "WRITE_KEY:secret"
  script.dataset.initOnly = "true"
  script.onload = () => { window.client = window.jitsu; resolve() }
  document.head.append(script)
})
</script>"""
POSTHOG = """<!doctype html><title>Shop</title><script src="posthog.js"></script><script>
window.open_shop = (server) => new Promise((resolve) => {
  posthog.init("WRITE_KEY", {api_host: server, capture_pageview: false, capture_pageleave: false,
    opt_out_useragent_filter: true, request_queue_config: {flush_interval_ms: 250},
    loaded: (client) => { window.client = client; resolve() }})
})
</script>"""


@pytest.fixture
def shop_page(tmp_path: Path, browser: playwright.Browser, clients: Path) -> Iterator[tuple[Live, playwright.Page]]:
    """A server, and a page that is served under another host name: what the browser sends is checked for CORS."""
    pages = tmp_path / "pages"
    pages.mkdir()
    for name, text in (("rudder", RUDDER), ("jitsu", JITSU), ("posthog", POSTHOG)):
        (pages / f"{name}.html").write_text(text)
    for name, path in FILES.items():
        shutil.copy(clients / "node_modules" / path, pages / name)
    with live_server(tmp_path, pages) as server, browser.new_context() as context:
        yield server, context.new_page()


def open_shop(server: Live, page: playwright.Page, client: str, *arguments: object) -> None:
    page.goto(f"{server.url.replace('127.0.0.1', 'localhost')}/pages/{client}.html")
    page.evaluate("(given) => open_shop(...given)", [server.url, *arguments])


@pytest.mark.parametrize("use_beacon", [False, True], ids=["one by one", "beacon"])
def test_rudderstacks_calls_arrive(shop_page: tuple[Live, playwright.Page], use_beacon: bool) -> None:
    server, page = shop_page
    open_shop(server, page, "rudder", use_beacon)
    page.evaluate(
        """() => {
          client.page("Docs", "Home")
          client.identify("ana", {email: "ana@example.com"})
          client.track("Product Viewed", {product_id: "watch", price: 18.99})
          client.group("g1", {name: "Initech"})
          client.alias("ana", "a1")
        }"""
    )
    server.wait_for(5)
    events = server.by_type()
    assert set(events) == {"page", "identify", "track", "group", "alias"}
    assert events["identify"].traits == {"email": "ana@example.com"}
    assert events["track"].user_id == "ana"
    assert events["track"].properties["price"] == 18.99
    assert events["page"].anonymous_id == events["track"].anonymous_id
    assert events["track"].context["ip"] == "127.0.0.1"
    assert server.dead() == []
    paths = {path for path, _, _ in server.weather.requests}
    assert paths == ({"/beacon/v1/batch"} if use_beacon else {f"/v1/{call}" for call in events})


@pytest.mark.parametrize(("put_off", "lost"), [([429, 503], 0), ([], 1)], ids=["put off", "answer lost"])
def test_rudderstacks_client_in_bad_weather_loses_and_doubles_nothing(
    shop_page: tuple[Live, playwright.Page], put_off: list[int], lost: int
) -> None:
    server, page = shop_page
    open_shop(server, page, "rudder", False)
    server.weather.put_off, server.weather.answers_lost = list(put_off), lost
    page.evaluate("() => { for (let number = 0; number < 5; number++) client.track('Product Viewed', {number}) }")
    assert wait_until(lambda: len(server.weather.requests) >= 5 + len(put_off) + lost)
    assert sorted(event.properties["number"] for event in server.events()) == list(range(5))


def test_jitsus_calls_arrive(shop_page: tuple[Live, playwright.Page]) -> None:
    server, page = shop_page
    open_shop(server, page, "jitsu")
    page.evaluate(
        """async () => {
          await client.page()
          await client.identify("ana", {email: "ana@example.com"})
          await client.track("Product Viewed", {product_id: "watch"})
        }"""
    )
    server.wait_for(3)
    events = server.by_type()
    assert set(events) == {"page", "identify", "track"}
    assert events["track"].user_id == "ana"
    assert events["page"].anonymous_id == events["track"].anonymous_id
    assert server.dead() == []


def test_posthogs_calls_arrive_and_visitor_and_user_are_told_apart(
    shop_page: tuple[Live, playwright.Page],
) -> None:
    server, page = shop_page
    open_shop(server, page, "posthog")
    page.evaluate(
        """() => {
          client.capture("$pageview")
          client.identify("ana", {email: "ana@example.com"}, {first_seen: "today"})
          client.capture("Product Viewed", {product_id: "watch", $set: {nickname: "An"}})
          client.group("company", "g1", {name: "Initech"})
        }"""
    )
    server.wait_for(5)
    events = {event.name: event for event in server.events() if event.traits != {"nickname": "An"}}
    assert set(events) == {"Page Viewed", "Identified", "Product Viewed", "Group Joined"}
    assert events["Page Viewed"].user_id is None
    assert events["Page Viewed"].properties["title"] == "Shop"
    assert events["Identified"].anonymous_id == events["Page Viewed"].anonymous_id
    assert events["Identified"].traits == {"email": "ana@example.com", "first_seen": "today"}
    assert events["Product Viewed"].user_id == "ana"
    assert events["Product Viewed"].anonymous_id == events["Page Viewed"].anonymous_id
    assert {"nickname": "An"} in [event.traits for event in server.events()]
    assert events["Product Viewed"].context["ip"] == "127.0.0.1"
    assert server.dead() == []


def test_posthogs_client_that_is_put_off_comes_back(shop_page: tuple[Live, playwright.Page]) -> None:
    server, page = shop_page
    open_shop(server, page, "posthog")
    # Its first pause is at least a second and a half, looked at every three: the clock of the page runs ahead.
    page.evaluate("() => client.capture('Product Viewed', {number: 0})")
    server.wait_for(1)
    server.weather.answers_lost = 1
    page.evaluate("() => client.capture('Product Viewed', {number: 1})")
    assert wait_until(
        lambda: [status for path, status, _ in server.weather.requests if path == "/e/"][1:] == [503, 200]
    )
    assert [event.properties["number"] for event in server.events()] == [0, 1]
