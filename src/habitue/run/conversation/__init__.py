"""Conversations: stories in plain text, played against the real core, that show what a playbook does to people."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

import msgspec

from habitue.playbook.playbook import Playbook
from habitue.run.conversation.script import Block, ConversationError, Story, read_script, rewritten
from habitue.run.conversation.stage import Stage, Stores

__all__ = ["ConversationError", "Mismatch", "Result", "Stores", "read_script", "run", "update"]


class Mismatch(msgspec.Struct, frozen=True):
    """A check that came out otherwise; `line` is where it stands, or where it should."""

    line: int
    expected: tuple[str, ...]
    got: tuple[str, ...]

    def diff(self) -> str:
        """Line by line: `-` was expected, `+` came instead."""
        return "\n".join(line for line in difflib.ndiff(self.expected, self.got) if not line.startswith("?"))


class Result(msgspec.Struct, frozen=True):
    """One story played. It holds when there is no mismatch."""

    title: str
    line: int
    checks: int
    mismatches: tuple[Mismatch, ...]

    @property
    def holds(self) -> bool:
        return not self.mismatches


def run(text: str, playbook: Playbook, stores: Stores) -> list[Result]:
    """Play every story of a conversation file, each from its own beginning. Raises ConversationError."""
    return [_result(story, _play(story, playbook, stores)) for story in read_script(text)]


def update(text: str, playbook: Playbook, stores: Stores) -> str:
    """The file with what is expected replaced by what happens. Raises ConversationError."""
    stories = read_script(text)
    return rewritten(text, stories, [_play(story, playbook, stores) for story in stories])


def _play(story: Story, playbook: Playbook, stores: Stores) -> list[list[str]]:
    """What is told at each block's end."""
    stage = Stage(playbook, stores)
    return [_play_block(block, stage) for block in story.blocks]


def _play_block(block: Block, stage: Stage) -> list[str]:
    for action in block.actions:
        try:
            stage.do(action.text)
        except ValueError as error:
            raise ConversationError(action.line, str(error)) from error
    return stage.tell()


def _result(story: Story, told: Sequence[Sequence[str]]) -> Result:
    mismatches = [
        Mismatch(block.check or block.actions[-1].line, block.expected, tuple(got))
        for block, got in zip(story.blocks, told, strict=True)
        if block.expected != tuple(got)
    ]
    return Result(story.title, story.line, len(story.blocks), tuple(mismatches))
