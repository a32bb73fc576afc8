"""What people choose or read is documented: every setting, every reason, every command."""

from __future__ import annotations

from habitue import settings
from habitue.model.reason import SENTENCES, Outcome, Reason

from .rooms import ROOT

DOCS = ROOT / "docs"


def row(text: str, name: str) -> str | None:
    """The table row that starts with `name` in code letters."""
    return next((line for line in text.splitlines() if line.startswith(f"| `{name}` |")), None)


def test_every_setting_is_documented_as_it_is() -> None:
    text = (DOCS / "settings.md").read_text(encoding="utf-8")
    for setting in settings.catalogue():
        line = row(text, setting.name)
        assert line, f"docs/settings.md does not list {setting.name}"
        assert setting.sentence in line, f"docs/settings.md says something else about {setting.name}"
        assert setting.variable in line, f"docs/settings.md does not name {setting.variable}"


def test_no_setting_is_documented_that_does_not_exist() -> None:
    names = {setting.name for setting in settings.catalogue()}
    text = (DOCS / "settings.md").read_text(encoding="utf-8")
    listed = {line.split("`")[1] for line in text.splitlines() if line.startswith("| `") and "." in line.split("`")[1]}
    assert listed == names


def test_every_reason_has_a_sentence_and_is_documented() -> None:
    assert set(SENTENCES) == set(Reason)
    text = (DOCS / "reasons.md").read_text(encoding="utf-8")
    for reason, sentence in SENTENCES.items():
        line = row(text, reason.value)
        assert line, f"docs/reasons.md does not list {reason.value}"
        assert sentence in line, f"docs/reasons.md says something else about {reason.value}"


def test_every_outcome_is_documented() -> None:
    text = (DOCS / "reasons.md").read_text(encoding="utf-8")
    for outcome in Outcome:
        assert row(text, outcome.value), f"docs/reasons.md does not list {outcome.value}"
