"""One's own account: who one is signed in as, and a new password."""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import Response

from habitue.console import proof
from habitue.console.accounts import AccountError, User
from habitue.console.gate import session_of
from habitue.console.roles import EVERYONE, SENTENCES
from habitue.console.visit import Door, Visit


def show(visit: Visit) -> Response:
    return _page(visit)


def change_password(visit: Visit) -> Response:
    """Needs the password until now; every other session of the account ends."""
    user = _user(visit)
    known, problem, status = proof.check(visit, user.email, visit.form.get("password", ""))
    if known is None:
        wrong = "The password until now is not right." if status is HTTPStatus.UNAUTHORIZED else problem
        return _page(visit, wrong, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        kept = session_of(visit.services, visit.request)
        visit.services.accounts.set_password(user.email, visit.form.get("new_password", ""), keep=kept)
    except AccountError as error:
        return _page(visit, f"{str(error)[:1].upper()}{str(error)[1:]}.", status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _page(visit, done="Your password is changed, and you are signed out everywhere else.")


def _user(visit: Visit) -> User:
    assert visit.user is not None
    return visit.user


def _page(visit: Visit, problem: str = "", done: str = "", status: HTTPStatus = HTTPStatus.OK) -> Response:
    user = _user(visit)
    return visit.page(
        "account/account.html", status=status, place="account", problem=problem, done=done, allowed=SENTENCES[user.role]
    )


DOORS = (
    Door("/account", show, EVERYONE),
    Door("/account/password", change_password, EVERYONE, method="POST"),
)
