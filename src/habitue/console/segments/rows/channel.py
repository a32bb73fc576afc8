"""Whether a message could reach them, and whether they said yes to it."""

from __future__ import annotations

from habitue.console.segments.rows.row import Field, Kind, Row, given, needed
from habitue.console.segments.rows.values import quoted
from habitue.playbook.conditions.tree import Consents, Node, Not, Reachable


def read(node: Node) -> Row | None:
    match node:
        case Reachable(channel=channel):
            return _row("reachable", channel)
        case Not(item=Reachable(channel=channel)):
            return _row("not reachable", channel)
        case Consents(channel=channel, topic=topic):
            return _row("consents", channel, topic)
        case Not(item=Consents(channel=channel, topic=topic)):
            return _row("not consents", channel, topic)
    return None


def _row(how: str, channel: str, topic: str = "") -> Row:
    return {"how": how, "channel": channel, "topic": topic}


def write(row: Row) -> str:
    how, channel = given(row, "how"), quoted(needed(row, "channel", "choose a channel"))
    if how.endswith("reachable"):
        return f"{'not ' if how.startswith('not') else ''}reachable({channel})"
    topic = given(row, "topic")
    return f"{'not ' if how.startswith('not') else ''}consents({channel}{f', topic={quoted(topic)}' if topic else ''})"


KIND = Kind(
    name="channel",
    title="Reach and consent",
    icon="send",
    fields=(
        Field(
            "how",
            "choice",
            "What is asked",
            options=(
                ("reachable", "can be reached by"),
                ("not reachable", "cannot be reached by"),
                ("consents", "said yes to"),
                ("not consents", "did not say yes to"),
            ),
        ),
        Field("channel", "names", "Channel", suggests="channels"),
        Field(
            "topic",
            "names",
            "Topic",
            suggests="topics",
            ahead="about",
            placeholder="any topic",
            when=("how", ("consents", "not consents")),
        ),
    ),
    blank={"how": "reachable", "channel": "email", "topic": ""},
    read=read,
    write=write,
)
