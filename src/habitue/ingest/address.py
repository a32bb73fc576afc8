"""Under which address clients reach this server: what an operator said, or a host that is known to be ours."""

from __future__ import annotations

from starlette.requests import Request

from .rejection import Refusal, Refused
from .settings import IngestSettings

_LOOPBACK = frozenset({"127.0.0.1", "::1"})
_PORTS = {"http": "80", "https": "443"}


def public_address(request: Request, settings: IngestSettings) -> str:
    """The public URL, or the host this request names. Raises Refused for a host nobody said is ours.

    Whoever sends a request chooses its Host. A cache in between would hand the answer to others, and their clients
    would send their events to whomever it names.
    """
    if settings.public_url:
        return settings.public_url
    named = request.headers.get("host", "").strip().lower()
    if named not in settings.hosts and named not in _own_hosts(request):
        raise Refused(
            Refusal.UNKNOWN_HOST,
            "this server does not know that it is reached under this host; say so in links.public_url or http.hosts",
        )
    return f"{request.url.scheme}://{named}"


def _own_hosts(request: Request) -> set[str]:
    """The address this very connection came in at, which the sender cannot choose."""
    server = request.scope.get("server")
    if server is None:
        return set()
    host, port = str(server[0]), str(server[1])
    names = {host, "localhost"} if host in _LOOPBACK else {host}
    shown = {f"[{name}]" if ":" in name else name for name in names}
    return {f"{name}:{port}" for name in shown} | (shown if port == _PORTS.get(request.url.scheme) else set())
