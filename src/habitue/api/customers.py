"""Customers: find them, read one whole, and describe them."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from habitue.decide.conditions.affinity import shares
from habitue.decide.conditions.cart import cart_count, cart_lines, cart_value
from habitue.decide.conditions.visits import minutes
from habitue.decide.conditions.wishlist import wished
from habitue.model.api_key import Scope
from habitue.model.customer import Customer, Visit
from habitue.model.instant import Instant, to_iso

from . import people
from .operation import Call, Listing, Moment, Nothing, Operation, Page
from .ports import Services
from .writing import WRITING, AnonymousId, EventId, Occurred, Phone, Taken, UserId, take, without_nothing

_MILLIONTHS = 1_000_000


class CustomerLine(msgspec.Struct, frozen=True, kw_only=True):
    """A customer in a list."""

    id: str
    known_as: Annotated[str, Meta(description="User id, e-mail address and name, in lower case.")]
    last_seen_at: Moment | None


class CustomerPage(Page, frozen=True, kw_only=True):
    """Customers in the order they were first met."""

    data: list[CustomerLine]


class Identifier(msgspec.Struct, frozen=True, kw_only=True):
    """What else she is known by."""

    kind: str
    value: str
    last_known_at: Moment


class InSegment(msgspec.Struct, frozen=True, kw_only=True):
    """A segment she is in."""

    name: str
    since: Moment


class InJourney(msgspec.Struct, frozen=True, kw_only=True):
    """A journey she is on."""

    name: str
    key: str
    entered_at: Moment
    next_at: Annotated[Moment | None, Meta(description="When it goes on by itself; null: when something happens.")]


class InCart(msgspec.Struct, frozen=True, kw_only=True):
    """A product in her cart."""

    product_id: str
    name: str
    quantity: float
    price: float


class Cart(msgspec.Struct, frozen=True, kw_only=True):
    """Her cart as it stands."""

    count: float
    value: float
    lines: list[InCart]


class Viewed(msgspec.Struct, frozen=True, kw_only=True):
    """A product she looked at."""

    product_id: str
    at: Moment


class Wished(msgspec.Struct, frozen=True, kw_only=True):
    """A product on her wish list."""

    product_id: str
    name: str
    price: float
    at: Moment


class Liking(msgspec.Struct, frozen=True, kw_only=True):
    """How much a category or brand draws her."""

    name: str
    share: Annotated[float, Meta(description="Of her attention, from 0 to 1; the recent counts for more.")]


class VisitRead(msgspec.Struct, frozen=True, kw_only=True):
    """A visit to the shop."""

    started_at: Moment
    ended_at: Moment
    minutes: float
    stage: Annotated[str, Meta(description="How far she was when she was last seen.")]
    deepest: Annotated[str, Meta(description="How far she came.")]
    page: Annotated[str, Meta(description="Where she was last seen.")]
    pages: int
    products: list[str]
    categories: list[str]
    brands: list[str]
    price_lowest: float | None
    price_highest: float | None


class CustomerRead(msgspec.Struct, frozen=True, kw_only=True):
    """A customer, whole."""

    id: str
    user_id: str | None
    anonymous_ids: list[str]
    identifiers: list[Identifier]
    joined_ids: Annotated[list[str], Meta(description="Customer ids that turned out to be her.")]
    first_seen_at: Moment | None
    last_seen_at: Moment | None
    traits: dict[str, Any]
    timezone: str
    locale: str
    segments: list[InSegment]
    journeys: list[InJourney]
    cart: Cart
    viewed: list[Viewed]
    wish_list: list[Wished]
    visit: Annotated[VisitRead | None, Meta(description="Her latest visit; it may still go on.")]
    last_visit: Annotated[VisitRead | None, Meta(description="The visit before that.")]
    favourite_categories: list[Liking]
    favourite_brands: list[Liking]
    orders: int
    revenue: Annotated[float, Meta(description="In the shop's currency, after refunds.")]
    refunds: float
    first_order_at: Moment | None
    last_order_at: Moment | None


class CustomersAsked(Listing, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which customers."""

    query: Annotated[str, Meta(max_length=200, description="A part of a user id, an e-mail address or a name.")] = ""


class CustomerToWrite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of a customer. At least one id, or an e-mail address or a phone, must say who."""

    user_id: UserId | None = None
    anonymous_id: AnonymousId | None = None
    email: Annotated[str, Meta(max_length=255, description="Becomes the trait `email`.")] | None = None
    phone: Phone | None = None
    traits: Annotated[dict[str, Any], Meta(description="Null removes a trait; what is left out stays.")] = {}
    timezone: Annotated[str, Meta(max_length=64, description="Such as `Europe/Istanbul`.")] | None = None
    locale: Annotated[str, Meta(max_length=35, description="Such as `tr-TR`.")] | None = None
    occurred_at: Occurred | None = None
    id: EventId | None = None


def list_customers(services: Services, call: Call[CustomersAsked, Nothing]) -> CustomerPage:
    limit = call.query.limit
    found = services.view.people_met(call.query.query, limit + 1, call.place(int) or 0)
    lines = [
        CustomerLine(id=row.id, known_as=row.search, last_seen_at=moment(row.last_seen_at)) for _, row in found[:limit]
    ]
    return call.page(CustomerPage, lines, found[limit - 1][0] if len(found) > limit else None)


def read_customer(services: Services, call: Call[Nothing, Nothing]) -> CustomerRead:
    customer = people.find(services, call.path["customer"])
    return CustomerRead(
        id=customer.id,
        user_id=customer.user_id,
        anonymous_ids=customer.anonymous_ids,
        identifiers=[
            Identifier(kind=kind, value=value, last_known_at=to_iso(at))
            for kind, values in sorted(customer.identifiers.items())
            for value, at in sorted(values.items())
        ],
        joined_ids=customer.merged_ids,
        first_seen_at=moment(customer.first_seen_at),
        last_seen_at=moment(customer.last_seen_at),
        traits=customer.traits,
        timezone=customer.timezone,
        locale=customer.locale,
        segments=[InSegment(name=name, since=to_iso(since)) for name, since in sorted(customer.segments.items())],
        journeys=[
            InJourney(name=run.journey, key=run.key, entered_at=to_iso(run.entered_at), next_at=moment(run.due))
            for run in customer.runs
        ],
        cart=_cart(customer),
        viewed=[Viewed(product_id=view.product, at=to_iso(view.at)) for view in customer.viewed],
        wish_list=[
            Wished(product_id=product, name=wish.name, price=wish.price, at=to_iso(wish.at))
            for product, wish in wished(customer)
        ],
        visit=_visit(customer.visit),
        last_visit=_visit(customer.last_visit),
        favourite_categories=[Liking(name=name, share=share) for name, share in shares(customer, "category")],
        favourite_brands=[Liking(name=name, share=share) for name, share in shares(customer, "brand")],
        orders=customer.orders,
        revenue=customer.revenue / _MILLIONTHS,
        refunds=customer.refunds / _MILLIONTHS,
        first_order_at=moment(customer.first_order_at),
        last_order_at=moment(customer.last_order_at),
    )


def _cart(customer: Customer) -> Cart:
    lines = [
        InCart(product_id=product, name=line.name, quantity=quantity, price=line.price)
        for product, line, quantity in cart_lines(customer.cart)
    ]
    return Cart(count=cart_count(customer.cart), value=cart_value(customer.cart), lines=lines)


def _visit(visit: Visit | None) -> VisitRead | None:
    if visit is None:
        return None
    return VisitRead(
        started_at=to_iso(visit.started_at),
        ended_at=to_iso(visit.ended_at),
        minutes=minutes(visit),
        stage=visit.stage,
        deepest=visit.deepest,
        page=visit.page,
        pages=visit.pages,
        products=visit.products,
        categories=visit.categories,
        brands=visit.brands,
        price_lowest=visit.price_lowest,
        price_highest=visit.price_highest,
    )


def moment(instant: Instant | None) -> str | None:
    return to_iso(instant) if instant else None


async def write_customer(services: Services, call: Call[Nothing, CustomerToWrite]) -> Taken:
    said = call.body
    item = without_nothing(
        type="identify",
        userId=said.user_id,
        anonymousId=said.anonymous_id,
        traits={**said.traits, **without_nothing(email=said.email, phone=said.phone)},
        context=without_nothing(timezone=said.timezone, locale=said.locale),
        timestamp=said.occurred_at,
        messageId=said.id,
    )
    return await take(call, [item], ["#"])


OPERATIONS: tuple[Operation[Any, Any], ...] = (
    Operation(
        id="list_customers",
        method="GET",
        path="/customers",
        tag="Customers",
        summary="Find customers",
        description="In the order they were first met, so that a list stays in place while it is read.",
        scope=Scope.CUSTOMERS_READ,
        handler=list_customers,
        answer=CustomerPage,
        query=CustomersAsked,
        body=Nothing,
    ),
    Operation(
        id="write_customer",
        method="POST",
        path="/customers",
        tag="Customers",
        summary="Describe a customer, known or new",
        description="Becomes an `Identified` event and takes the road of all events: whoever shares a strong "
        "identifier is joined, and the latest word on a trait counts. The answer comes when it is on disk; reading "
        "her shows it a moment later.",
        scope=Scope.CUSTOMERS_WRITE,
        handler=write_customer,
        answer=Taken,
        query=Nothing,
        body=CustomerToWrite,
        status=202,
        problems=WRITING,
        example={"user_id": "ana", "email": "ana@shop.example", "traits": {"first_name": "Ana"}, "locale": "en-GB"},
    ),
    Operation(
        id="read_customer",
        method="GET",
        path="/customers/{customer}",
        tag="Customers",
        summary="Read a customer",
        description="All that is known of her as of the last event decided on. Under an id that was joined into "
        "another customer, that customer is found.",
        scope=Scope.CUSTOMERS_READ,
        handler=read_customer,
        answer=CustomerRead,
        query=Nothing,
        body=Nothing,
    ),
)
