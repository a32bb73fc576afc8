"""How each database says what standard SQL has no words for: JSON and its kinds, lists, hashes."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import TypeAlias

from habitue.model.trust import FOLDED, PUBLIC
from habitue.playbook.conditions.limits import AMOUNT_MAX, ELEMENTS_MAX, NUMBER_MAX, TEXT_CONSTANT_MAX
from habitue.playbook.conditions.tree import EACH, Path, Scalar

Sql: TypeAlias = str
"""An expression that can stand anywhere: a name, a call, or in brackets."""

_SPACE = r"[\t-\r\x1c-\x20\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]*"
"""What Python takes for blank."""
NUMERAL = rf"^{_SPACE}([+-]?[0-9]{{1,15}}(\.[0-9]{{1,15}})?){_SPACE}$"
"""Text that is a number; see `decide/conditions/values.number`."""
MILLIONTHS = 1_000_000


class DuckDB:
    """DuckDB. A JSON value is its text, as DuckDB writes it anew: equal values are equal text."""

    name = "duckdb"
    replays = True
    """Whether who asks it can replay what SQL does not know."""

    # --- constants ---

    def text(self, value: str) -> Sql:
        if "\0" not in value:
            return "'" + value.replace("'", "''") + "'"
        return "(" + " || chr(0) || ".join(self.text(part) for part in value.split("\0")) + ")"

    def constant(self, value: Scalar) -> Sql:
        if value is None:
            return "NULL"
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        return self.text(value) if isinstance(value, str) else self.number(value)

    def number(self, value: float) -> Sql:
        return f"CAST({float(value)!r} AS DOUBLE)" if value >= 0 else f"(-{self.number(-value)})"

    # --- JSON ---

    def document(self, column: Sql) -> Sql:
        """The JSON value that a column of text holds."""
        return column

    def json(self, written: str) -> Sql:
        """A JSON value that was written elsewhere."""
        return f"json_extract({self.text(written)}, '$')"

    def at(self, column: Sql, path: Path) -> Sql:
        """The JSON value at a path without EACH, NULL where the path ends early."""
        return f"json_extract({column}, {self._path(path)})"

    def each_at(self, value: Sql, path: Path) -> Sql:
        """What every element has at the path, which begins with EACH; see `decide/conditions/values.elements`."""
        found, rest = self.elements(value), path[1:]
        while EACH in rest:
            inner = rest[: rest.index(EACH)]
            found = f"flatten(list_transform({found}, lambda one: {self.elements(self.at('one', inner))}))"
            rest = rest[len(inner) + 1 :]
        if rest:
            found = f"list_transform({found}, lambda one: {self.at('one', rest)})"
        return f"({found})[1:{ELEMENTS_MAX}]"

    def several(self, column: Sql, paths: tuple[Path, ...]) -> Sql:
        """A list of the values at the paths, none with EACH; the JSON is read once for all of them."""
        return f"json_extract({column}, [{', '.join(self._path(path) for path in paths)}])"

    def _path(self, path: Path) -> Sql:
        return self.text("$" + "".join(f'."{name}"' for name in path))

    def of_several(self, listed: Sql, index: int) -> Sql:
        return f"{listed}[{index + 1}]"

    def as_text(self, value: Sql) -> Sql:
        """The text a JSON value is; NULL when it is something else."""
        return f"(CASE WHEN {self._first(value)} = '\"' THEN json_extract_string({value}, '$') END)"

    def as_number(self, value: Sql) -> Sql:
        """The number a JSON value is, or that its text says; NULL when it is neither."""
        said = f"regexp_extract(json_extract_string({value}, '$'), {self.text(NUMERAL)}, 1)"
        # A list, an object, true and null are no numbers, however hard one tries.
        return (
            f"TRY_CAST(CASE WHEN {self._first(value)} = '\"' THEN {said} ELSE CAST({value} AS VARCHAR) END AS DOUBLE)"
        )

    def as_truth(self, value: Sql) -> Sql:
        return f"(CASE CAST({value} AS VARCHAR) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END)"

    def is_text(self, value: Sql, constant: str) -> Sql:
        """Whether a JSON value is this very text. NULL for no value."""
        return f"({value} = to_json({self.text(constant)}))"

    def as_json(self, text: Sql) -> Sql:
        """Text as a JSON value, NULL as none."""
        return f"(CASE WHEN {text} IS NOT NULL THEN to_json({text}) END)"

    def is_nothing(self, value: Sql) -> Sql:
        return f"(COALESCE(CAST({value} AS VARCHAR), 'null') = 'null')"

    def is_something(self, value: Sql) -> Sql:
        """What Python calls true: not null, false, zero or empty."""
        empty = "'null', 'false', '0', '0.0', '-0.0', '\"\"', '[]', '{}'"
        return f"(COALESCE(CAST({value} AS VARCHAR), 'null') NOT IN ({empty}))"

    def elements(self, value: Sql) -> Sql:
        """The elements of a JSON list; no elements, or NULL, for anything else."""
        return f"json_extract({value}, '$[*]')"

    def size(self, value: Sql) -> Sql:
        """How many elements a list has, or characters a text; NULL for anything else."""
        first = self._first(value)
        return (
            f"CAST(CASE WHEN {first} = '[' THEN json_array_length({value})"
            f" WHEN {first} = '\"' THEN length(json_extract_string({value}, '$')) END AS DOUBLE)"
        )

    def amount(self, value: Sql) -> Sql:
        """The number in whole millionths, half to even as DuckDB casts; NULL for anything that is no amount."""
        whole = f"TRY_CAST(CAST({value} AS VARCHAR) AS BIGINT)"
        number = self.as_number(value)
        # Floating point would round the millionths of a large whole number.
        is_whole = f"NOT regexp_matches(CAST({value} AS VARCHAR), '[\".eE]')"
        return (
            f"(CASE WHEN {is_whole} THEN CASE WHEN {whole} BETWEEN -{AMOUNT_MAX} AND {AMOUNT_MAX} "
            f"THEN {whole} * {MILLIONTHS} END "
            f"WHEN {number} BETWEEN -{AMOUNT_MAX} AND {AMOUNT_MAX} "
            f"THEN CAST({number} * {MILLIONTHS} AS BIGINT) END)"
        )

    def kept(self, value: Sql) -> Sql:
        """A value that a counter keeps: text cut to size, a number, yes or no. NULL for anything else."""
        number = f"TRY_CAST(CAST({value} AS VARCHAR) AS DOUBLE)"
        cut = f"to_json(substr(json_extract_string({value}, '$'), 1, {TEXT_CONSTANT_MAX + 1}))"
        return (
            f"(CASE WHEN {self._first(value)} = '\"' "
            f"THEN CASE WHEN strlen({value}) <= {TEXT_CONSTANT_MAX} THEN {value} ELSE {cut} END "
            f"WHEN CAST({value} AS VARCHAR) IN ('true', 'false') OR abs({number}) <= {NUMBER_MAX} THEN {value} END)"
        )

    def written(self, kept: Sql) -> Sql:
        """What tells one kept value from another: its text, and 7, 7.0 and "7" have the same."""
        number = f"TRY_CAST(CAST({kept} AS VARCHAR) AS DOUBLE)"
        return (
            f"(CASE WHEN {self._first(kept)} = '\"' THEN json_extract_string({kept}, '$') "
            f"WHEN {number} = trunc({number}) THEN CAST(CAST({number} AS BIGINT) AS VARCHAR) "
            f"ELSE COALESCE(CAST({number} AS VARCHAR), CAST({kept} AS VARCHAR)) END)"
        )

    def _first(self, value: Sql) -> Sql:
        return f"left({value}, 1)"

    # --- lists ---

    def any(self, listed: Sql, test: Callable[[Sql], Sql]) -> Sql:
        """Whether the test holds for an element of a list."""
        name = self._free(test)
        return f"(COALESCE(len(list_filter({listed}, lambda {name}: {test(name)})), 0) > 0)"

    def each(self, listed: Sql, change: Callable[[Sql], Sql]) -> Sql:
        """What every element becomes, nothing left out."""
        name = self._free(change)
        changed = f"list_transform({listed}, lambda {name}: {change(name)})"
        return f"list_filter({changed}, lambda {name}: {name} IS NOT NULL)"

    def sum_of(self, numbers: Sql) -> Sql:
        return f"list_sum({numbers})"

    def extreme_of(self, which: str, numbers: Sql) -> Sql:
        """`which` is min or max."""
        return f"list_{which}({numbers})"

    def length(self, listed: Sql) -> Sql:
        return f"len({listed})"

    def distinct_of(self, lists: Sql, inside: Sql) -> Sql:
        """How many different elements the lists of the rows inside hold together."""
        return f"len(list_distinct(flatten(list({lists}) FILTER (WHERE {inside} AND {lists} IS NOT NULL))))"

    def names_once(self, properties: Sql, name: str) -> Sql:
        """Whether the list `set_once` names a trait."""
        return self.any(
            self.elements(self.at(self.document(properties), ("set_once",))), lambda one: self.is_text(one, name)
        )

    def is_sworn(self, context: Sql) -> Sql:
        """1 where the source of an event is no public one, else 0; see `model/folding.py`."""
        level = self.as_text(self.at(self.document(context), (FOLDED, "level")))
        public = ", ".join(self.text(level.value) for level in sorted(PUBLIC))
        return f"(CASE WHEN COALESCE({level}, '') IN ({public}) THEN 0 ELSE 1 END)"

    def _free(self, inner: Callable[[Sql], Sql]) -> str:
        """A name for an element that no lambda within the inner expression gives to its own."""
        names = (f"element{depth or ''}" for depth in count())
        return next(name for name in names if f"lambda {name}:" not in inner(name))

    # --- text ---

    def starts_with(self, text: Sql, beginning: Sql) -> Sql:
        return f"starts_with({text}, {beginning})"

    def ends_with(self, text: Sql, ending: Sql) -> Sql:
        return f"ends_with({text}, {ending})"

    def contains(self, text: Sql, part: Sql) -> Sql:
        return f"contains({text}, {part})"

    def lower(self, text: Sql) -> Sql:
        return f"lower({text})"

    def measure(self, value: Sql) -> Sql:
        """The length of a JSON value as text."""
        return f"length({value})"

    # --- order ---

    def in_order(self, first: Sql, second: Sql) -> Sql:
        """What is compared by the first, and by the second where that is equal."""
        return f"{{'first': {first}, 'second': {second}}}"

    def whole_sum(self, amounts: Sql) -> Sql:
        """The sum of BIGINTs, however large it grows."""
        return f"sum({amounts})"

    def finished(self, query: Sql) -> Sql:
        """A whole query, made of what the other methods gave."""
        return query

    # --- numbers ---

    def finite(self, number: Sql) -> Sql:
        """The number, NULL when it is beyond all bounds."""
        return f"(CASE WHEN isfinite({number}) THEN {number} END)"

    def hundredths(self, salted: Sql) -> Sql:
        """From 0 to 9,999: the first eight digits of the text's MD5."""
        return f"(CAST('0x' || left(md5({salted}), 8) AS BIGINT) % 10000)"
