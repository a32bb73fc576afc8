"""SQL says of any instant what live evaluation said then, and what the whole history says."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.analyze.cases import Case, cases, disagreements, misremembered

from habitue.model.instant import DAY, HOUR

PATIENT = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


@PATIENT
@given(cases)
def test_sql_says_at_every_edge_what_live_evaluation_said(case: Case) -> None:
    _, wrong = disagreements(case)
    assert not wrong, wrong[0]


@settings(PATIENT, max_examples=6)
@given(cases, st.sampled_from((0, 30 * HOUR, 40 * DAY)))
def test_memberships_began_and_ended_when_they_did_live(case: Case, later: int) -> None:
    until = max((record.received_at for _, record in case.past), default=0) + later
    wrong = misremembered(case._replace(trees=case.trees[:4]), until)
    assert not wrong, wrong[0]
