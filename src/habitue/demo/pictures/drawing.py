"""One picture: a soft ground, a shadow, and a motif drawn in the product's colours and pattern."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from string import Template

from .motifs import motif_for
from .palettes import palette_for
from .patterns import pattern_for

_PALE = 630
"""Sum of red, green and blue above which cream print would not be seen."""

_SHADES = (
    '<radialGradient id="shadow"><stop offset="0" stop-color="#2b2118" stop-opacity=".26"/>'
    '<stop offset="1" stop-color="#2b2118" stop-opacity="0"/></radialGradient>'
    '<radialGradient id="glow"><stop offset="0" stop-color="#ffe9a8" stop-opacity=".95"/>'
    '<stop offset="1" stop-color="#ffe9a8" stop-opacity="0"/></radialGradient>'
)


def picture(code: str, name: str, category: str) -> str:
    """A square SVG, complete in itself: no script, no font, nothing fetched."""
    palette = palette_for(code, name)
    style = _style().substitute(palette._asdict(), print=palette.accent if _is_pale(palette.main) else "#fffaf1")
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400">'
        f"<style>{style}</style><defs>{_SHADES}{pattern_for(code, name)}</defs>"
        f'<rect width="400" height="400" fill="{palette.ground}"/>'
        f'<circle cx="200" cy="196" r="168" fill="{palette.halo}"/>'
        '<ellipse cx="200" cy="334" rx="124" ry="13" fill="url(#shadow)"/>'
        f"{_motif(motif_for(name, category))}"
        "</svg>"
    )


def _is_pale(color: str) -> bool:
    return sum(int(color[start : start + 2], 16) for start in (1, 3, 5)) > _PALE


@cache
def _motif(name: str) -> str:
    return files("habitue.demo.pictures").joinpath(f"motifs/{name}.svg").read_text("utf-8").strip()


@cache
def _style() -> Template:
    css = files("habitue.demo.pictures").joinpath("style.css").read_text("utf-8")
    return Template("".join(css.splitlines()[1:]))
