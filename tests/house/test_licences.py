"""What Habitue is made of may be given away with it: a permissive product carries nothing that forbids that.

Read from the metadata of every locked package that is installed here. `requirements.lock` is what runs; what only
`requirements-dev.lock` has never leaves a developer's machine, and today is no less permissive.
"""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PERMISSIVE = frozenset(
    {
        "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0", "PSF-2.0", "Unlicense",
        "Zlib",
    }
)  # fmt: skip
TO_RUN = PERMISSIVE | {"MPL-2.0"}
"""Mozilla's asks for the source of its own files alone, and only where they were changed. We use them as they come."""
TO_DEVELOP = TO_RUN
SAID_OTHERWISE = {
    "apache": "Apache-2.0",
    "apache 2": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "bsd license": "BSD-3-Clause",
    "dual license": "Apache-2.0 OR BSD-3-Clause",
    "isc license": "ISC",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "psfl": "PSF-2.0",
    "python software foundation license": "PSF-2.0",
    "the unlicense (unlicense)": "Unlicense",
}
"""How older metadata names the same."""
READ_BY_HAND = {"mrml": "MIT"}
"""Says nothing in its metadata; the licence lies in its repository."""


def locked(name: str) -> list[str]:
    return re.findall(r"^([A-Za-z0-9._-]+)==", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)


def licence(package: str) -> str | None:
    """As an SPDX expression; None where the package is not installed (another system's, or only in the other lock)."""
    try:
        said = metadata(package)
    except PackageNotFoundError:
        return None
    classifiers = [one.rpartition("::")[2].strip() for one in said.get_all("Classifier", []) if one.startswith("Lic")]
    named = [one for one in classifiers if one not in ("OSI Approved", "Other/Proprietary License")]
    first_line = (said.get("License") or "").strip().partition("\n")[0]
    found = said.get("License-Expression") or READ_BY_HAND.get(package) or first_line or " OR ".join(named)
    return SAID_OTHERWISE.get(found.lower(), found)


def refused(expression: str, allowed: frozenset[str]) -> bool:
    """Of `A OR B` one suffices, of `A AND B` both must be allowed; a licence unknown here is refused."""
    either = re.sub(r"\([^()]*\)", lambda inner: _verdict(inner[0][1:-1], allowed), expression)
    return _verdict(either, allowed) == "no"


def _verdict(expression: str, allowed: frozenset[str]) -> str:
    parts = [re.split(r"\s+OR\s+", part) for part in re.split(r"\s+AND\s+", expression.strip())]
    known = allowed | {"yes"}
    return "yes" if all(any(SAID_OTHERWISE.get(o.lower(), o) in known for o in part) for part in parts) else "no"


@pytest.mark.parametrize(
    ("lock", "allowed"), [("requirements.lock", TO_RUN), ("requirements-dev.lock", TO_DEVELOP)], ids=["run", "develop"]
)
def test_nothing_that_is_locked_forbids_giving_it_away(lock: str, allowed: frozenset[str]) -> None:
    found = {package: said for package in locked(lock) if (said := licence(package)) is not None}
    assert len(found) > 40
    assert {package: said for package, said in found.items() if refused(said, allowed)} == {}


@pytest.mark.parametrize(
    ("expression", "is_refused"),
    [
        ("MIT", False),
        ("GPL-3.0-or-later", True),
        ("AGPL-3.0-only", True),
        ("LGPL-3.0-only", True),
        ("MIT OR GPL-3.0-only", False),
        ("MIT AND GPL-3.0-only", True),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", False),
        ("MPL-2.0 AND (GPL-2.0-only OR LGPL-3.0-only)", True),
        ("GNU General Public License v3 (GPLv3)", True),
        ("", True),
    ],
)
def test_a_licence_is_read_as_it_is_meant(expression: str, is_refused: bool) -> None:
    assert refused(expression, TO_RUN) is is_refused
