"""A definition as its fields in plain words, each with what it means: what two versions of it are compared by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, get_args

import msgspec

from habitue.model.instant import span_words
from habitue.playbook.conditions import Condition, plain, write
from habitue.playbook.journey import OnEvent, OnInaction, OnRequest, OnSchedule, OnSegment, Reentry, Signal
from habitue.playbook.occasions import Rule, write_rule
from habitue.playbook.playbook import Cap, Gap, QuietHours

NOT_MEANT = {"file", "line", "files", "notes", "version"}
"""Fields that say where a definition stands, not what it means."""
SPANS = {
    "span", "timeout", "time_limit", "ttl", "duplicate_within", "history_after", "session_gap", "confirm_within",
    "over", "recency", "pauses", "at_risk_after", "dormant_after", "lost_after",
}  # fmt: skip
"""Fields of lengths of time, as against plain numbers; what is said in one sentence below knows its own."""
TIMES_OF_DAY = {"minute_of_day"}
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WORDS = {
    "when": "only if",
    "exits": "exit",
    "goals": "goal",
    "runs_max": "runs at once",
    "sender": "from",
    "gaps": "minimum gap",
    "duplicate_within": "not twice within",
    "ttl": "worth sending for",
    "minute_of_day": "time of day",
}
"""Field → what people call it; others are called as they are spelt."""


class Said(msgspec.Struct, frozen=True):
    """One field: as text, as its meaning (equal meanings have equal ones), and a condition in plain English too."""

    text: str
    meaning: Any
    plain: str = ""


def said(definition: msgspec.Struct) -> dict[str, Said]:
    """Every field of a definition that says something, in the order it is defined in."""
    return dict(_fields("", definition))


def meaning(value: Any) -> Any:
    """What a value means, whatever its layout: conditions as their trees, and no places in files."""
    match value:
        case Condition(tree=tree, kind=kind):
            return (kind, tree)
        case msgspec.Struct():
            fields = (name for name in value.__struct_fields__ if name not in NOT_MEANT)
            return (type(value).__name__, *((name, meaning(getattr(value, name))) for name in fields))
        case dict():
            return tuple((key, meaning(inner)) for key, inner in value.items())
        case tuple() | list():
            return tuple(meaning(inner) for inner in value)
        case frozenset():
            return tuple(sorted(value))
        case bool() | int() | float():
            return (type(value).__name__, value)  # True and 1 are not the same to whoever wrote them.
    return value


def leaves(label: str, name: str, value: Any) -> Iterator[tuple[str, Said]]:
    """What one field comes to: nothing where it says nothing, several where it holds several."""
    sentence = _SENTENCES.get(type(value))
    match value:
        # A mapping pattern of nothing would fit every mapping; an empty one says nothing below.
        case None | "" | () | []:
            return
        case Condition():
            yield label, Said(condition_text(value), meaning(value), plain(value))
        case (Signal(), *_):
            yield label, _sentence(value, _signals)
        case (Cap() | Gap(), *_):
            yield from _limits(value)
        case _ if sentence is not None:
            yield label, _sentence(value, sentence)
        case msgspec.Struct():
            yield from _fields(f"{label}: ", value)
        case dict():
            for key, inner in value.items():
                yield from _entry(f"{label} {words(str(key))}", name, inner)
        case (msgspec.Struct(), *_):
            for number, inner in enumerate(value, 1):
                yield from _entry(f"{label} {getattr(inner, 'name', '') or number}", name, inner)
        case _:
            yield label, Said(_plain_value(name, value), meaning(value))


def words(name: str) -> str:
    return WORDS.get(name, name.replace("_", " "))


def condition_text(condition: Condition) -> str:
    """A condition as text without its layout and comments: two versions differ only where their meanings do."""
    return write(condition.tree)


def _fields(prefix: str, definition: msgspec.Struct) -> Iterator[tuple[str, Said]]:
    for name in definition.__struct_fields__:
        if name not in NOT_MEANT:
            yield from leaves(f"{prefix}{words(name)}", name, getattr(definition, name))


def _entry(label: str, name: str, value: Any) -> Iterator[tuple[str, Said]]:
    """One of many: it is there even where nothing more is said of it."""
    found = list(leaves(label, name, value))
    yield from found or [(label, Said(_plain_value(name, value), meaning(value)))]


def _plain_value(name: str, value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "nothing"}[value]
    if isinstance(value, tuple | list | frozenset):
        parts = sorted(value) if isinstance(value, frozenset) else value
        each = name if name in SPANS else ""
        return ", ".join(_plain_value(each, day_name(one) if name == "weekdays" else one) for one in parts)
    if isinstance(value, int) and name in SPANS:
        return span_words(value)
    if isinstance(value, int) and name in TIMES_OF_DAY:
        return clock(value)
    return str(value)


def clock(minute_of_day: int) -> str:
    return f"{minute_of_day // 60:02}:{minute_of_day % 60:02}"


def day_name(weekday: int) -> str:
    return DAYS[weekday]


# --- what is best said in one sentence -----------------------------------------------------------------------------

_Says = Callable[[Condition], str]


def _sentence(value: Any, say: Callable[[Any, _Says], str]) -> Said:
    text, in_plain = say(value, condition_text), say(value, plain)
    return Said(text, meaning(value), "" if in_plain == text else in_plain)


def _signal(signal: Signal, says: _Says) -> str:
    return signal.event if signal.where is None else f"{signal.event} where {says(signal.where)}"


def _signals(signals: tuple[Signal, ...], says: _Says) -> str:
    return " or ".join(_signal(signal, says) for signal in signals)


def _inaction(entry: OnInaction, says: _Says) -> str:
    after, without = _signals(entry.signals, says), _signals(entry.without, says)
    return f"{span_words(entry.within)} after {after} without {without}"


def _schedule(entry: OnSchedule, says: _Says) -> str:
    days = ", ".join(day_name(day) for day in entry.weekdays)
    when = f"on {days}" if days else f"on day {entry.day} of the month" if entry.day else "every day"
    whose = "the shop's clock" if entry.zone == "shop" else "the customer's clock"
    return f"{when} at {clock(entry.minute_of_day)} on {whose}, members of {entry.segment}"


def _reentry(reentry: Reentry, says: _Says) -> str:
    return f"after {span_words(reentry.after)}" if reentry.mode == "after" else reentry.mode


def _quiet(quiet: QuietHours, says: _Says) -> str:
    return f"{clock(quiet.start)} to {clock(quiet.end)} for {', '.join(quiet.channels)}"


_SENTENCES: dict[type, Callable[[Any, _Says], str]] = {
    Signal: _signal,
    OnEvent: lambda entry, says: _signal(entry.signal, says),
    OnInaction: _inaction,
    OnSegment: lambda entry, says: f"{'joining' if entry.change == 'enter' else 'leaving'} {entry.segment}",
    OnSchedule: _schedule,
    OnRequest: lambda entry, says: "a program asks for it",
    Reentry: _reentry,
    QuietHours: _quiet,
    **dict.fromkeys(get_args(Rule), lambda rule, says: write_rule(rule)),
}


def _limits(limits: tuple[Cap | Gap, ...]) -> Iterator[tuple[str, Said]]:
    """Caps and gaps by what they are about, so that a number that moved is one change."""
    found: dict[str, list[str]] = {}
    for limit in limits:
        where = f"on {limit.channel}" if limit.channel else "over all channels"
        if isinstance(limit, Cap):
            label, text = f"cap {where} within {span_words(limit.within)}", f"at most {limit.limit}"
        else:
            label, text = f"minimum gap {where}", span_words(limit.span)
        found.setdefault(label, []).append(text)
    for label, texts in found.items():
        yield label, Said(" and ".join(texts), tuple(sorted(texts)))
