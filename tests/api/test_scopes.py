"""Scope × route: each operation opens to the one scope it names, and to nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from habitue.api.operation import BASE, Operation
from habitue.api.routes import OPERATIONS
from habitue.model.api_key import SENTENCES, Scope

from .desk import Desk, open_desk

TABLE = {
    "list_customers": Scope.CUSTOMERS_READ,
    "read_customer": Scope.CUSTOMERS_READ,
    "write_customer": Scope.CUSTOMERS_WRITE,
    "list_events": Scope.EVENTS_READ,
    "list_customer_events": Scope.EVENTS_READ,
    "write_events": Scope.EVENTS_WRITE,
    "list_decisions": Scope.CUSTOMERS_READ,
    "list_customer_decisions": Scope.CUSTOMERS_READ,
    "list_deliveries": Scope.CUSTOMERS_READ,
    "read_delivery": Scope.CUSTOMERS_READ,
    "read_consents": Scope.CONSENTS_READ,
    "write_consent": Scope.CONSENTS_WRITE,
    "list_segments": Scope.CUSTOMERS_READ,
    "list_members": Scope.CUSTOMERS_READ,
    "list_consent_history": Scope.CONSENTS_READ,
    "list_products": Scope.CATALOGUE_READ,
    "read_product": Scope.CATALOGUE_READ,
    "put_product": Scope.CATALOGUE_WRITE,
    "put_products": Scope.CATALOGUE_WRITE,
    "delete_product": Scope.CATALOGUE_WRITE,
    "list_articles": Scope.CATALOGUE_READ,
    "read_article": Scope.CATALOGUE_READ,
    "put_article": Scope.CATALOGUE_WRITE,
    "put_articles": Scope.CATALOGUE_WRITE,
    "delete_article": Scope.CATALOGUE_WRITE,
    "erase_customer": Scope.PRIVACY_WRITE,
    "read_erasure": Scope.PRIVACY_WRITE,
    "list_write_keys": Scope.KEYS_READ,
    "make_write_key": Scope.KEYS_WRITE,
    "withdraw_write_key": Scope.KEYS_WRITE,
    "read_own_key": None,
    "list_api_keys": Scope.KEYS_READ,
    "make_api_key": Scope.KEYS_WRITE,
    "withdraw_api_key": Scope.KEYS_WRITE,
}
"""Operation → the scope it asks for, written down a second time on purpose."""

REFUSED = (401, 403)
AMOUNTS_TO_MORE: dict[str, dict[str, Any]] = {
    "make_api_key": {"name": "crm", "scopes": [Scope.KEYS_WRITE]},
    "make_write_key": {"source": "Not a name"},
}
"""Bodies whose refusal, if any, is not about what they amount to; that has tests of its own."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One for all: nothing here changes what another test looks at."""
    with open_desk(tmp_path_factory.mktemp("desk")) as desk:
        yield desk


def status(desk: Desk, operation: Operation[Any, Any], headers: dict[str, str]) -> int:
    path = BASE + operation.path.replace("{", "").replace("}", "")
    body = operation.example
    if operation.id in AMOUNTS_TO_MORE:  # A key gives no more than it has: here the refusal is about that.
        body = {**body, **AMOUNTS_TO_MORE[operation.id]}
    answer = desk.http.request(operation.method, path, headers=headers, json=body)
    return int(answer.status_code)


def test_the_table_has_every_operation() -> None:
    assert {operation.id: operation.scope for operation in OPERATIONS} == TABLE
    assert set(SENTENCES) == set(Scope)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_an_operation_opens_to_its_scope_alone(desk: Desk, operation: Operation[Any, Any]) -> None:
    wanted = TABLE[operation.id]
    for scope in Scope:
        found = status(desk, operation, desk.key([scope]))
        if wanted is None or scope is wanted:
            assert found not in REFUSED, f"{operation.id} is closed to {scope}"
        else:
            assert found == 403, f"{operation.id} is open to {scope}"


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_nothing_opens_without_a_key_in_use(desk: Desk, operation: Operation[Any, Any]) -> None:
    withdrawn, token = desk.parts.api.create_key("old", list(Scope), 0)
    desk.parts.api.withdraw_key(withdrawn.id, 1)
    for headers in (
        {},
        {"Authorization": "Bearer "},
        {"Authorization": f"Bearer {token}"},
        {"Authorization": "Bearer hab_made-up"},
        {"Authorization": "Basic aGFiOg=="},
        {"Authorization": desk.headers["Authorization"].replace("Bearer hab_", "Bearer ")},
    ):
        assert status(desk, operation, headers) == 401, headers


def test_a_refusal_names_the_scope(desk: Desk) -> None:
    answer = desk.get("/events", headers=desk.key([Scope.CUSTOMERS_READ]))
    assert 'the scope "events:read"' in answer.json()["detail"]
    assert 'scope="events:read"' in answer.headers["www-authenticate"]
