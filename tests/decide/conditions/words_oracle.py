"""What texts, lists, buckets and the playbook's tables say, as the documentation words it: the slow truth of each."""

from __future__ import annotations

import unicodedata
from hashlib import md5
from typing import Any

DAY = 86_400_000_000


def changed(function: str, value: Any) -> Any:
    if function == "size":
        return len(value) if isinstance(value, (list, str)) else None
    if not isinstance(value, str):
        return None
    # Only the dotted capital I becomes more than one character; the simple mapping drops the dot.
    return "".join(unicodedata.normalize("NFD", one.lower())[0] if one == "İ" else one.lower() for one in value)


def in_bucket(salt: str, who: str, low: float, high: float) -> bool:
    digest = md5(f"{salt}:{who}".encode()).digest()
    return low <= (int.from_bytes(digest[:4], "big") % 10_000) / 100 < high


def rfm(rules: Any, purchases: list[tuple[int, float | None]], now: int) -> str | None:
    """The code, from (when, how much) of everything ever bought."""
    counted = [(at, amount) for at, amount in purchases if now - rules.over < at]
    if not counted:
        return None
    age = now - max(at for at, _ in counted)
    amounts = [amount for _, amount in counted if amount is not None]
    worth = sum(amounts) / (1 if rules.monetary == "sum" else len(amounts) or 1)
    recency = 5 - sum(1 for cut in rules.bands.recency if age >= cut)
    frequency = 1 + sum(1 for cut in rules.bands.frequency if len(counted) >= cut)
    monetary = 1 + sum(1 for cut in rules.bands.monetary if amounts and worth >= cut)
    return f"{recency}{frequency}{monetary}"


def lifecycle(rules: Any, times: list[int], now: int) -> str:
    if not times:
        return "visitor"
    age = now - max(times)
    if age >= rules.lost_after:
        return "lost"
    if age >= rules.dormant_after:
        return "dormant"
    if age >= rules.at_risk_after:
        return "at_risk"
    return "new" if len(times) == 1 else "active"
