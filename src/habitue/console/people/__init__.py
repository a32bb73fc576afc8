"""People: find a person, and see everything that is known of her and why she got what she got."""

from __future__ import annotations

from starlette.responses import Response

from habitue.console import addresses
from habitue.console.people import known, records, timeline
from habitue.console.people.living import living
from habitue.console.roles import OWNERS, WITH_PEOPLE
from habitue.console.visit import Door, Visit

PEOPLE_A_PAGE = 40


def list_people(visit: Visit) -> Response:
    query, after = visit.query("q").strip(), visit.query("after")
    view = visit.services.view
    rows = view.people(query, PEOPLE_A_PAGE + 1, after or None)
    shown = rows[:PEOPLE_A_PAGE]
    return visit.page(
        "people/rows.html" if visit.is_fragment else "people/list.html",
        place="people",
        query=query,
        after=after,
        rows=[known.row(visit, row) for row in shown],
        older=addresses.to("people", q=query, after=shown[-1].id) if len(rows) > PEOPLE_A_PAGE else None,
        count=view.people_count(),
    )


def show_person(visit: Visit) -> Response:
    asked = visit.part("customer")
    customer = living(visit)
    if customer.id != asked:
        return visit.redirect(addresses.to("people", customer.id, **{"from": asked}))
    line = timeline.newest(visit, customer)
    return visit.page(
        "people/person.html",
        place="people",
        came_from=visit.query("from"),
        line=line,
        **known.facts(visit, customer),
    )


def show_facts(visit: Visit) -> Response:
    return visit.live("people/facts.html", **known.facts(visit, living(visit)))


def show_newer(visit: Visit) -> Response:
    """The live top of the timeline: everything that came after what the page began with, and the first page itself."""
    customer = living(visit)
    floor = timeline.Place(visit.query_number("event"), visit.query_number("decision"))
    return visit.live("people/moments.html", moments=timeline.down_to(visit, customer, floor))


def show_older(visit: Visit) -> Response:
    customer = living(visit)
    before = timeline.Place(visit.query_number("event"), visit.query_number("decision"))
    return visit.page("people/older.html", customer=customer, line=timeline.older(visit, customer, before))


DOORS = (
    Door("/people", list_people, WITH_PEOPLE),
    Door("/people/{customer}", show_person, WITH_PEOPLE),
    Door("/people/{customer}/facts", show_facts, WITH_PEOPLE),
    Door("/people/{customer}/newer", show_newer, WITH_PEOPLE),
    Door("/people/{customer}/older", show_older, WITH_PEOPLE),
    Door("/people/{customer}/records", records.show, WITH_PEOPLE),
    Door("/people/{customer}/split", records.split, OWNERS, "POST"),
    Door("/people/{customer}/export", records.export, OWNERS, "POST"),
    Door("/people/{customer}/erase", records.ask_to_erase, OWNERS),
    Door("/people/{customer}/erase", records.erase, OWNERS, "POST"),
)
