"""Says a condition in plain English: `looked at products at least 3 times in the last 7 days`."""

from __future__ import annotations

from habitue.model.instant import DAY, Instant, span_words, to_datetime

from .condition import Condition
from .facts import FACTS
from .shapes import MIRRORED, is_number
from .tree import (
    EACH,
    Affinity,
    Aggregate,
    And,
    Arithmetic,
    Bucket,
    Change,
    Choices,
    Compare,
    Comparison,
    Consents,
    Constant,
    EntryProperty,
    Fact,
    InSegment,
    Lifecycle,
    Node,
    Not,
    Occasion,
    Or,
    Path,
    Product,
    Property,
    Reachable,
    Rfm,
    RunKey,
    Scalar,
    Score,
    Sequence,
    Step,
    Test,
    Trait,
)
from .vocabulary import Phrase, phrase

_ORDERS: dict[str, str] = {"<": "less than", "<=": "at most", ">": "more than", ">=": "at least"}
_SIGNS = {"+": "plus", "-": "minus", "*": "times", "/": "divided by"}
OPPOSITE: dict[Comparison, Comparison] = {
    "==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<", "in": "not in", "not in": "in",
}  # fmt: skip


def plain(condition: Condition) -> str:
    """What is true of the people (or events) the condition means, as one English clause without a subject."""
    return _truth(condition.tree)


def _truth(node: Node) -> str:
    match node:
        case And(items=items):
            return " and ".join(_bracketed(item) for item in items)
        case Or(items=items):
            return " or ".join(_bracketed(item) for item in items)
        case Not(item=item):
            return _denied(item)
        case Compare():
            return _comparison(node)
        case Aggregate(function="did"):
            words = phrase(node.event)
            return _joined(words.past, words.one, words.tail, _where(node), _window(node))
        case InSegment(name=name):
            return f'is in the segment "{name}"'
        case Fact(of=of, field=field) if FACTS[of][field].kind == "truth":
            return FACTS[of][field].said
        case Constant(value=value):
            return "is anybody" if value else "is nobody"
        case Sequence() | Test() | Reachable() | Consents() | Bucket() | Occasion():
            return _asserted(node, True)
    return f"{value_words(node)} is set"


def _asserted(node: Node, holds: bool) -> str:
    """A yes or no that is a word of its own, said or denied."""
    match node:
        case Sequence():
            return _sequence(node) if holds else f"it is not so that ({_sequence(node)})"
        case Test(function=function, value=value, against=against):
            said, denied = _TESTS[function]
            joint = "and" if function == "has_all" else "or"
            return f"{value_words(value)} {said if holds else denied} {_listed(against, joint)}"
        case Reachable(channel=channel):
            return f"{'can' if holds else 'cannot'} be reached by {_channel(channel)}"
        case Consents(channel=channel, topic=topic):
            about = f" about {scalar(topic)}" if topic else ""
            return f"{'has' if holds else 'has not'} allowed {_channel(channel)}{about}"
        case Bucket(salt=salt, low=low, high=high):
            share = f"the {scalar(high - low)} % that {scalar(salt)} draws from {scalar(low)} to {scalar(high)}"
            return f"{'is' if holds else 'is not'} among {share}"
        case Occasion(name=name, within=within):
            day = f"{scalar(name.replace('_', ' '))} where they live"
            if not within:
                return f"{day} is {'today' if holds else 'not today'}"
            return f"{day} is {'today or' if holds else 'neither today nor'} at most {span_words(within)} ahead"
    raise TypeError(f"no yes or no: {node!r}")


_TESTS = {
    "starts_with": ("begins with", "does not begin with"),
    "ends_with": ("ends with", "does not end with"),
    "has_any": ("has one of", "has none of"),
    "has_all": ("has all of", "has not all of"),
}
_CHANNELS = {"email": "e-mail", "onsite": "notes on the site", "sms": "SMS", "push": "push messages"}


def _channel(name: str) -> str:
    return _CHANNELS.get(name, scalar(name))


def _listed(node: Node, joint: str) -> str:
    if not isinstance(node, Choices):
        return value_words(node)
    values = [scalar(value) for value in node.values]
    return values[0] if len(values) == 1 else f"{', '.join(values[:-1])} {joint} {values[-1]}"


def _sequence(node: Sequence) -> str:
    steps = ", then ".join(_step(step) for step in node.steps)
    apart = f"no more than {span_words(node.apart)} from first to last" if node.apart is not None else ""
    without = f"with no {' and no '.join(_noun(step) for step in node.without)} in between" if node.without else ""
    details = ", ".join(part for part in (without, apart, _window(node)) if part)
    return f"{steps} ({details})" if details else steps


def _step(node: Step) -> str:
    words = phrase(node.event)
    return _joined(words.past, words.one, words.tail, _filter(node.where))


def _noun(node: Step) -> str:
    return _joined(phrase(node.event).noun, _filter(node.where))


def _bracketed(node: Node) -> str:
    """A clause as part of another: `or` within `and` needs its brackets, the other way round too."""
    return f"({_truth(node)})" if isinstance(node, (And, Or)) else _truth(node)


def _denied(node: Node) -> str:
    match node:
        case Aggregate(function="did"):
            return _did_not(node)
        case InSegment(name=name):
            return f'is not in the segment "{name}"'
        case Fact(of=of, field=field) if FACTS[of][field].kind == "truth":
            return FACTS[of][field].denied
        case Constant(value=value):
            return "is nobody" if value else "is anybody"
        case Not(item=item):
            return _truth(item)
        case And() | Or():
            return f"it is not so that ({_truth(node)})"
        case Compare(left=left, operator=operator, right=right):
            if operator in ("==", "!=", "in", "not in"):
                return _comparison(Compare(left, OPPOSITE[operator], right))
            if isinstance(left, Aggregate) and left.function == "count":
                return _comparison(Compare(left, OPPOSITE[operator], right))
            return f"it is not so that ({_comparison(node)})"
        case Sequence() | Test() | Reachable() | Consents() | Bucket() | Occasion():
            return _asserted(node, False)
    return f"{value_words(node)} is not set"


def _did_not(node: Aggregate) -> str:
    words = phrase(node.event)
    said = (words.participle, words.one, words.tail, _where(node))
    if not _window(node):
        return _joined("has never", *said)
    if node.period or node.before is not None:
        return _joined(
            "did not have", words.plural, _where(node), _window(node), f"(also true of people who never {_ever(words)})"
        )
    return _joined("has not", *said, _window(node), f"(also true of people who never {_ever(words)})")


def _ever(words: Phrase) -> str:
    """What those people never did, who are many."""
    return _joined("were" if words.past == "was" else words.past, words.one, words.tail)


# --- comparisons ---


def _comparison(node: Compare) -> str:
    left, operator, right = node.left, node.operator, node.right
    if isinstance(left, Constant) and operator in MIRRORED:
        left, operator, right = right, MIRRORED[operator], left
    if isinstance(left, Aggregate) and isinstance(right, Constant):
        if left.function == "count":
            return _counted(left, operator, right.value)
        if left.function == "days_since":
            return _ago(left, operator, right.value)
    if operator in ("in", "not in"):
        return _membership(left, operator, right)
    return _compared(left, operator, right)


def _counted(node: Aggregate, operator: Comparison, bound: Scalar) -> str:
    words = phrase(node.event)
    if (operator, bound) in (("==", 0), ("<", 1), ("<=", 0)):
        return _did_not(node)
    how_often = {
        ">=": "at least {}", ">": "more than {}", "<": "fewer than {}", "<=": "at most {}", "==": "exactly {}",
        "!=": "not exactly {}",
    }[operator].format(_times(bound))  # fmt: skip
    objects = words.one if bound == 1 and operator in ("==", ">=", "<=") else words.many
    said = _joined(words.past, objects, words.tail, _where(node), how_often, _window(node))
    if operator in ("<", "<=") or (operator == "!=" and bound != 0):
        return f"{said} (also true of people who never {_ever(words)})"
    return said


def counted(node: Aggregate) -> str:
    """What was counted, before how often."""
    words = phrase(node.event)
    return _joined(words.past, words.many, words.tail, _where(node), _window(node))


def _times(bound: Scalar) -> str:
    return "once" if bound == 1 else "twice" if bound == 2 else f"{scalar(bound)} times"


def _ago(node: Aggregate, operator: Comparison, days: Scalar) -> str:
    words = phrase(node.event)
    unit = "day" if days == 1 else "days"
    said = _joined(
        "last", words.past, words.one, words.tail, _where(node), f"{_ORDERS[operator]} {scalar(days)} {unit} ago"
    )
    return f"{said} (not true of people who never {_ever(words)})"


def _membership(left: Node, operator: Comparison, right: Node) -> str:
    if not isinstance(right, Choices):
        return f"{value_words(right)} {'contains' if operator == 'in' else 'does not contain'} {value_words(left)}"
    listed = _listed(right, "or")
    if operator == "in":
        return f"{value_words(left)} is {listed}"
    return f"{value_words(left)} is not {listed}{_unknown(left)}"


def _compared(left: Node, operator: Comparison, right: Node) -> str:
    if isinstance(right, Constant) and right.value is None:
        return f"{value_words(left)} is {'not known' if operator == '==' else 'known'}"
    if operator == "==":
        return f"{value_words(left)} is {value_words(right)}"
    if operator == "!=":
        return f"{value_words(left)} is not {value_words(right)}{_unknown(left)}"
    return f"{value_words(left)} is {_ORDERS[operator]} {value_words(right)}"


def _unknown(node: Node) -> str:
    """`!=` holds for what is missing, and the reader must know."""
    if is_number(node):
        return ""
    return f" (also true where {value_words(node)} is not known)"


# --- values ---


def value_words(node: Node) -> str:
    match node:
        case Constant(value=value):
            return scalar(value)
        case Trait(path=path) | Property(path=path):
            return _path(path)
        case EntryProperty(path=path):
            return f"the {_path(path)} of the event that started the journey"
        case RunKey():
            return "the key of the run"
        case Fact(of=of, field=field):
            return FACTS[of][field].said
        case Change(function=function, value=value):
            return (
                f"{value_words(value)} in small letters" if function == "lower" else f"the size of {value_words(value)}"
            )
        case Product(id=product, field=field):
            of = "the product" if isinstance(product, EntryProperty) else f"the product {value_words(product)}"
            return f"the {field.replace('_', ' ')} of {of} as last seen"
        case Score(name=name):
            return f"the score {scalar(name)}"
        case Rfm(field=field):
            return f"the RFM {field}" if field in ("code", "group") else f"the {field} score"
        case Lifecycle():
            return "the lifecycle stage"
        case Affinity(of=of, value=None):
            return f"the favourite {of}"
        case Affinity(of=of, value=value) if value is not None:
            return f"the share of interest that goes to the {of} {value_words(value)}"
        case Arithmetic(left=left, operator=sign, right=right):
            return f"{_term(left)} {_SIGNS[sign]} {_term(right)}"
        case Aggregate():
            return _aggregate(node)
    return f"({_truth(node)})"


def _term(node: Node) -> str:
    return f"({value_words(node)})" if isinstance(node, Arithmetic) else value_words(node)


def _aggregate(node: Aggregate) -> str:
    words = phrase(node.event)
    value = _path(node.value)
    over = _joined(words.plural, _where(node), _window(node))
    match node.function:
        case "count":
            return f"the number of {over}"
        case "sum":
            return f"the sum of {value} over {over}"
        case "avg":
            return f"the average {value} of {over}"
        case "min":
            return f"the smallest {value} of {over}"
        case "max":
            return f"the largest {value} of {over}"
        case "distinct":
            return f"the number of different values of {value} over {over}"
        case "first" | "last":
            return f"the {value} of the {node.function} {_joined(words.noun, _where(node), _window(node))}"
    return f"the days since the last {_joined(words.noun, _where(node))}"


def _where(node: Aggregate) -> str:
    return _filter(node.where)


def _filter(where: Node | None) -> str:
    return "" if where is None else f"where {_bracketed(where)}"


def _window(node: Aggregate | Sequence) -> str:
    if node.within is not None:
        length = span_words(node.within)
        return f"in the last {length.removeprefix('1 ') if ' and ' not in length and ', ' not in length else length}"
    if node.period:
        words = str(node.period)
        return f"{words} ({node.zone.rpartition('/')[2].replace('_', ' ')} time)" if node.zone else words
    since = "" if node.since is None else f"since {_date(node.since)}"
    before = "" if node.before is None else f"before {_date(node.before)}"
    return " and ".join(part for part in (since, before) if part)


def _date(instant: Instant) -> str:
    moment = to_datetime(instant)
    day = f"{moment.day} {moment:%B} {moment.year}"
    if instant % DAY == 0:
        return day
    return (
        f"{day}, {moment:%H:%M} UTC" if moment.second == moment.microsecond == 0 else f"{day}, {moment:%H:%M:%S.%f} UTC"
    )


def _path(path: Path) -> str:
    """`products[].category` is the category of one of the products."""
    if EACH not in path:
        return " ".join(path).replace("_", " ")
    place = len(path) - 1 - path[::-1].index(EACH)
    inner, outer = path[place + 1 :], path[:place]
    said = f"one of the {_path(outer)}" if EACH not in outer else _path(outer)
    return f"{' '.join(inner).replace('_', ' ')} of {said}" if inner else said


def scalar(value: Scalar) -> str:
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return f"{value:,}" if not isinstance(value, float) or not value.is_integer() else f"{int(value):,}"
    return value if value and value == value.strip() and all(part.isalnum() for part in value.split()) else f'"{value}"'


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)
