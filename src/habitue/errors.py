"""Errors that speak to the person who can fix them."""

from __future__ import annotations


class HabitueError(Exception):
    """Base of all expected errors. Its text says what was found, what was expected and what to do."""


class RenderFailed(HabitueError):
    """A message could not be made for this person: a wrong or greedy template, or a link that is refused."""
