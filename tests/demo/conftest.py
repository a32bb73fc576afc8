"""The demo's goods, read once for all tests of the room."""

from __future__ import annotations

import pytest

from habitue.demo.goods import Good, goods
from habitue.demo.orders import Orders


@pytest.fixture(scope="session")
def stock() -> list[Good]:
    orders = Orders()
    try:
        return goods(orders)
    finally:
        orders.close()
