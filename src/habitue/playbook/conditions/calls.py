"""Reads what is written with brackets: `count(…)`, `sequence(…)`, `reachable(…)` and the others."""

from __future__ import annotations

import ast
import difflib
from typing import Protocol, get_args

from habitue.model.instant import Span, parse_span

from .error import ConditionError, slip_for, unknown
from .facts import AFFINITIES
from .names import Names
from .paths import ANYWHERE, CALLS, FUNCTIONS, Paths, Scope
from .shapes import PRODUCT_FIELDS, conjunction, is_each, is_number, is_truth
from .source import Source
from .tree import (
    EACH,
    Affinity,
    Aggregate,
    Bucket,
    Change,
    Choices,
    Compare,
    Consents,
    Constant,
    EntryProperty,
    Function,
    InSegment,
    Node,
    Occasion,
    Path,
    Product,
    Property,
    Reachable,
    Scalar,
    Score,
    Sequence,
    Step,
    Test,
    TextChange,
    TextTest,
    Trait,
)
from .windows import KEYWORDS, Window, WindowError, read_window

_OF_A_VALUE = frozenset({"sum", "min", "max", "avg", "first", "last", "distinct"})
STEPS_MAX = 8
WITHOUT_MAX = 4


class Expressions(Protocol):
    """What stands between the brackets is read by whoever reads the rest."""

    def truth(self, node: ast.expr, scope: Scope) -> Node: ...

    def operand(self, node: ast.expr, scope: Scope) -> Node: ...

    def value(self, node: ast.expr, scope: Scope) -> Node: ...

    def container(self, node: ast.expr, scope: Scope) -> Node: ...

    def constant(self, node: ast.expr, where: str) -> Scalar: ...

    def scalar(self, node: ast.Constant) -> Scalar: ...


class Calls:
    """The calls of one text."""

    def __init__(self, source: Source, names: Names, paths: Paths, expressions: Expressions) -> None:
        self._source = source
        self._names = names
        self._paths = paths
        self._expressions = expressions

    def read(self, node: ast.Call, scope: Scope) -> Node:
        if not isinstance(node.func, ast.Name):
            raise self._wrong(node, f"expected a function's name, found {self._source.written(node.func)}")
        name = node.func.id
        if name not in CALLS:
            raise self._wrong(node, unknown("function", name, CALLS))
        if scope != "condition" and name not in ANYWHERE:
            raise self._wrong(
                node,
                f"{name}(…) speaks of the customer, but a filter looks at one event's properties; "
                "ask it in a condition beside the filter",
            )
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                raise self._wrong(argument, "* is not part of the language")
        for keyword in node.keywords:
            if keyword.arg is None:
                raise self._wrong(keyword, "** is not part of the language")
        return self._call(name, node, scope)

    def _call(self, name: str, node: ast.Call, scope: Scope) -> Node:
        for function in FUNCTIONS:
            if function == name:
                return self._aggregate(node, function)
        for test in get_args(TextTest):
            if test == name:
                return self._test(node, test, scope)
        for change in get_args(TextChange):
            if change == name:
                return self._change(node, change, scope)
        match name:
            case "sequence":
                return self._sequence(node)
            case "segment":
                return InSegment(self._named(node, "segment", 'segment("regulars")', self._names.segments))
            case "reachable":
                return Reachable(self._named(node, "channel", 'reachable("email")', self._names.channels))
            case "score":
                return Score(self._named(node, "score", 'score("intent")', None))
            case "consents":
                return self._consents(node)
            case "bucket":
                return self._bucket(node)
            case "occasion":
                return self._occasion(node)
            case "product":
                there = ", ".join(f".{field}" for field in PRODUCT_FIELDS)
                raise self._wrong(node, f"what of the product? After the bracket there can be: {there}")
        return self._affinity(node)

    # --- names in quotes ---

    def _named(self, node: ast.Call, kind: str, example: str, known: frozenset[str] | None) -> str:
        if len(node.args) != 1 or node.keywords:
            function = example.partition("(")[0]
            raise self._wrong(node, f"{function} takes one name in quotes, as in {example}")
        return self._known(node.args[0], kind, example, known)

    def _known(self, node: ast.expr, kind: str, example: str, known: frozenset[str] | None) -> str:
        article = "an" if kind[0] in "aeiou" else "a"
        name = self._text(node, f"{article} {kind}'s name in quotes, as in {example}")
        if known is not None and name not in known:
            raise self._wrong(node, unknown(kind, name, known))
        if not name.strip():
            raise self._wrong(node, f"the {kind}'s name is empty")
        return name

    def _consents(self, node: ast.Call) -> Node:
        example = 'consents("email", topic="news")'
        if len(node.args) != 1 or any(keyword.arg != "topic" for keyword in node.keywords):
            raise self._wrong(node, f"consents takes a channel, and then a topic if need be, as in {example}")
        channel = self._known(node.args[0], "channel", example, self._names.channels)
        topics = [self._known(one.value, "topic", example, self._names.topics) for one in node.keywords]
        return Consents(channel, *topics)

    def _occasion(self, node: ast.Call) -> Node:
        example = 'occasion("christmas", within="14d")'
        if len(node.args) != 1 or any(keyword.arg != "within" for keyword in node.keywords):
            raise self._wrong(node, f"occasion takes a name, and then how long before, as in {example}")
        name = self._known(node.args[0], "occasion", example, self._names.occasions)
        return Occasion(name, *(self._span(one) for one in node.keywords))

    def _bucket(self, node: ast.Call) -> Node:
        example = 'bucket("spring", 0, 10)'
        if len(node.args) != 3 or node.keywords:
            raise self._wrong(node, f"bucket takes a salt in quotes and two numbers from 0 to 100, as in {example}")
        salt = self._known(node.args[0], "salt", example, None)
        low, high = (self._percent(argument, example) for argument in node.args[1:])
        if low >= high:
            raise self._wrong(node.args[2], f"the bucket is empty: {high:g} is not above {low:g}")
        return Bucket(salt, low, high)

    def _percent(self, node: ast.expr, example: str) -> float:
        found = self._expressions.constant(node, f"as in {example}")
        if isinstance(found, bool) or not isinstance(found, (int, float)) or not 0 <= found <= 100:
            raise self._wrong(node, f"expected a number from 0 to 100, found {self._source.written(node)}")
        if round(found * 100) != found * 100:
            raise self._wrong(node, f"buckets are hundredths of a percent; {found} is finer than that")
        return found

    # --- facts ---

    def _affinity(self, node: ast.Call) -> Node:
        example = 'affinity("category", "mugs") >= 0.3'
        if not 1 <= len(node.args) <= 2 or node.keywords:
            raise self._wrong(node, f'affinity takes "category" or "brand", and then which, as in {example}')
        of = self._text(node.args[0], '"category" or "brand"')
        if of not in AFFINITIES:
            raise self._wrong(node.args[0], unknown("affinity", of, AFFINITIES))
        if len(node.args) == 1:
            return Affinity(of)
        value = self._expressions.operand(node.args[1], "condition")
        if not self._may_be_text(value) or isinstance(value, Aggregate):
            raise self._wrong(node.args[1], f"expected a {of} in quotes, or a name such as event.{of}, as in {example}")
        return Affinity(of, value)

    def product(self, node: ast.Attribute, scope: Scope) -> Node:
        """`product(event.product_id).price`"""
        example = "product(event.product_id).price"
        call = node.value
        assert isinstance(call, ast.Call)
        if scope != "condition":
            raise self._wrong(node, "product(…) speaks of what the customer was told; ask it in a condition")
        if len(call.args) != 1 or call.keywords or isinstance(call.args[0], ast.Starred):
            raise self._wrong(call, f"product takes one product's id, as in {example}")
        if node.attr not in PRODUCT_FIELDS:
            raise self._wrong(node, unknown("field of a product", node.attr, PRODUCT_FIELDS))
        product = self._expressions.operand(call.args[0], scope)
        if not self._may_be_text(product):
            raise self._wrong(call.args[0], f"expected a product's id in quotes, or a name, as in {example}")
        return Product(product, node.attr)

    def _may_be_text(self, node: Node) -> bool:
        if isinstance(node, Constant):
            return isinstance(node.value, str)
        if isinstance(node, Aggregate):
            return node.function in ("first", "last")
        return isinstance(node, (EntryProperty, Trait)) and not is_each(node)

    # --- text and lists ---

    def _test(self, node: ast.Call, function: TextTest, scope: Scope) -> Node:
        of_text = function in ("starts_with", "ends_with")
        example = f'{function}(trait.email, "ana")' if of_text else f'{function}(trait.interests, ("mugs", "watches"))'
        if len(node.args) != 2 or node.keywords:
            takes = "a name and a text" if of_text else "a name and a list"
            raise self._wrong(node, f"{function} takes {takes}, as in {example}")
        value = self._single(node.args[0], scope, function)
        if of_text:
            return Test(function, value, Constant(self._text(node.args[1], f"a text in quotes, as in {example}")))
        choices = self._expressions.container(node.args[1], scope)
        if not isinstance(choices, Choices):
            raise self._wrong(node.args[1], f"expected a list of constants in brackets, as in {example}")
        return Test(function, value, choices)

    def _change(self, node: ast.Call, function: TextChange, scope: Scope) -> Node:
        example = 'lower(trait.city) == "madrid"' if function == "lower" else "size(trait.interests) >= 2"
        if len(node.args) != 1 or node.keywords:
            raise self._wrong(node, f"{function} takes one name, as in {example}")
        return Change(function, self._single(node.args[0], scope, function))

    def _single(self, node: ast.expr, scope: Scope, function: str) -> Node:
        """A value that is text or a list: one, not those of every element."""
        found = self._expressions.value(node, scope)
        if is_each(found):
            raise self._wrong(
                node, f"{function} looks at one text or list; compare every element with == or in, without {function}"
            )
        if isinstance(found, Constant) or is_truth(found) or is_number(found):
            raise self._wrong(node, f"expected a name such as trait.email, found {self._source.written(node)}")
        return found

    # --- what she did ---

    def _aggregate(self, node: ast.Call, function: Function) -> Node:
        if not node.args:
            raise self._wrong(node, f"{function} needs an event's name, as in {_example(function)}")
        event = self._event(node.args[0], _example(function))
        value: Path = ()
        filters = node.args[1:]
        if function in _OF_A_VALUE:
            value = self._value_of(node, function)
            filters = filters[1:]
        where = self._where(filters, node.keywords)
        window = self._window(node.keywords)
        if window != Window() and function == "days_since":
            keyword = next(one for one in node.keywords if one.arg in KEYWORDS)
            raise self._wrong(keyword, f"days_since takes no {keyword.arg}; it looks at the latest event, however old")
        return Aggregate(function, event, value, where, *window)

    def _value_of(self, node: ast.Call, function: Function) -> Path:
        filters = node.args[1:]
        if not filters or not isinstance(filters[0], (ast.Name, ast.Attribute, ast.Subscript)):
            place = filters[0] if filters else node
            raise self._wrong(
                place, f"{function} needs the name of a property after the event, as in {_example(function)}"
            )
        value = self._paths.path(filters[0])
        if EACH in value and function in ("first", "last"):
            raise self._wrong(
                filters[0],
                f"a list has no {function} value in time; sum, min, max, avg and distinct take every element",
            )
        return value

    def _where(self, filters: list[ast.expr], keywords: list[ast.keyword]) -> Node | None:
        conditions = [self._expressions.truth(argument, "counter") for argument in filters]
        conditions += [self._equality(keyword) for keyword in keywords if keyword.arg not in KEYWORDS]
        return conjunction(conditions) if conditions else None

    def _equality(self, keyword: ast.keyword) -> Node:
        assert keyword.arg is not None
        if isinstance(keyword.value, (ast.Tuple, ast.List, ast.Set)):
            written = self._source.written(keyword.value)
            raise self._wrong(
                keyword.value, f"a list stands after in: write {keyword.arg} in {written}, before the arguments with ="
            )
        meant = difflib.get_close_matches(keyword.arg, KEYWORDS, n=1, cutoff=0.8)
        if meant:
            raise self._wrong(keyword, f'unknown argument "{keyword.arg}". Did you mean "{meant[0]}"?')
        value = self._expressions.constant(keyword.value, f"after {keyword.arg}=")
        return Compare(Property((keyword.arg,)), "==", Constant(value))

    def _event(self, node: ast.expr, example: str) -> str:
        name = self._text(node, f"an event's name in quotes, as in {example}")
        if not name.strip():
            raise self._wrong(node, "the event's name is empty")
        meant = slip_for(name, self._names.events)
        if meant is not None:
            raise self._wrong(node, f'unknown event "{name}". Did you mean "{meant}"?')
        return name

    # --- what she did, one after the other ---

    def _sequence(self, node: ast.Call) -> Node:
        example = 'sequence("Product Viewed", "Product Added", within="7d", without="Order Completed")'
        keywords = {keyword.arg: keyword for keyword in node.keywords}
        for name, keyword in keywords.items():
            if name not in (*KEYWORDS, "apart", "without"):
                raise self._wrong(keyword, unknown("argument", str(name), (*KEYWORDS, "apart", "without")))
        if not 2 <= len(node.args) <= STEPS_MAX:
            raise self._wrong(node, f"sequence takes 2 to {STEPS_MAX} events in their order, as in {example}")
        steps = tuple(self._step(argument, example) for argument in node.args)
        without = self._without(keywords.get("without"), steps, example)
        apart = self._span(keywords["apart"]) if "apart" in keywords else None
        return Sequence(steps, without, apart, *self._window(node.keywords))

    def _step(self, node: ast.expr, example: str) -> Step:
        """An event's name, or `did(…)` without a window."""
        if isinstance(node, ast.Constant):
            return Step(self._event(node, example))
        found = self._expressions.value(node, "condition") if isinstance(node, ast.Call) else None
        if not isinstance(found, Aggregate) or found.function != "did":
            raise self._wrong(node, f"expected an event's name or did(…) with a filter, as in {example}")
        if found != Aggregate("did", found.event, where=found.where):
            raise self._wrong(node, "the window belongs to the sequence, not to one of its events")
        return Step(found.event, found.where)

    def _without(self, keyword: ast.keyword | None, steps: tuple[Step, ...], example: str) -> tuple[Step, ...]:
        if keyword is None:
            return ()
        listed = keyword.value
        nodes = listed.elts if isinstance(listed, (ast.Tuple, ast.List)) else [listed]
        if not 1 <= len(nodes) <= WITHOUT_MAX:
            raise self._wrong(listed, f"without takes 1 to {WITHOUT_MAX} events")
        without = tuple(self._step(one, example) for one in nodes)
        shared = {step.event for step in steps} & {step.event for step in without}
        if shared:
            raise self._wrong(listed, f'"{min(shared)}" is a step of the sequence already; without names other events')
        return without

    # --- windows ---

    def _window(self, keywords: list[ast.keyword]) -> Window:
        named = {keyword.arg: keyword for keyword in keywords if keyword.arg in KEYWORDS}
        texts = {name: self._window_text(str(name), keyword) for name, keyword in named.items()}
        try:
            return read_window({str(name): text for name, text in texts.items()})
        except WindowError as error:
            culprit = named[error.keyword]
            raise self._wrong(culprit.value if error.in_text else culprit, str(error)) from None

    def _window_text(self, name: str, keyword: ast.keyword) -> tuple[str, ...]:
        value = keyword.value
        if name == "between":
            if not isinstance(value, (ast.Tuple, ast.List)) or len(value.elts) != 2:
                raise self._wrong(value, 'expected two dates, as in between=("2026-01-01", "2026-02-01")')
            return tuple(self._text(one, "a date in quotes") for one in value.elts)
        expected = {
            "within": 'a length of time in quotes, as in within="7d", or a period, as in within="this month"',
            "tz": 'a time zone in quotes, as in tz="Europe/Madrid"',
        }.get(name, f'a date in quotes, as in {name}="2026-01-31"')
        return (self._text(value, expected),)

    def _span(self, keyword: ast.keyword) -> Span:
        text = self._text(keyword.value, f'a length of time in quotes, as in {keyword.arg}="7d"')
        try:
            return parse_span(text)
        except ValueError as error:
            raise self._wrong(keyword.value, str(error)) from None

    def _text(self, node: ast.expr, expected: str) -> str:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            value = self._expressions.scalar(node)
            assert isinstance(value, str)
            return value
        raise self._wrong(node, f"expected {expected}; found {self._source.written(node)}")

    def _wrong(self, node: ast.expr | ast.keyword, message: str) -> ConditionError:
        return self._source.wrong(node, message)


def _example(function: str) -> str:
    if function in _OF_A_VALUE:
        return f'{function}("Order Completed", total, within="30d")'
    return (
        f'{function}("Order Completed")' if function == "days_since" else f'{function}("Product Viewed", within="7d")'
    )
