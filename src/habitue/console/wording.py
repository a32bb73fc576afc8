"""What happened, in words a marketer uses: one headline for each event, decision, delivery and step."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from habitue.console.figures import Figures, is_instant, is_span, minute_text
from habitue.decide.profile.traits import email
from habitue.model.customer import Customer
from habitue.model.decision import Decision
from habitue.model.event import Event
from habitue.model.instant import Span, span_words
from habitue.model.reached import Reached
from habitue.model.reason import SENTENCES, Outcome, Reason
from habitue.playbook.journey import (
    EntryRule,
    If,
    OnEvent,
    OnInaction,
    OnRequest,
    OnSchedule,
    OnSegment,
    SendStep,
    SetStep,
    Split,
    Step,
    WaitEvent,
    WaitFor,
    WaitUntil,
)
from habitue.playbook.playbook import Playbook
from habitue.playbook.why import clauses

_HUMP = re.compile(r"([a-z])([A-Z])(?=[a-z])")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
CHANNELS = {"email": "by e-mail", "onsite": "on the site"}
CHANNEL_TITLES = {"email": "E-mail", "onsite": "On the site"}


class Sign(NamedTuple):
    """An icon and a tone (`good`, `busy`, `held`, `bad`, `calm`); the tone is never the only thing that says it."""

    icon: str
    tone: str


OUTCOMES: dict[Outcome, tuple[str, Sign]] = {
    Outcome.ENTERED: ("Entered", Sign("door-enter", "good")),
    Outcome.REFUSED: ("Not let in", Sign("hand-stop", "calm")),
    Outcome.WAITING: ("Waiting", Sign("hourglass", "busy")),
    Outcome.BRANCHED: ("Took a branch", Sign("arrows-split", "calm")),
    Outcome.SENT: (Reached.QUEUED.capitalize(), Sign("send", "good")),
    Outcome.HELD: ("Held", Sign("player-pause", "held")),
    Outcome.DROPPED: ("Dropped", Sign("ban", "bad")),
    Outcome.CHANGED: ("Changed", Sign("adjustments", "calm")),
    Outcome.LEFT: ("Left", Sign("door-exit", "calm")),
    Outcome.JOINED: ("Joined", Sign("users", "good")),
}

REACHED: dict[Reached, Sign] = {
    Reached.QUEUED: Sign("hourglass", "busy"),
    Reached.SENDING: Sign("send", "busy"),
    Reached.SENT: Sign("circle-check", "good"),
    Reached.SHOWN: Sign("eye", "good"),
    Reached.OPENED: Sign("mail-opened", "good"),
    Reached.CLICKED: Sign("click", "good"),
    Reached.FAILED: Sign("circle-x", "bad"),
    Reached.EXPIRED: Sign("clock", "held"),
    Reached.UNKNOWN: Sign("help-circle", "held"),
}

_EVENT_SIGNS: dict[str, Sign] = {
    "Product Viewed": Sign("eye", "calm"),
    "Product List Viewed": Sign("eye", "calm"),
    "Products Searched": Sign("search", "calm"),
    "Product Clicked": Sign("click", "calm"),
    "Product Added": Sign("shopping-cart-plus", "busy"),
    "Product Removed": Sign("shopping-cart-minus", "calm"),
    "Cart Viewed": Sign("shopping-cart", "calm"),
    "Checkout Started": Sign("credit-card", "busy"),
    "Order Completed": Sign("basket", "good"),
    "Order Refunded": Sign("receipt-refund", "bad"),
    "Page Viewed": Sign("browser", "calm"),
    "Identified": Sign("user-check", "calm"),
    "Aliased": Sign("arrow-merge", "calm"),
    "Consent Granted": Sign("shield-check", "good"),
    "Consent Requested": Sign("shield-check", "calm"),
    "Consent Withdrawn": Sign("user-off", "bad"),
    "Unsubscribed": Sign("mail-off", "bad"),
    "Email Sent": Sign("mail-check", "good"),
    "Email Opened": Sign("mail-opened", "good"),
    "Email Link Clicked": Sign("click", "good"),
    "Email Opened by Machine": Sign("device-desktop", "calm"),
    "Email Link Followed by Machine": Sign("device-desktop", "calm"),
    "Email Bounced": Sign("mail-x", "bad"),
    "Email Marked as Spam": Sign("mail-x", "bad"),
    "Message Displayed": Sign("eye", "good"),
    "Message Clicked": Sign("click", "good"),
    "Message Dismissed": Sign("x", "calm"),
    "Message Failed": Sign("circle-x", "bad"),
    "Message Expired": Sign("clock", "held"),
    "Message Unknown": Sign("help-circle", "held"),
}
_REASON_SIGNS: dict[Reason, Sign] = {
    Reason.GOAL: Sign("target-arrow", "good"),
    Reason.SEGMENT_ENTER: Sign("user-plus", "good"),
    Reason.SEGMENT_LEAVE: Sign("user-minus", "calm"),
    Reason.MERGED: Sign("arrow-merge", "calm"),
    Reason.TWO_KNOWN_USERS: Sign("users", "calm"),
    Reason.KEPT_APART: Sign("users", "calm"),
    Reason.IDENTIFIER_LIMIT: Sign("users", "calm"),
    Reason.PARTED: Sign("arrow-merge", "calm"),
    Reason.EVENT_CAME: Sign("checks", "good"),
    Reason.TIMEOUT: Sign("clock", "calm"),
}
_EVENT_SIGN = Sign("bolt", "calm")

_DETAILS = {
    "until": "Until",
    "asked_at": "First asked for",
    "ttl": "Worth sending for",
    "limit": "At most",
    "within": "Within",
    "count": "Got already",
    "since": "Since",
    "source": "Said through",
    "topic": "Topic",
    "at": "At",
    "earlier": "The earlier one",
    "also": "Other channels",
    "passed_over": "Tried before",
    "because": "Because",
    "zone": "In the time zone",
    "branch": "Branch",
    "event": "Event",
    "key": "Key",
    "unmet": "What was missing",
    "met": "What was so",
    "by": "By",
    "for": "For",
    "about": "About",
}


class Words:
    """Headlines with the titles of one playbook and the figures of its shop."""

    def __init__(self, playbook: Playbook, figures: Figures) -> None:
        self._playbook = playbook
        self._figures = figures

    def journey(self, name: str | None) -> str:
        journey = self._playbook.journeys.get(name or "")
        return journey.title if journey else (name or "a journey")

    def segment(self, name: str | None) -> str:
        segment = self._playbook.segments.get(name or "")
        return segment.title if segment else (name or "a segment")

    def message(self, name: str | None) -> str:
        message = self._playbook.messages.get(name or "")
        return message.title if message else (name or "a message")

    def topic(self, name: str) -> str:
        topic = self._playbook.topics.get(name)
        return topic.title if topic else name

    def decision(self, decision: Decision) -> str:
        """What was decided, as a headline; the reason's sentence says why."""
        journey, message = f"“{self.journey(decision.journey)}”", f"“{self.message(decision.message)}”"
        match decision.outcome:
            case Outcome.ENTERED:
                return f"Entered {journey}"
            case Outcome.REFUSED:
                return f"Not let into {journey}" if decision.journey else "Not joined with another person"
            case Outcome.WAITING:
                return f"Waits in {journey}" + self._until(decision)
            case Outcome.BRANCHED:
                branch = decision.detail.get("branch")
                return f"Took the branch “{titled(branch)}” in {journey}" if branch else f"Goes on in {journey}"
            case Outcome.SENT:
                return f"{message} queued {channel(decision.channel)}".rstrip()
            case Outcome.HELD:
                return f"{message} held" + self._until(decision)
            case Outcome.DROPPED:
                return f"{message} not sent {channel(decision.channel)}".rstrip()
            case Outcome.CHANGED:
                return f"{journey} set a trait" if decision.journey else "Recognised"
            case Outcome.LEFT:
                return f"Left “{self.segment(decision.segment)}”" if decision.segment else f"Left {journey}"
            case Outcome.JOINED:
                return f"Joined “{self.segment(decision.segment)}”" if decision.segment else "Recognised"

    def _until(self, decision: Decision) -> str:
        until = decision.detail.get("until")
        return f" until {self._figures.clock(until)}" if is_instant(until) else ""

    def sentence(self, reason: Reason) -> str:
        return SENTENCES[reason]

    def reason(self, reason: str) -> str:
        """One that is kept as text: of an earlier Habitue it may be unknown, and stands as it is."""
        return _sentence_or(reason)

    def span(self, span: Span) -> str:
        return span_words(span)

    def details(self, detail: Mapping[str, Any]) -> list[tuple[str, str]]:
        """A decision's particulars as labels and values, moments and lengths of time written out."""
        cap, rest = self._cap(detail)
        return cap + [(_DETAILS.get(name, titled(name)), self._value(name, value)) for name, value in rest.items()]

    def _cap(self, detail: Mapping[str, Any]) -> tuple[list[tuple[str, str]], Mapping[str, Any]]:
        """What a cap counted, as one sentence, and what else there is to say."""
        limit, within, count = (detail.get(name) for name in ("limit", "within", "count"))
        if not (isinstance(limit, int) and isinstance(count, int) and isinstance(within, int)):
            return [], detail
        rest = {name: value for name, value in detail.items() if name not in ("limit", "within", "count")}
        figures = self._figures
        said = f"got {figures.exact(count)} within {span_words(within)}, and at most {figures.exact(limit)} are allowed"
        return [("The cap", said)], rest

    def _value(self, name: str, value: Any) -> str:
        if name in ("unmet", "met"):
            return " · ".join(clauses({name: value}))
        if is_instant(value):
            return self._figures.full(value)
        if is_span(name, value):
            return span_words(value)
        if isinstance(value, str) and name in {"because", "reason"}:
            return _sentence_or(value)
        if isinstance(value, Mapping):
            return "; ".join(f"{CHANNEL_TITLES.get(key, key)}: {_sentence_or(said)}" for key, said in value.items())
        if isinstance(value, (list, tuple)):
            return ", ".join(str(item) for item in value)
        return str(value)

    def event(self, event: Event) -> str:
        """What an event was about, in a few words; empty when its name says it all."""
        properties = event.properties
        match event.name:
            case "Order Completed" | "Order Refunded" | "Checkout Started":
                return _joined(self._amount(properties), _count(properties.get("products"), "product"))
            case "Products Searched":
                return f"“{said}”" if (said := _text(properties, "query")) else ""
            case "Page Viewed" | "Screen Viewed":
                return _text(properties, "name") or _text(properties, "title") or _text(properties, "path")
            case "Identified":
                return ", ".join(sorted(str(name) for name in event.traits)[:6])
            case "Consent Granted" | "Consent Requested" | "Consent Withdrawn" | "Unsubscribed":
                topic = _text(properties, "topic")
                name = CHANNEL_TITLES.get(_text(properties, "channel") or "email", "")
                return f"{name}: {self.topic(topic)}" if topic else name
        if message := _text(properties, "message"):
            return _joined(self.message(message), _text(properties, "link_url"))
        return _joined(_text(properties, "name"), self._price(properties), _text(properties, "category"))

    def _amount(self, properties: Mapping[str, Any]) -> str:
        for name in ("total", "revenue", "value"):
            if (amount := _amount(properties.get(name))) is not None:
                return self._figures.price(amount)
        return ""

    def _price(self, properties: Mapping[str, Any]) -> str:
        amount = _amount(properties.get("price"))
        return self._figures.price(amount) if amount is not None else ""

    def step(self, step: Step) -> str:
        """A step's headline in the picture of its journey."""
        match step:
            case WaitFor():
                return f"Wait {span_words(step.span)}"
            case WaitUntil():
                return f"Wait until {minute_text(step.minute_of_day)}" + _weekdays(step.weekdays)
            case WaitEvent():
                names = " or ".join(signal.event for signal in step.signals)
                return f"Wait for {names}, at most {span_words(step.timeout)}"
            case If():
                return "Which is true first?" if len(step.branches) > 1 else "Is it true?"
            case Split():
                return "Split by chance"
            case SendStep():
                return f"Send “{self.message(step.message)}”"
            case SetStep():
                return "Set " + ", ".join(step.traits)
        return "Goal reached" if step.__struct_config__.tag == "goal" else "End here"

    def step_named(self, journey: str | None, step: str | None) -> str | None:
        """A step's headline by its id; None when this version of the journey has no such step."""
        known = self._playbook.journeys.get(journey or "")
        found = next((one for one in all_steps(known.steps) if one.id == step), None) if known else None
        return self.step(found) if found is not None else None

    def entry(self, entry: EntryRule) -> str:
        """What starts a journey."""
        match entry:
            case OnEvent():
                return f"When {entry.signal.event} happens"
            case OnInaction():
                last = " or ".join(signal.event for signal in entry.signals)
                missing = " or ".join(signal.event for signal in entry.without)
                return f"{sentence_case(span_words(entry.within))} after {last} without {missing}"
            case OnSegment():
                verb = "joins" if entry.change == "enter" else "leaves"
                return f"The moment somebody {verb} {self.segment(entry.segment)}"
            case OnSchedule():
                whose = "their own time" if entry.zone == "customer" else "the shop's time"
                return (
                    f"{_schedule(entry)} at {minute_text(entry.minute_of_day)} ({whose}), "
                    f"for everyone in {self.segment(entry.segment)}"
                )
            case OnRequest():
                return "When a program asks for it"


def all_steps(steps: tuple[Step, ...]) -> Iterator[Step]:
    """Every step with those nested in it, from the top down."""
    for step in steps:
        yield step
        match step:
            case WaitEvent():
                yield from all_steps((*step.then, *step.otherwise))
            case If():
                for branch in step.branches:
                    yield from all_steps(branch.then)
                yield from all_steps(step.otherwise)
            case Split():
                for share in step.shares:
                    yield from all_steps(share.then)


def name_of(customer: Customer | None, identity: str) -> str:
    """What to call a person: her name, else an address, else that she is a visitor we do not know yet."""
    if customer is None:
        return f"Unknown {identity[:6]}"
    traits = customer.traits
    for candidate in (
        traits.get("name"),
        " ".join(str(traits[part]) for part in ("first_name", "last_name") if traits.get(part)),
        " ".join(str(traits[part]) for part in ("firstName", "lastName") if traits.get(part)),
        email(customer),
        customer.user_id,
    ):
        if isinstance(candidate, str) and candidate.strip():
            return candidate.strip()[:120]
    return f"Visitor {identity[1:5]}"


def initials(name: str) -> str:
    """One or two letters for the picture of somebody without one."""
    words = [word for word in name.split("@", 1)[0].replace(".", " ").split() if word[0].isalnum()]
    letters = [words[0][0], words[-1][0]] if len(words) > 1 else [words[0][0]] if words else ["?"]
    return "".join(letters).upper()


def tint(identity: str) -> int:
    """Which of the eight tints a person's picture has: always the same for the same id."""
    return sum(identity.encode()) % 8


def decision_sign(decision: Decision) -> Sign:
    """The outcome's sign, or a more telling one where the reason has its own."""
    return _REASON_SIGNS.get(decision.reason, OUTCOMES[decision.outcome][1])


def event_sign(name: str) -> Sign:
    return _EVENT_SIGNS.get(name, _EVENT_SIGN)


def channel(name: str | None) -> str:
    return CHANNELS.get(name or "", f"by {name}" if name else "")


def titled(name: str) -> str:
    """`first_name` and `firstName` → First name."""
    return sentence_case(_HUMP.sub(lambda hump: f"{hump[1]} {hump[2].lower()}", name.replace("_", " ")))


def sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:]


def _sentence_or(value: object) -> str:
    try:
        return SENTENCES[Reason(str(value))]
    except ValueError:
        return str(value)


def _text(properties: Mapping[str, Any], name: str) -> str:
    value = properties.get(name)
    return str(value)[:200] if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""


def _amount(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        amount = float(value) if isinstance(value, (int, float, str)) else None
    except (ValueError, OverflowError):
        return None
    # Beyond this nothing is a price, and infinities have no digits to print.
    return amount if amount is not None and abs(amount) < 1e15 else None


def _count(value: object, noun: str) -> str:
    if not isinstance(value, list) or not value:
        return ""
    return f"{len(value)} {noun}{'' if len(value) == 1 else 's'}"


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _weekdays(weekdays: tuple[int, ...]) -> str:
    if not weekdays or len(weekdays) == 7:
        return ""
    if weekdays == (0, 1, 2, 3, 4):
        return " on a weekday"
    return " on " + ", ".join(WEEKDAYS[day] for day in weekdays)


def _schedule(entry: OnSchedule) -> str:
    if entry.day is not None:
        return f"On day {entry.day} of the month"
    return f"Every {', '.join(WEEKDAYS[day] for day in entry.weekdays)}" if entry.weekdays else "Every day"
