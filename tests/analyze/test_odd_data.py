"""What nobody meant to send means the same to live evaluation and to SQL: huge numbers, blanks, quotes, long texts."""

from __future__ import annotations

import msgspec
from tests.analyze.cases import Case, by_sql, live

from habitue.model.event import Event, Record
from habitue.playbook.conditions import parse
from habitue.playbook.conditions.tree import Constant

LATER = 10_000_000
LONG = [f'"{letter * size}"' for letter in ("x", "é", "😀", r"\"") for size in (250, 499, 500, 501, 502)]
VALUES = [
    *("0", "-0.0", "1e5", "1E+2", "5e-324", "0.30000000000000004", "2.5e-7", "1.5e15", "1000000000000001", "1e308"),
    *("9007199254740993", "-9223372036854775808", "18446744073709551616", "123456789012345678901234567890"),
    *("1000000000000.1", "999999999999.9999999", "0.0000005", "0.0000015", "true", "null", "[]", "{}"),
    *(r'"1e5"', r'" 12 "', r'"\u0663"', r'"+12"', r'"-0"', r'"12."', r'".5"', r'"NaN"', r'"12\n"', r'"1_000"', r'""'),
    *(r'"\u00a012"', r'"\u200b12"', r'"\u001c12"', r'"\u0085 12"', r'"\ufeff12"', r'"\u2028"', r'"1234567890123456"'),
    *(r'"\u0000"', r'"a\u0000b"', r'"\\"', r'"\"quoted\""', '"it\'s"', r'"%_"', r'"\u0130"', r'"\u03a3\u03a3"'),
    *('[1, [2, 3]]', '{"a": 1, "a": 2}', '["a", "a", null, true, 1, "1"]', '[{"p": 1}, {"p": "1"}, {}, 5, "x"]'),
    *LONG,
]  # fmt: skip
CONSTANTS = ("0", "12", "0.1", "1e15", '"12"', '" 12 "', '""', '"x"', r'"\x00"', f'"{"x" * 500}"', r'"\\"', '"it\'s"')
FORMS = (
    'did("E", v == {0})',
    'did("E", v > {0})',
    'did("E", {0} in v)',
    'did("E", v[] == {0})',
    'last("E", v) == {0}',
    'last("E", v) <= {0}',
)
ALONE = (
    'did("E", v)',
    'did("E", v == w)',
    'did("E", v < w)',
    'did("E", v in w)',
    'did("E", v * 2 > 24)',
    'did("E", v[][] == 2)',
    'did("E", lower(v) == lower(w))',
    'did("E", size(v) == 500)',
    'size(last("E", v)) == 501',
    'sum("E", v) > 12',
    'sum("E", v[].p) == 2',
    'avg("E", v) == 12',
    'max("E", v) >= 1e12',
    'distinct("E", v) == 2',
    'distinct("E", v[]) == 4',
    'first("E", v) < last("E", w)',
)


def test_odd_values_are_the_same_to_both_readers() -> None:
    texts = [form.format(constant) for form in FORMS for constant in CONSTANTS] + list(ALONE)
    values = [msgspec.json.decode(value) for value in VALUES]
    past = []
    for place, value in enumerate(values):
        properties = {"v": value, "w": values[(place * 7 + 3) % len(values)]}
        event = Event(id="e", source="web", type="track", name="E", occurred_at=place, properties=properties)
        past.append((f"p{place}", Record(place, place, event)))
    case = Case([parse(text).tree for text in texts], Constant(True), past)
    found = by_sql(case, {who: [LATER] for who, _ in past})
    for who, record in past:
        for text, *answers in zip(texts, next(live(case, who, [LATER])), found[who, LATER], strict=True):
            assert len(set(answers)) == 1, f"{text}: {answers} of {record.event.properties}"
