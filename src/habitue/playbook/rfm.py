"""RFM: how lately, how often and for how much somebody buys, each as a score from 1 to 5, and the groups of these.

A code such as "543" is the three scores together. The groups are Connectif's eleven: champions and loyal with the codes
it documents, the other nine with those of the table in common use. Together they name each of the 125 codes once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias

import msgspec

from habitue.model.instant import DAY, Span
from habitue.playbook.conditions.tree import Path

SCORES = (1, 2, 3, 4, 5)
CUTS = len(SCORES) - 1
Cuts: TypeAlias = tuple[float, float, float, float]


class Bands(msgspec.Struct, frozen=True, kw_only=True):
    """Where one score ends and the next begins; four each, rising.

    `recency`: whoever bought less long ago than the first scores 5, than the second 4, and so on. `frequency` and
    `monetary`: whoever comes to less than the first scores 1, to the first or more 2, and so on. Where two are equal,
    nobody has the score between them.
    """

    recency: tuple[Span, Span, Span, Span] = (30 * DAY, 90 * DAY, 180 * DAY, 365 * DAY)
    frequency: tuple[int, int, int, int] = (2, 3, 5, 10)
    monetary: Cuts = (25, 50, 100, 200)


GROUPS: dict[str, tuple[str, ...]] = {
    "champions": ("555", "554", "545", "544", "455", "454", "445"),
    "loyal": ("543", "444", "435", "355", "354", "345", "344", "335"),
    "potential_loyal": (
        "553", "552", "551", "542", "541", "533", "532", "531", "453", "452", "451", "442", "441", "433", "432",
        "431", "423", "353", "352", "351", "342", "341", "333", "323",
    ),
    "new": ("512", "511", "422", "421", "412", "411", "311"),
    "promising": (
        "525", "524", "523", "522", "521", "515", "514", "513", "425", "424", "415", "414", "413", "315", "314", "313",
    ),
    "needs_attention": ("535", "534", "443", "434", "343", "334", "325", "324"),
    "about_to_sleep": ("331", "321", "312", "251", "241", "231", "221", "213"),
    "at_risk": (
        "255", "254", "253", "252", "245", "244", "243", "242", "235", "234", "225", "224", "153", "152", "145", "143",
        "142", "135", "134", "133", "125", "124",
    ),
    "cannot_lose": ("215", "214", "155", "154", "144", "115", "114", "113"),
    "hibernating": ("332", "322", "233", "232", "223", "222", "212", "211", "132", "123", "122"),
    "lost": ("151", "141", "131", "121", "112", "111"),
}  # fmt: skip


class RfmRules(msgspec.Struct, frozen=True, kw_only=True):
    """What counts as buying, and the tables. Whoever did not within `over` has no scores, no code and no group."""

    event: str = "Order Completed"
    value: Path = ("total",)
    monetary: Literal["average", "sum"] = "average"
    over: Span = 730 * DAY
    bands: Bands = Bands()
    measured: bool = False
    """Whether the bands are to be measured: a fifth of the customers in each."""
    groups: dict[str, tuple[str, ...]] = msgspec.field(default_factory=lambda: GROUPS)

    def group_of(self, code: str) -> str:
        return next(name for name, codes in self.groups.items() if code in codes)


def codes() -> Iterator[str]:
    """All 125, the best first."""
    return (f"{r}{f}{m}" for r in SCORES[::-1] for f in SCORES[::-1] for m in SCORES[::-1])


def gaps(groups: Mapping[str, tuple[str, ...]]) -> tuple[list[str], list[str]]:
    """(codes that no group has, codes that several have)"""
    named = [code for listed in groups.values() for code in listed]
    return [code for code in codes() if code not in named], sorted({code for code in named if named.count(code) > 1})
