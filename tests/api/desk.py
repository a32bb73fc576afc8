"""A desk at which programs ask: the whole HTTP application over a data directory, decided by hand; keys by scope."""

from __future__ import annotations

import socket
import threading
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.testclient import TestClient

from habitue import wire
from habitue.api.ports import Tally
from habitue.ingest.writer import LogWriter
from habitue.model.api_key import Scope
from habitue.wire import Parts
from habitue.wire.control import apply_playbook
from habitue.wire.programs import programs
from habitue.wire.site import application

PLAYBOOK = {
    "playbook.yaml": "playbook: desk\nshop: {name: Shop, currency: EUR}\n",
    "segments.yaml": (
        'lookers:\n  title: Lookers\n  condition: count("Product Viewed") >= 2\n'
        'buyers:\n  title: Buyers\n  condition: did("Order Completed")\n'
    ),
}
EVERYTHING = tuple(Scope)


class Desk:
    """`http` asks, `turn` lets the system decide on what came in."""

    def __init__(self, parts: Parts, http: TestClient) -> None:
        self.parts = parts
        self.http = http
        self._crank = parts.crank()
        self.headers = self.key()

    def key(self, scopes: Iterable[Scope] = EVERYTHING, name: str = "crm") -> dict[str, str]:
        """Headers with a new key."""
        return {"Authorization": f"Bearer {self.token(scopes, name)}"}

    def token(self, scopes: Iterable[Scope] = EVERYTHING, name: str = "crm") -> str:
        return self.parts.api.create_key(name, scopes, self.parts.clock.now())[1]

    def turn(self) -> None:
        while self._crank.turn(1_000, self.parts.clock.now()).records:
            pass

    def get(self, path: str, **more: Any) -> Any:
        return self.http.get(f"/api/v1{path}", **{"headers": self.headers, **more})

    def post(self, path: str, body: Any, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.post(f"/api/v1{path}", json=body, headers={**self.headers, **named})

    def delete(self, path: str) -> Any:
        return self.http.delete(f"/api/v1{path}", headers=self.headers)

    def track(self, name: str, who: str = "ana", **more: Any) -> None:
        answer = self.post("/events", {"events": [{"name": name, "user_id": who, **more}]})
        assert answer.status_code == 202, answer.text

    def people(self, *names: str) -> None:
        """Customers who are known, with a look at a product each."""
        for name in names:
            self.post("/customers", {"user_id": name, "email": f"{name}@shop.example", "traits": {"first_name": name}})
            self.track("Product Viewed", name, properties={"product_id": "p1", "price": 12.5})
        self.turn()


def prepared(folder: Path) -> Parts:
    parts = wire.create(folder, environ={})
    apply_playbook(parts, PLAYBOOK, "ana@shop.example")
    return parts


def office(parts: Parts) -> Starlette:
    """The API by itself: the console's password hashing would take most of a test's time."""
    writer = LogWriter(parts.log, parts.ingest_settings)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await writer.close()

    return Starlette(routes=programs(parts, writer, Tally()), lifespan=lifespan)


@contextmanager
def open_desk(folder: Path, *, whole: bool = False) -> Iterator[Desk]:
    """`whole`: with everything else that answers HTTP, too."""
    parts = prepared(folder)
    app = application(parts) if whole else office(parts)
    with TestClient(app, follow_redirects=False, raise_server_exceptions=False) as http:
        yield Desk(parts, http)
    parts.close()


@contextmanager
def live(parts: Parts) -> Iterator[str]:
    """The application on a free port of loopback; gives its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(application(parts), log_level="error", lifespan="on")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)
