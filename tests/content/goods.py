"""A small shop to write letters for: Ana in Istanbul, a candle, and a playbook around one message."""

from __future__ import annotations

from typing import Any

from habitue.catalog.memory import MemoryCatalog
from habitue.content.compiled import compile_message
from habitue.content.data import frame_for
from habitue.content.email import render_email
from habitue.content.environment import TEXT, parse, render
from habitue.content.limits import Frame
from habitue.content.links import Links
from habitue.content.onsite import render_onsite
from habitue.model.article import Article
from habitue.model.instant import HOUR
from habitue.model.message import EmailContent, Message, OnsiteContent
from habitue.model.occasion import Occasion
from habitue.model.product import Product, Text
from habitue.model.rendered import RenderedEmail, RenderedOnsite
from habitue.playbook.playbook import Channel, Playbook, Shop, Topic

SECRET = "0123456789abcdef0123456789abcdef"
LINKS = Links(SECRET, "https://h.example")
NOW = 24 * 365 * 50 * HOUR

SHOP = Shop(name="Wick & Co", url="https://shop.example", currency="EUR", locale="en", timezone="UTC", address="1 Lane")
WAY_OUT = '<mj-text><a href="{{ unsubscribe_url }}">Unsubscribe</a></mj-text>'
OCCASION = Occasion("d1", "ana", "note", "email", "welcome", "r1", "say", "offers")

ANA: dict[str, Any] = {
    "customer": {"id": "ana", "first_name": "Ana", "timezone": "Europe/Istanbul", "locale": "tr-TR", "traits": {}},
    "event": {"name": "Product Viewed", "product_id": "c1"},
    "cart": {"items": [{"product_id": "c1", "name": "Candle", "price": 4.5, "quantity": 2}], "value": 9.0, "count": 2},
    "viewed": ["c2", "gone", "c1"],
    "bought": [{"category": "candles", "times": 2, "last_at": 0}],
    "run": {},
}


def catalog() -> MemoryCatalog:
    made = MemoryCatalog()
    made.put(
        [
            Product(id="c1", name="Candle", price=4.5, category="candles", url="/p/c1", image_url="/i/c1.svg"),
            Product(id="c2", name="Wax <tall>", price=1234.5, category="candles", url="/p/c2"),
            Product(id="c3", name="Old wick", price=1, category="candles", in_stock=False),
            Product(
                id="b1",
                name="Bowl",
                price=20,
                sale_price=15,
                sale_until=NOW + HOUR,
                category="bowls",
                brand="Clay",
                stock=2,
                locales={"tr": Text(name="Kase", url="/tr/kase")},
            ),
        ],
        {"c1": 5, "c2": 9, "c3": 99, "b1": 7},
    )
    made.put_articles(
        [
            Article(id="a1", title="Wicks", url="/read/wicks", categories=["Candles"], published_at=1),
            Article(id="a2", title="Wax", url="/read/wax", categories=["Candles", "Wax"], published_at=2),
        ]
    )
    return made


def frame(data: dict[str, Any] | None = None, shop: Shop = SHOP) -> Frame:
    made = frame_for(ANA if data is None else data, shop, catalog(), NOW)
    made.start()
    return made


def filled(template: str, **more: Any) -> str:
    """A plain-text template, filled for Ana."""
    data = {**ANA, **more}
    return render(parse(TEXT, template), data, frame(data), "text")


def playbook(*messages: Message) -> Playbook:
    return Playbook(
        name="wick",
        shop=SHOP,
        channels={
            "email": Channel(name="email", sender="{{ shop.name }} <hi@shop.example>"),
            "onsite": Channel(name="onsite", consent="implied"),
        },
        topics={"offers": Topic(name="offers", title="Offers"), "news": Topic(name="news", title="News")},
        messages={message.name: message for message in messages},
    )


def email_message(body: str = "Hello", subject: str = "Hi", **more: Any) -> Message:
    column = f"<mj-column><mj-text>{body}</mj-text>{WAY_OUT}</mj-column>"
    mjml = f"<mjml><mj-body><mj-section>{column}</mj-section></mj-body></mjml>"
    kind = more.pop("kind", "offer")
    content = EmailContent(subject=subject, mjml=more.pop("mjml", mjml), **more)
    return Message(name="note", title="Note", topic="offers", kind=kind, email=content)


def letter(body: str = "Hello", subject: str = "Hi", data: dict[str, Any] | None = None, **more: Any) -> RenderedEmail:
    message = email_message(body, subject, **more)
    compiled = compile_message(message, playbook(message))
    return render_email(compiled, data or ANA, LINKS, OCCASION, frame(data))


def piece(data: dict[str, Any] | None = None, **fields: Any) -> RenderedOnsite:
    content = OnsiteContent(**{"type": "banner", "title": "Hello", **fields})
    message = Message(name="note", title="Note", topic="offers", onsite=content)
    return render_onsite(compile_message(message, playbook(message)), data or ANA, frame(data))
