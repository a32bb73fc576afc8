"""A person's consent, identity and data: shown with proof, and changed only by an owner who means it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.console.conftest import signed_in, token_of
from tests.console.sample import EMAIL, PASSWORD, Sample

from habitue.model.customer import customer_id

ANA, TABLET = customer_id("user", "ana"), customer_id("anonymous", "tablet")
AT = f"/console/people/{ANA}"


@pytest.fixture
def shop(small_shop: Sample) -> Sample:
    """Ana said yes to e-mail, and signed in on a tablet."""
    said = {"channel": "email", "text": "Yes, <b>write</b> to me", "source": "sign-up form"}
    small_shop.log.append(
        [
            small_shop.event("identify", "Identified", user_id="ana", traits={"name": "Ana Berg"}),
            small_shop.event("track", "Consent Granted", user_id="ana", properties=said),
            small_shop.event("track", "Product Viewed", anonymous_id="tablet", properties={"product_id": "p1"}),
            small_shop.event("track", "Product Viewed", user_id="ana", anonymous_id="tablet"),
        ]
    )
    small_shop.turn()
    return small_shop


@pytest.fixture
def client(shop: Sample, tmp_path: Path) -> TestClient:
    return signed_in(shop, tmp_path)


def post(client: TestClient, address: str, **fields: str) -> str:
    return client.post(address, data={"form_token": token_of(client, "/console/people"), **fields}).text


def test_each_consent_stands_with_the_very_words_she_read(client: TestClient) -> None:
    page = client.get(f"{AT}/records").text
    assert "“Yes, &lt;b&gt;write&lt;/b&gt; to me”" in page
    assert "sign-up form" in page


def test_a_wrong_merge_can_be_split_off_by_its_line(shop: Sample, client: TestClient) -> None:
    page = client.get(f"{AT}/records").text
    assert TABLET in page and "signed in on the same device" in page and "Not her: split off" in page
    post(client, f"{AT}/split", part=TABLET)
    assert shop.asked == [("split", ANA, TABLET, EMAIL)]
    assert "was not joined into her" in post(client, f"{AT}/split", part="somebody")
    assert len(shop.asked) == 1


def test_a_copy_of_her_data_comes_as_one_archive(shop: Sample, client: TestClient) -> None:
    token = token_of(client, "/console/people")
    answer = client.post(f"{AT}/export", data={"form_token": token, "format": "json"})
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {"person.json": b'{"a":1}'}
    assert shop.asked == [("export", ANA, EMAIL, "json")]


def test_nobody_is_erased_without_her_name_being_typed(shop: Sample, client: TestClient) -> None:
    assert "Ana Berg" in client.get(f"{AT}/erase").text
    assert "exactly as it stands" in post(client, f"{AT}/erase", typed="Ana")
    assert shop.asked == []
    assert "not your password" in post(client, f"{AT}/erase", typed="Ana Berg", password="a guess")
    assert shop.asked == []
    post(client, f"{AT}/erase", typed="Ana Berg", password=PASSWORD)
    assert shop.asked == [("erase", ANA, EMAIL)]


def test_a_request_is_taken_off_the_list_once_answered(shop: Sample, client: TestClient) -> None:
    post(client, "/console/privacy/close", position="12")
    post(client, "/console/privacy/close", position="-1; drop")
    assert shop.asked == [("close", "12", EMAIL)]
