"""What columns and statuses are commonly called, in exports of shops, tills, mailing tools and spreadsheets."""

from __future__ import annotations

import re
from functools import cache

from .mapping import Kind

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_OTHER = re.compile(r"[^\w]+", re.UNICODE)


@cache
def plain_name(text: str) -> str:
    """`Created at`, `createdAt` and `CREATED_AT` are all `created_at`."""
    return _OTHER.sub("_", _CAMEL.sub("_", text.strip())).strip("_").lower()


_WHO: dict[str, str] = {
    "user_id": "user_id userid customer_id customer_number customer_no client_id member_id contact_id customer_user "
    "distinct_id account_id",
    "anonymous_id": "anonymous_id visitor_id cookie_id device_cookie",
    "email": "email e_mail email_address mail customer_email contact_email billing_email",
    "phone": "phone phone_number telephone mobile mobile_phone tel customer_phone billing_phone default_address_phone",
    "country": "country country_code billing_country default_address_country_code shipping_country",
    "device_id": "device_id",
    "shop_id": "shop_id",
}
_TIME = "time timestamp date datetime occurred_at event_time created_at created order_date invoice_date paid_at "
_LINE: dict[str, str] = {
    "product_id": "product_id productid item_id article_id stock_code stockcode lineitem_id id",
    "sku": "sku lineitem_sku item_sku",
    "name": "name product_name title product_title item_name lineitem_name description product item",
    "category": "category product_category product_type type item_category",
    "brand": "brand vendor lineitem_vendor manufacturer",
    "variant": "variant variant_title variant_name size",
    "price": "price unit_price unitprice lineitem_price item_price price_each",
    "quantity": "quantity qty lineitem_quantity item_quantity pieces amount_of_pieces units",
    "total": "total line_total linetotal item_total line_amount",
    "url": "url product_url",
    "image_url": "image_url image picture",
}
_OF_A_LINE = frozenset({
    "stock_code", "stockcode", "product_id", "productid", "item_id", "article_id", "sku", "unit_price", "unitprice",
    "lineitem_price", "item_price", "lineitem_sku", "lineitem_name", "lineitem_quantity", "quantity", "qty",
})  # fmt: skip
"""Names that say that a row is a line of an order, and not an order."""

NAMES: dict[Kind, dict[str, str]] = {
    "events": _WHO
    | {
        "event": "event event_name name_of_event action activity interaction type_of_event event_type",
        "type": "type call",
        "message_id": "message_id messageid",
        "id": "id event_id row_id interaction_id ticket_id call_id uuid",
        "time": f"{_TIME} original_timestamp started_at called_at",
        "previous_id": "previous_id",
        "group_id": "group_id",
        "name": "name",
        "properties": "properties",
        "traits": "traits",
        "context": "context",
    },
    "customers": {field: names for field, names in _WHO.items() if field != "country"}
    | {
        "user_id": _WHO["user_id"] + " id",
        "time": "updated_at last_changed modified modified_at last_update updated date_modified time timestamp",
        "traits": "traits",
    },
    "orders": _WHO
    | {
        "order_id": "order_id orderid order_number order_no order id name invoice invoice_no invoiceno invoice_number "
        "receipt receipt_no receipt_number transaction_id basket_id",
        "time": _TIME,
        "status": "status financial_status order_status payment_status state",
        "total": "total order_total grand_total amount total_price total_amount total_paid",
        "revenue": "revenue net_total",
        "subtotal": "subtotal sub_total",
        "shipping": "shipping shipping_total shipping_cost delivery postage shipping_amount",
        "tax": "tax taxes total_tax vat tax_total",
        "discount": "discount discount_amount discount_total total_discounts",
        "currency": "currency currency_code order_currency",
        "coupon": "coupon coupon_code discount_code voucher promo_code",
        "refunded_total": "refunded_amount refunded_total total_refunded refund_amount amount_refunded",
        "refunded_at": "refunded_at refund_date",
        "cancelled_at": "cancelled_at canceled_at cancel_date",
        "products": "products line_items items lines",
    },
    "products": {
        "id": "id product_id productid handle item_id article_id sku stock_code stockcode",
        "name": "name title product_name product_title description",
        "price": "price regular_price unit_price unitprice variant_price list_price",
        "sale_price": "sale_price special_price offer_price",
        "sale_from": "sale_from sale_start special_from_date",
        "sale_until": "sale_until sale_end special_to_date",
        "cost": "cost cost_of_goods_sold cost_price cost_per_item purchase_price",
        "category": "category product_type type product_category categories",
        "category_path": "category_path google_product_category",
        "brand": "brand vendor manufacturer",
        "gender": "gender",
        "availability": "availability in_stock stock_status",
        "stock": "stock stock_quantity inventory quantity qty variant_inventory_qty inventory_quantity",
        "url": "url link product_url permalink",
        "image_url": "image_url image image_link image_src picture",
        "image_urls": "image_urls additional_image_link images",
        "description": "description body body_html long_description short_description",
        "sku": "sku variant_sku mpn",
        "gtin": "gtin ean upc barcode variant_barcode",
        "group": "group item_group_id parent parent_id",
        "created_at": "created_at published_at date_created",
        "updated_at": "updated_at date_modified",
    },
}
"""Kind of file → field → what its column is commonly called, the likeliest name first."""

TRAITS: dict[str, str] = {
    "firstName": "first_name firstname given_name forename",
    "lastName": "last_name lastname surname family_name",
    "name": "name full_name customer_name",
    "birthday": "birthday birth_date date_of_birth dob birthdate",
    "gender": "gender sex",
    "language": "language locale lang",
    "createdAt": "created_at created signup_date registered_at date_created customer_since joined",
    "address.city": "city town default_address_city billing_city",
    "address.postalCode": "postal_code zip postcode default_address_zip billing_postcode",
    "address.street": "street address address1 default_address_address1",
    "address.country": "country country_code default_address_country_code billing_country",
    "timezone": "timezone time_zone",
}
"""Trait → what its column is commonly called."""

CONSENTS: dict[str, tuple[str, str]] = {
    "email": (
        "accepts_email_marketing accepts_marketing email_opt_in email_optin newsletter email_marketing email_consent "
        "opt_in optin subscribed marketing_consent email_marketing_consent",
        "email_consent_at accepts_marketing_updated_at newsletter_at opt_in_at opt_in_date confirm_time optin_time "
        "subscribed_at",
    ),
    "sms": (
        "accepts_sms_marketing sms_opt_in sms_optin sms_marketing sms_consent",
        "sms_consent_at sms_opt_in_at",
    ),
}
"""Channel → what the columns with the answer and with its time are commonly called."""

_MEANT: dict[str, str] = {
    "completed": "completed complete paid fulfilled shipped delivered closed processing open invoiced sale sold "
    "success succeeded confirmed authorized partially_fulfilled ok done",
    "refunded": "refunded returned fully_refunded",
    "refunded in part": "partially_refunded partly_refunded partial_refund",
    "cancelled": "cancelled canceled voided void cancelled_by_customer",
    "refund": "refund return credit credit_note creditnote",
    "skip": "pending on_hold draft checkout_draft failed expired abandoned awaiting_payment partially_paid unpaid",
}
STATUSES: dict[str, str] = {word: meaning for meaning, words in _MEANT.items() for word in words.split()}
"""Status, as `plain_name` writes it → one of `mapping.MEANINGS`."""

_LINE_FIELDS = {name: field for field, names in reversed(_LINE.items()) for name in names.split()[::-1]}


def field_of_line(name: str) -> str:
    """What a key of a line within a list of lines is; its own name where it is none of the common ones."""
    return _LINE_FIELDS.get(plain_name(name), name)


def are_lines(columns: list[str]) -> bool:
    """Whether a file of orders has a row for each line, by the names of its columns."""
    return bool(_OF_A_LINE & {plain_name(name) for name in columns})


def line_names() -> dict[str, str]:
    """Field of a line → what its column is commonly called, where orders and lines share a row."""
    shared = {"id", "name", "type", "total", "url", "image", "title"}
    return {
        f"line.{field}": " ".join(name for name in names.split() if name not in shared)
        for field, names in _LINE.items()
    }
