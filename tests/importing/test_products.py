"""Products come into the catalogue."""

from __future__ import annotations

from pathlib import Path

from .conftest import Importing, Sink, file, reasons


def test_products_are_read_with_prices_stock_and_categories(tmp_path: Path, bring: Importing, sink: Sink) -> None:
    rows = (
        "SKU;Title;Price;Sale price;Quantity;Google product category;Brand;Image link;Availability\n"
        'w1;Watch;1.250,00;999,00;3;Jewellery > Watches;Omega;"/w1.jpg";in stock\n'
        "w2;Strap;20,00;;0;Jewellery > Straps;;;\n"
        ";Nameless;1,00;;;;;;\n"
        "w4;Odd;cheap;;;;;;\n"
        "w5;Odd;1,00;;;;;;perhaps\n"
    )
    path = file(tmp_path, "a.csv", rows)
    counts = bring(path, "products")
    watch, strap = sink.products
    assert (watch.id, watch.name, watch.price, watch.sale_price, watch.stock) == ("w1", "Watch", 1250, 999, 3)
    assert (watch.category, watch.category_path, watch.brand) == ("Watches", ["Jewellery", "Watches"], "Omega")
    assert (watch.image_url, watch.in_stock, strap.in_stock) == ("/w1.jpg", True, False)
    assert reasons(path) == [(4, "not_a_product"), (5, "not_a_number"), (6, "not_a_product")]
    assert counts.made == {"products": 2}
