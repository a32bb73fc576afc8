"""Where everything is put together, and the only place that knows every room."""

from .control import apply_playbook, checked, retry_customer, split_customer, taker
from .parts import NoData, Parts, create, open_existing
from .planning import plan, unseen_notes
from .versions import Version, files_of, files_of_all, kept_versions, read_version, version_in_force

__all__ = [
    "NoData",
    "Parts",
    "Version",
    "apply_playbook",
    "checked",
    "create",
    "files_of",
    "files_of_all",
    "kept_versions",
    "open_existing",
    "plan",
    "read_version",
    "retry_customer",
    "split_customer",
    "taker",
    "unseen_notes",
    "version_in_force",
]
