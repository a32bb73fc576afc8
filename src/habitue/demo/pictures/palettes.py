"""Colours of a picture: taken from colour words in the product's name, else from its id."""

from __future__ import annotations

import re
from typing import NamedTuple

from habitue.demo.chance import pick


class Palette(NamedTuple):
    ground: str
    halo: str
    main: str
    dark: str
    light: str
    accent: str


RED = Palette("#fbeee6", "#f7dcd0", "#d0433c", "#9f2d2e", "#f3b3a6", "#2f6b5c")
PINK = Palette("#fdf0f0", "#f9dde0", "#e58a9d", "#bb5a74", "#fbd9de", "#4f8f8b")
BLUE = Palette("#edf3f6", "#d6e5ec", "#4a83a8", "#2d5c7e", "#c4dde9", "#e2795b")
SKY = Palette("#eef6f5", "#d5eae9", "#78b5bd", "#47858f", "#d8eef0", "#e88a6b")
GREEN = Palette("#f1f5ea", "#dfe9d1", "#6f9a62", "#44703f", "#d3e3c5", "#d9644a")
FOREST = Palette("#eef3ee", "#d7e4da", "#2f6b5c", "#1e4a40", "#bfd8cd", "#e2795b")
YELLOW = Palette("#fdf6e3", "#faeac2", "#e8b13c", "#b8811f", "#fbe6b4", "#4a83a8")
ORANGE = Palette("#fdf1e6", "#fae0c8", "#e4813f", "#b35a22", "#f9d5b4", "#2f6b5c")
CREAM = Palette("#f1ebe0", "#e4dac9", "#efe3c8", "#bfa67c", "#fffaf0", "#c35b4e")
WHITE = Palette("#e9eeec", "#d6dfdc", "#f7f4ec", "#b6bfba", "#ffffff", "#c35b4e")
BLACK = Palette("#f2eee8", "#e2dbd1", "#45403f", "#2a2626", "#9b938f", "#d0433c")
SILVER = Palette("#f0f1f4", "#dfe2e8", "#aab3bf", "#76818f", "#e6eaee", "#a4689a")
GOLD = Palette("#faf4e4", "#f3e6c3", "#d9a441", "#a4751f", "#f5deA4", "#8c3b4a")
PURPLE = Palette("#f5f0f6", "#e7dcec", "#9a74ab", "#6c4b7e", "#e2d2ea", "#e2a13c")
BROWN = Palette("#f6efe6", "#e9dac7", "#9c6b48", "#6d462c", "#e0c4a5", "#5f9368")
TEAL = Palette("#ecf4f2", "#d3e7e2", "#3f938c", "#266661", "#bfe0da", "#e9795d")
NATURAL = Palette("#f5efe3", "#e8dcc6", "#c9a576", "#97754a", "#ecdcc0", "#c35b4e")

_Words = tuple[tuple[str, Palette], ...]

# The first of these words in the name decides.
_COLOURS: _Words = (
    ("christmas|xmas|santa|reindeer|noel", RED),
    ("red|strawberry|cherry|poppy|london|toadstool|ruby|chilli|ladybird", RED),
    ("pink|rose|roses|rosie|raspberry|fairy|ballerina|sweetheart|dolly|fuschia|lip", PINK),
    ("turquoise|teal|aqua|regatta|mint", TEAL),
    ("blue|navy|spaceboy|sapphire|denim|willow", BLUE),
    ("green|apple|apples|woodland|leaf|garden|herb|emerald|jade|frog|olive|pears", GREEN),
    ("ivory|cream|doily|lace|vanilla|pearl", CREAM),
    ("white|snow|snowy|paper|porcelain", WHITE),
    ("black|skull|skulls|slate|jet|baroque|record|chalkboard", BLACK),
    ("silver|zinc|metal|antique silver|crystal|diamante|chrome", SILVER),
    ("gold|golden|brass|amber|honey", GOLD),
    ("yellow|lemon|sunflower|daisy|circus|bee|sun", YELLOW),
    ("orange|pumpkin|copper|tangerine", ORANGE),
    ("purple|lilac|lavender|amethyst|violet|plum|mauve|grape", PURPLE),
    ("chocolate|brown|coffee|wood|wooden|walnut|bear|owl|owls|hedgehog|leather", BROWN),
    ("natural|wicker|rustic|bamboo|jute|straw|hessian|rattan", NATURAL),
)
# Words that only suggest a colour, for names without one. Where there are none of these either, the id decides.
_HINTS: _Words = (
    ("vintage|union|jack|retrospot|regency", RED),
    ("suki|paisley|peacock|moroccan", TEAL),
    ("gingham|polkadot|spotty|sky|bluebird|doiley", SKY),
)
_ANY = (RED, PINK, BLUE, SKY, GREEN, FOREST, YELLOW, ORANGE, PURPLE, TEAL, CREAM)


def palette_for(code: str, name: str) -> Palette:
    return _first(_COLOURS, name) or _first(_HINTS, name) or pick(_ANY, "palette", code)


def _first(words: _Words, name: str) -> Palette | None:
    found = [
        (match.start(), index)
        for index, (alternatives, _) in enumerate(words)
        if (match := re.search(rf"\b(?:{alternatives})\b", name, re.IGNORECASE)) is not None
    ]
    return words[min(found)[1]][1] if found else None
