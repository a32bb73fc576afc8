"""Errors that speak to the person who can fix them."""

from __future__ import annotations


class HabitueError(Exception):
    """Base of all expected errors. Its text says what was found, what was expected and what to do."""
