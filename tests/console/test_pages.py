"""The pages: each shows what it is for, keeps its filters in its address, and says what to do when it is empty."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest
from starlette.testclient import TestClient
from tests.console.conftest import sign_in, signed_in
from tests.console.sample import EMAIL, PASSWORD, Sample, application

from habitue import console
from habitue.errors import RenderFailed
from habitue.model.alarm import ALARM_KINDS
from habitue.model.customer import Customer, customer_id
from habitue.model.reason import SENTENCES, Outcome, Reason
from habitue.store.alarms import AlarmFile

PAGES = [
    "/console/",
    "/console/?range=day",
    "/console/?range=week",
    "/console/people",
    "/console/segments",
    "/console/segments/regulars",
    "/console/segments/unicorns?range=90d",
    "/console/rfm",
    "/console/rfm?by=monetary&range=30d",
    "/console/backtest",
    "/console/plan",
    "/console/versions",
    "/console/versions/1",
    "/console/segments/new-segment",
    "/console/segments/regulars/edit",
    "/console/journeys",
    "/console/journeys?range=all",
    "/console/journeys/second_order",
    "/console/journeys/cart?step=wait_2",
    "/console/messages",
    "/console/messages/browse_reminder",
    "/console/messages/browse_reminder?view=text",
    "/console/messages/browse_reminder?channel=onsite",
    "/console/messages/cart_waiting",
    "/console/ledger",
    "/console/deliveries",
    "/console/dead-letters",
]
HTMX = {"HX-Request": "true"}


def person(shop: Sample, identity: str) -> Customer:
    state = shop.store.person(identity)
    assert state is not None
    return msgspec.msgpack.decode(state, type=Customer)


def regular(shop: Sample) -> Customer:
    """Somebody of whom much is known: joined from visitors, with orders."""
    return max(
        (person(shop, row.id) for row in shop.store.people(limit=200)),
        key=lambda one: (bool(one.merged_ids), one.orders),
    )


@pytest.mark.parametrize("address", PAGES)
def test_every_page_is_shown(mina: TestClient, address: str) -> None:
    answer = mina.get(address)
    assert answer.status_code == 200
    assert answer.text.count("<h1>") == 1
    assert "</html>" in answer.text


def test_the_menu_says_where_one_is(mina: TestClient) -> None:
    page = mina.get("/console/segments/regulars").text
    assert re.search(r'href="/console/segments" data-key="s" aria-current="page"', page)


# --- home ----------------------------------------------------------------------------------------------------------


def test_home_tells_of_a_parked_person_with_her_error(mina: TestClient) -> None:
    page = mina.get("/console/").text
    assert "One person is" in page
    assert "ZeroDivisionError: division by zero" in page


def test_home_shows_the_latest_decisions_with_their_reasons(mina: TestClient, shop: Sample) -> None:
    newest = shop.store.decisions(limit=1)[0][1]
    assert SENTENCES[newest.reason] in mina.get("/console/home/latest").text.replace("&#39;", "'")


def test_a_live_part_is_sent_once_and_again_only_when_it_has_changed(tmp_path: Path, small_shop: Sample) -> None:
    client = signed_in(small_shop, tmp_path)
    first = client.get("/console/home/latest", headers=HTMX)
    assert "Nothing decided yet" in first.text
    tag = first.headers["X-Tag"]
    assert client.get("/console/home/latest", headers={**HTMX, "X-Tag": tag}).status_code == 204

    small_shop.take(small_shop.event("track", "Order Completed", user_id="ana", properties={"total": 20}))
    news = client.get("/console/home/latest", headers={**HTMX, "X-Tag": tag})
    assert news.status_code == 200
    assert "Entered “The second order”" in news.text


# --- people --------------------------------------------------------------------------------------------------------


def test_people_are_found_by_a_part_of_their_name(mina: TestClient, shop: Sample) -> None:
    ana = regular(shop)
    page = mina.get("/console/people", params={"q": ana.traits["email"][:8]}, headers=HTMX).text
    assert ana.id in page
    assert "<html" not in page


def test_going_back_in_history_brings_the_whole_page(mina: TestClient) -> None:
    page = mina.get("/console/people?q=a", headers={**HTMX, "HX-History-Restore-Request": "true"}).text
    assert "</html>" in page


def test_nobody_found_says_how_to_find_somebody(mina: TestClient) -> None:
    assert "A part of it is enough" in mina.get("/console/people?q=zzzzzz").text


def test_people_are_paged_to_the_last_and_nobody_is_shown_twice(mina: TestClient, shop: Sample) -> None:
    seen: list[str] = []
    address: str | None = "/console/people"
    while address:
        page = mina.get(address).text
        seen += re.findall(r'<tr data-href="/console/people/(\w+)"', page)
        older = re.search(r'href="([^"]+)" rel="next"', page)
        address = older[1].replace("&amp;", "&") if older else None
    assert len(seen) == len(set(seen)) == shop.store.people_count()


def test_a_person_is_shown_with_all_that_is_known(mina: TestClient, shop: Sample) -> None:
    ana = regular(shop)
    page = mina.get(f"/console/people/{ana.id}").text
    assert ana.traits["name"] in page
    assert ana.traits["email"] in page
    assert ana.user_id and ana.user_id in page
    assert ana.anonymous_ids[0] in page
    assert "Timeline" in page
    for segment in ana.segments:
        assert f"/console/segments/{segment}" in page


def test_a_persons_timeline_is_paged_whole_without_doubles(mina: TestClient, shop: Sample) -> None:
    ana = regular(shop)
    ids = [ana.id, *ana.merged_ids]
    events: list[str] = []
    decisions: list[str] = []
    address = f"/console/people/{ana.id}"
    while address:
        page = mina.get(address).text
        events += re.findall(r'id="event-(\d+)"', page)
        decisions += re.findall(r'id="decision-(\d+)"', page)
        older = re.search(r'hx-get="(/console/people/\w+/older[^"]+)"', page)
        address = older[1].replace("&amp;", "&") if older else ""
    assert sorted(map(int, events)) == sorted(position for position, _ in shop.store.timeline(ids, 10_000))
    assert sorted(map(int, decisions)) == sorted(
        number for number, _ in shop.store.decisions(customers=ids, limit=10_000)
    )


def test_the_live_timeline_goes_on_down_to_where_the_page_began(mina: TestClient, shop: Sample) -> None:
    ana = regular(shop)
    page = mina.get(f"/console/people/{ana.id}").text
    live = re.search(r'id="moments" data-live hx-get="([^"]+)"', page)
    assert live
    part = mina.get(live[1].replace("&amp;", "&"), headers=HTMX).text
    shown = re.findall(r'id="(?:event|decision)-\d+"', page)
    assert re.findall(r'id="(?:event|decision)-\d+"', part) == shown


def test_an_id_that_was_joined_leads_to_the_person_it_became(mina: TestClient, shop: Sample) -> None:
    ana = regular(shop)
    visitor = ana.merged_ids[0]
    answer = mina.get(f"/console/people/{visitor}")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/console/people/{ana.id}?from={visitor}"
    assert "turned out to be this person" in mina.get(answer.headers["location"]).text


def test_a_message_stands_in_the_timeline_with_what_became_of_it(mina: TestClient, shop: Sample) -> None:
    delivery = shop.deliveries.list(channel="email")[0][1]
    page = mina.get(f"/console/people/{delivery.customer}").text
    assert f"/console/deliveries/{delivery.id}" in page


def test_consent_says_what_holds_while_nothing_was_said(tmp_path: Path, small_shop: Sample) -> None:
    small_shop.take(
        small_shop.event("identify", "Identified", user_id="ben", traits={"email": "ben@example.com"}),
        small_shop.event(
            "track", "Consent Withdrawn", user_id="ben", properties={"channel": "email", "topic": "offers"}
        ),
    )
    page = signed_in(small_shop, tmp_path).get(f"/console/people/{customer_id('user', 'ben')}").text
    assert "not asked, so not written to" in page
    assert "unless she refuses" in page
    assert "Things you might like" in page


def test_a_pause_says_until_when(tmp_path: Path, small_shop: Sample) -> None:
    small_shop.take(small_shop.event("track", "Messages Paused", user_id="ana", properties={"days": 30}))
    page = signed_in(small_shop, tmp_path).get(f"/console/people/{customer_id('user', 'ana')}").text
    assert re.search(r"<dt>Pause</dt>.*until \d+ \w+ \d{4}", page)


def test_where_she_waits_is_said_in_words(tmp_path: Path, small_shop: Sample) -> None:
    small_shop.take(small_shop.event("track", "Order Completed", user_id="ana", properties={"total": 20}))
    page = signed_in(small_shop, tmp_path).get(f"/console/people/{customer_id('user', 'ana')}").text
    assert "Where she is now" in page
    assert "Wait 1 day" in page


# --- segments, journeys, messages ----------------------------------------------------------------------------------


def test_a_segment_that_just_began_says_that_its_chart_is_no_growth(tmp_path: Path, small_shop: Sample) -> None:
    for who in ("ana", "ben"):
        for order in ("1", "2"):
            small_shop.take(
                small_shop.event("track", "Order Completed", user_id=who, properties={"order_id": who + order})
            )
    page = signed_in(small_shop, tmp_path).get("/console/segments/regulars").text
    assert "nobody was in it before" in page and 'href="/console/segments/regulars/edit">builder' in page


def test_segments_are_listed_in_plain_words_with_their_sizes(mina: TestClient, shop: Sample) -> None:
    page = mina.get("/console/segments").text
    assert "Ordered at least twice" in page
    size = shop.store.segment_sizes()["regulars"]
    assert f"<strong>{size}</strong>" in page


def test_a_segment_shows_its_condition_as_written_and_its_members(mina: TestClient, shop: Sample) -> None:
    page = mina.get("/console/segments/regulars").text
    assert "count(&#34;Order Completed&#34;) &gt;= 2" in page
    member = shop.store.members("regulars", 1)[0][0]
    assert f"/console/people/{member}" in page


def test_an_empty_segment_says_that_nobody_meets_its_condition(mina: TestClient) -> None:
    assert "Nobody meets the condition right now" in mina.get("/console/segments/unicorns").text


def test_a_journey_is_drawn_with_every_step_and_its_live_counts(mina: TestClient, shop: Sample) -> None:
    page = mina.get("/console/journeys/second_order").text
    assert page.count('class="step"') == 12
    assert "Wait for Order Completed, at most 5 days" in page
    assert "70% of people" in page
    for (_, step), count in shop.store.place_counts("second_order").items():
        drawn = re.search(rf'id="step-{step}".*?</a>', page, re.S)
        assert drawn and f"{count}<span" in drawn[0]


def test_a_step_shows_who_stands_there(mina: TestClient, shop: Sample) -> None:
    place = shop.store.places("second_order", "wait_event_1", 1)[0]
    page = mina.get("/console/journeys/second_order?step=wait_event_1").text
    assert f'href="/console/people/{place.customer}"' in page.partition('id="waiting"')[2]
    assert 'id="step-wait_event_1"' in page


def test_a_message_is_shown_as_one_person_would_get_it(mina: TestClient, shop: Sample) -> None:
    ana = regular(shop)
    page = mina.get(f"/console/messages/browse_reminder?customer={ana.id}").text
    assert f"As {ana.traits['name']} would get it" in page
    assert "still on your mind?" in page
    frame = mina.get(f"/console/messages/browse_reminder/frame?customer={ana.id}")
    assert f"Hello {ana.traits['firstName']}" in frame.text
    assert "sandbox" in frame.headers["content-security-policy"]
    assert "script-src" not in frame.headers["content-security-policy"]
    assert frame.headers["x-frame-options"] == "SAMEORIGIN"


def test_a_template_that_fails_is_told_on_the_page(tmp_path: Path, small_shop: Sample) -> None:
    def fails(*_: object) -> object:
        raise RenderFailed("line 3: there is no filter called moeny")

    small_shop.take(small_shop.event("identify", "Identified", user_id="ana", traits={"email": "ana@example.com"}))
    accounts = console.Accounts(tmp_path / "console.db")
    accounts.create_user(EMAIL, PASSWORD)
    services = small_shop.services(accounts)
    object.__setattr__(services, "preview", fails)
    client = TestClient(application(small_shop, services), follow_redirects=False)
    sign_in(client)
    assert "there is no filter called moeny" in client.get("/console/messages/thanks").text
    assert "there is no filter called moeny" in client.get("/console/messages/thanks/frame").text


def test_somebody_to_show_a_message_as_is_found_while_typing(mina: TestClient, shop: Sample) -> None:
    ana = regular(shop)
    part = mina.get("/console/messages/thanks/people", params={"q": ana.traits["email"]}, headers=HTMX).text
    assert f"customer={ana.id}" in part


# --- ledger, deliveries, dead letters ------------------------------------------------------------------------------


def test_the_ledger_is_filtered_by_its_address(mina: TestClient) -> None:
    page = mina.get("/console/ledger?outcome=dropped&reason=no_consent").text
    outcomes = set(re.findall(r'data-outcome="(\w+)"', page))
    assert outcomes == {"dropped"}
    assert SENTENCES[Reason.NO_CONSENT] in page
    assert '<option value="dropped" selected>' in page


def test_the_ledger_of_one_person_holds_what_was_decided_before_she_was_known(mina: TestClient, shop: Sample) -> None:
    ana = regular(shop)
    page = mina.get(f"/console/ledger?customer={ana.id}").text
    ids = [ana.id, *ana.merged_ids]
    found = shop.store.decisions(customers=ids, limit=40)
    assert re.findall(r'id="decision-(\d+)"', page) == [str(number) for number, _ in found]


def test_the_ledger_is_paged(mina: TestClient) -> None:
    page = mina.get("/console/ledger?outcome=joined").text
    older = re.search(r'href="([^"]+)" rel="next"', page)
    assert older
    assert "outcome=joined" in older[1]
    first = re.findall(r'id="decision-(\d+)"', page)
    second = re.findall(r'id="decision-(\d+)"', mina.get(older[1].replace("&amp;", "&")).text)
    assert int(second[0]) < int(first[-1])


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_can_be_asked_for(mina: TestClient, outcome: Outcome) -> None:
    assert mina.get(f"/console/ledger?outcome={outcome.value}").status_code == 200


def test_a_filter_that_matches_nothing_says_how_to_see_more(mina: TestClient) -> None:
    page = mina.get("/console/ledger?journey=cart&reason=two_known_users").text
    assert "No decision matches" in page
    assert 'href="/console/ledger"' in page


@pytest.mark.parametrize(
    "query", ["before=abc", "before=-1", "before=" + "9" * 30, "outcome=%00", "range=x", "q=%ff%fe"]
)
@pytest.mark.parametrize(
    "page", ["", "people", "ledger", "deliveries", "dead-letters", "journeys", "segments/regulars"]
)
def test_nonsense_in_an_address_harms_nothing(mina: TestClient, page: str, query: str) -> None:
    assert mina.get(f"/console/{page}?{query}").status_code == 200


def test_deliveries_are_counted_by_state_and_filtered_by_it(mina: TestClient, shop: Sample) -> None:
    failed = [one for _, one in shop.deliveries.list(limit=1000) if one.state == "failed"]
    page = mina.get("/console/deliveries?state=failed").text
    assert len(re.findall(r"<tr data-href", page)) == len(failed)
    assert "550 5.1.1 No such user here" in page or not failed


def test_a_delivery_shows_what_became_of_it_and_what_the_template_knew(mina: TestClient, shop: Sample) -> None:
    delivery = shop.deliveries.list()[0][1]
    page = mina.get(f"/console/deliveries/{delivery.id}").text
    assert delivery.id in page
    assert "What the template knew" in page


def test_dead_letters_show_reason_detail_and_the_body_laid_out(mina: TestClient) -> None:
    page = mina.get("/console/dead-letters").text
    assert "neither userId nor anonymousId" in page
    assert "&#34;product_id&#34;: &#34;p3&#34;" in page
    assert "type=track&amp;event=Order+Completed" in page


# --- what is not there ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("/console/nowhere", "no page at this address"),
        ("/console/people/nobody", "nobody with the id nobody"),
        ("/console/segments/x", "no segment"),
        ("/console/journeys/x", "no journey"),
        ("/console/messages/x", "no message"),
        ("/console/messages/thanks?customer=x", "nobody with the id x"),
        ("/console/deliveries/x", "no delivery x"),
    ],
)
def test_what_is_not_there_is_said_in_words(mina: TestClient, address: str, says: str) -> None:
    answer = mina.get(address)
    assert answer.status_code == 404
    assert says in answer.text
    assert "</html>" in answer.text


@pytest.mark.parametrize(
    "place", ["", "people", "segments", "journeys", "messages", "ledger", "deliveries", "dead-letters"]
)
def test_an_empty_system_says_on_every_page_what_to_do(tmp_path: Path, place: str) -> None:
    page = signed_in(Sample(), tmp_path).get(f"/console/{place}")
    assert page.status_code == 200
    assert 'class="nothing"' in page.text


def test_a_page_that_fails_says_so_and_the_others_go_on(tmp_path: Path, small_shop: Sample) -> None:
    client = signed_in(small_shop, tmp_path)

    def fails(*_: object, **__: object) -> object:
        raise RuntimeError("the disk is gone")

    small_shop.store.people = fails  # type: ignore[method-assign]
    failing = TestClient(client.app, cookies=client.cookies, raise_server_exceptions=False, follow_redirects=False)
    answer = failing.get("/console/people")
    assert answer.status_code == 500
    assert "This page failed" in answer.text
    assert "the disk is gone" not in answer.text
    assert failing.get("/console/ledger").status_code == 200


# --- alarms --------------------------------------------------------------------------------------------------------


def test_home_tells_an_owner_of_an_alarm_with_what_to_do(tmp_path: Path, small_shop: Sample) -> None:
    alarms = AlarmFile(tmp_path / "alarms.db")
    alarms.sound("disk_full", "/srv/habitue", "0 MB free", small_shop.clock.now())
    page = signed_in(small_shop, tmp_path, alarms=alarms).get("/console/").text
    assert ALARM_KINDS["disk_full"].title in page
    assert "/srv/habitue: 0 MB free" in page


def test_home_tells_what_was_queued_from_what_was_sent_and_shown(shop: Sample, mina: TestClient) -> None:
    page = mina.get("/console/home/figures").text
    assert "Queued today" in page and "Sent or shown today" in page and "Sent today" not in page
    minute = 0
    events = {tally.name: tally.count for tally in shop.store.totals("event", minute)}
    queued = sum(tally.count for tally in shop.store.totals("message", minute) if tally.outcome == "sent")
    assert 0 < events.get("Email Sent", 0) + events.get("Message Displayed", 0) < queued
