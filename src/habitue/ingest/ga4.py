"""GA4's events in Segment's words, by the table in `ga4.json`, which the bridge in the browser reads too."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import orjson

from habitue.model.event import PAGE_VIEWED

from .foreign import Item, known, told
from .identities import identifiers
from .rejection import Reject, Rejection
from .values import identity, object_of, objects, present, text

CLIENT = "ga_client_id"
"""The type of the external id by which the browser's bridge and the server's hits name one visitor."""
_APP = "ga_app_instance_id"
_EVENTS_MAX = 25
_PARAMS_MAX = 25
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
_RESERVED = frozenset(
    {
        "ad_activeview", "ad_click", "ad_exposure", "ad_query", "ad_reward", "adunit_exposure", "app_clear_data",
        "app_exception", "app_install", "app_remove", "app_store_refund", "app_update", "app_upgrade",
        "dynamic_link_app_open", "dynamic_link_app_update", "dynamic_link_first_open", "error", "firebase_campaign",
        "firebase_in_app_message_action", "firebase_in_app_message_dismiss", "firebase_in_app_message_impression",
        "first_open", "first_visit", "in_app_purchase", "notification_dismiss", "notification_foreground",
        "notification_open", "notification_receive", "os_update", "session_start", "session_start_with_rollout",
        "user_engagement",
    }
)  # fmt: skip


@cache
def table() -> dict[str, Any]:
    """What becomes of each of GA4's events. Read once: it belongs to the version that is running."""
    found: dict[str, Any] = orjson.loads(files(__package__).joinpath("ga4.json").read_bytes())
    return found


class Translated(NamedTuple):
    """An event in our words. `once` is what can be said only once, such as an order's number."""

    name: str
    properties: dict[str, Any]
    once: str


def translated(name: str, params: dict[str, Any]) -> list[Translated]:
    """One event of GA4's as ours: one for each item where ours are about one product. Other names are kept.

    `bridge.js` has the same function; a test gives both the same events.
    """
    rules = table()
    rule = rules["events"].get(name)
    if rule is None:
        return [Translated(name, _mapped(params, {}), "")]
    event: str = rule["name"]
    properties = _mapped(params, rule.get("params", {}))
    items = objects(params.get("items"), rules["items_max"])
    order = _spelled(params.get(rule.get("once", "")))
    once = f"{name}:{order}" if order else ""
    if rule["shape"] == "list":
        if items:
            properties["products"] = [_item(item) for item in items]
        return [Translated(event, properties, once)]
    if rule["shape"] == "plain" or not items:
        if rule["shape"] == "promotion":
            properties = _renamed(properties, rules["promotion"])
        return [Translated(event, properties, once)]
    if len(items) > 1:
        properties.pop("value", None)  # It is what all items are worth together.
    if rule["shape"] == "promotion":
        shared = _renamed(properties, rules["promotion"])
        return [Translated(event, {**shared, **_renamed(item, rules["promotion"])}, once) for item in items]
    return [Translated(event, {**properties, **_item(item)}, once) for item in items]


def _spelled(value: Any) -> str:
    """A number as JavaScript writes it."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _mapped(params: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    rules = table()
    found: dict[str, Any] = {}
    for field, value in params.items():
        if field in rules["dropped"]:
            continue
        names = own.get(field) or rules["params"].get(field) or field
        for name in names if isinstance(names, list) else [names]:
            found[name] = value
    return found


def _item(item: dict[str, Any]) -> dict[str, Any]:
    return _renamed(item, table()["item"])


def _renamed(fields: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {names.get(field, field): value for field, value in fields.items()}


def translate_hit(content: dict[str, Any], digest: str) -> list[Item] | Reject:
    """A hit as events. `digest` tells a hit that is sent again from another, where it has a time."""
    user = identity(content.get("user_id"))
    client, app = identity(content.get("client_id")), identity(content.get("app_instance_id"))
    who = identifiers(external=(CLIENT, client) if client else (_APP, app))
    if not user and not who:
        return Reject(Rejection.NO_IDENTITY, "client_id, app_instance_id or user_id must name somebody")
    events = content.get("events")
    if not isinstance(events, list):
        return Reject(Rejection.WRONG_TYPE, 'a hit has a list "events"')
    context = {"channel": "server", **_consent(content)}
    shared: dict[str, Any] = {"identifiers": who, "user_id": user, "context": context}
    found: list[Item] = []
    traits = _user_properties(content)
    if traits:
        at = content.get("timestamp_micros")
        found.append(known(traits, id=f"{digest}:traits" if at else "", at=at, **shared))
    for place, event in enumerate(objects(events, len(events))):
        at = event.get("timestamp_micros") or content.get("timestamp_micros")
        for number, one in enumerate(translated(text(event.get("name"), 255), object_of(event.get("params")))):
            id = f"ga4-{one.once}"[:255] if one.once else f"{digest}:{place}:{number}" if at else ""
            item = told(one.name, id=id, at=at, properties=one.properties, **shared)
            found.append({**item, "type": "page"} if one.name == PAGE_VIEWED else item)
    return found


def _user_properties(content: dict[str, Any]) -> dict[str, Any]:
    return {
        name: one["value"]
        for name, one in object_of(content.get("user_properties")).items()
        if isinstance(one, dict) and "value" in one
    }


def _consent(content: dict[str, Any]) -> dict[str, Any]:
    """`DENIED` for ads, in the words the browsers' clients use."""
    said = object_of(content.get("consent"))
    answers = [said.get(field) for field in ("ad_user_data", "ad_personalization") if field in said]
    return {"consent": {"categoryPreferences": {"advertising": "DENIED" not in answers}}} if answers else {}


def validation_messages(content: Any) -> list[dict[str, str]]:
    """What Google's validation server would say of a hit; empty when there is nothing to say."""
    if not isinstance(content, dict):
        return [_message("", "The request's body must be a JSON object.", "VALUE_INVALID")]
    found = []
    if not identity(content.get("client_id")) and not identity(content.get("app_instance_id")):
        found.append(_message("client_id", "Measurement requires a client_id.", "VALUE_REQUIRED"))
    events = content.get("events")
    if not isinstance(events, list) or not events:
        return [*found, _message("events", "Measurement requires a list of events.", "VALUE_REQUIRED")]
    if len(events) > _EVENTS_MAX:
        found.append(_message("events", f"At most {_EVENTS_MAX} events may be sent at once.", "EXCEEDED_MAX_ENTITIES"))
    for place, event in enumerate(events[:_EVENTS_MAX]):
        found.extend(_event_messages(place, event))
    return found


def _event_messages(place: int, event: Any) -> list[dict[str, str]]:
    if not isinstance(event, dict):
        return [_message("events", f"Event at index: [{place}] must be an object.", "VALUE_INVALID")]
    name, params = event.get("name"), event.get("params")
    if not isinstance(name, str) or not name:
        return [_message("events", f"Event at index: [{place}] requires a name.", "VALUE_REQUIRED")]
    found = []
    if name in _RESERVED:
        found.append(
            _message("events", f"Event at index: [{place}] has name [{name}] which is reserved.", "NAME_RESERVED")
        )
    elif _NAME.fullmatch(name) is None:
        why = (
            "Names must start with an alphabetic character."
            if not name[0].isalpha()
            else "Names are up to 40 letters, digits and underscores."
        )
        described = f"Event at index: [{place}] has invalid name [{name[:60]}]. {why}"
        found.append(_message("events", described, "NAME_INVALID"))
    if params is not None and not isinstance(params, dict):
        found.append(_message(f"events.{place}.params", "params must be an object.", "VALUE_INVALID"))
    elif params and len(params) > _PARAMS_MAX:
        described = f"Event at index: [{place}] has more than {_PARAMS_MAX} parameters."
        found.append(_message(f"events.{place}.params", described, "EXCEEDED_MAX_ENTITIES"))
    return found


def _message(path: str, description: str, code: str) -> dict[str, str]:
    return present(fieldPath=path, description=description, validationCode=code)
