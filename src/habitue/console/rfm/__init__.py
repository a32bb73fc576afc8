"""RFM: how lately, how often and for how much people buy, which groups that makes, and who moved between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from starlette.responses import Response

from habitue.console import addresses
from habitue.console.ports import Move, Standing, Superseded
from habitue.console.rfm import flow, grid
from habitue.console.roles import WITH_FIGURES
from habitue.console.visit import Door, Visit
from habitue.errors import HabitueError
from habitue.playbook.lifecycle import STAGES

ACROSS = {"frequency": "How often", "monetary": "For how much"}
SPREADS = {"30d": ("30 days", 30), "90d": ("90 days", 90), "180d": ("180 days", 180)}
NONE = ""
MOVES_MAX = 12


def show(visit: Visit) -> Response:
    """The page; what history says comes after it."""
    across, spread = _across(visit), _spread(visit)
    return visit.page(
        "rfm/rfm.html",
        place="rfm",
        across=across,
        ways=[(name, title, _address(name, spread)) for name, title in ACROSS.items()],
        spread=spread,
        spreads=[(name, title, _address(across, name)) for name, (title, _) in SPREADS.items()],
        rules=visit.book.rfm,
    )


def show_figures(visit: Visit) -> Response:
    try:
        standings = visit.past.standings(visit.book, f"rfm {visit.form_token}")
    except Superseded:
        raise  # The page says so in the part's place.
    except HabitueError as error:
        return visit.page("segments/preview_problem.html", problem=str(error))
    groups = _groups(visit, standings)
    stages = Counter[str]()
    for one in standings:
        stages[one.stage] += one.people
    return visit.page(
        "rfm/figures.html",
        across=_across(visit),
        grid=grid.cells(standings, _across(visit)),
        people=sum(one.people for one in standings),
        buyers=sum(one.people for one in standings if one.code),
        groups=groups,
        stages=[(stage, said, stages[stage]) for stage, said in STAGES.items()],
        build=_build,
    )


def show_moves(visit: Visit) -> Response:
    spread = _spread(visit)
    try:
        moves = visit.past.moves(visit.book, SPREADS[spread][1], f"moves {visit.form_token}")
    except Superseded:
        raise  # The page says so in the part's place.
    except HabitueError as error:
        return visit.page("segments/preview_problem.html", problem=str(error))
    order = [*visit.book.rfm.groups, NONE]
    paths = _between(visit, moves)
    moved = sorted(((pair, people) for pair, people in paths.items() if pair[0] != pair[1]), key=lambda one: -one[1])
    stages = Counter[tuple[str, str]]()
    for move in moves:
        if move.before.stage != move.after.stage and move.before.stage:
            stages[move.before.stage, move.after.stage] += move.after.people
    return visit.page(
        "rfm/moves.html",
        days=SPREADS[spread][1],
        picture=flow.picture(order, paths),
        moved=moved[:MOVES_MAX],
        others=max(0, len(moved) - MOVES_MAX),
        stayed=sum(people for pair, people in paths.items() if pair[0] == pair[1]),
        went=sum(people for _, people in moved),
        order=order,
        stages=stages.most_common(MOVES_MAX),
    )


def _groups(visit: Visit, standings: Sequence[Standing]) -> list[tuple[str, int]]:
    """In the playbook's order, with those of no group last."""
    counts = Counter[str]()
    for one in standings:
        counts[_group(visit, one)] += one.people
    return [(name, counts[name]) for name in (*visit.book.rfm.groups, NONE)]


def _between(visit: Visit, moves: Sequence[Move]) -> Counter[tuple[str, str]]:
    """(group, group) → people; who was not there yet moved from nowhere."""
    paths = Counter[tuple[str, str]]()
    for move in moves:
        pair = _group(visit, move.before), _group(visit, move.after)
        if pair != (NONE, NONE):
            paths[pair] += move.after.people
    return paths


def _group(visit: Visit, one: Standing) -> str:
    return visit.book.rfm.group_of(one.code) if one.code else NONE


def _build(condition: str) -> str:
    """The address of the builder that begins with a condition."""
    return addresses.to("segments", "new-segment", condition=condition)


def _address(across: str, spread: str) -> str:
    return addresses.to("rfm", by=across if across != "frequency" else "", range=spread if spread != "90d" else "")


def _across(visit: Visit) -> str:
    return visit.query("by") if visit.query("by") in ACROSS else "frequency"


def _spread(visit: Visit) -> str:
    return visit.query("range") if visit.query("range") in SPREADS else "90d"


DOORS = (
    Door("/rfm", show, WITH_FIGURES),
    Door("/rfm/figures", show_figures, WITH_FIGURES),
    Door("/rfm/moves", show_moves, WITH_FIGURES),
)
