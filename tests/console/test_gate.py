"""The gate: nobody comes in without signing in, nothing is changed without a form's token, every answer is guarded."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.console.conftest import signed_in, token_of
from tests.console.sample import EMAIL, PASSWORD, Sample, application

from habitue.console import Accounts, addresses, sign_in
from habitue.console.accounts import TRIES_MAX, Tries
from habitue.console.site import DOORS

INNER = [door for door in DOORS if not door.public]


@pytest.fixture(autouse=True)
def fresh_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in, "_tries", Tries())


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
    for _ in range(TRIES_MAX):
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
        assert "Path=/console" in cookie
        assert ("Secure" in cookie) is is_secure


def test_a_poll_of_a_page_left_open_leads_the_whole_page_to_the_sign_in(stranger: TestClient) -> None:
    answer = stranger.get("/console/home/latest", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/console/sign-in"


@pytest.mark.parametrize("address", ["/console/", "/console/sign-in", "/console/nowhere", "/console/people/nobody"])
def test_every_page_leaves_with_a_strict_policy(mina: TestClient, address: str) -> None:
    headers = mina.get(address).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";") if part.strip())
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"


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
