"""A message as one person would get it now: rendered as a real one is, from an effect that is never kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from habitue.console import wording
from habitue.decide.journeys.letter import letter
from habitue.model.customer import Customer, Run
from habitue.model.effect import Send
from habitue.model.product import Product
from habitue.model.rendered import Rendered
from habitue.playbook.journey import OnEvent, OnInaction, SendStep
from habitue.playbook.playbook import Playbook
from habitue.run.ports import Clock, Content


class Previewer:
    """A `Preview`. What started the journey is taken from a run of hers, or made up from what she last looked at."""

    def __init__(self, content: Content, product: Callable[[str], Product | None], clock: Clock) -> None:
        self._content = content
        self._product = product
        self._clock = clock

    def __call__(self, playbook: Playbook, message: str, channel: str, customer: Customer, /) -> Rendered:
        now = self._clock.now()
        run = self._run(playbook, message, customer)
        effect = Send(
            id="preview",
            customer=customer.id,
            at=now,
            expires_at=now + playbook.messages[message].ttl,
            journey=run.journey,
            run=run.id,
            step="preview",
            version=playbook.version,
            message=message,
            channel=channel,
            address=str(customer.traits.get("email") or customer.id) if channel == "email" else customer.id,
            topic=playbook.messages[message].topic,
            data=letter(customer, run),
        )
        return self._content.render(effect, now)

    def _run(self, playbook: Playbook, message: str, customer: Customer) -> Run:
        journeys = {
            name: journey
            for name, journey in playbook.journeys.items()
            if any(isinstance(step, SendStep) and step.message == message for step in wording.all_steps(journey.steps))
        }
        hers = [run for run in customer.runs if run.journey in journeys]
        if hers:
            return max(hers, key=lambda run: run.entered_at)
        entries = [(name, journey.entry) for name, journey in journeys.items()]
        started = [(name, entry.signal.event) for name, entry in entries if isinstance(entry, OnEvent | OnInaction)]
        name, event_name = started[0] if started else (next(iter(journeys), ""), "")
        now = self._clock.now()
        return Run(
            id="preview",
            journey=name,
            version=playbook.version,
            key="",
            entered_at=now,
            step=0,
            due=None,
            since=now,
            event=self._looked_at(customer) if event_name else {},
            event_name=event_name,
        )

    def _looked_at(self, customer: Customer) -> dict[str, Any]:
        if not customer.viewed:
            return {}
        identity = customer.viewed[0][1]
        product = self._product(identity)
        if product is None:
            return {"product_id": identity}
        return {
            "product_id": product.id,
            "name": product.name,
            "price": product.price,
            "category": product.category,
            "url": product.url,
            "image_url": product.image_url,
        }
