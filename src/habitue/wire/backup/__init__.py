"""Copies of a data directory that can be put in its place: made while it runs, checked, and nothing sent twice."""

from .making import Progress, make
from .manifest import MANIFEST_FILE, BackupProblem, Manifest, read_manifest, verify
from .note import written_at
from .restoring import Restored, restore, sent_until

__all__ = [
    "MANIFEST_FILE",
    "BackupProblem",
    "Manifest",
    "Progress",
    "Restored",
    "make",
    "read_manifest",
    "restore",
    "sent_until",
    "verify",
    "written_at",
]
