"""CleverTap's upload address, with CleverTap's answers."""

from __future__ import annotations

from collections import Counter

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from habitue.ingest.clevertap import CONCURRENT_MAX, receive_upload
from habitue.ingest.doors import Address, Doors, json_answer, only_post
from habitue.ingest.rejection import Refused, Reject
from habitue.model.source import Sender


def addresses(doors: Doors) -> list[Address]:
    return [Address("/1/upload", doors.door(Uploads(doors).upload))]


class Uploads:
    """The endpoint, and how many uploads each account has under way."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self._under_way: Counter[str] = Counter()

    async def upload(self, request: Request) -> Response:
        """The passcode is a write key. `dryRun=1` reads everything and keeps nothing."""
        only_post(request)
        passcode = request.headers.get("x-clevertap-passcode", "")
        try:
            sender = await self._doors.sender(passcode)
        except Refused:
            return _no(401, "the account id or passcode is wrong; the passcode is a write key of this server")
        if not request.headers.get("x-clevertap-account-id", "").strip():
            return _no(401, "the header X-CleverTap-Account-Id is missing")
        await self._doors.admit(passcode)
        if self._under_way[passcode] >= CONCURRENT_MAX:
            response = _no(429, f"{CONCURRENT_MAX} uploads of this account are under way; wait for one of them")
            response.headers["Retry-After"] = "1"
            return response
        self._under_way[passcode] += 1
        try:
            return await self._take_in(request, passcode, sender)
        finally:
            self._under_way[passcode] -= 1
            if not self._under_way[passcode]:
                del self._under_way[passcode]

    async def _take_in(self, request: Request, passcode: str, sender: Sender) -> Response:
        doors = self._doors
        try:
            body = await doors.unpacked_body(request)
            content = await doors.content(body)
        except Refused as refused:
            return _no(400, refused.message)
        reception = doors.reception(request, sender)
        result = await doors.work(len(body), receive_upload, content, reception, doors.settings)
        if isinstance(result, Reject):
            return _no(400, result.detail)
        if request.query_params.get("dryRun") != "1":
            await doors.keep(passcode, result.received, len(body))
        return json_answer(result.answer)


def _no(status: int, error: str) -> Response:
    return JSONResponse({"status": "fail", "error": error, "code": status}, status)
