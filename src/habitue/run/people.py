"""The customers in the decide loop's memory: loaded when an event speaks of them, tombstones followed to the living."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from habitue.model.customer import Customer
from habitue.run.ports import Store


class People:
    """One per crank. What is here may be ahead of the store until the batch is committed."""

    decode = staticmethod(msgspec.msgpack.Decoder(Customer).decode)

    def __init__(self, store: Store, kept_max: int) -> None:
        self._store = store
        self._kept_max = kept_max
        self._known: dict[str, Customer] = {}
        self.ordinal = store.ordinal()
        """Whoever is met for the first time gets ids after this: nobody is given those of somebody forgotten."""

    def bring(self, ids: Iterable[str]) -> None:
        """Load what is not in memory, tombstones and those they point to included."""
        wanted = list(ids)
        while wanted:
            missing = [one for one in wanted if one not in self._known]
            for one, state in self._store.load(missing).items() if missing else ():
                self._known[one] = self.decode(state)
            wanted = [
                customer.merged_into
                for one in wanted
                if (customer := self._known.get(one)) is not None
                and customer.merged_into is not None
                and customer.merged_into not in self._known
            ]

    def row(self, one: str) -> Customer | None:
        """What stands under this very id: a customer, a tombstone, or nothing."""
        return self._known.get(one)

    def living(self, one: str) -> Customer | None:
        """The customer this id leads to."""
        customer = self._known.get(one)
        while customer is not None and customer.merged_into is not None:
            customer = self._known.get(customer.merged_into)
        return customer

    def put(self, customer: Customer) -> Customer:
        self._known[customer.id] = customer
        return customer

    def get(self, one: str, user_id: str | None = None) -> Customer:
        """The customer this id leads to, or a new one."""
        customer = self.living(one)
        if customer is None:
            return self.put(Customer(id=one, user_id=user_id, ordinal=self.ordinal))
        if customer.user_id is None and user_id is not None:
            customer.user_id = user_id  # She failed in her first step: her id was all that was kept.
        return customer

    def everyone(self) -> list[Customer]:
        """Who is in memory, tombstones left out."""
        return [customer for customer in self._known.values() if customer.merged_into is None]

    def stored(self, one: str) -> Customer | None:
        """As the store has her, whatever memory says."""
        state = self._store.load([one]).get(one)
        return None if state is None else self.decode(state)

    def forget(self, one: str) -> None:
        self._known.pop(one, None)

    def clear(self) -> None:
        self._known.clear()

    def trim(self, recent: Mapping[str, Customer]) -> None:
        """Where too many are kept, only the latest batch's stay."""
        if len(self._known) > self._kept_max:
            self._known = dict(recent)
