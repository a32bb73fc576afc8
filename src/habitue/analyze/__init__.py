"""Questions about the past, one file per question, answered from the archive and what has not reached it yet."""
