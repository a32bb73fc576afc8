"""`habitue prove`: is the stored state what the log says, byte for byte?"""

from __future__ import annotations

from collections.abc import Iterator

import typer

from habitue import wire
from habitue.cli.backtest import living_through
from habitue.cli.options import DATA, Config, Data, Json
from habitue.cli.output import moment, plain, print_json, say
from habitue.errors import HabitueError
from habitue.run.lock import Lock
from habitue.run.proof import Gaps, Proof
from habitue.run.proof import prove as run_proof
from habitue.store.memory import MemoryStore
from habitue.wire import privacy


def prove(data: Data = DATA, config: Config = None, as_json: Json = False) -> None:
    """Decide on the whole log again from nothing, and compare with what is stored. Exit code 1 if anything differs."""
    parts = wire.open_existing(data, config)
    if Lock(data, "decide").is_held():
        raise HabitueError(f"a system runs in {data}: its state changes while it would be compared. Stop it first.")
    if standing := parts.store.adopting():
        raise HabitueError(
            f"not everybody has adopted playbook version {standing[-1].version} yet: start the system, let it finish, "
            "stop it and prove again"
        )
    gaps = privacy.gaps(parts)
    versions = [
        (row["name"], parts.playbooks.playbook(row["version"]) or {}) for row in reversed(parts.playbooks.playbooks())
    ]
    with living_through("Deciding again") as progress:
        proof = run_proof(parts.log, parts.store, parts.view, MemoryStore(), versions, parts.load, progress, gaps)
    if as_json:
        print_json(plain(proof))
    elif proof.holds:
        say(
            f"{proof.records:,} records decided again: {proof.customers:,} customers and {proof.decisions:,} decisions "
            "are the same, byte for byte."
        )
    else:
        example = [*proof.states_differing, *proof.decisions_differing][0]
        say(
            f"{len(proof.states_differing):,} of {proof.customers:,} customers and {len(proof.decisions_differing):,} "
            f"of {proof.decisions:,} decisions differ, such as {example}. "
            "The state was changed by something else than the log, or by a different version of Habitue."
        )
    for line in _untold(gaps, proof) if not as_json else ():
        say(line)
    if not proof.holds:
        raise typer.Exit(1)


def _untold(gaps: Gaps, proof: Proof) -> Iterator[str]:
    """What was not compared, since the log cannot tell it any more."""
    if proof.left_out:
        yield (
            f"{proof.left_out:,} customers were left out: events from before {moment(gaps.events_before or None)} are "
            "not kept, or a record of theirs named somebody who was erased."
            if gaps.events_before
            else f"{proof.left_out:,} customers were left out: a record of theirs named somebody who was erased."
        )
    if gaps.decisions_before:
        yield f"Decisions from before {moment(gaps.decisions_before)} were not compared: they are not kept."
