"""`rfm`, `lifecycle` and `occasions` in `playbook.yaml`, and what was measured: the tables that words of conditions
are read by."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
import yaml

from habitue.model.instant import span_text
from habitue.playbook import source
from habitue.playbook.conditions.limits import AMOUNT_MAX
from habitue.playbook.conditions.tree import Path
from habitue.playbook.form import Field, Form, Kind, Page, Schema, Values, found
from habitue.playbook.kinds import NAME_PATTERN, Choice, Length, Listed, Pattern, Table, Whole, text_of
from habitue.playbook.lifecycle import LifecycleRules
from habitue.playbook.occasions import EVERYWHERE, EXPECTED, Dates, Rule, read_rule
from habitue.playbook.rfm import CUTS, Bands, RfmRules, gaps
from habitue.playbook.signals import EVENT_NAME

PERCENTILE = "percentile"


@dataclass(frozen=True)
class Amount:
    """A number above zero."""

    def read(self, node: yaml.Node, page: Page) -> float | None:
        value = source.scalar(node) if isinstance(node, yaml.ScalarNode) else None
        if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value <= AMOUNT_MAX:
            return value
        page.problem(node, f"expected an amount above zero, found {found(node)}")
        return None

    def schema(self) -> Schema:
        return {"type": "number", "exclusiveMinimum": 0, "maximum": AMOUNT_MAX}


# --- RFM ---


def _bands(*, rises: bool) -> Callable[[Values], Bands | None]:
    """`rises`: each cut has to be above the one before; measured ones may be equal, where many customers are alike."""

    def build(values: Values) -> Bands | None:
        said = values.given("recency", "frequency", "monetary")
        for name, cuts in said.items():
            if len(cuts) != CUTS:
                values.problem(name, f"expected {CUTS} values, which part 5 scores; found {len(cuts)}")
                return None
            if list(cuts) != sorted(set(cuts) if rises else cuts):
                values.problem(name, f"each value has to be {'greater' if rises else 'no less'} than the one before")
                return None
        return Bands(**said)

    return build


def _band_fields(*, required: bool) -> tuple[Field, ...]:
    said: dict[str, tuple[Kind[Any], str]] = {
        "recency": (Listed(Length()), "Bought less long ago than the first: score 5. Than the second: 4. And so on."),
        "frequency": (Listed(Whole(1, 1_000_000)), "Bought less often than the first: score 1. Than the second: 2."),
        "monetary": (Listed(Amount()), "Bought for less than the first: score 1. For less than the second: 2."),
    }
    return tuple(Field(name, kind, says, required) for name, (kind, says) in said.items())


BANDS = Form("the bands", _band_fields(required=False), _bands(rises=True))


@dataclass(frozen=True)
class BandsKind:
    """Four cut-offs each, or the word `percentile`: then they are measured, and None here."""

    def read(self, node: yaml.Node, page: Page) -> Bands | str | None:
        if isinstance(node, yaml.ScalarNode):
            return Choice((PERCENTILE,)).read(node, page)
        return BANDS.read(node, page)

    def schema(self) -> Schema:
        return {"anyOf": [{"const": PERCENTILE}, BANDS.schema()]}


@dataclass(frozen=True)
class PropertyPath:
    """A property of an event, or one that lies deeper, such as payment.total."""

    def read(self, node: yaml.Node, page: Page) -> Path | None:
        text = PATH.read(node, page)
        return None if text is None else tuple(text.split("."))

    def schema(self) -> Schema:
        return PATH.schema()


PATH = Pattern(r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*){0,7}$", "a property of the event, such as total")
CODE = Pattern(r"^[1-5]{3}$", "an RFM code such as 543")
GROUPS = Table("groups", Listed(CODE))


def _rfm(values: Values) -> RfmRules | None:
    rules = RfmRules(**values.given("event", "value", "monetary", "over", "groups"))
    nameless, twice = gaps(rules.groups)
    if nameless or twice:
        problem = f"no group has {', '.join(nameless[:8])}" if nameless else f"two groups have {', '.join(twice[:8])}"
        values.problem("groups", f"each of the 125 codes belongs to one group; {problem}")
        return None
    said = values.get("bands", Bands())
    if said == PERCENTILE:
        return msgspec.structs.replace(rules, measured=True)
    if said.recency[-1] > rules.over:
        within = span_text(rules.over)
        values.problem("bands", f"the last of recency lies beyond {within}, and only what was bought within counts")
        return None
    return msgspec.structs.replace(rules, bands=said)


_BUYING = (
    Field("event", EVENT_NAME, "What counts as buying. Default Order Completed."),
    Field("value", PropertyPath(), "The property that says for how much. Default total."),
    Field("monetary", Choice(("average", "sum")), "The average of what was bought, or the sum. Default average."),
    Field("over", Length(), "How far back is looked. Default 730d."),
)

RFM = Form(
    "RFM",
    (
        *_BUYING,
        Field("bands", BandsKind(), "Where one score ends and the next begins; percentile: measured, a fifth in each."),
        Field("groups", GROUPS, "The names of the 125 codes, each in one group. Default: eleven groups."),
    ),
    _rfm,
)


@dataclass(frozen=True)
class Measured:
    """Bands, and what counted as buying when they were measured, as far as the file says."""

    bands: Bands
    of: Mapping[str, Any]

    def fits(self, rules: RfmRules) -> bool:
        same = all(said == getattr(rules, name) for name, said in self.of.items())
        return same and self.bands.recency[-1] <= rules.over


def _measured(values: Values) -> Measured | None:
    bands = _bands(rises=False)(values)
    return None if bands is None else Measured(bands, values.get("of", {}))


MEASURED = Form(
    "the measured bands",
    (
        Field("measured", Choice(("rfm",)), "What was measured.", required=True),
        Field("of", Form("what was measured", _BUYING, dict), "What counted as buying when it was measured."),
        *_band_fields(required=True),
    ),
    _measured,
)


def rfm_note(rules: RfmRules, measured: Measured | None) -> str:
    """What whoever asked for measured bands should know of those that hold; empty when they are his."""
    if not rules.measured or (measured is not None and measured.fits(rules)):
        return ""
    if measured is None:
        return "the bands of RFM were not measured yet, and the usual ones hold; run `habitue rfm measure FOLDER`"
    return (
        "the bands of RFM were measured when something else counted as buying, and hold all the same; run "
        "`habitue rfm measure FOLDER`"
    )


def measured_text(bands: Bands, rules: RfmRules, says: str) -> str:
    """`measured/rfm.yaml`; `says` is the comment on top."""
    event, value = (json.dumps(text, ensure_ascii=False) for text in (rules.event, ".".join(rules.value)))
    of = f"{{event: {event}, value: {value}, monetary: {rules.monetary}, over: {span_text(rules.over)}}}"
    said = {
        "recency": [span_text(span) for span in bands.recency],
        "frequency": [str(count) for count in bands.frequency],
        "monetary": [f"{worth:g}" if worth < 1_000 else f"{worth:.2f}" for worth in bands.monetary],
    }
    lines = [f"{name}: [{', '.join(cuts)}]" for name, cuts in said.items()]
    return "\n".join((f"# {says}", "measured: rfm", f"of: {of}", *lines, ""))


# --- lifecycle ---


def _lifecycle(values: Values) -> LifecycleRules | None:
    rules = LifecycleRules(**values)
    if not rules.at_risk_after < rules.dormant_after < rules.lost_after:
        values.problem(next(reversed(values), ""), "each stage has to begin later than the one before")
        return None
    return rules


LIFECYCLE = Form(
    "lifecycle",
    (
        Field("event", EVENT_NAME, "What counts as buying. Default Order Completed."),
        Field("at_risk_after", Length(), "Not bought for so long: at risk. Default 90d."),
        Field("dormant_after", Length(), "Not bought for so long: dormant. Default 182d."),
        Field("lost_after", Length(), "Not bought for so long: lost. Default 365d."),
    ),
    _lifecycle,
)

# --- occasions ---


@dataclass(frozen=True)
class DayRule:
    """When an occasion is, by a rule for every year, or as a list of dates."""

    def read(self, node: yaml.Node, page: Page) -> Rule | None:
        if isinstance(node, yaml.SequenceNode):
            listed = Listed(ISO_DATE).read(node, page)
            return None if listed is None else Dates(listed)
        text = text_of(node, page, EXPECTED)
        if text is None:
            return None
        try:
            return read_rule(text)
        except ValueError as error:
            page.problem(node, str(error))
            return None

    def schema(self) -> Schema:
        return {"anyOf": [{"type": "string", "examples": ["12-25", "second sunday of may", "easter -2"]}, DATES]}


@dataclass(frozen=True)
class IsoDate:
    """A day such as 2026-03-20."""

    def read(self, node: yaml.Node, page: Page) -> str | None:
        text = Pattern(r"\d{4}-\d{2}-\d{2}", "a date such as 2026-03-20").read(node, page)
        try:
            return text and date.fromisoformat(text).isoformat()
        except ValueError:
            page.problem(node, f'"{text}" is no day of the calendar')
            return None

    def schema(self) -> Schema:
        return {"type": "string", "format": "date"}


ISO_DATE = IsoDate()
DATES: Schema = {"type": "array", "items": ISO_DATE.schema(), "minItems": 1}


@dataclass(frozen=True)
class Where:
    """A country's two letters, or `everywhere`: in all that are not named."""

    def read(self, node: yaml.Node, page: Page) -> str | None:
        return Pattern(r"[A-Z]{2}|everywhere", "a country's two letters such as GB, or everywhere").read(node, page)

    def schema(self) -> Schema:
        return {"type": "string", "pattern": "^([A-Z]{2}|everywhere)$"}


BY_COUNTRY = Table("countries", DayRule(), key=Where())


@dataclass(frozen=True)
class OccasionKind:
    """A rule for all countries, or one for each."""

    def read(self, node: yaml.Node, page: Page) -> Mapping[str, Rule] | None:
        if isinstance(node, yaml.MappingNode):
            rules = BY_COUNTRY.read(node, page)
            return rules and {EVERYWHERE if where == "everywhere" else where: rule for where, rule in rules.items()}
        rule = DayRule().read(node, page)
        return None if rule is None else {EVERYWHERE: rule}

    def schema(self) -> Schema:
        return {"anyOf": [DayRule().schema(), BY_COUNTRY.schema()]}


OCCASIONS = Table("occasions", OccasionKind(), key=Pattern(NAME_PATTERN, "a name such as shop_birthday"))
