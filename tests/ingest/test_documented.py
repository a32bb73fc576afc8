"""What clients and operators read about refusals is what they get."""

from __future__ import annotations

from pathlib import Path

from habitue.ingest.rejection import SENTENCES, Refusal
from habitue.ingest.routes.segment import CALLS
from habitue.ingest.vocabulary import NUMBERS

DOCS = Path(__file__).parents[2] / "docs"


def test_every_reason_of_a_dead_letter_is_documented_with_its_sentence() -> None:
    text = (DOCS / "ingest.md").read_text(encoding="utf-8")
    for reason, sentence in SENTENCES.items():
        assert f"| `{reason.value}` | {sentence} |" in text


def test_every_code_of_a_refusal_is_documented() -> None:
    text = (DOCS / "ingest.md").read_text(encoding="utf-8")
    for code in Refusal:
        assert f"| `{code.value}` |" in text


def test_every_call_is_documented() -> None:
    text = (DOCS / "ingest.md").read_text(encoding="utf-8")
    for call in CALLS:
        assert len(call) == 1 or call in text


def test_every_property_that_is_a_number_is_documented() -> None:
    text = (DOCS / "events.md").read_text(encoding="utf-8")
    for name in NUMBERS:
        assert f"`{name}`" in text
