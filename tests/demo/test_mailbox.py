"""The mailbox: real SMTP in, letters out, and the button that mail programs show."""

from __future__ import annotations

import smtplib
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.demo.ports import free_port

from habitue.demo.mailbox.app import mailbox
from habitue.demo.mailbox.letters import KEPT_MAX, Letters
from habitue.demo.mailbox.post import Post
from habitue.model.instant import HOUR

NOON = 12 * HOUR


def letter(to: str = "ana@shop.example", subject: str = "Hello Ana", unsubscribe: str | None = None) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Marigold & Wren <hello@marigoldandwren.example>"
    message["To"] = to
    message["Subject"] = subject
    if unsubscribe is not None:
        message["List-Unsubscribe"] = f"<mailto:out@marigoldandwren.example>, <{unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content("The teacup is still here: £2.95")
    message.add_alternative("<p>The <b>teacup</b> is still here: £2.95</p>", subtype="html")
    return message


@pytest.fixture
def letters() -> Letters:
    return Letters()


@pytest.fixture
def page(letters: Letters) -> TestClient:
    return TestClient(mailbox(letters, lambda: NOON))


@pytest.fixture
def port(letters: Letters) -> Iterator[int]:
    number = free_port()
    post = Post(letters, lambda: NOON, "127.0.0.1", number)
    post.start()
    yield number
    post.stop()


def test_a_letter_sent_by_smtp_can_be_read(letters: Letters, page: TestClient, port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as server:
        server.send_message(letter())
    [summary] = page.get("/messages.json").json()["messages"]
    assert summary["to"] == ["ana@shop.example"]
    assert (summary["subject"], summary["from_name"]) == ("Hello Ana", "Marigold & Wren")
    assert summary["received_at"] == "1970-01-01T12:00:00.000000Z"
    whole = page.get(f"/messages/{summary['id']}.json").json()
    assert whole["text"].strip() == "The teacup is still here: £2.95"
    assert "<b>teacup</b>" in whole["html"]
    assert ["Subject", "Hello Ana"] in whole["headers"]


PREHEADER = '<div data-x style="display:none;opacity:0">Kept for you, Ana &amp; Ben.&#847;&zwnj;&nbsp;<!--end--></div>'


@pytest.mark.parametrize(
    ("html", "preview"),
    [
        (f"<style>p {{ color: red }}</style><body>{PREHEADER}<p>Marigold</p>", "Kept for you, Ana & Ben."),
        ("<body><div style='display:none'>&#847;&zwnj;</div><p>Marigold</p>", "The teacup is still here: £2.95"),
        ("<body><p>Marigold</p>", "The teacup is still here: £2.95"),
    ],
    ids=["a preheader", "an empty one", "none"],
)
def test_the_list_shows_the_hidden_preheader_as_mail_programs_do(letters: Letters, html: str, preview: str) -> None:
    message = letter()
    message.get_payload()[1].set_content(html, subtype="html")  # type: ignore[index, union-attr]
    letters.put("shop@x.example", ["ana@shop.example"], message.as_bytes(), NOON)
    assert letters.all()[0].preview == preview


@pytest.mark.parametrize(("name", "code"), [("bounce", 550), ("busy", 451)])
def test_two_names_refuse_so_that_failures_can_be_seen(letters: Letters, port: int, name: str, code: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as server, pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        server.send_message(letter(to=f"{name}@shop.example"))
    assert refused.value.recipients[f"{name}@shop.example"][0] == code
    assert letters.all() == []


def test_letters_are_filtered_by_recipient_and_newest_first(letters: Letters, page: TestClient) -> None:
    for to in ("ana@shop.example", "ben@shop.example", "ana@shop.example"):
        letters.put("shop@x.example", [to], letter(to).as_bytes(), NOON)
    found = page.get("/messages.json?to=ana@shop").json()
    assert [message["id"] for message in found["messages"]] == [3, 1]
    assert found["last"] == 3
    assert [message["id"] for message in page.get("/messages.json?after=2").json()["messages"]] == [3]


def test_only_the_latest_letters_are_kept(letters: Letters) -> None:
    for _ in range(KEPT_MAX + 3):
        letters.put("shop@x.example", ["ana@shop.example"], letter().as_bytes(), NOON)
    assert len(letters.all()) == KEPT_MAX
    assert letters.find(3) is None
    assert letters.find(4) is not None


def test_letters_in_a_file_outlive_the_demo_even_when_the_last_line_was_cut(tmp_path: Path) -> None:
    file = tmp_path / "letters.jsonl"
    letters = Letters(file)
    letters.put("shop@x.example", ["ana@shop.example"], letter().as_bytes(), NOON)
    letters.put("shop@x.example", ["ben@shop.example"], letter().as_bytes(), NOON)
    file.write_bytes(file.read_bytes()[:-20])
    again = Letters(file)
    assert [found.to for found in again.all()] == [["ana@shop.example"]]
    assert again.put("shop@x.example", ["cleo@shop.example"], letter().as_bytes(), NOON).id == 2


def test_a_letters_html_cannot_run_anything(letters: Letters, page: TestClient) -> None:
    letters.put("shop@x.example", ["ana@shop.example"], letter().as_bytes(), NOON)
    answer = page.get("/messages/1/html")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox ")
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00",
        b"Subject: =?utf-9?q?=FF?=\n\nx",
        b"Content-Type: multipart/mixed; boundary=a\n\n--a",
        b"Content-Type: text/plain; charset=nonsense\n\n\xe9",
        b"From: <<<\nTo: ,,,\n\n",
    ],
)
def test_a_broken_letter_shows_what_can_be_read(letters: Letters, page: TestClient, raw: bytes) -> None:
    letters.put("shop@x.example", ["ana@shop.example"], raw, NOON)
    [summary] = page.get("/messages.json").json()["messages"]
    assert page.get(f"/messages/{summary['id']}.json").status_code == 200


def test_the_unsubscribe_button_sends_the_one_click_request(letters: Letters, page: TestClient) -> None:
    asked: list[tuple[str, bytes]] = []

    class Sender(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Sender)
    thread = threading.Thread(target=server.handle_request, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}/u/ana"
    letters.put("shop@x.example", ["ana@shop.example"], letter(unsubscribe=address).as_bytes(), NOON)
    assert page.post("/messages/1/unsubscribe").status_code == 200
    thread.join(5)
    server.server_close()
    assert asked == [("/u/ana", b"List-Unsubscribe=One-Click")]


def test_a_letter_without_one_click_has_no_button(letters: Letters, page: TestClient) -> None:
    letters.put("shop@x.example", ["ana@shop.example"], letter().as_bytes(), NOON)
    letters.put("shop@x.example", ["ana@shop.example"], letter(unsubscribe="file:///etc/passwd").as_bytes(), NOON)
    assert [found["can_unsubscribe"] for found in page.get("/messages.json").json()["messages"]] == [False, False]
    assert page.post("/messages/2/unsubscribe").status_code == 400


def test_a_sender_that_does_not_answer_is_told_apart(letters: Letters, page: TestClient) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}/u"
    letters.put("shop@x.example", ["ana@shop.example"], letter(unsubscribe=nowhere).as_bytes(), NOON)
    answer = page.post("/messages/1/unsubscribe")
    assert answer.status_code == 502
    assert "no answer" in answer.json()["message"]


def test_a_letter_that_is_no_longer_kept_answers_404(page: TestClient) -> None:
    assert page.get("/messages/7.json").status_code == 404
