"""The mapping file: YAML, read with the playbook's own forms, so that mistakes are told the same way."""

from __future__ import annotations

import codecs
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import yaml

from habitue.playbook import source
from habitue.playbook.form import Field, Form, Mention, Page, Schema, Values
from habitue.playbook.kinds import Choice, Listed, Name, Pattern, Plain, Table, Text, text_of
from habitue.playbook.problem import PlaybookError, did_you_mean, unknown
from habitue.playbook.shop import CURRENCY, Zone

from .fields import Fields
from .mapping import (
    AS,
    FIELDS,
    KINDS,
    MEANINGS,
    PREFIXES,
    Answer,
    As,
    Column,
    Kind,
    Mapping,
    is_field,
    is_template,
    lacking,
    template_columns,
)
from .reasons import RowRefused
from .times import NAMED_FORMATS, is_format

COLUMN = "column"


class MappingError(PlaybookError):
    """The mapping cannot be used; `problems` is the complete list."""


def read_mapping(file: str, text: str, kind: Kind) -> tuple[Mapping, list[Mention]]:
    """The mapping in a file, and every column it names with its place. Raises MappingError with all problems."""
    page = Page(file, text)
    mapping = None
    try:
        mapping = form(kind).read(source.compose(file, text), page)
    except source.SourceError as error:
        page.problems.append(error.problem)
    if mapping is None or page.problems:
        raise MappingError(page.problems)
    return mapping, page.mentions


def check_columns(mentions: Collection[Mention], columns: Collection[str]) -> None:
    """Raise MappingError when the mapping names a column that the file does not have."""
    problems = [
        mention.problem(unknown("column", mention.name, columns))
        for mention in mentions
        # A dot leads into an object; what an object holds differs from row to row.
        if mention.name not in columns and mention.name.split(".", 1)[0] not in columns
    ]
    if problems:
        raise MappingError(problems)


@dataclass(frozen=True)
class FieldName:
    """A field of this kind of file, with ` as number` behind it where the file does not say what its values are."""

    kind: Kind

    def read(self, node: yaml.Node, page: Page) -> tuple[str, As] | None:
        text = text_of(node, page, "a field such as email or properties.size")
        if text is None:
            return None
        field, _, kind = (part.strip() for part in text.partition(" as "))
        if not is_field(self.kind, field):
            own = " or ".join(f"{prefix}NAME" for prefix in PREFIXES[self.kind])
            guess = did_you_mean(field, FIELDS[self.kind]) or (f" A field of your own is written {own}." if own else "")
            page.problem(node, f'files of {self.kind} have no field "{field}".{guess}')
            return None
        if kind not in AS:
            page.problem(node, unknown("kind of value", kind, [one for one in AS if one]))
            return None
        return field, kind

    def schema(self) -> Schema:
        return {"type": "string"}


@dataclass(frozen=True)
class FieldKey:
    """A field before a colon."""

    kind: Kind

    def read(self, node: yaml.Node, page: Page) -> str | None:
        found = FieldName(self.kind).read(node, page)
        return None if found is None else found[0]

    def schema(self) -> Schema:
        return {"type": "string"}


class ColumnName:
    """The name of a column of the file."""

    def read(self, node: yaml.Node, page: Page) -> str | None:
        name = text_of(node, page, "the name of a column")
        if name is not None:
            page.mention(COLUMN, name, node)
        return name

    def schema(self) -> Schema:
        return {"type": "string"}


class Template:
    """Text with columns in braces."""

    def read(self, node: yaml.Node, page: Page) -> str | None:
        text = text_of(node, page, "text with columns in braces, such as pos-{Card}")
        if text is None:
            return None
        if not is_template(text):
            page.problem(node, f'"{text}" is no template; write columns in braces, as in "pos-{{Card}}"')
            return None
        for name in template_columns(text):
            page.mention(COLUMN, name, node)
        return text

    def schema(self) -> Schema:
        return {"type": "string", "pattern": r"\{.+\}"}


class TimeFormat:
    """How a time is written."""

    def read(self, node: yaml.Node, page: Page) -> str | None:
        text = text_of(node, page, 'a time format such as "%d.%m.%Y %H:%M"')
        if text is None or is_format(text):
            return text
        named = ", ".join(NAMED_FORMATS)
        page.problem(node, f'"{text}" is no time format; expected {named}, or a pattern such as "%d.%m.%Y %H:%M"')
        return None

    def schema(self) -> Schema:
        return {"type": "string"}


class Encoding:
    """How the file's bytes are text."""

    def read(self, node: yaml.Node, page: Page) -> str | None:
        name = text_of(node, page, "an encoding such as utf-8 or windows-1252")
        if name is None:
            return None
        try:
            # The only mark of what is an encoding, but none of text, such as "hex".
            known = codecs.lookup(name)._is_text_encoding
        except (LookupError, ValueError):
            known = False
        if known:
            return name
        page.problem(node, f'unknown encoding "{name}"; expected one such as utf-8, windows-1252 or iso-8859-9')
        return None

    def schema(self) -> Schema:
        return {"type": "string"}


def _answer(values: Values) -> Answer | None:
    if "answer" not in values and "at" not in values:
        values.problem("channel", "a consent needs the column with the answer, or the column with its time")
        return None
    return Answer(**values)


CONSENT: Form[Answer] = Form(
    "a consent",
    (
        Field("channel", Name(), "How she is written to: email, sms, whatsapp …", required=True),
        Field("topic", Text(), "What about; everything when left out."),
        Field("answer", ColumnName(), "The column with yes or no."),
        Field("at", ColumnName(), "The column with the time of her word; without one, the row's time."),
        Field("source", Text(), "Who says so, and where she said it. A yes without a source is left out; a no counts."),
        Field("text", Text(), "The sentence she agreed to."),
    ),
    _answer,
)

TIME: Form[dict[str, Any]] = Form(
    "the times",
    (
        Field("format", Listed(TimeFormat(), or_one=True), "How they are written, tried in order. Default: ISO 8601."),
        Field("zone", Zone(), "The clock of times that name no zone. Default UTC."),
    ),
    dict,
)

_COUNTRY = Pattern(r"^[A-Z]{2}$", "a country of two letters such as TR")
_DELIMITER = Pattern(r"^(.|\\t)$", 'one character such as ";"')
_SOURCE = Pattern(r"^[A-Za-z0-9][A-Za-z0-9 _.-]{0,59}$", "a name such as tills or call-centre")


def form(kind: Kind) -> Form[Mapping]:
    """What a mapping of this kind may say."""
    anything = Text("the name of a column")
    fields = [
        Field("kind", Choice(KINDS), "What the file holds."),
        Field("source", _SOURCE, "Where the events are from; together with their ids it tells repeated ones."),
        Field("columns", Table("columns", FieldName(kind), key=_Noted(anything)), "Column → field."),
        Field("constants", Table("constants", Plain(), key=FieldKey(kind)), "Field → value, on each row."),
        Field("templates", Table("templates", Template(), key=FieldKey(kind)), "Field → text with {columns} in it."),
        Field("time", TIME, "How times are written."),
        Field("country", _COUNTRY, "The country of phone numbers without a country code."),
        Field("encoding", Encoding(), "How the bytes of a CSV file are text. Default utf-8."),
        Field("delimiter", _DELIMITER, "What stands between cells. Default: what the header has most of."),
        Field("decimal", Choice((".", ",")), "The decimal sign of numbers written as text. Default a point."),
        Field("missing", Listed(Text(), or_one=True), "Words that stand for nothing, besides NULL, NaN and n/a."),
    ]
    if kind != "customers":
        fields.append(Field("currency", CURRENCY, "The currency of amounts, where no column says."))
    if kind == "events":
        fields += [
            Field("event", Text("the name of an event"), "The name of every event in the file."),
            Field("events", Table("words", Text("the name of an event"), key=anything), "Word in the column → event."),
        ]
    if kind == "orders":
        fields.append(Field("statuses", Table("statuses", Choice(MEANINGS), key=anything), "Word → what it means."))
    if kind == "customers":
        fields.append(Field("consents", Listed(CONSENT, or_one=True), "Where the file says who consents to what."))
    return Form("the mapping", tuple(fields), lambda values: _mapping(kind, values))


@dataclass(frozen=True)
class _Noted:
    """A key that is the name of a column, noted so that it can be compared with the file."""

    kind: Text

    def read(self, node: yaml.Node, page: Page) -> str | None:
        name = self.kind.read(node, page)
        if name is not None:
            page.mention(COLUMN, name, node)
        return name

    def schema(self) -> Schema:
        return self.kind.schema()


def _mapping(kind: Kind, values: Values) -> Mapping | None:
    if values.get("kind", kind) != kind:
        values.problem("kind", f"this mapping is for {values['kind']}, and {kind} are imported")
        return None
    columns = tuple(Column(name, field, how) for name, (field, how) in values.get("columns", {}).items())
    time = values.get("time", {})
    named = "encoding", "decimal", "missing", "country", "currency", "source", "event", "events", "statuses", "consents"
    mapping = Mapping(
        kind=kind,
        columns=columns,
        constants=values.get("constants", {}),
        templates=values.get("templates", {}),
        time_formats=time.get("format", ()),
        zone=time.get("zone", "UTC"),
        delimiter=values.get("delimiter", "").replace("\\t", "\t"),
        **values.given(*named),
    )
    missing = lacking(mapping)
    if missing:
        values.page.problem(values.node, missing)
        return None
    try:
        Fields(mapping)
    except RowRefused as refused:
        values.problem("constants", refused.detail)
        return None
    return mapping
