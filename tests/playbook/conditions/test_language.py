"""The language as data is whole: nothing the parser knows is missing from it, and each example is one."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest
from tests.playbook.small import loaded

from habitue.playbook.conditions import KNOWN_EVENTS, Names, parse
from habitue.playbook.conditions.facts import FACTS
from habitue.playbook.conditions.language import Word, language
from habitue.playbook.conditions.paths import ANYWHERE, CALLS, ROOTS
from habitue.playbook.conditions.shapes import RFM_FIELDS
from habitue.playbook.conditions.tree import Comparison
from habitue.playbook.conditions.windows import KEYWORDS, PERIODS

LANGUAGE = language(Names(), {})
EXAMPLES = [word.example for word in (*LANGUAGE.functions, *LANGUAGE.operators, *LANGUAGE.windows)]


@pytest.mark.parametrize("example", EXAMPLES)
def test_each_example_is_a_condition(example: str) -> None:
    parse(example)


def test_each_example_shows_its_word() -> None:
    for function in LANGUAGE.functions:
        assert f"{function.name}(" in function.example
    for word in (*LANGUAGE.operators, *LANGUAGE.windows):
        assert word.name in word.example


def test_every_function_is_there_with_its_signature() -> None:
    assert tuple(function.name for function in LANGUAGE.functions) == CALLS
    assert {function.name for function in LANGUAGE.functions if function.in_filters} == set(ANYWHERE)
    assert all(function.signature.startswith(f"{function.name}(") for function in LANGUAGE.functions)


def test_every_name_is_there() -> None:
    names = [name.name for name in LANGUAGE.names]
    assert {name.partition(".")[0] for name in names} == set(ROOTS)
    assert {f"rfm.{field}" for field in RFM_FIELDS} <= set(names)
    for of, fields in FACTS.items():
        for field in fields:
            assert f"{of}.{field}" in names


def test_every_operator_window_period_and_event_is_there() -> None:
    assert set(get_args(Comparison)) < {word.name for word in LANGUAGE.operators}
    assert tuple(word.name for word in LANGUAGE.windows) == KEYWORDS
    assert LANGUAGE.periods == PERIODS
    assert {word.name for word in LANGUAGE.events} == KNOWN_EVENTS
    assert Word("Product Viewed", "looked at a product") in LANGUAGE.events


def test_every_word_has_its_sentence() -> None:
    for word in (*LANGUAGE.functions, *LANGUAGE.names, *LANGUAGE.operators, *LANGUAGE.windows, *LANGUAGE.events):
        assert word.says


def test_what_the_playbook_defines_is_among_it() -> None:
    playbook = loaded()
    own = language(playbook.names, {name: one.title for name, one in playbook.segments.items()}).own
    assert own["segments"] == {"dormant": "Dormant"}
    assert own["topics"] == ["offers"]
    assert "mothers_day" in own["occasions"]
    assert "champions" in own["rfm_groups"]
    groups = next(name for name in language(playbook.names, {}).names if name.name == "rfm.group")
    assert groups.values == tuple(own["rfm_groups"])


def test_it_is_json() -> None:
    written = msgspec.json.decode(msgspec.json.encode(LANGUAGE))
    assert written["functions"][0]["is"] == "number"
