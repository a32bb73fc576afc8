"""Letters: what they say, where their links lead, what cannot be put into them."""

from __future__ import annotations

import re
from html import unescape

import pytest

from habitue.content.check import check_message
from habitue.content.mjml import MjmlProblem, compile_html
from habitue.content.urls import rewrite
from habitue.errors import RenderFailed
from habitue.model.instant import WEEK

from .goods import ANA, LINKS, NOW, OCCASION, SHOP, email_message, letter

HREF = re.compile(r'href="([^"]+)"')


def links_of(html: str) -> list[str]:
    return [unescape(url) for url in HREF.findall(html)]


def test_her_words_are_escaped_in_html_and_plain_in_text() -> None:
    data = {**ANA, "customer": {"first_name": "<b onclick=x>Ana"}}
    made = letter("Hello {{ customer.first_name }}", "For {{ customer.first_name }}", data)
    assert "&lt;b onclick=x&gt;Ana" in made.html
    assert "<b onclick" not in made.html
    assert made.subject == "For <b onclick=x>Ana"
    assert "Hello <b onclick=x>Ana" in made.text


def test_liquid_may_stand_between_the_elements_and_compare() -> None:
    mjml = """<mjml><mj-body>
      {% assign p = event.product_id | product %}
      {% for line in cart.items %}{% if line.price < 5 and line.name != "" %}
      <mj-section><mj-column><mj-text>{{ line.name | default: "thing" }}</mj-text>
      {% if p %}<mj-button href="{{ p.url }}">Go</mj-button>{% endif %}</mj-column></mj-section>
      {% endif %}{% endfor %}</mj-body></mjml>"""
    made = letter(mjml=mjml)
    assert "Candle" in made.text
    assert [LINKS.read_click(url.rsplit("/", 1)[1]).url for url in links_of(made.html)] == ["https://shop.example/p/c1"]


def test_every_link_is_tracked_but_the_ways_out() -> None:
    body = '<a href="https://x.example/a?b=1&amp;c=2">a</a> <a href="/rel">b</a> <a href="mailto:hi@x.example">m</a>'
    made = letter(body + ' <a href="{{ preferences_url }}">p</a>')
    first, second, mail, choices, out = links_of(made.html)
    clicked = LINKS.read_click(first.removeprefix("https://h.example/c/"))
    assert clicked is not None
    assert clicked.url == "https://x.example/a?b=1&c=2"
    assert clicked.occasion == OCCASION
    assert LINKS.read_click(second.removeprefix("https://h.example/c/")).url == "https://shop.example/rel"
    assert mail == "mailto:hi@x.example"
    assert choices.startswith("https://h.example/p/")
    assert out == made.unsubscribe_url
    assert LINKS.read_unsubscribe(out.removeprefix("https://h.example/u/")) == OCCASION


def test_the_text_part_shows_where_links_lead_and_hides_the_preheader() -> None:
    made = letter('<a href="/sale">Come</a>', preheader="Only today")
    assert "Come <https://shop.example/sale>" in made.text
    assert "Only today" not in made.text
    assert "Only today" in made.html
    assert "display:none" in made.html


def test_a_given_text_part_is_used() -> None:
    assert letter(text="Dear {{ customer.first_name }}").text == "Dear Ana"


def test_an_open_is_told_by_a_picture_unless_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    assert f'src="{LINKS.open(OCCASION)}"' in letter().html
    monkeypatch.setattr(LINKS, "open_tracking", False)
    assert "/o/" not in letter().html


def test_a_subject_is_one_line() -> None:
    made = letter(
        subject="Hi {{ customer.first_name }}", data={**ANA, "customer": {"first_name": "A\r\nBcc: all@x\x00\u2028y"}}
    )
    assert made.subject == "Hi A Bcc: all@x y"


def test_an_order_confirmation_needs_no_way_out() -> None:
    assert letter(kind="transactional").unsubscribe_url is None


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "JaVa\tScript:x", " \x01javascript:x", "data:text/html,x", "vbscript:x", "file:///etc"],
)
def test_dangerous_addresses_are_refused(url: str) -> None:
    data = {**ANA, "event": {"url": url}}
    for place in (
        '<a href="{{ event.url }}">x</a>',
        "<a href='{{ event.url }}'>x</a>",
        '<img src="{{ event.url }}" />',
    ):
        with pytest.raises(RenderFailed, match="starts with"):
            letter(place, data=data)


def test_a_drawn_picture_may_be_part_of_the_letter() -> None:
    picture = "data:image/png;base64,aGVsbG8="
    assert picture in letter(f'<img src="{picture}" />').html


@pytest.mark.parametrize(
    "broken", ['<a href="' * 50_000, "<a " * 50_000, '<a b="x" ' * 50_000, "<a =" * 50_000, "<a '" * 50_000]
)
def test_broken_markup_is_walked_once(broken: str) -> None:
    """A walk that starts anew at each quote would take hours for these."""
    assert len(rewrite(broken, "", lambda url: url)) >= len(broken) / 2


@pytest.mark.parametrize(
    ("mjml", "line", "said"),
    [
        ("<mjml><mj-body>\n<mj-sectio></mj-sectio></mj-body></mjml>", 2, 'Did you mean "mj-section"?'),
        ("<mjml>\n<mj-body></mj-bod></mjml>", 2, "mj-bod"),
        ("<mjml><mj-body>", 1, "not valid MJML"),
        ("words", 1, "not valid MJML"),
        ("<mjml><mj-body>\n<mj-include path='x'/></mj-body></mjml>", 2, "not supported"),
        (
            "<mjml><mj-head>\n{% if a %}<mj-title>x</mj-title></mj-head><mj-body></mj-body></mjml>",
            2,
            "{% if a %}",
        ),
    ],
)
def test_wrong_mjml_is_refused_with_its_line(mjml: str, line: int, said: str) -> None:
    with pytest.raises(MjmlProblem) as caught:
        compile_html(mjml)
    assert said in caught.value.said
    assert caught.value.line == line


def test_responsive_rules_survive_inlining() -> None:
    html = compile_html(
        "<mjml><mj-head><mj-style>.x{color:red} @media (max-width:400px){.x{color:blue}}</mj-style></mj-head>"
        '<mj-body><mj-section><mj-column><mj-text css-class="x">x</mj-text></mj-column></mj-section></mj-body></mjml>'
    )
    assert "@media (max-width:400px)" in html
    assert "color: red" in html
    assert "fonts.googleapis" not in html


def test_a_marketing_letter_without_a_way_out_is_refused() -> None:
    problems = check_message(email_message(mjml="<mjml><mj-body></mj-body></mjml>"))
    assert [(field, line) for field, line, _ in problems] == [("email.mjml", 1)]
    assert "unsubscribe_url" in problems[0][2]
    assert check_message(email_message(mjml="<mjml><mj-body></mj-body></mjml>", kind="transactional")) == []


def test_problems_name_the_field() -> None:
    problems = check_message(email_message(subject="{{ a }}", text="x\n{{ b }}"))
    assert [(field, line) for field, line, _ in problems] == [("email.subject", 1), ("email.text", 2)]


def test_the_sender_comes_from_the_channel_unless_the_message_has_its_own() -> None:
    assert letter().sender == f"{SHOP.name} <hi@shop.example>"
    assert letter(sender="Ben <ben@shop.example>").sender == "Ben <ben@shop.example>"


def test_a_letter_asks_to_confirm_what_she_asked_for_by_a_link_that_is_not_tracked() -> None:
    asked = {"event": {"name": "Consent Requested", "channel": "email", "topic": "news"}}
    made = letter('<a href="{{ confirm_url }}">Yes</a>', kind="transactional", data={**ANA, **asked})
    found = re.search(r"https://h\.example/y/([^\"]+)", made.html)
    assert found is not None
    confirmation = LINKS.read_confirmation(found[1])
    assert confirmation is not None
    assert (confirmation.channel, confirmation.topic) == ("email", "news")
    assert confirmation.expires_at == NOW + WEEK


def test_only_a_transactional_letter_may_ask_to_confirm() -> None:
    body = '<a href="{{ confirm_url }}">Yes</a>'
    assert check_message(email_message(body, kind="transactional")) == []
    [(field, _, said)] = check_message(email_message(body))
    assert field == "email.mjml"
    assert "must be transactional" in said
