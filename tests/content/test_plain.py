"""The text part: what a reader without HTML is told."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from habitue.content.plain import WAS_AND_NOW, text_of


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Hello   <b>Ana</b>,\n you</p><p>Bye</p>", "Hello Ana, you\n\nBye"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<ul><li>one<li>two</ul>", "- one\n- two"),
        ("<ol><li>one</li><li>two<ul><li>deep</li></ul></li></ol>", "1. one\n2. two\n  - deep"),
        ("<table><tr><td>Cup</td><td>9.00</td></tr><tr><td>Bowl</td><td>15</td></tr></table>", "Cup  9.00\nBowl  15"),
        ("a &amp; b &lt;c&gt; &euro;&nbsp;5", "a & b <c> €\u00a05"),
        ("<head><title>T</title></head><style>p > a {}</style><script>1 < 2</script>x", "x"),
        ("<!-- no --><!--[if mso]><p>no</p><![endif]-->yes<!--[if !mso]><!-->, this<!--<![endif]-->", "yes, this"),
        ("1. a - b * c _d_ #e [f] (g) `h` ~i~ \\j", "1. a - b * c _d_ #e [f] (g) `h` ~i~ \\j"),
        ("<p>&nbsp;</p><p>x</p><p>\u200c \u034f</p>", "x"),
        ("", ""),
    ],
)  # fmt: skip
def test_blocks_become_lines_and_words_stay_themselves(html: str, text: str) -> None:
    assert text_of(html) == text + "\n"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ('<a href="https://shop.example/c(1)[2]">Come</a>', "Come <https://shop.example/c(1)[2]>"),
        ('<a href="https://shop.example/?a=1&amp;b=_2_*">Come</a>', "Come <https://shop.example/?a=1&b=_2_*>"),
        ('<a class="x" href="https://x.example/"><b>Come</b> in</a>!', "Come in <https://x.example/>!"),
        ('<a href="https://x.example/">https://x.example/</a>', "https://x.example/"),
        ('<a href="https://x.example">x.example</a>', "x.example"),
        ('<a href="mailto:hi@x.example">hi@x.example</a>', "hi@x.example"),
        ('<a href="https://x.example"><img src="p.png" alt="A picture"></a>y', "y"),
        ('<a href="#top">Up</a> <a>Down</a>', "Up Down"),
        ('<a title="a > b" href="https://x.example/">Come</a>', "Come <https://x.example/>"),
        ('<a data-href="https://no.example/" href="https://x.example/">Come</a>', "Come <https://x.example/>"),
    ],
)
def test_links_show_where_they_lead_just_as_they_are(html: str, text: str) -> None:
    assert text_of(html) == text + "\n"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<s>£2.95</s> <b>£1.95</b>", "was £2.95, now £1.95"),
        ("<p>Candle <del>£2.95</del>&nbsp;£1.95</p>", "Candle was £2.95, now £1.95"),
        ("<b>£1.95</b> <s>£2.95</s> only today", "£1.95, was £2.95 only today"),
        ('<i style="color:red;text-decoration: line-through">£2<i>.95</i></i> £1.95', "was £2.95, now £1.95"),
        ("<tr><td><strike>EUR 20</strike></td><td>EUR 15</td></tr>", "was EUR 20, now EUR 15"),
        ("<p><s>£2.95</s></p><p>2 left</p>", "was £2.95\n\n2 left"),
        ("<s>£2.95</s> while it lasts", "was £2.95 while it lasts"),
        ("<s></s>£1.95", "£1.95"),
    ],
)  # fmt: skip
def test_a_price_that_is_struck_out_says_so_in_words(html: str, text: str) -> None:
    assert text_of(html) == text + "\n"


def test_it_says_so_in_the_letter_s_language() -> None:
    html = "<s>20 €</s> 15 €"
    assert text_of(html, "de") == "vorher 20 €, jetzt 15 €\n"
    assert text_of(html, "tr") == "önce 20 €, şimdi 15 €\n"
    assert text_of(html, "xx") == "was 20 €, now 15 €\n"
    assert all(was and now for was, now in WAS_AND_NOW.values())


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=400), st.sampled_from(["de", "en", ""]))
@example("<s><a href=x></s></a>", "en")
@example("<ol></ol></ol><li></li></s><s><s>a</s>", "en")
def test_any_text_can_be_read(html: str, language: str) -> None:
    made = text_of(html, language)
    assert made.endswith("\n")
    assert "\n\n\n" not in made


@pytest.mark.parametrize("broken", ["<a '", '<a href="', "<a ", "<!--", "<", "<s>", "<ul><li>", "<a href=x>y"])
def test_broken_markup_is_walked_once(broken: str) -> None:
    """A walk that starts anew at each quote would take hours for these."""
    assert text_of(broken * 20_000 + "</a></s>" * 20_000).endswith("\n")
