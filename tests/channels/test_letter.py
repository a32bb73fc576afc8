"""The letter itself: headers that mailbox providers ask for, and lines they can read."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from habitue.channels.email import headers, parts
from habitue.channels.email.address import BadRecipient, BadSender, recipient, sender
from habitue.channels.email.message import Letter, build
from habitue.model.rendered import RenderedEmail

from .servers import HELLO
from .written import HOSTILE, fields, parsed, words

AT = datetime(2026, 5, 28, 12, tzinfo=UTC)
NAMES = [
    "From", "List-ID", "Feedback-ID", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe",
    "List-Unsubscribe-Post", "X-Habitue-Delivery", "MIME-Version", "Content-Type",
]  # fmt: skip
ANY_TEXT = st.text(st.characters(exclude_categories=[]), max_size=300)


def letter_of(content: RenderedEmail = HELLO, **changed: str) -> Letter:
    return build("ana:12:0", "ana@x.example", msgspec.structs.replace(content, **changed), AT)


def written(content: RenderedEmail = HELLO, **changed: str) -> tuple[bytes, EmailMessage]:
    raw = letter_of(content, **changed).raw
    return raw, parsed(raw)


def text_in(letter: EmailMessage, subtype: str) -> str:
    part = letter.get_body((subtype,))
    assert part is not None
    found = part.get_payload(decode=True)
    assert isinstance(found, bytes)
    return found.decode()


def test_the_one_click_address_is_written_as_it_is() -> None:
    """Encoded or folded, the mail client's button would be gone."""
    raw, letter = written()
    assert f"List-Unsubscribe: <{HELLO.unsubscribe_url}>\r\n".encode() in raw
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_the_text_comes_before_the_html() -> None:
    _, letter = written()
    assert letter.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in letter.iter_parts()] == ["text/plain", "text/html"]
    assert not letter.defects


def test_the_same_delivery_has_the_same_message_id() -> None:
    first, second = written()[1]["Message-ID"], written()[1]["Message-ID"]
    assert first == second
    assert first.startswith("<ana-12-0.")
    assert first.endswith("@shop.example>")


def test_headers_say_what_it_is() -> None:
    _, letter = written()
    assert letter["From"] == "Wick & Co <hi@shop.example>"
    assert letter["To"] == "ana@x.example"
    assert letter["Date"] == "Thu, 28 May 2026 12:00:00 +0000"
    assert letter["List-ID"] == "<offers.shop.example>"
    assert letter["Feedback-ID"] == "note:offers:email:shop-example"
    assert letter["X-Habitue-Delivery"] == "ana:12:0"


def test_words_of_any_script_come_through_in_lines_anyone_can_carry() -> None:
    subject = ("Şömine için güzel bir çay fincanı ve çok daha fazlası 🫖 " * 3).strip()
    name = "Şömine ve Çay Dükkanı & Küçük Şeyler Evi İstanbul"
    raw, letter = written(
        subject=subject, sender=f"{name} <hi@shop.example>", html="<p>" + "ğ" * 3000 + "</p>", text="ş" * 2000 + "\n"
    )
    said = dict(fields(raw))
    assert words(said["Subject"]) == subject
    assert words(said["From"].partition(b" <")[0]) == name
    assert letter["From"].addresses[0].addr_spec == "hi@shop.example"
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n") if not line.startswith(b"List-Unsubscribe")) <= 78
    assert text_in(letter, "html").count("ğ") == 3000


def test_a_letter_nobody_can_leave_carries_no_way_out() -> None:
    content = msgspec.structs.replace(HELLO, unsubscribe_url=None)
    assert "List-Unsubscribe" not in written(content)[1]


def test_an_answer_goes_where_it_should() -> None:
    assert written(reply_to="Ben <ben@shop.example>")[1]["Reply-To"] == "Ben <ben@shop.example>"


@pytest.mark.parametrize(
    "text", ["", "Wick", "hi@", "<>", "Wick <a@b@c>", "Wick <hi@shop.example> x", "Wick <=?utf-8?q?a?=@shop.example>"]
)
def test_a_sender_must_be_an_address(text: str) -> None:
    with pytest.raises(BadSender):
        written(sender=text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Wick <hi@shop.example>", "Wick"),
        ('"Wick, Wax & Co." <hi@shop.example>', "Wick, Wax & Co."),
        ("Wick, Wax & Co. <hi@shop.example>", "Wick, Wax & Co."),
        ('"Ana \\"Wick\\"" <hi@shop.example>', 'Ana "Wick"'),
        ("hi@shop.example", ""),
        ("<hi@shop.example>", ""),
    ],
)
def test_a_sender_may_be_called_anything(text: str, name: str) -> None:
    assert sender(text) == (name, "hi@shop.example", "shop.example")
    [address] = written(sender=text)[1]["From"].addresses
    assert (address.display_name, address.addr_spec) == (name, "hi@shop.example")


@pytest.mark.parametrize("domain", ["bücher.example", "xn--bcher-kva.example", "BÜCHER.example"])
def test_a_domain_is_written_in_ascii(domain: str) -> None:
    assert recipient(f"ana@{domain}") == "ana@xn--bcher-kva.example"


@pytest.mark.parametrize(
    "address",
    [
        "=?utf-8?q?a=0ABcc?=@x.example",
        "a\u200bb@x.example",
        "a(b)@x.example",
        "\ud800@x.example",
        "a" * 65 + "@x.example",
        "ana@x..example",
        "ana@-x.example",
        "ana@x\ud800.example",
        "ana@" + "x." * 200 + "example",
    ],
)
def test_an_address_with_a_trick_in_it_is_not_written_to(address: str) -> None:
    with pytest.raises(BadRecipient):
        recipient(address)


# --- nothing gets into the headers but as one value -------------------------------------------------------------------


@pytest.mark.parametrize("said", HOSTILE)
def test_no_words_make_a_header_of_their_own(said: str) -> None:
    raw, letter = written(subject=said, text=said, html=said)
    assert [name for name, _ in fields(raw)] == NAMES
    assert list(letter.keys()) == NAMES
    assert words(dict(fields(raw))["Subject"]) == headers.one_line(said)


@given(ANY_TEXT, ANY_TEXT)
@example("=?utf-8?q?a=0ABcc:_z@z?=", "=?utf-8?q?=0A=0A?=")
def test_nor_do_any_others(subject: str, name: str) -> None:
    raw = headers.mailbox("From", name, "hi@shop.example") + headers.text("Subject", subject) + b"\r\n"
    found = fields(raw)
    assert [name for name, _ in found] == ["From", "Subject"]
    assert words(found[1][1]) == headers.one_line(subject)
    letter = parsed(raw)
    assert [one.addr_spec for one in letter["From"].addresses] == ["hi@shop.example"]


@given(ANY_TEXT, ANY_TEXT, ANY_TEXT, ANY_TEXT, ANY_TEXT)
def test_whatever_is_written_can_be_sent_or_is_refused(
    subject: str, name: str, list_id: str, delivery: str, out: str
) -> None:
    content = msgspec.structs.replace(
        HELLO, subject=subject, sender=f"{name} <hi@shop.example>", list_id=list_id, unsubscribe_url=out
    )
    try:
        raw = build(delivery, "ana@x.example", content, AT).raw
    except (BadSender, headers.BadHeader):
        return
    assert {name for name, _ in fields(raw)} <= set(NAMES)


def test_a_value_of_our_own_that_cannot_stand_is_refused() -> None:
    for value in ("a\r\nBcc: z", "a\nb", "=?utf-8?q?=0A?=", "ğ", "", "x" * 1_000):
        with pytest.raises(headers.BadHeader):
            headers.verbatim("X-Own", value)
    with pytest.raises(headers.BadHeader):
        headers.text("X-Own: a\r\nBcc", "z")


def pythons() -> list[str]:
    """Ours, and what else there is of the versions we run on: a name on the path may lead to none."""
    named = filter(None, (shutil.which(f"python3.{minor}") for minor in (11, 12, 13, 14)))
    return [sys.executable, *(one for one in named if not subprocess.run([one, "-c", ""], check=False).returncode)]


@pytest.mark.parametrize("python", pythons())
def test_every_python_here_reads_them_back_the_same(python: str) -> None:
    script = Path(__file__).parent / "written.py"
    subprocess.run([python, script, Path(headers.__file__).parent], check=True, capture_output=True, timeout=60)


# --- the same as Python's own library would have written --------------------------------------------------------------


def by_the_library(content: RenderedEmail) -> EmailMessage:
    """The letter as `email.message` makes it, from what cannot harm it."""
    made = EmailMessage(policy=SMTP)
    made.set_content(content.text, cte="quoted-printable")
    made.add_alternative(content.html, subtype="html", cte="quoted-printable")
    name, _, address = content.sender.removesuffix(">").rpartition(" <")
    made["From"] = Address(display_name=name, addr_spec=address)
    made["To"] = "ana@x.example"
    made["Subject"] = content.subject
    return parsed(made.as_bytes())


# What the library can write at all: no halves of characters, no breaks in headers, nothing it would decode.
CALM = st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" ")).map(
    lambda text: " ".join(text.replace("=?", "").split())
)
BODY = st.text(st.characters(exclude_categories=["Cs"]), max_size=2_000)


@given(CALM, BODY, BODY)
@example("a" * 200, "x" * 2_000, ".\n..\nFrom me\n \t\n")
@example("שלום 👩‍👩‍👧‍👦 hello", "\u202eabc\r\nd\re\n", "<p>a=3D</p>\r\n\r\n")
@example("", "", "")
def test_it_reads_like_the_library_s_own(subject: str, text: str, html: str) -> None:
    content = msgspec.structs.replace(HELLO, subject=subject, text=text, html=html)
    ours, theirs = parsed(letter_of(content).raw), by_the_library(content)
    assert ours.get_content_type() == theirs.get_content_type()
    assert [part["Content-Type"] for part in ours.iter_parts()] == [
        part["Content-Type"] for part in theirs.iter_parts()
    ]
    for subtype in ("plain", "html"):
        assert text_in(ours, subtype) == text_in(theirs, subtype).replace("\r\n", "\n").replace("\r", "\n").replace(
            "\n", "\r\n"
        )
    assert (ours["From"], ours["To"]) == (theirs["From"], theirs["To"])
    if len(subject) < 60:  # Longer ones come back from the library itself with blanks lost between encoded words.
        assert ours["Subject"] == theirs["Subject"] == subject


@given(st.text(st.characters(exclude_categories=[]), max_size=3_000))
@example("\ud83d")
@example("\ud83d\ude00")
def test_a_part_comes_back_whole_in_short_lines_of_ascii(text: str) -> None:
    raw = parts.part(text, "plain")
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 76
    got = parsed(raw.removesuffix(b"\r\n")).get_payload(decode=True)
    assert isinstance(got, bytes)
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    lines = whole.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")
    assert got.decode().split("\r\n") == [*lines, ""]


def test_a_part_is_written_the_shorter_way() -> None:
    assert b"quoted-printable" in parts.part("Hello", "plain")
    assert b"base64" in parts.part("سلام دنیا " * 50, "plain")
