"""Segment's client for browsers in Debian's chromium, loaded by its documented snippet on a page of another origin."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .live import Live, live_server, wait_until

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api")

# The snippet as Segment documents it, version 5.2.0, without the line breaks it never had.
SNIPPET = """<!doctype html><title>Shop</title>
<script>
!function(){var i="analytics",analytics=window[i]=window[i]||[];if(!analytics.initialize)if(analytics.invoked)
window.console&&console.error&&console.error("Segment snippet included twice.");else{analytics.invoked=!0;
analytics.methods=["trackSubmit","trackClick","trackLink","trackForm","pageview","identify","reset","group","track","ready","alias","debug","page","screen",
"once","off","on","addSourceMiddleware","addIntegrationMiddleware","setAnonymousId","addDestinationMiddleware","register"];
analytics.factory=function(e){return function(){if(window[i].initialized)return window[i][e].apply(window[i],arguments);
var n=Array.prototype.slice.call(arguments);if(["track","screen","alias","group","page","identify"].indexOf(e)>-1){
var c=document.querySelector("link[rel='canonical']");n.push({__t:"bpc",c:c&&c.getAttribute("href")||void 0,
p:location.pathname,u:location.href,s:location.search,t:document.title,r:document.referrer})}n.unshift(e);analytics.push(n);
return analytics}};for(var n=0;n<analytics.methods.length;n++){var key=analytics.methods[n];analytics[key]=
analytics.factory(key)}analytics.load=function(key,n){var t=document.createElement("script");t.type="text/javascript";
t.async=!0;t.setAttribute("data-global-segment-analytics-key",i);
t.src="https://cdn.segment.com/analytics.js/v1/" + key + "/analytics.min.js";
var r=document.getElementsByTagName("script")[0];r.parentNode.insertBefore(t,r);analytics._loadOptions=n};
analytics._writeKey="WRITE_KEY";analytics.SNIPPET_VERSION="5.2.0";
analytics.load("WRITE_KEY");
analytics.page();
}}();
</script>"""
LOAD = 'analytics.load("WRITE_KEY");\nanalytics.page();'
BATCHING = '{strategy: "batching", config: {size: 10, timeout: 200}}'


@pytest.fixture
def shop_page(tmp_path: Path, browser: playwright.Browser) -> Iterator[tuple[Live, playwright.Page]]:
    """A server, and a page that is served under another host name: what the browser sends is checked for CORS."""
    pages = tmp_path / "pages"
    pages.mkdir()
    with live_server(tmp_path, pages) as server, browser.new_context() as context:
        snippet = SNIPPET.replace("https://cdn.segment.com", server.url)
        (pages / "index.html").write_text(snippet)
        for name, delivery in (("one", "{}"), ("batching", BATCHING)):
            load = f'analytics.load("WRITE_KEY", {{integrations: {{"Segment.io": {{deliveryStrategy: {delivery}}}}}}})'
            (pages / f"{name}.html").write_text(snippet.replace(LOAD, load))
        yield server, context.new_page()


def open_shop(server: Live, page: playwright.Page, name: str = "") -> None:
    page.goto(f"{server.url.replace('127.0.0.1', 'localhost')}/pages/{name}")
    page.evaluate("() => new Promise((resolve) => analytics.ready(() => resolve()))")


def test_the_plain_snippet_works_with_nothing_but_the_host_changed(shop_page: tuple[Live, playwright.Page]) -> None:
    server, page = shop_page
    open_shop(server, page)
    page.evaluate("() => analytics.identify('ana', {email: 'ana@example.com'})")
    server.wait_for(2)
    events = server.by_type()
    assert set(events) == {"page", "identify"}
    assert events["page"].properties["title"] == "Shop"
    assert events["page"].anonymous_id == events["identify"].anonymous_id
    assert server.dead() == []


@pytest.mark.parametrize("batching", [False, True], ids=["one by one", "batching"])
def test_each_kind_of_call_arrives(shop_page: tuple[Live, playwright.Page], batching: bool) -> None:
    server, page = shop_page
    open_shop(server, page, "batching.html" if batching else "one.html")
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
    open_shop(server, page, "batching.html" if batching else "one.html")
    page.evaluate("() => { for (let number = 0; number < 5; number++) analytics.track('Product Viewed', {number}) }")
    server.wait_for(5)
    assert sorted(event.properties["number"] for event in server.events()) == list(range(5))
    # What was not answered with a yes came again, and the log knew it.
    ours = len(put_off) + lost
    assert wait_until(lambda: len(server.weather.requests) >= ours + (1 if batching else 5))
    assert len(server.events()) == 5
