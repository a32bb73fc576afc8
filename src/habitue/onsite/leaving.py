"""The way out: unsubscribing by one click in the mail client (RFC 8058) or on a page, choosing topics, and a pause.

Fetching a page never changes anything: link scanners fetch every address in a letter. Only POST does. No cookie is set
or asked for; the signed address is what allows the change.
"""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response

from habitue.decide.profile.consents import ADDRESSED
from habitue.decide.profile.traits import email
from habitue.model.address import spelled
from habitue.model.event import Event
from habitue.model.occasion import Occasion
from habitue.playbook.playbook import Playbook
from habitue.run.receipts import CONSENT_GRANTED, CONSENT_WITHDRAWN, UNSUBSCRIBED, receipt

from .choices import Choice, choices_of, flat, switched
from .clicks import visit
from .doors import Doors
from .latest import Latest, latest
from .page import page
from .pausing import RESUME, Offer, Pausing, day, offers_of, pause, pausing_of

FORM_BYTES_MAX = 64 * 1024


async def unsubscribe(doors: Doors, request: Request) -> Response:
    """GET asks; POST does it, as often as it comes, with the same result."""
    occasion = doors.links.read_unsubscribe(request.path_params["token"])
    playbook = doors.playbook()
    if occasion is None or playbook is None:
        return page("broken.html", playbook, status=404)
    topic = playbook.topics.get(occasion.topic)
    to_preferences = doors.links.preferences(occasion)
    known, now = await latest(doors, occasion.customer), doors.clock.now()
    is_theirs = _is_theirs(known, await doors.sent_to(occasion))
    form = await read_form(request) if request.method == "POST" else {}
    offer = _offer(playbook, form)
    if request.method != "POST" or (offer is not None and not is_theirs):
        longest = max(offers_of(playbook), key=lambda one: one.span) if is_theirs else None
        return page("unsubscribe.html", playbook, topic=topic, preferences_url=to_preferences, pause=longest)

    if offer is not None:
        await doors.append(pause(offer, occasion, now, known, visit(request), "unsubscribe_page"))
        until = day(playbook, known.person, now + offer.span)
        return page("paused.html", playbook, until=until, preferences_url=to_preferences)
    only_topic = topic if form.get("choice") == ["topic"] else None
    await doors.append(await _unsubscribed(doors, request, occasion, playbook, form, only_topic is not None))
    return page("unsubscribed.html", playbook, topic=only_topic, preferences_url=to_preferences)


async def preferences(doors: Doors, request: Request) -> Response:
    """GET shows the switches and the pauses; POST keeps what was changed, with the words that stood beside it."""
    occasion = doors.links.read_preferences(request.path_params["token"])
    playbook = doors.playbook()
    if occasion is None or playbook is None:
        return page("broken.html", playbook, status=404)
    known, address = await latest(doors, occasion.customer), await doors.sent_to(occasion)
    person = known.person
    now = doors.clock.now()
    choices = choices_of(playbook, person, address, now)
    is_theirs = _is_theirs(known, address)
    pausing = pausing_of(playbook, person, now) if is_theirs else Pausing(())
    if request.method != "POST":
        return page("preferences.html", playbook, choices=choices, pausing=pausing, saved=False)

    form = await read_form(request)
    chosen = switched(choices, form.get("on", []))
    # Compared with what the page showed, not with what is known by now: her last word may still be on its way.
    shown = switched(choices, form.get("was_on", []))
    before = {choice.name: choice.is_on for choice in flat(shown)}
    changed = [choice for choice in flat(chosen) if choice.is_on != before[choice.name]]
    events = [
        event
        for choice in changed
        if address or choice.channel not in ADDRESSED or not choice.is_on  # A yes needs an address it is for.
        for event in _chosen(doors, request, occasion, known, choice, address)
    ]
    offer = _offer(playbook, form)
    if is_theirs and (offer is not None or form.get("pause") == [RESUME]):
        events += pause(offer, occasion, now, known, visit(request), "preference_page")
        pausing = Pausing(pausing.offers, "" if offer is None else day(playbook, person, now + offer.span))
    await doors.append(events)
    return page("preferences.html", playbook, choices=chosen, pausing=pausing, saved=True)


def _is_theirs(known: Latest, address: str) -> bool:
    """Whether a link to this address may choose a pause: that is about all a person gets, and not about the address.

    One to an address from before, which may be another person's on a device they shared, speaks for that alone.
    """
    return not address or known.person is None or spelled(email(known.person)) in ("", address)


def _offer(playbook: Playbook, form: dict[str, list[str]]) -> Offer | None:
    """The pause she chose, if it is one that the shop offers."""
    return next((offer for offer in offers_of(playbook) if form.get("pause") == [offer.value]), None)


async def _unsubscribed(
    doors: Doors,
    request: Request,
    occasion: Occasion,
    playbook: Playbook,
    form: dict[str, list[str]],
    only_topic: bool,
) -> list[Event]:
    """Nothing where it was said already. After a change of mind it counts again: the id carries the word before it."""
    now, address = doors.clock.now(), await doors.sent_to(occasion)
    known = await latest(doors, occasion.customer)
    key = f"{occasion.channel}:{occasion.topic}" if only_topic else occasion.channel
    granted, when = known.said(key, address)
    if granted is False:
        return []
    one_click = form.get("List-Unsubscribe") == ["One-Click"]
    topic = playbook.topics.get(occasion.topic)
    words = f"Only stop “{topic.title}”" if only_topic and topic else f"Stop all e-mails from {playbook.shop.name}"
    said = receipt(
        UNSUBSCRIBED,
        f"unsubscribed:{key}:{when or now}",
        occasion,
        now,
        customer=known.person.id if known.person else None,
        context=visit(request),
        source="one_click" if one_click else "unsubscribe_page",
        text="" if one_click else words,
        **({"topic": occasion.topic} if only_topic else {}),
        **({"email": address} if address else {}),
    )
    return [said]


def _chosen(
    doors: Doors, request: Request, occasion: Occasion, known: Latest, choice: Choice, address: str
) -> list[Event]:
    """Nothing where that is what was said last: the same form came twice."""
    now, about = doors.clock.now(), address if choice.channel in ADDRESSED else ""
    granted, when = known.said(choice.name, about)
    if granted is choice.is_on:
        return []
    event = receipt(
        CONSENT_GRANTED if choice.is_on else CONSENT_WITHDRAWN,
        f"preference:{choice.name}:{choice.is_on}:{when or now}",
        occasion,
        now,
        customer=known.person.id if known.person else None,
        context=visit(request),
        source="preference_page",
        method="signed_link",
        text=choice.text,
        **({"topic": choice.topic} if choice.topic else {}),
        **({"email": address} if address and choice.channel in ADDRESSED else {}),
    )
    event.properties["channel"] = choice.channel  # The channel spoken of, which need not be the one that brought her.
    return [event]


async def read_form(request: Request) -> dict[str, list[str]]:
    """The fields of a form, urlencoded or multipart; what is too large or no form at all has no fields."""
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with request.form(max_files=0, max_fields=100, max_part_size=FORM_BYTES_MAX) as form:
            return {name: [str(value) for value in form.getlist(name)] for name in form}
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > FORM_BYTES_MAX:
            return {}
    try:
        return parse_qs(body.decode(), keep_blank_values=True, max_num_fields=200)
    except ValueError:
        return {}
