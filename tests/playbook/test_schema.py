"""The JSON Schema for editors: valid itself, and of one mind with the loader."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from habitue.playbook.form import Field, Form
from habitue.playbook.journeys import ENTRIES, INACTION
from habitue.playbook.load import kind_of
from habitue.playbook.schema import FILES, schema
from habitue.playbook.signals import SIGNAL
from habitue.playbook.source import compose, plain
from habitue.playbook.steps import BRANCH, SHARE, VERBS

from .small import HEAD, HELLO, JOURNEY, SEGMENTS

GIFTSHOP = Path(__file__).parents[2] / "playbooks" / "giftshop"
GIFTSHOP_FILES = sorted(path for path in GIFTSHOP.rglob("*.yaml"))


@pytest.mark.parametrize("kind", [None, *FILES])
def test_the_schema_is_a_schema(kind: str | None) -> None:
    Draft202012Validator.check_schema(schema(kind))


@pytest.mark.parametrize("path", GIFTSHOP_FILES, ids=lambda path: path.name)
def test_the_gift_shop_fits_the_schema(path: Path) -> None:
    kind = kind_of(path.relative_to(GIFTSHOP).as_posix())
    Draft202012Validator(schema(kind)).validate(plain(compose(path.name, path.read_text(encoding="utf-8"))))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("playbook", HEAD.replace("limit: 4", "limit: many")),
        ("segments", SEGMENTS.replace("condition", "conditon")),
        ("message", HELLO.replace("banner", "flag")),
        ("journey", JOURNEY.replace("send", "sned")),
    ],
)
def test_what_the_loader_refuses_the_schema_refuses(kind: str, text: str) -> None:
    assert not Draft202012Validator(schema(kind)).is_valid(plain(compose("file.yaml", text)))


def test_every_property_of_the_schema_is_known_to_the_loader_and_the_other_way_round() -> None:
    described = {name for part in _objects(schema()) for name in part.get("properties", {})}
    read = {field.name for form in _forms() for field in form.fields}
    assert described == read


def test_every_property_has_its_sentence() -> None:
    for part in _objects(schema()):
        for name, value in part.get("properties", {}).items():
            assert value.get("description"), name


def _objects(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if node.get("type") == "object":
            yield node
        for value in node.values():
            yield from _objects(value)
    elif isinstance(node, list):
        for value in node:
            yield from _objects(value)


def _forms() -> Iterator[Form[Any]]:
    """Every form the loader reads with, found by following their fields."""
    waiting: list[object] = [*FILES.values(), *ENTRIES.values(), *VERBS.values(), INACTION, SIGNAL, BRANCH, SHARE]
    seen: list[object] = []
    while waiting:
        found = waiting.pop()
        if found in seen:
            continue
        seen.append(found)
        if isinstance(found, Form):
            yield found
            waiting.extend(found.fields)
        elif isinstance(found, Field) or hasattr(found, "kind"):
            waiting.append(found.kind)
