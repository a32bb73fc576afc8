"""Filters, names and bombs."""

from __future__ import annotations

import pytest
from liquid.exceptions import LiquidError

from habitue.content.check import check_template
from habitue.content.environment import TEXT, parse
from habitue.errors import RenderFailed

from .goods import filled


def test_a_product_is_found_by_the_events_id() -> None:
    assert (
        filled("{% assign p = event.product_id | product %}{{ p.name }} {{ p.url }}")
        == "Candle https://shop.example/p/c1"
    )


def test_a_product_that_is_gone_is_nothing() -> None:
    assert filled("{% assign p = 'gone' | product %}{% if p %}there{% else %}gone{% endif %}") == "gone"


def test_viewed_products_keep_their_order_and_lose_those_that_are_gone() -> None:
    assert filled("{{ viewed | product | map: 'name' | join: ', ' }}") == "Wax <tall>, Candle"


def test_bestsellers_are_in_stock_and_most_sold_first() -> None:
    assert filled("{{ 'candles' | bestsellers: 5 | map: 'id' | join: ' ' }}") == "c2 c1"


def test_bestsellers_take_a_line_of_what_she_bought_and_leave_out_what_she_saw() -> None:
    assert filled("{{ bought[0] | bestsellers: 5, viewed | map: 'id' | join: ' ' }}") == ""
    assert filled("{{ '' | bestsellers: 5, viewed | map: 'id' | join: ' ' }}") == "b1"


def test_money_is_written_as_in_her_country() -> None:
    assert filled("{{ 1234.5 | money }}") == "€1.234,50"
    assert filled("{{ 1234.5 | money }}", customer={"locale": "en-US"}) == "€1,234.50"
    assert filled("{{ missing | money }}|{{ 'words' | money }}") == "|"


def test_dates_are_in_her_zone() -> None:
    assert filled("{{ '2026-05-28T22:30:00Z' | date: '%d.%m. %H:%M' }}") == "29.05. 01:30"
    assert filled("{{ 1780007400000000 | date: '%d.%m. %H:%M' }}") == "29.05. 01:30"
    assert filled("{{ 'soon' | date: '%d' }}") == "soon"


def test_what_is_missing_is_empty() -> None:
    assert filled("Hello {{ customer.nickname }}{{ cart.items[7].name }}!") == "Hello !"


@pytest.mark.parametrize(
    ("template", "line", "said"),
    [
        ("a\n{{ customer.first_nam }}", 2, 'unknown name "customer.first_nam". Did you mean "customer.first_name"?'),
        ("{{ custmer.name }}", 1, 'Did you mean "customer"?'),
        ("a\n\n{{ cart.value | mony }}", 3, 'unknown filter "mony". Did you mean "money"?'),
        ("{{ customer.name | safe }}", 1, 'unknown filter "safe"'),
        ("a\n{% if cart.count > 1 %}", 1, "endif"),
        ("{{ cart.value", 1, '"{{" is never closed'),
        ("x\n{% include 'other' %}", 2, "unexpected tag 'include'"),
        ("x\n{% if" + " " * 201 + "a %}{% endif %}", 2, "blanks in a row"),
        ("x" * 200_001, 1, "at most 200,000"),
    ],
)
def test_a_wrong_template_is_refused_with_its_line(template: str, line: int, said: str) -> None:
    problems = check_template(template)
    assert [place for place, _ in problems] == [line]
    assert said in problems[0][1]


def test_a_good_template_has_nothing_wrong_with_it() -> None:
    template = "{% for line in cart.items %}{{ forloop.index }}. {{ line.name }} {{ line.price | money }}{% endfor %}"
    assert (
        check_template(template + "{% assign x = bought.first.category %}{{ x }} {{ shop.name }} {{ run.key }}") == []
    )


BOMBS = {
    "a range into a filter": "{{ (1..1000000000) | join: ',' }}",
    "a range searched for text": "{% if (1..1000000000) contains 'x' %}{% endif %}",
    "a doubling text": "{% assign s = 'aaaa' %}{% for i in (1..99) %}{% assign s = s | append: s %}{% endfor %}",
    "a text blown up by replace": "{{ 'aaaaaaaaaa' "
    + "| replace: 'a', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' " * 9
    + "}}",
    "nested loops": "{% for i in (1..999) %}{% for j in (1..999) %}x{% endfor %}{% endfor %}",
    "loops in a row": "{% for i in (1..900) %}{% if true %}{% endif %}{% endfor %}" * 3000,
    "a growing number": "{% assign n = 99999999 %}{% for i in (1..900) %}{% assign n = n | times: n %}{% endfor %}",
    "a wide date": "{{ 'now' | date: '%999999999d' }}",
    "an endless number": "{{ '1e400' | times: 1e308 | times: 1e308 }}",
    "too much output": "{% for i in (1..999) %}" + "x" * 2_000 + "{% endfor %}",
    "openings without end": "{{" * 50_000,
    "deep nesting": "{% if true %}" * 40 + "{% endif %}" * 40,
    "deep brackets": "{{ a" + "[a" * 5_000 + "]" * 5_000 + " }}",
    "a lexer kept busy": "{% foo" + "\n" * 20_000 + "%}",
    "another lexer kept busy": "{% liquid " + " " * 20_000 + "%}",
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
def test_a_bomb_ends_in_a_clear_error(bomb: str) -> None:
    """That it ends at all is the point: without the limits several of these run for minutes."""
    with pytest.raises((RenderFailed, LiquidError)):
        filled(bomb)


def test_rendering_ends_when_its_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("habitue.content.limits.RENDER_SECONDS_MAX", -1)
    with pytest.raises(RenderFailed, match="takes longer"):
        filled("{% for i in (1..3) %}x{% endfor %}")


def test_python_stays_out_of_reach() -> None:
    assert filled("{{ customer.__class__ }}{{ viewed.__len__ }}{{ customer.keys }}{{ shop.url.__class__ }}") == ""


def test_templates_are_parsed_strictly() -> None:
    with pytest.raises(LiquidError):
        parse(TEXT, "{{ a b }}")


def test_a_product_is_said_in_her_language_at_todays_price() -> None:
    template = "{% assign bowl = 'b1' | product %}{{ bowl.name }} {{ bowl.url }} {{ bowl.brand }} {{ bowl.stock }} "
    template += "{{ bowl.price }} {{ bowl.regular_price }} {{ bowl.on_sale }}"
    assert filled(template) == "Kase https://shop.example/tr/kase Clay 2 15 20 true"


def test_articles_of_a_category_are_the_latest_first() -> None:
    assert filled("{{ 'candles' | articles: 5 | map: 'title' | join: ' ' }}") == "Wax Wicks"
    assert filled("{% assign one = 'candles' | articles: 1 %}{{ one[0].url }}") == "https://shop.example/read/wax"
    assert filled("{{ 'hats' | articles | size }}{{ '' | articles | size }}") == "02"
