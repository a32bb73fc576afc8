"""From a shop's first webhook to the last byte: a customer's whole way through a living `habitue serve`, over HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.crash.system import Sink, System, eventually, running
from tests.ingest.webhooks import SECRET, SHOP, shopify_customer, shopify_order, signature
from tests.wire.test_erasing import bytes_naming, proved

from habitue import wire
from habitue.model.api_key import Scope
from habitue.model.customer import Customer, customer_id
from habitue.model.delivery import DeliveryState
from habitue.wire import privacy

MINA, PASSWORD = "mina@shop.example", "correct horse battery"
ANA, BEN, CLEO = ("ana.quixote@example.com", "ben.quixote@example.com", "cleo.quixote@example.com")
PHONES = {ANA: "+442079460111", BEN: "+442079460222", CLEO: "+442079460333"}
NUMBERS = {ANA: 7_700_111, BEN: 7_700_222, CLEO: 7_700_333}
FILES = {
    "playbook.yaml": "playbook: whole\n"
    "shop: {name: The shop, url: 'http://127.0.0.1:9', address: '1 Road, Town', timezone: UTC}\n"
    "channels: {email: {consent: required, from: The shop <hello@shop.example>}}\n"
    "topics: {news: {title: News}}\n",
    "segments.yaml": 'buyers: {title: Buyers, condition: \'did("Order Completed", within="30d")\'}\n',
    "journeys/asked.yaml": "journey: asked\ntitle: Asked\nentry: {event: News Asked}\nreentry: always\n"
    "key: event.edition\nsteps: [{send: news}]\n",
    "messages/news.yaml": "message: news\ntitle: News\ntopic: news\nabout: event.edition\n"
    "email: {subject: News, mjml: news.mjml}\n",
    "messages/news.mjml": "<mjml><mj-body><mj-section><mj-column><mj-text>"
    'Hello {{ customer.first_name }} <a href="{{ unsubscribe_url }}">leave</a>'
    "</mj-text></mj-column></mj-section></mj-body></mjml>",
}


class Whole:
    """The system, and everybody who speaks with it from outside."""

    def __init__(self, system: System, http: httpx.Client) -> None:
        self.system = system
        self.parts = system.parts
        self.http = http
        now = self.parts.clock.now()
        self.shopify = self.parts.keys.create("gifts", now, kind="shopify", secret=SECRET).key
        self.browser = self.parts.keys.create("web", now, kind="browser").key
        self.server = self.parts.keys.create("accounts", now, kind="server").key
        self.key, token = self.parts.api.create_key("crm", list(Scope), now)
        self.program = {"Authorization": f"Bearer {token}"}
        self.parts.accounts.create_user(MINA, PASSWORD, "Mina")
        wire.apply_playbook(self.parts, FILES, "test")
        self.deliveries: list[tuple[str, bytes]] = []

    def webhook(self, topic: str, content: Any) -> None:
        self.deliver(topic, json.dumps(content).encode())
        self.deliveries.append((topic, json.dumps(content).encode()))

    def deliver(self, topic: str, body: bytes) -> None:
        headers = {"X-Shopify-Topic": topic, "X-Shopify-Shop-Domain": SHOP, "X-Shopify-Hmac-Sha256": signature(body)}
        answer = self.http.post(f"/webhooks/shopify/{self.shopify}", content=body, headers=headers)
        assert answer.status_code == 200, answer.text

    def shop_customer(self, email: str, **more: Any) -> dict[str, Any]:
        return shopify_customer(id=NUMBERS[email], email=email, phone=PHONES[email], **more)

    def order(self, email: str) -> None:
        content = shopify_order(
            id=NUMBERS[email] + 1,
            email=email,
            contact_email=email,
            phone=PHONES[email],
            cart_token=f"cart-of-{email}",
            customer=self.shop_customer(email),
            billing_address=None,
            shipping_address=None,
        )
        self.webhook("orders/create", content)

    def page(self, email: str, event: str, **properties: Any) -> None:
        """The shop's server says who its visitor is, and the browser what they did."""
        device, traits = f"browser-of-{email}", {"email": email, "firstName": "Quixotesdottir"}
        for key, item in (
            (self.server, {"type": "identify", "anonymousId": device, "traits": traits}),
            (self.browser, {"type": "track", "event": event, "anonymousId": device, "properties": properties}),
        ):
            answer = self.http.post(f"/v1/{item['type']}", json={**item, "writeKey": key})
            assert answer.status_code == 200, answer.text

    def settle(self) -> None:
        eventually(self._is_settled, "everything is decided and sent")

    def _is_settled(self) -> bool:
        parts = self.parts
        return (
            parts.store.position() == parts.log.position()
            and not parts.store.effects(parts.deliveries.cursor(), 1)
            and not {state for _, state in parts.deliveries.counts()} & {"waiting", "sending"}
            and not parts.deliveries.unreported(1)
            and parts.store.position() == parts.log.position()
        )

    def person(self, email: str) -> Customer | None:
        return privacy.load(self.parts, customer_id("email", email))

    def states(self, customer: Customer) -> list[tuple[str, DeliveryState]]:
        return [(one.message, one.state) for _, one in self.parts.deliveries.list(customers=[customer.id])]

    # --- three ways to have somebody erased ------------------------------------------------------------------------

    def erase_by_api(self, email: str) -> None:
        """Keeping what it asked under an idempotency key first, so that an answer that names her is kept too."""
        asked = {"user_id": None, "email": email, "traits": {"note": f"wrote from {email}"}}
        answer = self.http.post(
            "/api/v1/customers", json=asked, headers={**self.program, "Idempotency-Key": f"about-{email}"}
        )
        assert answer.status_code == 202, answer.text
        self.settle()
        person = self.person(email)
        assert person is not None
        answer = self.http.delete(f"/api/v1/customers/{person.id}", headers=self.program)
        assert answer.status_code == 202, answer.text

    def erase_by_console(self, email: str) -> None:
        def token(address: str) -> str:
            return self.http.get(address).text.partition('data-form-token="')[2].partition('"')[0]

        form = {"email": MINA, "password": PASSWORD, "form_token": token("/console/sign-in")}
        assert self.http.post("/console/sign-in", data=form).status_code == 303
        person = self.person(email)
        assert person is not None
        address = f"/console/people/{person.id}/erase"
        page = self.http.get(address).text
        name = "Quixotesdottir Lima" if "Quixotesdottir Lima" in page else "Ana Lima"
        form = {"typed": name, "password": PASSWORD, "form_token": token(address)}
        answer = self.http.post(address, data=form)
        assert answer.status_code == 303, answer.text

    def erase_by_command(self, email: str) -> None:
        command = [sys.executable, "-m", "habitue", "people", "erase", email, "--data", str(self.system.data), "--yes"]
        subprocess.run(command, check=True, capture_output=True, timeout=60)


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Whole]:
    with (
        Sink() as sink,
        running(tmp_path / "data", sink) as system,
        httpx.Client(base_url=f"http://127.0.0.1:{system.port}", timeout=20) as http,
    ):
        yield Whole(system, http)


def test_whoever_came_by_webhook_is_written_to_until_she_is_erased_and_a_repetition_does_not_bring_her_back(
    whole: Whole,
) -> None:
    everybody = (ANA, BEN, CLEO)
    for email in everybody:
        whole.order(email)
        whole.webhook("customers/update", whole.shop_customer(email))
        whole.page(email, "News Asked", edition=f"first-{email}")
    whole.settle()
    ids = {}
    for email in everybody:
        person = whole.person(email)
        assert person is not None
        assert (person.orders, "buyers" in person.segments) == (1, True)
        assert person.anonymous_ids == [f"browser-of-{email}"]
        assert person.identifiers["shop"].keys() == {f"shopify:{SHOP}:{NUMBERS[email]}"}
        assert whole.states(person) == [("news", DeliveryState.ACCEPTED)]
        ids[email] = person.id

    for email in everybody:
        withdrawn = {"state": "unsubscribed", "consent_updated_at": "2026-11-21T09:00:00-05:00"}
        whole.webhook("customers/update", whole.shop_customer(email, email_marketing_consent=withdrawn))
        redact = {"shop_domain": SHOP, "customer": {"id": NUMBERS[email], "email": email, "phone": PHONES[email]}}
        whole.webhook("customers/redact", redact)
    whole.settle()
    eventually(lambda: len(privacy.open_requests(whole.parts)) == 3, "the requests are found")
    for person in map(whole.person, everybody):
        assert person is not None
        assert not person.consents["email"].granted

    whole.erase_by_api(ANA)
    whole.erase_by_console(BEN)
    whole.erase_by_command(CLEO)
    eventually(lambda: len(privacy.receipts(whole.parts)) == 3, "the erasures are ordered")
    eventually(
        lambda: all(one.finished_at is not None for one in privacy.receipts(whole.parts)), "the erasures are finished"
    )
    assert privacy.open_requests(whole.parts) == []
    for topic, body in whole.deliveries:
        whole.deliver(topic, body)
    whole.settle()
    assert [whole.person(email) for email in everybody] == [None, None, None]
    texts = [*everybody, *PHONES.values(), *map(str, NUMBERS.values()), *ids.values(), "Quixotesdottir"]
    eventually(lambda: bytes_naming(whole.system.data, texts) == {}, "no byte names them")

    # She comes back by herself, as somebody new: what she did not ask for anew is not sent.
    whole.page(ANA, "Consent Granted", channel="email")
    whole.page(ANA, "News Asked", edition="second")
    whole.settle()
    ana = whole.person(ANA)
    assert ana is not None
    assert DeliveryState.ACCEPTED not in {state for _, state in whole.states(ana)}
    assert whole.parts.suppressions.find("sms", PHONES[ANA]) == "erased"
    assert whole.system.stop() == 0
    assert proved(whole.parts) == 1
