"""Segments: which there are, how large each is, and who is in one."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from habitue.model.api_key import Scope
from habitue.model.instant import to_iso

from .operation import Call, Listing, Moment, Nothing, Operation, Page
from .ports import Services
from .problems import missing


class SegmentRead(msgspec.Struct, frozen=True, kw_only=True):
    """A segment of the playbook in force."""

    name: str
    title: str
    description: str
    condition: Annotated[str, Meta(description="As the playbook has it.")]
    plain: Annotated[str, Meta(description="The condition in plain words.")]
    size: Annotated[int, Meta(description="How many customers are in it now.")]


class SegmentPage(Page, frozen=True, kw_only=True):
    """Segments by name."""

    data: list[SegmentRead]


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A customer in a segment."""

    customer: str
    since: Moment


class MemberPage(Page, frozen=True, kw_only=True):
    """Members in the order of their customer ids."""

    data: list[Member]


class SegmentsAsked(Listing, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which segments."""


def list_segments(services: Services, call: Call[SegmentsAsked, Nothing]) -> SegmentPage:
    playbook = services.playbook()
    segments = {} if playbook is None else playbook.segments
    sizes = services.view.segment_sizes()
    names = [name for name in sorted(segments) if name > (call.place(str) or "")]
    shown = names[: call.query.limit]
    data = [
        SegmentRead(
            name=name,
            title=segments[name].title,
            description=segments[name].description,
            condition=segments[name].condition.text,
            plain=services.plain(segments[name].condition),
            size=sizes.get(name, 0),
        )
        for name in shown
    ]
    return call.page(SegmentPage, data, shown[-1] if len(names) > len(shown) else None)


def list_members(services: Services, call: Call[SegmentsAsked, Nothing]) -> MemberPage:
    playbook, name = services.playbook(), call.path["segment"]
    if playbook is None or name not in playbook.segments:
        raise missing("segment", name)
    limit = call.query.limit
    found = services.view.members(name, limit + 1, call.place(str))
    data = [Member(customer=customer, since=to_iso(since)) for customer, since in found[:limit]]
    return call.page(MemberPage, data, found[limit - 1][0] if len(found) > limit else None)


OPERATIONS: tuple[Operation[Any, Any], ...] = (
    Operation(
        id="list_segments",
        method="GET",
        path="/segments",
        tag="Segments",
        summary="Segments with their sizes",
        scope=Scope.CUSTOMERS_READ,
        handler=list_segments,
        answer=SegmentPage,
        query=SegmentsAsked,
        body=Nothing,
    ),
    Operation(
        id="list_members",
        method="GET",
        path="/segments/{segment}/members",
        tag="Segments",
        summary="Who is in a segment",
        scope=Scope.CUSTOMERS_READ,
        handler=list_members,
        answer=MemberPage,
        query=SegmentsAsked,
        body=Nothing,
    ),
)
