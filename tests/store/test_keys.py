"""Sources: their write keys, and the secrets webhooks are signed with, which nobody can read off the disk."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from habitue.model.instant import DAY
from habitue.store.keys import KeyFile, KeyProblem
from habitue.store.sealing import SealBroken

SECRET = "hush-hush-hush"


def key_file(folder: Path, data_secret: bytes = b"the data directory's own") -> KeyFile:
    return KeyFile(folder / "keys.db", lambda: data_secret)


def test_a_key_says_its_source_until_it_is_withdrawn(tmp_path: Path) -> None:
    keys = key_file(tmp_path)
    made = keys.create("shop", 1, kind="browser")
    found = keys.sender(made.key)
    assert found is not None
    assert found.source == "shop"
    keys.revoke(made.key, 2)
    assert keys.sender(made.key) is None
    assert [(key.kind, key.revoked_at) for key in keys.all()] == [("browser", 2)]


def test_a_signed_sources_key_alone_speaks_for_nobody(tmp_path: Path) -> None:
    keys = key_file(tmp_path)
    made = keys.create("store", 1, kind="shopify", secret=SECRET)
    assert keys.sender(made.key) is None
    assert keys.signed_source(made.key, "shopify", 2) == ("store", (SECRET,))
    assert keys.signed_source(made.key, "woocommerce", 2) is None
    assert keys.signed_source("another", "shopify", 2) is None


def test_an_unsigned_key_opens_no_webhook(tmp_path: Path) -> None:
    keys = key_file(tmp_path)
    assert keys.signed_source(keys.create("shop", 1).key, "server", 2) is None


def test_secrets_are_not_on_the_disk(tmp_path: Path) -> None:
    keys = key_file(tmp_path)
    keys.create("store", 1, kind="woocommerce", secret=SECRET)
    assert all(SECRET.encode() not in path.read_bytes() for path in tmp_path.iterdir())
    assert SECRET not in repr(keys.all())


def test_a_secret_cannot_be_opened_in_another_data_directory(tmp_path: Path) -> None:
    made = key_file(tmp_path).create("store", 1, kind="shopify", secret=SECRET)
    with pytest.raises(SealBroken, match=r"store.*file `secret`"):
        key_file(tmp_path, b"another").signed_source(made.key, "shopify", 2)


def test_the_secret_before_counts_for_a_day(tmp_path: Path) -> None:
    keys = key_file(tmp_path)
    made = keys.create("store", 1, kind="shopify", secret=SECRET)
    keys.rotate(made.key, "newer", 10)
    assert keys.signed_source(made.key, "shopify", 10 + DAY - 1) == ("store", ("newer", SECRET))
    assert keys.signed_source(made.key, "shopify", 10 + DAY) == ("store", ("newer",))
    assert keys.all()[0].rotated_at == 10


def test_a_withdrawn_keys_secret_is_destroyed(tmp_path: Path) -> None:
    keys = key_file(tmp_path)
    made = keys.create("store", 1, kind="shopify", secret=SECRET)
    keys.revoke(made.key, 2)
    assert keys.signed_source(made.key, "shopify", 3) is None
    with sqlite3.connect(tmp_path / "keys.db") as db:
        assert db.execute("SELECT secret, former_secret FROM write_keys").fetchall() == [(None, None)]


@pytest.mark.parametrize(
    ("source", "kind", "secret", "says"),
    [
        ("Shop", "server", None, "cannot name a source"),
        ("habitue", "server", None, "taken"),
        ("shop", "spotify", None, "not a kind"),
        ("shop", "shopify", None, "needs the secret"),
        ("shop", "shopify", "two\nlines", "needs the secret"),
        ("shop", "server", SECRET, "signs nothing"),
    ],
)
def test_what_cannot_be_a_source_is_told(tmp_path: Path, source: str, kind: str, secret: str | None, says: str) -> None:
    with pytest.raises(KeyProblem, match=says):
        key_file(tmp_path).create(source, 1, kind=kind, secret=secret)


def test_there_is_nothing_to_rotate_in_an_unsigned_or_unknown_key(tmp_path: Path) -> None:
    keys = key_file(tmp_path)
    with pytest.raises(KeyProblem, match="signs nothing"):
        keys.rotate(keys.create("shop", 1).key, SECRET, 2)
    with pytest.raises(KeyProblem, match="no write key"):
        keys.rotate("another", SECRET, 2)


def test_keys_from_before_kinds_were_known_go_on_working(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "keys.db") as db:
        db.execute(
            "CREATE TABLE write_keys (key TEXT PRIMARY KEY, source TEXT NOT NULL, created_at INTEGER NOT NULL, "
            "revoked_at INTEGER) WITHOUT ROWID"
        )
        db.execute("INSERT INTO write_keys VALUES ('old', 'shop', 1, NULL), ('gone', 'shop', 1, 2)")
    for _ in range(2):
        keys = key_file(tmp_path)
        found = keys.sender("old")
        assert found is not None
        assert found.source == "shop"
        assert keys.sender("gone") is None
        assert [key.kind for key in keys.all()] == ["server", "server"]
    keys.create("store", 3, kind="shopify", secret=SECRET)
