"""Alarms reach the owner: by a signed webhook that cannot be led inside, and by email whose headers are our own."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from email import policy
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from tests.crash.system import free_port

from habitue import wire
from habitue.fetch import FetchRefused
from habitue.run import clock
from habitue.wire import Parts, notices
from habitue.wire.telling import sign, tell

SECRET = "a secret of the receiver"
EVIL = "=?utf-8?q?a=0ABcc:_thief@evil.example?=\r\nBcc: thief@evil.example"


class Receiver:
    """What a webhook's receiver got."""

    def __init__(self) -> None:
        self.status, self.got = 200, []  # type: ignore[var-annotated]
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.append((dict(self.headers.items()), body))
                self.send_response(receiver.status)
                self.send_header("location", "http://169.254.169.254/")
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nobody reads it."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/alarms"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


class Mailbox:
    def __init__(self) -> None:
        self.letters: list[bytes] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: object) -> str:
        self.letters.append(envelope.content)  # type: ignore[attr-defined]
        return "250 taken"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield box, controller.port
    controller.stop(no_assert=True)


def parts(path: Path, **settings: str) -> Parts:
    clock.start(path)
    environ = {f"HABITUE_{name.upper()}": value for name, value in settings.items()}
    return wire.create(path, environ=environ)


def listening(path: Path, receiver: Receiver, **more: str) -> Parts:
    return parts(
        path,
        alarms__webhook=receiver.url,
        alarms__webhook_secret=SECRET,
        catalog__private_hosts=f"127.0.0.1:{receiver.server.server_port}",
        **more,
    )


def test_the_webhook_is_told_once_signed_and_told_of_the_end(tmp_path: Path, receiver: Receiver) -> None:
    shop = listening(tmp_path, receiver)
    shop.alarms.sound("disk_full", "/srv", "0 MB free", shop.clock.now())
    assert tell(shop) == 1
    assert tell(shop) == 0
    [(headers, body)] = receiver.got
    said = json.loads(body)
    assert (said["type"], said["kind"], said["subject"]) == ("alarm.raised", "disk_full", "/srv")
    given = {name.lower(): value for name, value in headers.items()}
    assert given["webhook-signature"] == sign(SECRET, given["webhook-id"], given["webhook-timestamp"], body)
    shop.alarms.clear("disk_full", "/srv", shop.clock.now())
    assert tell(shop) == 1
    assert json.loads(receiver.got[1][1])["type"] == "alarm.cleared"


def test_a_webhook_inside_the_house_is_refused_unless_it_is_named(tmp_path: Path, receiver: Receiver) -> None:
    shop = parts(tmp_path, alarms__webhook=receiver.url, alarms__webhook_secret=SECRET)
    shop.alarms.sound("disk_full", "/srv", "0 MB free", shop.clock.now())
    assert tell(shop) == 0
    assert receiver.got == []
    [one] = shop.alarms.told()
    assert one.answer.startswith(FetchRefused.__name__)


@pytest.mark.parametrize("status", [302, 307, 404, 500])
def test_a_webhook_that_does_not_take_it_is_tried_again_and_cannot_lead_on(
    tmp_path: Path, receiver: Receiver, status: int
) -> None:
    receiver.status = status
    shop = listening(tmp_path, receiver)
    shop.alarms.sound("disk_full", "/srv", "0 MB free", shop.clock.now())
    assert tell(shop) == 0
    assert len(receiver.got) == 1
    assert [(one.tries, one.done) for one in shop.alarms.told()] == [(1, False)]
    assert [alarm.kind for alarm in shop.alarms.standing()] == ["disk_full"]  # No alarm about the alarm.


def test_without_a_secret_nothing_is_posted(tmp_path: Path, receiver: Receiver) -> None:
    shop = parts(tmp_path, alarms__webhook=receiver.url)
    assert notices.ways(shop.settings) == []


def test_the_owner_is_written_to_and_nothing_the_alarm_says_becomes_a_header(
    tmp_path: Path, mailbox: tuple[Mailbox, int]
) -> None:
    box, port = mailbox
    shop = parts(
        tmp_path,
        alarms__email="owner@shop.example",
        smtp__host="127.0.0.1",
        smtp__port=str(port),
        smtp__security="none",
    )
    shop.alarms.sound("products_held", EVIL, EVIL, shop.clock.now())
    assert tell(shop) == 1
    letter = BytesParser(policy=policy.default).parsebytes(box.letters[0])
    assert letter["To"] == "owner@shop.example"
    assert letter["Bcc"] is None
    assert letter["Subject"] == "Habitue: A feed left out more products than it may."
    assert "thief@evil.example" in letter.get_body().get_content()  # type: ignore[union-attr]
