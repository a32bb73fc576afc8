"""What the API for programs is given of the other rooms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.routing import BaseRoute

from habitue.api import ports, routes
from habitue.api.gate import Gate
from habitue.ingest.identities import identifiers, read_plain
from habitue.ingest.pipeline import Reception, read_item
from habitue.ingest.segment import STEPS
from habitue.ingest.settings import IngestSettings
from habitue.ingest.writer import LogWriter, NotWritten, Overloaded
from habitue.model.event import Event
from habitue.model.identifier import DEVICE, EMAIL, EXTERNAL, PHONE, PUSH, SHOP
from habitue.model.privacy import Receipt
from habitue.model.trust import Level
from habitue.playbook.conditions.plain import plain
from habitue.run.ports import Clock, DeadLetter

from . import privacy
from .parts import Parts


class EventIntake:
    """A program's events take the road of every client's."""

    def __init__(self, writer: LogWriter, settings: IngestSettings, clock: Clock) -> None:
        self._writer = writer
        self._settings = settings
        self._clock = clock
        self.events_max = settings.batch_events_max

    def read(self, item: dict[str, Any], source: str) -> Event | DeadLetter:
        now, country = self._clock.now(), self._settings.default_country
        reception = Reception(source=source, level=Level.SERVER, received_at=now, country=country)
        return read_item(item, reception, STEPS, self._settings)

    async def keep(self, events: Sequence[Event], size_bytes: int) -> None:
        try:
            await self._writer.append(events, (), size_bytes)
        except Overloaded as overload:
            raise ports.Busy(str(overload), self._settings.overload_retry_seconds) from None
        except NotWritten:
            # The cause is in our log; a stranger need not know what our disk says.
            retry = self._settings.failure_retry_seconds
            raise ports.Busy("the events could not be kept; send them again", retry) from None

    def spelled(self, kind: str, value: str) -> str:
        match kind:
            case "email":
                return identifiers(email=value).get(EMAIL, "")
            case "phone":
                return identifiers(phone=value, country=self._settings.default_country).get(PHONE, "")
            case "device":
                return identifiers(device=value).get(DEVICE, "")
            case "push" | "external":
                of_kind, separator, name = value.partition(":")
                pair = (of_kind, name) if separator else None
                found = identifiers(push=pair) if kind == PUSH else identifiers(external=pair)
                return found.get(PUSH if kind == PUSH else EXTERNAL, "")
            case "shop":
                return identifiers(shop=value).get(SHOP, "")
        return read_plain(value)


class ErasureDesk:
    """Erasures, and their receipts."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def request_erasure(self, customer: str, actor: str) -> int:
        return privacy.request_erasure(self._parts, customer, actor)

    def receipt(self, number: int) -> Receipt | None:
        try:
            return privacy.receipt(self._parts, number)
        except privacy.NoSuchErasure:
            return None


def programs(parts: Parts, writer: LogWriter, tally: ports.Tally) -> list[BaseRoute]:
    """The routes of the API."""
    gate = Gate(parts.api, parts.clock, parts.settings.limits.api_requests_per_minute)
    services = ports.Services(
        view=parts.view,
        log=parts.log,
        deliveries=parts.deliveries,
        clock=parts.clock,
        intake=EventIntake(writer, parts.ingest_settings, parts.clock),
        store=parts.api,
        source_keys=parts.keys,
        goods=parts.catalog,
        privacy=ErasureDesk(parts),
        playbook=parts.latest_playbook,
        plain=plain,
        secret=parts.secret,
        address=parts.public_url,
        body_bytes_max=parts.settings.limits.body_bytes_max,
        tally=tally,
        withdrawn=gate.forget,
    )
    return routes.routes(services, gate)
