"""What the hunt found, each as the case it was."""

from __future__ import annotations

from habitue.analyze.history import History
from habitue.analyze.intervals import intervals
from habitue.playbook.conditions import parse
from habitue.playbook.playbook import Playbook, Shop


def test_a_fact_of_an_empty_past_has_no_history() -> None:
    """The first instant of all is an instant, and not the lack of one."""
    playbook = Playbook(name="shop", shop=Shop(name="The shop"))
    with History.of_records(()) as history:
        assert list(intervals(history, playbook, parse("cart.is_empty"), until=0)) == []
