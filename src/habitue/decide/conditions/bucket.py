"""Buckets: a part of all customers that never changes, drawn by a hash."""

from __future__ import annotations

from hashlib import md5

from habitue.playbook.conditions.tree import Bucket

from .operand import Operand

HUNDREDTHS = 10_000
"""Of a percent: how finely customers are told apart."""


def bucket(node: Bucket) -> Operand:
    salt, low, high = node.salt, round(node.low * 100), round(node.high * 100)
    return Operand(lambda customer, now, entry, key: low <= place(salt, customer.id) < high)


def place(salt: str, customer: str) -> int:
    """From 0 to 9,999. MD5, because every database has it; nothing is kept safe by it."""
    drawn = md5(f"{salt}:{customer}".encode("utf-8", "replace"), usedforsecurity=False).hexdigest()
    return int(drawn[:8], 16) % HUNDREDTHS
