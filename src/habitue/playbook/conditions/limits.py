"""Bounds of a condition: what its constants may be, and how much a counter keeps."""

from __future__ import annotations

NUMBER_MAX = 10**15
TEXT_CONSTANT_MAX = 500
AGE_DAYS_MAX = 36_525
"""A hundred years. The instant at which an age is reached has to fit into what a customer's state can hold."""
KEPT_MAX = 5_000
"""Of times, values and different values a counter keeps the newest 5,000, so that no customer grows without bound."""
KEPT_LONG_MAX = 1_000
"""Of values that may be long texts, in their order of time."""
AMOUNT_MAX = 10**12
"""Of a number that is added up or compared by size; a larger one is none that a shop has ever seen."""
ELEMENTS_MAX = 1_000
"""Of the elements of lists that a path leads to, the first so many are looked at."""
ID_MAX = 64
"""Of an id that is kept; a longer one is hashed."""
