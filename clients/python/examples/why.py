"""Says why somebody got, or did not get, what she got.

HABITUE_ADDRESS=http://127.0.0.1:8080 HABITUE_API_KEY=hab_… python why.py email:ana@shop.example
"""

import os
import sys
from itertools import islice

from habitue_client import Client, NotFound


def main(customer: str) -> None:
    with Client(os.environ["HABITUE_ADDRESS"], os.environ["HABITUE_API_KEY"]) as habitue:
        try:
            ana = habitue.customer(customer)
        except NotFound as nobody:
            sys.exit(str(nobody))
        print(
            ana.traits.get("first_name", ana.id), "is in", ", ".join(one.name for one in ana.segments) or "no segment"
        )
        for decision in islice(habitue.customer_decisions(customer), 20):
            print(
                decision.at.isoformat(), decision.outcome, decision.segment or decision.message or "", "–", decision.why
            )


if __name__ == "__main__":
    main(sys.argv[1])
