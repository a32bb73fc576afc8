"""An import of a million orders from CSV: rows a second, and the most memory the process ever had."""

from __future__ import annotations

import csv
import random
import resource
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from habitue import wire
from habitue.wire import importing

ORDERS = 1_000_000
PEOPLE = 200_000
_COLUMNS = ["Order ID", "Customer ID", "Email", "Created at", "Status", "Currency", "Shipping", "Total", "Items"]
_FIRST = datetime(2022, 1, 1, tzinfo=UTC)


def write_orders(path: Path, orders: int) -> None:
    """Seeded orders of three years, each with one to four products as a list in its row."""
    chance = random.Random(1)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        for number in range(orders):
            person = chance.randrange(PEOPLE)
            items = [_item(chance.randrange(4_000), chance.randint(1, 3)) for _ in range(chance.randint(1, 4))]
            total = sum(item["price"] * item["quantity"] for item in items)
            at = (_FIRST + timedelta(seconds=94 * number)).strftime("%Y-%m-%d %H:%M:%S")
            mail = f"u{person}@example.com"
            writer.writerow(
                [
                    number,
                    person,
                    mail,
                    at,
                    "paid",
                    "EUR",
                    "4.90",
                    f"{total + 4.9:.2f}",
                    msgspec.json.encode(items).decode(),
                ]
            )


def _item(product: int, quantity: int) -> dict[str, Any]:
    return {"sku": f"p{product}", "name": f"Product {product}", "price": product / 100, "quantity": quantity}


def measure(orders: int = ORDERS) -> dict[str, float]:
    """Rows a second and megabytes at the peak, of a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "orders.csv"
        write_orders(path, orders)
        parts = wire.create(folder / "data")
        terms = importing.import_terms(parts, importing.mapping_of(path, "orders", None))
        started = time.perf_counter()
        with importing.importing(parts, path, terms) as work:
            counts = work.run(lambda done, whole: None)
        took = time.perf_counter() - started
        parts.close()
        assert counts.added == orders, counts
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"rows_per_second": orders / took, "peak_megabytes": peak / 1e6}


if __name__ == "__main__":
    print(measure())
