"""Checks a template before it may become part of a playbook: syntax, filters, and names nobody will ever fill."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from difflib import get_close_matches

import msgspec
from liquid import BoundTemplate
from liquid.exceptions import LiquidError

from habitue.errors import RenderFailed
from habitue.model.message import EmailContent, Message, OnsiteContent

from .environment import HTML, line_of, parse
from .hearsay import says_who_told_it
from .mjml import MjmlProblem, compile_html

Problem = tuple[int, str]
"""(line, what is wrong); line 1 is the template's first."""

_VISIT = frozenset(
    {
        "started_at", "ended_at", "stage", "deepest", "page", "pages", "details", "minutes", "products", "categories",
        "brands", "price_lowest", "price_highest", "price_spread",
    }
)  # fmt: skip

NAMES: dict[str, frozenset[str] | None] = {
    "customer": frozenset({"id", "user_id", "email", "first_name", "name", "traits", "timezone", "locale"}),
    "event": None,
    "cart": frozenset({"items", "value", "count", "cart_id"}),
    "viewed": None,
    "bought": None,
    "wishlist": frozenset({"items", "count"}),
    "visit": _VISIT,
    "last_visit": _VISIT,
    "affinities": frozenset({"categories", "brands"}),
    "orders": frozenset({"count", "revenue", "refunds", "first_at", "last_at"}),
    "run": frozenset({"journey", "key", "entered_at"}),
    "shop": frozenset({"name", "url", "address", "timezone", "currency", "locale", "country", "logo_url", "color"}),
    "unsubscribe_url": frozenset(),
    "preferences_url": frozenset(),
    "confirm_url": frozenset(),
}
"""What a template may speak of, and the fields where they are known beforehand (None: anything)."""

CONFIRM = re.compile(r"\bconfirm_url\b")
_ALWAYS = frozenset({"size", "first", "last"})


def check_template(text: str) -> list[Problem]:
    """Everything wrong with one Liquid template. An empty list: it may go live."""
    try:
        template = parse(HTML, text)
    except LiquidError as error:
        return [(line_of(error) or 1, str(error.message))]
    return sorted({*_unknown_filters(template, text), *_unknown_names(template, text)})


def check_message(message: Message) -> list[tuple[str, int, str]]:
    """(field, line, what is wrong) over all templates of a message; the field is like `email.subject`."""
    problems = [
        (f"{channel}.{field}", line, said)
        for channel, content in (("email", message.email), ("onsite", message.onsite))
        if content is not None
        for field, text in _templates(content)
        for line, said in check_template(text)
    ]
    if message.email is not None and not any(field == "email.mjml" for field, _, _ in problems):
        problems += [("email.mjml", line, said) for line, said in _check_email(message, message.email)]
    return problems


def note_hearsay(message: Message) -> list[tuple[str, int, str]]:
    """Where its templates take a name, a picture or a link from the event itself, which a page may have told."""
    return [
        (f"{channel}.{field}", line, said)
        for channel, content in (("email", message.email), ("onsite", message.onsite))
        if content is not None
        for field, text in _templates(content)
        for line, said in _hearsay(text)
    ]


def _hearsay(text: str) -> Iterator[Problem]:
    try:
        uses = parse(HTML, text).analyze().globals.get("event", ())
    except LiquidError:
        return  # Said already, as a problem.
    for use in uses:
        field = use.segments[1] if len(use.segments) > 1 else None
        if isinstance(field, str) and says_who_told_it(field):
            said = f"event.{field} is cleaned, and taken from the catalogue where it knows event.product_id"
            yield _line(text, use.span.index), f"{said}; event.product_id | product says it by itself"


def asks_to_confirm(email: EmailContent) -> bool:
    """Whether it holds the link by which she confirms her consent."""
    return any(CONFIRM.search(text) for _, text in _templates(email))


def _check_email(message: Message, email: EmailContent) -> Iterator[Problem]:
    try:
        compile_html(email.mjml, email.preheader)
    except MjmlProblem as problem:
        yield problem.line, problem.said
    except RenderFailed as error:
        yield 1, str(error)
    if asks_to_confirm(email) and message.kind != "transactional":
        yield 1, "a message that asks to confirm consent must be transactional: there is no consent yet to say it with"
    if message.kind != "transactional" and not re.search(r"\b(unsubscribe|preferences)_url\b", email.mjml):
        yield 1, "a marketing e-mail must show a way out: put {{ unsubscribe_url }} into a link"


def _templates(content: EmailContent | OnsiteContent) -> Iterator[tuple[str, str]]:
    for field in msgspec.structs.fields(content):
        text = getattr(content, field.name)
        if isinstance(text, str):
            yield field.encode_name, text


def _unknown_filters(template: BoundTemplate, text: str) -> Iterator[Problem]:
    for name, spans in template.analyze().filters.items():
        if name not in HTML.filters:
            for span in spans:
                yield _line(text, span.index), f'unknown filter "{name}"{_suggest(name, HTML.filters)}'


def _unknown_names(template: BoundTemplate, text: str) -> Iterator[Problem]:
    for root, uses in template.analyze().globals.items():
        for use in uses:
            line = _line(text, use.span.index)
            if root not in NAMES:
                yield line, f'unknown name "{root}"{_suggest(root, NAMES)}'
                continue
            known, segment = NAMES[root], use.segments[1] if len(use.segments) > 1 else None
            if known is not None and isinstance(segment, str) and segment not in known | _ALWAYS:
                yield line, f'unknown name "{root}.{segment}"{_suggest(segment, known, f"{root}.")}'


def _line(text: str, index: int) -> int:
    return text.count("\n", 0, max(index, 0)) + 1


def _suggest(name: str, known: Collection[str], prefix: str = "") -> str:
    near = get_close_matches(name, known, n=1)
    if near:
        return f'. Did you mean "{prefix}{near[0]}"?'
    return f"; known: {', '.join(sorted(known))}" if 0 < len(known) < 20 else ""
