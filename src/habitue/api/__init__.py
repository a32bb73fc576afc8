"""For programs: whether the system is well, and its numbers."""
