"""Products: read the catalogue, describe products, and take them out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from habitue.model.api_key import Scope
from habitue.model.instant import Instant, from_datetime
from habitue.model.product import Product, Text, Variant, price_at
from habitue.run.ports import Put

from .customers import moment
from .operation import ID_CHARACTERS_MAX, Call, Listing, Moment, Nothing, Operation, Page
from .ports import Services
from .problems import ApiError, Kind, missing

PUT_MAX = 500

Id = Annotated[str, Meta(min_length=1, max_length=ID_CHARACTERS_MAX)]
Short = Annotated[str, Meta(max_length=500)]
Address = Annotated[str, Meta(max_length=2_000, description="May be relative to the shop.")]
Price = Annotated[float, Meta(ge=0, le=1e9)]
Pieces = Annotated[int, Meta(ge=0, le=1_000_000_000)]
When = Annotated[datetime, Meta(tz=True)]


class VariantGiven(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A size or colour that is bought for itself."""

    id: Id
    name: Short = ""
    sku: Short = ""
    price: Price | None = None
    sale_price: Price | None = None
    stock: Pieces | None = None
    in_stock: bool = True
    backorder: bool = False
    options: dict[str, Short] = {}
    image_url: Address = ""


class TextGiven(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a product says in one language."""

    name: Short = ""
    description: Annotated[str, Meta(max_length=10_000)] = ""
    url: Address = ""


class ProductDescription(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A product, whole: what is left out is not known of it any more."""

    name: Annotated[str, Meta(min_length=1, max_length=500)]
    price: Annotated[float, Meta(ge=0, le=1e9, description="The regular price, in `currency` or the shop's.")]
    currency: Annotated[str, Meta(pattern="^([A-Z]{3})?$")] = ""
    sale_price: Price | None = None
    sale_from: When | None = None
    sale_until: When | None = None
    cost: Price | None = None
    stock: Annotated[Pieces | None, Meta(description="Null: nobody counts them.")] = None
    in_stock: bool = True
    category: Short = ""
    category_path: Annotated[list[Short], Meta(max_length=20, description="From the widest category on.")] = []
    brand: Short = ""
    gender: Short = ""
    description: Annotated[str, Meta(max_length=10_000)] = ""
    url: Address = ""
    image_url: Address = ""
    image_urls: Annotated[list[Address], Meta(max_length=50)] = []
    group: Short = ""
    sku: Short = ""
    gtin: Short = ""
    variants: Annotated[list[VariantGiven], Meta(max_length=200)] = []
    locales: Annotated[dict[str, TextGiven], Meta(description="Language tag → what it says in that language.")] = {}
    labels: dict[str, Short] = {}
    updated_at: Annotated[
        When | None, Meta(description="When the shop changed it. What is older than what is known changes nothing.")
    ] = None


class ProductGiven(ProductDescription, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A product, whole, with its id."""

    id: Id


class ProductsToPut(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Some products."""

    products: Annotated[list[ProductGiven], Meta(min_length=1, max_length=PUT_MAX)]
    tell: Annotated[
        bool, Meta(description="Whether customers may hear of what changed; false to bring a catalogue in.")
    ] = True


class PutRead(msgspec.Struct, frozen=True, kw_only=True):
    """What became of what was put into the catalogue."""

    added: int
    changed: int
    unchanged: int
    stale: Annotated[int, Meta(description="Older than what is known, and so passed over.")]
    held: Annotated[
        int, Meta(description="Whose price fell by more than is likely: it waits for an answer, the rest was taken in.")
    ] = 0


class ProductRead(msgspec.Struct, frozen=True, kw_only=True):
    """A product as the shop described it last."""

    id: str
    name: str
    price: float
    price_now: Annotated[float, Meta(description="What it costs now, a sale included.")]
    currency: str
    sale_price: float | None
    sale_from: Moment | None
    sale_until: Moment | None
    cost: float | None
    stock: int | None
    in_stock: bool
    category: str
    category_path: list[str]
    brand: str
    gender: str
    description: str
    url: str
    image_url: str
    image_urls: list[str]
    group: str
    sku: str
    gtin: str
    variants: list[Variant]
    locales: dict[str, Text]
    labels: dict[str, str]
    updated_at: Moment | None


class ProductPage(Page, frozen=True, kw_only=True):
    """Products in the order of their ids."""

    data: list[ProductRead]


class GoodsAsked(Listing, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which products or articles."""

    query: Annotated[str, Meta(max_length=200, description="A part of its words.")] = ""


def _read(product: Product, now: int) -> ProductRead:
    return ProductRead(
        price_now=price_at(product, now),
        sale_from=moment(product.sale_from),
        sale_until=moment(product.sale_until),
        updated_at=moment(product.updated_at),
        **{name: getattr(product, name) for name in _ALIKE},
    )


_ALIKE = [
    name for name in ProductRead.__struct_fields__ if name not in ("price_now", "sale_from", "sale_until", "updated_at")
]
"""Fields that are read as they are kept."""


def list_products(services: Services, call: Call[GoodsAsked, Nothing]) -> ProductPage:
    limit = call.query.limit
    found = services.goods.products_after(call.place(str) or "", call.query.query, limit + 1)
    place = found[limit - 1].id if len(found) > limit else None
    return call.page(ProductPage, [_read(product, call.now) for product in found[:limit]], place)


def read_product(services: Services, call: Call[Nothing, Nothing]) -> ProductRead:
    return _read(_find(services, call.path["product"]), call.now)


def _find(services: Services, one: str) -> Product:
    product = services.goods.get([one]).get(one)
    if product is None or product.id != one:  # Else it is a variant's id, or a code.
        raise missing("product", one)
    return product


def put_product(services: Services, call: Call[Nothing, ProductDescription]) -> ProductRead:
    product = _product(call.path["product"], call.body)
    put = services.goods.put_products([product], source=call.key.name, at=call.now)
    if put.stale:
        raise ApiError(Kind.CONFLICT, "what is known of this product is newer than `updated_at` says; nothing changed")
    return _read(_find(services, product.id), call.now)


def put_products(services: Services, call: Call[Nothing, ProductsToPut]) -> PutRead:
    products = [_product(given.id, given) for given in call.body.products]
    return put_read(services.goods.put_products(products, source=call.key.name, at=call.now, tell=call.body.tell))


def put_read(put: Put) -> PutRead:
    return PutRead(added=put.added, changed=put.changed, unchanged=put.unchanged, stale=put.stale, held=put.held)


def _product(one: str, given: ProductDescription) -> Product:
    said = {name: getattr(given, name) for name in ProductDescription.__struct_fields__ if name not in _MADE}
    return Product(
        id=one,
        sale_from=instant(given.sale_from),
        sale_until=instant(given.sale_until),
        updated_at=instant(given.updated_at),
        variants=[Variant(**msgspec.structs.asdict(variant)) for variant in given.variants],
        locales={tag: Text(**msgspec.structs.asdict(text)) for tag, text in given.locales.items()},
        **said,
    )


def instant(given: datetime | None) -> Instant | None:
    return None if given is None else from_datetime(given)


_MADE = frozenset({"sale_from", "sale_until", "updated_at", "variants", "locales"})


def delete_product(services: Services, call: Call[Nothing, Nothing]) -> None:
    product = _find(services, call.path["product"])
    services.goods.delete_products([product.id], source=call.key.name, at=call.now)


_EXAMPLE = {"name": "Wooden bird house", "price": 27.5, "category": "Garden", "stock": 4, "url": "/product/p1"}

OPERATIONS: tuple[Operation[Any, Any], ...] = (
    Operation(
        id="list_products",
        method="GET",
        path="/catalogue/products",
        tag="Catalogue",
        summary="List products",
        scope=Scope.CATALOGUE_READ,
        handler=list_products,
        answer=ProductPage,
        query=GoodsAsked,
        body=Nothing,
    ),
    Operation(
        id="put_products",
        method="PUT",
        path="/catalogue/products",
        tag="Catalogue",
        summary="Describe some products",
        description="Each is added or described anew; products that are not named stay as they are. A lower price or a "
        "piece back in stock is told to those it concerns.",
        scope=Scope.CATALOGUE_WRITE,
        handler=put_products,
        answer=PutRead,
        query=Nothing,
        body=ProductsToPut,
        example={"products": [{"id": "p1", **_EXAMPLE}]},
    ),
    Operation(
        id="read_product",
        method="GET",
        path="/catalogue/products/{product}",
        tag="Catalogue",
        summary="Read a product",
        scope=Scope.CATALOGUE_READ,
        handler=read_product,
        answer=ProductRead,
        query=Nothing,
        body=Nothing,
    ),
    Operation(
        id="put_product",
        method="PUT",
        path="/catalogue/products/{product}",
        tag="Catalogue",
        summary="Describe a product",
        scope=Scope.CATALOGUE_WRITE,
        handler=put_product,
        answer=ProductRead,
        query=Nothing,
        body=ProductDescription,
        problems=("conflict",),
        example=_EXAMPLE,
    ),
    Operation(
        id="delete_product",
        method="DELETE",
        path="/catalogue/products/{product}",
        tag="Catalogue",
        summary="Take a product out",
        scope=Scope.CATALOGUE_WRITE,
        handler=delete_product,
        answer=Nothing,
        query=Nothing,
        body=Nothing,
        status=204,
    ),
)
