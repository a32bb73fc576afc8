"""Dead letters: what came in and could not be accepted, with the reason and the raw text."""

from __future__ import annotations

import json

from starlette.responses import Response

from habitue.console import addresses
from habitue.console.roles import WITH_ENGINE
from habitue.console.templates import pretty
from habitue.console.visit import Door, Visit

LETTERS_A_PAGE = 40


def show(visit: Visit) -> Response:
    before = visit.query_number("before")
    found = visit.services.log.dead_letters(LETTERS_A_PAGE + 1, before)
    shown = found[:LETTERS_A_PAGE]
    return visit.page(
        "dead_letters/list.html",
        place="dead-letters",
        letters=[(letter, _readable(letter.body)) for letter in shown],
        older=addresses.to("dead-letters", before=shown[-1].id) if len(found) > LETTERS_A_PAGE else None,
        newest=addresses.to("dead-letters") if before is not None else None,
    )


def _readable(body: str) -> str:
    """The body laid out when it is JSON, else as it came."""
    try:
        return pretty(json.loads(body))
    except (ValueError, RecursionError):
        return body


DOORS = (Door("/dead-letters", show, WITH_ENGINE),)
