"""`habitue catalog`: products and articles, and the feeds they are fetched from."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from habitue import wire
from habitue.cli.options import DATA, Config, Data, Json, Limit
from habitue.cli.output import heading, moment, plain, print_json, say, show, show_facts
from habitue.errors import HabitueError
from habitue.fetch import shown
from habitue.model.feed import Feed, Holds
from habitue.model.instant import MINUTE, parse_span, span_text
from habitue.model.product import Product, margin, price_at
from habitue.wire.cataloguing import fetch_feed

app = typer.Typer(help="Products and articles, and the feeds they are fetched from.", no_args_is_help=True)
feed_app = typer.Typer(help="The feeds products and articles are fetched from.", no_args_is_help=True)
app.add_typer(feed_app, name="feed")

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
Name = Annotated[str, typer.Argument(help="The feed's name.")]


@app.command("show")
def show_product(
    product: Annotated[str, typer.Argument(help="A product's id, or a variant's id or code.")],
    data: Data = DATA,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Show a product, and what it cost and how many there were over time."""
    parts = wire.open_existing(data, config)
    found = parts.catalog.get([product]).get(product)
    if found is None:
        raise HabitueError(f'there is no product "{product}"; `habitue catalog search WORDS` finds products')
    now = parts.clock.now()
    prices, stocks = parts.catalog.prices(found.id), parts.catalog.stocks(found.id)
    if as_json:
        history = {
            "prices": [{"at": moment(at), "price": price, "currency": currency} for at, price, currency in prices],
            "stocks": [{"at": moment(at), "stock": stock, "in_stock": there} for at, stock, there in stocks],
        }
        print_json(plain(found) | {"price_now": price_at(found, now)} | history)
        return
    facts = {name: value for name, value in plain(found).items() if value not in ("", None, [], {}) or name == "stock"}
    facts.pop("variants", None)
    for name in ("sale_from", "sale_until", "created_at", "updated_at"):
        if name in facts:
            facts[name] = moment(facts[name])
    show_facts(facts | {"price_now": price_at(found, now), "margin_now": margin(found, now)})
    if found.variants:
        heading("Variants")
        show([plain(one) for one in found.variants], as_json=False, empty="", columns=["id", "name", "sku", "stock"])
    heading("Prices")
    show(
        [{"since": moment(at), "price": price, "currency": currency} for at, price, currency in prices],
        as_json=False,
        empty="None yet.",
    )
    heading("Stock")
    show(
        [{"since": moment(at), "stock": stock, "in_stock": there} for at, stock, there in stocks],
        as_json=False,
        empty="None yet.",
    )


@app.command()
def search(
    words: Annotated[
        str, typer.Argument(help="Part of an id, name, category or brand; nothing for the most sold.")
    ] = "",
    articles: Annotated[bool, typer.Option("--articles", help="Search articles instead of products.")] = False,
    data: Data = DATA,
    config: Config = None,
    limit: Limit = 20,
    as_json: Json = False,
) -> None:
    """Find products, the most sold first, or articles, the latest first."""
    parts = wire.open_existing(data, config)
    if articles:
        rows = [plain(one) | {"published_at": moment(one.published_at)} for one in parts.catalog.articles(words, limit)]
        columns = ["id", "title", "categories", "published_at"]
        show(rows, as_json=as_json, empty="No article was found.", columns=columns)
        return
    now = parts.clock.now()
    rows = [_row(one, price_at(one, now)) for one in parts.catalog.search(words, limit)]
    show(rows, as_json=as_json, empty="No product was found.")


Held = Annotated[list[str] | None, typer.Argument(help="Ids of products.")]
All = Annotated[bool, typer.Option("--all", help="All that are held.")]


@app.command()
def held(data: Data = DATA, config: Config = None, limit: Limit = 100, as_json: Json = False) -> None:
    """List prices that fell by more than is likely, and wait for an answer."""
    parts = wire.open_existing(data, config)
    rows = [plain(one) | {"at": moment(one.at)} for one in parts.catalog.held_prices(limit)]
    show(rows, as_json=as_json, empty="No price is held.")


@app.command()
def accept(products: Held = None, every: All = False, data: Data = DATA, config: Config = None) -> None:
    """Let held prices in. Customers they concern are told, as of any other price that falls."""
    parts = wire.open_existing(data, config)
    count = parts.catalog.let_prices_in(_held_ids(parts, products, every=every), parts.clock.now())
    say(f"{count:,} price{'' if count == 1 else 's'} let in.")


@app.command()
def refuse(products: Held = None, every: All = False, data: Data = DATA, config: Config = None) -> None:
    """Forget held prices. Told again, they are held again."""
    parts = wire.open_existing(data, config)
    count = parts.catalog.refuse_prices(_held_ids(parts, products, every=every), parts.clock.now())
    say(f"{count:,} price{'' if count == 1 else 's'} refused.")


def _held_ids(parts: wire.Parts, products: list[str] | None, *, every: bool) -> list[str]:
    known = [one.product for one in parts.catalog.held_prices(1_000_000)]
    if every:
        return known
    if not products:
        raise HabitueError("say which products, or --all; `habitue catalog held` lists them")
    for one in products:
        if one not in known:
            raise HabitueError(f'no price of "{one}" is held; `habitue catalog held` lists those that are')
    return products


def _row(product: Product, price: float) -> dict[str, object]:
    return {
        "id": product.id,
        "name": product.name,
        "price": price,
        "currency": product.currency,
        "category": product.category,
        "brand": product.brand,
        "in_stock": product.in_stock,
        "stock": product.stock,
    }


@feed_app.command()
def add(
    name: Name,
    url: Annotated[str, typer.Argument(help="Where it is: http:// or https://, with name:password@ if need be.")],
    articles: Annotated[bool, typer.Option("--articles", help="It holds articles, not products.")] = False,
    every: Annotated[str, typer.Option(help="How often to fetch it, such as 15m or 6h.")] = "1h",
    data: Data = DATA,
    config: Config = None,
) -> None:
    """Fetch products or articles from an address from now on. Which form it has is found out."""
    if _NAME.fullmatch(name) is None:
        raise HabitueError(f'"{name}" cannot name a feed: use up to 40 lower-case letters, digits, - and _')
    if not url.startswith(("http://", "https://")):
        raise HabitueError(f"{shown(url)}: expected an address that begins with http:// or https://")
    parts = wire.create(data, config)
    if parts.catalog.feed(name) is not None:
        raise HabitueError(f'there is a feed "{name}" already; `habitue catalog feed remove {name}` makes room')
    try:
        interval = max(MINUTE, parse_span(every))
    except ValueError as error:
        raise HabitueError(f"--every: {error}") from None
    now = parts.clock.now()
    holds: Holds = "articles" if articles else "products"
    parts.catalog.put_feed(Feed(name=name, url=url, holds=holds, interval=interval, added_at=now, due_at=now))
    say(f"{name} will be fetched every {span_text(interval)} while Habitue runs.")


@feed_app.command("list")
def list_feeds(data: Data = DATA, config: Config = None, as_json: Json = False) -> None:
    """List the feeds, and what came of each the last time."""
    parts = wire.create(data, config)
    rows = [
        {
            "name": feed.name,
            "holds": feed.holds,
            "url": shown(feed.url),
            "every": span_text(feed.interval),
            "state": feed.state,
            "fetched_at": moment(feed.fetched_at),
            "due_at": moment(feed.due_at),
            "detail": feed.detail,
        }
        for feed in parts.catalog.feeds()
    ]
    show(rows, as_json=as_json, empty="There are no feeds; `habitue catalog feed add NAME URL` adds one.")


@feed_app.command()
def fetch(
    name: Name,
    force: Annotated[bool, typer.Option("--force", help="Delete what the feed lacks, however much that is.")] = False,
    data: Data = DATA,
    config: Config = None,
) -> None:
    """Fetch a feed now."""
    parts = wire.create(data, config)
    came = fetch_feed(parts, _known(parts, name), force=force)
    if came.state in ("failed", "refused"):
        raise HabitueError(came.detail)
    say(came.detail)


@feed_app.command()
def remove(name: Name, data: Data = DATA, config: Config = None) -> None:
    """Fetch a feed no more. What it brought stays."""
    parts = wire.create(data, config)
    _known(parts, name)
    parts.catalog.drop_feed(name)
    say(f"{name} is fetched no more; what it brought stays.")


def _known(parts: wire.Parts, name: str) -> Feed:
    found = parts.catalog.feed(name)
    if found is None:
        known = ", ".join(feed.name for feed in parts.catalog.feeds()) or "none"
        raise HabitueError(f'there is no feed "{name}"; there is: {known}')
    return found
