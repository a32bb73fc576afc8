"""Passwords: long and not what others would try first; nothing is said about what letters they are made of."""

from __future__ import annotations

import pytest

from habitue.console.password import trouble

ABOUT = ("mina@demir.example", "Mina Demir")


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "Passw0rd2026!",
        "a good password",
        "habitue-demo",
        "HabitueShop2026",
        "mina.demir.2026",
        "example-Mina-1",
        "aaaaaaaaaaaa",
        "abcabcabcabc",
        "qwertyuiop123",
        "1q2w3e4r5t6y",
        "123456789012",
        "iloveyou1234567",
        "drowssap4321",
        "Summer2026!!",
    ],
)
def test_what_others_would_try_first_is_refused(password: str) -> None:
    assert "others would try first" in (trouble(password, ABOUT) or "")


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "xk29dmw8qq1z",
        "kettle sings at dawn",
        "lowercasejqzvkw",
        "!$%&/()=?+#*",
        "ж" * 3 + "щыюэфзйцкл",
    ],
)
def test_what_nobody_can_foresee_will_do_whatever_it_is_made_of(password: str) -> None:
    assert trouble(password, ABOUT) is None


def test_the_length_is_at_least_twelve_and_at_most_what_is_still_quickly_checked() -> None:
    assert trouble("xk29dmw8qq1") == "the password has 11 characters; it needs 12 to 500"
    assert trouble("xk29dmw8qq1z" * 50) == "the password has 600 characters; it needs 12 to 500"
