"""Which currencies came without a rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from habitue.model.currency import CODES
from habitue.playbook.conditions.sql import DuckDB
from habitue.playbook.playbook import Shop

if TYPE_CHECKING:
    from .history import History

_dialect = DuckDB()
_SAID = """
SELECT code, count(*) FROM (
  SELECT upper(trim(json_extract_string(properties, '$.currency'))) AS code, occurred_at
  FROM events WHERE customer IS NOT NULL AND contains(properties, '"currency"')
) WHERE code <> {own} AND NOT ({rated}) GROUP BY code ORDER BY 2 DESC, 1
"""


def without_rate(history: History, shop: Shop) -> dict[str, int]:
    """Currencies that events came in and the playbook has no rate for, and how many events. It reads all of them."""
    if not shop.is_currency_said:
        return {}
    rated = [f"(code = {_dialect.text(rate.currency)} AND occurred_at >= {rate.since})" for rate in shop.rates]
    asked = _SAID.format(own=_dialect.text(shop.currency), rated=" OR ".join(rated) or "FALSE")
    return {code: int(count) for code, count in history.ask(asked) if code in CODES}
