"""HTTP ingest over real sockets: batches of a hundred, single events, and the way from acceptance to decision."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from itertools import chain, islice
from pathlib import Path
from urllib.parse import urlsplit

from bench import workload
from habitue.model.event import Event
from habitue.store.sqlite import SqliteStore


def bodies(events: int, per_request: int, seed: int) -> list[bytes]:
    """Request bodies in the Segment form, made beforehand: making them must not count."""
    stream = chain.from_iterable(workload.sessions(200_000, seed, seed * 100_000_000))
    made = []
    for _ in range(events // per_request):
        items = [_item(event) for event in islice(stream, per_request)]
        made.append(json.dumps({"batch": items} if per_request > 1 else items[0]).encode())
    return made


def _item(event: Event) -> dict[str, object]:
    item: dict[str, object] = {
        "type": event.type,
        "messageId": event.id,
        "properties": event.properties,
        "traits": event.traits,
        "context": event.context,
        "userId": event.user_id,
        "anonymousId": event.anonymous_id,
    }
    if event.type == "track":
        item["event"] = event.name
    return item


class Sender:
    """Keep-alive connections, each sending its next request when the last is answered."""

    def __init__(self, address: str, key: str, path: str) -> None:
        url = urlsplit(address)
        assert url.hostname and url.port
        self.host, self.port = url.hostname, url.port
        credentials = base64.b64encode(f"{key}:".encode()).decode()
        self.head = f"POST {path} HTTP/1.1\r\nHost: {url.netloc}\r\nAuthorization: Basic {credentials}\r\n"

    async def send_all(self, made: list[bytes], connections: int) -> None:
        waiting = iter(made)
        await asyncio.gather(*(self._send_from(waiting) for _ in range(connections)))

    async def _send_from(self, waiting: object) -> None:
        reader, writer = await asyncio.open_connection(self.host, self.port)
        for body in waiting:  # type: ignore[attr-defined]
            await self.exchange(reader, writer, body)
        writer.close()

    async def exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, body: bytes) -> None:
        writer.write(f"{self.head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"not accepted: {head[:80]!r}")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)


def throughput(address: str, key: str, events: int, per_request: int, connections: int, seed: int) -> float:
    """Events per second, each answered only after it is durable."""
    made = bodies(events, per_request, seed)
    sender = Sender(address, key, "/v1/batch" if per_request > 1 else "/v1/track")
    started = time.perf_counter()
    asyncio.run(sender.send_all(made, connections))
    return events / (time.perf_counter() - started)


def decision_delay(data: Path, address: str, key: str, seconds: int = 20, rate: int = 500) -> list[float]:
    """For each event sent at a steady rate, in tens: seconds from its acceptance to the commit of what was decided."""
    store = SqliteStore(data)
    try:
        while (base := store.position()) != _last(store):
            time.sleep(0.2)
        return asyncio.run(_delays(store, base, Sender(address, key, "/v1/batch"), seconds, rate))
    finally:
        store.close()


def _last(store: SqliteStore) -> int:
    """The position after a pause: equal to the one before when the loop has caught up."""
    time.sleep(0.5)
    return store.position()


async def _delays(store: SqliteStore, base: int, sender: Sender, seconds: int, rate: int) -> list[float]:
    per_request = 10
    made = bodies(seconds * rate, per_request, 9)
    accepted: list[float] = []
    delays: list[float] = []
    done = asyncio.Event()

    async def watch() -> None:
        known = 0
        while not done.is_set() or known < len(accepted):
            count = (store.position() - base) // per_request
            now = time.perf_counter()
            for index in range(known, min(count, len(accepted))):
                delays.extend([max(0.0, now - accepted[index])] * per_request)
                known = index + 1
            await asyncio.sleep(0.001)

    watcher = asyncio.create_task(watch())
    reader, writer = await asyncio.open_connection(sender.host, sender.port)
    started = time.perf_counter()
    for index, body in enumerate(made):
        await asyncio.sleep(max(0.0, started + index * per_request / rate - time.perf_counter()))
        await sender.exchange(reader, writer, body)
        accepted.append(time.perf_counter())
    done.set()
    await watcher
    writer.close()
    return delays
