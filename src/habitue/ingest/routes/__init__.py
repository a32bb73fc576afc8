"""The addresses unmodified clients send to: a file for each dialect, each with a function `addresses`.

To add a dialect, write its steps beside `segment.py` one folder up, its addresses here, and add one line to `ROOMS`.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.routing import Route

from habitue.ingest.allowance import Allowances
from habitue.ingest.doors import Address, Doors
from habitue.ingest.goods import CatalogueNews
from habitue.ingest.keys import WriteKeys
from habitue.ingest.settings import IngestSettings
from habitue.ingest.signed import SignedSources
from habitue.ingest.writer import LogWriter
from habitue.run.ports import NO_ALARMS, Alarms, Clock

from . import clevertap, ga4, posthog, rudder, segment, webhooks

ROOMS: tuple[Callable[[Doors], list[Address]], ...] = (
    segment.addresses,
    rudder.addresses,
    posthog.addresses,
    clevertap.addresses,
    ga4.addresses,
)

_METHODS = ["GET", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"]
"""All of them, since a router's own 405 would be one of the answers that some clients never give up on."""


def routes(
    writer: LogWriter,
    keys: WriteKeys,
    settings: IngestSettings,
    clock: Clock,
    allowances: Allowances | None = None,
    signed: SignedSources | None = None,
    catalogue: CatalogueNews | None = None,
    alarms: Alarms = NO_ALARMS,
) -> list[Route]:
    """All routes of ingest; everything below `/v1/` is its own. Each with and without a trailing slash.

    `signed`: the sources whose webhooks are taken; without it there are no addresses for them. `catalogue` is told
    what they say of products.
    """
    doors = Doors(writer, keys, settings, clock, allowances, alarms)
    found = [address for addresses in ROOMS for address in addresses(doors)]
    if signed is not None:
        found += webhooks.addresses(doors, signed, catalogue)
    return [Route(address.path + slash, address.endpoint, methods=_METHODS) for address in found for slash in ("", "/")]
