"""Hunts for disagreements between SQL, live evaluation and the whole history: `python -m tests.analyze.hunt 1000`."""

from __future__ import annotations

import sys
import time

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from tests.analyze.cases import Case, cases, disagreements, miscounted, misremembered, shopping_cases

from habitue.model.instant import DAY


def hunt(most: int, chance: int) -> int:
    """Looks at so many random pasts and prints each that is told differently; returns how many those are."""
    pairs, compared, told = 0, 0, 0
    began = time.monotonic()

    @seed(chance)
    @settings(max_examples=most, deadline=None, database=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(st.one_of(cases.map(lambda case: (case, True)), shopping_cases.map(lambda case: (case, False))))
    def look(drawn: tuple[Case, bool]) -> None:
        nonlocal pairs, compared, told
        case, by_hand = drawn
        count, wrong = disagreements(case, hand=by_hand)
        compared += count
        pairs += len(case.trees) * len({who for who, _ in case.past})
        some = case._replace(trees=case.trees[:3])
        for later in (0, 40 * DAY):
            wrong += misremembered(some, max((record.received_at for _, record in case.past), default=0) + later)
        heard = sorted(record.received_at for _, record in case.past)
        if heard:
            wrong += miscounted(case, heard[len(heard) // 2])
        for one in wrong[:1]:
            told += 1
            print(f"--- {one}\n{case!r}\n", flush=True)

    look()
    seconds = time.monotonic() - began
    print(f"{pairs:,} conditions of a customer, {compared:,} answers compared in {seconds:.0f} s; {told} pasts differ")
    return told


if __name__ == "__main__":
    sys.exit(1 if hunt(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0) else 0)
