"""The console as one site under /console: its doors, what guards them, and what is shown when something goes wrong."""

from __future__ import annotations

import gzip
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path

import structlog
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from habitue.console import (
    account,
    addresses,
    backtest,
    catalogue,
    dead_letters,
    deliveries,
    home,
    journeys,
    ledger,
    messages,
    people,
    plan,
    privacy,
    rfm,
    segments,
    sign_in,
    sources,
    versions,
)
from habitue.console.accounts import form_token, is_form_token
from habitue.console.gate import FORM_FIELD, FORM_HEADER, Gate, secret_of
from habitue.console.ports import Services, Superseded
from habitue.console.roles import Role
from habitue.console.visit import Door, NotThere, Visit
from habitue.errors import HabitueError

DOORS: tuple[Door, ...] = (
    *home.DOORS,
    *people.DOORS,
    *segments.DOORS,
    *rfm.DOORS,
    *backtest.DOORS,
    *journeys.DOORS,
    *messages.DOORS,
    *plan.DOORS,
    *versions.DOORS,
    *ledger.DOORS,
    *deliveries.DOORS,
    *sources.DOORS,
    *catalogue.DOORS,
    *dead_letters.DOORS,
    *privacy.DOORS,
    *sign_in.DOORS,
    *account.DOORS,
)

_PACKABLE = frozenset({".js", ".css", ".svg"})
STATIC = Path(__file__).parent / "static"
_ARTICLE = {Role.OWNER: "an owner", Role.MARKETER: "a marketer", Role.AGENT: "an agent", Role.ANALYST: "an analyst"}
_log = structlog.get_logger("habitue.console")


def routes(services: Services) -> list[BaseRoute]:
    """The console at /console, and / leading to it: complete routes, to be put beside those of the other rooms."""
    site = Starlette(
        routes=[
            Mount("/static", app=Static(directory=STATIC), name="static"),
            *(Route(door.path, _endpoint(services, door), methods=[door.method]) for door in DOORS),
        ],
        exception_handlers={
            HTTPException: _problem(services),
            NotThere: _problem(services),
            Superseded: _problem(services),
            Exception: _problem(services),
        },
    )
    return [
        Route("/", _to_console, methods=["GET"]),
        Route(addresses.BASE, _to_console, methods=["GET"]),
        Mount(addresses.BASE, app=Gate(site, services, public={door.path for door in DOORS if door.public})),
    ]


class Static(StaticFiles):
    """Vendored files never change under their address; our own are asked for anew, which costs a 304.

    Texts go packed to who takes them so: each is packed once, when it is first asked for.
    """

    def __init__(self, directory: Path) -> None:
        super().__init__(directory=directory)
        self._packed: dict[tuple[str, str], bytes] = {}

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if isinstance(response, FileResponse) and Path(path).suffix in _PACKABLE:
            response = await self._smaller(response, scope)
        lasting = path.replace("\\", "/").startswith("vendor/")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if lasting else "no-cache"
        return response

    async def _smaller(self, whole: FileResponse, scope: Scope) -> Response:
        """The file packed, where that is taken; its tag tells the two apart for every cache in between."""
        whole.headers["Vary"] = "Accept-Encoding"
        if scope["method"] == "HEAD" or "gzip" not in Headers(scope=scope).get("accept-encoding", "").lower():
            return whole
        etag = whole.headers["etag"]
        key = (str(whole.path), etag)
        if key not in self._packed:
            self._packed[key] = await run_in_threadpool(_gzipped, Path(whole.path))
        headers = {
            "Content-Encoding": "gzip",
            "Vary": "Accept-Encoding",
            "ETag": etag,
            "Last-Modified": whole.headers["last-modified"],
        }
        return Response(self._packed[key], headers=headers, media_type=whole.media_type)


def _gzipped(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), mtime=0)


async def _to_console(request: Request) -> Response:
    return RedirectResponse(addresses.to())


def _endpoint(services: Services, door: Door) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        user = request.state.user
        if user is None and not door.public:
            return await _kept(request, services, door)
        if not door.public and user.role not in door.roles:
            raise HTTPException(
                HTTPStatus.FORBIDDEN,
                f"This page is not for {_ARTICLE[user.role]}. Whoever owns the console can change an account's role.",
            )
        form: dict[str, str] = {}
        secret = secret_of(request)
        if door.method == "POST":
            try:
                form = await _form(request)
            except ClientDisconnect:
                return Response(status_code=HTTPStatus.BAD_REQUEST)  # The page asked anew or was left: nobody hears it.
            if not is_form_token(secret, form.get(FORM_FIELD, "") or request.headers.get(FORM_HEADER, "")):
                raise HTTPException(
                    HTTPStatus.FORBIDDEN, "This form is out of date. Reload the page and send it again."
                )
        visit = Visit(request, services, user, form_token(secret) if secret else "", form)
        # Handlers read SQLite: off the event loop, which has events to take in.
        return await run_in_threadpool(door.handler, visit)

    return endpoint


async def _form(request: Request) -> dict[str, str]:
    async with request.form(max_files=0, max_fields=50, max_part_size=64 * 1024) as fields:
        return {name: value for name, value in fields.items() if isinstance(value, str)}


async def _kept(request: Request, services: Services, door: Door) -> Response:
    """A form of a session that has ended: asked to sign in, with what was entered kept if it is of a page of ours."""
    ended = request.state.ended
    form = await _form(request) if door.method == "POST" else {}
    if not is_form_token(ended, form.get(FORM_FIELD, "")):
        return RedirectResponse(addresses.to("sign-in"), status_code=HTTPStatus.SEE_OTHER)
    secret = secret_of(request)
    visit = Visit(request, services, None, form_token(secret) if secret else "", {})
    return await run_in_threadpool(sign_in.ask_again, visit, request.url.path, form)


def _problem(services: Services) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Any error, as a page that says what to do; what nobody expected is written to the log, not to the page."""

    async def problem(request: Request, error: Exception) -> Response:
        status, title, text = _explained(error)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            _log.error("console.page_failed", path=request.url.path, exc_info=error)
        if request.headers.get("hx-request") == "true":
            return PlainTextResponse(text, status_code=status)
        user = getattr(request.state, "user", None)
        secret = secret_of(request)
        visit = Visit(request, services, user, form_token(secret) if secret else "", {})
        try:
            return await run_in_threadpool(
                lambda: visit.page("layout/problem.html", status=status, title=title, text=text)
            )
        except Exception:  # noqa: BLE001 – the store itself may be what fails; then plain text must do
            return PlainTextResponse(f"{title}\n{text}", status_code=status)

    return problem


def _explained(error: Exception) -> tuple[int, str, str]:
    match error:
        case Superseded():
            return HTTPStatus.CONFLICT, "Asked again", "Another page of yours asked the same and is answered first."
        case NotThere():
            return HTTPStatus.NOT_FOUND, "Not found", str(error)
        case HTTPException(status_code=HTTPStatus.NOT_FOUND):
            return error.status_code, "Not found", "There is no page at this address. The menu leads to all there are."
        case HTTPException():
            return error.status_code, HTTPStatus(error.status_code).phrase, error.detail
        case HabitueError():
            return HTTPStatus.INTERNAL_SERVER_ERROR, "This page cannot be shown", str(error)
    return (
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "This page failed",
        "The error is in the server's log. Reload to try again; if it stays, `habitue doctor` says what is wrong.",
    )
