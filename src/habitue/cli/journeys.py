"""`habitue journeys`: which there are, how many have entered and left, and where people stand in them."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

import typer

from habitue import wire
from habitue.cli.options import DATA, Config, Data, Json, Limit
from habitue.cli.output import heading, moment, plain, print_json, show
from habitue.errors import HabitueError
from habitue.model.reached import Reached
from habitue.model.reason import Outcome

app = typer.Typer(help="Which journeys there are, and where people stand in them.", no_args_is_help=True)


@app.command("list")
def list_journeys(data: Data = DATA, config: Config = None, as_json: Json = False) -> None:
    """List the journeys in force, with how often each was entered and left, and how far its messages came."""
    parts = wire.open_existing(data, config)
    counts: Counter[tuple[str, str]] = Counter()
    for tally in parts.view.totals("journey"):
        counts[tally.name, tally.outcome] += tally.count
    reached: Counter[tuple[str, str]] = Counter()
    for tally in parts.view.totals("receipt"):
        reached[tally.name.partition("/")[0], tally.outcome] += tally.count
    rows = [
        {
            "journey": name,
            "title": journey.title,
            "entered": counts[name, "entered"],
            "inside": sum(parts.view.place_counts(name).values()),
            "left": counts[name, "left"],
            "queued": counts[name, "sent"],
            **{stage.value: reached[name, stage.value] for stage in (Reached.SENT, Reached.SHOWN, Reached.CLICKED)},
            "held": counts[name, "held"],
            "dropped": counts[name, "dropped"],
        }
        for name, journey in parts.current_playbook().journeys.items()
    ]
    show(rows, as_json=as_json, empty="The playbook defines no journeys.")


@app.command("show")
def show_journey(
    journey: Annotated[str, typer.Argument(help="The journey's name.")],
    data: Data = DATA,
    config: Config = None,
    limit: Limit = 20,
    as_json: Json = False,
) -> None:
    """Show what happened at each step of a journey, and who waits there now."""
    parts = wire.open_existing(data, config)
    known = parts.current_playbook().journeys
    if journey not in known:
        raise HabitueError(f'there is no journey "{journey}"; the playbook has: {", ".join(sorted(known)) or "none"}')
    places = parts.view.places(journey, limit=limit)
    waiting = Counter[str]()
    for (_, step), count in parts.view.place_counts(journey).items():
        waiting[step] += count
    steps = [
        {
            "step": tally.name.removeprefix(f"{journey}/"),
            "outcome": tally.outcome,
            "reason": tally.reason,
            "count": tally.count,
        }
        for tally in parts.view.totals("step")
        if tally.name.startswith(f"{journey}/")
    ]
    if as_json:
        print_json(
            {
                "journey": plain(known[journey]),
                "steps": steps,
                "waiting": dict(waiting),
                "places": [plain(place) for place in places],
            }
        )
        return
    heading(known[journey].title)
    for one in steps:
        one["outcome"] = Reached.QUEUED.value if one["outcome"] == Outcome.SENT else one["outcome"]
    show(steps, as_json=False, empty="Nobody has come to any of its steps yet.")
    heading("Waiting now")
    rows = [
        {"customer": place.customer, "step": place.step, "since": moment(place.since), "until": moment(place.due)}
        for place in places
    ]
    show(rows, as_json=False, empty="Nobody.")
