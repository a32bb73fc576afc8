"""A dead letter is hers when her ids or addresses stand in it as words, and not as part of somebody else's."""

from __future__ import annotations

import pytest

from habitue.wire.naming import naming

ANA, BEN = 1, 2
WHOSE = naming({ANA: ["ana@example.com", "+442079460123", "7", "customer 4711"], BEN: ["Ben@Example.com", "device-77"]})


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ('{"email": "ana@example.com"}', ANA),
        ('{"email": "ANA@example.com."}', ANA),
        ("mailto:ana@example.com", ANA),
        ('{"phone":"+442079460123"}', ANA),
        ('{"userId":"7"}', ANA),
        ('{"userId":"customer 4711"}', ANA),
        ("device-77", BEN),
        ('{"email": "ben@example.com"}', BEN),
        ('{"email": "diana@example.com"}', None),
        ('{"email": "ana@example.community"}', None),
        ('{"quantity": 7, "price": "7.50"}', None),
        ("device-770", None),
        ("", None),
    ],
)
def test_whom_a_text_names(text: str, number: int | None) -> None:
    assert WHOSE(text) == number
