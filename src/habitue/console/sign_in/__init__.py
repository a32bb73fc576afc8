"""Signing in and out."""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import RedirectResponse, Response

from habitue.console import addresses
from habitue.console.accounts import Tries
from habitue.console.gate import SESSION_COOKIE, cookie, is_secure
from habitue.console.roles import EVERYONE
from habitue.console.visit import Door, Visit

_tries = Tries()


def show(visit: Visit) -> Response:
    if visit.user:
        return visit.redirect(_wanted(visit.query("next")))
    return _form(visit)


def sign_in(visit: Visit) -> Response:
    email, password = visit.form.get("email", "")[:254], visit.form.get("password", "")
    # By address and by account: one visitor may not try many accounts, nor many visitors one account.
    client = visit.request.client.host if visit.request.client else ""
    names = (f"from {client}", f"as {email.strip().lower()}")
    wait = _tries.wait_seconds(*names)
    if wait:
        minutes = -(-wait // 60)
        said = f"That was wrong too often. Try again in {minutes} minute{'' if minutes == 1 else 's'}."
        return _form(visit, said, email, HTTPStatus.TOO_MANY_REQUESTS)
    user = visit.services.accounts.verify(email, password)
    if user is None:
        _tries.failed(*names)
        return _form(
            visit, "E-mail and password do not go together. Check both and try again.", email, HTTPStatus.UNAUTHORIZED
        )
    _tries.forget(*names)
    response = RedirectResponse(_wanted(visit.form.get("next", "")), status_code=303)
    secure = is_secure(visit.services, visit.request)
    response.headers.append("Set-Cookie", cookie(SESSION_COOKIE, visit.services.accounts.open_session(user), secure))
    return response


def sign_out(visit: Visit) -> Response:
    visit.services.accounts.close_session(visit.request.cookies.get(SESSION_COOKIE, ""))
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
