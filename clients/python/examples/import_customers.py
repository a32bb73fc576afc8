"""Brings customers in from a CSV file with the columns id, email and first_name. Running it twice changes nothing.

HABITUE_ADDRESS=http://127.0.0.1:8080 HABITUE_API_KEY=hab_… python import_customers.py customers.csv
"""

import asyncio
import csv
import os
import sys
from pathlib import Path

from habitue_client import AsyncClient, Invalid

AT_ONCE = 8


async def main(file: Path) -> None:
    turns = asyncio.Semaphore(AT_ONCE)
    async with AsyncClient(os.environ["HABITUE_ADDRESS"], os.environ["HABITUE_API_KEY"]) as habitue:

        async def bring(row: dict[str, str]) -> None:
            async with turns:
                try:
                    await habitue.write_customer(
                        user_id=row["id"],
                        email=row["email"],
                        traits={"first_name": row["first_name"]},
                        id=f"import-{row['id']}",
                    )
                except Invalid as wrong:
                    print(f"{row['id']}: {wrong}", file=sys.stderr)

        with file.open(newline="", encoding="utf-8") as lines:
            rows = list(csv.DictReader(lines))
        await asyncio.gather(*(bring(row) for row in rows))
    print(f"{len(rows)} customers")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
