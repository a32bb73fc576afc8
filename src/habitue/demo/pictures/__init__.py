"""Drawn pictures of the products: the data has none, so each is put together from a motif, a palette and a pattern.

What is drawn follows the name: a `Jumbo Bag Red Retrospot` is a bag, red, with dots. The same product always looks the
same.
"""

from __future__ import annotations

from .drawing import picture

__all__ = ["picture"]
