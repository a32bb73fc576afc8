"""What can go wrong: a problem the server explains, or no answer at all."""

from __future__ import annotations

import msgspec


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was wrong with a request, and where."""

    detail: str
    pointer: str = ""
    parameter: str = ""


class _Problem(msgspec.Struct, frozen=True, kw_only=True):
    type: str = ""
    title: str = ""
    detail: str = ""
    errors: list[Fault] = []


class HabitueError(Exception):
    """Base of all errors of this client."""


class NoAnswer(HabitueError):
    """The server could not be reached, or hung up, however often it was tried."""


class ProblemError(HabitueError):
    """The server said no. `kind` is the problem's name, such as `not-found`; `type` is where it is explained."""

    def __init__(self, status: int, kind: str, problem: _Problem, retry_after: float | None) -> None:
        super().__init__(problem.detail or problem.title or f"the server answered {status}")
        self.status = status
        self.kind = kind
        self.type = problem.type
        self.title = problem.title
        self.detail = problem.detail
        self.faults = problem.errors
        self.retry_after = retry_after


class Unauthorized(ProblemError):
    """The API key is missing, unknown or withdrawn."""


class Forbidden(ProblemError):
    """The API key lacks a scope."""


class NotFound(ProblemError):
    """There is no such thing."""


class Conflict(ProblemError):
    """It cannot be done as things are."""


class Invalid(ProblemError):
    """The request is wrong; `faults` says where."""


class TooManyRequests(ProblemError):
    """The key asks more often than it may, and waiting would have taken too long."""


class ServerError(ProblemError):
    """The server failed, or cannot answer now."""


_BY_STATUS: dict[int, type[ProblemError]] = {
    400: Invalid,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    413: Invalid,
    415: Invalid,
    422: Invalid,
    429: TooManyRequests,
}


def problem_of(status: int, body: bytes, retry_after: float | None) -> ProblemError:
    """The error of an answer; a proxy's page in between makes one too."""
    try:
        problem = msgspec.json.decode(body, type=_Problem)
    except msgspec.MsgspecError:
        problem = _Problem()
    kind = problem.type.rpartition("#problem-")[2]
    return _BY_STATUS.get(status, ServerError if status >= 500 else ProblemError)(status, kind, problem, retry_after)
