"""What proves who she is and what she agreed to; a copy of her data, and its erasure, for whoever asks for them."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from itertools import groupby
from operator import itemgetter
from tempfile import SpooledTemporaryFile
from typing import Any, Literal

from starlette.responses import Response, StreamingResponse

from habitue.console import addresses, proof, wording
from habitue.console.people.living import living
from habitue.console.visit import Visit
from habitue.errors import HabitueError
from habitue.model.customer import Customer
from habitue.model.decision import Decision
from habitue.model.reason import Reason

ABOUT_IDENTITY = (
    Reason.MERGED,
    Reason.PARTED,
    Reason.TWO_KNOWN_USERS,
    Reason.KEPT_APART,
    Reason.IDENTIFIER_LIMIT,
)
SHOWN = 60
IN_MEMORY = 4 * 1024 * 1024
PIECE = 64 * 1024
THROUGH = {
    "anonymous": "signed in on the same device",
    "alias": "was named by an alias",
    "email": "gave the same e-mail address",
    "phone": "gave the same phone number",
    "shop": "is the same customer of the shop's system",
    "external": "has the same id elsewhere",
    "device": "used the same device",
    "push": "used the same device",
}


@dataclass(frozen=True, slots=True)
class Joining:
    """A line of her merge history; `part` can still be split off."""

    decision: Decision
    other: str
    through: str
    part: str


def show(visit: Visit, problem: str = "", status: HTTPStatus = HTTPStatus.OK) -> Response:
    customer = living(visit)
    return visit.page(
        "people/records.html", status=status, place="people", problem=problem, **_records(visit, customer)
    )


def split(visit: Visit) -> Response:
    """Order the split; the decide process carries it out within moments."""
    customer, part = living(visit), visit.form.get("part", "")
    if part not in customer.merged_ids:
        return show(visit, f"{part or 'Nobody'} was not joined into her", HTTPStatus.UNPROCESSABLE_ENTITY)
    visit.services.privacy.split(customer.id, part, _actor(visit))
    return visit.redirect(addresses.to("people", customer.id, "records", split=part))


def export(visit: Visit) -> Response:
    """Everything known of her as one archive. The demand itself stands in the audit trail."""
    customer = living(visit)
    kind: Literal["json", "csv"] = "csv" if visit.form.get("format") == "csv" else "json"
    packed = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 – closed when it has been sent
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        _pack(archive, visit.services.privacy.export(customer.id, _actor(visit), kind))
    size = packed.tell()
    packed.seek(0)

    def pieces() -> Iterator[bytes]:
        with packed:
            while piece := packed.read(PIECE):
                yield piece

    headers = {
        "Content-Disposition": f'attachment; filename="{customer.id}-{kind}.zip"',
        "Content-Length": str(size),
    }
    return StreamingResponse(pieces(), media_type="application/zip", headers=headers)


def _pack(archive: zipfile.ZipFile, files: Iterable[tuple[str, bytes]]) -> None:
    """Piece by piece: a person's whole history need not fit into memory."""
    for name, pieces in groupby(files, key=itemgetter(0)):
        with archive.open(name, "w") as file:
            for _, piece in pieces:
                file.write(piece)


def ask_to_erase(visit: Visit, problem: str = "", status: HTTPStatus = HTTPStatus.OK) -> Response:
    customer = living(visit)
    name = wording.name_of(customer, customer.id)
    return visit.page("people/erase.html", status=status, place="people", customer=customer, name=name, problem=problem)


def erase(visit: Visit) -> Response:
    """Order the erasure, once their name was typed, for a slip of the mouse must not destroy anybody, and the owner's
    password, for neither must whoever finds a screen unlocked.
    """
    customer = living(visit)
    name = wording.name_of(customer, customer.id)
    if visit.form.get("typed", "").strip() != name:
        return ask_to_erase(visit, f'Type "{name}" exactly as it stands', HTTPStatus.UNPROCESSABLE_ENTITY)
    known, problem, status = proof.check(visit, _actor(visit), visit.form.get("password", ""))
    if known is None:
        wrong = "That is not your password" if status is HTTPStatus.UNAUTHORIZED else problem.rstrip(".")
        return ask_to_erase(visit, wrong, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        number = visit.services.privacy.erase(customer.id, _actor(visit))
    except HabitueError as error:
        return ask_to_erase(visit, str(error), HTTPStatus.UNPROCESSABLE_ENTITY)
    return visit.redirect(addresses.to("privacy", ordered=number))


def _records(visit: Visit, customer: Customer) -> dict[str, Any]:
    ids = [customer.id, *customer.merged_ids]
    view = visit.services.view
    decisions: list[tuple[int, Decision]] = []
    for reason in ABOUT_IDENTITY:
        decisions += view.decisions(customers=ids, reason=reason.value, limit=SHOWN)
    decisions.sort(key=lambda numbered: numbered[0], reverse=True)
    return {
        "customer": customer,
        "name": wording.name_of(customer, customer.id),
        "words_said": [said for _, said in view.consents(ids, SHOWN)],
        "joinings": [_joining(customer, decision) for _, decision in decisions[:SHOWN]],
        "identifiers": [(kind, sorted(values)) for kind, values in sorted(customer.identifiers.items()) if values],
        "was_split": visit.query("split"),
    }


def _joining(customer: Customer, decision: Decision) -> Joining:
    other = str(decision.detail.get("joined") or decision.detail.get("other") or "")
    by = str(decision.detail.get("by", ""))
    is_joined = decision.reason is Reason.MERGED and other in customer.merged_ids
    through = THROUGH.get(by, "") if decision.reason is Reason.MERGED else (f"by {by}" if by else "")
    return Joining(decision, other, through, other if is_joined else "")


def _actor(visit: Visit) -> str:
    return visit.user.email if visit.user is not None else ""
