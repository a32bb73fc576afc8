"""Signing in and out."""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import RedirectResponse, Response

from habitue.console import addresses, proof
from habitue.console.gate import SESSION_COOKIE, cookie, is_secure, session_of
from habitue.console.roles import EVERYONE
from habitue.console.visit import Door, Visit


def show(visit: Visit) -> Response:
    if visit.user:
        return visit.redirect(_wanted(visit.query("next")))
    return _form(visit)


def sign_in(visit: Visit) -> Response:
    email, password = visit.form.get("email", "")[:254], visit.form.get("password", "")
    user, problem, status = proof.check(visit, email, password)
    if user is None:
        return _form(visit, problem, email, status)
    accounts, secure = visit.services.accounts, is_secure(visit.services, visit.request)
    # Whoever was signed in before in this browser is signed out: a session is never carried over.
    accounts.close_session(session_of(visit.services, visit.request))
    response = RedirectResponse(_wanted(visit.form.get("next", "")), status_code=303)
    response.headers.append("Set-Cookie", cookie(SESSION_COOKIE, accounts.open_session(user), secure))
    return response


def sign_out(visit: Visit) -> Response:
    visit.services.accounts.close_session(session_of(visit.services, visit.request))
    response = RedirectResponse(addresses.to("sign-in"), status_code=303)
    response.headers.append("Set-Cookie", cookie(SESSION_COOKIE, "", is_secure(visit.services, visit.request), 0))
    return response


def _form(visit: Visit, problem: str = "", email: str = "", status: HTTPStatus = HTTPStatus.OK) -> Response:
    wanted = visit.form.get("next", "") or visit.query("next")
    return visit.page(
        "sign_in/sign_in.html",
        status=status,
        problem=problem,
        email=email,
        next=wanted if addresses.is_own(wanted) else "",
        hint=visit.services.hint,
        is_first=not visit.services.accounts.users(),
    )


def _wanted(address: str) -> str:
    return address if addresses.is_own(address) else addresses.to()


DOORS = (
    Door("/sign-in", show, EVERYONE, public=True),
    Door("/sign-in", sign_in, EVERYONE, method="POST", public=True),
    Door("/sign-out", sign_out, EVERYONE, method="POST"),
)
