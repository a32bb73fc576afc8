"""One attempt to hand a message over, and whether it has begun."""

from __future__ import annotations

from habitue.model.effect import Effect
from habitue.model.passage import Stopped

from .addresses import AddressDoor
from .ports import Clock, Deliveries


class Attempt:
    """`begun`: it is marked on disk as under way. `broke`: the mark could not be made, which ends the process.

    `stopped`: too much went to its address; another message to it was a moment faster.
    """

    def __init__(self, deliveries: Deliveries, effect: Effect, clock: Clock, address_door: AddressDoor) -> None:
        self._deliveries = deliveries
        self._effect = effect
        self._clock = clock
        self._address_door = address_door
        self.begun = False
        self.stopped: Stopped | None = None
        self.broke: BaseException | None = None

    def start(self) -> bool:
        """The channel's last question before what cannot be taken back; see `run.ports.Channel`."""
        try:
            self._mark()
            if self.stopped is None:
                self.begun = self._deliveries.get(self._effect.id) is not None
        except BaseException as error:
            # A channel may take it for one of its own troubles: whoever handed over asks.
            self.broke = error
            raise
        return self.begun

    def _mark(self) -> None:
        """What goes to an address is counted in the same transaction: no kill lets one more through."""
        now = self._clock.now()
        passing = self._address_door(self._effect, now)
        if passing is None:
            self._deliveries.begin([self._effect.id], now)
        else:
            self.stopped = self._deliveries.admit(*passing)
