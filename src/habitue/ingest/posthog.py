"""PostHog's dialect: what its clients capture, with `$` before the names PostHog gives a meaning to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from habitue.model.event import ALIASED, GROUP_JOINED, IDENTIFIED, PAGE_VIEWED, SCREEN_VIEWED, Event, EventType
from habitue.model.trust import PUBLIC

from . import identities
from .identifiers import ID_CHARACTERS_MAX, read_identifier
from .pipeline import Draft, Received, Reception, Step, read_item
from .rejection import Refusal, Refused, Reject, Rejection
from .segment import NAME_CHARACTERS_MAX, put_commerce_types
from .settings import IngestSettings
from .times import occurred_at, read_time
from .tree import kind_of
from .vocabulary import VERSION_1

IDENTIFY, SET, GROUP = "$identify", "$set", "$groupidentify"
_NAMED: dict[str, tuple[EventType, str]] = {
    IDENTIFY: ("identify", IDENTIFIED),
    SET: ("identify", IDENTIFIED),
    "$create_alias": ("alias", ALIASED),
    "$merge_dangerously": ("alias", ALIASED),
    GROUP: ("group", GROUP_JOINED),
    "$pageview": ("page", PAGE_VIEWED),
    "$screen": ("screen", SCREEN_VIEWED),
}
_DEVICES = frozenset(
    {"web", "js", "posthog-js-lite", "posthog-ios", "posthog-android", "posthog-flutter", "posthog-react-native"}
)
"""Clients on a shopper's own device. All others speak from a server, where a distinct id is a user's."""

KEY_FIELDS = ("api_key", "token")
"""Where a body has the key, the likelier first."""

_OF_A_PERSON = ("distinct_id", "timestamp", "offset", "options", "$set", "$set_once")

_MADE_UP = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
"""The ids that PostHog's clients give to those whose name they do not know."""

_CONTEXT: dict[str, tuple[str, str]] = {
    "$lib": ("library", "name"),
    "$lib_version": ("library", "version"),
    "$current_url": ("page", "url"),
    "$pathname": ("page", "path"),
    "$referrer": ("page", "referrer"),
    "title": ("page", "title"),
    "$os": ("os", "name"),
    "$os_version": ("os", "version"),
    "$device_manufacturer": ("device", "manufacturer"),
    "$device_model": ("device", "model"),
    "$device_name": ("device", "name"),
    "$app_name": ("app", "name"),
    "$app_version": ("app", "version"),
    "$app_build": ("app", "build"),
    "$app_namespace": ("app", "namespace"),
    "$screen_width": ("screen", "width"),
    "$screen_height": ("screen", "height"),
    "utm_source": ("campaign", "source"),
    "utm_medium": ("campaign", "medium"),
    "utm_campaign": ("campaign", "name"),
    "utm_term": ("campaign", "term"),
    "utm_content": ("campaign", "content"),
    "$timezone": ("timezone", ""),
    "$locale": ("locale", ""),
    "$browser_language": ("locale", ""),
    "$raw_user_agent": ("userAgent", ""),
    "$session_id": ("sessionId", ""),
    "$ip": ("ip", ""),
}
"""PostHog's property → where it stands in a context of Segment's form. Other names with `$` describe the client to
itself and are left out."""


class Captured(msgspec.Struct, frozen=True):
    """What a request came to, and of each uuid in it whether the event was kept or why not."""

    received: Received
    outcomes: dict[str, str]
    """uuid → nothing, or what was wrong with the event."""


def capture(content: Any, reception: Reception, settings: IngestSettings) -> Captured:
    """A request's events: one, a list, or a batch. Raises Refused for what is none of them."""
    items = _items(content)
    if len(items) > settings.batch_events_max:
        found = f"the batch has {len(items)} events"
        raise Refused(Refusal.TOO_MANY_EVENTS, f"{found}; at most {settings.batch_events_max} are taken at once")
    if isinstance(content, dict) and (sent := read_time(content.get("sent_at"))) is not None:
        reception = msgspec.structs.replace(reception, sent_at=sent)
    captured = Captured(Received([], []), {})
    for item in items:
        uuid = item.get("uuid") if isinstance(item, dict) else None
        for part in parts(item):
            result = read_item(part, reception, STEPS, settings)
            if isinstance(result, Event):
                captured.received.events.append(result)
            else:
                captured.received.dead.append(result)
            if isinstance(uuid, str):
                wrong = "" if isinstance(result, Event) else f"{result.reason}: {result.detail}"
                captured.outcomes[uuid] = captured.outcomes.get(uuid) or wrong
    return captured


def _items(content: Any) -> list[Any]:
    if isinstance(content, list):
        return content
    if not isinstance(content, dict):
        raise Refused(
            Refusal.INVALID_EVENT, f"the body is {kind_of(content)}; an event, a list or a batch was expected"
        )
    batch = content.get("batch")
    if batch is None:
        return [content]
    if not isinstance(batch, list):
        raise Refused(Refusal.INVALID_BATCH, f'"batch" is {kind_of(batch)}; a list was expected')
    return batch


def project_key(content: Any) -> str:
    """The key in the body: beside the batch, on the event, or among the first event's properties; or nothing."""
    first = content[0] if isinstance(content, list) and content else content
    if not isinstance(first, dict):
        return ""
    for place in (first, _properties(first)):
        for field in KEY_FIELDS:
            if isinstance(place.get(field), str):
                return str(place[field])
    return ""


def parts(item: Any) -> Iterator[Any]:
    """The item, and apart from it what it says about the person: only an identify call changes who someone is."""
    yield item
    if not isinstance(item, dict) or item.get("event") in (IDENTIFY, SET):
        return
    traits, once = _said(item)
    if traits or once:
        uuid, properties = item.get("uuid"), _properties(item)
        yield {
            **{name: item[name] for name in _OF_A_PERSON if name in item},
            "event": SET,
            "uuid": f"{uuid}:set" if isinstance(uuid, str) and uuid else None,
            "properties": {
                name: value for name, value in properties.items() if name[:1] == "$" or name == "distinct_id"
            },
        }


def put_type(draft: Draft) -> Reject | None:
    """Names with a meaning become calls; whatever else was captured is a track call under its own name."""
    given = draft.item.get("event")
    if given is None:
        return Reject(Rejection.NO_NAME, 'the field "event" is missing')
    if not isinstance(given, str):
        return Reject(Rejection.WRONG_TYPE, f'"event" is {kind_of(given)}; a string was expected')
    name = given.strip()
    if not name:
        return Reject(Rejection.NO_NAME, 'the field "event" is empty')
    if len(name) > NAME_CHARACTERS_MAX:
        return Reject(
            Rejection.NAME_TOO_LONG, f"the name has {len(name)} characters; at most {NAME_CHARACTERS_MAX} are kept"
        )
    draft.type, draft.name = _NAMED.get(name) or ("track", VERSION_1.get(name, name))
    return None


def put_context(draft: Draft) -> Reject | None:
    """The circumstances, moved from where PostHog has them to where Segment's vocabulary looks for them."""
    context: dict[str, Any] = {}
    properties = _properties(draft.item)
    on_a_device = _is_on_a_device(properties)
    for name, (place, field) in _CONTEXT.items():
        value = properties.get(name)
        if value is None or value == "" or value == "$direct" or (place == "os" and not on_a_device):
            continue
        if field:
            context.setdefault(place, {})[field] = value
        elif isinstance(value, str):
            context.setdefault(place, value)
    if on_a_device:
        context["channel"] = "browser" if "$raw_user_agent" in properties else "mobile"
        if draft.reception.ip is not None:
            context.setdefault("ip", draft.reception.ip)
    if draft.reception.gpc:
        context["gpc"] = True
    draft.context = context
    return None


def put_identities(draft: Draft) -> Reject | None:
    """Whose it is. One field holds both kinds of id, so what else was said must tell a user from a visitor."""
    item = draft.item
    properties = _properties(item)
    given = item.get("distinct_id")
    distinct_id = read_identifier("distinct_id", properties.get("distinct_id") if given is None else given)
    if isinstance(distinct_id, Reject):
        return distinct_id
    traits, _ = _said(item)
    draft.identifiers = identities.identifiers(
        email=traits.get("email"), phone=traits.get("phone"), country=draft.reception.country
    )
    if draft.type == "alias":
        return _put_alias(draft, distinct_id, properties)
    if distinct_id is None and not draft.identifiers:
        return Reject(Rejection.NO_IDENTITY, f"found distinct_id {given!r:.60}; it must name somebody")
    if draft.type == "group" and _names_nobody(distinct_id, properties):
        return Reject(Rejection.NO_IDENTITY, "the call describes a group and names nobody who belongs to it")
    if item.get("event") == IDENTIFY or is_known(distinct_id, item):
        draft.user_id = distinct_id
    else:
        draft.anonymous_id = distinct_id
    reject = _put_earlier_id(draft, properties) if item.get("event") == IDENTIFY else None
    if draft.anonymous_id is None and draft.reception.level in PUBLIC:
        # Once it knows a user, the client names the visitor only here, and of a page only the visitor is believed.
        device = read_identifier("$device_id", properties.get("$device_id"))
        draft.anonymous_id = device if isinstance(device, str) else None
    return reject


def is_known(distinct_id: str | None, item: dict[str, Any]) -> bool:
    """Whether a distinct id is a user's. The client's word counts; without it, where and how the id was made."""
    properties = _properties(item)
    word = properties.get("$is_identified")
    if isinstance(word, bool):
        return word
    if properties.get("$user_id") and str(properties["$user_id"]) == distinct_id:
        return True
    options = item.get("options")
    asked = options.get("process_person_profile") if isinstance(options, dict) else None
    if properties.get("$process_person_profile", asked) is False and (
        _is_on_a_device(properties) or distinct_id is None or _MADE_UP.fullmatch(distinct_id) is not None
    ):
        return False  # A server that wants no profile of a user still names a user: a visitor could call itself that.
    return not _is_on_a_device(properties) or distinct_id is None or _MADE_UP.fullmatch(distinct_id) is None


def put_properties(draft: Draft) -> Reject | None:
    """What is said about the event itself: the properties that the shop chose, without PostHog's own."""
    given = _properties(draft.item)
    if draft.type == "alias":
        return None
    draft.properties = {
        name: value
        for name, value in given.items()
        if name[:1] != "$" and name not in _CONTEXT and name not in ("distinct_id", "token")
    }
    if draft.type in ("page", "screen"):
        page = draft.context.get("page")
        draft.properties = {**(page if isinstance(page, dict) else {}), **draft.properties}
        if isinstance(given.get("$screen_name"), str):
            draft.properties["name"] = given["$screen_name"]
    return _put_group(draft, given) if draft.type == "group" else None


def _put_group(draft: Draft, given: dict[str, Any]) -> Reject | None:
    group_id = read_identifier("$group_key", given.get("$group_key"))
    if isinstance(group_id, Reject):
        return group_id
    if group_id is None:
        return Reject(Rejection.NO_GROUP_ID, 'the property "$group_key" is missing or stands for nobody')
    described = given.get("$group_set")
    draft.properties |= described if isinstance(described, dict) else {}
    draft.properties["group_id"] = group_id
    if isinstance(given.get("$group_type"), str):
        draft.properties["group_type"] = given["$group_type"]
    return None


def put_traits(draft: Draft) -> Reject | None:
    """Who she is: `$set`, and `$set_once` for what is not known of her yet."""
    if draft.type != "identify":
        return None
    traits, once = _said(draft.item)
    draft.traits = {**once, **traits}
    first = [name for name in once if name not in traits]
    draft.properties = {"set_once": first} if first else {}
    return None


def put_time(draft: Draft) -> Reject | None:
    """When it happened: corrected by when it was sent, or counted back by the offset that older clients send."""
    item, reception = draft.item, draft.reception
    given, offset = item.get("timestamp"), item.get("offset")
    original = read_time(given)
    if original is None and isinstance(offset, (int, float)) and 0 <= offset < 1e12:
        original = reception.received_at - int(offset) * 1000
    sent = None if _properties(item).get("$ignore_sent_at") is True else reception.sent_at
    draft.occurred_at, believed = occurred_at(original, sent if given is not None else None, reception.received_at)
    if given is not None and not (original is not None and believed):
        draft.context["original_timestamp"] = given if isinstance(given, (str, int, float)) else kind_of(given)
    return None


def put_message_id(draft: Draft) -> Reject | None:
    """The uuid tells a repeated event from a new one."""
    uuid = draft.item.get("uuid")
    if not uuid:
        draft.id = draft.reception.new_id()
        return None
    if not isinstance(uuid, str):
        return Reject(Rejection.WRONG_TYPE, f'"uuid" is {kind_of(uuid)}; a string was expected')
    if len(uuid) > ID_CHARACTERS_MAX:
        return Reject(Rejection.ID_TOO_LONG, f"uuid has {len(uuid)} characters; at most {ID_CHARACTERS_MAX} are kept")
    draft.id = uuid
    return None


STEPS: tuple[Step, ...] = (
    put_type,
    put_context,
    put_identities,
    put_properties,
    put_traits,
    put_commerce_types,
    put_time,
    put_message_id,
)


def _put_alias(draft: Draft, distinct_id: str | None, properties: dict[str, Any]) -> Reject | None:
    """Two names for one person. Clients disagree on which of them comes first; a made-up id is never the user's."""
    alias = read_identifier("alias", properties.get("alias"))
    if isinstance(alias, Reject):
        return alias
    if alias is None or distinct_id is None:
        missing = "alias" if alias is None else "distinct_id"
        return Reject(Rejection.NO_PREVIOUS_ID, f"an alias joins two ids, and {missing} is missing")
    user, other = alias, distinct_id
    if _MADE_UP.fullmatch(user) and not _MADE_UP.fullmatch(other):
        user, other = other, user
    draft.user_id, draft.previous_id = user, other
    return None


def _put_earlier_id(draft: Draft, properties: dict[str, Any]) -> Reject | None:
    """The id a visitor had before she was known."""
    earlier = read_identifier("$anon_distinct_id", properties.get("$anon_distinct_id"))
    if isinstance(earlier, Reject):
        return earlier
    if earlier != draft.user_id:
        draft.anonymous_id = earlier
    return None


def _names_nobody(distinct_id: str | None, properties: dict[str, Any]) -> bool:
    """Whether a server described a group: its client then makes an id up, at random or of the group's own."""
    if distinct_id is None or _is_on_a_device(properties):
        return False
    kind, key = properties.get("$group_type"), properties.get("$group_key")
    return _MADE_UP.fullmatch(distinct_id) is not None or distinct_id == f"${kind}_{key}"


def _properties(item: dict[str, Any]) -> dict[str, Any]:
    value = item.get("properties")
    return value if isinstance(value, dict) else {}


def _said(item: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the item says about the person: for good, and if nothing was said before."""
    return _own(item, SET), {name: value for name, value in _own(item, "$set_once").items() if value is not None}


def _own(item: dict[str, Any], field: str) -> dict[str, Any]:
    """Clients write it beside the properties or among them; names with `$` are the client's own notes."""
    found: dict[str, Any] = {}
    for place in (_properties(item), item):
        given = place.get(field)
        if isinstance(given, dict):
            found |= {name: value for name, value in given.items() if name[:1] != "$"}
    return found


def _is_on_a_device(properties: dict[str, Any]) -> bool:
    library = properties.get("$lib")
    return isinstance(library, str) and library in _DEVICES and properties.get("$is_server") is not True
