"""How a message would look for one person now, on an occasion they have had or could have had."""

from __future__ import annotations

import secrets
from typing import Any

from habitue.content.links import Links
from habitue.content.ports import Catalog
from habitue.content.renderer import Renderer
from habitue.decide.journeys.letter import letter
from habitue.decide.occasion import PREVIEW
from habitue.model.customer import Customer, Run
from habitue.model.effect import Send
from habitue.model.rendered import Rendered
from habitue.playbook.playbook import Playbook
from habitue.run.ports import Clock


class Preview:
    """Renders as the outbox does, but with links that lead nowhere: looking must not unsubscribe anyone."""

    def __init__(self, catalog: Catalog, clock: Clock, public_url: str) -> None:
        self._catalog = catalog
        self._clock = clock
        self._links = Links(secrets.token_urlsafe(16), public_url)

    def __call__(
        self, playbook: Playbook, message: str, channel: str, customer: Customer, run: Run | None, /
    ) -> Rendered:
        """Raises RenderFailed when the template cannot be filled for this person."""
        now = self._clock.now()
        run = run or self._made_up(playbook, customer)
        effect = Send(
            id=PREVIEW,
            customer=customer.id,
            at=now,
            expires_at=now,
            journey=run.journey,
            run=run.id,
            step=PREVIEW,
            version=playbook.version,
            message=message,
            channel=channel,
            address="",
            topic=playbook.messages[message].topic,
            data=letter(customer, run, now, playbook.session_gap),
        )
        return Renderer(lambda _: playbook, self._catalog, self._links).render(effect, now)

    def _made_up(self, playbook: Playbook, customer: Customer) -> Run:
        """About the product that was looked at last, or else a bestseller."""
        now = self._clock.now()
        return Run(
            id=PREVIEW,
            journey=PREVIEW,
            version=playbook.version,
            key="",
            entered_at=now,
            step=0,
            due=None,
            since=now,
            event=self._product(customer),
            event_name="Product Viewed",
        )

    def _product(self, customer: Customer) -> dict[str, Any]:
        viewed = [view.product for view in customer.viewed]
        found = self._catalog.get(viewed[:1])
        product = next(iter(found.values()), None)
        if product is None:
            bestsellers = self._catalog.bestsellers("", 1)
            if not bestsellers:
                return {}
            product = bestsellers[0]
        return {
            "product_id": product.id,
            "name": product.name,
            "price": product.price,
            "category": product.category,
            "url": product.url,
            "image_url": product.image_url,
        }
