"""Accounts: who may sign in, and for how long."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.console.wall import Wall

from habitue.console.accounts import (
    IDLE_SECONDS,
    SESSION_SECONDS,
    AccountError,
    Accounts,
    form_token,
    is_form_token,
)


@pytest.fixture
def accounts(tmp_path: Path, wall: Wall) -> Accounts:
    return Accounts(tmp_path / "console.db", wall=wall)


def test_a_user_is_known_by_their_password_alone(accounts: Accounts) -> None:
    ana = accounts.create_user("Ana@Example.com ", "correct horse battery", "Ana")
    assert accounts.verify("ana@example.com", "correct horse battery") == ana
    assert accounts.verify("ANA@example.com", "correct horse battery") == ana
    assert accounts.verify("ana@example.com", "a stapler for the moon") is None
    assert accounts.verify("ben@example.com", "correct horse battery") is None


def test_passwords_are_not_kept(accounts: Accounts, tmp_path: Path) -> None:
    accounts.create_user("ana@example.com", "correct horse battery")
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"correct horse battery" not in kept
    assert b"$argon2id$" in kept


def test_an_address_has_one_account(accounts: Accounts) -> None:
    accounts.create_user("ana@example.com", "correct horse battery")
    with pytest.raises(AccountError, match=r"ana@example\.com has an account already"):
        accounts.create_user("ANA@example.com", "a stapler for the moon")


@pytest.mark.parametrize("email", ["", "ana", "@example.com", "ana@", "a b@example.com", "a@" + "b" * 300])
def test_what_is_no_address_is_refused(accounts: Accounts, email: str) -> None:
    with pytest.raises(AccountError, match="not an e-mail address"):
        accounts.create_user(email, "correct horse battery")


def test_a_short_password_is_refused_with_the_length_it_needs(accounts: Accounts) -> None:
    with pytest.raises(AccountError, match="has 5 characters; it needs 12"):
        accounts.create_user("ana@example.com", "short")


def test_a_session_in_use_ends_after_its_whole_time(accounts: Accounts, wall: Wall) -> None:
    ana = accounts.create_user("ana@example.com", "correct horse battery")
    token = accounts.open_session(ana)
    assert accounts.user_of(token + "x") is None
    for _ in range(int(SESSION_SECONDS / 600) - 1):
        wall.now += 600
        assert accounts.user_of(token) == ana
    wall.now += 600
    assert accounts.user_of(token) is None


def test_a_session_nobody_uses_ends_after_its_idle_time(accounts: Accounts, wall: Wall) -> None:
    token = accounts.open_session(accounts.create_user("ana@example.com", "correct horse battery"))
    wall.now += IDLE_SECONDS
    assert accounts.user_of(token) is None


def test_a_page_left_open_does_not_keep_a_session_alive(accounts: Accounts, wall: Wall) -> None:
    token = accounts.open_session(accounts.create_user("ana@example.com", "correct horse battery"))
    wall.now += IDLE_SECONDS - 1
    assert accounts.user_of(token, by_hand=False) is not None
    wall.now += 1
    assert accounts.user_of(token, by_hand=False) is None


def test_the_settings_say_how_long_sessions_last(tmp_path: Path, wall: Wall) -> None:
    accounts = Accounts(tmp_path / "console.db", wall=wall, session_seconds=100, idle_seconds=10)
    token = accounts.open_session(accounts.create_user("ana@example.com", "correct horse battery"))
    wall.now += 9
    assert accounts.user_of(token) is not None
    wall.now += 9
    assert accounts.user_of(token) is not None
    wall.now += 10
    assert accounts.user_of(token) is None


def test_sessions_of_an_older_file_are_over_and_its_accounts_stay(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "console.db")) as db, db:
        db.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, name TEXT, password TEXT, created_at REAL)")
        db.execute("INSERT INTO users VALUES (1, 'ana@example.com', 'Ana', 'x', 0)")
        db.execute("CREATE TABLE sessions (token BLOB PRIMARY KEY, user_id INTEGER, expires_at REAL)")
        db.execute("INSERT INTO sessions VALUES (x'00', 1, 9e9)")
    accounts = Accounts(tmp_path / "console.db")
    [ana] = accounts.users()
    assert accounts.user_of(accounts.open_session(ana)) == ana


def test_a_session_that_was_closed_is_over(accounts: Accounts) -> None:
    token = accounts.open_session(accounts.create_user("ana@example.com", "correct horse battery"))
    accounts.close_session(token)
    assert accounts.user_of(token) is None


def test_session_tokens_are_not_kept(accounts: Accounts, tmp_path: Path) -> None:
    token = accounts.open_session(accounts.create_user("ana@example.com", "correct horse battery"))
    assert token.encode() not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_a_new_password_ends_the_sessions_of_the_old(accounts: Accounts) -> None:
    token = accounts.open_session(accounts.create_user("ana@example.com", "correct horse battery"))
    accounts.set_password("ana@example.com", "a stapler for the moon")
    assert accounts.user_of(token) is None
    assert accounts.verify("ana@example.com", "correct horse battery") is None
    assert accounts.verify("ana@example.com", "a stapler for the moon") is not None


def test_a_removed_user_is_out_at_once(accounts: Accounts) -> None:
    token = accounts.open_session(accounts.create_user("ana@example.com", "correct horse battery"))
    accounts.remove_user("ana@example.com")
    assert accounts.user_of(token) is None
    assert accounts.users() == []
    with pytest.raises(AccountError, match=r"no account for ana@example\.com; the accounts are: none yet"):
        accounts.remove_user("ana@example.com")


def test_two_processes_see_the_same_accounts(accounts: Accounts, tmp_path: Path) -> None:
    ana = accounts.create_user("ana@example.com", "correct horse battery")
    token = accounts.open_session(ana)
    other = Accounts(tmp_path / "console.db", wall=accounts._wall)
    assert other.user_of(token) == ana


def test_a_new_password_keeps_the_session_it_was_given_in(accounts: Accounts) -> None:
    ana = accounts.create_user("ana@example.com", "correct horse battery")
    here, elsewhere = accounts.open_session(ana), accounts.open_session(ana)
    accounts.set_password("ana@example.com", "a stapler for the moon", keep=here)
    assert accounts.user_of(here) == ana
    assert accounts.user_of(elsewhere) is None


def test_a_form_token_is_good_for_its_secret_alone() -> None:
    assert is_form_token("session", form_token("session"))
    assert not is_form_token("other", form_token("session"))
    assert not is_form_token("session", "")
    assert not is_form_token("session", "\udcff not ascii ü")
    assert not is_form_token("", form_token(""))
