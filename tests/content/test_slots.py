"""Addresses that were found when a message was compiled: the same letters as when each was walked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habitue.content.compiled import CompiledMessage, compile_message
from habitue.content.email import render_email
from habitue.content.environment import HTML, parse
from habitue.content.mjml import compile_html, compile_marked
from habitue.errors import RenderFailed
from habitue.model.rendered import RenderedEmail
from habitue.playbook.playbook import Playbook

from .goods import ANA, LINKS, OCCASION, email_message, frame, playbook
from .test_giftshop import giftshop

__all__ = ["giftshop"]


def made(compiled: CompiledMessage, data: dict[str, Any]) -> RenderedEmail:
    return render_email(compiled, data, LINKS, OCCASION, frame(data, compiled.shop))


def walked(compiled: CompiledMessage) -> CompiledMessage:
    """The same message, whose every letter is walked for its addresses."""
    email, content = compiled.email, compiled.message.email
    assert email is not None
    assert content is not None
    html = parse(HTML, compile_html(content.mjml, content.preheader))
    return replace(compiled, email=replace(email, html=html, is_marked=False))


@pytest.mark.parametrize("data", [ANA, {}], ids=["much is known", "nothing is known"])
def test_every_letter_of_the_gift_shop_is_the_same(giftshop: Playbook, data: dict[str, Any]) -> None:
    for message in giftshop.messages.values():
        if message.email:
            compiled = compile_message(message, giftshop)
            assert compiled.email is not None
            assert compiled.email.is_marked, message.name
            assert made(compiled, data) == made(walked(compiled), data)


MARKED = {
    "plain": '<a href="/a?b=1&amp;c=2">a</a><img src="/p.png" alt="">',
    "data": '<a href="{{ event.url }}">a</a><img src="{{ event.url }}/p.png" alt="{{ event.name }}">',
    "data in the middle": '<a href="/p/{{ event.name }}?x={{ event.name | url_encode }}#y">a</a>',
    "a choice within": '<a href="{% if cart.count > 1 %}/many{% else %}/one{% endif %}">a</a>',
    "a choice of attributes": '<a {% if cart %}href="/a" {% else %}title="/b" {% endif %}>a</a>',
    "loops": '{% for line in cart.items %}<a href="/p/{{ line.product_id }}">{{ line.name }}</a>{% endfor %}',
    "comparisons": '{% if cart.count < 9 and cart.count <= 3 and cart.value <> 1 %}<a href="/a">a</a>{% endif %}',
    "comments": '<!--[if mso]><v:roundrect href="/a" stroke="f"></v:roundrect><![endif]--><a href="/a">b</a>',
    "not to click": '<a href="mailto:hi@x.example">m</a><a href="#x">x</a><link href="/l.css" />',
    "ways out": '<a href="{{ preferences_url }}">p</a>',
    "raw": '{% raw %}<a href="/{{ x }}">a</a>{% endraw %}',
}
WALKED = {
    "markup of Liquid's own": '{{ "<a href=/sale>Sale</a>" }}',
    "put together first": '{% capture x %}<a href="/Sale">Sale</a>{% endcapture %}{{ x | upcase }}',
    "made of letters": '{{ "[a href=/sale]" | replace: "[", "<" | replace: "]", ">" }}',
    "a name in parts": '<a {{ event.kind }}ref="/a">a</a>',
    "our own marks": '<a href="/a">a</a> <b title="<@c">b</b>',
}
DATA = {**ANA, "event": {"url": "https://x.example/a?b=1&c=<@c/e@>", "name": 'Wax "tall" <b>', "kind": "h"}}


@pytest.mark.parametrize("body", [*MARKED.values(), *WALKED.values()], ids=[*MARKED, *WALKED])
def test_however_an_address_is_written_the_letter_is_the_same(body: str) -> None:
    message = email_message(body, kind="transactional")
    compiled = compile_message(message, playbook(message))
    assert compiled.email is not None
    assert compiled.email.is_marked == (body in MARKED.values())
    assert made(compiled, DATA) == made(walked(compiled), DATA)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "<@cjavascript:x@>"])
@pytest.mark.parametrize("place", ['<a href="{{ event.url }}">x</a>', '<img src="{{ event.url }}" />'])
def test_dangerous_addresses_are_refused_in_marks_as_well(place: str, url: str) -> None:
    message = email_message(place, kind="transactional")
    compiled = compile_message(message, playbook(message))
    if url.startswith("<@"):
        assert "<@" not in made(compiled, {**ANA, "event": {"url": url}}).html
        return
    with pytest.raises(RenderFailed, match="starts with"):
        made(compiled, {**ANA, "event": {"url": url}})


@given(st.text(max_size=60))
def test_whatever_the_data_says_no_mark_is_left_and_none_is_made(said: str) -> None:
    message = email_message('<a href="/p?q={{ event.name }}">{{ event.name }}</a> {{ event.name }}')
    compiled = compile_message(message, playbook(message))
    for name in (said, f"<@c{said}@>", f'"<@i{said}'):
        data = {**ANA, "event": {"name": name}}
        try:
            letter = made(compiled, data)
        except RenderFailed:
            continue  # Too long a link, or one nobody can read: refused either way.
        assert "<@" not in letter.html
        assert letter == made(walked(compiled), data)


def test_a_preheader_with_markup_of_its_own_is_walked() -> None:
    mjml = "<mjml><mj-body></mj-body></mjml>"
    assert compile_marked(mjml, "Only today").is_marked
    assert not compile_marked(mjml, '<a href="/x">Only</a> today').is_marked
