"""Tries to sign in: counted one by one however many come at once, and no stranger shuts anybody's account."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from tests.console.wall import Wall

from habitue.console.tries import PER_ACCOUNT_MAX, PER_ADDRESS_MAX, UNHURRIED_MAX, WINDOW_SECONDS, Tries

ANA, HERE, ELSEWHERE = "ana@example.com", "192.0.2.1", "198.51.100.9"


@pytest.fixture
def tries(tmp_path: Path, wall: Wall) -> Tries:
    return Tries(tmp_path / "console.db", wall)


def used_up(tries: Tries, account: str = ANA, client: str = HERE) -> None:
    for _ in range(PER_ACCOUNT_MAX):
        assert tries.count(account, client).wait_seconds == 0


def test_of_sixty_tries_in_the_same_moment_eight_go_ahead(tries: Tries) -> None:
    together = Barrier(20)

    def guess(_: int) -> int:
        together.wait(timeout=10)
        return tries.count(ANA, HERE).wait_seconds

    with ThreadPoolExecutor(20) as threads:
        assert sum(not wait for wait in threads.map(guess, range(60))) == PER_ACCOUNT_MAX


def test_two_processes_count_together(tries: Tries, tmp_path: Path, wall: Wall) -> None:
    used_up(tries)
    assert Tries(tmp_path / "console.db", wall).count(ANA, HERE).wait_seconds == WINDOW_SECONDS


def test_a_stranger_elsewhere_does_not_shut_the_account(tries: Tries) -> None:
    used_up(tries, client=ELSEWHERE)
    assert tries.count(ANA, ELSEWHERE).wait_seconds > 0
    assert tries.count(ANA, HERE).wait_seconds == 0


def test_the_account_is_the_same_however_it_is_written(tries: Tries) -> None:
    used_up(tries)
    assert tries.count(" ANA@Example.com", HERE).wait_seconds > 0


def test_after_the_window_tries_count_anew(tries: Tries, wall: Wall) -> None:
    used_up(tries)
    wall.now += WINDOW_SECONDS - 1
    assert tries.count(ANA, HERE).wait_seconds == 1
    wall.now += 1
    assert tries.count(ANA, HERE).wait_seconds == 0


def test_a_right_password_gives_the_account_its_tries_back_and_the_address_only_that_one(tries: Tries) -> None:
    """Whoever has an account of their own must not buy guesses at others with it."""
    for number in range(PER_ADDRESS_MAX - 1):
        tries.count(f"{number}@example.com", HERE)
    tries.succeeded(tries.count("ben@example.com", HERE))
    assert tries.count("cleo@example.com", HERE).wait_seconds == 0
    assert tries.count("dan@example.com", HERE).wait_seconds > 0


@pytest.mark.parametrize("others", [["2001:db8::1", "2001:db8::ffff:2"], ["::ffff:192.0.2.1", "192.0.2.1"]])
def test_addresses_of_one_network_count_as_one(tries: Tries, others: list[str]) -> None:
    used_up(tries, client=others[0])
    assert tries.count(ANA, others[1]).wait_seconds > 0


def test_when_the_whole_world_guesses_everybody_is_slowed_and_nobody_refused(tries: Tries) -> None:
    for number in range(UNHURRIED_MAX):
        assert not tries.count(f"{number}@example.com", f"10.0.{number // 200}.{number % 200}").is_slow
    made = tries.count(ANA, HERE)
    assert (made.is_slow, made.wait_seconds) == (True, 0)


def test_what_strangers_type_is_not_kept(tries: Tries, tmp_path: Path) -> None:
    tries.count("my-secret-typed-into-the-wrong-field", HERE)
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"my-secret" not in kept and HERE.encode() not in kept


def test_only_so_many_passwords_are_looked_at_and_waited_for(tries: Tries) -> None:
    rooms = [tries.room() for _ in range(9)]
    assert [room.__enter__() for room in rooms] == [True] * 8 + [False]
    for room in rooms:
        room.__exit__(None, None, None)
    with tries.room() as has_room:
        assert has_room
