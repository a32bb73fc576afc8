"""The outbox with everything real: SQLite, the renderer, SMTP to a server that is there."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from tests.channels.servers import mail_server
from tests.content.goods import LINKS, email_message, playbook
from tests.run.test_outbox import Effects, HandClock, send

from habitue.catalog.memory import MemoryCatalog
from habitue.channels.email.smtp import SmtpChannel
from habitue.channels.onsite.page import PageChannel
from habitue.content.renderer import Renderer
from habitue.run.outbox import Outbox
from habitue.settings import Smtp
from habitue.store.sqlite import SqliteDeliveries, SqliteLog


def test_from_an_effect_to_a_letter_and_back_to_an_event(tmp_path: Path) -> None:
    async def go() -> None:
        clock = HandClock()
        log: Any = SqliteLog(tmp_path / "log.db", clock)
        deliveries: Any = SqliteDeliveries(tmp_path / "deliveries.db")
        effects = Effects()
        effects.all = [(number, send(f"d{number}", "email", clock.at + 10**9)) for number in range(1, 30)]
        book = playbook(email_message("Hello", "Hi"))
        async with mail_server() as server:
            settings = Smtp(host="127.0.0.1", port=server.port, security="none")
            outbox = Outbox(
                store=effects,
                deliveries=deliveries,
                log=log,
                clock=clock,
                channels={"email": SmtpChannel(settings, clock.now), "onsite": PageChannel()},
                content=Renderer(lambda _: book, MemoryCatalog(), LINKS),
            )
            outbox.recover()
            await outbox.run_once()
            stop = asyncio.Event()
            stop.set()
            await outbox.run(stop)
            assert sorted(server.letter(number)["X-Habitue-Delivery"] for number in range(29)) == sorted(
                f"d{number}" for number in range(1, 30)
            )
        assert deliveries.counts() == {("email", "accepted"): 29}
        assert {record.event.name for record in log.scan()} == {"Email Sent"}
        assert len(list(log.scan())) == 29

    asyncio.run(go())
