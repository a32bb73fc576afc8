"""The YAML a playbook is written in: plain, bounded, and every node knows its place."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from habitue.playbook.source import DEPTH_MAX, TEXT_MAX, SourceError, compose, place_in, plain

REFUSED = [
    ("a: &x 1\nb: *x\n", 1, "anchors and aliases (& and *) are not taken here; write it out"),
    ("a: !!python/object:os.system {}\n", 1, "are not taken here; leave it out"),
    ("a:\n\tb: 1\n", 2, "a tab; YAML is indented with spaces"),
    ("a: 1\n---\nb: 2\n", 2, 'a second document starts here ("---"); one file holds one'),
    ("a: b: c\n", 1, 'a colon where none may be; put the text in quotes, or on its own lines after "|"'),
    ("a: [1, 2\n", 2, "expected"),
    ("a: 1\nb: \x07\n", 2, "a character that YAML does not allow"),
    ("", 1, "the file is empty"),
    ("# nothing\n", 1, "the file is empty"),
    ("[" * (DEPTH_MAX + 5), 1, f"nested deeper than {DEPTH_MAX} levels"),
    ("a" * (TEXT_MAX + 1), 1, "are taken"),
]


@pytest.mark.parametrize(("text", "line", "said"), REFUSED, ids=[said[:30] for _, _, said in REFUSED])
def test_what_is_no_plain_yaml_is_refused_with_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(SourceError) as error:
        compose("file.yaml", text)
    assert error.value.problem.line == line
    assert said in error.value.problem.text


def test_scalars_are_read_as_people_mean_them() -> None:
    text = "time: 08:30\nword: on\nno: no\nnumber: 1.5\nwhole: 12\nquoted: '12'\nyes: true\nnothing: null\nempty:\n"
    assert plain(compose("file.yaml", text)) == {
        "time": "08:30",
        "word": "on",
        "no": "no",
        "number": 1.5,
        "whole": 12,
        "quoted": "12",
        "yes": True,
        "nothing": None,
        "empty": None,
    }


STYLES = [
    "a: one two XX four",
    "a: 'one ''two'' XX four'",
    'a: "one\\n \\"two\\" XX four"',
    "a: |\n  one\n    two\n  XX four",
    "a: >-\n    one\n    two\n\n    XX four",
    "a: one\n  two\n  XX four",
    'a: "one\n  two\n  XX four"',
    "b: 1\nc:\n  a: |\n\n    one\n\n    XX four",
]


@pytest.mark.parametrize("text", STYLES)
def test_a_place_in_a_value_is_a_place_in_the_file(text: str) -> None:
    node = compose("file.yaml", text)
    while not isinstance(node, yaml.ScalarNode):
        node = node.value[-1][1]
    before = text[: text.index("XX")]
    expected = (before.count("\n") + 1, len(before) - before.rfind("\n"))
    assert place_in(node, node.value.index("XX"), text) == expected


@given(st.text(max_size=200))
def test_any_text_is_either_yaml_or_refused(text: str) -> None:
    try:
        compose("file.yaml", text)
    except SourceError as error:
        assert error.problem.line >= 1
