"""From what a row says to an event: the steps of ingest, with the places where files know more than clients do."""

from __future__ import annotations

from typing import Any

from habitue.ingest import segment
from habitue.ingest.identifiers import read_identifier
from habitue.ingest.identities import identifiers
from habitue.ingest.pipeline import Draft, Step
from habitue.ingest.rejection import Reject, Rejection

from .fields import Values
from .mapping import WHO

AT = "at"
WHO_FIELD = "who"


def who(values: Values, country: str) -> dict[str, Any]:
    """What a row says of who it was, as it stands."""
    found = {field: values[field] for field in WHO if field in values}
    found["country"] = _country(values) or country
    for field, value in values.items():
        if field.startswith("external."):
            found.setdefault("external", [field.removeprefix("external."), value])
    return found


def _country(values: Values) -> str:
    """The country of her phone number, where the row says it in two letters and not by a name in some language."""
    said = values.get("country", values.get("traits.address.country"))
    return said if isinstance(said, str) and len(said) == 2 else ""


def put_identities(draft: Draft) -> Reject | None:
    """Ids as they stand, e-mail and phone in their one spelling, each in a column of its own."""
    said = draft.item[WHO_FIELD]
    for field in ("user_id", "anonymous_id"):
        read = read_identifier(field, said.get(field))
        if isinstance(read, Reject):
            return read
        setattr(draft, field, read)
    external = said.get("external")
    draft.identifiers = identifiers(
        email=said.get("email"),
        phone=said.get("phone"),
        country=said.get("country") or "",
        shop=said.get("shop_id") or "",
        device=said.get("device_id"),
        external=(external[0], external[1]) if external else None,
    )
    if draft.user_id is None and draft.anonymous_id is None and not draft.identifiers:
        shown = ", ".join(f"{field} {value!r:.60}" for field, value in said.items() if value and field != "country")
        return Reject(Rejection.NO_IDENTITY, f"found {shown or 'no id at all'}; something must name somebody")
    if draft.type == "alias":
        draft.previous_id = draft.item.get("previousId")
        if draft.user_id is None or not draft.previous_id:
            return Reject(Rejection.NO_PREVIOUS_ID, "an alias joins a previous_id into a user_id; one is missing")
    return None


def put_time(draft: Draft) -> Reject | None:
    """The row's own time; it was read, and found believable, before."""
    draft.occurred_at = draft.item[AT]
    return None


STEPS: tuple[Step, ...] = (
    segment.put_type,
    segment.put_context,
    put_identities,
    segment.put_name,
    segment.put_properties,
    segment.put_traits,
    segment.put_ids_of_things,
    segment.put_commerce_types,
    put_time,
    segment.put_message_id,
)
