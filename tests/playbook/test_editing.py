"""Edits in a playbook's files: only what changes is written anew, and the rest stays as its author left it."""

from __future__ import annotations

import difflib
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.playbook.small import files

from habitue.playbook.built_in import GIVEN
from habitue.playbook.editing import EditError, put_segment, remove_segment
from habitue.playbook.load import load
from habitue.run.playbook_files import read_directory

GIFTSHOP = read_directory(Path(__file__).parents[2] / "playbooks" / "giftshop")
TEXT = """\
# Who is who.

# They sleep.
dormant:
    title:   "Asleep"      # shown in the console
    # Half a year, the owner says.
    condition: not did("Order Completed", within="180d")   # calendar? no

# Looks a lot.
keen: {title: Keen, condition: 'count("Product Viewed") >= 3'}

till:
    description: >
      They came as far
      as the till.
    title: 'Ann''s till'
    condition: |  # by hand
      did("Checkout Started", within="1d")
      and not cart.is_empty
    # End of it.

# The end.
"""


def segments(text: str = TEXT) -> dict[str, str]:
    return files(segments=text)


def touched(before: str, after: str) -> list[str]:
    """The lines that went (`-`) and came (`+`)."""
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line for line in lines if line[0] in "+-"]


def put(name: str, title: str, condition: str, description: str = "", text: str = TEXT) -> list[str]:
    edited = put_segment(segments(text), name, title, condition, description)
    segment = load(edited).segments[name]
    assert (segment.title, segment.condition.text.strip(), segment.description.strip()) == (
        title, condition, description
    )  # fmt: skip
    return touched(text, edited["segments.yaml"])


def test_a_segment_put_as_it_is_changes_no_byte() -> None:
    for name, segment in load(GIFTSHOP).segments.items():
        same = put_segment(GIFTSHOP, name, segment.title, segment.condition.text, segment.description)
        assert same == GIFTSHOP


def test_one_field_changes_one_line_and_keeps_its_comment() -> None:
    assert put("dormant", "Asleep", 'not did("Order Completed", within="90d")') == [
        '-     condition: not did("Order Completed", within="180d")   # calendar? no',
        '+     condition: not did("Order Completed", within="90d")   # calendar? no',
    ]


def test_quotes_stay_as_they_were() -> None:
    assert put("dormant", "Gone: asleep", 'not did("Order Completed", within="180d")') == [
        '-     title:   "Asleep"      # shown in the console',
        '+     title:   "Gone: asleep"      # shown in the console',
    ]
    unchanged = 'did("Checkout Started", within="1d")\nand not cart.is_empty'
    assert put("till", "Ben's till", unchanged, "They came as far as the till.") == [
        "-     title: 'Ann''s till'",
        "+     title: 'Ben''s till'",
    ]


def test_what_stands_in_braces_stays_in_braces() -> None:
    assert put("keen", "Keen", 'count("Product Viewed") >= 5', "Looks, and looks") == [
        "- keen: {title: Keen, condition: 'count(\"Product Viewed\") >= 3'}",
        "+ keen: {title: Keen, description: 'Looks, and looks', condition: 'count(\"Product Viewed\") >= 5'}",
    ]


def test_a_condition_of_many_lines_becomes_a_block_and_a_block_stays_one() -> None:
    assert put("dormant", "Asleep", 'did("Order Completed")\nand cart.is_empty') == [
        '-     condition: not did("Order Completed", within="180d")   # calendar? no',
        "+     condition: |   # calendar? no",
        '+       did("Order Completed")',
        "+       and cart.is_empty",
    ]
    assert put("till", "Ann's till", "cart.is_empty", "They came as far as the till.") == [
        '-       did("Checkout Started", within="1d")',
        "-       and not cart.is_empty",
        "+       cart.is_empty",
    ]


def test_a_new_segment_comes_last_and_looks_like_the_others() -> None:
    assert put("rich", "Rich: very", 'sum("Order Completed", total) >= 1000', "They spend # much") == [
        "+ ",
        "+ rich:",
        "+     title: 'Rich: very'",
        "+     description: 'They spend # much'",
        '+     condition: sum("Order Completed", total) >= 1000',
    ]


def test_the_first_segment_makes_the_file() -> None:
    without = {path: text for path, text in files().items() if path != "segments.yaml"}
    made = put_segment(without, "keen", "Keen", "cart.is_empty")
    assert made["segments.yaml"] == "keen:\n  title: Keen\n  condition: cart.is_empty\n"
    for nothing in ("{}\n", "# Nobody yet.\n", "# Nobody yet.\n{}\n"):
        assert "keen" in load(put_segment(segments(nothing), "keen", "Keen", "cart.is_empty")).segments


def test_a_description_taken_away_takes_its_lines_alone() -> None:
    condition = 'did("Checkout Started", within="1d")\nand not cart.is_empty'
    assert put("till", "Ann's till", condition) == [
        "-     description: >",
        "-       They came as far",
        "-       as the till.",
    ]


@pytest.mark.parametrize(
    ("name", "begins", "ends"),
    [
        ("dormant", "# They sleep.", "# Looks a lot."),
        ("keen", "# Looks a lot.", "till:"),
        ("till", "till:", "# The end."),
    ],
)
def test_a_segment_goes_with_its_own_comments_and_no_others(name: str, begins: str, ends: str) -> None:
    edited = remove_segment(segments(), name)
    assert name not in load(edited).segments
    assert edited["segments.yaml"] == TEXT[: TEXT.index(begins)] + TEXT[TEXT.index(ends) :]


def test_when_the_last_segment_goes_the_comments_stay() -> None:
    edited = remove_segment(segments("# Who is who.\n\nkeen: {title: Keen, condition: cart.is_empty}\n"), "keen")
    assert edited["segments.yaml"] == "# Who is who.\n\n{}\n"
    assert load(edited).segments == {}


def test_what_is_not_there_cannot_be_removed() -> None:
    with pytest.raises(EditError, match='no segment "rich"'):
        remove_segment(segments(), "rich")


def test_a_layout_that_cannot_be_edited_is_left_alone() -> None:
    odd = "? keen\n: title: Keen\n  condition: cart.is_empty\n"
    with pytest.raises(EditError, match="by hand"):
        remove_segment(segments(odd), "keen")


words = st.text(min_size=1).filter(lambda text: text.strip() == text)
LAYOUTS = (TEXT, "{}", "keen: {title: Keen, condition: cart.is_empty}\n", dedent(TEXT).replace("    ", "  "))


@given(
    st.sampled_from(LAYOUTS),
    st.sampled_from(["dormant", "keen", "till", "fresh"]),
    words,
    st.one_of(st.just(""), words),
)
@example(TEXT, "keen", "yes: [no", "- {a: b}, # c")
@example(TEXT, "till", "null", "~")
def test_any_words_come_back_as_they_were_put(text: str, name: str, title: str, description: str) -> None:
    edited = put_segment(segments(text), name, title, "cart.is_empty", description)
    found = load(edited).segments
    assert (found[name].title, found[name].description.strip()) == (title, description)
    others = {one: (two.title, two.condition) for one, two in load(segments(text)).segments.items() if one != name}
    assert {one: (two.title, two.condition) for one, two in found.items() if one != name} == others
    assert name not in load(remove_segment(edited, name)).segments


def test_a_built_in_segment_that_is_changed_is_written_out() -> None:
    before = {"segments.yaml": "# Ours.\nlost: built_in  # as it comes\nfirst_time: built_in\n"}
    known = GIVEN["first_time"]
    same = put_segment(before, "first_time", known.title, known.condition, known.description)
    assert same == before
    after = put_segment(before, "first_time", "Newcomers", 'count("Order Completed") == 1', "")
    assert after["segments.yaml"] == (
        "# Ours.\nlost: built_in  # as it comes\n"
        'first_time:\n  title: Newcomers\n  condition: count("Order Completed") == 1\n'
    )
