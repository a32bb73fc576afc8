"""Emails: made from a template, put into bytes, and handed over to a mail server that takes everything.

The message is the gift shop's reminder of a basket, with three lines in it. Times are CPU times of one process: a busy
machine, the disk and the mail server do not count.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

from bench.machine import facts
from habitue.catalog.memory import MemoryCatalog
from habitue.channels.email.message import build
from habitue.channels.email.smtp import SmtpChannel
from habitue.content.links import Links
from habitue.content.renderer import Renderer
from habitue.model.effect import Effect, Send
from habitue.model.instant import HOUR, to_datetime
from habitue.model.rendered import RenderedEmail
from habitue.playbook.load import load
from habitue.playbook.playbook import Playbook
from habitue.run.outbox import Outbox
from habitue.settings import Smtp
from habitue.store.sqlite import SqliteDeliveries, SqliteLog

GIFTSHOP = Path(__file__).parents[1] / "playbooks" / "giftshop"
LINKS = Links("0123456789abcdef0123456789abcdef", "https://h.example")
NOW = 24 * 365 * 56 * HOUR
LINES = [
    {
        "product_id": f"p{number}",
        "name": f"Beeswax candle, {number} hours",
        "price": 4.5 * number,
        "quantity": number,
        "url": f"https://shop.example/p/{number}",
        "image_url": f"https://shop.example/i/{number}.jpg",
    }
    for number in (1, 2, 3)
]
DATA: dict[str, Any] = {
    "customer": {"id": "ana", "first_name": "Ana", "locale": "en-GB", "traits": {}},
    "event": {"name": "Product Added", "product_id": "p1"},
    "cart": {"items": LINES, "value": 63.0, "count": 3},
}


def measure(made: int = 2_000, handed_over: int = 1_500) -> dict[str, float]:
    """`made_per_second`: filled and put into bytes. `sent_per_second`: with the outbox, its files and SMTP."""
    book = _giftshop()
    renderer = Renderer(lambda _: book, MemoryCatalog(), LINKS)
    return {"made_per_second": _make(renderer, made), "sent_per_second": asyncio.run(_send(renderer, handed_over))}


def _make(renderer: Renderer, count: int) -> float:
    at = to_datetime(NOW)

    def one(number: int) -> None:
        effect = _effect(number)
        content = renderer.render(effect, NOW)
        assert isinstance(content, RenderedEmail)
        build(effect.id, effect.address, content, at)

    return _rate(one, count)


def _rate(one: Callable[[int], None], count: int) -> float:
    one(0)
    started = time.process_time()
    for number in range(count):
        one(number)
    return count / (time.process_time() - started)


async def _send(renderer: Renderer, count: int) -> float:
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(there,), daemon=True)
    server.start()
    port = int(here.recv())
    try:
        with tempfile.TemporaryDirectory() as name:
            clock = _Clock()
            deliveries: Any = SqliteDeliveries(Path(name) / "deliveries.db")
            log: Any = SqliteLog(Path(name) / "log.db", clock)
            smtp = SmtpChannel(Smtp(host="127.0.0.1", port=port, security="none"), clock.now)
            outbox = Outbox(
                store=_Effects(count),
                deliveries=deliveries,
                log=log,
                clock=clock,
                channels={"email": smtp},
                content=renderer,
                concurrency=4,
            )
            started = time.process_time()
            while deliveries.counts().get(("email", "accepted"), 0) < count:
                await outbox.run_once()
            took = time.process_time() - started
            await smtp.close()
            return count / took
    finally:
        server.terminate()
        server.join()


class _Clock:
    def now(self) -> int:
        return NOW


class _Effects:
    def __init__(self, count: int) -> None:
        self._all = [(number, _effect(number)) for number in range(1, count + 1)]

    def effects(self, after: int, limit: int) -> list[tuple[int, Effect]]:
        return self._all[after : after + limit]


class _Sink:
    async def handle_DATA(self, *_: object) -> str:
        return "250 taken"


def _serve(there: Connection) -> None:
    async def go() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(_Sink(), enable_SMTPUTF8=True), "127.0.0.1", 0)
        there.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(go())


def _effect(number: int) -> Send:
    return Send(
        id=f"ana:{number}:0",
        customer="ana",
        at=NOW,
        expires_at=NOW + HOUR,
        journey="cart_reminder",
        run=f"r{number}",
        step="remind",
        version=1,
        message="cart_reminder",
        channel="email",
        address=f"ana{number}@x.example",
        topic="offers",
        data=DATA,
    )


def _giftshop() -> Playbook:
    paths = [path for path in GIFTSHOP.rglob("*") if path.suffix in (".yaml", ".mjml")]
    return load({path.relative_to(GIFTSHOP).as_posix(): path.read_text(encoding="utf-8") for path in paths})


if __name__ == "__main__":
    print(facts())
    print(measure())
