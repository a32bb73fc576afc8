"""The API keeps its own word: whatever is generated from its document is answered as the document says."""

from __future__ import annotations

from pathlib import Path

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema

from .desk import live, open_desk

EXAMPLES_MAX = 3
ALSO_REFUSED = ["2xx", "3xx", "400", "401", "403", "404", "409", "422", "429"]
"""What valid data may be answered: a cursor of the right form is still made up, and so is who an event is about."""


def test_whatever_the_document_allows_or_forbids_is_answered_as_it_says(tmp_path: Path) -> None:
    """All checks of schemathesis, over examples, every border case, random requests and sequences of them."""
    with open_desk(tmp_path) as desk, live(desk.parts) as address:
        desk.people("ana", "ben")
        schema = schemathesis.openapi.from_url(
            f"{address}/api/openapi.json",
            config=SchemathesisConfig.from_dict(
                {
                    "headers": desk.headers,
                    "base-url": f"{address}/api/v1",
                    "generation": {"max-examples": EXAMPLES_MAX, "deterministic": True},
                    "checks": {"positive_data_acceptance": {"expected-statuses": ALSO_REFUSED}},
                }
            ),
        )
        checked, failures, phases = 0, [], {}
        for event in from_schema(schema).execute():
            match event:
                case events.NonFatalError() | events.FatalError():
                    failures.append(str(event))
                case events.PhaseFinished():
                    phases[event.phase.name.name] = event.status
                case events.ScenarioFinished():
                    for checks in event.recorder.checks.values():
                        checked += len(checks)
                        failures += [
                            f"{event.recorder.label}: {check.failure_info.failure}\n{check.failure_info.code_sample}"
                            for check in checks
                            if check.failure_info is not None
                        ]
        assert not failures, "\n\n".join(dict.fromkeys(failures))
        assert checked > 1_000
        for phase in ("EXAMPLES", "COVERAGE", "FUZZING", "STATEFUL_TESTING"):
            assert phases[phase] is Status.SUCCESS, phases
