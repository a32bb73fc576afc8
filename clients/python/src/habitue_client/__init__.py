"""A typed client of Habitue's API.

from habitue_client import Client

with Client("https://habitue.shop.example", "hab_…") as habitue:
    print(habitue.customer("user:ana").segments)
"""

from .asking import Page, Retries
from .async_client import AsyncClient
from .client import Client
from .errors import (
    Conflict,
    Fault,
    Forbidden,
    HabitueError,
    Invalid,
    NoAnswer,
    NotFound,
    ProblemError,
    ServerError,
    TooManyRequests,
    Unauthorized,
)
from .types import (
    ApiKey,
    Cart,
    Consent,
    Consents,
    Customer,
    CustomerLine,
    Decision,
    Delivery,
    Event,
    Identifier,
    InCart,
    InJourney,
    InSegment,
    Member,
    NewConsent,
    NewCustomer,
    NewEvent,
    Segment,
    Suppressed,
    Taken,
    Viewed,
    WriteKey,
)

__all__ = [
    "ApiKey",
    "AsyncClient",
    "Cart",
    "Client",
    "Conflict",
    "Consent",
    "Consents",
    "Customer",
    "CustomerLine",
    "Decision",
    "Delivery",
    "Event",
    "Fault",
    "Forbidden",
    "HabitueError",
    "Identifier",
    "InCart",
    "InJourney",
    "InSegment",
    "Invalid",
    "Member",
    "NewConsent",
    "NewCustomer",
    "NewEvent",
    "NoAnswer",
    "NotFound",
    "Page",
    "ProblemError",
    "Retries",
    "Segment",
    "ServerError",
    "Suppressed",
    "Taken",
    "TooManyRequests",
    "Unauthorized",
    "Viewed",
    "WriteKey",
]
