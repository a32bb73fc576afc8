"""Groups, stages, scores and buckets are in SQL what they are live and by hand, at every edge."""

from __future__ import annotations

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.analyze.cases import Case, disagreements, of_customers, pasts
from tests.decide.conditions.histories import SHOP, plain_conditions, tables

from habitue.playbook.playbook import Playbook


class WithTables(Case):
    """Its tables turn within the hours that histories last."""

    @property
    def playbook(self) -> Playbook:
        return msgspec.structs.replace(super().playbook, rfm=SHOP.rfm, lifecycle=SHOP.lifecycle)


cases = st.builds(WithTables, st.lists(tables, min_size=10, max_size=16), plain_conditions.map(of_customers), pasts())


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(cases)
def test_tables_mean_the_same_three_ways(case: WithTables) -> None:
    _, wrong = disagreements(case)
    assert wrong == []
