"""Accounts: who may sign in, and for how long."""

from __future__ import annotations

from pathlib import Path

import pytest

from habitue.console.accounts import (
    SESSION_SECONDS,
    TRIES_MAX,
    TRIES_WINDOW_SECONDS,
    AccountError,
    Accounts,
    Tries,
    form_token,
    is_form_token,
)


class Wall:
    """A wall clock that stands until moved."""

    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def accounts(tmp_path: Path, wall: Wall) -> Accounts:
    return Accounts(tmp_path / "console.db", wall=wall)


def test_a_user_is_known_by_her_password_alone(accounts: Accounts) -> None:
    ana = accounts.create_user("Ana@Example.com ", "a good password", "Ana")
    assert accounts.verify("ana@example.com", "a good password") == ana
    assert accounts.verify("ANA@example.com", "a good password") == ana
    assert accounts.verify("ana@example.com", "another password") is None
    assert accounts.verify("ben@example.com", "a good password") is None


def test_passwords_are_not_kept(accounts: Accounts, tmp_path: Path) -> None:
    accounts.create_user("ana@example.com", "a good password")
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"a good password" not in kept
    assert b"$argon2id$" in kept


def test_an_address_has_one_account(accounts: Accounts) -> None:
    accounts.create_user("ana@example.com", "a good password")
    with pytest.raises(AccountError, match=r"ana@example\.com has an account already"):
        accounts.create_user("ANA@example.com", "another password")


@pytest.mark.parametrize("email", ["", "ana", "@example.com", "ana@", "a b@example.com", "a@" + "b" * 300])
def test_what_is_no_address_is_refused(accounts: Accounts, email: str) -> None:
    with pytest.raises(AccountError, match="not an e-mail address"):
        accounts.create_user(email, "a good password")


def test_a_short_password_is_refused_with_the_length_it_needs(accounts: Accounts) -> None:
    with pytest.raises(AccountError, match="has 5 characters; it needs 8"):
        accounts.create_user("ana@example.com", "short")


def test_a_session_stands_for_its_user_until_it_ends(accounts: Accounts, wall: Wall) -> None:
    ana = accounts.create_user("ana@example.com", "a good password")
    token = accounts.open_session(ana)
    assert accounts.user_of(token) == ana
    assert accounts.user_of(token + "x") is None
    wall.now += SESSION_SECONDS
    assert accounts.user_of(token) is None


def test_a_session_that_was_closed_is_over(accounts: Accounts) -> None:
    token = accounts.open_session(accounts.create_user("ana@example.com", "a good password"))
    accounts.close_session(token)
    assert accounts.user_of(token) is None


def test_session_tokens_are_not_kept(accounts: Accounts, tmp_path: Path) -> None:
    token = accounts.open_session(accounts.create_user("ana@example.com", "a good password"))
    assert token.encode() not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_a_new_password_ends_the_sessions_of_the_old(accounts: Accounts) -> None:
    token = accounts.open_session(accounts.create_user("ana@example.com", "a good password"))
    accounts.set_password("ana@example.com", "a better password")
    assert accounts.user_of(token) is None
    assert accounts.verify("ana@example.com", "a good password") is None
    assert accounts.verify("ana@example.com", "a better password") is not None


def test_a_removed_user_is_out_at_once(accounts: Accounts) -> None:
    token = accounts.open_session(accounts.create_user("ana@example.com", "a good password"))
    accounts.remove_user("ana@example.com")
    assert accounts.user_of(token) is None
    assert accounts.users() == []
    with pytest.raises(AccountError, match=r"no account for ana@example\.com; the accounts are: none yet"):
        accounts.remove_user("ana@example.com")


def test_two_processes_see_the_same_accounts(accounts: Accounts, tmp_path: Path) -> None:
    ana = accounts.create_user("ana@example.com", "a good password")
    token = accounts.open_session(ana)
    other = Accounts(tmp_path / "console.db", wall=accounts._wall)
    assert other.user_of(token) == ana


def test_too_many_failures_must_wait_and_a_success_forgets_them(wall: Wall) -> None:
    tries = Tries(wall)
    for _ in range(TRIES_MAX):
        assert tries.wait_seconds("as ana") == 0
        tries.failed("as ana", "from 10.0.0.1")
    assert tries.wait_seconds("as ana") == TRIES_WINDOW_SECONDS
    assert tries.wait_seconds("as ben", "from 10.0.0.1") > 0
    assert tries.wait_seconds("as ben", "from 10.0.0.2") == 0
    tries.forget("as ana")
    assert tries.wait_seconds("as ana") == 0
    wall.now += TRIES_WINDOW_SECONDS
    assert tries.wait_seconds("from 10.0.0.1") == 0


def test_a_form_token_is_good_for_its_secret_alone() -> None:
    assert is_form_token("session", form_token("session"))
    assert not is_form_token("other", form_token("session"))
    assert not is_form_token("session", "")
    assert not is_form_token("session", "\udcff not ascii ü")
    assert not is_form_token("", form_token(""))
