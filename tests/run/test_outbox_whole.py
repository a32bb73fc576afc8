"""The outbox with everything real: SQLite, the renderer, SMTP to a server that is there."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec
from tests.channels.servers import mail_server
from tests.channels.written import fields, words
from tests.content.goods import LINKS, email_message, playbook
from tests.run.test_outbox import Bells, Effects, HandClock, send

from habitue.catalog.memory import MemoryCatalog
from habitue.channels.email.smtp import SmtpChannel
from habitue.channels.onsite.page import PageChannel
from habitue.content.renderer import Renderer
from habitue.run.outbox import Outbox
from habitue.settings import Smtp
from habitue.store.sqlite import SqliteDeliveries, SqliteLog

SENDER = "{{ customer.traits.nick }} at Wick <hi@shop.example>"


def test_five_recipients_refused_by_a_rule_do_not_keep_the_sixth_waiting(tmp_path: Path) -> None:
    """The mail server answers each of the five with `550 5.7.1`, at RCPT TO, as it does for a closed mailing list."""

    async def go() -> None:
        clock, bells = HandClock(), Bells()
        deliveries: Any = SqliteDeliveries(tmp_path / "deliveries.db")
        effects = Effects()
        people = [f"refused{number}@x.example" for number in range(5)] + ["good@x.example"]
        effects.all = [
            (number, send(f"d{number}", "email", clock.at + 10**9, address)) for number, address in enumerate(people, 1)
        ]
        book = playbook(email_message("Hello", "Hi"))
        async with mail_server() as server:
            server.answers = dict.fromkeys(people[:5], "550 5.7.1 members only")
            channel = SmtpChannel(Smtp(host="127.0.0.1", port=server.port, security="none"), clock.now)
            outbox = Outbox(
                store=effects,
                deliveries=deliveries,
                log=SqliteLog(tmp_path / "log.db", clock),  # type: ignore[arg-type]
                clock=clock,
                channels={"email": channel},
                content=Renderer(lambda _: book, MemoryCatalog(), LINKS),
                concurrency=1,
                alarms=bells,
            )
            await outbox.run_once()
            assert server.recipients == ["good@x.example"]
            await channel.close()
        assert deliveries.counts() == {("email", "failed"): 5, ("email", "accepted"): 1}
        assert outbox.paused() == {}
        assert bells.standing() == []

    asyncio.run(go())


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


def test_a_customer_s_name_is_never_a_header_of_its_own(tmp_path: Path) -> None:
    """From the trait to the mail server: an encoded word with a line break inside stays what the customer is called."""

    async def go() -> None:
        clock = HandClock()
        effects, name = Effects(), "=?utf-8?q?a=0ABcc:_z@z.example?="
        effect = msgspec.structs.replace(
            send("d1", "email", clock.at + 10**9), data={"customer": {"traits": {"nick": name}}}
        )
        effects.all = [(1, effect)]
        book = playbook(
            email_message("Hello {{ customer.traits.nick }}", "{{ customer.traits.nick }}, hello", sender=SENDER)
        )
        async with mail_server() as server:
            channel = SmtpChannel(Smtp(host="127.0.0.1", port=server.port, security="none"), clock.now)
            outbox = Outbox(
                store=effects,
                deliveries=SqliteDeliveries(tmp_path / "deliveries.db"),
                log=SqliteLog(tmp_path / "log.db", clock),
                clock=clock,
                channels={"email": channel},
                content=Renderer(lambda _: book, MemoryCatalog(), LINKS),
            )
            await outbox.run_once()
            await channel.close()
            found = dict(fields(server.taken[0]))
            assert "Bcc" not in found
            assert words(found["Subject"]) == f"{name}, hello"
            assert words(found["From"].partition(b" <")[0]) == f"{name} at Wick"
            assert server.recipients == ["ana@x.example"]

    asyncio.run(go())
