"""The gate: nobody comes in without signing in, nothing is changed without a form's token, every answer is guarded."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from pathlib import Path

import httpx
import pytest
from starlette.testclient import TestClient
from tests.console.conftest import signed_in, token_of
from tests.console.sample import EMAIL, PASSWORD, Sample, application

from habitue.console import Accounts, addresses
from habitue.console.site import DOORS
from habitue.console.tries import PER_ACCOUNT_MAX, PER_ADDRESS_MAX

INNER = [door for door in DOORS if not door.public]


def address_of(path: str) -> str:
    return addresses.BASE + re.sub(r"{[\w:]+}", "x", path)


@pytest.mark.parametrize("door", INNER, ids=lambda door: f"{door.method} {door.path}")
def test_no_inner_door_opens_for_a_stranger(stranger: TestClient, door: object) -> None:
    answer = stranger.request(door.method, address_of(door.path))  # type: ignore[attr-defined]
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/console/sign-in")


def test_the_front_leads_to_the_console(stranger: TestClient) -> None:
    assert stranger.get("/").headers["location"] == "/console/"
    assert stranger.get("/console").headers["location"] == "/console/"


def test_signing_in_leads_back_to_where_one_wanted_to_go(stranger: TestClient) -> None:
    asked = stranger.get("/console/people?q=ana%20b")
    form = stranger.get(asked.headers["location"])
    wanted = re.search(r'name="next" value="([^"]+)"', form.text)
    assert wanted
    token = token_of(stranger, asked.headers["location"])
    answer = stranger.post(
        "/console/sign-in", data={"email": EMAIL, "password": PASSWORD, "form_token": token, "next": wanted[1]}
    )
    assert answer.headers["location"] == "/console/people?q=ana%20b"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "/console/../x\\", "/consolex", "/console/\n", "javascript:1"],
)
def test_signing_in_leads_nowhere_else(stranger: TestClient, elsewhere: str) -> None:
    token = token_of(stranger, "/console/sign-in")
    answer = stranger.post(
        "/console/sign-in", data={"email": EMAIL, "password": PASSWORD, "form_token": token, "next": elsewhere}
    )
    assert answer.headers["location"] == "/console/"


def test_a_wrong_password_is_refused_in_words_that_give_nothing_away(stranger: TestClient) -> None:
    token = token_of(stranger, "/console/sign-in")
    known = stranger.post("/console/sign-in", data={"email": EMAIL, "password": "wrong one", "form_token": token})
    unknown = stranger.post("/console/sign-in", data={"email": "x@y.z", "password": "wrong one", "form_token": token})
    assert known.status_code == unknown.status_code == 401
    assert "do not go together" in known.text
    assert known.text.replace(EMAIL, "x@y.z") == unknown.text


def test_too_many_wrong_passwords_must_wait(small_shop: Sample, tmp_path: Path) -> None:
    client = signed_in(small_shop, tmp_path)
    client.cookies.clear()
    token = token_of(client, "/console/sign-in")
    for _ in range(PER_ACCOUNT_MAX):
        client.post("/console/sign-in", data={"email": EMAIL, "password": "wrong one", "form_token": token})
    answer = client.post("/console/sign-in", data={"email": EMAIL, "password": PASSWORD, "form_token": token})
    assert answer.status_code == 429
    assert "Try again in 15 minutes" in answer.text


@pytest.mark.parametrize("door", [door for door in DOORS if door.method == "POST"], ids=lambda door: door.path)
@pytest.mark.parametrize("token", ["", "0" * 64])
def test_no_form_is_taken_without_its_token(mina: TestClient, stranger: TestClient, door: object, token: str) -> None:
    client = stranger if door.public else mina  # type: ignore[attr-defined]
    answer = client.post(address_of(door.path), data={"form_token": token, "email": EMAIL, "password": PASSWORD})  # type: ignore[attr-defined]
    assert answer.status_code == 403
    assert "Reload the page" in answer.text


def test_a_token_from_before_signing_in_is_no_good_after(small_shop: Sample, tmp_path: Path) -> None:
    client = signed_in(small_shop, tmp_path)
    before = TestClient(client.app, follow_redirects=False)
    old = token_of(before, "/console/sign-in")
    assert client.post("/console/sign-out", data={"form_token": old}).status_code == 403


def test_signing_out_ends_the_session(small_shop: Sample, tmp_path: Path) -> None:
    client = signed_in(small_shop, tmp_path)
    session = client.cookies["habitue_session"]
    assert client.post("/console/sign-out", data={"form_token": token_of(client, "/console/")}).status_code == 303
    again = TestClient(client.app, cookies={"habitue_session": session}, follow_redirects=False)
    assert again.get("/console/").status_code == 303


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(small_shop: Sample, tmp_path: Path) -> None:
    accounts = Accounts(tmp_path / "console.db")
    accounts.create_user(EMAIL, PASSWORD)
    app = application(small_shop, small_shop.services(accounts))
    for base, is_secure in (("http://testserver", False), ("https://testserver", True)):
        client = TestClient(app, base_url=base, follow_redirects=False)
        token = token_of(client, "/console/sign-in")
        answer = client.post("/console/sign-in", data={"email": EMAIL, "password": PASSWORD, "form_token": token})
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert cookie.startswith("__Host-habitue_session=") is is_secure
        assert ("Path=/; Secure" in cookie) is is_secure
        assert "Domain" not in cookie
        assert client.get("/console/").status_code == 200


def test_over_https_a_session_cookie_without_its_guarded_name_is_not_looked_at(
    small_shop: Sample, tmp_path: Path
) -> None:
    """Another host of the shop's can set a plain name for its whole domain, and so sign somebody in as itself."""
    accounts = Accounts(tmp_path / "console.db")
    session = accounts.open_session(accounts.create_user(EMAIL, PASSWORD))
    app = application(small_shop, small_shop.services(accounts))
    planted = TestClient(
        app, base_url="https://testserver", cookies={"habitue_session": session}, follow_redirects=False
    )
    assert planted.get("/console/").status_code == 303


def test_signing_in_again_ends_the_session_before(small_shop: Sample, tmp_path: Path) -> None:
    client = signed_in(small_shop, tmp_path)
    before = client.cookies["habitue_session"]
    client.cookies.delete("habitue_session")
    token = token_of(client, "/console/sign-in")
    client.cookies.set("habitue_session", before, path="/console")
    page = {"email": EMAIL, "password": PASSWORD, "form_token": token_of(client, "/console/") or token}
    assert client.post("/console/sign-in", data=page).status_code == 303
    again = TestClient(client.app, cookies={"habitue_session": before}, follow_redirects=False)
    assert again.get("/console/").status_code == 303


def test_of_sixty_guesses_at_once_eight_are_looked_at(small_shop: Sample, tmp_path: Path) -> None:
    client = signed_in(small_shop, tmp_path)
    client.cookies.clear()
    token = token_of(client, "/console/sign-in")

    async def all_at_once() -> Counter[int]:
        wire = httpx.ASGITransport(app=client.app)
        cookies = dict(client.cookies)
        async with httpx.AsyncClient(transport=wire, base_url="http://testserver", cookies=cookies) as browser:
            page = {"email": EMAIL, "password": "wrong one", "form_token": token}
            answers = await asyncio.gather(*(browser.post("/console/sign-in", data=page) for _ in range(60)))
        return Counter(answer.status_code for answer in answers)

    found = asyncio.run(all_at_once())
    assert found[429] == 60 - PER_ACCOUNT_MAX
    # Who finds no room for the check of a password is told so, and has used up a try all the same.
    assert found[401] + found[503] == PER_ACCOUNT_MAX


def test_one_address_may_not_go_through_account_after_account(small_shop: Sample, tmp_path: Path) -> None:
    accounts = Accounts(tmp_path / "console.db")
    for number in range(PER_ADDRESS_MAX):
        assert accounts.tries.count(f"{number}@example.com", "192.0.2.7").wait_seconds == 0
    assert accounts.tries.count("ana@example.com", "192.0.2.7").wait_seconds > 0


def test_a_poll_of_a_page_left_open_leads_the_whole_page_to_the_sign_in(stranger: TestClient) -> None:
    answer = stranger.get("/console/home/latest", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/console/sign-in"


PAGES = sorted({address_of(door.path) for door in DOORS if door.method == "GET" and door.path != "/sources/live"})


@pytest.mark.parametrize("address", [*PAGES, "/console/nowhere", "/console/static/console.css"])
def test_every_answer_leaves_with_a_strict_policy(mina: TestClient, address: str) -> None:
    headers = mina.get(address).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    if "/static/" in address:
        return
    assert headers["cache-control"] == "no-store"
    said = headers["content-security-policy"]
    policy = {part.strip().partition(" ")[0]: part.strip().partition(" ")[2] for part in said.split(";")}
    assert policy["default-src"] == "'none'"
    assert policy["base-uri"] == "'none'"
    if "sandbox" not in policy:  # A rendered email may look as it likes, and do nothing.
        assert policy["script-src"] == policy["style-src"] == "'self'"
        assert policy["frame-ancestors"] == "'none'"
        assert "unsafe" not in said
        assert headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize(
    "address", ["/console/", "/console/sign-in", "/console/nowhere", "/console/static/console.css"]
)
def test_over_https_the_host_is_asked_over_https_alone_from_then_on(stranger: TestClient, address: str) -> None:
    over = TestClient(stranger.app, base_url="https://testserver", follow_redirects=False)
    assert over.get(address).headers["strict-transport-security"] == "max-age=31536000"
    assert "strict-transport-security" not in stranger.get(address).headers


def test_scripts_and_styles_go_packed_to_who_takes_them_so(stranger: TestClient) -> None:
    address = "/console/static/vendor/echarts-6.1.0/echarts.common.min.js"
    plain = stranger.get(address, headers={"Accept-Encoding": "identity"})
    packed = stranger.get(address, headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 2
    assert packed.content == plain.content
    assert "accept-encoding" in packed.headers["vary"].lower() and "immutable" in packed.headers["cache-control"]
    again = stranger.get("/console/static/console.css", headers={"Accept-Encoding": "gzip"})
    known = {"Accept-Encoding": "gzip", "If-None-Match": again.headers["etag"]}
    assert stranger.get("/console/static/console.css", headers=known).status_code == 304
    picture = stranger.get("/console/static/vendor/inter-5.3.0/inter-latin-wght-normal.woff2")
    assert "content-encoding" not in picture.headers


def test_what_is_vendored_is_kept_for_good_and_what_is_ours_is_asked_for_anew(stranger: TestClient) -> None:
    vendored = stranger.get("/console/static/vendor/htmx-2.0.11/htmx.min.js")
    assert vendored.status_code == 200
    assert "immutable" in vendored.headers["cache-control"]
    assert stranger.get("/console/static/console.css").headers["cache-control"] == "no-cache"
    assert stranger.get("/console/static/%2e%2e/accounts.py").status_code == 404


def test_the_first_visitor_is_told_how_to_make_an_account(small_shop: Sample, tmp_path: Path) -> None:
    services = small_shop.services(Accounts(tmp_path / "console.db"), hint="Sign in as demo@example.com")
    page = TestClient(application(small_shop, services)).get("/console/sign-in").text
    assert "habitue user create" in page
    assert "Sign in as demo@example.com" in page
