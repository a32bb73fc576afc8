"""The table of trust is whole: every name with a meaning stands in it once, and the documentation shows it as it is."""

from __future__ import annotations

from habitue.decide.profile import FACTS
from habitue.decide.profile.consent_words import SAYS_CONSENT
from habitue.model import event as events
from habitue.model.change import CONCERNS
from habitue.model.claims import BY_NAME, EVENTS, FIELDS, SERVER_TRAITS
from habitue.model.source import KINDS
from habitue.run import receipts

from .rooms import ROOT


def test_every_name_that_decide_gives_a_meaning_to_stands_in_the_table() -> None:
    of_receipts = {value for name, value in vars(receipts).items() if name.isupper() and name != "SOURCE"}
    of_control = {events.PLAYBOOK_APPLIED, events.CUSTOMER_RETRIED, events.CUSTOMER_SPLIT, events.CUSTOMER_ERASED}
    of_control |= {events.LEDGER_PRUNED, events.ERASED}
    assert {*FACTS, *SAYS_CONSENT, *CONCERNS, *of_receipts, *of_control} <= BY_NAME.keys()


def test_no_name_stands_twice_in_the_table() -> None:
    assert len(BY_NAME) == sum(len(claim.names) for claim in EVENTS)


def test_the_documentation_shows_the_table_as_it_is() -> None:
    text = (ROOT / "docs" / "trust.md").read_text(encoding="utf-8")
    for claim in EVENTS:
        names = ", ".join(f"`{name}`" for name in claim.names)
        assert f"| {claim.about} | {names} | `{claim.least}` | {claim.otherwise} | {claim.why} |" in text
    for field in FIELDS:
        assert f"| {field.about} | {field.what} | `{field.least}` | {field.otherwise} |" in text
    assert ", ".join(f"`{trait}`" for trait in sorted(SERVER_TRAITS)) in text
    for kind, meaning in KINDS.items():
        line = next(line for line in text.splitlines() if line.startswith(f"| `{meaning.level}` |"))
        assert f"`{kind}`" in line
