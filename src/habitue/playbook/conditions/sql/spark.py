"""Spark SQL, from version 4 on: JSON values are variants, and the rest is translated from DuckDB's words by sqlglot."""

from __future__ import annotations

from collections.abc import Callable

from habitue.playbook.conditions.limits import AMOUNT_MAX, ELEMENTS_MAX, NUMBER_MAX, TEXT_CONSTANT_MAX
from habitue.playbook.conditions.tree import Path

from .dialects import MILLIONTHS, NUMERAL, DuckDB, Sql


class Spark(DuckDB):
    """Sessions have to be in UTC (`spark.sql.session.timeZone`), and may be strict (`spark.sql.ansi.enabled`)."""

    name = "spark"
    replays = False

    def finished(self, query: Sql) -> Sql:
        import sqlglot  # Of all who read conditions, only who asks for another dialect needs it.

        return sqlglot.transpile(query, read="duckdb", write="spark")[0]

    # --- JSON ---

    def document(self, column: Sql) -> Sql:
        return f"try_parse_json({column})"

    def _path(self, path: Path) -> Sql:
        return self.text("$" + "".join(f'["{name}"]' for name in path))

    def json(self, written: str) -> Sql:
        return self.document(self.text(written))

    def at(self, value: Sql, path: Path) -> Sql:
        return f"try_variant_get({value}, {self._path(path)}, 'variant')"

    def each_at(self, value: Sql, path: Path) -> Sql:
        found = super().each_at(value, path).rpartition("[")[0]
        return f"slice({found}, 1, {ELEMENTS_MAX})"

    def several(self, column: Sql, paths: tuple[Path, ...]) -> Sql:
        return f"array({', '.join(self.at(self.document(column), path) for path in paths)})"

    def of_several(self, listed: Sql, index: int) -> Sql:
        return f"get({listed}, {index})"

    def as_text(self, value: Sql) -> Sql:
        return f"(CASE WHEN {self._is(value, 'STRING')} THEN {self._as(value, 'string')} END)"

    def as_number(self, value: Sql) -> Sql:
        said = f"TRY_CAST(regexp_extract({self._as(value, 'string')}, {self.text(NUMERAL)}, 1) AS DOUBLE)"
        number = f"WHEN {self._is_number(value)} THEN {self._as(value, 'double')}"
        return f"(CASE WHEN {self._is(value, 'STRING')} THEN {said} {number} END)"

    def as_truth(self, value: Sql) -> Sql:
        return f"(CASE WHEN {self._is(value, 'BOOLEAN')} THEN {self._as(value, 'boolean')} END)"

    def is_text(self, value: Sql, constant: str) -> Sql:
        return f"({self.as_text(value)} = {self.text(constant)})"

    def as_json(self, text: Sql) -> Sql:
        return f"CAST({text} AS VARIANT)"

    def is_nothing(self, value: Sql) -> Sql:
        return f"(COALESCE(schema_of_variant({value}), 'VOID') = 'VOID')"

    def is_something(self, value: Sql) -> Sql:
        empty = "'null', 'false', '0', '0.0', '-0.0', '\"\"', '[]', '{}'"
        number = f"WHEN {self._is_number(value)} THEN {self._as(value, 'double')} <> 0"
        return f"(CASE {number} ELSE COALESCE({self.comparable(value)}, 'null') NOT IN ({empty}) END)"

    def elements(self, value: Sql) -> Sql:
        return f"try_variant_get({value}, '$', 'array<variant>')"

    def size(self, value: Sql) -> Sql:
        text = self._as(value, "string")
        return (
            f"CAST(CASE WHEN {self._is(value, 'STRING')} THEN length({text}) "
            f"ELSE cardinality({self.elements(value)}) END AS DOUBLE)"
        )

    def amount(self, value: Sql) -> Sql:
        number, whole = self.as_number(value), self._as(value, "bigint")
        return (
            f"(CASE WHEN {number} BETWEEN -{AMOUNT_MAX} AND {AMOUNT_MAX} THEN "
            f"CASE WHEN {self._is(value, 'BIGINT')} THEN {whole} * CAST({MILLIONTHS} AS BIGINT) "
            f"ELSE CAST(rint({number} * {MILLIONTHS}) AS BIGINT) END END)"
        )

    def kept(self, value: Sql) -> Sql:
        cut = f"CAST(substr({self._as(value, 'string')}, 1, {TEXT_CONSTANT_MAX + 1}) AS VARIANT)"
        is_scalar = f"{self._is(value, 'BOOLEAN')} OR abs({self.as_number(value)}) <= {NUMBER_MAX}"
        return f"(CASE WHEN {self._is(value, 'STRING')} THEN {cut} WHEN {is_scalar} THEN {value} END)"

    def written(self, kept: Sql) -> Sql:
        number = self.as_number(kept)
        return (
            f"(CASE WHEN {self._is_number(kept)} THEN CASE WHEN {number} = rint({number}) "
            f"THEN CAST(CAST({number} AS BIGINT) AS VARCHAR) ELSE CAST({number} AS VARCHAR) END "
            f"ELSE {self._as(kept, 'string')} END)"
        )

    def measure(self, value: Sql) -> Sql:
        return f"length({self.comparable(value)})"

    def comparable(self, value: Sql) -> Sql:
        return f"CAST(to_json({value}) AS VARCHAR)"

    def _is(self, value: Sql, kind: str) -> Sql:
        return f"schema_of_variant({value}) = '{kind}'"

    def _is_number(self, value: Sql) -> Sql:
        kind = f"schema_of_variant({value})"
        return f"({kind} IN ('BIGINT', 'DOUBLE', 'FLOAT') OR startswith({kind}, 'DECIMAL'))"

    def _as(self, value: Sql, kind: str) -> Sql:
        return f"try_variant_get({value}, '$', '{kind}')"

    # --- lists ---

    def any(self, listed: Sql, test: Callable[[Sql], Sql]) -> Sql:
        name = self._free(test)
        return f"COALESCE(exists({listed}, {name} -> {test(name)}), FALSE)"

    def sum_of(self, numbers: Sql) -> Sql:
        return f"aggregate({numbers}, CAST(0 AS DECIMAL(38, 0)), (total, one) -> CAST(total + one AS DECIMAL(38, 0)))"

    def extreme_of(self, which: str, numbers: Sql) -> Sql:
        return f"array_{which}({numbers})"

    def length(self, listed: Sql) -> Sql:
        return f"cardinality({listed})"

    def distinct_of(self, lists: Sql, inside: Sql) -> Sql:
        return f"cardinality(array_distinct(flatten(collect_list({lists}) FILTER (WHERE {inside}))))"

    # --- numbers ---

    def whole_sum(self, amounts: Sql) -> Sql:
        return f"sum(CAST({amounts} AS DECIMAL(38, 0)))"

    def finite(self, number: Sql) -> Sql:
        return f"(CASE WHEN abs({number}) <= 1.7976931348623157E308 THEN {number} END)"

    def hundredths(self, salted: Sql) -> Sql:
        return f"(CAST(conv(left(md5({salted}), 8), 16, 10) AS BIGINT) % 10000)"
