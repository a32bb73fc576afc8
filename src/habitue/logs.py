"""What the processes say about their own work: structured lines on standard error, without secrets or addresses."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, TextIO, cast

import structlog

from habitue.settings import Log, Secret

HIDDEN = "••••••"
_HIDDEN_KEYS = re.compile(r"password|secret|token|authorization|cookie|api_?key|signature", re.IGNORECASE)
_EMAIL = re.compile(r"([A-Za-z0-9])[A-Za-z0-9._%+-]*@([A-Za-z0-9.-]+\.[A-Za-z]{2,})")


def configure(settings: Log, role: str) -> None:
    """Set up structlog, and everything that speaks through `logging`, for one process; `role` is on every line."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # Before secrets are taken out: what was raised may quote one. The values of variables are left out altogether.
        structlog.processors.format_exc_info,
        redact,
    ]
    renderer = _renderer(settings)
    structlog.configure(
        processors=[*shared, *renderer],
        wrapper_class=structlog.make_filtering_bound_logger(settings.level),
        logger_factory=structlog.WriteLoggerFactory(_steady(sys.stderr)),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(role=role)

    handler = logging.StreamHandler(_steady(sys.stderr))
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=settings.level.upper(), force=True)
    for chatty in ("httpx", "httpcore", "mail.log", "asyncio", "uvicorn.error"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


class _Steady:
    """A stream that loses lines rather than ending the one who speaks: standard error may lie on a full disk."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except OSError:
            return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


def _steady(stream: TextIO) -> TextIO:
    return cast(TextIO, _Steady(stream))


def redact(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take secrets out of a line, and all but the first letter of e-mail addresses: log files travel."""
    for key, value in line.items():
        line[key] = HIDDEN if _HIDDEN_KEYS.search(key) else _clean(value)
    return line


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _EMAIL.sub(r"\1•••@\2", value)
    if isinstance(value, Secret):
        return str(value)
    if isinstance(value, dict):
        return {key: HIDDEN if _HIDDEN_KEYS.search(str(key)) else _clean(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(inner) for inner in value]
    return value


def _renderer(settings: Log) -> list[structlog.typing.Processor]:
    on_terminal = sys.stderr.isatty()
    if settings.format == "console" or (settings.format == "auto" and on_terminal):
        plain = structlog.dev.plain_traceback
        return [structlog.dev.ConsoleRenderer(colors=on_terminal, exception_formatter=plain)]
    return [structlog.processors.JSONRenderer()]
