"""What an event says of its source's trust is kept in the archive, and an older archive is a server's."""

from __future__ import annotations

from pathlib import Path

import pytest

from habitue.model.event import Event, Record
from habitue.model.trust import Level
from habitue.store.archive.columns import records, write_rows


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("claims", [{}, {"user": "ana", "email": "ana@example.com"}])
@pytest.mark.parametrize("proof", ["", "user_hash"])
def test_an_archived_event_is_the_event_it_was(
    tmp_path: Path, level: Level, claims: dict[str, str], proof: str
) -> None:
    event = Event(
        id="m1",
        source="shop",
        type="track",
        name="Product Viewed",
        occurred_at=5,
        anonymous_id="a1",
        context={"locale": "en"},
        level=level,
        claims=claims,
        proof=proof,
    )
    write_rows(tmp_path / "events.parquet", "events", [(Record(1, 5, event), "ana")])
    assert [record.event for record in records(tmp_path / "events.parquet", -1)] == [event]
