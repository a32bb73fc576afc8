"""Live reading of conditions: from a customer's counters to yes or no, and the instant at which that can change."""

from __future__ import annotations

from .cart import cart_count, cart_lines, cart_value
from .compiler import Check, Compiler
from .filters import Filter
from .leaves import Leaf

__all__ = ["Check", "Compiler", "Filter", "Leaf", "cart_count", "cart_lines", "cart_value"]
