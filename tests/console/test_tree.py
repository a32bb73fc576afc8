"""The picture of a journey: which ways come together again, and how wide it is."""

from __future__ import annotations

from habitue.console.journeys.tree import Arm, Node, columns, ends
from habitue.console.sparkline import points
from habitue.console.wording import Sign


def node(*arms: Arm, is_last: bool = False) -> Node:
    return Node("n", "", "", Sign("x", "calm"), arms, is_last)


def arm(*nodes: Node) -> Arm:
    return Arm("", "", nodes, is_open=not ends(nodes))


def test_a_way_ends_at_a_goal_or_where_all_its_arms_end() -> None:
    goal = node(is_last=True)
    assert not ends([])
    assert not ends([node()])
    assert ends([node(), goal])
    assert ends([node(arm(goal), arm(goal))])
    assert not ends([node(arm(goal), arm())])


def test_the_width_is_that_of_the_widest_fork() -> None:
    fork = node(arm(node()), arm(node()))
    assert columns([node(), node()]) == 1
    assert columns([node(), fork]) == 2
    assert columns([node(arm(fork), arm(node()), arm())]) == 4


def test_a_sparkline_fills_its_box() -> None:
    assert points([]) == ""
    assert points([1, 3, 2]) == "0.0,25.0 50.0,3.0 100.0,14.0"
    assert points([5, 5]) == "0.0,14.0 100.0,14.0"
    assert points([0, 0]) == "0.0,25.0 100.0,25.0"
