"""One's own account: a new password needs the old one, and ends every other session."""

from __future__ import annotations

from pathlib import Path

from starlette.testclient import TestClient
from tests.console.conftest import sign_in, signed_in, token_of
from tests.console.sample import PASSWORD, Sample

NEW = "a stapler for the moon"


def change(client: TestClient, old: str, new: str) -> str:
    page = {"password": old, "new_password": new, "form_token": token_of(client, "/console/account")}
    return client.post("/console/account/password", data=page).text


def test_a_new_password_ends_the_sessions_elsewhere_and_keeps_this_one(small_shop: Sample, tmp_path: Path) -> None:
    client = signed_in(small_shop, tmp_path)
    elsewhere = TestClient(client.app, follow_redirects=False)
    sign_in(elsewhere)
    assert "signed out everywhere else" in change(client, PASSWORD, NEW)
    assert client.get("/console/account").status_code == 200
    assert elsewhere.get("/console/account").status_code == 303
    sign_in(elsewhere, password=NEW)


def test_whoever_finds_a_screen_unlocked_cannot_change_the_password(small_shop: Sample, tmp_path: Path) -> None:
    client = signed_in(small_shop, tmp_path)
    assert "not right" in change(client, "a guess", NEW)
    sign_in(TestClient(client.app, follow_redirects=False), password=PASSWORD)


def test_guesses_at_the_old_password_are_counted_like_any_others(small_shop: Sample, tmp_path: Path) -> None:
    client = signed_in(small_shop, tmp_path)
    for _ in range(8):
        change(client, "a guess", NEW)
    assert "wrong too often" in change(client, PASSWORD, NEW)


def test_a_password_others_would_try_first_is_refused_in_words(small_shop: Sample, tmp_path: Path) -> None:
    client = signed_in(small_shop, tmp_path)
    assert "others would try first" in change(client, PASSWORD, "password1234")
