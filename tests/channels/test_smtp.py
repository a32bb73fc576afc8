"""Letters over real SMTP, and what each answer of a server means."""

from __future__ import annotations

import asyncio
import socket

import msgspec
import pytest

from habitue.model.delivery import Failure
from habitue.run.ports import Accepted, Handover, Refused, Uncertain
from habitue.settings import Secret

from .servers import HELLO, channel_to, go_ahead, mail_server, refuse_sign_in


def say(answers: dict[str, str], **settings: object) -> Handover:
    """Hand one letter to Ana over to a server that answers so."""

    async def go() -> Handover:
        async with mail_server() as server:
            server.answers = answers
            async with channel_to(server, **settings) as channel:
                return await channel.hand_over("d1", "ana@x.example", HELLO, go_ahead)

    return asyncio.run(go())


def test_a_letter_arrives_once_and_is_accepted() -> None:
    async def go() -> None:
        async with mail_server() as server, channel_to(server) as channel:
            assert isinstance(await channel.hand_over("d1", "ana@x.example", HELLO, go_ahead), Accepted)
            assert server.recipients == ["ana@x.example"]
            assert len(server.taken) == 1
            assert server.letter()["Subject"] == "Hello"

    asyncio.run(go())


@pytest.mark.parametrize(
    ("stage", "answer", "failure"),
    [
        ("rcpt", "550 5.1.1 no such user", Failure.PERMANENT_ADDRESS),
        ("rcpt", "550 5.1.10 null MX", Failure.PERMANENT_ADDRESS),
        ("rcpt", "550 5.2.1 mailbox disabled", Failure.PERMANENT_ADDRESS),
        ("rcpt", "550 No such user here", Failure.PERMANENT_ADDRESS),
        ("data", "550 5.1.1 no such user", Failure.PERMANENT_ADDRESS),
        ("rcpt", "450 4.2.0 greylisted", Failure.PASSING),
        ("rcpt", "452 4.2.2 mailbox full", Failure.PASSING),
        ("rcpt", "552 5.2.2 mailbox full", Failure.PASSING),
        ("mail", "421 4.3.2 shutting down", Failure.PASSING),
        ("data", "451 4.3.0 try later", Failure.PASSING),
        ("rcpt", "554 5.7.1 relay access denied", Failure.PERMANENT_RECIPIENT),
        ("rcpt", "550 5.7.1 not allowed", Failure.PERMANENT_RECIPIENT),
        ("rcpt", "550 blocked by policy", Failure.PERMANENT_RECIPIENT),
        ("data", "550 5.7.1 looks like spam", Failure.PERMANENT_RECIPIENT),
        ("rcpt", "530 5.7.0 sign in first", Failure.CONFIGURATION),
        ("rcpt", "550 5.1.8 sender's domain not found", Failure.CONFIGURATION),
        ("mail", "550 5.7.1 sender refused", Failure.CONFIGURATION),
        ("mail", "552 5.3.4 message too big", Failure.PERMANENT_MESSAGE),
        ("mail", "550 5.1.8 bad sender", Failure.CONFIGURATION),
        ("mail", "530 authentication required", Failure.CONFIGURATION),
        ("mail", "553 sender not allowed", Failure.CONFIGURATION),
        ("data", "550 5.7.26 unauthenticated mail", Failure.CONFIGURATION),
        ("data", "552 5.3.4 message too big", Failure.PERMANENT_MESSAGE),
        ("data", "554 5.6.0 content refused", Failure.PERMANENT_MESSAGE),
        ("data", "554 no", Failure.PERMANENT_MESSAGE),
    ],
)
def test_an_answer_becomes_a_failure(stage: str, answer: str, failure: Failure) -> None:
    result = say({stage: answer})
    assert isinstance(result, Refused)
    assert result.failure == failure
    assert answer.split(maxsplit=1)[1] in result.detail


def test_a_refused_sign_in_is_our_set_up() -> None:
    async def go() -> Handover:
        async with (
            mail_server(authenticator=refuse_sign_in, auth_require_tls=False) as server,
            channel_to(server, user="wick", password=Secret("wrong")) as channel,
        ):
            return await channel.hand_over("d1", "ana@x.example", HELLO, go_ahead)

    result = asyncio.run(go())
    assert isinstance(result, Refused)
    assert result.failure == Failure.CONFIGURATION


def test_a_server_without_tls_is_our_set_up() -> None:
    result = say({}, security="starttls")
    assert isinstance(result, Refused)
    assert result.failure == Failure.CONFIGURATION


def test_nobody_listening_is_passing() -> None:
    async def go() -> Handover:
        async with mail_server() as server:
            with socket.socket() as taken:
                taken.bind(("127.0.0.1", 0))  # Bound and not listening: whoever connects is refused.
                async with channel_to(server, port=taken.getsockname()[1]) as channel:
                    return await channel.hand_over("d1", "ana@x.example", HELLO, go_ahead)

    result = asyncio.run(go())
    assert isinstance(result, Refused)
    assert result.failure == Failure.PASSING


@pytest.mark.parametrize("stage", ["mail", "rcpt"])
def test_silence_before_the_letter_is_passing(stage: str) -> None:
    async def go() -> Handover:
        async with mail_server() as server:
            server.silent.add(stage)
            async with channel_to(server, timeout_seconds=0.2) as channel:
                return await channel.hand_over("d1", "ana@x.example", HELLO, go_ahead)

    result = asyncio.run(go())
    assert isinstance(result, Refused)
    assert result.failure == Failure.PASSING


@pytest.mark.parametrize("how", ["silent", "hangs_up"])
def test_silence_after_the_letter_is_uncertain(how: str) -> None:
    """The server has it, and we do not know: sending again might send it twice."""

    async def go() -> None:
        async with mail_server() as server:
            getattr(server, how).add("take_then_data")
            async with channel_to(server, timeout_seconds=0.2) as channel:
                assert isinstance(await channel.hand_over("d1", "ana@x.example", HELLO, go_ahead), Uncertain)
                assert len(server.taken) == 1

    asyncio.run(go())


def test_connections_are_used_again() -> None:
    async def go() -> None:
        async with mail_server() as server, channel_to(server) as channel:
            for number in range(5):
                assert isinstance(await channel.hand_over(f"d{number}", "ana@x.example", HELLO, go_ahead), Accepted)
            assert server.sessions == 1

    asyncio.run(go())


def test_a_refusal_does_not_spoil_the_session_for_the_next_letter() -> None:
    async def go() -> None:
        async with mail_server() as server, channel_to(server) as channel:
            server.answers = {"rcpt": "550 5.1.1 no such user"}
            assert isinstance(await channel.hand_over("d1", "gone@x.example", HELLO, go_ahead), Refused)
            server.answers = {}
            assert isinstance(await channel.hand_over("d2", "ana@x.example", HELLO, go_ahead), Accepted)
            assert server.sessions == 1

    asyncio.run(go())


def test_a_session_the_server_ended_is_opened_anew() -> None:
    async def go() -> None:
        async with mail_server() as server, channel_to(server) as channel:
            await channel.hand_over("d1", "ana@x.example", HELLO, go_ahead)
            server.end_sessions()
            assert isinstance(await channel.hand_over("d2", "ana@x.example", HELLO, go_ahead), Accepted)
            assert len(server.taken) == 2
            assert server.sessions == 2

    asyncio.run(go())


def test_connections_are_bounded() -> None:
    async def go() -> None:
        async with mail_server() as server, channel_to(server, connections_max=2) as channel:
            letters = [channel.hand_over(f"d{number}", "ana@x.example", HELLO, go_ahead) for number in range(12)]
            assert all(isinstance(answer, Accepted) for answer in await asyncio.gather(*letters))
            assert server.sessions <= 2
            assert len(server.taken) == 12

    asyncio.run(go())


def test_an_address_nobody_can_write_to_is_never_handed_over() -> None:
    async def go() -> None:
        async with mail_server() as server, channel_to(server) as channel:
            for address in ("ana", "ana@", "@x.example", "a b@x.example", "ana@x.example\r\nRCPT TO:<b@x>", "a@b,c@d"):
                answer = await channel.hand_over("d1", address, HELLO, go_ahead)
                assert isinstance(answer, Refused)
                assert answer.failure == Failure.PERMANENT_ADDRESS
            assert server.sessions == 0

    asyncio.run(go())


def test_international_addresses_are_written_to() -> None:
    async def go() -> None:
        async with mail_server() as server, channel_to(server) as channel:
            assert isinstance(await channel.hand_over("d1", "änä@x.example", HELLO, go_ahead), Accepted)
            assert isinstance(await channel.hand_over("d2", "ana@büro.example", HELLO, go_ahead), Accepted)
            assert server.recipients == ["änä@x.example", "ana@xn--bro-hoa.example"]
            assert server.letter(0)["To"] == "änä@x.example"

    asyncio.run(go())


# --- the mark -------------------------------------------------------------------------------------------------------


def test_it_begins_when_the_server_asks_for_the_letter_and_not_before() -> None:
    async def go() -> None:
        async with mail_server() as server, channel_to(server) as channel:
            seen: list[tuple[list[str], int]] = []

            def begin() -> bool:
                seen.append((list(server.recipients), len(server.taken)))
                return True

            assert isinstance(await channel.hand_over("d1", "ana@x.example", HELLO, begin), Accepted)
            assert seen == [(["ana@x.example"], 0)]

    asyncio.run(go())


@pytest.mark.parametrize("answers", [{"mail": "553 no"}, {"rcpt": "550 no"}])
def test_what_is_refused_beforehand_never_began(answers: dict[str, str]) -> None:
    async def go() -> None:
        async with mail_server() as server, channel_to(server) as channel:
            server.answers = answers
            assert isinstance(await channel.hand_over("d1", "ana@x.example", HELLO, never), Refused)

    asyncio.run(go())


@pytest.mark.parametrize("stage", ["mail", "rcpt"])
def test_a_session_that_ends_beforehand_never_began(stage: str) -> None:
    async def go() -> None:
        async with mail_server() as server, channel_to(server) as channel:
            server.hangs_up.add(stage)
            assert isinstance(await channel.hand_over("d1", "ana@x.example", HELLO, never), Refused)

    asyncio.run(go())


def test_what_is_withdrawn_at_the_last_moment_does_not_leave() -> None:
    async def go() -> None:
        async with mail_server() as server, channel_to(server) as channel:
            assert isinstance(await channel.hand_over("d1", "ana@x.example", HELLO, lambda: False), Refused)
            assert isinstance(await channel.hand_over("d2", "ben@x.example", HELLO, go_ahead), Accepted)
            assert [server.letter(number)["To"] for number in range(len(server.taken))] == ["ben@x.example"]

    asyncio.run(go())


def test_a_line_that_begins_with_a_dot_keeps_it() -> None:
    async def go() -> None:
        async with mail_server() as server, channel_to(server) as channel:
            text = "a\n.\n..b\n.c\n"
            letter = msgspec.structs.replace(HELLO, text=text)
            assert isinstance(await channel.hand_over("d1", "ana@x.example", letter, go_ahead), Accepted)
            part = server.letter().get_body(("plain",))
            assert part is not None
            assert part.get_content().replace("\r\n", "\n") == text

    asyncio.run(go())


def never() -> bool:
    raise AssertionError("nothing is ready")
