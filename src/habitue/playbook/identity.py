"""`identity` in `playbook.yaml`: who counts as the same person."""

from __future__ import annotations

from habitue.model.identifier import ANONYMOUS, IDENTIFIERS, USER
from habitue.playbook.form import Field, Form
from habitue.playbook.kinds import Choice, Listed, Text, Whole
from habitue.playbook.playbook import IdentityRules

STRONG = tuple(kind for kind, identifier in IDENTIFIERS.items() if identifier.strong)
LIMIT_MAX = 100

LIMITS = Form(
    "the limits",
    tuple(
        Field(kind, Whole(1, LIMIT_MAX), f"At most so many of kind {kind}; {identifier.limit} unless said.")
        for kind, identifier in IDENTIFIERS.items()
    ),
    dict,
)
BLOCKED = Form(
    "blocked values",
    tuple(
        Field(kind, Listed(Text(), or_one=True), f"Values of kind {kind} that stand for nobody.")
        for kind in (USER, ANONYMOUS, *IDENTIFIERS)
    ),
    lambda values: {kind: frozenset(value.lower() for value in values[kind]) for kind in values},
)
IDENTITY = Form(
    "identity",
    (
        Field(
            "join_on",
            Listed(Choice(STRONG), or_one=True),
            "Identifiers that make two customers one who share them. Default: all of these.",
        ),
        Field("limits", LIMITS, "How many identifiers of a kind one person may have; more join nobody."),
        Field("blocked", BLOCKED, "Values that stand for nobody, such as the till's own e-mail address."),
    ),
    lambda values: IdentityRules(**values),
)
