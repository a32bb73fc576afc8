"""`/metrics`: the system's numbers in the format of Prometheus, read from the stores when asked for."""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from habitue.model.alarm import ALARM_KINDS
from habitue.model.instant import SECOND
from habitue.run.ports import Clock, Deliveries, Log, Store, View
from habitue.run.ports.alarms import NO_ALARMS, Alarms
from habitue.run.supervisor import ProcessStatus

Samples = Iterable[tuple[tuple[str, ...], float]]
"""(label values, number) for each line of a metric."""


class Sources(NamedTuple):
    """Where the numbers come from."""

    log: Log
    store: Store
    view: View
    deliveries: Deliveries
    clock: Clock
    processes: Callable[[], Sequence[ProcessStatus]]
    waiting_events: Callable[[], int]
    requests_put_off: Callable[[], int]
    api_requests: Callable[[], Mapping[tuple[str, ...], float]]
    alarms: Alarms = NO_ALARMS


class Figure(NamedTuple):
    """One metric: a counter only ever rises, a gauge is a level."""

    name: str
    kind: type[CounterMetricFamily] | type[GaugeMetricFamily]
    sentence: str
    labels: tuple[str, ...]
    read: Callable[[Sources], Samples]


def _one(number: float) -> Samples:
    return [((), float(number))]


def _overdue(sources: Sources) -> Samples:
    due = sources.store.next_due()
    return _one(0 if due is None else max(0, sources.clock.now() - due) / SECOND)


def _undecided(sources: Sources) -> Samples:
    # The log first: the other way round a busy moment could look like less than nothing.
    decided = sources.store.position()
    return _one(max(0, sources.log.fence()[1] - decided))


def _dead_letters(sources: Sources) -> Samples:
    latest = sources.log.dead_letters(limit=1)
    return _one(latest[0].id if latest else 0)


def _alarms(sources: Sources) -> Samples:
    standing = Counter(alarm.kind for alarm in sources.alarms.standing())
    return [((kind,), float(standing[kind])) for kind in {**ALARM_KINDS, **standing}]


def _journeys(sources: Sources) -> Samples:
    sums: dict[tuple[str, ...], float] = {}
    for tally in sources.view.totals("journey"):
        key = (tally.name, tally.outcome, tally.reason)
        sums[key] = sums.get(key, 0) + tally.count
    return sums.items()


FIGURES: tuple[Figure, ...] = (
    Figure(
        "habitue_events",
        CounterMetricFamily,
        "Events in the log.",
        (),
        lambda sources: _one(sources.log.fence()[1] + 1),
    ),
    Figure("habitue_dead_letters", CounterMetricFamily, "Events that could not be accepted.", (), _dead_letters),
    Figure(
        "habitue_ingest_waiting_events",
        GaugeMetricFamily,
        "Events received and not on disk yet.",
        (),
        lambda sources: _one(sources.waiting_events()),
    ),
    Figure(
        "habitue_ingest_put_off_requests",
        CounterMetricFamily,
        "Requests told to come back later because their write key sends faster than it may.",
        (),
        lambda sources: _one(sources.requests_put_off()),
    ),
    Figure(
        "habitue_api_requests",
        CounterMetricFamily,
        "Requests to the API for programs, by what was asked for and the status of the answer.",
        ("operation", "status"),
        lambda sources: sources.api_requests().items(),
    ),
    Figure("habitue_undecided_events", GaugeMetricFamily, "Events in the log and not decided on yet.", (), _undecided),
    Figure(
        "habitue_timers_overdue_seconds",
        GaugeMetricFamily,
        "How long the earliest timer has been due, in seconds of the run's clock; 0 when none is.",
        (),
        _overdue,
    ),
    Figure(
        "habitue_people",
        GaugeMetricFamily,
        "People known, joined ones counted once.",
        (),
        lambda sources: _one(sources.view.people_count()),
    ),
    Figure(
        "habitue_parked_people",
        GaugeMetricFamily,
        "People whose step failed; their events queue until someone retries them.",
        (),
        lambda sources: _one(len(sources.view.parked())),
    ),
    Figure("habitue_alarms", GaugeMetricFamily, "Alarms that stand, by kind.", ("kind",), _alarms),
    Figure(
        "habitue_journey_decisions",
        CounterMetricFamily,
        "Decisions taken in journeys.",
        ("journey", "outcome", "reason"),
        _journeys,
    ),
    Figure(
        "habitue_deliveries",
        GaugeMetricFamily,
        "Deliveries by where they stand; waiting is the outbox's queue.",
        ("channel", "state"),
        lambda sources: [(key, float(count)) for key, count in sources.deliveries.counts().items()],
    ),
    Figure(
        "habitue_process_ready",
        GaugeMetricFamily,
        "1 when the process is up and ready.",
        ("process",),
        lambda sources: [((status.role,), float(status.ready)) for status in sources.processes()],
    ),
    Figure(
        "habitue_process_starts",
        CounterMetricFamily,
        "How often the process was started; more than 1 means that it died.",
        ("process",),
        lambda sources: [((status.role,), float(status.starts)) for status in sources.processes()],
    ),
)
"""Every metric of our own, as `docs/operators.md` lists them. Counters get `_total` at the end."""


class _StoreCollector(Collector):
    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def collect(self) -> Iterator[Metric]:
        for figure in FIGURES:
            family = figure.kind(figure.name, figure.sentence, labels=figure.labels)
            for labels, number in figure.read(self._sources):
                family.add_metric(labels, number)
            yield family

    def describe(self) -> list[Metric]:
        return []  # Nothing is read before somebody asks.


def routes(sources: Sources, token: str = "") -> list[Route]:
    """`token`: what must be sent as a bearer token, when there is one."""
    registry = CollectorRegistry()
    registry.register(_StoreCollector(sources))
    ProcessCollector(registry=registry)

    async def metrics(request: Request) -> Response:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token and not hmac.compare_digest(given.encode(), token.encode()):
            return PlainTextResponse("/metrics asks for the token of http.metrics_token, as a bearer token.\n", 401)
        body = await run_in_threadpool(generate_latest, registry)
        return Response(body, media_type=CONTENT_TYPE_LATEST)

    return [Route("/metrics", metrics)]
