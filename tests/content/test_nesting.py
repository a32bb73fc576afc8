"""Elements in elements in elements: refused with a sentence, where a parser would have ended the process."""

from __future__ import annotations

import subprocess
import sys

import pytest

from habitue.content.check import check_message
from habitue.content.mjml import MjmlProblem, compile_html
from habitue.content.nesting import HTML_LEVELS_MAX, MJML_LEVELS_MAX, is_too_deep_in_html, too_deep_in_mjml

from .goods import email_message

MANY = 20_000


def nested(open_tag: str, close_tag: str, times: int) -> str:
    return f"<mjml><mj-body>{open_tag * times}x{close_tag * times}</mj-body></mjml>"


def raw(inside: str) -> str:
    return f"<mjml><mj-body><mj-raw>{inside}</mj-raw></mj-body></mjml>"


HOSTILE = {
    "wrappers": nested("<mj-wrapper>", "</mj-wrapper>", 2_000),
    "left open": "<mjml><mj-body>" + "<mj-wrapper>" * MANY,
    "lines": nested("<mj-wrapper\n>", "</mj-wrapper\n>", MANY),
    "attributes": nested("<mj-wrapper a='/>' b=\"</mj-wrapper>\">", "</mj-wrapper>", 2_000),
    "raw": raw("<div>" * MANY + "</div>" * MANY),
    "after a comment": raw("<!-- </b> --><b>" * 2_000 + "</b>" * 2_000),
    "closed by other names": raw("<b>" * MANY + "</i>" * MANY),
    "in a comment that ends at once": raw("<!-->" + "<b>" * MANY + "-->"),
    "in a comment that ends oddly": raw("<!-- --!>" + "<b>" * MANY + "-->"),
    "in an attribute that mrml quotes anew": raw("<b a='\">" + "<i>" * MANY + "'>x</b>"),
    "in the head": "<mjml><mj-head>" + "<mj-all>" * MANY + "</mj-all>" * MANY + "</mj-head><mj-body></mj-body></mjml>",
    "between Liquid": "<mjml><mj-body>" + "{% if a %}<mj-wrapper>" * 2_000,
}


@pytest.mark.parametrize("mjml", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_stands_too_deep_is_refused(mjml: str) -> None:
    """In a process of its own: what is shown here ends it where it is not refused."""
    program = "import sys; from habitue.content.mjml import MjmlProblem, compile_html\n"
    program += (
        "try: compile_html(sys.stdin.read())\nexcept MjmlProblem as problem: print(problem.said)\nelse: print('fine')"
    )
    done = subprocess.run([sys.executable, "-c", program], input=mjml, text=True, capture_output=True, timeout=120)
    assert done.returncode == 0
    assert "deep in one another" in done.stdout or "not valid MJML" in done.stdout


def test_the_problem_names_the_line_and_the_bound() -> None:
    mjml = "<mjml>\n<mj-body>\n" + "<mj-wrapper>\n" * 2_000 + "</mj-wrapper>" * 2_000 + "</mj-body></mjml>"
    with pytest.raises(MjmlProblem) as caught:
        compile_html(mjml)
    assert caught.value.line == MJML_LEVELS_MAX + 1
    assert f"more than {MJML_LEVELS_MAX} deep" in caught.value.said
    [(field, line, said)] = check_message(email_message(mjml=mjml, kind="transactional"))
    assert (field, line, said) == ("email.mjml", caught.value.line, caught.value.said)


def test_as_deep_as_is_allowed_is_made() -> None:
    levels = MJML_LEVELS_MAX - 2
    assert "x" in compile_html(nested("<mj-wrapper>", "</mj-wrapper>", levels))
    assert "x" in compile_html(raw("<i>" * (levels - 1) + "x" + "</i>" * (levels - 1)))


def test_many_beside_each_other_are_not_deep() -> None:
    rows = '<mj-section><mj-column><mj-text>a<br>b<img src="p.png"/></mj-text><mj-divider/></mj-column></mj-section>'
    assert too_deep_in_mjml(f"<mjml><mj-body>{rows * 500}</mj-body></mjml>") is None
    assert not is_too_deep_in_html("<p><br>a <b title='</p>'>x</b></p><!-- <i> -->" * 5_000)
    assert is_too_deep_in_html("<i>" * (HTML_LEVELS_MAX + 1))
