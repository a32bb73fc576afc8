"""Every role × every door: who may open what is written down here once more, and held to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from tests.console.conftest import sign_in
from tests.console.sample import Sample, application

from habitue.console import Accounts, addresses
from habitue.console.accounts import AccountError
from habitue.console.roles import Role
from habitue.console.site import DOORS

PASSWORD = "correct horse battery"
ALL, PEOPLE, ENGINE, OWNER = "owner marketer agent analyst", "owner marketer agent", "owner marketer", "owner"
FIGURES = "owner marketer analyst"
TABLE = {
    "GET /": ALL,
    "GET /home/figures": ALL,
    "GET /home/alarms": ALL,
    "GET /home/latest": PEOPLE,
    "GET /people": PEOPLE,
    "GET /people/{customer}": PEOPLE,
    "GET /people/{customer}/facts": PEOPLE,
    "GET /people/{customer}/newer": PEOPLE,
    "GET /people/{customer}/older": PEOPLE,
    "GET /people/{customer}/records": PEOPLE,
    "POST /people/{customer}/split": OWNER,
    "POST /people/{customer}/export": OWNER,
    "GET /people/{customer}/erase": OWNER,
    "POST /people/{customer}/erase": OWNER,
    "GET /privacy": OWNER,
    "GET /privacy/receipts": OWNER,
    "POST /privacy/close": OWNER,
    "GET /segments": ALL,
    "GET /segments/{segment}": ALL,
    "GET /segments/{segment}/filling": ALL,
    "POST /segments/seen": FIGURES,
    "GET /segments/new-segment": FIGURES,
    "GET /segments/{segment}/edit": FIGURES,
    "POST /segments/save": ENGINE,
    "POST /segments/{segment}/remove": ENGINE,
    "GET /segments/in-both": FIGURES,
    "GET /rfm": FIGURES,
    "GET /rfm/figures": FIGURES,
    "GET /rfm/moves": FIGURES,
    "GET /backtest": FIGURES,
    "POST /backtest/start": FIGURES,
    "GET /backtest/{backtest}": FIGURES,
    "POST /backtest/{backtest}/stop": FIGURES,
    "POST /backtest/{backtest}/remove": FIGURES,
    "GET /plan": FIGURES,
    "GET /plan/impact": FIGURES,
    "POST /plan/put-in-force": ENGINE,
    "POST /plan/discard": ENGINE,
    "POST /plan/move": ENGINE,
    "GET /versions": ALL,
    "GET /versions/{version}": ALL,
    "POST /versions/{version}/restore": ENGINE,
    "POST /segments/read": FIGURES,
    "POST /segments/count": FIGURES,
    "POST /segments/course": FIGURES,
    "GET /journeys": ALL,
    "GET /journeys/{journey}": ALL,
    "GET /journeys/{journey}/picture": ALL,
    "GET /journeys/{journey}/waiting": ALL,
    "GET /messages": ALL,
    "GET /messages/{message}": ALL,
    "GET /messages/{message}/frame": ALL,
    "GET /messages/{message}/people": PEOPLE,
    "GET /ledger": PEOPLE,
    "GET /deliveries": PEOPLE,
    "GET /deliveries/{delivery}": PEOPLE,
    "GET /dead-letters": ENGINE,
    "GET /sources": ENGINE,
    "GET /sources/figures": ENGINE,
    "GET /sources/live": ENGINE,
    "GET /catalogue": ALL,
    "GET /catalogue/articles": ALL,
    "GET /catalogue/feeds": ENGINE,
    "POST /catalogue/held": ENGINE,
    "GET /catalogue/products/{product:path}": ALL,
    "POST /sources/create": OWNER,
    "POST /sources/withdraw": OWNER,
    "POST /sources/rotate": OWNER,
    "POST /sign-out": ALL,
    "GET /account": ALL,
    "POST /account/password": ALL,
}
INNER = {f"{door.method} {door.path}": door for door in DOORS if not door.public}


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Role, TestClient]]:
    """A signed-in client of each role, in a shop where nothing has happened yet."""
    shop = Sample()
    shop.apply()
    shop.turn()
    accounts = Accounts(tmp_path_factory.mktemp("roles") / "console.db")
    app: Starlette = application(shop, shop.services(accounts))
    found = {}
    for role in Role:
        accounts.create_user(f"{role}@example.com", PASSWORD, role.title(), role)
        found[role] = TestClient(app, follow_redirects=False, raise_server_exceptions=False)
        sign_in(found[role], f"{role}@example.com", PASSWORD)
    yield found


def test_every_door_stands_in_the_table() -> None:
    assert set(TABLE) == set(INNER)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(
    "name", sorted(set(TABLE) - {"POST /sign-out", "GET /sources/live"})
)  # The first ends the session, the other never ends.
def test_a_door_opens_for_its_roles_and_no_other(clients: dict[Role, TestClient], name: str, role: Role) -> None:
    method, path = name.split(" ", 1)
    answer = clients[role].request(method, addresses.BASE + re.sub(r"{[\w:]+}", "x", path))
    refused = answer.status_code == 403 and "is not for" in answer.text
    assert refused is (role.value not in TABLE[name].split())


def test_the_live_view_opens_for_no_role_but_its_own(clients: dict[Role, TestClient]) -> None:
    """Those it opens for are told by its own tests: the stream has no end to wait for here."""
    for role in set(Role) - {Role(name) for name in ENGINE.split()}:
        assert clients[role].get("/console/sources/live").status_code == 403


def test_an_analyst_sees_no_name_and_no_way_to_a_person(clients: dict[Role, TestClient]) -> None:
    page = clients[Role.ANALYST].get("/console/").text
    assert (
        "/console/people" not in page
        and "/console/ledger" not in page.partition('class="menu"')[2].partition("</ul>")[0]
    )


def test_there_is_always_an_owner(tmp_path: Path) -> None:
    accounts = Accounts(tmp_path / "console.db")
    with pytest.raises(AccountError, match="must be an owner's"):
        accounts.create_user("ana@example.com", PASSWORD, role=Role.AGENT)
    assert accounts.create_user("ana@example.com", PASSWORD).role is Role.OWNER
    assert accounts.create_user("ben@example.com", PASSWORD).role is Role.MARKETER
    for change in (
        lambda: accounts.set_role("ana@example.com", Role.AGENT),
        lambda: accounts.remove_user("ana@example.com"),
    ):
        with pytest.raises(AccountError, match="only owner"):
            change()
    accounts.set_role("ben@example.com", Role.OWNER)
    accounts.set_role("ana@example.com", Role.AGENT)
    assert {user.email: user.role.value for user in accounts.users()} == {
        "ana@example.com": "agent",
        "ben@example.com": "owner",
    }
