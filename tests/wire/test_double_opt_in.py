"""Double opt-in through the whole house: the form's event, the letter, the page behind its link, and what follows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from habitue import wire
from habitue.content.plain import text_of
from habitue.model.effect import Effect
from habitue.model.event import Event
from habitue.model.rendered import RenderedEmail
from habitue.run.playbook_files import read_directory
from habitue.store.sqlite import SqliteDeliveries
from habitue.wire.site import application

GIFTSHOP = Path(__file__).parents[2] / "playbooks" / "giftshop"
CLEO = "cleo@example.com"
TEXT = "Yes, you may e-mail me notes from the shop."


@pytest.fixture
def parts(tmp_path: Path) -> wire.Parts:
    parts = wire.create(tmp_path / "data", environ={"HABITUE_LINKS__PUBLIC_URL": "https://h.example"})
    wire.apply_playbook(parts, read_directory(GIFTSHOP), "tests")
    return parts


def turn(parts: wire.Parts) -> list[Effect]:
    crank = parts.crank()
    while crank.turn(100, parts.clock.now()).records:
        pass
    return [effect for _, effect in parts.store.effects(0, 100)]


def says(parts: wire.Parts, number: int, name: str, **properties: Any) -> None:
    event = Event(
        id=str(number), source="shop", type="identify" if name == "Identified" else "track", name=name,
        occurred_at=parts.clock.now(), anonymous_id="cleo's browser",
        traits={"email": CLEO} if name == "Identified" else {}, properties=properties,
    )  # fmt: skip
    parts.log.append([event])


def test_a_newsletter_is_asked_for_confirmed_by_its_owner_and_welcomed(parts: wire.Parts) -> None:
    parts.suppressions.add("email", CLEO, "erased")
    says(parts, 1, "Identified")
    says(parts, 2, "Consent Requested", channel="email", topic="news", source="newsletter form", text=TEXT)
    [asking] = turn(parts)
    assert (asking.message, asking.address) == ("confirm_newsletter", CLEO)

    deliveries = SqliteDeliveries(parts.data / "deliveries.db")
    deliveries.take_in(parts.store.effects(0, 10), parts.clock.now())
    letter = parts.renderer.render(asking, parts.clock.now())
    assert isinstance(letter, RenderedEmail)
    assert letter.unsubscribe_url is None
    [link] = set(re.findall(r"https://h\.example(/y/[\w.-]+)", text_of(letter.html)))
    with TestClient(application(parts)) as browser:
        assert "Yes, that was me" in browser.get(link).text
        assert turn(parts) == [asking]  # Whoever only opened it said nothing.
        assert browser.post(link).status_code == 200
    sent = turn(parts)
    assert [effect.message for effect in sent[1:]] == ["welcome_hello"]

    [proof, wish] = [word for _, word in parts.view.consents([asking.customer])]
    assert (wish.state, proof.state, proof.method, proof.topic) == ("pending", "granted", "double_opt_in", "news")
    assert (proof.text, proof.source, proof.address) == (TEXT, "newsletter form", CLEO)
    assert proof.requested_at == wish.said_at
    assert proof.confirmed_at == proof.said_at
    assert proof.token
    assert parts.suppressions.find("email", CLEO) is None
    parts.close()
