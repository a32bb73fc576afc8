"""The outbox process: effects from the store to mail server and page, and what became of them back to the log."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress

from habitue.channels.email.smtp import SmtpChannel
from habitue.channels.onsite.page import PageChannel
from habitue.run.addresses import address_door
from habitue.run.bell import OUTBOX, Ear
from habitue.run.lateness import courtesy
from habitue.run.lifeline import Lifeline
from habitue.run.outbox import Outbox
from habitue.run.ports import Channel
from habitue.run.suppressing import door
from habitue.settings import data_secret
from habitue.store.marks import marker

from .backup import sent_until
from .erasing import clean_deliveries
from .parts import Parts
from .retention import drop_deliveries

PROMISES_SECONDS = 0.5
GATHER_SECONDS = 0.02


def send(parts: Parts, line: Lifeline) -> None:
    """Hand over what is due until told to stop; what is being handed over then is brought to its end."""
    asyncio.run(_send(parts, line))


async def _send(parts: Parts, line: Lifeline) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if line.stopping:  # Told to before the handlers stood.
        return
    wake = _woken(loop, Ear(parts.data / OUTBOX))
    outbox = Outbox(
        store=parts.store,
        deliveries=parts.deliveries,
        log=parts.log,
        clock=parts.clock,
        channels=channels(parts),
        content=parts.renderer,
        courtesy=courtesy(parts.playbook),
        door=door(parts.suppressions, parts.playbook),
        address_door=address_door(parts.playbook, marker(data_secret(parts.data))),
        concurrency=parts.settings.smtp.connections_max,
        alarms=parts.alarms,
        sent_until=sent_until(parts.data),
        wake=wake,
    )
    line.say_ready()
    async with asyncio.TaskGroup() as group:
        group.create_task(_keep_promises(parts, stop))
        await outbox.run(stop)


def _woken(loop: asyncio.AbstractEventLoop, ear: Ear) -> asyncio.Event:
    """Set soon after decisions were committed: those that come in quick succession are looked at together."""
    wake, pending = asyncio.Event(), False

    def heard() -> None:
        nonlocal pending
        ear.hush()
        if not pending:
            pending = True
            loop.call_later(GATHER_SECONDS, set_off)

    def set_off() -> None:
        nonlocal pending
        pending = False
        wake.set()

    loop.add_reader(ear.descriptor, heard)
    return wake


async def _keep_promises(parts: Parts, stop: asyncio.Event) -> None:
    """Forget deliveries of people who are erased, and those that are older than they are to be kept."""
    while not stop.is_set():
        clean_deliveries(parts)
        more = drop_deliveries(parts)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), 0.01 if more else PROMISES_SECONDS)


def channels(parts: Parts) -> dict[str, Channel]:
    """The channels that are set up. Messages for the others wait, and say why."""
    found: dict[str, Channel] = {"onsite": PageChannel()}
    smtp = parts.settings.smtp
    if smtp.host:
        found["email"] = SmtpChannel(smtp, parts.clock.now)
    return found
