"""Feeds of every usual form come to the same products; broken and hostile ones are refused in words."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from habitue.catalog import values
from habitue.catalog.feeds import FeedUnreadable, ItemUnreadable, read_articles, read_products
from habitue.catalog.values import moment
from habitue.model.article import Article
from habitue.model.product import Product

LIMIT = 1_000_000

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss xmlns:g="http://base.google.com/ns/1.0" version="2.0"><channel>
<title>Shop</title><link>https://shop.example</link>
<item>
  <title>ignored</title><g:title>Gold watch</g:title><link>https://shop.example/w1</link>
  <description><![CDATA[<p>Ticks &amp; tocks</p>]]></description>
  <g:id>w1</g:id><g:image_link>https://shop.example/1.jpg</g:image_link>
  <g:additional_image_link>https://shop.example/2.jpg</g:additional_image_link>
  <g:additional_image_link>https://shop.example/3.jpg</g:additional_image_link>
  <g:availability>in stock</g:availability><g:price>1,250.00 EUR</g:price><g:sale_price>999.00 EUR</g:sale_price>
  <g:sale_price_effective_date>2026-11-20T00:00+0100/2026-11-27T00:00+0100</g:sale_price_effective_date>
  <g:product_type>Jewellery &gt; Watches</g:product_type><g:brand>Tok</g:brand><g:gender>Female</g:gender>
  <g:gtin>4006381333931</g:gtin><g:item_group_id>w</g:item_group_id><g:custom_label_0>autumn</g:custom_label_0>
  <g:cost_of_goods_sold>400 EUR</g:cost_of_goods_sold>
  <g:shipping><g:country>DE</g:country><g:price>4.95 EUR</g:price></g:shipping>
</item>
<item><g:id>w2</g:id><title>Strap</title><g:price>free</g:price></item>
<item><g:id>w3</g:id><title>Box</title><g:price>5 EUR</g:price><g:availability>out_of_stock</g:availability></item>
</channel></rss>"""

WATCH = Product(
    id="w1",
    name="Gold watch",
    price=1250.0,
    currency="EUR",
    sale_price=999.0,
    sale_from=moment("2026-11-19T23:00:00Z"),
    sale_until=moment("2026-11-26T23:00:00Z"),
    cost=400.0,
    category="Watches",
    category_path=["Jewellery", "Watches"],
    brand="Tok",
    gender="female",
    url="https://shop.example/w1",
    image_url="https://shop.example/1.jpg",
    image_urls=["https://shop.example/2.jpg", "https://shop.example/3.jpg"],
    description="Ticks & tocks",
    availability="in_stock",
    group="w",
    gtin="4006381333931",
    labels={"custom_label_0": "autumn"},
)

NAMES = (
    (
        "id title link description image link additional_image_link availability price sale_price "
        "sale_price_effective_date product_type brand gender gtin item_group_id custom_label_0 cost_of_goods_sold"
    )
    .replace("image link", "image\x00link")
    .split()
)
VALUES = [
    "w1",
    "Gold watch",
    "https://shop.example/w1",
    "Ticks & tocks",
    "https://shop.example/1.jpg",
    "https://shop.example/2.jpg,https://shop.example/3.jpg",
    "in_stock",
    "1250.00 EUR",
    "999.00 EUR",
    "2026-11-20T00:00+0100/2026-11-27T00:00+0100",
    "Jewellery > Watches",
    "Tok",
    "female",
    "4006381333931",
    "w",
    "autumn",
    "400 EUR",
]


def table(separator: str, quote: Callable[[str], str] = str) -> bytes:
    names = [name.replace("\x00", " ") for name in NAMES]
    return "\n".join(separator.join(map(quote, row)) for row in (names, VALUES)).encode() + b"\n"


ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">
<title>Shop</title>
<entry><g:id>a1</g:id><title>Ring</title><link rel="alternate" href="https://shop.example/a1"/>
<g:price>10 EUR</g:price></entry></feed>"""


def products(feed: bytes, limit: int = LIMIT) -> list[Product | ItemUnreadable]:
    return list(read_products(io.BytesIO(feed), limit))


def zipped(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def test_google_rss_is_read_item_by_item() -> None:
    watch, strap, box = products(RSS.encode())
    assert watch == WATCH
    assert str(strap) == "w2: 'free' is no price; expected one like 15.00 EUR"
    assert isinstance(box, Product)
    assert (box.id, box.price, box.in_stock) == ("w3", 5.0, False)


@pytest.mark.parametrize(
    "feed",
    [
        table("\t"),
        b"\xef\xbb\xbf" + table("\t"),
        table("\t").decode().encode("utf-16"),
        table(";"),
        table(",", lambda text: f'"{text}"'),
        table("|").replace(b"\n", b"\r\n"),
        gzip.compress(table("\t"), mtime=0),
        zipped(feed=table("\t"), **{"__MACOSX/feed": b"x"}),
    ],
    ids=["tabs", "byte order mark", "utf-16", "semicolons", "commas", "pipes", "gzip", "zip"],
)
def test_tables_come_to_the_same(feed: bytes) -> None:
    assert products(feed) == [WATCH]


def test_atom_has_its_link_in_an_attribute() -> None:
    assert products(ATOM) == [Product(id="a1", name="Ring", price=10.0, currency="EUR", url="https://shop.example/a1")]


def test_json_lines_and_arrays_carry_variants_and_languages() -> None:
    line = (
        b'{"id": 7, "title": "Shirt", "price": 30, "currency": "eur", "stock": 4, "locales": {"de": {"name": "Hemd"}},'
        b' "variants": [{"id": "7-m", "size": "M", "stock": 0}], "labels": {"season": "winter"}}'
    )
    (shirt,) = products(line + b"\n\n")
    assert isinstance(shirt, Product)
    assert (shirt.id, shirt.currency, shirt.stock, shirt.locales["de"].name) == ("7", "EUR", 4, "Hemd")
    assert (shirt.variants[0].id, shirt.variants[0].in_stock, shirt.labels) == ("7-m", False, {"season": "winter"})
    assert products(b"[" + line + b"]") == [shirt]


@pytest.mark.parametrize(
    ("feed", "said"),
    [
        (b"", "not a table's header"),
        (b"just words\n", "not a table's header"),
        (b"<rss><channel><item>", "not sound XML"),
        (b"{nonsense}", "not sound JSON"),
        (b'[{"id": 1}', "not sound JSON"),
        (gzip.compress(b"id\ttitle\tprice\n" * 50, mtime=0)[:-9], "breaks off"),
        (zipped(one=b"a", two=b"b"), "holds 2 files"),
        (b"PK\x03\x04nonsense", "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_said(feed: bytes, said: str) -> None:
    with pytest.raises(FeedUnreadable, match=said):
        products(feed)


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE r SYSTEM "http://127.0.0.1/x.dtd">',
    ],
)
def test_entities_are_off(declared: str) -> None:
    feed = declared + "<rss><channel><item><id>1</id><title>&a;</title><price>1</price></item></channel></rss>"
    with pytest.raises(FeedUnreadable):
        products(feed.encode())


def test_a_small_file_that_holds_a_very_large_one_is_not_unpacked() -> None:
    row = b"x\tX\t1 EUR\n"
    bomb = gzip.compress(b"id\ttitle\tprice\n" + row * 300_000, mtime=0)
    assert len(bomb) < 10_000
    with pytest.raises(FeedUnreadable, match="more than 20,000 bytes"):
        products(bomb, 20_000)
    with pytest.raises(FeedUnreadable, match="more than 20,000 bytes"):
        products(zipped(feed=b"id\ttitle\tprice\n" + row * 300_000), 20_000)


def test_one_item_cannot_fill_the_memory() -> None:
    feed = b"<rss><channel><item><title>" + b"x" * 9_000_000 + b"</title></item></channel></rss>"
    with pytest.raises(FeedUnreadable, match="one item takes more"):
        products(feed, 100_000_000)


@pytest.mark.parametrize("read", [read_products, read_articles])
def test_a_feed_that_only_ever_begins_elements_is_left_at_once(read: Any) -> None:
    with pytest.raises(FeedUnreadable, match="elements within each other"):
        list(read(io.BytesIO(b"<rss>" + b"<a>" * 200_000), 1 << 20))


def test_a_damaged_zip_of_any_method_is_said_to_be_damaged() -> None:
    for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", method) as archive:
            archive.writestr("feed.csv", "id,title,price\n" + "".join(f"{one},cup {one},5\n" for one in range(900)))
        content = bytearray(packed.getvalue())
        content[60:80] = bytes(byte ^ 0xFF for byte in content[60:80])
        with pytest.raises(FeedUnreadable, match="damaged"):
            list(read_products(io.BytesIO(bytes(content)), 1 << 20))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("15.00 USD", (15.0, "USD")),
        ("EUR 1,234.50", (1234.5, "EUR")),
        ("1.234,50 €", (1234.5, "EUR")),
        ("12,5", (12.5, "")),
        ("1,234", (1234.0, "")),
        ("1.234.567 TRY", (1_234_567.0, "TRY")),
        ("₺ 99", (99.0, "TRY")),
        ("1&#160;299,00 EUR", (1299.0, "EUR")),
        ("1\u202f299,00 EUR", (1299.0, "EUR")),
        ("1\u2009299,00 EUR", (1299.0, "EUR")),
        ("1\u2019299.00 CHF", (1299.0, "CHF")),
        ("from 15.00 EUR", None),
        ("15.00 - 20.00 EUR", None),
        (".5", (0.5, "")),
        (7, (7.0, "")),
        (float("nan"), None),
        ("-3 EUR", None),
        ("", None),
        ("free", None),
        (True, None),
        (None, None),
        ("9" * 80, None),
    ],
)
def test_prices_are_read_as_they_are_written(text: object, expected: object) -> None:
    assert values.money(text) == expected


BLOG = b"""<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel><title>Blog</title>
<item><title>Caring for &lt;b&gt;watches&lt;/b&gt;</title><link>https://blog.example/care</link>
<guid isPermaLink="false">post-1</guid><description>&lt;p&gt;Wind it&lt;/p&gt;</description>
<category>Watches</category><category>Care</category><category>Care</category>
<dc:creator>Ana</dc:creator><pubDate>Fri, 20 Nov 2026 10:00:00 +0100</pubDate>
<enclosure url="https://blog.example/a.jpg" type="image/jpeg" length="1"/></item>
<item><description>no title</description></item>
</channel></rss>"""

CARE = Article(
    id="post-1",
    title="Caring for watches",
    url="https://blog.example/care",
    summary="Wind it",
    image_url="https://blog.example/a.jpg",
    categories=["Watches", "Care"],
    author="Ana",
    published_at=moment("2026-11-20T09:00:00Z"),
)

ATOM_BLOG = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Blog</title>
<entry><id>post-1</id><title type="html">Caring for &lt;b&gt;watches&lt;/b&gt;</title>
<link rel="self" href="https://blog.example/self"/><link href="https://blog.example/care"/>
<category term="Watches"/><category term="Care"/><author><name>Ana</name></author>
<published>2026-11-20T09:00:00Z</published><summary>Wind it</summary>
<media:thumbnail xmlns:media="http://search.yahoo.com/mrss/" url="https://blog.example/a.jpg"/></entry></feed>"""

JSON_BLOG = b"""{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "post-1",
"title": "Caring for <b>watches</b>", "url": "https://blog.example/care", "content_html": "<p>Wind it</p>",
"tags": ["Watches", "Care"], "image": "https://blog.example/a.jpg", "authors": [{"name": "Ana"}],
"date_published": "2026-11-20T09:00:00Z"}]}"""


@pytest.mark.parametrize("feed", [BLOG, ATOM_BLOG, JSON_BLOG, gzip.compress(BLOG)], ids=["rss", "atom", "json", "gzip"])
def test_articles_of_every_form_come_to_the_same(feed: bytes) -> None:
    assert next(iter(read_articles(io.BytesIO(feed), LIMIT))) == CARE


def test_an_article_without_a_title_is_passed_over() -> None:
    assert [isinstance(one, ItemUnreadable) for one in read_articles(io.BytesIO(BLOG), LIMIT)] == [False, True]


@pytest.mark.parametrize("feed", [b"id\ttitle\n", b'{"items": 1}', b""])
def test_what_is_no_feed_of_articles_is_said(feed: bytes) -> None:
    with pytest.raises(FeedUnreadable):
        list(read_articles(io.BytesIO(feed), LIMIT))
