"""Sources: what sends, with which key, how much, and what comes in right now."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import StreamingResponse
from tests.console.conftest import signed_in, token_of
from tests.console.sample import Sample

from habitue.console import Accounts
from habitue.console.accounts import User
from habitue.console.gate import SESSION_COOKIE
from habitue.console.roles import Role
from habitue.console.sources import live
from habitue.console.visit import Visit
from habitue.run.ports import DeadLetter


def test_a_source_shows_what_it_sent_and_what_was_refused(small_shop: Sample, tmp_path: Path) -> None:
    client = signed_in(small_shop, tmp_path)
    for number in range(3):
        small_shop.log.append([small_shop.event("track", "Product Viewed", user_id=f"u{number}")])
    source = small_shop.log.read(-1, 10)[-1].event.source
    small_shop.log.append([], [DeadLetter(source=source, reason="no_name", detail="", body="{}")])
    small_shop.turn()
    page = client.get("/console/sources/figures").text
    shown = page.partition(f'id="source-{source}"')[2].partition("</dl>")[0]
    assert [part.partition("<")[0] for part in shown.split("<dd>")[1:3]] == ["3", "3"]
    assert 'href="/console/dead-letters">1</a>' in shown


def test_a_source_shows_how_far_it_is_trusted(small_shop: Sample, tmp_path: Path) -> None:
    client = signed_in(small_shop, tmp_path)
    small_shop.keys.create("accounts", small_shop.clock.now(), kind="server")
    page = client.get("/console/sources/figures").text
    browser, server = (
        page.partition(f'id="trust-{name}"')[2].partition("</details>")[0] for name in ("shop", "accounts")
    )
    assert "Trusted as a browser" in browser
    assert "is kept as “Order Claimed”" in browser
    assert "Trusted as a server" in server
    assert "Order Claimed”" not in server


def test_an_owner_makes_rotates_and_withdraws_keys(small_shop: Sample, tmp_path: Path) -> None:
    client = signed_in(small_shop, tmp_path)
    token = token_of(client, "/console/sources")

    def post(what: str, **fields: str) -> str:
        return client.post(f"/console/sources/{what}", data={"form_token": token, **fields}).text

    made = post("create", source="wp", kind="woocommerce")
    [key] = [one for one in small_shop.keys.all() if one.source == "wp"]
    assert f"https://habitue.shop.example/webhooks/woocommerce/{key.key}" in made
    assert "which is not shown again" in made
    secret = made.partition("signed with <code>")[2].partition("<")[0]
    assert small_shop.keys.signed_source(key.key, "woocommerce", 0) == ("wp", (secret,))
    assert secret not in client.get("/console/sources").text
    post("rotate", key=key.key, secret="another one")
    assert small_shop.keys.signed_source(key.key, "woocommerce", small_shop.clock.now())[1][0] == "another one"  # type: ignore[index]
    post("withdraw", key=key.key)
    assert small_shop.keys.signed_source(key.key, "woocommerce", 0) is None
    assert "cannot name a source" in post("create", source="Not A Name", kind="browser")


def test_the_live_view_tells_each_event_and_each_refusal_as_it_comes(small_shop: Sample, tmp_path: Path) -> None:
    services = small_shop.services(Accounts(tmp_path / "console.db"))

    async def heard() -> list[str]:
        stream = live._follow(services, "", lambda: True)
        assert b"retry" in await anext(stream)
        small_shop.log.append(
            [small_shop.event("track", "Product Viewed", user_id="ana", properties={"name": "</script>"})],
            [DeadLetter(source="shop", reason="no_name", detail="nothing", body="{}")],
        )
        found: list[str] = []
        while len(found) < 2:
            message = (await anext(stream)).decode()
            if message.startswith("event: "):
                found.append(message)
        await stream.aclose()  # type: ignore[attr-defined]
        return found

    event, rejected = asyncio.run(heard())
    assert json.loads(event.partition("data: ")[2])["who"] == "ana"
    assert rejected.startswith("event: rejected") and event.count("\n") == 3
    assert not live._open


@pytest.mark.parametrize("end", ["signs out", "becomes an agent", "is removed"])
def test_the_live_view_ends_when_she_may_not_look_any_more(small_shop: Sample, tmp_path: Path, end: str) -> None:
    accounts = Accounts(tmp_path / "console.db")
    accounts.create_user("olga@example.com", "correct horse battery", "Olga")
    mina = accounts.create_user("mina@example.com", "correct horse battery", "Mina")
    session = accounts.open_session(mina)
    headers = [(b"cookie", f"{SESSION_COOKIE}={session}".encode())]
    request = Request({"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": headers})
    ends = {
        "signs out": lambda: accounts.close_session(session),
        "becomes an agent": lambda: accounts.set_role(mina.email, Role.AGENT),
        "is removed": lambda: accounts.remove_user(mina.email),
    }

    async def heard() -> list[bytes]:
        answer = live.stream(Visit(request, small_shop.services(accounts), mina, "", {}))
        assert isinstance(answer, StreamingResponse)
        messages = aiter(answer.body_iterator)
        found = [await anext(messages), await anext(messages)]
        ends[end]()
        small_shop.log.append([small_shop.event("track", "Product Viewed", user_id="ana")])
        return [*found, *[bytes(one) async for one in messages]]  # type: ignore[arg-type]

    assert not any(b"ana" in message for message in asyncio.run(heard()))
    assert not live._open


def test_more_live_views_than_anyone_needs_are_refused(small_shop: Sample, tmp_path: Path) -> None:
    services = small_shop.services(Accounts(tmp_path / "console.db"))
    request = Request({"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []})
    visit = Visit(request, services, User(1, "ana@example.com", "Ana"), "", {})
    taken = [object() for _ in range(live.STREAMS_MAX)]
    live._open.update(taken)
    try:
        with pytest.raises(HTTPException, match="live views are open"):
            live.stream(visit)
    finally:
        live._open.difference_update(taken)
