"""The suppression list: found by the address, never read from the file, and not to be emptied by mistake."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from habitue.store.suppressions import SuppressionFile, SuppressionProblem, normal


class HandClock:
    def now(self) -> int:
        return 5


SECRET = b"a secret of this data directory"


def listed(path: Path, secret: bytes = SECRET) -> SuppressionFile:
    return SuppressionFile(path / "suppressions.db", secret, HandClock())


def test_an_address_is_found_in_whatever_spelling_it_comes(tmp_path: Path) -> None:
    listed(tmp_path).add("email", " Ana@Example.com ", "erased")
    again = listed(tmp_path)
    assert again.find("email", "ana@example.COM") == "erased"
    assert again.find("email", "ben@example.com") is None
    assert again.find("sms", "ana@example.com") is None
    again.add("sms", "+90 (581) 333 44 55", "refused")
    assert again.find("sms", "+905813334455") == "refused"
    assert again.counts() == {("email", "erased"): 1, ("sms", "refused"): 1}


def test_no_address_stands_in_the_file(tmp_path: Path) -> None:
    listed(tmp_path).add_all("email", [f"ana{number}@example.com" for number in range(50)], "erased")
    for file in tmp_path.iterdir():
        assert b"ana" not in file.read_bytes()
        assert b"example" not in file.read_bytes()


def test_two_data_directories_hash_the_same_address_differently(tmp_path: Path) -> None:
    hashes = set()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        made = listed(tmp_path / name, name.encode() * 9)
        hashes.add(made._hash("email", "ana@example.com"))
    assert len(hashes) == 2


def test_what_forbids_more_wins_and_adding_twice_changes_nothing(tmp_path: Path) -> None:
    made = listed(tmp_path)
    assert made.add_all("email", ["ana@example.com", "ben@example.com"], "erased") == 2
    assert made.add_all("email", ["ana@example.com"], "bounced") == 0
    made.add("email", "ana@example.com", "refused")
    assert made.find("email", "ana@example.com") == "bounced"


def test_a_new_confirmed_wish_lifts_an_erasure_but_no_bounce(tmp_path: Path) -> None:
    made = listed(tmp_path)
    made.add("email", "ana@example.com", "erased")
    made.add("email", "ben@example.com", "bounced")
    for address in ("ana@example.com", "ben@example.com", "cleo@example.com"):
        made.lift("email", address)
    assert made.find("email", "ana@example.com") is None
    assert made.find("email", "ben@example.com") == "bounced"
    assert made.remove("email", "ben@example.com")
    assert not made.remove("email", "ben@example.com")


def test_another_secret_is_refused_rather_than_finding_nobody(tmp_path: Path) -> None:
    listed(tmp_path)
    with pytest.raises(SuppressionProblem, match="Put the secret back"):
        listed(tmp_path, b"some other secret, of elsewhere")


def test_an_unknown_reason_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SuppressionProblem, match="expected one of"):
        listed(tmp_path).add("email", "ana@example.com", "tired")


def test_nothing_is_no_address(tmp_path: Path) -> None:
    made = listed(tmp_path)
    made.add("email", "  ", "erased")
    assert made.counts() == {}
    assert normal("call", " +34 600-11 ") == "+3460011"


@pytest.mark.parametrize("asked", ["ana@bücher.example", "ANA@BÜCHER.example", "ana@xn--bcher-kva.example"])
def test_an_address_kept_by_an_earlier_version_in_its_spelling_is_found_and_removed(tmp_path: Path, asked: str) -> None:
    kept = listed(tmp_path)
    with sqlite3.connect(tmp_path / "suppressions.db") as db:
        mark = kept._mark("email", "ana@bücher.example")
        db.execute("INSERT INTO suppressed VALUES (?, 'email', 'erased', 5)", (mark,))
    assert kept.find("email", asked) == "erased"
    assert kept.remove("email", asked)
    assert kept.find("email", asked) is None


def test_one_domain_in_two_scripts_is_one_address(tmp_path: Path) -> None:
    kept = listed(tmp_path)
    assert (
        kept.add_all(
            "email", ["ana@bücher.example", "ana@xn--bcher-kva.example", "ana@bücher.example\u200b"], "bounced"
        )
        == 1
    )
