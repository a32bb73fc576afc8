"""Whether a password is the account's: asked at sign-in and before what cannot be taken back. Every try counts."""

from __future__ import annotations

from http import HTTPStatus
from time import sleep

from habitue.console.accounts import User
from habitue.console.tries import SLOW_SECONDS
from habitue.console.visit import Visit


def check(visit: Visit, email: str, password: str) -> tuple[User | None, str, HTTPStatus]:
    """The user whose password it is, or what to tell whoever tries. The try is counted before the password is read."""
    accounts = visit.services.accounts
    client = visit.request.client.host if visit.request.client else ""
    made = accounts.tries.count(email, client)
    if made.wait_seconds:
        minutes = -(-made.wait_seconds // 60)
        said = f"That was wrong too often. Try again in {minutes} minute{'' if minutes == 1 else 's'}."
        return None, said, HTTPStatus.TOO_MANY_REQUESTS
    with accounts.tries.room() as has_room:
        if not has_room:
            return None, "Too many are signing in right now. Try again in a moment.", HTTPStatus.SERVICE_UNAVAILABLE
        if made.is_slow:
            sleep(SLOW_SECONDS)
        user = accounts.verify(email, password)
    if user is None:
        said = "Email and password do not go together. Check both and try again."
        return None, said, HTTPStatus.UNAUTHORIZED
    accounts.tries.succeeded(made)
    return user, "", HTTPStatus.OK
