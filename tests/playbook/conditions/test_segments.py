"""Segments may name segments, as long as it ends somewhere."""

from __future__ import annotations

from itertools import pairwise

import pytest

from habitue.playbook.conditions import Condition, ConditionError, check_segments, find_circle, parse


def segments(**texts: str) -> dict[str, Condition]:
    return {name: parse(text) for name, text in texts.items()}


def test_a_circle_is_told_with_its_path() -> None:
    round_trip = segments(
        start='segment("one") and trait.a',
        one='segment("fine") or segment("two")',
        two='trait.b and not segment("three")',
        three='segment("one")',
        fine="trait.c",
    )
    assert find_circle(round_trip) == ("one", "two", "three", "one")
    with pytest.raises(ConditionError, match="in a circle: one → two → three → one; one of them must not"):
        check_segments(round_trip)


def test_a_segment_may_not_name_itself() -> None:
    assert find_circle(segments(one='trait.a or segment("one")')) == ("one", "one")


def test_two_ways_to_one_segment_are_no_circle() -> None:
    both = segments(a='segment("b") and segment("c")', b='segment("d")', c='segment("d") or segment("b")', d="trait.x")
    assert find_circle(both) is None
    check_segments(both)


def test_a_segment_that_is_not_there_is_told_with_the_nearest() -> None:
    with pytest.raises(ConditionError, match=r'segment "a": unknown segment "regular". Did you mean "regulars"'):
        check_segments(segments(a='segment("regular")', regulars="trait.x"))


def test_a_long_circle_and_a_long_chain_do_not_exhaust_us() -> None:
    chain = {f"s{index}": parse(f'segment("s{index + 1}")') for index in range(3_000)}
    circle = find_circle(chain | {"s3000": parse('segment("s0")')})
    assert circle is not None
    assert len(circle) == 3_002
    with pytest.raises(ConditionError, match="deep; at most 8 are taken"):
        check_segments(chain | {"s3000": parse("trait.x")})


def test_segments_that_double_at_each_step_are_refused() -> None:
    wide = " or ".join(['segment("inner")', 'segment("inner")', 'segment("inner")', 'segment("inner")'])
    names = ["s0", "s1", "s2", "s3", "s4", "s5", "s6"]
    doubling = {name: parse(wide.replace("inner", after)) for name, after in pairwise(names)}
    with pytest.raises(ConditionError, match="parts with its segments"):
        check_segments(doubling | {"s6": parse("trait.x")})
