"""Every error is a problem that says what was found, what was expected and what to do, and leads to its explanation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from habitue.api.problems import Kind
from habitue.store.failures import StoreDamaged

from .desk import Desk, open_desk

ANA = {"name": "x", "user_id": "ana"}
NESTED = b'{"events": [{"name": "x", "properties": ' + b'{"a":' * 20_000
DOCS = Path(__file__).resolve().parents[2] / "docs" / "api.md"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One for all: nothing here changes what another test looks at."""
    with open_desk(tmp_path_factory.mktemp("desk")) as desk:
        yield desk


def problem(answer: Any, kind: Kind) -> Any:
    """The problem, which must be of this kind."""
    assert answer.status_code == kind.status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["type"].endswith(f"/api/docs#problem-{kind.slug}")
    assert (body["title"], body["status"]) == (kind.title, kind.status)
    return body


def test_an_address_there_is_not(desk: Desk) -> None:
    assert "/api/docs" in problem(desk.get("/nowhere"), Kind.NOT_FOUND)["detail"]
    problem(desk.get(""), Kind.NOT_FOUND)
    problem(desk.get("/customers/user:ana/nothing"), Kind.NOT_FOUND)


def test_a_method_an_address_does_not_take(desk: Desk) -> None:
    answer = desk.http.patch("/api/v1/customers", headers=desk.headers)
    problem(answer, Kind.METHOD_NOT_ALLOWED)
    assert answer.headers["allow"] == "GET, HEAD, POST"


def test_a_customer_nobody_knows_and_an_id_that_is_none(desk: Desk) -> None:
    assert '"user:stranger"' in problem(desk.get("/customers/user:stranger"), Kind.NOT_FOUND)["detail"]
    assert "email:…" in problem(desk.get("/customers/ana"), Kind.NOT_FOUND)["detail"]
    assert "no usable identifier" in problem(desk.get("/customers/email:ana"), Kind.NOT_FOUND)["detail"]
    problem(desk.get("/deliveries/none"), Kind.NOT_FOUND)
    problem(desk.get("/segments/none/members"), Kind.NOT_FOUND)


@pytest.mark.parametrize("body", [b"{", b"", b"\xff\xfe", b"nope", NESTED, b'{"events": NaN}'])
def test_a_body_that_is_no_json(desk: Desk, body: bytes) -> None:
    headers = {**desk.headers, "Content-Type": "application/json"}
    problem(desk.http.post("/api/v1/events", content=body, headers=headers), Kind.MALFORMED)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml"])
def test_a_body_of_another_kind(desk: Desk, kind: str) -> None:
    headers = {**desk.headers, "Content-Type": kind}
    answer = desk.http.post("/api/v1/events", content=b"{}", headers=headers)
    assert kind in problem(answer, Kind.UNSUPPORTED_MEDIA_TYPE)["detail"]


def test_a_body_that_is_too_large(desk: Desk) -> None:
    headers = {**desk.headers, "Content-Type": "application/json"}
    body = b'{"events": "' + b"x" * desk.parts.settings.limits.body_bytes_max + b'"}'
    problem(desk.http.post("/api/v1/events", content=body, headers=headers), Kind.TOO_LARGE)


@pytest.mark.parametrize(
    ("body", "pointer", "words"),
    [
        ({"events": [{"name": "x", "user_id": "ana"}, {"name": 5}]}, "#/events/1/name", "Expected `str`, got `int`"),
        ({"events": []}, "#/events", "length >= 1"),
        ({}, "#", "missing required field `events`"),
        ([], "#", "Expected `object`"),
        ({"events": [{"name": "x", "usr_id": "ana"}]}, "#/events/0", "unknown field `usr_id`"),
        (
            {"events": [{"name": "x", "user_id": "ana", "occurred_at": "yesterday"}]},
            "#/events/0/occurred_at",
            "RFC3339",
        ),
        (
            {"events": [{"name": "x", "user_id": "ana"}, {"name": "x"}]},
            "#/events/1",
            "no_identity: found neither user_id",
        ),
        ({"events": [{"name": "x", "user_id": "ana", "properties": {"x": "y" * 40_000}}]}, "#/events/0", "too_large"),
    ],
)
def test_errors_point_into_the_body(desk: Desk, body: Any, pointer: str, words: str) -> None:
    (fault,) = problem(desk.post("/events", body), Kind.INVALID)["errors"]
    assert fault["pointer"] == pointer
    assert words in fault["detail"]
    assert list(desk.parts.log.scan())[1:] == []  # The playbook alone: all are kept or none.


@pytest.mark.parametrize(
    ("query", "parameter", "words"),
    [
        ("limit=0", "limit", ">= 1"),
        ("limit=201", "limit", "<= 200"),
        ("limit=many", "limit", "Expected `int`"),
        ("limt=5", "limt", 'did you mean "limit"?'),
        ("limit=5&limit=6", "limit", "more than once"),
        ("outcome=sold", "outcome", "Invalid enum value"),
        ("outcome=null", "outcome", "Invalid enum value"),
    ],
)
def test_errors_name_the_parameter(desk: Desk, query: str, parameter: str, words: str) -> None:
    (fault,) = problem(desk.get(f"/decisions?{query}"), Kind.INVALID)["errors"]
    assert fault["parameter"] == parameter
    assert words in fault["detail"]


def test_a_fault_of_ours_and_a_store_that_fails_say_nothing_of_our_insides(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_arguments: Any) -> Any:
        raise RuntimeError("/secret/path")

    monkeypatch.setattr(desk.parts.view, "people_met", fails)
    answer = desk.get("/customers")
    assert "/secret/path" not in str(problem(answer, Kind.INTERNAL))

    def damaged(*_arguments: Any) -> Any:
        raise StoreDamaged("/secret/path: is damaged")

    monkeypatch.setattr(desk.parts.view, "people_met", damaged)
    answer = desk.get("/customers")
    assert "/secret/path" not in str(problem(answer, Kind.UNAVAILABLE))
    assert answer.headers["retry-after"] == "5"


def test_the_disk_full_and_too_much_waiting_are_put_off(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(desk.parts.log, "append", full)
    answer = desk.post("/events", {"events": [{"name": "x", "user_id": "ana"}]})
    assert "send them again" in problem(answer, Kind.UNAVAILABLE)["detail"]
    assert int(answer.headers["retry-after"]) > 0


def test_every_kind_of_problem_is_documented_as_it_is(desk: Desk) -> None:
    text, page = DOCS.read_text(encoding="utf-8"), desk.http.get("/api/docs").text
    for kind in Kind:
        assert f"| `{kind.slug}` | {kind.status} | {kind.title} |" in text
        assert f'id="problem-{kind.slug}"' in page
    assert set(re.findall(r"^\| `([a-z-]+)` \| \d{3} \|", text, re.MULTILINE)) == {kind.slug for kind in Kind}
