"""What whoever has nothing but the public key can have sent to a stranger, through the whole house to a mail server."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient
from tests.channels.servers import channel_to, mail_server
from tests.decide.world import PLAYBOOK, World

from habitue import wire
from habitue.ingest.envelope import receive_batch
from habitue.ingest.settings import IngestSettings
from habitue.model.delivery import Delivery, DeliveryState
from habitue.model.instant import DAY, HOUR, MINUTE, SECOND, Instant
from habitue.model.passage import Passage
from habitue.model.trust import Level
from habitue.playbook.load import load
from habitue.run.addresses import UNPROVEN_A_DAY, UNPROVEN_GAP, address_door
from habitue.run.clock import ManualClock
from habitue.run.outbox import Outbox
from habitue.run.playbook_files import read_directory
from habitue.settings import data_secret
from habitue.store.marks import marker
from habitue.store.memory import MemoryDeliveries
from habitue.wire.site import application

GIFTSHOP = Path(__file__).parents[2] / "playbooks" / "giftshop"
NOON: Instant = 1_779_969_600 * SECOND
STRANGER, OWN = "ben@stranger.example", "mallory@own.example"
WORDS, EVIL = "Your account is locked", "https://evil.example/login"


class House:
    """The gift shop as it stands, a page with the public key, and a mail server that keeps what it takes."""

    def __init__(self, data: Path, clock: ManualClock) -> None:
        self.clock = clock
        self.parts = wire.create(data, environ={"HABITUE_LINKS__PUBLIC_URL": "https://h.example"})
        wire.apply_playbook(self.parts, read_directory(GIFTSHOP), "tests")
        self.key = self.parts.keys.create("web", clock.now(), kind="browser").key
        self.page = TestClient(application(self.parts), headers={"Origin": "https://shop.example"})
        self.sent: list[EmailMessage] = []
        self.to: list[str] = []

    def does(self, who: str, *items: dict[str, Any]) -> None:
        batch = [{"anonymousId": who, **item} for item in items]
        answer = self.page.post("/v1/batch", json={"writeKey": self.key, "batch": batch})
        assert answer.status_code == 200, answer.text

    def settle(self) -> None:
        """Decide what came, and hand over what is due."""
        crank = self.parts.crank()
        while crank.turn(500, self.clock.now()).records:
            pass
        asyncio.run(self._hand_over())
        while crank.turn(500, self.clock.now()).records:
            pass

    async def _hand_over(self) -> None:
        parts = self.parts
        async with mail_server() as server, channel_to(server) as channel:
            outbox = Outbox(
                store=parts.store,
                deliveries=parts.deliveries,
                log=parts.log,
                clock=self.clock,
                channels={"email": channel},
                content=parts.renderer,
                address_door=address_door(parts.playbook, marker(data_secret(parts.data))),
            )
            while await outbox.run_once():
                pass
            self.sent += [server.letter(number) for number in range(len(server.taken))]
            self.to += server.recipients[: len(server.taken)] if server.taken else []

    def passes(self, span: int) -> None:
        self.clock.advance(span)
        self.settle()

    def words(self) -> str:
        """All that stands in the letters, headers and both parts, as people read it."""
        parts = [str(part.get_content()) for one in self.sent for part in one.walk() if not part.is_multipart()]
        return "\n".join([*(str(one.items()) for one in self.sent), *parts])


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    clock = ManualClock(NOON)
    monkeypatch.setattr("habitue.run.clock.running", lambda *_: clock)
    return House(tmp_path / "data", clock)


def identify(email: str, **traits: Any) -> dict[str, Any]:
    return {"type": "identify", "traits": {"email": email, **traits}}


def track(event: str, **properties: Any) -> dict[str, Any]:
    return {"type": "track", "event": event, "properties": properties}


ASK = track("Consent Requested", channel="email", topic="news")


def test_sixty_ids_that_ask_in_a_strangers_name_send_one_email_an_hour_and_three_a_day(house: House) -> None:
    for hour in range(5):
        for number in range(60):
            house.does(f"v{hour}-{number}", {**identify(STRANGER), "userId": f"u{hour}-{number}"}, ASK)
        house.settle()
        assert len(house.sent) == min(hour + 1, 3)
        house.passes(HOUR)
    assert {str(letter["To"]) for letter in house.sent} == {STRANGER}


def test_of_a_forged_consent_and_a_forged_product_nothing_reaches_an_inbox(house: House) -> None:
    forged = {"product_id": "x1", "name": WORDS, "url": EVIL, "image_url": f"{EVIL}.png", "price": 9.0}
    house.does(
        "evil",
        identify(STRANGER, firstName=f"{WORDS}: {EVIL}"),
        track("Consent Granted", channel="email", method="double_opt_in"),
        track("Product Viewed", **forged),
        track("Product Added", **forged),
    )
    house.settle()
    for _ in range(12):
        house.passes(6 * HOUR)
    assert all("Shall we write to you?" in str(letter["Subject"]) for letter in house.sent)
    assert len(house.sent) <= 1
    assert "evil.example" not in house.words()


def test_whoever_confirms_their_own_address_and_then_claims_a_strangers_sends_the_stranger_nothing(
    house: House,
) -> None:
    house.does("mallory", identify(OWN), ASK)
    house.settle()
    assert house.to == [OWN]
    [link] = set(re.findall(r"https://h\.example(/y/[\w.-]+)", house.words()))
    assert house.page.post(link).status_code == 200
    house.passes(DAY)
    assert house.to == [OWN, OWN]  # They are welcomed, as whoever confirms is.
    house.does("mallory", identify(STRANGER), track("Consent Granted", channel="email"))
    house.does("mallory", track("Product Added", product_id="x1", name="Mug", price=9.0))
    for _ in range(6):
        house.passes(12 * HOUR)
    to_the_stranger = [letter for letter in house.sent if STRANGER in str(letter["To"])]
    assert all("Shall we write to you?" in str(letter["Subject"]) for letter in to_the_stranger)
    assert len(to_the_stranger) <= 1


# --- whatever a page says ---

FILES = {
    "messages/confirm.yaml": "message: confirm\ntitle: Confirm\nkind: transactional\ntopic: news\n"
    "duplicate_within: 1s\n"
    "email: {subject: 'Was it you?', mjml: '<mjml></mjml>'}\n",
    "messages/receipt.yaml": "message: receipt\ntitle: Receipt\nkind: transactional\ntopic: news\n"
    "duplicate_within: 1s\nemail: {subject: Thanks, mjml: '<mjml></mjml>'}\n",
    "journeys/asked.yaml": "journey: asked\ntitle: Asked\nentry: {event: Consent Requested}\nreentry: always\n"
    "steps: [{send: confirm}]\n",
    "journeys/bought.yaml": "journey: bought\ntitle: Bought\nentry: {event: Order Claimed}\nreentry: always\n"
    "steps: [{send: receipt}]\n",
    "journeys/basket.yaml": "journey: basket\ntitle: Basket\nentry: {event: Product Added}\nreentry: always\n"
    "steps: [{send: note}]\n",
}
NAMES = (
    "Consent Requested",
    "Consent Granted",
    "Product Added",
    "Order Completed",
    "Unsubscribed",
    "Email Link Clicked",
)
ANYTHING = st.one_of(
    st.sampled_from([STRANGER, STRANGER.upper(), OWN]).map(identify),
    st.just({"type": "alias", "previousId": "v1", "userId": "u1"}),
    st.sampled_from(
        [
            "Consent Requested",
            "Consent Granted",
            "Product Added",
            "Order Completed",
            "Unsubscribed",
            "Email Link Clicked",
        ]
    ).map(lambda name: track(name, channel="email", email=STRANGER, method="double_opt_in", machine=False)),
)
STEPS = st.lists(st.tuples(st.sampled_from(["v1", "v2", "v3"]), ANYTHING, st.integers(0, 50)), max_size=30)


def handed_over(world: World, deliveries: MemoryDeliveries, mark: Any) -> list[Passage]:
    """What the outbox lets through now, as it would hand it over."""
    playbook = load(dict(world.store.playbook(1) or {}))
    deliveries.take_in(world.store.effects(deliveries.cursor(), 1_000), world.clock.now())
    door = address_door(lambda version: playbook, mark)
    for delivery, effect in deliveries.due(world.clock.now(), 1_000):
        passing = door(effect, world.clock.now())
        assert passing is not None
        stopped = deliveries.admit(*passing)
        if stopped is not None and stopped.again_at is None:
            deliveries.finish([_failed(delivery, stopped.why)])
    return deliveries.passages(mark("email", STRANGER), 0)


def _failed(delivery: Delivery, why: str) -> Delivery:
    return msgspec.structs.replace(delivery, state=DeliveryState.FAILED, reason=why)


@given(STEPS, st.sampled_from(["required", "double_opt_in", "implied"]))
@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
def test_no_sequence_of_what_pages_say_sends_more_than_the_limits_to_an_address_nobody_proved(
    steps: Sequence[tuple[str, dict[str, Any], int]], mode: str
) -> None:
    world = World({**FILES, "playbook.yaml": PLAYBOOK.replace("consent: required", f"consent: {mode}")})
    deliveries, mark, sent = MemoryDeliveries(), marker(b"secret"), list[Passage]()
    for number, (who, item, minutes) in enumerate(steps):
        world.passes(minutes * MINUTE)
        batch = {"batch": [{"messageId": f"m{number}", "anonymousId": who, **item}]}
        received = receive_batch(batch, "web", Level.BROWSER, world.clock.now(), IngestSettings())
        world.log.append(received.events)
        world.turn()
        sent = handed_over(world, deliveries, mark)
    assert not any(one.marketing for one in sent)
    for end in sent:
        assert sum(end.handed_at - DAY < one.handed_at <= end.handed_at for one in sent) <= UNPROVEN_A_DAY
        assert sum(end.handed_at - UNPROVEN_GAP < one.handed_at <= end.handed_at for one in sent) <= 1
