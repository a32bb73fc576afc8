"""Who is signed in: kept in a signed cookie, since a demo shop needs no accounts and no passwords."""

from __future__ import annotations

from hashlib import blake2b

import msgspec
from itsdangerous import BadSignature, URLSafeSerializer
from starlette.requests import Request
from starlette.responses import Response

from habitue.demo.people import customer_of

COOKIE = "shopper"
_MAX_AGE_SECONDS = 30 * 24 * 3600


class Shopper(msgspec.Struct, frozen=True):
    """`consents` is her answer to "may we e-mail you": asked once, always a yes or a no."""

    user_id: str
    first_name: str
    email: str
    consents: bool


def user_id_of(email: str) -> str:
    """The id of whoever has the address: an imported customer's own number, else a hash of the address."""
    clean = email.strip().lower()
    return customer_of(clean) or f"shop-{blake2b(clean.encode(), digest_size=6).hexdigest()}"


class Visitors:
    """Writes and reads the cookie."""

    def __init__(self, secret: str) -> None:
        self._serializer = URLSafeSerializer(secret, salt="shopper")

    def read(self, request: Request) -> Shopper | None:
        cookie = request.cookies.get(COOKIE)
        if cookie is None:
            return None
        try:
            return msgspec.convert(self._serializer.loads(cookie), Shopper)
        except (BadSignature, msgspec.ValidationError):
            return None  # Left over from another shop or another day: she is a stranger again.

    def write(self, response: Response, shopper: Shopper) -> None:
        value = self._serializer.dumps(msgspec.to_builtins(shopper))
        text = value if isinstance(value, str) else value.decode()
        response.set_cookie(COOKIE, text, max_age=_MAX_AGE_SECONDS, httponly=True, samesite="lax")

    def forget(self, response: Response) -> None:
        response.delete_cookie(COOKIE)
