"""Double opt-in: the page behind the link in the letter that asks whether it was really she.

Mail filters follow links, so fetching the page says nothing. Only the button does.
"""

from __future__ import annotations

import asyncio
from hashlib import blake2b

from starlette.requests import Request
from starlette.responses import Response

from habitue.content.links import Confirmation
from habitue.decide.profile.consents import word
from habitue.decide.profile.traits import email
from habitue.model.address import spelled
from habitue.model.customer import Customer
from habitue.model.effect import Effect
from habitue.model.event import Event
from habitue.run.receipts import CONSENT_GRANTED, receipt

from .choices import wording
from .clicks import visit
from .doors import Doors
from .page import page


async def confirm(doors: Doors, request: Request) -> Response:
    """GET asks; POST gives the consent, as often as it comes, with the same result."""
    token = request.path_params["token"]
    asked, playbook = doors.links.read_confirmation(token), doors.playbook()
    if asked is None or playbook is None:
        return page("broken.html", playbook, status=404)
    letter = await asyncio.to_thread(doors.deliveries.effect, asked.occasion.delivery)
    person = await doors.person(asked.occasion.customer)
    if asked.expires_at <= doors.clock.now() or letter is None or person is None or not _is_hers(letter, person):
        return page("expired.html", playbook, status=410)
    topic = playbook.topics.get(asked.topic)
    text = wording(playbook, asked.channel, topic)
    if request.method != "POST":
        return page("confirm.html", playbook, text=text)

    if not _is_confirmed(asked, person, letter):
        await doors.append([_confirmed(doors, request, asked, person, letter, token, text)])
        await asyncio.to_thread(doors.lift, asked.channel, letter.address)
    preferences_url = doors.links.preferences(asked.occasion)
    return page("confirmed.html", playbook, text=text, preferences_url=preferences_url)


def _is_hers(letter: Effect, person: Customer) -> bool:
    """Whoever has another address by now confirms nothing for it by a link that was sent to the old one."""
    return letter.channel != "email" or spelled(letter.address) == spelled(email(person))


def _is_confirmed(asked: Confirmation, person: Customer, letter: Effect) -> bool:
    known = word(person, _key(asked), letter.address)
    return known is not None and known.is_confirmed


def _key(asked: Confirmation) -> str:
    return f"{asked.channel}:{asked.topic}" if asked.topic else asked.channel


def _confirmed(
    doors: Doors, request: Request, asked: Confirmation, person: Customer, letter: Effect, token: str, text: str
) -> Event:
    """With the words she agreed to at the form, if it told them; else those of the page."""
    now = doors.clock.now()
    event = letter.data.get("event") or {}
    wish = word(person, _key(asked), letter.address)
    granted = receipt(
        CONSENT_GRANTED,
        f"confirmed:{now}",
        asked.occasion,
        now,
        customer=person.id,
        context=visit(request),
        source=_text(event.get("source")) or "double_opt_in",
        method="double_opt_in",
        text=_text(event.get("text")) or text,
        text_version=_text(event.get("text_version")),
        token=blake2b(token.encode(), digest_size=10).hexdigest(),
        requested_at=wish.requested_at if wish is not None and wish.requested_at else letter.at,
        confirmed_at=now,
        email=letter.address,
        **({"topic": asked.topic} if asked.topic else {}),
    )
    granted.properties["channel"] = asked.channel  # The channel spoken of, not the one the question came by.
    return granted


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
