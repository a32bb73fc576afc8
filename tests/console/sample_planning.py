"""How the sample's playbook is changed: checked and kept as the real one is, with made-up numbers of the past."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from habitue import console
from habitue.playbook.playbook import Playbook
from habitue.run.planning import Asked, Comparison, Known, Plan, make_plan
from habitue.run.ports import Clock, View
from habitue.wire.control import checked


class SamplePlanning:
    """`put` keeps files as a version and puts it in force: (files, author, note, base) → version."""

    def __init__(
        self, view: View, clock: Clock, newest: Callable[[], Playbook | None], put: Callable[..., int]
    ) -> None:
        self._view, self._clock, self._newest, self._put = view, clock, newest, put

    def planning(self) -> console.Planning:
        return console.Planning(check=checked, plan=self._plan, apply=self._put)

    def _plan(self, files: Mapping[str, str]) -> Plan:
        sent = {("cart", "email"): 84}
        known = Known(past=self, sent=lambda *_: (sent, sent), runs=lambda _journey: 3, kept_since=None)
        newest = self._newest()
        base = newest.version if newest else 0
        return make_plan(files, checked, base=base, before=newest, known=known, now=self._clock.now())

    def compare(
        self, before: Playbook | None, after: Playbook, asked: Sequence[Asked], examples: int
    ) -> list[Comparison]:
        ids = tuple(row.id for row in self._view.people(limit=examples))
        one = Comparison(before=12, after=17, gained=7, lost=2, joining=ids, leaving=ids[:2])
        return [one for _ in asked]
