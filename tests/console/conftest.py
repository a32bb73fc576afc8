"""One furnished shop for all tests that only look; tests that change something make their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from tests.console.sample import EMAIL, PASSWORD, Sample, application, furnished
from tests.console.wall import Wall

from habitue import console


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture(scope="session")
def shop_and_app(tmp_path_factory: pytest.TempPathFactory) -> tuple[Sample, Starlette]:
    return furnished(tmp_path_factory.mktemp("console") / "console.db", days=4, people=60)


@pytest.fixture(scope="session")
def shop(shop_and_app: tuple[Sample, Starlette]) -> Sample:
    return shop_and_app[0]


@pytest.fixture(scope="session")
def mina(shop_and_app: tuple[Sample, Starlette]) -> Iterator[TestClient]:
    """A client of Mina's, signed in."""
    client = TestClient(shop_and_app[1], follow_redirects=False)
    sign_in(client)
    yield client


@pytest.fixture
def stranger(shop_and_app: tuple[Sample, Starlette]) -> TestClient:
    """A client that has not signed in."""
    return TestClient(shop_and_app[1], follow_redirects=False)


@pytest.fixture
def small_shop() -> Sample:
    """A shop whose playbook is in force and where nothing has happened yet."""
    shop = Sample()
    shop.apply()
    shop.turn()
    return shop


def signed_in(shop: Sample, directory: Path, **services: Any) -> TestClient:
    """A client signed in to the console of this very shop."""
    accounts = console.Accounts(directory / "console.db")
    accounts.create_user(EMAIL, PASSWORD, "Mina Demir")
    client = TestClient(application(shop, shop.services(accounts, **services)), follow_redirects=False)
    sign_in(client)
    return client


def sign_in(client: TestClient, email: str = EMAIL, password: str = PASSWORD) -> None:
    answer = client.post(
        "/console/sign-in",
        data={"email": email, "password": password, "form_token": token_of(client, "/console/sign-in")},
    )
    assert answer.status_code == 303, answer.text


def token_of(client: TestClient, address: str) -> str:
    """The token a page's forms carry."""
    return client.get(address).text.partition('data-form-token="')[2].partition('"')[0]
