"""On site, taking over is keeping."""

from __future__ import annotations

import asyncio

from habitue.channels.onsite.page import PageChannel
from habitue.model.delivery import Failure
from habitue.model.rendered import RenderedOnsite
from habitue.run.ports import Accepted, Refused

from .servers import go_ahead


def test_a_piece_waits_for_her_page() -> None:
    answer = asyncio.run(PageChannel().hand_over("d1", "ana", RenderedOnsite(type="banner", title="Hello"), go_ahead))
    assert isinstance(answer, Accepted)


def test_a_piece_that_says_nothing_is_refused() -> None:
    answer = asyncio.run(PageChannel().hand_over("d1", "ana", RenderedOnsite(type="banner", title=""), go_ahead))
    assert isinstance(answer, Refused)
    assert answer.failure == Failure.PERMANENT_MESSAGE
