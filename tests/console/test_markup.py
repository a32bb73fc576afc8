"""The console's own files: nothing inline, everything labelled, colours that can be read, icons that exist."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.console.test_pages import PAGES as ADDRESSES

from habitue.console.pages import PAGES
from habitue.console.site import STATIC
from habitue.console.wording import _EVENT_SIGNS, _REASON_SIGNS, OUTCOMES, REACHED
from habitue.model.reached import Reached
from habitue.model.reason import Outcome

TEMPLATES = sorted(STATIC.parent.rglob("*.html"))
CSS = (STATIC / "console.css").read_text()
SPRITE = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "vendor/tabler-icons-3.51.0/sprite.svg").read_text()))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(STATIC.parent)))
def test_no_template_holds_script_or_style_of_its_own(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"<style|\sstyle=|\son\w+=|hx-on|\|safe\b|autoescape", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(STATIC.parent)))
def test_every_icon_a_template_names_is_in_the_sprite(path: Path) -> None:
    assert set(re.findall(r'icon\("([\w-]+)"', path.read_text())) <= SPRITE


def test_every_icon_of_the_words_is_in_the_sprite() -> None:
    signs = [sign for _, sign in OUTCOMES.values()] + [*REACHED.values()]
    named = {sign.icon for sign in [*signs, *_EVENT_SIGNS.values(), *_REASON_SIGNS.values()]} | {
        page.icon for page in PAGES
    }
    rules = set(re.findall(r'\("([\w-]+)", (?:f?"|_reentry)', (STATIC.parent / "journeys/tree.py").read_text()))
    rules |= set(re.findall(r'Sign\("([\w-]+)"', (STATIC.parent / "journeys/tree.py").read_text()))
    assert named | rules <= SPRITE
    assert set(OUTCOMES) == set(Outcome)
    assert set(REACHED) == set(Reached)


def test_what_the_pages_ask_for_is_there() -> None:
    for path in TEMPLATES:
        for name in re.findall(r"{{ BASE }}/static/([^\"#]+)", path.read_text()):
            assert (STATIC / name).is_file(), f"{path.name} asks for {name}"
    for name in re.findall(r'url\("([^"]+)"\)', CSS):
        assert (STATIC / name).is_file(), f"console.css asks for {name}"


class _Reader(HTMLParser):
    """Gathers what a page says to somebody who does not see it."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.labels: set[str] = set()
        self.fields: list[dict[str, str | None]] = []
        self.problems: list[str] = []
        self.headings: list[int] = []
        self._open: list[tuple[str, dict[str, str | None], str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag == "label":
            self.labels.add(str(given.get("for")))
        if tag in ("input", "select") and given.get("type") != "hidden":
            self.fields.append(given)
        if tag == "img" and "alt" not in given:
            self.problems.append("a picture without alt")
        if tag == "iframe" and not given.get("title"):
            self.problems.append("a frame without a title")
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if int(given.get("tabindex") or 0) > 0:
            self.problems.append("an order of focus of its own")
        if tag in ("a", "button"):
            self._open.append((tag, given, ""))

    def handle_data(self, data: str) -> None:
        if self._open:
            tag, given, text = self._open[-1]
            self._open[-1] = (tag, given, text + data)

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1][0] == tag:
            _, given, text = self._open.pop()
            if not text.strip() and not given.get("aria-label"):
                self.problems.append(f"a {tag} without a name: {given}")


@pytest.mark.parametrize("address", [*ADDRESSES, "/console/sign-in"])
def test_a_page_can_be_heard(mina: TestClient, stranger: TestClient, address: str) -> None:
    client = stranger if address.endswith("sign-in") else mina
    page = _Reader()
    page.feed(client.get(address).text)
    assert not page.problems
    assert len(page.ids) == len(set(page.ids)), "an id stands twice"
    for field in page.fields:
        assert field.get("aria-label") or field.get("id") in page.labels, f"{field} has no label"
    assert page.headings.count(1) == 1


def colours(theme: str) -> dict[str, str]:
    """The theme's colours by name."""
    block = re.search(rf'\[data-bs-theme="{theme}"\] {{\s*color-scheme(.*?)}}', CSS, re.S)
    assert block
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block[1]))


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


TONES = ("good", "busy", "held", "bad", "calm")
PAIRS = [
    *((text, ground) for text in ("ink", "muted", "accent") for ground in ("ground", "raised", "hover")),
    *((f"tone-{tone}", ground) for tone in TONES for ground in (f"tone-{tone}-soft", "raised")),
    *(("ink", f"tone-{tone}-soft") for tone in TONES),
    ("accent-ink", "accent"),
    ("accent", "accent-soft"),
    ("ink", "accent-soft"),
    ("muted", "tone-calm-soft"),
    ("raised", "tone-busy"),
]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS, ids="-on-".join)
def test_text_can_be_read_on_its_ground(theme: str, text: str, ground: str) -> None:
    of = colours(theme)
    dark, light = sorted((luminance(of[text]), luminance(of[ground])))
    assert (light + 0.05) / (dark + 0.05) >= 4.5
