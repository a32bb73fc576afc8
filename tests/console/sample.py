"""A believable shop in memory: two weeks of visitors, turned by the real crank, so every page has something to show."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from tests.console.sample_past import SamplePast
from tests.console.sample_planning import SamplePlanning
from tests.console.sample_playbook import files

from habitue import console
from habitue.catalog.memory import MemoryCatalog
from habitue.model.article import Article
from habitue.model.delivery import DeliveryState
from habitue.model.event import Event
from habitue.model.feed import Feed
from habitue.model.instant import DAY, HOUR, MINUTE, SECOND, Instant
from habitue.model.product import Product
from habitue.model.trust import Level
from habitue.playbook.conditions.plain import plain
from habitue.playbook.load import load
from habitue.playbook.playbook import Playbook
from habitue.run.backtest import Comparison, Report, backtest, backtest_both
from habitue.run.clock import ManualClock
from habitue.run.crank import Crank
from habitue.run.ports import Commit, DeadLetter, Parked
from habitue.store.keys import KeyFile
from habitue.store.memory import MemoryDeliveries, MemoryLog, MemoryStore
from habitue.store.sqlite.catalog import SqliteCatalog
from habitue.wire.preview import Preview

EMAIL, PASSWORD = "marketing@shop.example", "calm-and-finished"
NOW: Instant = 1_790_000_000 * SECOND + 2 * HOUR
DAYS = 15
FIRST = [
    "Ana",
    "Ben",
    "Cleo",
    "Dora",
    "Emil",
    "Fatma",
    "Giulia",
    "Hugo",
    "Ines",
    "Jonas",
    "Kaya",
    "Lena",
    "Marta",
    "Noé",
]
LAST = ["Berg", "Costa", "Demir", "Evans", "Fischer", "Green", "Holm", "İnan", "Jansen", "Kowalski", "Lopez", "Müller"]
GOODS = [
    ("Paper lantern, set of four", 12.5, "Lighting"),
    ("Brass table bell", 18.0, "Home"),
    ("Linen tea towel, poppies", 9.5, "Kitchen"),
    ("Stoneware jug, sea green", 34.0, "Kitchen"),
    ("Wooden bird house", 27.5, "Garden"),
    ("Watering can, copper", 42.0, "Garden"),
    ("Notebook, marbled", 7.95, "Stationery"),
    ("Wax seal set", 15.0, "Stationery"),
    ("Wool throw, heather", 68.0, "Home"),
    ("String of glass lights", 22.0, "Lighting"),
    ("Enamel bread bin", 39.0, "Kitchen"),
    ("Herb scissors", 11.0, "Garden"),
]


@dataclass
class Sample:
    """The shop's stores, its clock, and what the console is given of it."""

    shop_url: str = "http://127.0.0.1:8400"
    clock: ManualClock = field(default_factory=lambda: ManualClock(NOW - DAYS * DAY))
    chance: random.Random = field(default_factory=lambda: random.Random(7))

    def __post_init__(self) -> None:
        self.log = MemoryLog(self.clock)
        self.store = MemoryStore()
        self.deliveries = MemoryDeliveries()
        self.shelf_folder = Path(tempfile.mkdtemp(prefix="sample-"))
        self.shelf = console.Shelf(self.shelf_folder)
        self.keys = KeyFile(Path(tempfile.mkdtemp(prefix="sample-")) / "keys.db", lambda: b"the sample's own secret")
        self.asked: list[tuple[str, ...]] = []
        """What was ordered of the privacy room, which has tests of its own."""
        self.privacy = console.Privacy(
            export=lambda *given: self._asked("export", *given) or [("person.json", b'{"a'), ("person.json", b'":1}')],
            erase=lambda *given: self._asked("erase", *given) or 7,
            receipts=list,
            requests=list,
            close_request=lambda position, actor: self._asked("close", str(position), actor) or True,
            audit=list,
            split=lambda *given: self._asked("split", *given),
        )
        self.keys.create("shop", self.clock.now(), "SHOP_KEY", kind="browser")
        self.catalog = MemoryCatalog()
        self.products = [
            Product(
                id=f"p{n}",
                name=name,
                price=price,
                category=category,
                url=f"/product/p{n}",
                image_url=f"/picture/{n}.svg",
            )
            for n, (name, price, category) in enumerate(GOODS)
        ]
        self.catalog.put(self.products)
        self._furnish_catalogue()
        self._books: dict[int, Playbook] = {}
        self._serial = 0
        self.crank = Crank(self.store, self.log, load)

    def apply(
        self,
        given: Mapping[str, str] | None = None,
        author: str = "ana@shop.example",
        note: str = "",
        base: int | None = None,
    ) -> int:
        """Put these files in force, or the sample's own."""
        written = given or files(self.shop_url)
        version = self.store.save_playbook("sample", written, self.clock.now(), author, note, base)
        self.log.append([self.event("control", "Playbook Applied", properties={"version": version}, source="habitue")])
        return version

    def newest(self) -> Playbook | None:
        versions = self.store.playbooks()
        return self.playbook(versions[0]["version"]) if versions else None

    def playbook(self, version: int) -> Playbook:
        if version not in self._books:
            self._books[version] = load(self.store.playbook(version) or {}, version=version)
        return self._books[version]

    def event(self, type_: Any, name: str, *, source: str = "shop website", **more: Any) -> Event:
        """An event of this moment, with an id of its own."""
        self._serial += 1
        return Event(
            id=f"m{self._serial:06d}", source=source, type=type_, name=name, occurred_at=self.clock.now(), **more
        )

    def take(self, *events: Event) -> None:
        """Take events in and turn the crank to the present."""
        self.log.append(events)
        self.turn()

    def turn(self) -> None:
        while self.crank.turn(5000, self.clock.now()).records:
            pass
        self._perform()

    def _perform(self) -> None:
        """What an outbox would do, with the luck of a real one."""
        new = self.store.effects(self.deliveries.cursor(), 1000)
        if not new:
            return
        now = self.clock.now()
        self.deliveries.take_in(new, now)
        for delivery, effect in self.deliveries.due(now, 1000):
            self.deliveries.begin([delivery.id], now)
            luck = self.chance.random()
            state, reason, detail = DeliveryState.ACCEPTED, None, None
            if effect.channel == "onsite":
                state = DeliveryState.DISPLAYED if luck < 0.7 else state
            elif luck < 0.04:
                state, reason, detail = DeliveryState.FAILED, "permanent_address", "550 5.1.1 No such user here"
            elif luck < 0.06:
                state, reason, detail = (
                    DeliveryState.UNKNOWN,
                    "unknown",
                    "The connection broke after the message was handed over.",
                )
            subject = (
                "Thank you for your order" if effect.message == "thanks" else "Paper lantern, set of four is waiting"
            )
            self.deliveries.finish(
                [
                    msgspec.structs.replace(
                        delivery, state=state, reason=reason, detail=detail, attempts=1, updated_at=now,
                        subject=subject if effect.channel == "email" else None,
                    )
                ]
            )  # fmt: skip
            if effect.channel == "email" and state is DeliveryState.ACCEPTED:
                receipt = {
                    "delivery_id": delivery.id,
                    "message": effect.message,
                    "channel": "email",
                    "journey": effect.journey,
                }
                for name in [
                    "Email Sent",
                    *(["Email Opened"] if luck > 0.5 else []),
                    *(["Email Link Clicked"] if luck > 0.8 else []),
                ]:
                    self.log.append(
                        [
                            self.event(
                                "track",
                                name,
                                properties=receipt,
                                context={"customer_id": effect.customer},
                                source="habitue",
                                level=Level.CHANNEL,
                            )
                        ]
                    )

    def live(self, days: int = DAYS, people: int = 240) -> None:
        """Let visitors come for some days, up to now."""
        self.apply()
        shoppers = [_Shopper(self, n) for n in range(people)]
        step, start = 20 * MINUTE, self.clock.now()
        for tick in range(1, days * DAY // step + 1):
            hour = self.clock.now() // HOUR % 24
            for shopper in self.chance.sample(shoppers, 3 if 7 <= hour <= 22 else 1):
                if self.chance.random() < 0.55:
                    shopper.visit()
            self.turn()
            # Visits took some minutes of their own; the day goes on from where it should be.
            self.clock.set(max(self.clock.now(), start + tick * step))
        self.turn()

    def trouble(self) -> None:
        """A parked customer and some dead letters."""
        customer = next(row.id for row in self.store.people(limit=20) if row.search)
        self.store.commit(
            Commit(
                position=self.store.position(), now=self.clock.now(), version=1,
                parked=[Parked(customer=customer, position=self.store.position(), at=self.clock.now() - HOUR,
                               error="ZeroDivisionError: division by zero")],
            )
        )  # fmt: skip
        self.log.append(
            [],
            [
                DeadLetter(
                    source="shop website",
                    reason="no_identity",
                    detail="The event has neither userId nor anonymousId; one of them is needed.",
                    body='{"type":"track","event":"Product Viewed","properties":{"product_id":"p3","price":34.0}}',
                ),
                DeadLetter(
                    source="till",
                    reason="not_json",
                    detail="The body is not JSON: unexpected character at 12.",
                    body="type=track&event=Order+Completed",
                ),
                DeadLetter(
                    source="shop website",
                    reason="name_missing",
                    detail='A track call needs a name in "event".',
                    body='{"type":"track","userId":"u4","properties":{}}',
                ),
            ],
        )

    def _furnish_catalogue(self) -> None:
        """The same goods as they are kept, with a past: one got cheaper, one was told in the shop's journal."""
        self.goods = SqliteCatalog(Path(tempfile.mkdtemp(prefix="sample-")) / "catalog.db")
        then, now = self.clock.now(), self.clock.now() + DAY
        dear = [
            msgspec.structs.replace(product, price=round(product.price * 1.25, 2), stock=40)
            for product in self.products
        ]
        self.goods.put_products(dear, source="feed", at=then, tell=False)
        self.goods.put_products(
            [msgspec.structs.replace(product, stock=3) for product in self.products[:3]], source="feed", at=now
        )
        self.goods.put_articles(
            [
                Article(
                    id="lanterns",
                    title="How paper lanterns are folded",
                    summary="Four generations, one sheet of paper.",
                    url="/journal/lanterns",
                    categories=["Lighting"],
                    published_at=now,
                )
            ],
            source="journal",
            at=now,
        )
        self.goods.put_feed(
            Feed(
                name="goods",
                url="https://shop.example/feed.xml",
                holds="products",
                interval=HOUR,
                added_at=then,
                due_at=now + HOUR,
                state="fetched",
                detail="12 products, 3 changed",
                fetched_at=now,
            )
        )

    def _asked(self, *what: str) -> None:
        self.asked.append(what)

    def services(self, accounts: console.Accounts, **more: Any) -> console.Services:
        self.drafts = console.Drafts(Path(tempfile.mkdtemp(prefix="sample-")) / "console.db")
        self.planning = SamplePlanning(self.store, self.clock, self.newest, self.apply)
        return console.Services(
            view=self.store,
            log=self.log,
            deliveries=self.deliveries,
            playbooks=self.store,
            load_playbook=self.playbook,
            clock=self.clock,
            preview=Preview(self.catalog, self.clock, self.shop_url),
            plain=plain,
            accounts=accounts,
            keys=self.keys,
            privacy=self.privacy,
            goods=self.goods,
            planning=self.planning.planning(),
            drafts=self.drafts,
            past=SamplePast(self.store, self.clock),
            backtest=self._rehearse,
            backtests=self.shelf,
            public_url="https://habitue.shop.example",
            product=self.product,
            **more,
        )

    def _rehearse(
        self, playbook: Playbook, against: Playbook | None, *, journey: str | None, **asked: Any
    ) -> Report | Comparison:
        records = list(self.log.scan())
        if against is None:
            return backtest(records, playbook, journey=journey, **asked)
        return backtest_both(records, against, playbook, journey=journey, **asked)

    def product(self, identity: str) -> Product | None:
        return self.catalog.get([identity]).get(identity)


class _Shopper:
    """One visitor with a device, who may turn out to be somebody."""

    def __init__(self, shop: Sample, number: int) -> None:
        self.shop, self.number = shop, number
        self.anonymous = f"device-{number:04d}-{shop.chance.randrange(16**6):06x}"
        self.user: str | None = None
        self.eager = shop.chance.random()

    def visit(self) -> None:
        shop, chance = self.shop, self.shop.chance
        looked = chance.sample(shop.products, chance.randint(1, 4))
        self.say("Page Viewed", {"name": "Home", "path": "/"}, "page")
        for product in looked:
            self.say("Product Viewed", self.about(product))
            self.wait(chance.randint(20, 120))
        if self.user is None and chance.random() < 0.3 + self.eager / 3:
            self.sign_in()
        if chance.random() < 0.25 + self.eager / 2:
            self.say(
                "Product Added",
                {**self.about(looked[0]), "quantity": chance.randint(1, 3), "cart_id": f"c{self.number}"},
            )
            self.wait(40)
            if self.user and chance.random() < 0.1 + self.eager * 0.45:
                self.order(looked[: chance.randint(1, 3)])

    def sign_in(self) -> None:
        shop, chance = self.shop, self.shop.chance
        name = f"{FIRST[self.number % len(FIRST)]} {LAST[(self.number * 5) % len(LAST)]}"
        self.user = f"u{1000 + self.number}"
        mail = name.lower().replace(" ", ".").encode("ascii", "ignore").decode() + "@example.com"
        traits = {
            "name": name,
            "firstName": name.split()[0],
            "email": mail,
            "city": chance.choice(["Bath", "Leeds", "Porto", "İzmir"]),
        }
        self.shop.log.append(
            [shop.event("identify", "Identified", user_id=self.user, anonymous_id=self.anonymous, traits=traits)]
        )
        if chance.random() < 0.75:
            self.say("Consent Granted", {"channel": "email", "source": "newsletter box"})
        if chance.random() < 0.1:
            self.say("Consent Withdrawn", {"channel": "email", "topic": "offers", "source": "preference page"})

    def order(self, products: list[Product]) -> None:
        lines = [{**self.about(product), "quantity": 1} for product in products]
        total = round(sum(product.price for product in products) + 4.5, 2)
        order = f"{self.number}-{self.shop._serial}"
        self.say("Checkout Started", {"value": total, "products": lines})
        self.wait(60)
        self.say("Order Completed", {"order_id": order, "total": total, "currency": "GBP", "products": lines})
        if self.shop.chance.random() < 0.06:
            self.say("Order Refunded", {"order_id": order, "total": total, "currency": "GBP", "products": lines})

    def about(self, product: Product) -> dict[str, Any]:
        return {
            "product_id": product.id, "name": product.name, "price": product.price, "category": product.category,
            "url": self.shop.shop_url + product.url, "image_url": self.shop.shop_url + product.image_url,
        }  # fmt: skip

    def say(self, name: str, properties: dict[str, Any], type_: str = "track") -> None:
        context = {"timezone": "Europe/London"}
        event = self.shop.event(
            type_, name, properties=properties, user_id=self.user, anonymous_id=self.anonymous, context=context
        )
        self.shop.log.append([event])

    def wait(self, seconds: int) -> None:
        self.shop.clock.set(self.shop.clock.now() + seconds * SECOND // 4)


def application(shop: Sample, services: console.Services) -> Starlette:
    """The console, and the shop's pictures beside it as the shop would serve them."""

    def picture(request: Request) -> Response:
        hue = int(request.path_params["number"]) * 47 % 360
        svg = (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
            f'<rect width="64" height="64" fill="hsl({hue} 35% 88%)"/>'
            f'<circle cx="32" cy="30" r="15" fill="hsl({hue} 45% 52%)"/>'
            f'<path d="M17 50h30" stroke="hsl({hue} 40% 35%)" stroke-width="4"/></svg>'
        )
        return Response(svg, media_type="image/svg+xml")

    return Starlette(routes=[Route("/picture/{number:int}.svg", picture), *console.routes(services)])


def furnished(
    accounts: Path, shop_url: str = "http://127.0.0.1:8400", days: int = DAYS, people: int = 240
) -> tuple[Sample, Starlette]:
    """The whole shop, with an account to sign in."""
    shop = Sample(shop_url)
    shop.live(days, people)
    shop.trouble()
    kept = console.Accounts(accounts)
    kept.create_user(EMAIL, PASSWORD, "Mina Demir")
    return shop, application(shop, shop.services(kept))
