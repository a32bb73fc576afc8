"""The storefront's pages: rendered here, and telling the browser in each page which events it stands for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib.resources import files
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import msgspec
import orjson
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from habitue.demo.categories import categories, slugs
from habitue.demo.goods import Good
from habitue.demo.pictures import picture
from habitue.demo.prices import Prices
from habitue.ingest.snippet import CLIENT
from habitue.model.instant import Instant, to_datetime, to_iso

from .shelf import SORTS, Shelf, Sort, stocked
from .telling import Item, Teller, signed
from .visitor import Shopper, Visitors, user_id_of

PAGE_SIZE = 24
SHIPPING, SHIPPING_FREE_FROM = 3.95, 30
NEWSLETTER_TEXT = "Yes, Marigold & Wren may e-mail me notes from the shop, now and then."
"""What she reads and agrees to; told with the event, as the proof of it."""
VENDORED = "static/vendor"


class Shop(msgspec.Struct, frozen=True, kw_only=True):
    """What the pages need to know of the world around them. Addresses have no slash at the end."""

    name: str = "Marigold & Wren"
    write_key: str
    habitue_url: str
    console_url: str
    mailbox_url: str
    secret: str
    server_key: str = ""
    """The secret key that the shop's server tells sign-ins and orders with."""
    user_secret: str = ""
    """What the user's hash in the page is made with."""
    speed: float = 1.0
    currency: str = "GBP"
    timezone: str = "Europe/London"


def storefront(
    shop: Shop,
    goods: list[Good],
    prices: Prices,
    now: Callable[[], Instant],
    tell: Callable[[list[Item]], None] | None = None,
) -> Starlette:
    """The whole shop as one application. `now` is the shop's time, which may run faster than the wall's.

    `tell`: what the shop's server says to Habitue; by default it is sent.
    """
    pages = Pages(shop, Shelf(goods), prices, now, tell or Teller(shop.habitue_url, shop.server_key))
    demo = files("habitue.demo")
    client = str(files("habitue.ingest").joinpath(f"{VENDORED}/{CLIENT}"))
    return Starlette(
        routes=[
            Route("/", pages.home),
            Route("/category/{slug}", pages.category),
            Route("/product/{slug}", pages.product),
            Route("/search", pages.search),
            Route("/cart", pages.cart),
            Route("/wish-list", pages.wish_list),
            Route("/checkout", pages.checkout),
            Route("/thank-you", pages.thank_you),
            Route("/orders", pages.take_order, methods=["POST"]),
            Route("/sign-in", pages.sign_in),
            Route("/sign-in", pages.take_sign_in, methods=["POST"]),
            Route("/account", pages.account),
            Route("/sign-out", pages.sign_out, methods=["POST"]),
            Route("/products.json", pages.products),
            Route("/pictures/{code}.svg", pages.picture),
            Mount("/static", StaticFiles(directory=str(demo.joinpath("storefront/static")))),
            Mount("/vendor", StaticFiles(directory=str(demo.joinpath(VENDORED)))),
            Mount(f"/{CLIENT}", StaticFiles(directory=client)),
            # The client asks for its lazily loaded parts below this path.
            Mount("/analytics-next/bundles", StaticFiles(directory=f"{client}/bundles")),
        ],
        exception_handlers={404: pages.not_found},
    )


class Pages:
    """One method a page."""

    def __init__(
        self,
        shop: Shop,
        shelf: Shelf,
        prices: Prices,
        now: Callable[[], Instant],
        tell: Callable[[list[Item]], None],
    ) -> None:
        self._shop = shop
        self._tell = tell
        self._prices = prices
        self._shelf = shelf
        self._now = now
        self._visitors = Visitors(shop.secret)
        self._templates = Environment(
            loader=PackageLoader("habitue.demo.storefront"), autoescape=True, undefined=StrictUndefined
        )
        self._templates.globals.update(
            newsletter_text=NEWSLETTER_TEXT, shop=shop, categories=stocked(shelf), client=CLIENT, category_slugs=slugs()
        )
        self._templates.filters["money"] = lambda amount: f"£{amount:,.2f}"
        zone = ZoneInfo(shop.timezone)
        self._templates.filters["day"] = lambda at: f"{to_datetime(at).astimezone(zone):%A, %H:%M}"

    async def home(self, request: Request) -> Response:
        return self._page(
            request,
            "home.html",
            "Home",
            bestsellers=self._shelf.bestsellers(8),
            arrivals=self._shelf.arrivals(8),
            faces={category.name: self._shelf.category(category)[0] for category in stocked(self._shelf)},
            hero=[good for code in _HERO if (good := self._shelf.find(code)) is not None],
        )

    async def category(self, request: Request) -> Response:
        wanted = request.path_params["slug"]
        category = next((category for category in categories() if category.slug == wanted), None)
        if category is None:
            raise HTTPException(404)
        sort = _sort(request)
        goods = self._shelf.category(category, sort)
        shown, page, pages = _slice(request, goods)
        products = [self.fields(good, position) for position, good in enumerate(shown, (page - 1) * PAGE_SIZE + 1)]
        viewed = {"list_id": category.slug, "category": category.name, "products": products}
        return self._page(
            request,
            "list.html",
            "Category",
            events=[("Product List Viewed", viewed)],
            title=category.name,
            blurb=category.blurb,
            active=category.slug,
            total=len(goods),
            goods=shown,
            sort=sort,
            sorts=SORTS,
            number=page,
            pages=pages,
            query=None,
            list_id=category.slug,
        )

    async def search(self, request: Request) -> Response:
        query = request.query_params.get("q", "").strip()[:100]
        sort = _sort(request)
        goods = self._shelf.search(query, sort)
        shown, page, pages = _slice(request, goods)
        return self._page(
            request,
            "list.html",
            "Search",
            events=[("Products Searched", {"query": query})] if query else [],
            title=f"“{query}”" if query else "Search",
            blurb="" if query else "Type a word or two above: a colour, a thing, an occasion.",
            active=None,
            total=len(goods),
            goods=shown,
            sort=sort,
            sorts=SORTS,
            number=page,
            pages=pages,
            query=query,
            list_id="search",
        )

    async def product(self, request: Request) -> Response:
        code = request.path_params["slug"].rsplit("-", 1)[-1]
        good = self._shelf.find(code)
        if good is None:
            raise HTTPException(404)
        if request.url.path != good.product.url:
            return RedirectResponse(good.product.url)
        fields = self.fields(good)
        viewed = fields | {"currency": self._shop.currency, "value": fields["price"], "quantity": 1}
        return self._page(
            request,
            "product.html",
            "Product",
            events=[("Product Viewed", viewed)],
            title=good.product.name,
            active=slugs()[good.product.category],
            good=good,
            fields=fields,
            related=self._shelf.related(good, 4),
        )

    async def cart(self, request: Request) -> Response:
        return self._page(request, "cart.html", "Cart", title="Your basket", suggestions=self._shelf.bestsellers(4, 1))

    async def wish_list(self, request: Request) -> Response:
        return self._page(
            request, "wish_list.html", "Wish List", title="Your wish list", suggestions=self._shelf.arrivals(4)
        )

    async def checkout(self, request: Request) -> Response:
        return self._page(request, "checkout.html", "Checkout", title="Checkout")

    async def thank_you(self, request: Request) -> Response:
        order = request.query_params.get("order", "")[:40]
        return self._page(request, "thank_you.html", "Thank You", title="Thank you", order=order)

    async def sign_in(self, request: Request) -> Response:
        shopper = self._visitors.read(request)
        if shopper is not None:
            return RedirectResponse("/account", 303)
        return self._page(request, "sign_in.html", "Sign In", title="Sign in", next=_local(request))

    async def take_sign_in(self, request: Request) -> Response:
        """Name, e-mail and consent come in; the id to identify with goes out, and the cookie with it."""
        try:
            form = msgspec.json.decode(await request.body(), type=_SignIn)
        except msgspec.DecodeError as error:
            return JSONResponse({"message": f"That form could not be read: {error}"}, 400)
        email, first_name = form.email.strip().lower(), form.first_name.strip()
        if not first_name or "@" not in email or len(email) > 200:
            return JSONResponse({"message": "A first name and an e-mail address are needed."}, 400)
        shopper = Shopper(user_id_of(email), first_name[:60], email, form.consents)
        who = self._who(shopper, form.anonymous_id)
        said = {"channel": "email", "source": form.source[:100], "text": form.text[:500]}
        consent = "Consent Granted" if form.consents else "Consent Withdrawn"
        await asyncio.to_thread(
            self._tell,
            [
                {**who, "type": "identify", "traits": {"email": email, "firstName": shopper.first_name}},
                {**who, "type": "track", "event": consent, "properties": said},
            ],
        )
        response = JSONResponse({"user_id": shopper.user_id, "user_hash": self._hash(shopper)})
        self._visitors.write(response, shopper)
        return response

    async def take_order(self, request: Request) -> Response:
        """An order is what the shop's server says: its own goods at its own prices, whatever the page reckoned."""
        shopper = self._visitors.read(request)
        try:
            form = msgspec.json.decode(await request.body(), type=_Order)
        except msgspec.DecodeError as error:
            return JSONResponse({"message": f"That order could not be read: {error}"}, 400)
        order = self._order(form, str(request.base_url).rstrip("/"))
        if shopper is None or not order["products"]:
            return JSONResponse({"message": "An order needs somebody who is signed in, and something in it."}, 400)
        told = {"type": "track", "event": "Order Completed", "properties": order}
        await asyncio.to_thread(self._tell, [{**self._who(shopper, form.anonymous_id), **told}])
        return JSONResponse({"order_id": order["order_id"], "total": order["total"]})

    def _order(self, form: _Order, origin: str) -> Item:
        lines: list[Item] = []
        for line in form.lines[:100]:
            good = self._shelf.find(line.product_id)
            if good is not None and 0 < line.quantity < 100:
                fields = self.fields(good)
                whole = {name: origin + fields[name] for name in ("url", "image_url")}
                lines.append(fields | whole | {"quantity": line.quantity, "position": len(lines) + 1})
        revenue = round(sum(line["price"] * line["quantity"] for line in lines), 2)
        shipping = 0.0 if revenue >= SHIPPING_FREE_FROM else SHIPPING
        return {
            "order_id": form.order_id[:40],
            "cart_id": form.cart_id[:40],
            "revenue": revenue,
            "value": revenue,
            "shipping": shipping,
            "total": round(revenue + shipping, 2),
            "currency": self._shop.currency,
            "products": lines,
        }

    def _who(self, shopper: Shopper, anonymous_id: str | None) -> Item:
        """The person and the browser they sit at: said by a server, it joins the two."""
        device = {"anonymousId": anonymous_id[:100]} if anonymous_id else {}
        return {"userId": shopper.user_id, **device}

    def _hash(self, shopper: Shopper) -> str:
        return signed(shopper.user_id, self._shop.user_secret)

    async def account(self, request: Request) -> Response:
        if self._visitors.read(request) is None:
            return RedirectResponse("/sign-in", 303)
        return self._page(request, "account.html", "Account", title="Your account")

    async def sign_out(self, request: Request) -> Response:
        response = JSONResponse({})
        self._visitors.forget(response)
        return response

    async def products(self, request: Request) -> Response:
        """What products cost today, for the lists that browsers keep."""
        codes = request.query_params.get("ids", "").split(",")
        found = [good for code in codes if (good := self._shelf.find(code)) is not None]
        return JSONResponse([self.fields(good) | {"regular_price": good.product.price} for good in found])

    async def picture(self, request: Request) -> Response:
        good = self._shelf.find(request.path_params["code"])
        if good is None:
            raise HTTPException(404)
        product = good.product
        drawn = picture(product.id, product.name, product.category)
        return Response(drawn, media_type="image/svg+xml", headers={"Cache-Control": "public, max-age=86400"})

    async def not_found(self, request: Request, error: Exception) -> Response:
        response = self._page(
            request, "not_found.html", "Not Found", title="Not here", goods=self._shelf.bestsellers(4, 1)
        )
        response.status_code = 404
        return response

    def fields(self, good: Good, position: int | None = None) -> dict[str, Any]:
        """The product as events carry it; the browser puts its own origin before `url` and `image_url`."""
        product = good.product
        found: dict[str, Any] = {
            "product_id": product.id,
            "sku": product.id,
            "name": product.name,
            "category": product.category,
            "price": self._prices.today(product),
            "url": product.url,
            "image_url": product.image_url,
        }
        return found if position is None else found | {"position": position}

    def _page(
        self,
        request: Request,
        template: str,
        kind: str,
        events: list[tuple[str, dict[str, Any]]] | None = None,
        **values: Any,
    ) -> HTMLResponse:
        shopper = self._visitors.read(request)
        tell = {
            "writeKey": self._shop.write_key,
            "newsletter": NEWSLETTER_TEXT,
            "habitue": self._shop.habitue_url,
            "currency": self._shop.currency,
            "speed": self._shop.speed,
            "timezone": self._shop.timezone,
            "now": to_iso(self._now()),
            "page": {"name": kind, "category": values.get("active") or kind.lower()},
            "events": events or [],
            "shopper": msgspec.to_builtins(shopper) if shopper is not None else None,
            "userHash": self._hash(shopper) if shopper is not None else None,
        }
        # Back to where she was: at a product, that is another look at it, now under her own name.
        here = "/" if kind in ("Sign In", "Thank You", "Not Found") else request.url.path
        values = {"title": None, "active": None, "here": here} | values
        html = self._templates.get_template(template).render(
            **values,
            shopper=shopper,
            tell=_for_script(tell),
            fields_of=self.fields,
            reduction_of=self._prices.reduction,
            json=_for_script,
            page_kind=kind,
        )
        return HTMLResponse(html)


class _SignIn(msgspec.Struct):
    first_name: str
    email: str
    consents: bool
    anonymous_id: str | None = None
    source: str = ""
    text: str = ""


class _Line(msgspec.Struct):
    product_id: str
    quantity: int


class _Order(msgspec.Struct):
    order_id: str
    cart_id: str
    lines: list[_Line]
    anonymous_id: str | None = None


_HERO = ("22423", "85123A", "85099B", "22727", "47566", "22699")
"""The front page's still life: cake stand, t-light, red bag, alarm clock, bunting, teacup."""


def _for_script(value: Any) -> str:
    """JSON that may stand inside a script element or an attribute: no `<` can end it early."""
    return orjson.dumps(value).decode().replace("<", "\\u003c").replace("&", "\\u0026")


def _sort(request: Request) -> Sort:
    asked = request.query_params.get("sort", "popular")
    return next((sort for sort in SORTS if sort == asked), "popular")


def _slice(request: Request, goods: list[Good]) -> tuple[list[Good], int, int]:
    """The goods of the page asked for, its number, and how many pages there are."""
    pages = max(1, -(-len(goods) // PAGE_SIZE))
    asked = request.query_params.get("page", "1")
    page = min(max(int(asked), 1), pages) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
    return goods[(page - 1) * PAGE_SIZE : page * PAGE_SIZE], page, pages


def _local(request: Request) -> str:
    """Where to go after signing in: a path of ours, never another site."""
    wanted = request.query_params.get("next", "/")
    return quote(wanted, safe="/-?=&") if wanted.startswith("/") and not wanted.startswith(("//", "/\\")) else "/"
