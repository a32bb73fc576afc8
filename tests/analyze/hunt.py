"""Hunts for disagreements between SQL, live evaluation and the whole history: `python -m tests.analyze.hunt 1000`."""

from __future__ import annotations

import sys
import time

from hypothesis import HealthCheck, Phase, given, seed, settings
from tests.analyze.cases import Case, cases, disagreements


def hunt(most: int, chance: int) -> int:
    """Looks at so many random pasts and prints each that is told differently; returns how many those are."""
    compared, told = 0, 0
    began = time.monotonic()

    @seed(chance)
    @settings(max_examples=most, deadline=None, database=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(cases)
    def look(case: Case) -> None:
        nonlocal compared, told
        count, wrong = disagreements(case)
        compared += count
        for one in wrong[:1]:
            told += 1
            print(f"--- {one}\n{case!r}\n", flush=True)

    look()
    print(f"{compared:,} answers compared in {time.monotonic() - began:.0f} s; {told} pasts told differently")
    return told


if __name__ == "__main__":
    sys.exit(1 if hunt(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0) else 0)
