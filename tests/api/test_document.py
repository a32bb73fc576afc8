"""The OpenAPI document and the page made of it: complete, true, and nothing from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from habitue.api.openapi import document
from habitue.api.operation import BASE, Nothing, Operation
from habitue.api.problems import Kind
from habitue.api.reference import POLICY, page
from habitue.api.routes import OPERATIONS
from habitue.model.api_key import SENTENCES

from .desk import Desk

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
DOCUMENT = document(OPERATIONS, "https://habitue.shop.example")


def written(operation: Operation[Any, Any]) -> Any:
    return DOCUMENT["paths"][operation.path][operation.method.lower()]


def test_the_document_and_the_page_are_served(desk: Desk) -> None:
    served = desk.http.get("/api/openapi.json")
    assert served.json()["openapi"] == "3.1.0"
    html = desk.http.get("/api/docs")
    assert html.headers["content-security-policy"] == POLICY
    assert html.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_every_operation_is_written_down_with_its_scope_and_errors(operation: Operation[Any, Any]) -> None:
    said = written(operation)
    assert said["operationId"] == operation.id
    assert said["security"] == [{"apiKey": [] if operation.scope is None else [operation.scope.value]}]
    assert {"401", "405", "422", "429", "500", "503", str(operation.status)} <= set(said["responses"])
    assert ("403" in said["responses"]) == (operation.scope is not None)
    assert operation.summary


@pytest.mark.parametrize(
    "operation", [one for one in OPERATIONS if one.body is not Nothing], ids=lambda operation: operation.id
)
def test_every_body_has_an_example_that_both_the_schema_and_the_reader_take(operation: Operation[Any, Any]) -> None:
    content = written(operation)["requestBody"]["content"]["application/json"]
    jsonschema.validate(content["example"], {**content["schema"], "components": DOCUMENT["components"]})
    msgspec.convert(content["example"], operation.body)


def test_names_are_unique() -> None:
    assert len({operation.id for operation in OPERATIONS}) == len(OPERATIONS)
    assert len({(operation.method, operation.path) for operation in OPERATIONS}) == len(OPERATIONS)


def test_the_page_leads_everywhere_and_loads_nothing() -> None:
    html = page(DOCUMENT)
    anchors = set(re.findall(r'id="([^"]+)"', html))
    links = set(re.findall(r'href="#([^"]+)"', html))
    assert links <= anchors, links - anchors
    assert {operation.id for operation in OPERATIONS} | {f"problem-{kind.slug}" for kind in Kind} <= anchors
    assert re.findall(r"(?:src|href)=\"(?!#|data:,|/api/)[^\"]*", html) == []
    assert "<script" not in html
    assert "url(" not in html


def test_the_guide_names_every_address_and_scope() -> None:
    for operation in OPERATIONS:
        assert f"`{operation.method} {operation.path}`" in GUIDE, f"docs/api.md: {operation.method} {operation.path}"
    for scope, sentence in SENTENCES.items():
        assert f"| `{scope.value}` | {sentence} |" in GUIDE
    assert f"under `{BASE}/`" in GUIDE
