"""The shop's own page as a channel: taking a message over means keeping it until her page asks."""

from __future__ import annotations

from habitue.model.delivery import Failure
from habitue.model.rendered import Rendered, RenderedOnsite
from habitue.run.ports import Accepted, Handover, Refused, Start


class PageChannel:
    """Implements `run.ports.Channel`. The outbox keeps the content with the delivery; `onsite` serves it from there.

    It never calls `start`: keeping a piece twice is keeping it once, so that nothing here is ever `unknown`.
    """

    async def hand_over(self, delivery: str, address: str, content: Rendered, start: Start) -> Handover:
        if not isinstance(content, RenderedOnsite):
            raise TypeError(f"the on-site channel was given a {type(content).__name__}")
        if not content.title:
            return Refused(
                Failure.PERMANENT_MESSAGE, "the message has no title for this person: nothing could be shown"
            )
        return Accepted("waits for her next page")

    async def close(self) -> None:
        """Nothing to close."""
