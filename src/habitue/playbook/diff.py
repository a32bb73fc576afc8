"""What a new version of a playbook means otherwise: definitions added, removed and changed, field by field.

Compared is what is meant. A condition laid out otherwise, a comment, a field spelt out that has its default: no change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypeAlias

import msgspec

from habitue.playbook.journey import Journey, Split, Step
from habitue.playbook.playbook import Playbook
from habitue.playbook.saying import NOT_MEANT, Said, leaves, meaning, said, words
from habitue.playbook.saying_steps import branches, placed, said_of_step, step_meaning, step_sentence
from habitue.playbook.steps import with_inner

How: TypeAlias = Literal["added", "removed", "changed", "renamed"]


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One field: None where it said nothing. Conditions are also said in plain English."""

    field: str
    before: str | None = None
    after: str | None = None
    before_plain: str = ""
    after_plain: str = ""


class Edit(msgspec.Struct, frozen=True, kw_only=True):
    """One definition. `what`: shop, guard, identity, channel, topic, segment, message, journey …; `was`: its name
    before it was renamed."""

    what: str
    name: str
    how: How
    title: str = ""
    was: str = ""
    fields: tuple[Difference, ...] = ()


class Changes(msgspec.Struct, frozen=True):
    """Everything that is meant otherwise, in the order a playbook is written in, then by name."""

    edits: tuple[Edit, ...] = ()

    def of(self, what: str, *hows: How) -> tuple[Edit, ...]:
        """The edits of one kind, of these sorts or of all."""
        return tuple(edit for edit in self.edits if edit.what == what and (not hows or edit.how in hows))

    def summary(self) -> str:
        """`2 segments changed, 1 journey added`; empty when nothing is meant otherwise."""
        counts: dict[tuple[str, How], int] = {}
        for edit in self.edits:
            counts[edit.what, edit.how] = counts.get((edit.what, edit.how), 0) + 1
        return ", ".join(_counted(what, how, count) for (what, how), count in counts.items())


def _counted(what: str, how: How, count: int) -> str:
    if what in _ALONE:
        return f"{what} {how}"
    return f"{count} {what}{'' if count == 1 else 's'} {how}"


_ALONE = {"playbook", "shop", "guard", "identity", "rfm", "lifecycle"}
"""Of these a playbook has one."""


def diff(before: Playbook | None, after: Playbook) -> Changes:
    """What `after` means otherwise than `before`; everything is added when there was nothing."""
    return Changes(tuple(_edits(before, after)))


def _edits(before: Playbook | None, after: Playbook) -> Iterator[Edit]:
    yield from _of_one("playbook", _loose(before) if before is not None else None, _loose(after))
    for name in after.__struct_fields__:
        old, new = getattr(before, name, None), getattr(after, name)
        if name in NOT_MEANT:
            continue
        if isinstance(new, msgspec.Struct):
            yield from _of_one(words(name), said(old) if old is not None else None, said(new))
        elif isinstance(new, dict):
            yield from _of_many(name.removesuffix("s"), old or {}, new)


def _loose(playbook: Playbook) -> dict[str, Said]:
    """What stands in a playbook by itself, such as its name and `history_after`."""
    found: dict[str, Said] = {}
    for name in playbook.__struct_fields__:
        value = getattr(playbook, name)
        if name not in NOT_MEANT and not isinstance(value, msgspec.Struct | dict):
            found |= dict(leaves(words(name), name, value))
    return found


def _of_one(what: str, before: Mapping[str, Said] | None, after: Mapping[str, Said]) -> Iterator[Edit]:
    fields = tuple(_differences(before or {}, after))
    if fields:
        yield Edit(what=what, name="", how="changed" if before is not None else "added", fields=fields)


def _of_many(what: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Edit]:
    """Definitions with names: those that have new ones are the same still."""
    renamed = _renames(what, before, after)
    for name in sorted({*before, *after}):
        if name in renamed.values():
            continue
        was = renamed.get(name, "")
        old, new = before.get(was or name), after.get(name)
        how: How = "renamed" if was else "added" if old is None else "removed" if new is None else "changed"
        fields = tuple(_differences(_said(old), _said(new)))
        if fields or how != "changed":
            yield Edit(what=what, name=name, how=how, title=_title(new or old), was=was, fields=fields)


def _renames(what: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, str]:
    """New name → old name, where one went and one came that means the same."""
    gone = [name for name in sorted(before) if name not in after]
    found: dict[str, str] = {}
    for name in sorted(after):
        if name in before:
            continue
        alike = (old for old in gone if _nameless(before[old]) == _nameless(after[name]))
        was = next(alike, None)
        if was is not None:
            gone.remove(was)
            found[name] = was
    return found


def _nameless(definition: Any) -> Any:
    """What it means, whatever its name. A split's salt is made from the journey's name where none is given."""
    if not isinstance(definition, Journey):
        return meaning(_unnamed(definition))

    def salted(steps: tuple[Step, ...]) -> tuple[Step, ...]:
        return tuple(with_inner(_unsalted(step), salted) for step in steps)

    def _unsalted(step: Step) -> Step:
        if isinstance(step, Split) and step.salt == f"{definition.name}.{step.id}":
            return msgspec.structs.replace(step, salt="")
        return step

    return meaning(msgspec.structs.replace(_unnamed(definition), steps=salted(definition.steps)))


def _unnamed(definition: Any) -> Any:
    return msgspec.structs.replace(definition, name="") if hasattr(definition, "name") else definition


def _said(definition: Any) -> dict[str, Said]:
    if definition is None:
        return {}
    if isinstance(definition, dict):
        return {label: one for key, value in definition.items() for label, one in leaves(words(str(key)), "", value)}
    if not isinstance(definition, Journey):
        return said(_unnamed(definition))
    return said(msgspec.structs.replace(_unnamed(definition), steps=())) | _said_of_steps(definition.steps)


def _said_of_steps(steps: tuple[Step, ...]) -> dict[str, Said]:
    """Each step as one field, and the order of each list; `_differences` looks into steps that both sides have."""
    found: dict[str, Said] = {}
    for where, step in placed(steps):
        found[f"{_STEP}{step.id}"] = Said(step_sentence(step), _Placed(where, step))
    for where, listed in _lists("", steps):
        found[f"order of steps{f' in {where}' if where else ''}"] = Said(", ".join(listed), _Order(listed))
    return found


_STEP = "step "


class _Placed(msgspec.Struct, frozen=True):
    where: str
    step: Step


class _Order(msgspec.Struct, frozen=True):
    ids: tuple[str, ...]


def _lists(where: str, steps: tuple[Step, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield where, tuple(step.id for step in steps)
    for step in steps:
        for name, inner in branches(step):
            yield from _lists(f"{step.id} {name}", inner)


def _differences(before: Mapping[str, Said], after: Mapping[str, Said]) -> Iterator[Difference]:
    """Field by field, in the order of the new version; what it says no more comes where it stood."""
    for field in _merged(list(before), list(after)):
        old, new = before.get(field), after.get(field)
        match (old.meaning if old else None, new.meaning if new else None):
            case (_Placed() as first, _Placed() as second):
                yield from _in_step(field, first, second)
            case (_Order(ids=first_ids), _Order(ids=second_ids)):
                yield from _reordered(field, first_ids, second_ids)
            case (_Order(), _) | (_, _Order()):
                continue  # The steps themselves tell of it.
            case (first, second) if old is None or new is None or first != second:
                yield _difference(field, old, new)


def _difference(field: str, old: Said | None, new: Said | None) -> Difference:
    return Difference(
        field=field,
        before=old.text if old else None,
        after=new.text if new else None,
        before_plain=old.plain if old else "",
        after_plain=new.plain if new else "",
    )


def _in_step(field: str, before: _Placed, after: _Placed) -> Iterator[Difference]:
    if before.where != after.where:
        yield Difference(field=f"{field}: place", before=before.where or "the top", after=after.where or "the top")
    if step_meaning(before.step) == step_meaning(after.step):
        return
    for part in _differences(said_of_step(before.step), said_of_step(after.step)):
        yield msgspec.structs.replace(part, field=f"{field}: {part.field}")


def _reordered(field: str, before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[Difference]:
    """Only of steps that both have: one that came or went is said by itself."""
    old = [one for one in before if one in after]
    new = [one for one in after if one in before]
    if old != new:
        yield Difference(field=field, before=", ".join(old), after=", ".join(new))


def _merged(before: list[str], after: list[str]) -> list[str]:
    """Both lists' names once: the new order, and those that went behind the one they stood behind."""
    result = list(after)
    for index, name in enumerate(before):
        if name in after:
            continue
        place = result.index(before[index - 1]) + 1 if index else 0
        result.insert(place, name)
    return result


def _title(definition: Any) -> str:
    return str(getattr(definition, "title", ""))
