"""Signing in and out."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import msgspec
from starlette.responses import RedirectResponse, Response

from habitue.console import addresses, proof
from habitue.console.accounts import User, form_token
from habitue.console.gate import FORM_FIELD, SESSION_COOKIE, cookie, is_secure, session_of
from habitue.console.roles import EVERYONE
from habitue.console.visit import Door, Visit

KEPT_CHARACTERS_MAX = 60_000
_UNSEEN = frozenset({"page", "seen", "plan", "name", "outline"})
"""Fields of our forms that say nothing to people."""


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
    token = accounts.open_session(user)
    kept = _kept(visit.form.get("kept", ""))
    response = _once_more(visit, user, token, kept) if kept is not None else _onward(visit)
    response.headers.append("Set-Cookie", cookie(SESSION_COOKIE, token, secure))
    return response


class Kept(msgspec.Struct, frozen=True):
    """A form that was sent when its session had ended: where it goes, and what was entered."""

    to: str
    fields: dict[str, str]


def ask_again(visit: Visit, to: str, form: Mapping[str, str]) -> Response:
    """The sign-in page, with a form that came too late kept in it. Passwords and secrets have to be entered anew."""
    fields = {name: text for name, text in form.items() if name != FORM_FIELD and not _is_secret(name)}
    kept = msgspec.json.encode(Kept(to, fields)).decode()
    problem = "Your session ended before this was sent. Sign in, and it is here to be sent again."
    if len(kept) > KEPT_CHARACTERS_MAX:
        kept, problem = (
            "",
            "Your session ended before this was sent, and it is too much to be kept. Sign in and send it anew.",
        )
    return _form(visit, problem, status=HTTPStatus.UNAUTHORIZED, kept=kept)


def _once_more(visit: Visit, user: User, token: str, kept: Kept) -> Response:
    """Nothing is carried out by itself: who signs in looks at it and sends it."""
    state = visit.request.scope["state"]
    state |= {"user": user, "session": token}
    seen = Visit(visit.request, visit.services, user, form_token(token), {})
    shown = [(name, text) for name, text in kept.fields.items() if text and name not in _UNSEEN]
    return seen.page("sign_in/once_more.html", kept=kept, shown=shown)


def _onward(visit: Visit) -> Response:
    return RedirectResponse(_wanted(visit.form.get("next", "")), status_code=303)


def _kept(text: str) -> Kept | None:
    try:
        kept = msgspec.json.decode(text, type=Kept)
    except msgspec.MsgspecError:
        return None
    return kept if addresses.is_own(kept.to) and FORM_FIELD not in kept.fields else None


def _is_secret(name: str) -> bool:
    return "password" in name or "secret" in name


def sign_out(visit: Visit) -> Response:
    visit.services.accounts.close_session(session_of(visit.services, visit.request))
    response = RedirectResponse(addresses.to("sign-in"), status_code=303)
    response.headers.append("Set-Cookie", cookie(SESSION_COOKIE, "", is_secure(visit.services, visit.request), 0))
    return response


def _form(
    visit: Visit, problem: str = "", email: str = "", status: HTTPStatus = HTTPStatus.OK, kept: str = ""
) -> Response:
    wanted = visit.form.get("next", "") or visit.query("next")
    return visit.page(
        "sign_in/sign_in.html",
        status=status,
        problem=problem,
        email=email,
        kept=kept or visit.form.get("kept", ""),
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
