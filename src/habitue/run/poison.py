"""A customer whose step failed: the batch is decided again with her parked."""

from __future__ import annotations


class Poison(Exception):
    """Raised where it happens, caught where the batch is decided."""

    def __init__(self, customer: str, position: int, error: BaseException) -> None:
        super().__init__(customer)
        self.customer, self.position = customer, position
        self.error = f"{type(error).__name__}: {error}"[:2_000]
