"""One attempt to hand a message over, and whether it has begun."""

from __future__ import annotations

from .ports import Clock, Deliveries


class Attempt:
    """`begun`: it is marked on disk as under way. `broke`: the mark could not be made, which ends the process."""

    def __init__(self, deliveries: Deliveries, delivery: str, clock: Clock) -> None:
        self._deliveries = deliveries
        self._delivery = delivery
        self._clock = clock
        self.begun = False
        self.broke: BaseException | None = None

    def start(self) -> bool:
        """The channel's last question before what cannot be taken back; see `run.ports.Channel`."""
        try:
            self._deliveries.begin([self._delivery], self._clock.now())
            self.begun = self._deliveries.get(self._delivery) is not None
        except BaseException as error:
            # A channel may take it for one of its own troubles: whoever handed over asks.
            self.broke = error
            raise
        return self.begun
