"""Dated sessions and surgery blocks: on the clock of their site, and against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from engine.model.references.clocks import add_part_faults, add_skipped_faults
from engine.model.references.shapes import add_block_faults, add_session_faults
from engine.model.session import Pool

if TYPE_CHECKING:
    from datetime import datetime

    from engine.model.ids import ResourceId, SessionId
    from engine.model.references.findings import Findings

__all__ = ["add_faults"]


class _Stretch(NamedTuple):
    start: datetime
    end: datetime
    place: str
    id: SessionId
    zone: str


def add_faults(f: Findings) -> None:
    """Note what does not fit in sessions and blocks, and which of one resource overlap."""
    by_owner: dict[ResourceId, list[_Stretch]] = {}
    for i, session in enumerate(f.problem.sessions):
        place = f"sessions[{i}]"
        add_session_faults(f, session, place)
        zone = f.zone_of(session.site)
        if zone is None or add_skipped_faults(f, session.period, session.day, zone, f"{place}.period"):
            continue
        add_part_faults(f, session, zone, place)
        if not isinstance(session.owner, Pool):
            stretch = _Stretch(*session.bounds(zone), place, session.id, zone)
            by_owner.setdefault(session.owner, []).append(stretch)
    _add_overlap_faults(f, by_owner, "session")

    by_theatre: dict[ResourceId, list[_Stretch]] = {}
    for i, block in enumerate(f.problem.blocks):
        place = f"blocks[{i}]"
        add_block_faults(f, block, place)
        theatre = f.problem.resource_by_id.get(block.theatre)
        zone = f.zone_of(theatre.site) if theatre else None
        if zone is not None and not add_skipped_faults(f, block.period, block.day, zone, f"{place}.period"):
            by_theatre.setdefault(block.theatre, []).append(_Stretch(*block.bounds(zone), place, block.id, zone))
    _add_overlap_faults(f, by_theatre, "surgery block")


def _add_overlap_faults(f: Findings, taken: dict[ResourceId, list[_Stretch]], noun: str) -> None:
    for resource, stretches in taken.items():
        stretches.sort()
        furthest = stretches[0]
        for stretch in stretches[1:]:
            if stretch.start < furthest.end:
                f.add(
                    stretch.place,
                    f"{noun} '{stretch.id}' of '{resource}' ({_times(stretch)}) overlaps '{furthest.id}' "
                    f"({_times(furthest)}), expected one after the other",
                )
            furthest = max(furthest, stretch, key=lambda s: s.end)


def _times(stretch: _Stretch) -> str:
    tz = ZoneInfo(stretch.zone)
    return f"{stretch.start.astimezone(tz):%Y-%m-%d %H:%M} to {stretch.end.astimezone(tz):%Y-%m-%d %H:%M}"
