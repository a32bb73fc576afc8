"""No key can make, read or send its way to what it may not do itself, in whatever steps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from habitue.model.api_key import Scope
from habitue.model.powers import BEYOND_EVENTS, KEY_IS_SECRET, OF_SOURCE
from habitue.model.source import KINDS

from .desk import Desk, open_desk

SCOPES = st.sets(st.sampled_from(Scope)).map(lambda scopes: sorted(scopes | {Scope.KEYS_WRITE}))
STEPS = st.lists(st.one_of(SCOPES, st.sampled_from(sorted(KINDS))), min_size=1, max_size=5)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_desk(tmp_path_factory.mktemp("desk")) as desk:
        yield desk


def post(desk: Desk, path: str, body: dict[str, Any], headers: dict[str, str]) -> Any:
    return desk.http.post(f"/api/v1{path}", json=body, headers=headers)


def source(kind: str) -> dict[str, Any]:
    return {"source": "shop", "kind": kind, **({"secret": "shpss_1"} if KINDS[kind].secret != "none" else {})}


def test_every_kind_of_source_stands_in_the_table() -> None:
    assert set(OF_SOURCE) == set(KINDS)


def test_a_key_that_makes_keys_makes_no_source_that_signs(desk: Desk) -> None:
    """With one it told the shop's own request, and a person was erased."""
    made = post(desk, "/write-keys", source("shopify"), desk.key([Scope.KEYS_WRITE]))
    assert made.status_code == 403
    assert "privacy:write" in made.json()["detail"]
    assert "privacy:write" in made.headers["www-authenticate"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(held=SCOPES, steps=STEPS)
def test_whatever_a_key_makes_through_whatever_it_made_says_no_more_than_itself(
    desk: Desk, held: list[Scope], steps: list[Any]
) -> None:
    headers = desk.key(held)
    for step in steps:
        if isinstance(step, str):
            made = post(desk, "/write-keys", source(step), headers)
            assert (made.status_code == 201) is (OF_SOURCE[step] <= set(held))
            continue
        made = post(desk, "/api-keys", {"name": "x", "scopes": step}, headers)
        assert (made.status_code == 201) is (set(step) <= set(held))
        if made.status_code == 201:
            # Go on with what was made.
            held, headers = step, {"Authorization": f"Bearer {made.json()['token']}"}


@pytest.mark.parametrize(("name", "needed"), sorted(BEYOND_EVENTS.items()))
def test_an_event_that_is_more_than_an_event_needs_the_scope_of_what_it_is(
    desk: Desk, name: str, needed: Scope
) -> None:
    body = {"events": [{"name": name, "user_id": "ana", "properties": {"channel": "email"}}]}
    refused = post(desk, "/events", body, desk.key([Scope.EVENTS_WRITE]))
    assert (refused.status_code, needed.value in refused.json()["detail"]) == (403, True)
    assert post(desk, "/events", body, desk.key([Scope.EVENTS_WRITE, needed])).status_code == 202


def test_an_event_says_whose_it_is_but_describes_nobody(desk: Desk) -> None:
    sender = desk.key([Scope.EVENTS_WRITE])
    event = {"name": "Product Viewed", "user_id": "ana", "email": "ana@shop.example"}
    described = {"events": [{**event, "context": {"traits": {"vip": True}}}]}
    assert post(desk, "/events", described, sender).status_code == 202
    desk.turn()
    found = desk.get("/customers/user:ana").json()
    assert ("vip" in found["traits"], found["user_id"]) == (False, "ana")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_secret_key_is_shown_in_the_list_only_to_those_who_may_say_all_it_says(desk: Desk, kind: str) -> None:
    made = desk.post("/write-keys", source(kind)).json()

    def shown(scopes: list[Scope]) -> str | None:
        listed = desk.get("/write-keys?limit=200", headers=desk.key([Scope.KEYS_READ, *scopes])).json()["data"]
        found: str | None = next(key["key"] for key in listed if key["id"] == made["id"])
        return found

    assert shown([]) == (None if kind in KEY_IS_SECRET else made["key"])
    assert shown(list(Scope)) == made["key"]


def test_a_key_that_is_not_shown_can_be_withdrawn_by_its_id(desk: Desk) -> None:
    made = desk.post("/write-keys", source("server")).json()
    weak = desk.key([Scope.KEYS_WRITE])
    assert desk.http.delete(f"/api/v1/write-keys/{made['id']}", headers=weak).status_code == 204
    assert made["key"] in [key.key for key in desk.parts.keys.all() if key.revoked_at]
