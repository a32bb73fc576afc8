"""Who may see figures and no names learns of nobody: neither by what they ask of nor by how few they narrow it to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.console.conftest import sign_in, token_of
from tests.console.sample import Sample, application
from tests.console.sample_past import SamplePast

from habitue.console import Accounts
from habitue.console.discretion import FEWEST, coarse_chart, told
from habitue.console.figures import Figures
from habitue.console.ports import Count
from habitue.console.roles import Role
from habitue.playbook.conditions import Condition, parse
from habitue.playbook.conditions.identifying import identifying
from habitue.playbook.playbook import Playbook, Shop

PASSWORD = "correct horse battery"
ORACLES = (
    'starts_with(trait.email, "v_c")',
    'lower(trait.eMail) == "v_c@x.example"',
    'trait.first_name == "Ana"',
    'trait.address.city == "Wien"',
    'not (trait.phone == "+43")',
    'did("Order Completed", order_id="1001")',
    'starts_with(trait.contact_email, "v_c")',
    'trait.billingFirstName == "Ana"',
    'trait.shipping_address == "1 Corner"',
)


@pytest.mark.parametrize("text", ORACLES)
def test_a_condition_that_asks_who_somebody_is_is_known_however_it_is_written(text: str) -> None:
    assert identifying(parse(text).tree)


@pytest.mark.parametrize(
    "text",
    [
        'did("Product Viewed", category="mugs")',
        'did("Product Viewed", name="Mug")',
        'did("Page Viewed", url="https://shop.example/mugs")',
        'trait.country == "AT"',
        'trait.favourite_phone_brand == "Fair"',
        'did("Product Viewed", microphone=True)',
        'trait.loyalty_level == "gold"',
        'segment("vips")',
        "cart.value > 20",
    ],
)
def test_a_condition_on_what_people_do_is_not(text: str) -> None:
    assert identifying(parse(text).tree) == []


def test_a_shop_names_what_tells_who_somebody_is_with_it() -> None:
    tree = parse('trait.club_card == "7"').tree
    assert identifying(tree) == []
    assert identifying(tree, ["Club-Card"]) == ["trait.club_card"]


SIZES = {'did("Mug Broken")': 3, 'did("Mug Mended")': 0, 'did("Mug Bought")': 7}


class KnownPast(SamplePast):
    """As many of ten people as stand above."""

    def count(self, playbook: Playbook, condition: Condition, asker: str) -> Count:
        members = SIZES.get(condition.text, 1)
        return Count(people=10, members=members, sample=tuple(f"p{number}" for number in range(members)), as_of=0)


@pytest.fixture
def clients(small_shop: Sample, tmp_path: Path) -> dict[Role, TestClient]:
    accounts = Accounts(tmp_path / "console.db")
    services = replace(small_shop.services(accounts), past=KnownPast(small_shop.store, small_shop.clock))
    app = application(small_shop, services)
    found = {}
    for role in (Role.OWNER, Role.ANALYST):
        accounts.create_user(f"{role}@x.example", PASSWORD, role.title(), role)
        found[role] = TestClient(app, follow_redirects=False)
        sign_in(found[role], f"{role}@x.example", PASSWORD)
    return found


def ask(client: TestClient, what: str, text: str) -> str:
    page = {"text": text, "name": "", "page": "p", "form_token": token_of(client, "/console/account")}
    return client.post(f"/console/segments/{what}", data=page).text


@pytest.mark.parametrize("what", ["count", "course"])
@pytest.mark.parametrize("text", ORACLES[:2])
def test_the_builder_is_no_oracle_for_the_analyst(clients: dict[Role, TestClient], what: str, text: str) -> None:
    assert "cannot ask for what tells who somebody is" in ask(clients[Role.ANALYST], what, text)
    assert "cannot ask" not in ask(clients[Role.OWNER], what, text)


def test_a_count_below_five_is_not_told_from_none(clients: dict[Role, TestClient]) -> None:
    few, none = (ask(clients[Role.ANALYST], "count", f'did("{name}")') for name in ("Mug Broken", "Mug Mended"))
    assert few.partition("As of")[0] == none.partition("As of")[0]
    assert f"fewer than {FEWEST}" in few


def test_what_an_analyst_counts_is_told_in_fives_and_of_nobody(clients: dict[Role, TestClient]) -> None:
    seen = ask(clients[Role.ANALYST], "count", 'did("Mug Bought")')
    assert ">5<" in seen and ">7<" not in seen and "Some of them" not in seen
    assert ">7<" in ask(clients[Role.OWNER], "count", 'did("Mug Bought")')


def test_two_questions_that_differ_by_one_person_mostly_get_the_same_answer() -> None:
    assert [told(size) for size in (0, 4, 5, 6, 9, 10)] == [0, 0, 5, 5, 5, 10]


@pytest.mark.parametrize("page", ["/console/", "/console/segments", "/console/journeys", "/console/messages"])
def test_no_page_of_an_analyst_leads_to_anybody(clients: dict[Role, TestClient], page: str) -> None:
    assert "/console/people/" not in clients[Role.ANALYST].get(page).text


def test_a_small_figure_is_not_told_to_those_who_may_not_know() -> None:
    seen = Figures(Shop(name="Shop"), 0, fewest=FEWEST)
    assert [seen.number(count) for count in (0, 1, 4, 5)] == ["0", "fewer than 5", "fewer than 5", "5"]
    assert seen.percent(3, 1000) == "–"
    assert seen.exact(3) == "3"


def test_a_chart_draws_no_column_of_a_few() -> None:
    chart: dict[str, Any] = {"x": ["a", "b"], "series": [{"name": "People", "data": [3, 12]}]}
    money = {**chart, "whole": False}
    assert coarse_chart({"chart": chart})["chart"]["series"][0]["data"] == [0, 12]
    assert coarse_chart(money) == money
