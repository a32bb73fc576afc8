"""A backtest decides what the live system would have decided, however it is shared out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.decide.world import NOON
from tests.run.backtest.by_crank import bare, decided, order
from tests.run.backtest.histories import HISTORIES, playbook, records

from habitue.model.decision import Decision
from habitue.model.event import Record
from habitue.model.instant import DAY, Instant
from habitue.playbook.playbook import Playbook
from habitue.run.backtest import backtest, sharing
from habitue.run.backtest.lives import Lives, counts
from habitue.run.backtest.living import groups_of
from habitue.store.archive.recording import ArchiveRecording

SHOPS = st.sampled_from([playbook(), playbook(keyed=True)])


def lived(records: list[Record], book: Playbook, until: Instant) -> list[Decision]:
    lives = Lives(book, NOON, until)
    events = [record.event for record in records if counts(record.event) and record.event.occurred_at < until]
    found = [one for group in groups_of(events, [lives]) for one in lives.live(group).decisions]
    return sorted((bare(one) for one in found if one.journey is not None), key=order)


@settings(max_examples=150)
@given(HISTORIES, SHOPS)
def test_any_history_comes_to_the_decisions_of_the_crank(acts: list[dict[str, Any]], shop: Playbook) -> None:
    history = records(acts)
    until = history[-1].received_at + 3 * DAY
    assert lived(history, shop, until) == decided(history, shop, until)


@settings(max_examples=60)
@given(HISTORIES, SHOPS)
def test_the_report_does_not_depend_on_how_the_rows_are_shared_out(acts: list[dict[str, Any]], shop: Playbook) -> None:
    history = records(acts)
    middle = history[len(history) // 2].received_at
    until = history[-1].received_at + 2 * DAY
    whole = backtest(history, shop, since=middle, until=until)
    for shard, piece, tail in ((1, 1, 1), (3, 7, 5), (1_000, 1_000, 1_000)):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(sharing, "ROWS_PER_SHARD", shard)
            patched.setattr(sharing, "ROWS_PER_PIECE", piece)
            patched.setattr("habitue.store.archive.recording.TAIL_ROWS", tail)
            assert backtest(ArchiveRecording(None, tail=history), shop, since=middle, until=until) == whole
