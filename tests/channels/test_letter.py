"""The letter itself: headers that mailbox providers ask for, and lines they can read."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage

import msgspec
import pytest

from habitue.channels.email.message import BadSender, build
from habitue.model.rendered import RenderedEmail

from .servers import HELLO

AT = datetime(2026, 5, 28, 12, tzinfo=UTC)


def written(content: RenderedEmail = HELLO, **changed: str) -> tuple[bytes, EmailMessage]:
    raw = build("ana:12:0", "ana@x.example", msgspec.structs.replace(content, **changed), AT).as_bytes()
    return raw, message_from_bytes(raw, policy=policy.default)  # type: ignore[return-value]


def test_the_one_click_address_is_written_as_it_is() -> None:
    """Python would encode it, and the mail client's button would be gone."""
    raw, letter = written()
    assert f"List-Unsubscribe: <{HELLO.unsubscribe_url}>\r\n".encode() in raw
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_the_text_comes_before_the_html() -> None:
    _, letter = written()
    assert letter.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in letter.iter_parts()] == ["text/plain", "text/html"]


def test_the_same_delivery_has_the_same_message_id() -> None:
    first, second = written()[1]["Message-ID"], written()[1]["Message-ID"]
    assert first == second
    assert first.startswith("<ana-12-0.")
    assert first.endswith("@shop.example>")


def test_headers_say_what_it_is() -> None:
    _, letter = written()
    assert letter["From"] == '"Wick & Co" <hi@shop.example>' or letter["From"] == "Wick & Co <hi@shop.example>"
    assert letter["To"] == "ana@x.example"
    assert letter["Date"] == "Thu, 28 May 2026 12:00:00 +0000"
    assert letter["List-ID"] == "<offers.shop.example>"
    assert letter["Feedback-ID"] == "note:offers:email:shop-example"
    assert letter["X-Habitue-Delivery"] == "ana:12:0"


def test_words_of_any_script_come_through_in_lines_anyone_can_carry() -> None:
    subject = "Şömine için güzel bir çay fincanı ve çok daha fazlası 🫖 " * 3
    sender = "Şömine ve Çay Dükkanı & Küçük Şeyler Evi İstanbul <hi@shop.example>"
    raw, letter = written(
        subject=subject.strip(), sender=sender, html="<p>" + "ğ" * 3000 + "</p>", text="ş" * 2000 + "\n"
    )
    assert letter["Subject"] == subject.strip()
    # Read by hand: Python's address parser puts a blank between two encoded words, which RFC 2047 says to leave out.
    written_name = raw.split(b"From: ", 1)[1].split(b" <", 1)[0].decode()
    assert str(make_header(decode_header(written_name))) == sender.partition(" <")[0]
    assert letter["From"].addresses[0].addr_spec == "hi@shop.example"
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n") if not line.startswith(b"List-Unsubscribe")) <= 100
    assert letter.get_body(("html",)).get_content().count("ğ") == 3000  # type: ignore[union-attr]


def test_a_letter_nobody_can_leave_carries_no_way_out() -> None:
    content = msgspec.structs.replace(HELLO, unsubscribe_url=None)
    assert "List-Unsubscribe" not in written(content)[1]


def test_an_answer_goes_where_it_should() -> None:
    assert written(reply_to="Ben <ben@shop.example>")[1]["Reply-To"] == "Ben <ben@shop.example>"


@pytest.mark.parametrize("sender", ["", "Wick", "hi@", "<>", "Wick <a@b@c>"])
def test_a_sender_must_be_an_address(sender: str) -> None:
    with pytest.raises(BadSender):
        written(sender=sender)
