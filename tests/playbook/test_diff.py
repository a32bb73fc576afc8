"""What a change of a playbook means: told field by field, and only where something is meant otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.playbook.small import HEAD, SEGMENTS, journey_with, loaded

from habitue.model.instant import SECOND
from habitue.model.message import Message
from habitue.playbook.conditions import Condition, parse
from habitue.playbook.diff import Changes, Difference, diff
from habitue.playbook.journey import Journey
from habitue.playbook.load import load
from habitue.playbook.playbook import Channel, Playbook, Segment, Topic
from habitue.playbook.saying import NOT_MEANT
from habitue.run.playbook_files import read_directory

GIFTSHOP = load(read_directory(Path(__file__).parents[2] / "playbooks" / "giftshop"))
STEPS = """
- wait: 1h
  id: pause
- if: did("Order Completed")
  id: asked
  then:
    - send: hello
  otherwise:
    - exit
"""


def told(changes: Changes) -> list[tuple[str, str, str]]:
    return [(edit.how, edit.what, edit.name) for edit in changes.edits]


def only_field(before: Playbook, after: Playbook) -> Difference:
    (edit,) = diff(before, after).edits
    (field,) = edit.fields
    return field


def test_a_playbook_means_what_it_means() -> None:
    assert diff(GIFTSHOP, GIFTSHOP) == Changes()


def test_layout_comments_and_defaults_spelt_out_are_no_change() -> None:
    laid_out = """\
        # Who sleeps.
        dormant:
          condition: |
            not (   # sic
              did("Order Completed", within="180d")
            )
          title: "Dormant"
        """
    assert diff(loaded(), loaded(segments=laid_out)) == Changes()
    spelt_out = journey_with("- send: hello", more="reentry: always\nruns_max: 10\n")
    assert diff(loaded(), loaded(journey=spelt_out)) == Changes()


def test_a_condition_is_told_as_text_and_in_plain_english() -> None:
    after = loaded(segments=SEGMENTS.replace("180d", "90d"))
    field = only_field(loaded(), after)
    assert field.field == "condition"
    assert (field.before, field.after) == (
        'not did("Order Completed", within="180d")',
        'not did("Order Completed", within="90d")',
    )
    assert field.after_plain.startswith("has not ordered in the last 90 days")


def test_what_comes_and_goes_is_told_by_name() -> None:
    keen = 'keen: {title: Keen, condition: did("Product Viewed")}\n'
    both = loaded(segments=SEGMENTS + keen)
    assert told(diff(loaded(), both)) == [("added", "segment", "keen")]
    assert told(diff(both, loaded())) == [("removed", "segment", "keen")]
    assert diff(None, loaded()).summary() == (
        "playbook added, shop added, 2 channels added, 1 topic added, identity added, guard added, rfm added, "
        "lifecycle added, 1 segment added, 1 message added, 1 journey added"
    )


def test_a_new_name_for_the_same_thing_is_a_rename() -> None:
    (edit,) = diff(loaded(), loaded(segments=SEGMENTS.replace("dormant:", "asleep:"))).edits
    assert (edit.how, edit.was, edit.name, edit.fields) == ("renamed", "dormant", "asleep", ())
    changed_too = SEGMENTS.replace("dormant:", "asleep:").replace("180d", "90d")
    assert told(diff(loaded(), loaded(segments=changed_too))) == [
        ("added", "segment", "asleep"),
        ("removed", "segment", "dormant"),
    ]


def test_a_renamed_journey_says_that_its_splits_draw_anew() -> None:
    split = "- split: {a: {weight: 1, then: [{send: hello}]}, b: {weight: 1, then: []}}"
    before = loaded(journey=journey_with(split))
    after = loaded(journey=journey_with(split).replace("journey: greet", "journey: meet"))
    (edit,) = diff(before, after).edits
    assert (edit.how, edit.was) == ("renamed", "greet")
    assert [(field.field, field.before, field.after) for field in edit.fields] == [
        ("step split_1: salt", "greet.split_1", "meet.split_1")
    ]


@pytest.mark.parametrize(
    ("change", "field", "before", "after"),
    [
        (("wait: 1h", "wait: 2h"), "step pause: for", "1 hour", "2 hours"),
        (("- exit", "- set: {seen: 1}\n    - exit"), "step set_1", None, "set trait seen 1"),
        (("    - exit", "    []"), "step exit_1", "exit", None),
        (("did(", "not did("), "step asked: branch yes", 'did("Order Completed")', 'not did("Order Completed")'),
        (
            ("- send: hello", "- send: hello\n      channels: onsite"),
            "step send_hello: channels",
            "email, onsite",
            "onsite",
        ),
        (("  then:", "  otherwise:"), None, None, None),
    ],
    ids=["timing", "added", "removed", "condition", "channels", "moved"],
)  # fmt: skip
def test_steps_are_told_by_their_names(
    change: tuple[str, str], field: str | None, before: str | None, after: str | None
) -> None:
    old = loaded(journey=journey_with(STEPS))
    if field is None:
        swapped = STEPS.replace("then:", "…").replace("otherwise:", "then:").replace("…", "otherwise:")
        (edit,) = diff(old, loaded(journey=journey_with(swapped))).edits
        assert [(one.field, one.before, one.after) for one in edit.fields] == [
            ("step exit_1: place", "asked otherwise", "asked yes"),
            ("step send_hello: place", "asked yes", "asked otherwise"),
        ]
        return
    found = only_field(old, loaded(journey=journey_with(STEPS.replace(*change))))
    assert (found.field, found.before, found.after) == (field, before, after)


def test_steps_that_changed_places_are_told_in_order() -> None:
    before = loaded(journey=journey_with("- wait: 1h\n- send: hello"))
    after = loaded(journey=journey_with("- send: hello\n- wait: 1h"))
    field = only_field(before, after)
    assert (field.field, field.before, field.after) == ("order of steps", "wait_1, send_hello", "send_hello, wait_1")


def test_a_cap_is_one_line_of_what_it_is_about() -> None:
    guard = msgspec.structs.replace(GIFTSHOP.guard, caps=tuple(
        msgspec.structs.replace(cap, limit=cap.limit + 1) for cap in GIFTSHOP.guard.caps
    ))  # fmt: skip
    (edit,) = diff(GIFTSHOP, msgspec.structs.replace(GIFTSHOP, guard=guard)).edits
    assert [(field.field, field.before, field.after) for field in edit.fields] == [
        ("cap on email within 1 day", "at most 2", "at most 3"),
        ("cap on email within 7 days", "at most 4", "at most 5"),
        ("cap over all channels within 7 days", "at most 8", "at most 9"),
    ]


def test_entries_are_told_in_a_sentence() -> None:
    after = loaded(journey=journey_with("- send: hello", entry="{event: Product Viewed, where: price > 20}"))
    field = only_field(loaded(), after)
    assert (field.before, field.after) == ("Product Viewed", "Product Viewed where price > 20")
    assert field.after_plain == "Product Viewed where price is more than 20"


OTHER = parse('did("Nothing")')


def altered(value: Any) -> Iterator[Any]:
    """The value with one thing in it otherwise, for each thing in it."""
    match value:
        case Condition():
            yield OTHER
        case msgspec.Struct():
            for name in value.__struct_fields__:
                named_elsewhere = name == "name" and isinstance(value, Channel | Topic | Segment | Message | Journey)
                if name not in NOT_MEANT and not named_elsewhere:
                    for other in altered(getattr(value, name)):
                        yield msgspec.structs.replace(value, **{name: other})
        case dict():
            for key, inner in value.items():
                yield {name: one for name, one in value.items() if name != key}
                for other in altered(inner):
                    yield value | {key: other}
        case tuple():
            if len(value) > 1:
                yield value[:-1]
            for index, inner in enumerate(value):
                for other in altered(inner):
                    yield (*value[:index], other, *value[index + 1 :])
        case bool():
            yield not value
        case int():
            yield value + (SECOND if value >= SECOND else 1)
        case str():
            yield value + "x"


def test_whatever_is_meant_otherwise_is_told() -> None:
    """Every field of every definition of the gift shop, one at a time: nothing can change unseen."""
    count = 0
    for other in altered(GIFTSHOP):
        assert diff(GIFTSHOP, other).edits
        count += 1
    assert count > 300


def test_the_same_changes_are_told_in_the_same_order() -> None:
    files = read_directory(Path(__file__).parents[2] / "playbooks" / "giftshop")
    backwards = load(dict(reversed(files.items())))
    assert diff(None, GIFTSHOP) == diff(None, backwards)
    assert msgspec.json.decode(msgspec.json.encode(diff(None, GIFTSHOP)), type=Changes) == diff(None, GIFTSHOP)


def test_an_occasion_of_ones_own_is_told_by_country() -> None:
    own = "occasions:\n  our_day: {GB: 06-01, TR: 07-01}\n"
    before = loaded(head=HEAD + own)
    assert told(diff(loaded(), before)) == [("added", "occasion", "our_day")]
    field = only_field(before, loaded(head=HEAD + own.replace("06-01", "06-02")))
    assert (field.field, field.before, field.after) == ("GB", "06-01", "06-02")


def test_bands_are_told_in_lengths_of_time() -> None:
    before = loaded(head=HEAD + "lifecycle: {dormant_after: 182d}\n")
    field = only_field(before, loaded(head=HEAD + "lifecycle: {dormant_after: 150d}\n"))
    assert (field.field, field.before, field.after) == ("dormant after", "182 days", "150 days")
