"""Traits that are set once: the first word stands, whatever follows."""

from __future__ import annotations

from habitue.decide.profile.traits import put_identified
from habitue.model.customer import Customer
from habitue.model.event import IDENTIFIED, Event
from habitue.model.instant import SECOND

from .world import NOON


def said(second: int, once: list[str] | None = None, **traits: object) -> Event:
    return Event(
        id=f"m{second}",
        source="shop",
        type="identify",
        name=IDENTIFIED,
        occurred_at=NOON + second * SECOND,
        user_id="ana",
        traits=traits,
        properties={} if once is None else {"set_once": once},
    )


def test_what_is_set_once_is_written_only_where_nothing_is_known() -> None:
    ana = Customer(id="u:ana")
    put_identified(ana, said(1, ["first_seen"], first_seen="monday", size="M"), 0)
    put_identified(ana, said(2, ["first_seen"], first_seen="tuesday", size="L"), 0)
    assert ana.traits == {"first_seen": "monday", "size": "L"}


def test_setting_it_outright_still_changes_it() -> None:
    ana = Customer(id="u:ana")
    put_identified(ana, said(1, ["first_seen"], first_seen="monday"), 0)
    put_identified(ana, said(2, first_seen="never"), 0)
    assert ana.traits == {"first_seen": "never"}


def test_a_list_of_names_that_is_none_changes_nothing() -> None:
    ana = Customer(id="u:ana")
    strange = said(1, ["x"], size="M")
    strange.properties["set_once"] = "size"
    put_identified(ana, strange, 0)
    assert ana.traits == {"size": "M"}
