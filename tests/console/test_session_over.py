"""A session that ends while somebody writes: what they entered is still there after they sign in again."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import pytest
from markupsafe import escape
from starlette.testclient import TestClient
from tests.console.conftest import signed_in, token_of
from tests.console.sample import EMAIL, PASSWORD, Sample

TITLE, TEXT = 'Late <b>"writers"</b>', 'did("Order Completed", within="9d")'


@pytest.fixture
def client(small_shop: Sample, tmp_path: Path) -> TestClient:
    return signed_in(small_shop, tmp_path)


def ended(client: TestClient) -> str:
    """The form token of a page whose session then ended; the browser keeps its cookie."""
    token = token_of(client, "/console/segments/new-segment")
    session = client.cookies["habitue_session"]
    elsewhere = TestClient(client.app, cookies={"habitue_session": session}, follow_redirects=False)
    elsewhere.post("/console/sign-out", data={"form_token": token})
    return token


def fields(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page)
    return {name: html.unescape(value) for name, value in found}


def save(client: TestClient, token: str, **more: str) -> Any:
    page = {"form_token": token, "title": TITLE, "text": TEXT, "page": "p", **more}
    return client.post("/console/segments/save", data=page)


def signed_in_again(client: TestClient, page: str) -> Any:
    # The form hangs on the visitor's cookie, which the page itself gave.
    return client.post("/console/sign-in", data={**fields(page), "email": EMAIL, "password": PASSWORD})


def test_a_form_sent_too_late_is_kept_shown_and_sent_once_more(client: TestClient, small_shop: Sample) -> None:
    late = save(client, ended(client))
    assert (late.status_code, "Your session ended" in late.text) == (401, True)
    again = signed_in_again(client, late.text)
    assert "Send it now" in again.text and str(escape(TITLE)) in again.text
    assert small_shop.drafts.get() is None
    [action] = re.findall(r'method="post" action="(/console/segments/[^"]+)"', again.text)
    main = again.text.partition('<main id="main"')[2]
    assert client.post(action, data=fields(main)).headers["location"] == "/console/plan"
    draft = small_shop.drafts.get()
    assert draft is not None and TEXT in str(draft.files)


def test_a_wrong_password_in_between_loses_nothing(client: TestClient) -> None:
    late = save(client, ended(client))
    wrong = client.post("/console/sign-in", data={**fields(late.text), "email": EMAIL, "password": "a guess"})
    assert wrong.status_code == 401
    assert "Send it now" in signed_in_again(client, wrong.text).text


def test_what_another_site_sends_is_not_kept(client: TestClient) -> None:
    ended(client)
    late = save(client, "0" * 64)
    assert (late.status_code, late.headers["location"]) == (303, "/console/sign-in")


def test_passwords_are_not_kept(client: TestClient) -> None:
    token = ended(client)
    page = {"form_token": token, "password": "hush-hush-hush", "new_password": "more-of-that"}
    late = client.post("/console/account/password", data=page)
    assert "hush" not in late.text and "more-of-that" not in late.text


def test_a_kept_form_leads_nowhere_but_to_this_console(client: TestClient) -> None:
    late = save(client, ended(client))
    elsewhere = fields(late.text) | {"kept": '{"to":"https://evil.example/","fields":{"a":"b"}}'}
    answer = client.post("/console/sign-in", data={**elsewhere, "email": EMAIL, "password": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/")


def test_a_part_of_a_page_left_open_leads_back_to_that_page(stranger: TestClient) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/console/segments/new-segment?condition=x"}
    answer = stranger.post("/console/segments/count", headers=headers)
    assert answer.headers["HX-Redirect"].endswith("next=%2Fconsole%2Fsegments%2Fnew-segment%3Fcondition%3Dx")
    headers["HX-Current-URL"] = "https://evil.example/elsewhere"
    assert stranger.post("/console/segments/count", headers=headers).headers["HX-Redirect"] == "/console/sign-in"
