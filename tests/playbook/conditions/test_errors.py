"""A mistake in a condition is told with its place, what was found, and what was meant."""

from __future__ import annotations

import pytest

from habitue.playbook.conditions import ConditionError, Names, parse

NAMES = Names(segments=frozenset({"regulars", "newcomers"}))


def mistake(text: str, kind: str = "condition", entry_event: bool = False) -> ConditionError:
    with pytest.raises(ConditionError) as caught:
        parse(text, kind=kind, entry_event=entry_event, names=NAMES)  # type: ignore[arg-type]
    return caught.value


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        # Names that are nearly right
        ('cuont("Cart Viewed") > 1', 1, 'unknown function "cuont". Did you mean "count"?'),
        ('not did("Order Complete")', 9, 'unknown event "Order Complete". Did you mean "Order Completed"?'),
        ('did("order completed")', 5, 'unknown event "order completed". Did you mean "Order Completed"?'),
        ('did("product_viewed")', 5, 'unknown event "product_viewed". Did you mean "Product Viewed"?'),
        ('segment("regular")', 9, 'unknown segment "regular". Did you mean "regulars"?'),
        ("cart.valeu > 3", 1, 'unknown field of the cart "valeu". Did you mean "value"?'),
        ("visit.stages == 'cart'", 1, 'unknown field of the visit "stages". Did you mean "stage"?'),
        ("wishlst.count > 1", 1, 'unknown name "wishlst.count". Did you mean "wishlist"?'),
        (
            'last_visit.stage == "basket"',
            21,
            'unknown stage "basket". There are: cart, category, checkout, detail, home, order, product.',
        ),
        (
            'visit.deepest >= "cart"',
            1,
            'stages are words; write visit.deepest == "cart" or visit.deepest in ("cart", "checkout")',
        ),
        ("wishlist.products", 1, 'wishlist.products is a list; ask what is in it, as in "P1" in wishlist.products'),
        ('cart.products == "P1"', 1, 'cart.products is a list; ask what is in it, as in "P1" in cart.products'),
        ("orders.count", 1, "orders.count is a number; compare it, as in orders.count > 0"),
        ("orders", 1, "what of the orders? There are: orders.count, orders.revenue, orders.refunds"),
        (
            "not affinity('brand', 'Orbis')",
            5,
            "affinity('brand', 'Orbis') is a number; compare it, as in affinity('brand', 'Orbis') > 0",
        ),
        ('affinity("categories") == "mugs"', 10, 'unknown affinity "categories". Did you mean "category"?'),
        (
            'affinity("brand", 3) > 1',
            19,
            'expected a brand in quotes, or a name such as event.brand, as in affinity("category", "mugs") >= 0.3',
        ),
        (
            "affinity() > 1",
            1,
            'affinity takes "category" or "brand", and then which, as in affinity("category", "mugs") >= 0.3',
        ),
        ('did("Cart Viewed", wihtin="7d")', 20, 'unknown argument "wihtin". Did you mean "within"?'),
        ('trai.country == "ES"', 1, 'unknown name "trai.country". Did you mean "trait"?'),
        ('country == "ES"', 1, 'unknown name "country". Did you mean "count"?'),
        ("zip", 1, 'unknown name "zip". A trait is written trait.zip.'),
        # Windows
        (
            'did("Cart Viewed", within="7 moons")',
            27,
            '"7 moons" is not a length of time; write it like 25m, 36h, 7d or 1d 12h',
        ),
        (
            'did("Cart Viewed", within="20000d")',
            27,
            '"20000d" is longer than ten years; leave within out to look at all time',
        ),
        (
            'did("Cart Viewed", within=7)',
            27,
            'expected a length of time in quotes, as in within="7d", or a period, as in within="this month"; found 7',
        ),
        (
            'did("Cart Viewed", since="yesterday")',
            26,
            '"yesterday" is not a date; write it like 2026-01-31 or 2026-01-31T18:30+01:00',
        ),
        ('did("Cart Viewed", within="7d", since="2026-01-01")', 33, "within and since exclude each other; keep one"),
        (
            'days_since("Cart Viewed", within="7d") > 3',
            27,
            "days_since takes no within; it looks at the latest event, however old",
        ),
        # Numbers and yes-or-no
        (
            'count("Cart Viewed")',
            1,
            'count("Cart Viewed") is a number; compare it, as in count("Cart Viewed") >= 1, or ask did("Cart Viewed")',
        ),
        ("cart.value and True", 1, "cart.value is a number; compare it, as in cart.value > 0"),
        ('"ES"', 1, 'expected a comparison, found "ES"'),
        (
            'did("Cart Viewed") == True',
            1,
            'did("Cart Viewed") is yes or no already; write did("Cart Viewed") or not did("Cart Viewed")',
        ),
        ("cart.value > (trait.a and trait.b)", 15, "expected a value here, found a yes or no: trait.a and trait.b"),
        ("cart.value == 'much'", 1, "cart.value is a number; it cannot be compared with 'much'"),
        ('count("Cart Viewed") in (1, "2")', 1, "count(\"Cart Viewed\") is a number; it cannot be compared with '2'"),
        ("trait.age > None", 1, "only numbers and text have an order; None stands before or after nothing"),
        ("1 < 2", 1, "both sides are constants; compare something of the customer or the event"),
        ('trait.age + "1" > 2', 13, 'expected a number, found "1"'),
        ("trait.age > 1 / 0", 13, "division by zero"),
        ("trait.age > 1e30", 13, "numbers go up to 1,000,000,000,000,000"),
        (
            'days_since("Cart Viewed") == 3',
            1,
            'days_since("Cart Viewed") is exact to the microsecond and only compared with a number by <, <=, > or >=, '
            'as in days_since("Cart Viewed") >= 30',
        ),
        (
            'days_since("Cart Viewed") + 1 > trait.age',
            1,
            'days_since("Cart Viewed") is exact to the microsecond and only compared with a number by <, <=, > or >=, '
            'as in days_since("Cart Viewed") >= 30',
        ),
        (
            'days_since("Cart Viewed") < 1e9',
            1,
            'days_since("Cart Viewed") is compared with at most 36,525 days, a hundred years',
        ),
        ('count("Cart Viewed", within="1d") >= 6000', 1, "a count within a window goes up to 4,999; found 6,000"),
        # Calls
        ("did()", 1, 'did needs an event\'s name, as in did("Product Viewed", within="7d")'),
        (
            "did(Cart)",
            5,
            'expected an event\'s name in quotes, as in did("Product Viewed", within="7d"); found Cart',
        ),
        (
            'sum("Order Completed") > 1',
            1,
            'sum needs the name of a property after the event, as in sum("Order Completed", total, within="30d")',
        ),
        (
            'sum("Order Completed", "total") > 1',
            24,
            'sum needs the name of a property after the event, as in sum("Order Completed", total, within="30d")',
        ),
        ("segment(regulars)", 9, 'expected a segment\'s name in quotes, as in segment("regulars"); found regulars'),
        (
            'did("Cart Viewed", brand=("a", "b"))',
            26,
            'a list stands after in: write brand in ("a", "b"), before the arguments with =',
        ),
        (
            'did("Cart Viewed", price == event.price)',
            29,
            "event.… cannot stand in the filter of a counter: a counter is the same for all of a customer's runs",
        ),
        (
            'did("Cart Viewed", trait.age > 3)',
            20,
            "trait.age speaks of the customer, but a filter looks at one event's properties; "
            "ask it in a condition beside the filter",
        ),
        # Scope
        (
            "event.price > 3",
            1,
            "there is no entry event here, so event.… means nothing; it does inside a journey that an event starts",
        ),
        ("run.key", 1, "there is no run here, so run.key means nothing; it does inside a journey"),
        # Signs of other languages
        ('trait.country = "ES"', 15, 'found "="; to compare, write "=="'),
        ("trait.a && trait.b", 9, 'found "&&"; write "and"'),
        ("!trait.a", 1, 'found "!"; write "not"'),
        ("trait.a is None", 1, '"is" is not known here; write =='),
        ("trait.a is not None", 1, '"is not" is not known here; write !='),
        ("trait.a ** 2 > 3", 1, "only + - * / are known here, found trait.a ** 2; to combine, write and, or"),
        ('trait["a"]', 1, 'not part of the language: trait["a"]'),
        ("lambda: 1", 1, "not part of the language: lambda: 1"),
        ('f"{1}" == trait.a', 1, 'not part of the language: f"{1}"'),
        ("[x for x in trait.y]", 1, "not part of the language: [x for x in trait.y]"),
        ('did(*["Cart Viewed"])', 5, "* is not part of the language"),
        ('did("Cart Viewed", **trait.a)', 20, "** is not part of the language"),
        # Windows, sequences and paths into lists
        ('count("Cart Viewed", within="this mont") > 2', 29, 'unknown period "this mont". Did you mean "this month"?'),
        (
            'count("Cart Viewed", within="7d", tz="Europe/Madrid") > 2',
            35,
            'tz goes with a period of the calendar, as in within="this month"',
        ),
        (
            'did("Cart Viewed", within="today", tz="Europe/Madrit")',
            39,
            '"Europe/Madrit" is no time zone. Did you mean "Europe/Madrid"?',
        ),
        (
            'did("Cart Viewed", within="today", tz="localtime")',
            39,
            '"localtime" is no time zone. Write it like Europe/Madrid.',
        ),
        (
            'did("Cart Viewed", since="2026-02-01", before="2026-01-01")',
            40,
            "the window is empty: it ends before it begins",
        ),
        (
            'did("Cart Viewed", between="2026-02-01")',
            28,
            'expected two dates, as in between=("2026-01-01", "2026-02-01")',
        ),
        (
            'sequence("Cart Viewed", "Product Added", without="Cart Viewed")',
            50,
            '"Cart Viewed" is a step of the sequence already; without names other events',
        ),
        (
            'sequence("Cart Viewed", did("Product Added", within="7d"))',
            25,
            "the window belongs to the sequence, not to one of its events",
        ),
        (
            'first("Order Completed", products[].price) == 3',
            26,
            "a list has no first value in time; sum, min, max, avg and distinct take every element",
        ),
        ("trait.a[].b == 1 and trait.a[] + 1 > 2", 22, "trait.a[] cannot be reckoned with; compare it with a constant"),
        ("trait[].a == 1", 1, "trait is no list; write [] after the name of one, as in trait.interests[]"),
        (
            "trait.a[] == trait.b[]",
            1,
            "the elements of a list can stand on one side of a comparison only",
        ),
        # The words of the playbook's tables
        ("lifecycle", 1, 'lifecycle is a word; compare it, as in lifecycle == "…"'),
        ("rfm.recency > trait.age", 15, "rfm.recency is only compared with constants"),
        ('rfm.group > "loyal"', 1, 'rfm.group is a word; compare it with ==, != or in, as in rfm.group == "…"'),
        ('rfm.code == "999"', 13, 'unknown RFM code "999".'),
        ('bucket("a", 10, 5)', 17, "the bucket is empty: 5 is not above 10"),
        ("product(event.product_id).prize > 3", 1, 'unknown field of a product "prize". Did you mean "price"?'),
        # Brackets and quotes
        ("trait.a) or (trait.b", 8, '")" closes nothing'),
        ('did("Cart Viewed"', 4, '"(" is never closed'),
        ('did("Cart Viewed)', 18, 'the text ends within quotes; close it with "'),
        ("  ", 1, 'the condition is empty; write one, such as did("Order Completed", within="30d")'),
        (
            "trait.a >",
            10,
            "cannot read on at the end of the text; expected a comparison, a function such as count(…), and, or, not",
        ),
    ],
)
def test_the_mistake_is_named_at_its_place(text: str, column: int, message: str) -> None:
    found = mistake(text)
    assert found.message == message
    assert (found.line, found.column, found.offset) == (1, column, column - 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            'did("Cart Viewed")',
            "did(…) speaks of the customer, but a filter looks at one event's properties; "
            "ask it in a condition beside the filter",
        ),
        (
            "price > cart.value",
            "cart.value speaks of the customer, but a filter looks at one event's properties; "
            "ask it in a condition beside the filter",
        ),
        ("event == 3", "which property of the entry event? Write event.product_id, for example"),
        ("run.id == 3", 'unknown name "run.id". Did you mean "run.key"?'),
    ],
)
def test_a_filter_does_not_speak_of_the_customer(text: str, message: str) -> None:
    assert mistake(text, "filter", entry_event=True).message == message


def test_the_place_counts_lines_and_letters_not_bytes() -> None:
    found = mistake('trait.ciudad == "Cádiz 🌊"\n  and cart.valeu > 3')
    assert (found.line, found.column) == (2, 7)
    found = mistake('trait.ciudad == "Cádiz 🌊" and cart.valeu > 3')
    assert (found.line, found.column, found.offset) == (1, 31, 30)


def test_the_place_is_that_in_the_file_the_text_stands_in() -> None:
    with pytest.raises(ConditionError, match=r"line 12, column 17: unknown function") as caught:
        parse('trait.a or\n  cuont("Cart Viewed") > 1', line=11, column=15)
    assert caught.value.offset == 13


def test_windows_line_ends_count_once() -> None:
    assert mistake("trait.a and\r\n\r\n cart.valeu > 1").line == 3


@pytest.mark.parametrize(
    "text",
    [
        "not " * 1200 + "trait.a",
        "-" * 4000 + "1 > trait.a",
        "(" * 2500 + ")" * 2500,
        "[" * 5000,
        "trait" + ".a" * 2400,
        "1" + " + 1" * 1200 + " > trait.a",
        "trait.a" + " < 1" * 1200,
        "did(" * 1000,
        "lambda:" * 700 + "1",
        "trait.a if " * 400,
        "x" * 100_000,
        "trait.a or " * 430 + "trait.a",
        "'" * 4999,
        "{" * 40 + "}" * 40,
        "trait.a == " + "9" * 4900,
        "trait.a == \ud800",
        "trait.a == '\\ud800'",
        "trait.\0",
        "\\",
        "trait.a == 'a\\",
        "# only a remark",
        "𝔱rait.a ==",
        "trait.a == ...",
        "trait.a == 1j",
        "trait.a == b'x'",
        "(yield)",
        "await x",
        "x := 3",
        "print(1)",
        "__import__('os').system('true')",
        "did.__class__",
        'did("")',
        "trait.a == '" + "x" * 501 + "'",
        "\x0c\x0c trait.a ==",
        "trait.a == 0x",
        "1 if 2 else 1",
    ],
    ids=lambda text: ascii(text[:20]),
)
def test_hostile_text_is_refused_like_any_other(text: str) -> None:
    found = mistake(text)
    assert found.message
    assert found.line == 1
    assert 0 <= found.offset <= len(text)


def test_a_refusal_says_how_much_is_taken() -> None:
    assert mistake("x" * 6000).message == "the condition has 6,000 characters; at most 5,000 are taken"
    assert mistake("(" * 41 + ")" * 41).message == "nested deeper than 40 levels; split it into segments"
    assert "more than 1,500 parts" in mistake("trait.a or " * 430 + "trait.a").message
