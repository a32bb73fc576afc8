"""Every conversation file holds: those beside the example playbooks, and those that show each rule of the guard."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from habitue.model.reason import Reason
from habitue.playbook.load import load
from habitue.playbook.playbook import Playbook
from habitue.run.conversation import run, update
from habitue.run.playbook_files import conversations_in, read_directory
from habitue.run.ports import Clock, Log, Store
from habitue.store.memory import MemoryLog, MemoryStore

ROOT = Path(__file__).parents[2]
PLAYBOOKS = [
    path.parent
    for path in sorted([*ROOT.glob("playbooks/*/playbook.yaml"), *ROOT.glob("tests/conversations/*/playbook.yaml")])
]
FILES = [(folder, path) for folder in PLAYBOOKS for path in conversations_in(folder)]
GUARD = {
    Reason.SUPPRESSED,
    Reason.UNREACHABLE,
    Reason.NO_CONSENT,
    Reason.CONSENT_DENIED,
    Reason.TOPIC_DENIED,
    Reason.CONSENT_PENDING,
    Reason.CONSENT_UNCONFIRMED,
    Reason.COUNTRY_CONSENT,
    Reason.COUNTRY_UNCONFIRMED,
    Reason.COUNTRY_ADDRESS,
    Reason.DUPLICATE,
    Reason.CAP_CHANNEL,
    Reason.CAP_TOTAL,
    Reason.MINIMUM_GAP,
    Reason.QUIET_HOURS,
    Reason.EXPIRED,
}


def stores(clock: Clock) -> tuple[Store, Log]:
    return MemoryStore(), MemoryLog(clock)


def playbook_in(folder: Path) -> Playbook:
    return load(read_directory(folder))


def told_in(folder: Path) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in conversations_in(folder))


@pytest.mark.parametrize(("folder", "path"), FILES, ids=[f"{folder.name}/{path.stem}" for folder, path in FILES])
def test_the_conversation_holds(folder: Path, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for result in run(text, playbook_in(folder), stores):
        for mismatch in result.mismatches:
            pytest.fail(f"{path.relative_to(ROOT)}:{mismatch.line}: {result.title}\n{mismatch.diff()}")


@pytest.mark.parametrize(("folder", "path"), FILES, ids=[f"{folder.name}/{path.stem}" for folder, path in FILES])
def test_a_conversation_that_holds_is_left_as_it_is_by_an_update(folder: Path, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert update(text, playbook_in(folder), stores) == text


def test_every_journey_and_message_of_the_gift_shop_has_its_story() -> None:
    folder = ROOT / "playbooks" / "giftshop"
    playbook, told = playbook_in(folder), told_in(folder)
    entered = set(re.findall(r"(?<!not )enters? (\w+)", told))
    assert entered == set(playbook.journeys)
    said = set(re.findall(r"(?:email|onsite) (\w+)(?: ·| \(|$)", told, re.MULTILINE))
    assert said >= set(playbook.messages)
    joined = set(re.findall(r"is now in (\w+)", told))
    assert joined == set(playbook.segments)


@pytest.mark.parametrize("reason", sorted(GUARD))
def test_every_reason_of_the_guard_has_its_story(reason: Reason) -> None:
    stories = [told_in(path.parent) for path in ROOT.glob("tests/conversations/*/playbook.yaml")]
    assert re.search(rf"\({reason}\b", "\n".join(stories))
