"""The pages about playbooks are true: their examples load together, and the story they tell holds."""

from __future__ import annotations

import re
from pathlib import Path

from habitue.content.check import check_message
from habitue.playbook.form import Form
from habitue.playbook.journeys import ENTRIES, JOURNEY
from habitue.playbook.load import load
from habitue.playbook.messages import MESSAGE
from habitue.playbook.playbook import Playbook
from habitue.playbook.steps import VERBS
from habitue.run.conversation import run
from habitue.run.conversation.sentences import SENTENCES
from habitue.store.memory import MemoryLog, MemoryStore

DOCS = Path(__file__).parents[2] / "docs"
NAMES = ("playbook", "segments", "messages", "journeys")
PAGES = {name: (DOCS / f"{name}.md").read_text(encoding="utf-8") for name in NAMES}
MJML = """<mjml><mj-body><mj-section><mj-column>
<mj-text><a href="{{ unsubscribe_url }}">Unsubscribe</a></mj-text>
</mj-column></mj-section></mj-body></mjml>"""


def written() -> Playbook:
    """The playbook that all the pages' examples make up together."""
    blocks = re.findall(r"```yaml\n# (\S+)\n(.*?)```", "\n".join(PAGES.values()), re.DOTALL)
    return load(dict(blocks) | {"messages/browse_reminder.mjml": MJML}, check_message=check_message)


def test_the_examples_are_one_playbook_that_can_run() -> None:
    assert set(written().journeys) == {"cart_abandonment", "every_step"}


def test_the_story_told_holds() -> None:
    page = (DOCS / "conversations.md").read_text(encoding="utf-8")
    (story,) = re.findall(r"```\n(====.*?)```", page, re.DOTALL)
    (result,) = run(story, written(), lambda clock: (MemoryStore(), MemoryLog(clock)))
    assert [mismatch.diff() for mismatch in result.mismatches] == []


def test_every_field_of_a_journey_and_a_message_is_described() -> None:
    for page, form in (("journeys", JOURNEY), ("messages", MESSAGE)):
        for name in _fields(form) - {"steps", "entry", "description"}:
            assert f"`{name}`" in PAGES[page] or f"\n{name}:" in PAGES[page], f"docs/{page}.md does not speak of {name}"


def test_every_step_and_entry_is_described() -> None:
    for verb in [*VERBS, *ENTRIES]:
        assert re.search(rf"\b{verb}\b", PAGES["journeys"]), f"docs/journeys.md does not speak of {verb}"


def test_every_sentence_is_described() -> None:
    page = (DOCS / "conversations.md").read_text(encoding="utf-8")
    for _, example, _ in SENTENCES:
        verb = re.split(r"[ :]", example.removeprefix("ana"))[1] or "Gift"
        assert verb in page, f"docs/conversations.md does not speak of {example}"


def _fields(form: Form[object]) -> set[str]:
    return {field.name for field in form.fields}
