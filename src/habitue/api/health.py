"""`/healthz`: this process answers. `/readyz`: every process is up, the stores can be read, no alarm halts the work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from habitue.errors import HabitueError
from habitue.model.alarm import kind_of
from habitue.run.ports import Log, View
from habitue.run.ports.alarms import NO_ALARMS, Alarms
from habitue.run.supervisor import ProcessStatus

log = structlog.get_logger()


def routes(
    log: Log, view: View, processes: Callable[[], Sequence[ProcessStatus]], alarms: Alarms = NO_ALARMS
) -> list[Route]:
    """`processes` answers with the supervised processes as they are now; none when nobody supervises."""

    async def healthz(_request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_request: Request) -> Response:
        checks = await run_in_threadpool(_checks, log, view, processes, alarms)
        standing = await run_in_threadpool(alarms.standing)
        well = all(check == "ok" for check in checks.values())
        # The kinds alone: what they are about is the operator's business.
        body = msgspec.json.encode({"ready": well, "checks": checks, "alarms": sorted({one.kind for one in standing})})
        return Response(body, status_code=200 if well else 503, media_type="application/json")

    return [Route("/healthz", healthz), Route("/readyz", readyz)]


def _checks(
    records: Log, view: View, processes: Callable[[], Sequence[ProcessStatus]], alarms: Alarms
) -> dict[str, str]:
    checks: dict[str, str] = {
        "log": _asked(lambda: records.read(-1, 1)),
        "state": _asked(view.parked),
    }
    for status in processes():
        checks[status.role] = "ok" if status.ready else f"not ready: started {status.starts} times"
    for alarm in alarms.standing():
        if kind_of(alarm.kind).halts:
            checks[alarm.kind] = kind_of(alarm.kind).title
    return checks


def _asked(question: Callable[[], Any]) -> str:
    try:
        question()
    except HabitueError as error:
        # The path and the cause are the operator's business; whoever asks from outside learns only that it fails.
        log.error("not ready", error=str(error))
        return "cannot be read"
    return "ok"
