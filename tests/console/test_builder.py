"""The builder: rows and text are one condition, mistakes stand at their place, and nobody sees more than they may."""

from __future__ import annotations

import json
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.console.conftest import sign_in, token_of
from tests.console.sample import Sample, application
from tests.console.sample_past import NEVER, TOO_LONG

from habitue.console import Accounts
from habitue.console.roles import Role
from habitue.console.segments import reading, rows
from habitue.console.segments.rows.values import constant, shown
from habitue.console.segments.words import FUNCTIONS
from habitue.playbook.conditions import Names, parse
from habitue.playbook.conditions.paths import CALLS

NEW = "/console/segments/new-segment"
SHOWN_BY_FORMS = [
    'did("Order Completed", within="30d")',
    'not did("Product Viewed", category="watches", within="36h")',
    'count("Product Viewed", price > 20, category="a, b", within="2w") >= 3',
    'count("A", x == 1 or y == 2) > 1',
    'days_since("Order Completed") > 30',
    'avg("Order Completed", total, since="2026-01-01") > 5.5',
    'sum("Order Completed", products[].price, before="2026-02-01") > 3',
    'did("Order Completed", "mugs" in products[].category)',
    'did("A", within="this month", tz="Europe/Madrid")',
    'did("A", between=("2026-01-01", "2026-02-01"))',
    'sequence("A", did("B", x="y"), within="7d", apart="2h", without="C")',
    'not sequence("A", "B", without=("C", did("D", z > 3)))',
    'trait.zip == "28001" and trait.country in ("ES", "PT") and trait.email != None',
    "trait.vip or not trait.vip or cart.is_empty",
    '"P1" in cart.products',
    'affinity("category") == "mugs" and affinity("brand", "Orbis") >= 0.3',
    'score("intent") > 0.7 and rfm.group == "champions" and lifecycle == "lost" and rfm.code == "555"',
    'starts_with(trait.city, "San") and has_any(trait.tags, ("a", "b")) and lower(trait.city) == "rome"',
    'reachable("email") and not consents("email", topic="offers")',
    'bucket("spring", 0, 10.5)',
    'occasion("mothers_day", within="14d") and not occasion("mothers_day")',
    'segment("x") and not segment("y")',
    'did("A") and (did("B") or (did("C") and not (did("D") or did("E"))))',
    "not (trait.a > 3)",
]
SHOWN_AS_TEXT = [
    'sum("Order Completed", total) / count("Order Completed") > 80',
    'did("A", since="2026-01-01T10:30")',
    "True",
]


@pytest.mark.parametrize("text", [*SHOWN_BY_FORMS, *SHOWN_AS_TEXT])
def test_rows_come_to_the_condition_they_were_made_from(text: str) -> None:
    tree = parse(text).tree
    assert rows.tree(json.loads(json.dumps(rows.outline(tree))), Names()) == tree
    assert parse(reading.laid_out(tree)).tree == tree


@pytest.mark.parametrize("text", SHOWN_BY_FORMS)
def test_a_leaf_of_the_language_has_a_form(text: str) -> None:
    assert '"kind": "text"' not in json.dumps(rows.outline(parse(text).tree))


@pytest.mark.parametrize("value", ["ES", "28001", "1.5", "true", "a, b", 'say "hi"', " x ", "-3", 7, 2.5, True, False])
def test_a_field_gives_back_the_constant_it_shows(value: Any) -> None:
    back = constant(shown(value))
    assert back == value and type(back) is type(value)


def test_every_call_of_the_language_is_offered_with_an_example_that_can_be_read() -> None:
    assert set(FUNCTIONS) == set(CALLS)
    for example, _ in FUNCTIONS.values():
        parse(example, entry_event=True)


@pytest.mark.parametrize(
    ("outline", "path", "message"),
    [
        ({"kind": "all", "items": []}, (), "add what must be true"),
        ({"kind": "all", "items": [{"kind": "any", "items": []}]}, (0,), "group is empty"),
        ({"kind": "all", "items": [{"kind": "did", "measure": "did", "event": ""}]}, (0,), "choose an event"),
        (
            {"kind": "any", "items": [{"kind": "text", "text": "True"}, {"kind": "known", "what": "cart.valu",
             "operator": ">", "value": "3"}]},
            (1,),
            'Did you mean "value"',
        ),
        ({"kind": "all", "items": [{"kind": "what"}]}, (0,), "not known"),
        ({"kind": "all", "items": [{"kind": ["all"]}]}, (0,), "not known"),
        ({"kind": "all", "items": [{"kind": "text", "text": "True) or (True"}]}, (0,), "closes nothing"),
        ([1, 2], (), "no group"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_read_says_so_at_its_place(outline: Any, path: tuple[int, ...], message: str) -> None:
    with pytest.raises(rows.RowError, match=message) as error:
        rows.tree(outline, Names())
    assert error.value.path == path


def test_nothing_entered_in_a_field_is_read_as_more_than_a_value() -> None:
    row = {"kind": "did", "measure": "did", "event": 'A") or did("B', "filters": [], "window": ""}
    assert rows.tree({"kind": "all", "items": [row]}, Names()) == parse('did("A\\") or did(\\"B")').tree


def ask(client: TestClient, what: str, **given: str) -> Any:
    token = token_of(client, NEW)
    return client.post(f"/console/segments/{what}", data={"form_token": token, "page": "p1", **given})


def test_text_is_answered_with_its_rows_and_plain_words(mina: TestClient) -> None:
    answer = ask(mina, "read", text='did("Order Completed")\r\nand cart.value > 20').json()
    assert answer["error"] is None and answer["plain"] == "ordered and the value of the cart is more than 20"
    assert [item["kind"] for item in answer["outline"]["items"]] == ["did", "known"]


def test_rows_are_answered_with_their_text(mina: TestClient) -> None:
    outline = rows.outline(parse('did("Order Completed") and cart.value > 20').tree)
    outline["items"][1]["value"] = "30"
    assert ask(mina, "read", outline=json.dumps(outline)).json()["text"] == (
        'did("Order Completed") and cart.value > 30'
    )


def test_a_mistake_is_underlined_where_it_stands(mina: TestClient) -> None:
    text = 'did("Order Completed")\nand cart.valu > 20'
    error = ask(mina, "read", text=text.replace("\n", "\r\n")).json()["error"]
    assert text[error["offset"] : error["end"]] == "cart.valu"
    assert (error["line"], error["column"]) == (2, 5) and 'Did you mean "value"?' in error["message"]


def test_a_segment_may_not_lead_back_to_itself(mina: TestClient) -> None:
    assert (
        "unknown segment" in ask(mina, "read", name="regulars", text='segment("regulars")').json()["error"]["message"]
    )


def test_the_count_names_some_and_the_course_says_where_else_they_are(mina: TestClient) -> None:
    assert "people, " in ask(mina, "count", text='did("Order Completed")').text
    course = ask(mina, "course", text='did("Order Completed")').text
    assert "data-chart" in course and "also in" in course


def test_what_never_came_is_said_beside_the_count(mina: TestClient) -> None:
    assert f"The event &#34;{NEVER}&#34; was never seen." in ask(mina, "count", text=f'did("{NEVER}")').text
    assert "never seen" not in ask(mina, "count", text='did("Order Completed")').text


def test_what_was_really_seen_is_offered_first(mina: TestClient) -> None:
    found = ask(mina, "seen").json()
    assert found["events"][:2] == [["Product Viewed", "seen 5,120 times"], ["Order Completed", "seen 214 times"]]
    assert ["Cart Cleared", "never seen"] in found["events"]
    assert found["properties"]["Product Viewed"]["category"] == ["Mugs", "Bags"]
    assert found["values"] == {"trait.country": ["ES", "PT"]}


def test_what_cannot_be_read_is_not_counted_and_what_takes_too_long_says_what_to_do(mina: TestClient) -> None:
    assert ask(mina, "count", text="did(").status_code == 204
    assert "shorter window" in ask(mina, "count", text=TOO_LONG).text


def test_without_the_form_token_nothing_is_read(mina: TestClient) -> None:
    assert mina.post("/console/segments/read", data={"text": "True"}).status_code == 403


def test_an_analyst_gets_figures_without_names_and_cannot_save(tmp_path: Any, small_shop: Sample) -> None:
    small_shop.take(
        small_shop.event("identify", "Identified", user_id="ana", traits={"name": "Ana Berg", "email": "ana@x.example"})
    )
    accounts = Accounts(tmp_path / "console.db")
    accounts.create_user("owner@x.example", "correct horse battery", "Owner", Role.OWNER)
    accounts.create_user("nora@x.example", "correct horse battery", "Nora", Role.ANALYST)
    client = TestClient(application(small_shop, small_shop.services(accounts)), follow_redirects=False)
    sign_in(client, "nora@x.example", "correct horse battery")
    page = client.get(NEW).text
    assert "Save to the draft" not in page
    told = ask(client, "count", text='did("Order Completed", within="9d")').text
    assert "Ana" not in told and "/console/people" not in told


def test_the_list_says_who_is_in_two_segments_at_once(mina: TestClient) -> None:
    page = mina.get("/console/segments/in-both").text
    assert page.count('<th scope="row">') == page.count('<th scope="col">') > 1
