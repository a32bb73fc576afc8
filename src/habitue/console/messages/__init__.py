"""Messages: what can be said, and how it would look for any one person."""

from __future__ import annotations

from collections import Counter
from typing import Any

from starlette.responses import HTMLResponse, Response

from habitue.console import addresses, wording
from habitue.console.figures import to_minute
from habitue.console.gate import PREVIEW_POLICY
from habitue.console.roles import EVERYONE, WITH_PEOPLE
from habitue.console.visit import Door, NotThere, Visit
from habitue.errors import HabitueError
from habitue.model.customer import Customer
from habitue.model.instant import DAY
from habitue.model.message import Message
from habitue.model.rendered import Rendered, RenderedEmail
from habitue.playbook.journey import SendStep

PEOPLE_SHOWN = 8
COUNTED_DAYS = 30


def list_messages(visit: Visit) -> Response:
    counts = _counts(visit)
    rows = [(message, counts.get(name, Counter())) for name, message in visit.book.messages.items()]
    return visit.page("messages/list.html", place="messages", rows=rows, days=COUNTED_DAYS)


def show_message(visit: Visit) -> Response:
    message = _message(visit)
    channel = visit.query("channel") if visit.query("channel") in message.channels else message.channels[0]
    customer = _customer(visit)
    rendered, problem = _rendered(visit, message, channel, customer)
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
        counts=_counts(visit).get(message.name, Counter()),
        days=COUNTED_DAYS,
        journeys=_journeys(visit, message),
        **_people(visit, message),
    )


def show_frame(visit: Visit) -> Response:
    """The e-mail alone, for the frame on the message's page: in its own document, where nothing can run."""
    message, customer = _message(visit), _customer(visit)
    rendered, problem = _rendered(visit, message, "email", customer)
    body = rendered.html if isinstance(rendered, RenderedEmail) else ""
    if problem or not body:
        return visit.page("messages/frame_problem.html", problem=problem or "There is nobody to show it for yet.")
    return HTMLResponse(body, headers={"Content-Security-Policy": PREVIEW_POLICY, "X-Frame-Options": "SAMEORIGIN"})


def find_people(visit: Visit) -> Response:
    message = _message(visit)
    return visit.page("messages/people.html", message=message, customer=None, **_people(visit, message))


def _people(visit: Visit, message: Message) -> dict[str, Any]:
    query = visit.query("q").strip()
    rows = visit.services.view.people(query, PEOPLE_SHOWN) if visit.may(WITH_PEOPLE) else []
    return {
        "query": query,
        "people": [
            (
                row.id,
                visit.name(row.id),
                addresses.to(
                    "messages", message.name, customer=row.id, channel=visit.query("channel"), view=visit.query("view")
                ),
            )
            for row in rows
        ],
    }


def _message(visit: Visit) -> Message:
    name = visit.part("message")
    try:
        return visit.book.messages[name]
    except KeyError:
        raise NotThere(f'There is no message "{name}" in the playbook in force. It may have been renamed.') from None


def _customer(visit: Visit) -> Customer | None:
    """The person asked for, or the one seen last; for who may not know people, one who does not exist."""
    if not visit.may(WITH_PEOPLE):
        return Customer(id="sample", user_id="sample", traits={"firstName": "Sam", "email": "sam@example.com"})
    asked = visit.query("customer")
    if asked:
        customer = visit.person(asked)
        if customer is None:
            raise NotThere(f"There is nobody with the id {asked}. Pick somebody from the list.")
        return customer
    newest = visit.services.view.people(limit=1)
    return visit.person(newest[0].id) if newest else None


def _rendered(visit: Visit, message: Message, channel: str, customer: Customer | None) -> tuple[Rendered | None, str]:
    """The message as it would go out, or why it would not."""
    if customer is None or channel not in message.channels:
        return None, ""
    try:
        return visit.services.preview(visit.book, message.name, channel, customer), ""
    except HabitueError as error:
        return None, str(error)


def _counts(visit: Visit) -> dict[str, Counter[str]]:
    """By message: outcomes of the last days, over all channels."""
    found: dict[str, Counter[str]] = {}
    for tally in visit.services.view.totals("message", to_minute(visit.now - COUNTED_DAYS * DAY)):
        found.setdefault(tally.name.rpartition("/")[0], Counter())[tally.outcome] += tally.count
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
