"""The suppression list at the outbox's door: asked before every handover, whatever was decided and whoever she is now.

The guard knows what is kept of a customer. Of somebody who was erased nothing is, and she may have come again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from habitue.decide.profile.consents import Suppression
from habitue.model.effect import Effect
from habitue.playbook.playbook import Playbook

from .ports import HARD_REASONS, Suppressions

Door: TypeAlias = Callable[[Effect], str | None]
"""Why an effect must not be handed over; None: it may be."""


def door(suppressions: Suppressions, playbooks: Callable[[int], Playbook | None]) -> Door:
    """What bounced or complained gets nothing; who was erased or refused still gets what she orders or asks for."""

    def refusal(effect: Effect) -> str | None:
        if effect.channel == "onsite":
            return None  # A place on our own pages, and no address.
        why = suppressions.find(effect.channel, effect.address)
        if why is None or (why not in HARD_REASONS and _is_transactional(effect)):
            return None
        return f"the address is on the suppression list: {why}"

    def _is_transactional(effect: Effect) -> bool:
        playbook = playbooks(effect.version)
        message = playbook.messages.get(effect.message) if playbook is not None else None
        return message is not None and message.kind == "transactional"

    return refusal


def noter(suppressions: Suppressions) -> Callable[[Iterable[Suppression]], None]:
    """For the decide loop: keeps the addresses that events spoke of. Noted twice after a crash, nothing changes."""

    def note(found: Iterable[Suppression]) -> None:
        for channel, address, why in found:
            suppressions.add(channel, address, why)

    return note
