"""What sessions and surgery blocks are apart from their date: of dated ones and of templates' entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.base import DAY_MIN, format_wall_time
from engine.model.resource import Practitioner, ResourceKind
from engine.model.session import Pool

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from engine.model.calendar import LocalPeriod
    from engine.model.ids import ResourceId, SiteId
    from engine.model.references.findings import Findings
    from engine.model.resource import Resource
    from engine.model.session import BlockShape, FloatingBreak, Segment, SessionShape

__all__ = ["add_block_faults", "add_segment_faults", "add_session_faults", "segment_fits", "shown", "works_at"]


def shown(period: LocalPeriod) -> str:
    """A period as people write it: "08:00 to 12:00"."""
    return f"{format_wall_time(period.start)} to {format_wall_time(period.end)}"


def works_at(resource: Resource, site: SiteId) -> bool:
    """Whether a resource belongs to a site or, a practitioner, also works there."""
    return resource.site == site or (isinstance(resource, Practitioner) and site in resource.other_sites)


def add_session_faults(f: Findings, session: SessionShape, place: str) -> None:
    """Note what does not fit in a session whatever its date."""
    site_exists = f.refer("site", session.site, f"{place}.site")
    if isinstance(session.owner, Pool):
        f.check_words(session.owner.capabilities, f"{place}.owner.capabilities")
    else:
        owner = f.problem.resource_by_id.get(session.owner)
        if owner is None:
            f.refer("resource", session.owner, f"{place}.owner")
        elif site_exists and not works_at(owner, session.site):
            f.add(f"{place}.site", _elsewhere(session.site, owner))
    _add_room_faults(f, session.rooms, session.site, f"{place}.rooms")
    for i, segment in enumerate(session.segments):
        if segment.services is not None:
            f.refer_each("service", segment.services, f"{place}.segments[{i}].services")
    add_segment_faults(f, enumerate(session.segments), session.period, f"{place}.segments")
    f.each_once([quota.patient_class for quota in session.class_quotas], f"{place}.class_quotas")
    for i, pause in enumerate(session.breaks):
        _add_break_faults(f, pause, session.period, f"{place}.breaks[{i}]")


def add_block_faults(f: Findings, block: BlockShape, place: str) -> None:
    """Note what does not fit in a surgery block whatever its date."""
    theatre = f.refer_resource(block.theatre, f"{place}.theatre", ResourceKind.ROOM)
    if block.practitioner is not None:
        owner = f.refer_resource(block.practitioner, f"{place}.practitioner", ResourceKind.PRACTITIONER)
        if owner is not None and theatre is not None and not works_at(owner, theatre.site):
            f.add(f"{place}.practitioner", f"'{theatre.id}' is at site " + _elsewhere(theatre.site, owner, found=""))
    if block.specialty is not None:
        f.check_id(block.specialty, f"{place}.specialty")
    f.refer_each("service", block.services or (), f"{place}.services")


def segment_fits(period: LocalPeriod, segment: Segment) -> bool:
    """Whether a segment lies inside a period."""
    start, end = _minutes_in(period, segment)
    return period.start <= start < end <= period.start + period.length_min


def add_segment_faults(f: Findings, segments: Iterable[tuple[int, Segment]], period: LocalPeriod, place: str) -> None:
    """Note segments, given with their index, that are empty, outside the period, out of order or overlapping."""
    before: Segment | None = None
    for i, segment in segments:
        if _is_misplaced(f, segment, period, f"{place}[{i}]"):
            continue
        if before is not None and _minutes_in(period, segment)[0] < _minutes_in(period, before)[1]:
            f.add(
                f"{place}[{i}].from",
                f"found {format_wall_time(segment.start)}, expected no earlier than {format_wall_time(before.end)}, "
                "when the segment before ends",
            )
        before = segment


def _is_misplaced(f: Findings, part: Segment | FloatingBreak, period: LocalPeriod, place: str) -> bool:
    """Note a fault, and say so, when a part of a session is empty or not inside the session's period."""
    start, end = _minutes_in(period, part)
    first = period.start
    if not first <= start <= first + period.length_min:
        f.add(f"{place}.from", f"found {format_wall_time(part.start)}, expected a time within {shown(period)}")
    elif end > first + period.length_min:
        f.add(f"{place}.to", f"found {format_wall_time(part.end)}, expected a time within {shown(period)}")
    elif end <= start:
        f.add(
            f"{place}.to",
            f"found {format_wall_time(part.end)}, expected a time after {format_wall_time(part.start)}, its start",
        )
    else:
        return False
    return True


def _minutes_in(period: LocalPeriod, part: Segment | FloatingBreak) -> tuple[int, int]:
    """Start and end of a part in minutes since the midnight before the period, as `Session.part_bounds` reads them."""
    start, end = (
        wall + DAY_MIN if period.crosses_midnight and wall < period.start else wall for wall in (part.start, part.end)
    )
    return start, end


def _add_break_faults(f: Findings, pause: FloatingBreak, period: LocalPeriod, place: str) -> None:
    if _is_misplaced(f, pause, period, place):
        return
    start, end = _minutes_in(period, pause)
    if end - start < pause.minutes:
        f.add(
            f"{place}.minutes",
            f"found {pause.minutes}, expected no more than the {end - start} min from {format_wall_time(pause.start)} "
            f"to {format_wall_time(pause.end)}",
        )


def _add_room_faults(f: Findings, rooms: Sequence[ResourceId], site: SiteId, place: str) -> None:
    for i, given in enumerate(rooms):
        room = f.refer_resource(given, f"{place}[{i}]", ResourceKind.ROOM)
        if room is not None and room.site != site:
            f.add(f"{place}[{i}]", f"found '{given}' at site '{room.site}', expected a room at site '{site}'")
    f.each_once(rooms, place)


def _elsewhere(site: SiteId, owner: Resource, *, found: str = "found ") -> str:
    if not isinstance(owner, Practitioner):
        return f"{found}'{site}', expected '{owner.site}', where '{owner.id}' is"
    sites = " or ".join(f"'{s}'" for s in (owner.site, *owner.other_sites))
    return f"{found}'{site}', expected {sites}, where '{owner.id}' works"
