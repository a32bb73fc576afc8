"""Clicks and opens: counted once, machines apart, and nobody is led astray."""

from __future__ import annotations

import base64

import pytest

from habitue.model.customer import Customer
from habitue.model.instant import HOUR, SECOND

from .shop import ANA, BROWSER, LETTER, LINKS, Corner, path_of

CLICK = path_of(LINKS.click(LETTER, "https://shop.example/p/1?a=1&b=ü"))
OPEN = path_of(LINKS.open(LETTER))


@pytest.fixture
def corner() -> Corner:
    made = Corner()
    made.delivered("d1", "email")
    return made


def test_a_click_leads_on_and_is_told(corner: Corner) -> None:
    answer = corner.browser.get(CLICK)
    assert answer.status_code == 302
    assert answer.headers["location"] == "https://shop.example/p/1?a=1&b=%C3%BC"
    assert "no-store" in answer.headers["cache-control"]
    (event,) = corner.events()
    assert event.name == "Email Link Clicked"
    assert event.properties["link_url"] == "https://shop.example/p/1?a=1&b=ü"
    assert event.properties["machine"] is False
    assert event.properties["run"] == "r1"
    assert event.context["customer_id"] == ANA
    assert event.context["userAgent"] == BROWSER


def test_the_same_click_again_is_no_news(corner: Corner) -> None:
    corner.browser.get(CLICK)
    corner.later()
    assert corner.browser.get(CLICK).status_code == 302
    corner.browser.get(path_of(LINKS.click(LETTER, "https://shop.example/other")))
    assert len(corner.events()) == 2


def test_addresses_in_any_script_are_followed(corner: Corner) -> None:
    path = path_of(LINKS.click(LETTER, "https://çiçek.example/şişe?q=küçük%20ev#b"))
    assert (
        corner.browser.get(path).headers["location"]
        == "https://xn--iek-1lab.example/%C5%9Fi%C5%9Fe?q=k%C3%BC%C3%A7%C3%BCk%20ev#b"
    )


def test_a_changed_link_leads_nowhere(corner: Corner) -> None:
    for path in (
        CLICK[:-1] + ("A" if CLICK[-1] != "A" else "B"),
        "/c/nonsense",
        path_of(LINKS.unsubscribe(LETTER)).replace("/u/", "/c/"),
    ):
        answer = corner.browser.get(path)
        assert answer.status_code == 404
        assert "location" not in answer.headers
        assert "not complete" in answer.text
    assert corner.events() == []


@pytest.mark.parametrize(
    "agent", ["", "Mozilla/5.0", "Barracuda Sentinel", "Mozilla/5.0 (compatible; bingbot/2.0)", "curl/8"]
)
def test_machines_are_told_apart(corner: Corner, agent: str) -> None:
    corner.browser.get(CLICK, headers={"User-Agent": agent})
    corner.browser.get(CLICK)
    assert told(corner) == [("Email Link Followed by Machine", True), ("Email Link Clicked", False)]


def told(corner: Corner) -> list[tuple[str, bool]]:
    return [(event.name, event.properties["machine"]) for event in corner.events()]


def link(number: int) -> str:
    return path_of(LINKS.click(LETTER, f"https://shop.example/p/{number}"))


@pytest.mark.parametrize(("seconds", "machine"), [(1, True), (4, True), (5, False)])
def test_a_click_within_five_seconds_is_a_machines(corner: Corner, seconds: int, machine: bool) -> None:
    corner.clock.at += -HOUR + seconds * SECOND
    corner.browser.get(CLICK)
    assert [is_one for _, is_one in told(corner)] == [machine]


def test_eight_links_at_once_by_what_looks_like_a_browser_are_a_machines_the_first_too(corner: Corner) -> None:
    for number in range(8):
        corner.browser.get(link(number))
        corner.later(SECOND // 50)
    assert told(corner) == [("Email Link Followed by Machine", True)] * 8


def test_a_burst_is_one_from_however_many_addresses_it_comes(corner: Corner) -> None:
    for number, agent in enumerate((BROWSER, BROWSER + " Edg/156", BROWSER + " OPR/130")):
        corner.browser.get(link(number), headers={"User-Agent": agent})
        corner.later(SECOND // 2)
    assert {machine for _, machine in told(corner)} == {True}


def test_two_links_a_moment_apart_are_a_persons_and_at_once_they_are_not(corner: Corner) -> None:
    corner.browser.get(link(1))
    corner.later(SECOND)
    corner.browser.get(link(2))
    assert [machine for _, machine in told(corner)] == [False, False]
    corner.later(HOUR)
    corner.browser.get(link(3))
    corner.later(SECOND // 10)
    corner.browser.get(link(4))
    assert [machine for _, machine in told(corner)][2:] == [True, True]


def test_the_same_link_fetched_twice_at_once_is_a_persons_double_click(corner: Corner) -> None:
    for _ in range(3):
        corner.browser.get(CLICK)
    assert told(corner) == [("Email Link Clicked", False)]


def test_who_looked_before_fetching_is_a_machine(corner: Corner) -> None:
    corner.browser.head(CLICK)
    corner.later(SECOND // 10)
    corner.browser.get(CLICK)
    assert told(corner) == [("Email Link Followed by Machine", True)]


def test_what_a_machine_opens_it_does_not_read(corner: Corner) -> None:
    corner.browser.get(OPEN)
    for number in range(3):
        corner.browser.get(link(number))
    assert told(corner)[0] == ("Email Opened by Machine", True)


def test_who_was_found_to_be_a_machine_is_one_for_an_hour_and_a_person_elsewhere_is_not(corner: Corner) -> None:
    for number in range(3):
        corner.browser.get(link(number))
    corner.events()
    corner.later(20 * 60 * SECOND)
    corner.browser.get(link(9))
    corner.later()
    corner.browser.get(CLICK, headers={"User-Agent": BROWSER + " Mobile"})
    assert told(corner)[3:] == [("Email Link Followed by Machine", True), ("Email Link Clicked", False)]


def test_looking_without_opening_is_a_machines(corner: Corner) -> None:
    assert corner.browser.head(CLICK).status_code == 302
    assert [event.properties["machine"] for event in corner.events()] == [True]


def test_an_open_is_told_by_the_smallest_picture(corner: Corner) -> None:
    answer = corner.browser.get(OPEN)
    assert answer.headers["content-type"] == "image/gif"
    assert answer.content == base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
    assert [event.name for event in corner.events()] == ["Email Opened"]


def test_a_broken_token_still_gets_its_picture(corner: Corner) -> None:
    assert corner.browser.get("/o/nonsense.gif").status_code == 200
    assert corner.events() == []


def test_a_full_disk_does_not_stop_her(corner: Corner, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(corner.log, "append", full)
    assert corner.browser.get(CLICK).status_code == 302


def test_her_click_counts_for_who_she_is_by_now(corner: Corner) -> None:
    corner.people.put(Customer(id=ANA, merged_into="u-ana"))
    corner.people.put(Customer(id="u-ana", merged_ids=[ANA]))
    corner.browser.get(CLICK)
    assert corner.events()[0].context["customer_id"] == "u-ana"
