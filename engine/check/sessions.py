"""Dated sessions and surgery blocks in epoch minutes, found by the time they touch."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from engine.model.timegrid import epoch_minute

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.model.ids import ServiceId, SiteId
    from engine.model.problem import Problem
    from engine.model.session import FloatingBreak, Release, Segment, Session, SurgeryBlock

__all__ = ["BlockAt", "SegmentAt", "SessionAt", "Stretches", "place_block", "place_session"]


@dataclass(frozen=True, slots=True, eq=False)
class SegmentAt:
    """A segment at `[start, end)`; time kept for urgent orders is so until `release`, None: always."""

    segment: Segment
    start: int
    end: int
    release: int | None


@dataclass(frozen=True, slots=True, eq=False)
class SessionAt:
    """A dated session at `[start, end)` with its segments and break windows."""

    session: Session
    start: int
    end: int
    zone: str
    segments: tuple[SegmentAt, ...]
    breaks: tuple[tuple[FloatingBreak, int, int], ...]

    def contains(self, start: int, end: int) -> bool:
        """Whether `[start, end)` lies wholly inside."""
        return self.start <= start and end <= self.end

    def admits(self, service: ServiceId, site: SiteId, start: int, end: int) -> bool:
        """Whether `[start, end)` lies inside, at its site, and in segments that all take the service."""
        if self.session.site != site or not self.contains(start, end):
            return False
        if not self.segments:
            return True
        covered = start
        for part in self.segments:
            if part.start < end and start < part.end:
                if part.segment.services is not None and service not in part.segment.services:
                    return False
                if part.start <= covered:
                    covered = max(covered, part.end)
        return covered >= end


@dataclass(frozen=True, slots=True, eq=False)
class BlockAt:
    """A dated surgery block at `[start, end)`, at its theatre's site; its owner's until `release`, None: always."""

    block: SurgeryBlock
    start: int
    end: int
    release: int | None
    site: SiteId
    zone: str

    def admits(self, service: ServiceId, site: SiteId, start: int, end: int) -> bool:
        """Whether `[start, end)` lies inside, at its site, and the block takes the service."""
        names = self.block.services
        return self.site == site and self.start <= start and end <= self.end and (names is None or service in names)


def place_session(session: Session, problem: Problem) -> SessionAt:
    """A dated session in epoch minutes."""
    zone = problem.zone_of(session.site)
    start, end = session.bounds(zone)

    def bounds(part: Segment | FloatingBreak) -> tuple[int, int]:
        first, last = session.part_bounds(part, zone)
        return epoch_minute(first), epoch_minute(last)

    segments = (SegmentAt(s, *bounds(s), _release(s.release, session, zone)) for s in session.segments)
    return SessionAt(
        session,
        epoch_minute(start),
        epoch_minute(end),
        zone,
        tuple(sorted(segments, key=lambda s: s.start)),
        tuple((b, *bounds(b)) for b in session.breaks),
    )


def place_block(block: SurgeryBlock, problem: Problem) -> BlockAt:
    """A dated surgery block in epoch minutes."""
    site = problem.resource(block.theatre).site
    zone = problem.zone_of(site)
    start, end = block.bounds(zone)
    return BlockAt(block, epoch_minute(start), epoch_minute(end), _release(block.release, block, zone), site, zone)


def _release(release: Release | None, owner: Session | SurgeryBlock, zone: str) -> int | None:
    return None if release is None else epoch_minute(release.instant(owner.day, zone))


Placed = TypeVar("Placed", SessionAt, BlockAt)


class Stretches(Generic[Placed]):
    """Sessions or blocks of one resource, which may overlap each other, found by the time they touch."""

    def __init__(self, placed: Iterable[Placed] = ()) -> None:
        self.all: list[Placed] = sorted(placed, key=lambda p: p.start)
        self._starts: list[int] = [p.start for p in self.all]
        self._longest: int = max((p.end - p.start for p in self.all), default=0)

    def touching(self, start: int, end: int) -> tuple[Placed, ...]:
        """Those that share an instant with `[start, end)`, by start."""
        first = bisect_left(self._starts, start - self._longest)
        last = bisect_left(self._starts, end)
        return tuple(p for p in self.all[first:last] if p.end > start)
