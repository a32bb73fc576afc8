"""A whole system under test: the real `habitue serve`, a real SMTP sink, and shoppers who do not give up."""

from __future__ import annotations

import base64
import email
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from habitue import wire
from habitue.run.playbook_files import read_directory
from habitue.run.supervisor import ProcessStatus, read_status

PLAYBOOK = Path(__file__).parent / "playbook"
PATIENCE_SECONDS = 60.0


def eventually(question: Callable[[], bool], what: str) -> None:
    """Patient, so that a busy machine does not fail the test; quick, so that an idle one does not wait."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not question():
        assert time.monotonic() < deadline, f"waited for {PATIENCE_SECONDS:.0f} s in vain until {what}"
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Sink:
    """A mail server that counts what it is given by Message-ID, which is the same whenever a delivery is sent."""

    def __init__(self, seed: int = 1) -> None:
        self.letters: Counter[str] = Counter()
        self.hold_back = threading.Event()
        """While set, letters are taken and the answer does not come."""
        self.holding = threading.Event()
        """Set as soon as an answer is being held back."""
        self.hold_recipients = threading.Event()
        """While set, the server says nothing to RCPT TO: the letter is ready, and none of it has left."""
        self._random = random.Random(seed)
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        import asyncio

        if self.hold_recipients.is_set():
            self.holding.set()
            await asyncio.sleep(3600)
        envelope.rcpt_tos.append(address)
        return "250 go on"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        import asyncio

        assert isinstance(envelope.content, bytes)
        letter = email.message_from_bytes(envelope.content)
        # Taken from here on: whoever dies now cannot know it.
        self.letters[str(letter["Message-ID"])] += 1
        if self.hold_back.is_set():
            self.holding.set()
            await asyncio.sleep(3600)
        await asyncio.sleep(self._random.uniform(0, 0.03))
        return "250 taken"

    @property
    def port(self) -> int:
        return int(self._controller.port)

    def __enter__(self) -> Sink:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop(no_assert=True)


class System:
    """`habitue serve` in a data directory. What one asks of its stores is read beside it, as the console does."""

    def __init__(self, data: Path, smtp_port: int, *, restored: bool = False) -> None:
        self.data = data
        self.port = free_port()
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("HABITUE_")} | {
            "HABITUE_SMTP__HOST": "127.0.0.1",
            "HABITUE_SMTP__PORT": str(smtp_port),
            "HABITUE_SMTP__SECURITY": "none",
            "HABITUE_LOG__LEVEL": "error",
        }
        self.output = data.parent / "serve.txt"
        self._serve: subprocess.Popen[bytes] | None = None
        self.parts = wire.create(data)
        if restored:
            self.key = self.parts.keys.all()[0].key
            return
        self.key = self.parts.keys.create("shop", self.parts.clock.now()).key
        wire.apply_playbook(self.parts, read_directory(PLAYBOOK), "test")

    def start(self) -> None:
        """Start, and start again while a killed system's processes still let go of the port."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        command = [sys.executable, "-m", "habitue", "serve", "--data", str(self.data), "--port", str(self.port)]
        while True:
            with self.output.open("ab") as output:
                self._serve = subprocess.Popen(command, env=self._environment, stdout=output, stderr=output)
            while self._serve.poll() is None:
                statuses = self.statuses()
                if statuses and all(status.ready for status in statuses):
                    return
                assert time.monotonic() < deadline, f"the system did not become ready:\n{self.output.read_text()}"
                time.sleep(0.02)
            assert time.monotonic() < deadline, f"the system did not start:\n{self.output.read_text()}"

    def stop(self) -> int:
        """End it in good order; its exit code."""
        assert self._serve is not None
        self._serve.send_signal(signal.SIGTERM)
        return self._serve.wait(PATIENCE_SECONDS)

    def kill(self, role: str) -> bool:
        """`kill -9`; False when the process is not up just now."""
        if role == "supervisor":
            assert self._serve is not None
            self._serve.kill()
            self._serve.wait()
            self.start()
            return True
        pid = next((status.pid for status in self.statuses() if status.role == role and status.ready), 0)
        if not pid:
            return False
        os.kill(pid, signal.SIGKILL)
        return True

    def statuses(self) -> list[ProcessStatus]:
        return read_status(self.data)

    def is_settled(self) -> bool:
        """Every event decided on, every effect taken in and brought to an end, every end told to the log."""
        parts = self.parts
        states = {state for _, state in parts.deliveries.counts()}
        return (
            parts.store.position() == parts.log.position()
            and parts.store.next_due() is None
            and not parts.store.effects(parts.deliveries.cursor(), 1)
            and not states & {"waiting", "sending"}
            and not parts.deliveries.unreported(1)
            and parts.store.position() == parts.log.position()
        )


@contextmanager
def running(data: Path, sink: Sink, *, restored: bool = False) -> Iterator[System]:
    data.mkdir(parents=True, exist_ok=True)
    system = System(data, sink.port, restored=restored)
    system.start()
    try:
        yield system
    finally:
        if system._serve is not None and system._serve.poll() is None:
            system._serve.kill()
        system.parts.close()


class Shoppers:
    """Threads that order, and send each batch again until they are told that it was kept, as official clients do."""

    def __init__(self, system: System, threads: int = 3, pause_seconds: float = 0.06, name: str = "") -> None:
        self._name = name
        self._url = f"http://127.0.0.1:{system.port}/v1/batch"
        self._authorization = "Basic " + base64.b64encode(f"{system.key}:".encode()).decode()
        self._stop = threading.Event()
        self._pause_seconds = pause_seconds
        self._threads = [threading.Thread(target=self._shop, args=(number,)) for number in range(threads)]
        self.kept: list[str] = []
        """Ids of events for which a 200 came."""
        self.orders: list[str] = []
        self.sent_again = 0

    def __enter__(self) -> Shoppers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS)

    def order(self, name: str, client: httpx.Client) -> None:
        """One customer's batch: who she is, what she looked at, what she ordered."""
        batch = _batch(name)
        while True:
            try:
                answer = client.post(
                    self._url, json={"batch": batch}, headers={"Authorization": self._authorization}, timeout=10
                )
            except httpx.HTTPError:
                answer = None
            if answer is not None and answer.status_code == 200:
                break
            self.sent_again += 1
            time.sleep(0.05)
        self.kept += [event["messageId"] for event in batch]
        self.orders.append(name)

    def _shop(self, number: int) -> None:
        count = 0
        with httpx.Client() as client:
            while not self._stop.is_set():
                self.order(f"{self._name}{number}-{count}", client)
                count += 1
                time.sleep(self._pause_seconds)


def _batch(name: str) -> list[dict[str, Any]]:
    user = f"customer-{name}"
    return [
        {
            "type": "identify",
            "userId": user,
            "messageId": f"identify-{name}",
            "traits": {"email": f"{user}@example.com", "firstName": "Ana"},
        },
        {
            "type": "track",
            "userId": user,
            "messageId": f"view-{name}",
            "event": "Product Viewed",
            "properties": {"product_id": "p1", "name": "Watch", "price": 120},
        },
        {
            "type": "track",
            "userId": user,
            "messageId": f"order-{name}",
            "event": "Order Completed",
            "properties": {"order_id": name, "total": 120},
        },
    ]
