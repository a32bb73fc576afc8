"""From the text of a playbook's files to one checked `Playbook`, or to everything that is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec
import yaml

from habitue.model.message import CHANNELS, Message
from habitue.playbook import source
from habitue.playbook.conditions import ConditionError, Names, check_segments, find_circle
from habitue.playbook.form import Form, Kind, Mention, Page
from habitue.playbook.journey import Journey, SendStep, Step
from habitue.playbook.journeys import JOURNEY, may_have_event
from habitue.playbook.lifecycle import STAGES
from habitue.playbook.messages import MESSAGE
from habitue.playbook.occasions import OCCASIONS
from habitue.playbook.playbook import Playbook, Segment
from habitue.playbook.problem import PlaybookError, Problem, unknown
from habitue.playbook.rfm import RfmRules
from habitue.playbook.segments import SEGMENTS
from habitue.playbook.shop import PLAYBOOK, Head
from habitue.playbook.steps import ABOUT_EVENT, WRITTEN_FOR, with_inner
from habitue.playbook.tables import MEASURED, Measured, rfm_note
from habitue.playbook.told_by_pages import events_by_message

HEAD_FILE = "playbook.yaml"
SEGMENTS_FILE = "segments.yaml"
MEASURED_FILE = "measured/rfm.yaml"
PATHS: dict[str, str] = {
    r"playbook\.yaml": "playbook",
    r"segments\.yaml": "segments",
    r"journeys/[^/]+\.yaml": "journey",
    r"messages/[^/]+\.yaml": "message",
    r"messages/[^/]+\.(mjml|txt)": "part",
    r"measured/rfm\.yaml": "measured",
}
"""What a playbook consists of: path → what stands in it."""

MessageCheck: TypeAlias = Callable[[Message], Sequence[tuple[str, int, str]]]
"""What is wrong with a message's templates: (field such as `email.subject`; line, counted from 1; sentence)."""


def load(
    files: Mapping[str, str],
    *,
    check_message: MessageCheck | None = None,
    note_message: MessageCheck | None = None,
    version: int = 0,
) -> Playbook:
    """The playbook written in `files` (path → text). Raises PlaybookError with all problems at once.

    `check_message` is `habitue.content.check.check_message`, which this room may not import; without it templates are
    taken as they are, as is right for a playbook that was checked when it was applied. `note_message`, its neighbour
    `note_hearsay`, says where a message speaks of what only a page may have told.
    """
    reading = _Reading(files, check_message, note_message)
    playbook = reading.playbook(version)
    if playbook is None or reading.problems:
        raise PlaybookError(reading.problems)
    return playbook


def kind_of(path: str) -> str | None:
    """What a file of this path holds: `playbook`, `segments`, `journey`, `message`, `part`; None: not of a playbook."""
    return next((kind for pattern, kind in PATHS.items() if re.fullmatch(pattern, path)), None)


class _Reading:
    """One load: the files, and what they turn out to hold."""

    def __init__(
        self, files: Mapping[str, str], check_message: MessageCheck | None, note_message: MessageCheck | None
    ) -> None:
        self.files = dict(files)
        self.check_message = check_message
        self.note_message = note_message
        self.hearsay: dict[str, list[Problem]] = {}
        self.problems: list[Problem] = list(_path_problems(files))
        self.mentions: list[Mention] = []
        self.roots = dict(self._compose_all())
        self.names = Names(
            segments=_names_of(self.roots.get(SEGMENTS_FILE)),
            channels=frozenset(CHANNELS),
            topics=_names_of(_field(self.roots.get(HEAD_FILE), "topics")),
        )

    def playbook(self, version: int) -> Playbook | None:
        head: Head | None = self._read(HEAD_FILE, PLAYBOOK)
        if head is not None:
            self.names = _with_names_of(head, self.names)
        measured: Measured | None = self._read(MEASURED_FILE, MEASURED)
        segments: dict[str, Segment] = self._read(SEGMENTS_FILE, SEGMENTS) or {}
        messages: dict[str, Message] = self._folder("message", MESSAGE)
        journeys: dict[str, Journey] = self._folder("journey", JOURNEY)
        self.problems += _tangles(segments)
        self._look_up(head, messages)
        if head is None:
            return None
        return Playbook(
            name=head.name,
            shop=head.shop,
            version=version,
            channels=head.channels,
            topics=head.topics,
            guard=head.guard,
            identity=head.identity,
            rfm=_with_measured(head.rfm, measured),
            lifecycle=head.lifecycle,
            occasions=head.occasions,
            segments=segments,
            messages=messages,
            journeys={name: _with_channels(journey, messages) for name, journey in journeys.items()},
            files=self.files,
            notes=(*self._notes(head, measured), *self._hearsay(journeys)),
            **head.spans,
        )

    def _notes(self, head: Head, measured: Measured | None) -> Iterator[Problem]:
        text = rfm_note(head.rfm, measured)
        if text:
            bands = _field(_field(self.roots[HEAD_FILE], "rfm"), "bands")
            yield Problem(HEAD_FILE, *source.position(bands or self.roots[HEAD_FILE]), text)

    def _hearsay(self, journeys: Mapping[str, Journey]) -> Iterator[Problem]:
        """Notes on templates, of those messages that an event from a page can start."""
        for message, event in sorted(events_by_message(journeys.values()).items()):
            for note in self.hearsay.get(message, ()):
                yield msgspec.structs.replace(note, text=f'"{event}" may be told by any page: {note.text}')

    def _compose_all(self) -> Iterator[tuple[str, yaml.Node]]:
        for path in sorted(self.files):
            if kind_of(path) in (None, "part"):
                continue
            try:
                yield path, source.compose(path, self.files[path])
            except source.SourceError as error:
                self.problems.append(error.problem)

    def _read(self, path: str, kind: Kind[Any]) -> Any:
        root = self.roots.get(path)
        if root is None:
            return None
        entry_event = kind is JOURNEY and may_have_event(root)
        page = Page(path, self.files[path], files=self.files, names=self.names, entry_event=entry_event)
        value = kind.read(root, page)
        self.problems += page.problems
        self.mentions += page.mentions
        if self.check_message is not None and isinstance(value, Message):
            self.problems += _template_problems(self.check_message(value), page)
        if self.note_message is not None and isinstance(value, Message):
            self.hearsay[value.name] = list(_template_problems(self.note_message(value), page))
        return value

    def _folder(self, what: str, form: Form[Any]) -> dict[str, Any]:
        """Journeys or messages by name, in the order of their paths. A name is given once."""
        result: dict[str, Any] = {}
        first: dict[str, str] = {}
        for path, name, node in self._named(what):
            value = self._read(path, form)
            if name in first:
                text = f'the {what} "{name}" stands in {first[name]} already; give one of them another name'
                self.problems.append(Problem(path, *source.position(node), text))
            first.setdefault(name, path)
            if value is not None:
                result[value.name] = value
        return result

    def _named(self, what: str) -> Iterator[tuple[str, str, yaml.Node]]:
        """(path, name, where the name stands) of every file of a kind; the name is empty when there is none."""
        for path, root in self.roots.items():
            if kind_of(path) == what:
                node = _field(root, what)
                yield path, node.value if isinstance(node, yaml.ScalarNode) else path, node or root

    def _look_up(self, head: Head | None, messages: Mapping[str, Message]) -> None:
        """Every name that was used must have been defined. What is defined with mistakes in it counts as known."""
        defined = {
            "message": [name for _, name, _ in self._named("message")],
            "segment": sorted(self.names.segments or ()),
        }
        if head is not None:
            defined |= {"topic": list(head.topics), "channel": list(head.channels)}
        for mention in self.mentions:
            if mention.what in defined and mention.name not in defined[mention.what]:
                self.problems.append(mention.problem(unknown(mention.what, mention.name, defined[mention.what])))
            self.problems += _misfits(mention, messages)


def _path_problems(files: Mapping[str, str]) -> Iterator[Problem]:
    if HEAD_FILE not in files:
        yield Problem(HEAD_FILE, 1, 1, "this file is missing; a playbook begins with it")
    for path, text in files.items():
        if kind_of(path) is None:
            known = "playbook.yaml, segments.yaml, journeys/….yaml, messages/….yaml, .mjml and .txt"
            yield Problem(path, 1, 1, f"not a file of a playbook; expected {known}")
        elif len(text) > source.TEXT_MAX:
            yield Problem(path, 1, 1, f"the file has {len(text):,} characters; at most {source.TEXT_MAX:,} are taken")


def _with_names_of(head: Head, names: Names) -> Names:
    """What conditions may speak of, by what `playbook.yaml` says."""
    return msgspec.structs.replace(
        names,
        occasions=frozenset({*OCCASIONS, *head.occasions}),
        rfm_groups=frozenset(head.rfm.groups),
        lifecycle_stages=frozenset(STAGES),
    )


def _with_measured(rules: RfmRules, measured: Measured | None) -> RfmRules:
    """Until they are measured, the usual bands hold."""
    return msgspec.structs.replace(rules, bands=measured.bands) if rules.measured and measured is not None else rules


def _names_of(root: yaml.Node | None) -> frozenset[str]:
    """The keys of a table; none when it is not there, or no table."""
    if not isinstance(root, yaml.MappingNode):
        return frozenset()
    return frozenset(key.value for key, _ in root.value if isinstance(key, yaml.ScalarNode))


def _field(root: yaml.Node | None, name: str) -> yaml.Node | None:
    pairs = root.value if isinstance(root, yaml.MappingNode) else ()
    return next((value for key, value in pairs if key.value == name), None)


def _tangles(segments: Mapping[str, Segment]) -> Iterator[Problem]:
    """Segments that cannot be read one within the other."""
    conditions = {name: segment.condition for name, segment in segments.items()}
    circle = find_circle(conditions)
    if circle is not None:
        guilty = segments[circle[0]]
        text = f"segments name each other in a circle: {' → '.join(circle)}; one of them must not"
        yield Problem(guilty.file, guilty.line, 1, text)
        return
    try:
        check_segments(conditions)
    except ConditionError as error:
        yield Problem(SEGMENTS_FILE, 1, 1, error.message)


def _misfits(mention: Mention, messages: Mapping[str, Message]) -> Iterator[Problem]:
    """A message sent on a channel it is not written for, or about an event where there is none."""
    name, _, channel = mention.name.partition("/")
    message = messages.get(name)
    if message is None:
        return
    if mention.what == WRITTEN_FOR and channel not in message.channels:
        yield mention.problem(
            f'the message "{name}" says nothing for the channel "{channel}"; write it there, or leave it out'
        )
    if mention.what == ABOUT_EVENT and message.about is not None:
        yield mention.problem(
            f'the message "{name}" is about {message.about}, but this journey does not begin with an event'
        )


def _with_channels(journey: Journey, messages: Mapping[str, Message]) -> Journey:
    """A send that names no channels tries all that its message is written for."""

    def filled(steps: tuple[Step, ...]) -> tuple[Step, ...]:
        return tuple(with_inner(fill(step), filled) for step in steps)

    def fill(step: Step) -> Step:
        if isinstance(step, SendStep) and not step.channels and step.message in messages:
            return msgspec.structs.replace(step, channels=messages[step.message].channels)
        return step

    return msgspec.structs.replace(journey, steps=filled(journey.steps))


def _template_problems(mistakes: Sequence[tuple[str, int, str]], page: Page) -> Iterator[Problem]:
    for name, line, text in mistakes:
        template = page.templates.get(name)
        if template is None:
            yield Problem(page.file, 1, 1, f"{name}: {text}")
        elif isinstance(template.node, yaml.ScalarNode):
            offset = sum(len(part) for part in template.text.splitlines(keepends=True)[: line - 1])
            yield Problem(template.file, *source.place_in(template.node, offset, page.text), text)
        else:
            yield Problem(template.file, line, 1, text)
