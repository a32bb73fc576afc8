"""Messages: what can be said, and how it would look for any one person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any

from starlette.responses import HTMLResponse, Response

from habitue.console import addresses, wording
from habitue.console.figures import to_minute
from habitue.console.gate import PREVIEW_POLICY
from habitue.console.messages import occasion
from habitue.console.roles import EVERYONE, WITH_PEOPLE
from habitue.console.visit import Door, NotThere, Visit
from habitue.decide.guard.reach import address_of
from habitue.decide.occasion import Occasion
from habitue.errors import HabitueError
from habitue.model.customer import Customer
from habitue.model.instant import DAY
from habitue.model.message import Message
from habitue.model.reached import WAY, Reached
from habitue.model.rendered import Rendered, RenderedEmail
from habitue.playbook.journey import SendStep

PEOPLE_SHOWN = 8
PEOPLE_LOOKED_AT = 80
"""Of the latest people, those without an address on the channel are not offered."""
COUNTED_DAYS = 30


def list_messages(visit: Visit) -> Response:
    counts = _counts(visit)
    stages = _stages(visit)
    rows = [
        (message, counts.get(name, Counter()), stages.get(name, Counter()))
        for name, message in visit.book.messages.items()
    ]
    return visit.page("messages/list.html", place="messages", rows=rows, days=COUNTED_DAYS)


def show_message(visit: Visit) -> Response:
    message = _message(visit)
    channel = _channel(visit, message)
    customer = _customer(visit, channel)
    seen = _occasion(visit, message, customer)
    rendered, problem = _rendered(visit, message, channel, customer, seen)
    is_known = customer is not None and visit.may(WITH_PEOPLE)
    return visit.page(
        "messages/message.html",
        place="messages",
        message=message,
        channel=channel,
        view="text" if visit.query("view") == "text" else "html",
        customer=customer,
        name=wording.name_of(customer, customer.id) if customer else "",
        email=rendered if isinstance(rendered, RenderedEmail) else None,
        onsite=rendered if rendered is not None and not isinstance(rendered, RenderedEmail) else None,
        picture=addresses.absolute(getattr(rendered, "image", ""), visit.book.shop.url),
        problem=problem,
        goes_by=occasion.said_of(visit, customer, seen) if customer and is_known else "",
        answer=occasion.answer(visit, message, channel, customer, seen) if customer and is_known else None,
        counts=_counts(visit).get(message.name, Counter()),
        stages=_stages(visit).get(message.name, Counter()),
        way=list(dict.fromkeys(stage for one in message.channels for stage in WAY[one][1:])),
        days=COUNTED_DAYS,
        journeys=_journeys(visit, message),
        **_people(visit, message, channel),
    )


def show_frame(visit: Visit) -> Response:
    """The e-mail alone, for the frame on the message's page: in its own document, where nothing can run."""
    message, customer = _message(visit), _customer(visit, "email")
    rendered, problem = _rendered(visit, message, "email", customer, _occasion(visit, message, customer))
    body = rendered.html if isinstance(rendered, RenderedEmail) else ""
    if problem or not body:
        return visit.page("messages/frame_problem.html", problem=problem or "There is nobody to show it for yet.")
    return HTMLResponse(body, headers={"Content-Security-Policy": PREVIEW_POLICY, "X-Frame-Options": "SAMEORIGIN"})


def find_people(visit: Visit) -> Response:
    message = _message(visit)
    return visit.page(
        "messages/people.html", message=message, customer=None, **_people(visit, message, _channel(visit, message))
    )


def _channel(visit: Visit, message: Message) -> str:
    return visit.query("channel") if visit.query("channel") in message.channels else message.channels[0]


def _people(visit: Visit, message: Message, channel: str) -> dict[str, Any]:
    query = visit.query("q").strip()
    ids = _offered(visit, query, channel) if visit.may(WITH_PEOPLE) else []
    return {
        "query": query,
        "people": [
            (
                one,
                visit.name(one),
                addresses.to(
                    "messages", message.name, customer=one, channel=visit.query("channel"), view=visit.query("view")
                ),
            )
            for one in ids
        ],
    }


def _offered(visit: Visit, query: str, channel: str) -> list[str]:
    """Whoever is searched for, whether or not they can be reached; else those seen last who have an address for it."""
    if query:
        return [row.id for row in visit.services.view.people(query, PEOPLE_SHOWN)]
    return list(islice(_reachable(visit, channel), PEOPLE_SHOWN))


def _reachable(visit: Visit, channel: str) -> Iterator[str]:
    for row in visit.services.view.people(limit=PEOPLE_LOOKED_AT):
        customer = visit.person(row.id)
        if customer is not None and address_of(customer, channel):
            yield row.id


def _message(visit: Visit) -> Message:
    name = visit.part("message")
    try:
        return visit.book.messages[name]
    except KeyError:
        raise NotThere(f'There is no message "{name}" in the playbook in force. It may have been renamed.') from None


def _customer(visit: Visit, channel: str) -> Customer | None:
    """The person asked for, or the one seen last who has an address for the channel.

    For who may not know people, one who does not exist.
    """
    if not visit.may(WITH_PEOPLE):
        return Customer(id="sample", user_id="sample", traits={"firstName": "Sam", "email": "sam@example.com"})
    asked = visit.query("customer")
    if asked:
        customer = visit.person(asked)
        if customer is None:
            raise NotThere(f"There is nobody with the id {asked}. Pick somebody from the list.")
        return customer
    newest = next(_reachable(visit, channel), None)
    return visit.person(newest) if newest is not None else None


def _occasion(visit: Visit, message: Message, customer: Customer | None) -> Occasion | None:
    if customer is None or not visit.may(WITH_PEOPLE):
        return None
    return occasion.found(visit, message, customer)


def _rendered(
    visit: Visit, message: Message, channel: str, customer: Customer | None, seen: Occasion | None
) -> tuple[Rendered | None, str]:
    """The message as it would go out, or why it would not."""
    if customer is None or channel not in message.channels:
        return None, ""
    try:
        return visit.services.preview(visit.book, message.name, channel, customer, seen.run if seen else None), ""
    except HabitueError as error:
        return None, str(error)


def _counts(visit: Visit) -> dict[str, Counter[str]]:
    """By message: outcomes of the last days, over all channels."""
    found: dict[str, Counter[str]] = {}
    for tally in visit.services.view.totals("message", to_minute(visit.now - COUNTED_DAYS * DAY)):
        found.setdefault(tally.name.rpartition("/")[0], Counter())[tally.outcome] += tally.count
    return found


def _stages(visit: Visit) -> dict[str, Counter[Reached]]:
    """By message: how far it came in the last days, by the receipts."""
    found: dict[str, Counter[Reached]] = {}
    for tally in visit.services.view.totals("receipt", to_minute(visit.now - COUNTED_DAYS * DAY)):
        found.setdefault(tally.name.rpartition("/")[2], Counter())[Reached(tally.outcome)] += tally.count
    return found


def _journeys(visit: Visit, message: Message) -> list[tuple[str, str]]:
    """(name, title) of the journeys that send it."""
    return [
        (name, journey.title)
        for name, journey in visit.book.journeys.items()
        if any(isinstance(step, SendStep) and step.message == message.name for step in wording.all_steps(journey.steps))
    ]


DOORS = (
    Door("/messages", list_messages, EVERYONE),
    Door("/messages/{message}", show_message, EVERYONE),
    Door("/messages/{message}/frame", show_frame, EVERYONE),
    Door("/messages/{message}/people", find_people, WITH_PEOPLE),
)
