"""Prices that fall by more than is likely: a misread feed must not tell everybody of a bargain that is none."""

from __future__ import annotations

import msgspec

from habitue.model.product import Product, Variant

_replace = msgspec.structs.replace


def falls(known: Product, told: Product, percent_max: float) -> bool:
    """Whether a price of the product or of a variant falls by more than so many percent, or will in a sale."""
    if known.currency and told.currency and known.currency != told.currency:
        return False
    pairs = [(lowest(known), lowest(told))]
    variants = {variant.id: variant for variant in known.variants}
    for variant in told.variants:
        if variant.id in variants:
            pairs.append((_of_variant(known, variants[variant.id]), _of_variant(told, variant)))
    return any(now < before and (before - now) * 100 > percent_max * before for before, now in pairs)


def lowest(product: Product) -> float:
    """What it costs, or will in a sale that is said already."""
    return product.price if product.sale_price is None else min(product.price, product.sale_price)


def _of_variant(product: Product, variant: Variant) -> float:
    own = [price for price in (variant.price, variant.sale_price) if price is not None]
    return min(own) if own else lowest(product)


def priced_as(priced: Product, described: Product) -> Product:
    """The one product with the prices of the other."""
    variants = {variant.id: variant for variant in priced.variants}
    return _replace(
        described,
        price=priced.price,
        sale_price=priced.sale_price,
        sale_from=priced.sale_from,
        sale_until=priced.sale_until,
        currency=priced.currency,
        variants=[_variant_priced_as(variants.get(variant.id), variant) for variant in described.variants],
    )


def _variant_priced_as(priced: Variant | None, described: Variant) -> Variant:
    """A variant whose price nobody knew costs what the product costs."""
    if priced is None:
        return _replace(described, price=None, sale_price=None)
    return _replace(described, price=priced.price, sale_price=priced.sale_price)
