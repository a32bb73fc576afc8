"""What `habitue doctor` looks at: a file for each thing, each with one function `look`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from habitue.wire import Parts

from . import (
    alarms,
    backups,
    clock,
    currencies,
    deliveries,
    disk,
    fills,
    keys,
    log,
    mail,
    playbook,
    processes,
    rights,
    soundness,
    state,
    trust,
)
from .finding import Finding

LOOKS: dict[str, Callable[[Parts], Iterator[Finding]]] = {
    "alarms": alarms.look,
    "clock": clock.look,
    "disk": disk.look,
    "damage": soundness.look,
    "rights": rights.look,
    "backup": backups.look,
    "log": log.look,
    "state": state.look,
    "playbook": playbook.look,
    "currencies": currencies.look,
    "fills": fills.look,
    "write keys": keys.look,
    "trust": trust.look,
    "deliveries": deliveries.look,
    "mail": mail.look,
    "processes": processes.look,
}
"""In this order. To look at something more, write a file and add a line."""

__all__ = ["LOOKS", "Finding"]
