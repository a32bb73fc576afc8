"""Where everything is put together, and the only place that knows every room."""

from .control import apply_playbook, checked, retry_customer, split_customer, taker
from .parts import NoData, Parts, create, open_existing

__all__ = [
    "NoData",
    "Parts",
    "apply_playbook",
    "checked",
    "create",
    "open_existing",
    "retry_customer",
    "split_customer",
    "taker",
]
