"""The dialect of Segment's clients, which RudderStack's and Jitsu's speak too."""

from __future__ import annotations

from typing import Any

from habitue.model.amount import read_amount
from habitue.model.currency import read_code
from habitue.model.event import ALIASED, GROUP_JOINED, IDENTIFIED, PAGE_VIEWED, SCREEN_VIEWED, EventType

from . import identities
from .identifiers import ID_CHARACTERS_MAX, put_thing_ids, read_identifier
from .pipeline import Draft, Step
from .rejection import Reject, Rejection
from .times import occurred_at, read_time
from .tree import kind_of
from .vocabulary import COMMERCE, NUMBERS, VERSION_1

NAME_CHARACTERS_MAX = 255

_TYPES: dict[str, EventType] = {
    "track": "track",
    "identify": "identify",
    "page": "page",
    "screen": "screen",
    "group": "group",
    "alias": "alias",
}
_NAMES: dict[str, str] = {
    "identify": IDENTIFIED,
    "page": PAGE_VIEWED,
    "screen": SCREEN_VIEWED,
    "group": GROUP_JOINED,
    "alias": ALIASED,
}


def put_type(draft: Draft) -> Reject | None:
    """The address names the kind of call; in a batch each item does."""
    given = draft.reception.call or draft.item.get("type")
    if given is None or given == "":
        return Reject(Rejection.NO_TYPE, 'the field "type" is missing')
    if not isinstance(given, str):
        return _wrong_type("type", given, "a string")
    kind = _TYPES.get(given) or _TYPES.get(given.strip().lower())
    if kind is None:
        return Reject(Rejection.UNKNOWN_TYPE, f'"{given[:50]}" is not one of {", ".join(_TYPES)}')
    draft.type = kind
    return None


def put_context(draft: Draft) -> Reject | None:
    """The circumstances. Our own words in them are taken out of strangers' mouths."""
    context = _object(draft.item, "context")
    if isinstance(context, Reject):
        return context
    # Which customer an event is about is for our own receipts to say.
    context.pop("customer_id", None)
    integrations = draft.item.get("integrations")
    if integrations and isinstance(integrations, dict) and integrations != {"All": True}:
        context["integrations"] = integrations
    channel = draft.item.get("channel")
    if channel and isinstance(channel, str):
        context.setdefault("channel", channel)
    if draft.reception.ip is not None and not context.get("ip") and _is_from_a_person(context):
        context["ip"] = draft.reception.ip
    if draft.reception.gpc:
        context["gpc"] = True
    draft.context = context
    return None


def put_identities(draft: Draft) -> Reject | None:
    """Who it was, as far as the sender knows. An event of nobody can never reach a customer."""
    item = draft.item
    user_id = read_identifier("userId", item.get("userId"))
    if isinstance(user_id, Reject):
        return user_id
    anonymous_id = read_identifier("anonymousId", item.get("anonymousId") or draft.reception.anonymous_id)
    if isinstance(anonymous_id, Reject):
        return anonymous_id
    traits = item.get("traits") if draft.type == "identify" else None
    known = traits if isinstance(traits, dict) else {}
    draft.identifiers = identities.of_segment(known, draft.context, draft.reception.country)
    if user_id is None and anonymous_id is None and not draft.identifiers:
        return Reject(Rejection.NO_IDENTITY, _found_ids(item))
    draft.user_id = user_id
    draft.anonymous_id = anonymous_id
    return _put_previous_id(draft) if draft.type == "alias" else None


def _put_previous_id(draft: Draft) -> Reject | None:
    if draft.user_id is None:
        return Reject(Rejection.NO_USER_ID, "alias joins the previousId into a userId, and there is no userId")
    previous_id = read_identifier("previousId", draft.item.get("previousId"))
    if isinstance(previous_id, Reject):
        return previous_id
    if previous_id is None:
        return Reject(Rejection.NO_PREVIOUS_ID, "alias joins the previousId into a userId, and there is no previousId")
    draft.previous_id = previous_id
    return None


def put_name(draft: Draft) -> Reject | None:
    """What happened. Names nobody knows are kept as they are; names of the old vocabulary become the new ones."""
    if draft.type != "track":
        draft.name = _NAMES[draft.type]
        return None
    given = draft.item.get("event")
    if given is None:
        return Reject(Rejection.NO_NAME, 'the field "event" is missing')
    if not isinstance(given, str):
        return _wrong_type("event", given, "a string")
    name = given.strip()
    if not name:
        return Reject(Rejection.NO_NAME, 'the field "event" is empty')
    if len(name) > NAME_CHARACTERS_MAX:
        return Reject(
            Rejection.NAME_TOO_LONG, f"the name has {len(name)} characters; at most {NAME_CHARACTERS_MAX} are kept"
        )
    draft.name = VERSION_1.get(name, name)
    return None


def put_properties(draft: Draft) -> Reject | None:
    """What is said about the event itself. For pages and screens, name and category stand beside the properties."""
    properties = _object(draft.item, "properties")
    if isinstance(properties, Reject):
        return properties
    draft.properties = properties
    if draft.type in ("page", "screen"):
        for field in ("name", "category"):
            text = draft.item.get(field)
            if isinstance(text, str) and text:
                properties[field] = text
    if draft.type == "group":
        return _put_group(draft)
    return None


def _put_group(draft: Draft) -> Reject | None:
    """A group's traits describe the group: they are properties of the joining, not traits of who joins."""
    group_id = read_identifier("groupId", draft.item.get("groupId"))
    if isinstance(group_id, Reject):
        return group_id
    if group_id is None:
        return Reject(Rejection.NO_GROUP_ID, 'the field "groupId" is missing or stands for nobody')
    traits = _object(draft.item, "traits")
    if isinstance(traits, Reject):
        return traits
    draft.properties = {**traits, **draft.properties, "group_id": group_id}
    return None


def put_traits(draft: Draft) -> Reject | None:
    """Who she is. Only identify says that; RudderStack's clients say it in the context."""
    if draft.type != "identify":
        return None
    traits = _object(draft.item, "traits")
    if isinstance(traits, Reject):
        return traits
    said_in_context = draft.context.pop("traits", None)
    if isinstance(said_in_context, dict) and said_in_context:
        traits = {**said_in_context, **traits}
    email = traits.get("email")
    if isinstance(email, str) and not email.isascii():  # Mail servers know a domain in the letters of DNS alone.
        traits["email"] = identities.read_email(email) or email
    draft.traits = traits
    return None


def put_ids_of_things(draft: Draft) -> Reject | None:
    """Ids of orders, products and carts in their one spelling, whatever the event is called."""
    return put_thing_ids(draft.properties) if draft.type == "track" else None


def put_commerce_types(draft: Draft) -> Reject | None:
    """Numbers that shops send as strings become numbers, where the vocabulary says that they are numbers."""
    if draft.name not in COMMERCE:
        return None
    currency = read_code(draft.properties.get("currency"))
    written = _put_numbers(draft.properties, currency)
    if written and not draft.properties.get("currency"):  # `30,00 USD`: the amount itself says it.
        draft.properties["currency"] = currency = written
    products = draft.properties.get("products")
    if isinstance(products, list):
        for product in products:
            if isinstance(product, dict):
                _put_numbers(product, currency)
    return None


def put_time(draft: Draft) -> Reject | None:
    """When it happened. The original is kept in the context where it could not be believed."""
    item, reception = draft.item, draft.reception
    given = item.get("originalTimestamp") or item.get("timestamp")
    sent = reception.sent_at
    if sent is None:
        sent = read_time(item.get("sentAt"))
    original = read_time(given)
    draft.occurred_at, believed = occurred_at(original, sent, reception.received_at)
    if given is not None and (original is None or not believed):
        draft.context["original_timestamp"] = given if isinstance(given, (str, int, float)) else kind_of(given)
    return None


def put_message_id(draft: Draft) -> Reject | None:
    """What tells a repeated event from a new one. Without it, nothing does."""
    given = draft.item.get("messageId")
    if not given or (isinstance(given, str) and not given.strip()):
        draft.id = draft.reception.new_id()
        return None
    text = str(given) if isinstance(given, int) and not isinstance(given, bool) else given
    if not isinstance(text, str):
        return _wrong_type("messageId", given, "a string")
    if len(text) > ID_CHARACTERS_MAX:
        return Reject(
            Rejection.ID_TOO_LONG, f"messageId has {len(text)} characters; at most {ID_CHARACTERS_MAX} are kept"
        )
    draft.id = text
    return None


STEPS: tuple[Step, ...] = (
    put_type,
    put_context,
    put_identities,
    put_name,
    put_properties,
    put_traits,
    put_ids_of_things,
    put_commerce_types,
    put_time,
    put_message_id,
)


def _object(item: dict[str, Any], field: str) -> dict[str, Any] | Reject:
    value = item.get(field)
    if isinstance(value, dict):
        return value
    # PHP writes an empty object as an empty list.
    if value is None or value == [] or value == "":
        return {}
    return _wrong_type(field, value, "an object")


def _wrong_type(field: str, value: Any, expected: str) -> Reject:
    return Reject(Rejection.WRONG_TYPE, f'"{field}" is {kind_of(value)}; {expected} was expected')


def _is_from_a_person(context: dict[str, Any]) -> bool:
    """Whether a shopper's own device sent it. Servers speak for many, and their address is nobody's."""
    return "userAgent" in context or "device" in context or context.get("channel") in ("web", "browser", "mobile")


def _found_ids(item: dict[str, Any]) -> str:
    found = ", ".join(f"{field} {item[field]!r:.60}" for field in ("userId", "anonymousId") if field in item)
    return f"found {found or 'neither userId nor anonymousId'}; one of them, or an e-mail address, must name somebody"


def _put_numbers(properties: dict[str, Any], currency: str) -> str:
    """Returns the currency that is written beside one of the amounts, if there is one."""
    written = ""
    for field in NUMBERS:
        value = properties.get(field)
        if isinstance(value, str):
            found = read_amount(value, currency)
            # What cannot be read stays as it is written: decide must know that something was said.
            properties[field] = value if found is None else found.number
            written = written or ("" if found is None else found.currency)
    return written
