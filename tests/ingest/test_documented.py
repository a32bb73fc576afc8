"""What clients and operators read about refusals is what they get."""

from __future__ import annotations

from pathlib import Path

from habitue.ingest import ga4, shopify, woocommerce
from habitue.ingest.rejection import SENTENCES, Refusal
from habitue.ingest.routes.segment import CALLS
from habitue.ingest.vocabulary import NUMBERS
from habitue.model.source import KINDS

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


def test_every_kind_of_source_is_documented() -> None:
    text = (DOCS / "ingest.md").read_text(encoding="utf-8")
    for kind, about in KINDS.items():
        assert f"| `{kind}` | {about.sentence}" in text


def test_every_topic_of_a_shop_is_documented() -> None:
    shopify_text = (DOCS / "shopify.md").read_text(encoding="utf-8")
    for topic in shopify.TOPICS:
        group, _, what = topic.partition("/")
        assert f"`{topic}`" in shopify_text or f"`{what}`" in _row(shopify_text, f"`{group}/"), topic
    woocommerce_text = (DOCS / "woocommerce.md").read_text(encoding="utf-8")
    for topic in woocommerce.TOPICS:
        assert f"`{topic}`" in woocommerce_text, topic


def test_every_event_of_ga4_is_documented_with_ours() -> None:
    text = (DOCS / "ga4.md").read_text(encoding="utf-8")
    for name, rule in ga4.table()["events"].items():
        assert f"`{rule['name']}`" in _row(text.partition("## What becomes of what")[2], f"`{name}`"), name


def _row(text: str, word: str) -> str:
    return next((line for line in text.splitlines() if line.startswith("| ") and word in line), "")
