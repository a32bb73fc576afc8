"""The gate before every page: who is it, may they, and the headers each answer leaves with."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from habitue.console import addresses
from habitue.console.accounts import User
from habitue.console.ports import Services

SESSION_COOKIE = "habitue_session"
VISITOR_COOKIE = "habitue_visitor"
"""Before signing in there is no session; the sign-in form's token hangs on this cookie instead."""
FORM_FIELD = "form_token"
FORM_HEADER = "X-Form-Token"
UNATTENDED_HEADER = "X-Unattended"
"""On what a page left open asks for by itself: it does not keep a session alive."""
ENCRYPTED_ALWAYS = "max-age=31536000"
"""Strict-Transport-Security: this host is asked over https alone for a year."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'; "
    "img-src 'self' data: https:{pictures}; frame-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
"""No inline script or style anywhere. Pictures come from the shop, wherever it is."""

PREVIEW_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data: https: http:; font-src https:; sandbox; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""For a rendered e-mail, which is nothing but inline style: it may look as it likes and do nothing."""


class Gate:
    """Lets signed-in people through, shows others the sign-in page, and puts the security headers on every answer."""

    def __init__(self, site: ASGIApp, services: Services, public: set[str]) -> None:
        self._site = site
        self._services = services
        self._public = public

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._site(scope, receive, send)
            return
        request = Request(scope)
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        secure = self.is_secure(request)
        visitor = request.cookies.get(cookie_name(VISITOR_COOKIE, secure), "")
        is_new = not visitor
        visitor = visitor or secrets.token_urlsafe(24)
        scope.setdefault("state", {})
        scope["state"] |= {"user": None, "visitor": visitor}
        if path.startswith("/static/"):
            await self._site(scope, receive, _with_headers(send, partial(_static_headers, secure=secure)))
            return
        token = request.cookies.get(cookie_name(SESSION_COOKIE, secure), "")
        by_hand = UNATTENDED_HEADER not in request.headers
        find = partial(self._services.accounts.user_of, token, by_hand=by_hand)
        user: User | None = await run_in_threadpool(find) if token else None
        scope["state"]["user"] = user
        # A session that has ended keeps its cookie; the sign-in form must not hang on it.
        scope["state"]["session"] = token if user else ""
        # What somebody sends after their session ended is kept for them: the site reads it, and carries nothing out.
        scope["state"]["ended"] = token if not user and _is_form(request) else ""
        is_open = user or path in self._public or scope["state"]["ended"]
        answer: ASGIApp = self._site if is_open else _ask_to_sign_in(request, path)

        def headers(given: MutableHeaders) -> None:
            _page_headers(given, secure=secure)
            if is_new and not user:
                given.append("Set-Cookie", cookie(VISITOR_COOKIE, visitor, secure))

        await answer(scope, receive, _with_headers(send, headers))

    def is_secure(self, request: Request) -> bool:
        return is_secure(self._services, request)


def secret_of(request: Request) -> str:
    """What form tokens of this visit are derived from: the session, or before it the visitor's cookie."""
    state = request.scope.get("state", {})
    return str(state.get("session") or state.get("visitor") or "")


def is_secure(services: Services, request: Request) -> bool:
    return services.secure or request.url.scheme == "https"


def cookie_name(name: str, secure: bool) -> str:
    """Over https browsers hold a name with this beginning to our host alone: no other host of the shop's can set it."""
    return f"__Host-{name}" if secure else name


def cookie(name: str, value: str, secure: bool, seconds: int | None = None) -> str:
    """A Set-Cookie line: out of reach of scripts, not sent along from other sites' forms, gone with the browser."""
    age = "" if seconds is None else f"; Max-Age={seconds}"
    path = "/; Secure" if secure else addresses.BASE
    return f"{cookie_name(name, secure)}={value}; Path={path}; HttpOnly; SameSite=Lax{age}"


def session_of(services: Services, request: Request) -> str:
    """The token of the session cookie, whether it is still open or not."""
    return request.cookies.get(cookie_name(SESSION_COOKIE, is_secure(services, request)), "")


def _is_form(request: Request) -> bool:
    return request.method == "POST" and request.headers.get("hx-request") != "true"


def _ask_to_sign_in(request: Request, path: str) -> Response:
    if request.headers.get("hx-request") == "true":
        # A part of a page left open: take the whole page to the sign-in, not the part, and back to where it was.
        there = addresses.to("sign-in", next=_page_left_open(request))
        return Response(status_code=HTTPStatus.UNAUTHORIZED, headers={"HX-Redirect": there})
    if request.method != "GET":
        return RedirectResponse(addresses.to("sign-in"), status_code=303)
    wanted = addresses.BASE + path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(addresses.to("sign-in", next=wanted if path != "/" else None), status_code=303)


def _page_left_open(request: Request) -> str:
    page = urlsplit(request.headers.get("hx-current-url", ""))
    address = page.path + (f"?{page.query}" if page.query else "")
    return address if addresses.is_own(address) and address != addresses.to() else ""


def _page_headers(headers: MutableHeaders, *, secure: bool) -> None:
    headers.setdefault("Content-Security-Policy", POLICY.format(pictures=""))
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Cache-Control", "no-store")
    _static_headers(headers, secure=secure)


def _static_headers(headers: MutableHeaders, *, secure: bool) -> None:
    if secure:
        headers["Strict-Transport-Security"] = ENCRYPTED_ALWAYS
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"


def _with_headers(send: Send, change: Callable[[MutableHeaders], None]) -> Send:
    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            change(MutableHeaders(scope=message))
        await send(message)

    return with_headers
