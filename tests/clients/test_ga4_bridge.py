"""The bridge from GA4's dataLayer in Debian's chromium, on a page of another origin that also speaks gtag."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.ingest.ga4_events import CUP, EVENTS, PLATE

from habitue.ingest.ga4 import translated
from habitue.model.event import Event

from .live import KEY, Live, live_server, wait_until

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api")

PAGE = """<!doctype html><title>Tea cup</title>
<script>
  window.dataLayer = window.dataLayer || []
  function gtag() { dataLayer.push(arguments) }
  document.cookie = "_ga=GA1.1.123.456"
  gtag("js", new Date())
  gtag("consent", "default", {ad_storage: "denied", analytics_storage: "granted"})
  gtag("config", "G-ABC", {user_id: "ana"})
  dataLayer.push({ecommerce: null})
  dataLayer.push({event: "view_item", ecommerce: {currency: "EUR", items: [THE CUP]}})
  window.bridge = (server, without) => new Promise((resolve) => {
    const script = document.createElement("script")
    script.src = server + "/bridge.js"
    script.dataset.writeKey = "THE KEY"
    script.dataset.without = without || ""
    script.onload = resolve
    document.head.append(script)
  })
</script>""".replace("THE CUP", json.dumps(CUP)).replace("THE KEY", KEY)


@pytest.fixture(scope="module")
def browser() -> Iterator[playwright.Browser]:
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def shop_page(tmp_path: Path, browser: playwright.Browser) -> Iterator[tuple[Live, playwright.Page]]:
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "index.html").write_text(PAGE)
    with live_server(tmp_path, pages) as server, browser.new_context() as context:
        page = context.new_page()
        open_page(server, page)
        yield server, page


def open_page(server: Live, page: playwright.Page, query: str = "") -> None:
    page.goto(server.url.replace("127.0.0.1", "localhost") + "/pages/" + query)


def bridge(server: Live, page: playwright.Page, without: str = "") -> None:
    page.evaluate("([server, without]) => bridge(server, without)", [server.url, without])


def names(events: list[Event]) -> list[str]:
    return [event.name for event in events]


def test_both_shapes_are_told_whether_pushed_before_or_after_the_bridge_came(
    shop_page: tuple[Live, playwright.Page],
) -> None:
    server, page = shop_page
    bridge(server, page)
    page.evaluate("items => gtag('event', 'add_to_cart', {currency: 'EUR', items})", [CUP, PLATE])
    page.evaluate(
        "dataLayer.push({event: 'search', search_term: 'cups'}, {event: 'gtm.click', element: document.body})"
    )
    events = server.wait_for(5)
    assert names(events) == ["Page Viewed", "Product Viewed", "Product Added", "Product Added", "Products Searched"]
    assert {event.user_id for event in events} == {"ana"}
    assert len({event.anonymous_id for event in events}) == 1
    assert server.dead() == []
    viewed = events[1]
    assert viewed.properties["product_id"] == "SKU_12345"
    assert viewed.identifiers == {"external": "ga_client_id:123.456"}
    assert viewed.context["consent"] == {"categoryPreferences": {"advertising": False, "analytics": True}}
    assert viewed.context["page"]["title"] == "Tea cup"


def test_the_page_hears_the_same_from_its_data_layer_as_before(shop_page: tuple[Live, playwright.Page]) -> None:
    server, page = shop_page
    bridge(server, page)
    before = page.evaluate("dataLayer.length")
    assert page.evaluate("dataLayer.push({event: 'login'}, null, 7)") == before + 3
    page.evaluate("() => { const loop = {event: 'purchase'}; loop.ecommerce = loop; dataLayer.push(loop) }")
    page.evaluate("dataLayer.push({event: 'search', search_term: 'still here'})")
    assert "Products Searched" in names(server.wait_for(5))


def test_an_order_is_told_once_however_often_its_page_is_opened(shop_page: tuple[Live, playwright.Page]) -> None:
    server, page = shop_page
    for count in (3, 5):
        open_page(server, page)
        bridge(server, page)
        page.evaluate("gtag('event', 'purchase', {transaction_id: 'T_1', value: 5, currency: 'EUR'})")
        server.wait_for(count)
    assert names(server.events()).count("Order Completed") == 1


def test_what_another_source_tells_can_be_left_out(shop_page: tuple[Live, playwright.Page]) -> None:
    server, page = shop_page
    bridge(server, page, "purchase refund")
    page.evaluate("gtag('event', 'purchase', {transaction_id: 'T_1', value: 5})")
    page.evaluate("gtag('event', 'login')")
    assert names(server.wait_for(3)) == ["Page Viewed", "Product Viewed", "Signed In"]


def test_the_visitor_is_the_one_segments_client_knows(shop_page: tuple[Live, playwright.Page]) -> None:
    server, page = shop_page
    page.evaluate("localStorage.setItem('ajs_anonymous_id', JSON.stringify('anon-ana'))")
    bridge(server, page)
    assert {event.anonymous_id for event in server.wait_for(2)} == {"anon-ana"}


def test_nothing_is_lost_or_doubled_when_the_server_is_busy_or_its_answer_is_lost(
    shop_page: tuple[Live, playwright.Page],
) -> None:
    server, page = shop_page
    server.weather.put_off = [429]
    server.weather.answers_lost = 1
    bridge(server, page)
    page.evaluate("gtag('event', 'login')")
    assert wait_until(lambda: [status for _, status, _ in server.weather.requests].count(200) >= 1)
    assert sorted(names(server.wait_for(3))) == ["Page Viewed", "Product Viewed", "Signed In"]


def test_what_was_not_confirmed_goes_with_her_to_the_next_page(shop_page: tuple[Live, playwright.Page]) -> None:
    server, page = shop_page
    server.weather.put_off = [503] * 3
    bridge(server, page)
    assert wait_until(lambda: len(server.weather.requests) >= 1)
    open_page(server, page)
    server.weather.put_off = []
    bridge(server, page)
    assert names(server.wait_for(4)).count("Product Viewed") == 2


def test_signals_of_privacy_and_consent_are_passed_on(tmp_path: Path, browser: playwright.Browser) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "index.html").write_text(PAGE)
    consents = {"1": True, "2": True, "3": True, "4": True, "5": True, "6": False, "7": True, "8": True, "9": True}
    said = {"eventStatus": "tcloaded", "gdprApplies": True, "purpose": {"consents": consents}}
    tool = f"window.__tcfapi = (command, version, back) => back({json.dumps(said)}, true);"
    with live_server(tmp_path, pages) as server, browser.new_context() as context:
        page = context.new_page()
        page.add_init_script("Object.defineProperty(navigator, 'globalPrivacyControl', {value: true});" + tool)
        open_page(server, page)
        page.evaluate("dataLayer.splice(1, 1)")  # Without gtag's own consent mode.
        bridge(server, page)
        event = server.wait_for(2)[0]
    assert event.context["gpc"] is True
    assert event.context["consent"]["categoryPreferences"] == {
        "functional": True, "advertising": True, "personalization": False, "analytics": True,
    }  # fmt: skip


def test_the_browser_and_the_server_translate_alike(shop_page: tuple[Live, playwright.Page]) -> None:
    server, page = shop_page
    bridge(server, page)
    made = page.evaluate(
        "events => JSON.stringify(events.map(([name, params]) => habitueBridge.translated(name, params)))",
        [list(event) for event in EVENTS],
    )
    ours: list[list[dict[str, Any]]] = [[one._asdict() for one in translated(*event)] for event in EVENTS]
    assert json.loads(made) == ours


HOSTILE = """
  sessionStorage.setItem("habitue_bridge_queue", JSON.stringify({length: 1}))
  document.cookie = "_ga=%"
  window.faults = []
  addEventListener("error", fault => faults.push(fault.message))
"""
PUSHES = """
  const circle = {event: "search", search_term: "cups", again: 1n}
  circle.self = circle
  Object.defineProperty(circle, "trap", {enumerable: true, get() { throw new Error("trap") }})
  dataLayer.push(
    {get event() { throw new Error("no event") }},
    new Proxy({}, {get() { throw new Error("no field") }, ownKeys() { throw new Error("no keys") }}),
    null, undefined, 7, "text", [], Symbol("event"), () => 1, {event: {toString: null}}, {user_id: {toString: null}},
    {event: "__proto__"}, {event: "constructor", ecommerce: []}, {event: "view_item", ecommerce: {items: {length: 9}}},
    circle,
  )
"""


def test_whatever_a_page_pushes_breaks_neither_the_page_nor_the_rest(shop_page: tuple[Live, playwright.Page]) -> None:
    server, page = shop_page
    page.evaluate("() => {" + HOSTILE + "}")
    bridge(server, page)
    page.evaluate("() => {" + PUSHES + "}")
    server.wait_for(4)
    events = {event.name: event for event in server.wait_for(4)}
    assert events.keys() == {"Page Viewed", "Product Viewed", "Products Searched"}
    assert events["Products Searched"].properties["query"] == "cups"
    assert server.dead() == []
    assert page.evaluate("faults") == []


def test_a_few_events_too_large_to_outlive_the_page_are_sent_all_the_same(
    shop_page: tuple[Live, playwright.Page],
) -> None:
    server, page = shop_page
    bridge(server, page)
    server.wait_for(2)
    page.evaluate("""() => { for (let n = 0; n < 5; n++)
        dataLayer.push({event: "search", search_term: "cups", note: "x".repeat(20000)}) }""")
    assert names(server.wait_for(7))[2:] == ["Products Searched"] * 5
