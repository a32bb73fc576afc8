"""Recorded history as Arrow tables: shared out among people who have nothing to do with one another, in order.

Whatever can be decided for a whole column is decided here, since Python looks at each row that is left. Times are
taken as the integers they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from habitue.model.event import Event, Record
from habitue.model.folding import Trust, unfolded
from habitue.model.instant import Instant, Span
from habitue.model.trust import Level
from habitue.playbook.playbook import IdentityRules

from .links import Links, ids
from .lives import OWN_RECEIPTS, is_plain

SPOKEN = ("user_id", "anonymous_id", "previous_id", "identifiers")
NAMING = ("source", "type", "name", "occurred_at", *SPOKEN, "context")
"""Columns that tell who an event is about, and whether it is part of the history."""
COLUMNS = ("position", "event_id", *NAMING, "properties", "traits")
CONTEXTS_KEPT = 10_000
_BETWEEN = "\x1f"
_NUMBERS = frozenset({"position", "occurred_at"})

_CLAIMS = '"claims":{'
_decode = msgspec.json.Decoder(dict[str, Any]).decode
_encode = msgspec.json.Encoder().encode


class Groups(NamedTuple):
    """By what events say of who it was (`said`): the group of people it belongs to, and the shard that lives there."""

    said: pa.Array
    group: pa.Array
    shard: pa.Array
    plain: pa.Array
    rows: tuple[int, ...] = ()
    """How many each shard has."""


def lived(table: pa.Table, until: Instant) -> pa.Table:
    """The rows that happened before `until` and count, see `lives.counts`; with `said`, who they speak of."""
    table = _with(table, "occurred_at", table.column("occurred_at").cast(pa.int64()))
    ours = pc.equal(table.column("source"), "habitue")
    receipts = pc.and_(ours, pc.is_in(table.column("name"), value_set=pa.array(sorted(OWN_RECEIPTS))))
    left_out = pc.or_(receipts, pc.equal(table.column("type"), "control"))
    table = table.filter(pc.and_(pc.invert(left_out), pc.less(table.column("occurred_at"), until)))
    spoken = [pc.fill_null(table.column(name), "") for name in SPOKEN]
    return table.append_column("said", pc.binary_join_element_wise(*spoken, _named(table), _BETWEEN))


def _named(table: pa.Table) -> pa.Array | pa.Scalar:
    """The customer whom an event of our own names outright, or what one of a public source claims, as JSON."""
    sources, contexts = table.column("source"), table.column("context")
    telling = pc.or_(pc.equal(sources, "habitue"), pc.match_substring(contexts, _CLAIMS))
    if not pc.any(telling).as_py():
        return pa.scalar("")
    pairs = zip(sources.to_pylist(), contexts.to_pylist(), strict=True)
    return pa.array([_customer(context) if source == "habitue" else _claims(context) for source, context in pairs])


def _customer(context: str) -> str:
    named = _decode(context).get("customer_id")
    return named if isinstance(named, str) else ""


def _claims(context: str) -> str:
    claims = unfolded(_decode(context)).claims if _CLAIMS in context else {}
    return _encode(claims).decode() if claims else ""


def nothing(columns: Sequence[str]) -> pa.Table:
    return pa.table({name: pa.array([], pa.int64() if name in _NUMBERS else pa.string()) for name in columns})


def speakers(table: pa.Table) -> pa.Table:
    """Every different way in which rows of `lived` say who it was, and how many say it so."""
    said = table.column("said").combine_chunks()
    counts = pc.value_counts(said)
    first = table.take(pc.index_in(counts.field("values"), value_set=said))
    return first.select(["said", *SPOKEN]).append_column("rows", counts.field("counts"))


def grouped(speaking: pa.Table, rules: Sequence[IdentityRules], rows_per_shard: int) -> Groups:
    """Who belongs together, and groups in shards of about so many rows; one group is never parted.

    What nobody is named by belongs to no group.
    """
    links = Links()
    whose: dict[str, str] = {}
    plain: dict[str, bool] = {}
    rows: Counter[str] = Counter()
    keys = ["said", *SPOKEN]
    together = speaking.group_by(keys, use_threads=False).aggregate([("rows", "sum")])
    columns = [together.column(name).to_pylist() for name in (*keys, "rows_sum")]
    for said, user, anonymous, previous, identifiers, count in zip(*columns, strict=True):
        named = said.rpartition(_BETWEEN)[2]
        claims = _decode(named) if named.startswith("{") else {}
        event = Event(
            id="",
            source="habitue" if named and not claims else "",
            type="track",
            name="",
            occurred_at=0,
            user_id=user,
            anonymous_id=anonymous,
            previous_id=previous,
            identifiers=_decode(identifiers) if identifiers and identifiers != "{}" else {},
            context={"customer_id": named},
            level=Level.BROWSER if claims else Level.SERVER,
            claims=claims,
        )
        known = whose.get(said)  # The separator may stand in an id: then two ways of saying look the same.
        one = links.tie([*ids(event, rules), *([known] if known is not None else [])])
        if one is not None:
            whose[said] = one
        plain[said] = plain.get(said, True) and is_plain(event)
        rows[said] += count
    return _packed(links, whose, plain, rows, rows_per_shard)


def _packed(
    links: Links, whose: dict[str, str], plain: dict[str, bool], rows: Counter[str], rows_per_shard: int
) -> Groups:
    sizes: Counter[str] = Counter()
    for said, one in whose.items():
        sizes[links.root(one)] += rows[said]
    numbers = {root: number for number, root in enumerate(sizes)}
    shards, filled = {}, [0]
    for root, size in sizes.items():
        if filled[-1] and filled[-1] + size > rows_per_shard:
            filled.append(0)
        filled[-1] += size
        shards[root] = len(filled) - 1
    roots = [links.root(one) for one in whose.values()]
    return Groups(
        said=pa.array(whose, pa.string()),
        group=pa.array([numbers[root] for root in roots], pa.int64()),
        shard=pa.array([shards[root] for root in roots], pa.int64()),
        plain=pa.array([plain[said] for said in whose], pa.bool_()),
        rows=tuple(filled),
    )


def shared_out(table: pa.Table, groups: Groups, heeds: frozenset[str]) -> pa.Table:
    """Rows of `lived` with their `group` and `shard`. What nobody heeds loses what it says; whoever is nobody goes."""
    place = pc.index_in(table.column("said"), value_set=groups.said)
    heard = pc.is_in(table.column("name"), value_set=pa.array(sorted(heeds), pa.string()))
    says_more = _may_say_consent(table.column("context"))
    quiet = pc.invert(pc.or_(heard, says_more))
    plain = pc.and_(pc.take(groups.plain, place), pc.invert(says_more))
    for name in ("properties", "traits"):
        table = _with(table, name, pc.if_else(quiet, pa.scalar(None, pa.string()), table.column(name)))
    for name, column in (
        ("number", place),
        ("group", pc.take(groups.group, place)),
        ("shard", pc.take(groups.shard, place)),
        ("plain", plain),
        ("quiet", pc.and_(quiet, plain)),
    ):
        table = table.append_column(name, column)
    return table.drop_columns(["said"]).filter(pc.is_valid(place))


def _may_say_consent(contexts: pa.ChunkedArray) -> pa.Array:
    """Rather too often than too seldom: the words are looked for anywhere in what is said."""
    told_apart = contexts.combine_chunks().dictionary_encode()
    each = told_apart.dictionary
    found = pc.or_(pc.match_substring(each, '"consent"'), pc.match_substring(each, '"gpc"'))
    return pc.fill_null(pc.take(found, told_apart.indices), False)


def told(table: pa.Table, since: Instant, restarts: Mapping[str, Span]) -> pa.Table:
    """Rows of `shared_out`, person by person in order, without those that change nothing.

    Two kinds may go, where the same was said from the same place before and after. What nobody heeds: its one trace,
    where she is and when that was last heard, the row after it leaves too. And what starts a watch that the row after
    it starts anew before it falls due; see `restarts` of a rehearsal.
    """
    order = [("group", "ascending"), ("occurred_at", "ascending"), ("position", "ascending")]
    table = table.take(pc.sort_indices(table, sort_keys=order)).combine_chunks()
    context = table.column("context").combine_chunks().dictionary_encode().indices
    in_period = pc.greater_equal(table.column("occurred_at"), since)
    table = table.append_column("place", context).append_column("in_period", in_period)
    table = _without(table, table.column("quiet"))
    if restarts:
        table = _without(table, _started_anew(table, restarts))
    return table


def _without(table: pa.Table, passing: pa.ChunkedArray) -> pa.Table:
    """The table without rows of which this is true, and that lie between two which say the same of who and where."""
    if table.num_rows < 3:  # Nothing lies between two.
        return table
    alike = pa.array([True] * (table.num_rows - 1))
    for name in ("number", "place", "in_period"):
        column = table.column(name).combine_chunks()
        alike = pc.and_(alike, pc.equal(column.slice(1), column.slice(0, len(column) - 1)))
    between = pc.and_(alike.slice(0, len(alike) - 1), alike.slice(1))
    goes = pc.and_(between, passing.combine_chunks().slice(1, len(between)))
    ends = pa.array([True])
    return table.filter(pa.concat_arrays([ends, pc.invert(pc.fill_null(goes, False)), ends]))


def _started_anew(table: pa.Table, restarts: Mapping[str, Span]) -> pa.ChunkedArray:
    """Of each row, whether the row after it has the same name, and comes before the watch that it starts falls due."""
    if not table.num_rows:
        return pa.chunked_array([], pa.bool_())
    name, at = table.column("name").combine_chunks(), table.column("occurred_at").combine_chunks()
    spans = pc.take(pa.array(restarts.values(), pa.int64()), pc.index_in(name, value_set=pa.array(restarts)))
    plain = table.column("plain").combine_chunks()
    same = pc.and_(pc.equal(name.slice(1), name.slice(0, len(name) - 1)), plain.slice(0, len(name) - 1))
    soon = pc.less(pc.subtract(at.slice(1), at.slice(0, len(at) - 1)), spans.slice(0, len(at) - 1))
    return pa.chunked_array([pc.and_(same, soon), pa.array([False])])


def people(table: pa.Table) -> Iterator[list[Record]]:
    """The records of one group after the other. What is said again and again is read once."""
    names = ("group", "occurred_at", "event_id", "source", "type", "name", *SPOKEN, "properties", "traits", "context")
    columns = [table.column(name).to_pylist() for name in names]
    contexts: dict[str, Trust] = {}
    nothing: dict[str, Any] = {}
    records: list[Record] = []
    current = -1
    for (
        group,
        at,
        identity,
        source,
        kind,
        name,
        user,
        anonymous,
        previous,
        identifiers,
        properties,
        traits,
        context,
    ) in zip(*columns, strict=True):
        if group != current:
            if records:
                yield records
            records, current = [], group
        where = contexts.get(context)
        if where is None:
            if len(contexts) > CONTEXTS_KEPT:
                contexts.clear()
            where = contexts[context] = unfolded(_decode(context))
        event = Event(
            id=identity,
            source=source,
            type=kind,
            name=name,
            occurred_at=at,
            user_id=user,
            anonymous_id=anonymous,
            previous_id=previous,
            properties=nothing if properties is None else _decode(properties),
            traits=nothing if traits is None or traits == "{}" else _decode(traits),
            context=where.context,
            identifiers=nothing if identifiers is None or identifiers == "{}" else _decode(identifiers),
            level=where.level,
            claims=where.claims,
            proof=where.proof,
        )
        records.append(Record(len(records), at, event))
    if records:
        yield records


def _with(table: pa.Table, name: str, column: Any) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, column)
