"""Shops that send webhooks, for tests: they sign as Shopify and WooCommerce do, in bodies of the documented shape."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.testclient import TestClient

from habitue.ingest.keys import WriteKeys, fixed_keys
from habitue.ingest.routes import routes
from habitue.ingest.settings import IngestSettings
from habitue.ingest.signed import SignedSources
from habitue.ingest.writer import LogWriter
from habitue.model.trust import Level
from habitue.run.clock import ManualClock
from habitue.run.ports import Log
from habitue.store.memory.log import MemoryLog

from .shop import KEYS, NOON, MemoryAlarms, Shop

SHOPIFY_KEY, WOOCOMMERCE_KEY = "SHOPIFYKEY", "WOOKEY"
SECRET, FORMER_SECRET = "hush", "hush of yesterday"
SHOP = "gifts.myshopify.com"


def known_secrets(key: str, kind: str) -> tuple[str, tuple[str, ...]] | None:
    known = {(SHOPIFY_KEY, "shopify"): "shopify", (WOOCOMMERCE_KEY, "woocommerce"): "woo"}
    name = known.get((key, kind))
    return None if name is None else (name, (SECRET, FORMER_SECRET))


@contextmanager
def open_for_webhooks(log: Log | None = None, lookup: Any = known_secrets, **more: Any) -> Iterator[Shop]:
    clock = ManualClock(NOON)
    log = log or MemoryLog(clock)
    settings = IngestSettings()
    keys = WriteKeys(fixed_keys(KEYS, Level.SERVER))
    served = routes(LogWriter(log, settings), keys, settings, clock, signed=SignedSources(lookup), **more)
    with TestClient(Starlette(routes=served), base_url="http://shop.example", follow_redirects=False) as http:
        yield Shop(http, log, MemoryAlarms())


def signature(body: bytes, secret: str = SECRET) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def from_shopify(
    shop: Shop, topic: str, content: Any, *, secret: str = SECRET, prefix: str = "X-", **headers: str
) -> Any:
    """A delivery of Shopify's. `event` and `webhook` are its ids."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    own = {
        f"{prefix}Shopify-Topic": topic,
        f"{prefix}Shopify-Hmac-Sha256": signature(body, secret),
        f"{prefix}Shopify-Shop-Domain": SHOP,
        f"{prefix}Shopify-API-Version": "2026-10",
        f"{prefix}Shopify-Webhook-Id": headers.get("webhook", "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043"),
        f"{prefix}Shopify-Event-Id": headers.get("event", "98880550-7158-44d4-b7cd-2c97c8a091b5"),
        f"{prefix}Shopify-Triggered-At": "2026-11-22T11:59:58.123456789Z",
        "Content-Type": "application/json",
    }
    return shop.post(f"/webhooks/shopify/{SHOPIFY_KEY}", body, own)


def from_woocommerce(shop: Shop, topic: str, content: Any, *, secret: str = SECRET) -> Any:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    resource, _, event = topic.partition(".")
    headers = {
        "User-Agent": "WooCommerce/10.4 Hookshot (WordPress/7.0)",
        "Content-Type": "application/json",
        "X-WC-Webhook-Source": "https://gifts.example/",
        "X-WC-Webhook-Topic": topic,
        "X-WC-Webhook-Resource": resource,
        "X-WC-Webhook-Event": event,
        "X-WC-Webhook-Signature": signature(body, secret),
        "X-WC-Webhook-ID": "7",
        "X-WC-Webhook-Delivery-ID": "d4c1a5b0",
    }
    return shop.post(f"/webhooks/woocommerce/{WOOCOMMERCE_KEY}", body, headers)


def shopify_customer(**fields: Any) -> dict[str, Any]:
    return {
        "id": 207119551,
        "email": "ana@example.com",
        "created_at": "2026-01-02T08:59:11-05:00",
        "updated_at": "2026-11-22T06:00:00-05:00",
        "first_name": "Ana",
        "last_name": "Lima",
        "orders_count": 1,
        "state": "enabled",
        "total_spent": "199.65",
        "last_order_id": 450789469,
        "note": None,
        "verified_email": True,
        "tax_exempt": False,
        "tags": "regular, gifts",
        "currency": "GBP",
        "phone": "+442079460018",
        "addresses": [],
        "email_marketing_consent": {
            "state": "subscribed", "opt_in_level": "single_opt_in",
            "consent_updated_at": "2026-11-20T09:00:00-05:00",
        },
        "sms_marketing_consent": {
            "state": "not_subscribed", "opt_in_level": "single_opt_in", "consent_updated_at": None,
            "consent_collected_from": "OTHER",
        },
        "default_address": {"id": 1, "city": "London", "zip": "N1 9GU", "country_code": "GB", "province": None},
        **fields,
    }  # fmt: skip


def shopify_line(**fields: Any) -> dict[str, Any]:
    return {
        "id": 466157049, "product_id": 632910392, "variant_id": 39072856, "sku": "CUP-1", "title": "Tea cup",
        "name": "Tea cup - Blue", "variant_title": "Blue", "vendor": "Potter", "quantity": 2, "price": "12.50",
        "total_discount": "0.00", "gift_card": False, "taxable": True,
        **fields,
    }  # fmt: skip


def shopify_order(**fields: Any) -> dict[str, Any]:
    return {
        "id": 450789469,
        "admin_graphql_api_id": "gid://shopify/Order/450789469",
        "name": "#1001",
        "order_number": 1001,
        "cart_token": "68778783ad298f1c80c3bafcddeea02f",
        "checkout_token": "bd5a8aa1ecd019dd3520ff791ee3a24c",
        "email": "ana@example.com",
        "contact_email": "ana@example.com",
        "phone": "+442079460018",
        "created_at": "2026-11-22T06:30:00-05:00",
        "processed_at": "2026-11-22T06:30:00-05:00",
        "updated_at": "2026-11-22T06:30:05-05:00",
        "cancelled_at": None,
        "currency": "GBP",
        "presentment_currency": "EUR",
        "customer_locale": "en-GB",
        "total_price": "31.50",
        "subtotal_price": "25.00",
        "total_discounts": "0.00",
        "total_tax": "1.50",
        "total_shipping_price_set": {"shop_money": {"amount": "5.00", "currency_code": "GBP"}},
        "discount_codes": [{"code": "TEA10", "amount": "0.00", "type": "percentage"}],
        "financial_status": "paid",
        "fulfillment_status": None,
        "source_name": "web",
        "landing_site": "/?utm_source=letter",
        "referring_site": "",
        "tags": "",
        "test": False,
        "customer": shopify_customer(),
        "billing_address": {"country_code": "GB", "phone": None},
        "shipping_address": {"country_code": "GB", "phone": None},
        "line_items": [
            shopify_line(),
            shopify_line(id=2, product_id=None, variant_id=None, title="Engraving", price="0.00"),
        ],
        "shipping_lines": [{"title": "Post", "price": "5.00"}],
        "refunds": [],
        **fields,
    }  # fmt: skip


def shopify_refund(**fields: Any) -> dict[str, Any]:
    return {
        "id": 890088186,
        "order_id": 450789469,
        "created_at": "2026-11-22T06:50:00-05:00",
        "processed_at": "2026-11-22T06:50:00-05:00",
        "note": "chipped",
        "user_id": 548380009,
        "refund_line_items": [
            {"id": 1, "line_item_id": 466157049, "quantity": 1, "subtotal": 12.5, "total_tax": 0.75,
             "line_item": shopify_line()},
        ],
        "transactions": [
            {"id": 1, "kind": "refund", "status": "success", "amount": "13.25", "currency": "GBP"},
            {"id": 2, "kind": "refund", "status": "failure", "amount": "13.25", "currency": "GBP"},
        ],
        "order_adjustments": [],
        **fields,
    }  # fmt: skip


def shopify_product(**fields: Any) -> dict[str, Any]:
    return {
        "id": 632910392,
        "title": "Tea cup",
        "handle": "tea-cup",
        "body_html": "<p>Holds <b>tea</b>.</p>",
        "vendor": "Potter",
        "product_type": "Kitchen",
        "status": "active",
        "tags": "tea, blue",
        "published_at": "2026-01-01T00:00:00-05:00",
        "created_at": "2026-01-01T00:00:00-05:00",
        "updated_at": "2026-11-22T06:00:00-05:00",
        "image": {"id": 1, "src": "https://cdn.example/cup.jpg"},
        "images": [{"id": 1, "src": "https://cdn.example/cup.jpg"}],
        "variants": [
            {"id": 39072856, "product_id": 632910392, "title": "Blue", "price": "12.50", "compare_at_price": "15.00",
             "sku": "CUP-1", "barcode": "1234", "inventory_item_id": 39072856001, "inventory_quantity": 3,
             "option1": "Blue", "option2": None, "option3": None},
            {"id": 39072857, "product_id": 632910392, "title": "Red", "price": "11.00", "compare_at_price": None,
             "sku": "CUP-2", "barcode": "", "inventory_item_id": 39072857001, "inventory_quantity": 0,
             "option1": "Red", "option2": None, "option3": None},
        ],
        **fields,
    }  # fmt: skip


def woo_order(**fields: Any) -> dict[str, Any]:
    return {
        "id": 727,
        "parent_id": 0,
        "number": "727",
        "order_key": "wc_order_58d2d042d1d",
        "created_via": "checkout",
        "version": "10.4.0",
        "status": "processing",
        "currency": "EUR",
        "date_created": "2026-11-22T12:28:02",
        "date_created_gmt": "2026-11-22T11:28:02",
        "date_modified_gmt": "2026-11-22T11:28:08",
        "discount_total": "1.00",
        "shipping_total": "10.00",
        "total": "29.35",
        "total_tax": "1.35",
        "prices_include_tax": False,
        "customer_id": 25,
        "billing": {"first_name": "Ana", "last_name": "Lima", "city": "Madrid", "postcode": "28001", "country": "ES",
                    "email": "Ana@Example.com", "phone": "912 34 56 78"},
        "shipping": {"country": "ES"},
        "payment_method": "stripe",
        "date_paid_gmt": "2026-11-22T11:28:08",
        "date_completed_gmt": None,
        "meta_data": [],
        "line_items": [
            {"id": 315, "name": "Tea cup", "product_id": 93, "variation_id": 0, "quantity": 2, "subtotal": "19.00",
             "total": "18.00", "sku": "CUP", "price": 9},
        ],
        "shipping_lines": [],
        "coupon_lines": [{"id": 1, "code": "tea10", "discount": "1"}],
        "refunds": [],
        **fields,
    }  # fmt: skip
