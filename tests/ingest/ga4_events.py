"""GA4's events as its guides show them, and some as nobody should write them."""

from __future__ import annotations

from typing import Any

CUP: dict[str, Any] = {
    "item_id": "SKU_12345", "item_name": "Tea cup", "affiliation": "Store", "coupon": "SUMMER", "discount": 2.22,
    "index": 0, "item_brand": "Potter", "item_category": "Kitchen", "item_category2": "Cups",
    "item_list_id": "related", "item_list_name": "Related", "item_variant": "blue", "price": 10.01, "quantity": 3,
}  # fmt: skip
PLATE: dict[str, Any] = {"item_id": "SKU_2", "item_name": "Plate", "price": "8.50", "quantity": 1}
PROMOTION = {"promotion_id": "P1", "promotion_name": "Summer", "creative_name": "banner", "creative_slot": "top"}

EVENTS: list[tuple[str, dict[str, Any]]] = [
    ("page_view", {"page_location": "https://shop.example/", "page_title": "Shop", "page_referrer": ""}),
    ("view_item", {"currency": "EUR", "value": 30.03, "items": [CUP]}),
    ("view_item_list", {"item_list_id": "related", "item_list_name": "Related", "items": [CUP, PLATE]}),
    ("select_item", {"item_list_id": "related", "items": [CUP]}),
    ("add_to_cart", {"currency": "EUR", "value": 38.53, "items": [CUP, PLATE]}),
    ("add_to_cart", {"currency": "EUR", "value": 1}),
    ("remove_from_cart", {"currency": "EUR", "value": 8.5, "items": [PLATE]}),
    ("add_to_wishlist", {"items": [PLATE]}),
    ("view_cart", {"currency": "EUR", "value": 38.53, "items": [CUP, PLATE]}),
    ("begin_checkout", {"currency": "EUR", "value": 38.53, "coupon": "SUMMER", "items": [CUP]}),
    ("add_shipping_info", {"shipping_tier": "Ground", "items": [CUP]}),
    ("add_payment_info", {"payment_type": "card", "items": [CUP]}),
    ("purchase", {"transaction_id": "T_1", "value": 30.03, "tax": 4.9, "shipping": 5.99, "currency": "EUR",
                  "items": [CUP]}),
    ("purchase", {"transaction_id": 17, "value": "30.03"}),
    ("purchase", {"value": 1, "items": "none"}),
    ("refund", {"transaction_id": "T_1", "value": 10.01, "currency": "EUR", "items": [CUP]}),
    ("view_promotion", {**PROMOTION, "items": [CUP, {**PLATE, "creative_slot": "side"}]}),
    ("select_promotion", PROMOTION),
    ("search", {"search_term": "cups"}),
    ("login", {"method": "Google"}),
    ("sign_up", {"method": "e-mail", "send_to": "G-1", "event_timeout": 2000}),
    ("generate_lead", {"value": 1, "items": [CUP]}),
    ("constructor", {"toString": 1, "hasOwnProperty": None, "items": [{"constructor": 1}]}),
    ("view_item", {"items": [None, 7, [CUP], "x", CUP], "constructor": {"a": 1}}),
    ("view_cart", {"items": []}),
]  # fmt: skip
