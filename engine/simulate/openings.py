"""When each resource of a made-up world may be booked: opening hours, sessions, surgery blocks.

Deliberately stricter than the rules: routine visits never use time that is kept for urgent orders, nobody but the owner
uses a surgery block, released or not, and nothing is overbooked. What is placed this way is legal, and stays legal when
`now` moves on.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.model.calendar import local_day_bounds, local_days
from engine.model.hours import open_intervals
from engine.model.resource import Practitioner, UseRule
from engine.simulate.timeline import run

if TYPE_CHECKING:
    from datetime import date, datetime

    from engine.model.calendar import LocalPeriod
    from engine.model.ids import ResourceId, ServiceId, SiteId
    from engine.model.problem import Problem
    from engine.model.resource import Resource
    from engine.model.session import Segment, Session, SurgeryBlock

__all__ = ["Openings", "SessionSpan", "Window", "owns"]


@dataclass(frozen=True, slots=True)
class SessionSpan:
    """A session of one resource at the ticks `[start, stop)`, with its segments that have quotas."""

    session: Session
    start: int
    stop: int
    quotas: tuple[tuple[int, int, int], ...]
    """(start, stop, at most so many visits) of each such segment."""


@dataclass(frozen=True, slots=True)
class Window:
    """Ticks `[start, stop)` that a reservation may lie in, by a session or by a surgery block."""

    start: int
    stop: int
    block: SurgeryBlock | None = None


class Openings:
    """The calendars of a problem, as masks over its horizon."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.grid = problem.grid
        self.all = run(0, self.grid.n_ticks)
        self._open: dict[ResourceId, int] = {}
        self._sessions: dict[ResourceId, tuple[SessionSpan, ...]] = {}
        self._windows: dict[tuple[ResourceId, ServiceId, SiteId, bool], tuple[Window, ...]] = {}
        self._layers: dict[tuple[ResourceId, ServiceId, SiteId, bool], tuple[int, ...]] = {}
        self._periods: dict[tuple[LocalPeriod, str], int] = {}
        self._blocks: defaultdict[ResourceId, list[SurgeryBlock]] = defaultdict(list)
        surgeons = [r for r in problem.resources if isinstance(r, Practitioner)] if problem.blocks else []
        for block in problem.blocks:
            self._blocks[block.theatre].append(block)
            for surgeon in surgeons:
                if owns(surgeon, block):
                    self._blocks[surgeon.id].append(block)

    def ticks(self, start: datetime, end: datetime) -> tuple[int, int]:
        """The ticks wholly inside `[start, end)`."""
        return self.grid.clip(start, end, outward=False)

    def day(self, day: date, zone: str) -> int:
        """The ticks of a local day."""
        return run(*self.ticks(*local_day_bounds(day, zone)))

    def period(self, period: LocalPeriod, zone: str) -> int:
        """The ticks of a time of day, on every day."""
        key = period, zone
        if key not in self._periods:
            mask = 0
            for day in local_days(self.grid.start, self.grid.end, zone):
                mask |= run(*self.ticks(*period.on(day, zone)))
            self._periods[key] = mask
        return self._periods[key]

    def open(self, resource: Resource) -> int:
        """The ticks in a resource's opening hours."""
        mask = self._open.get(resource.id)
        if mask is None:
            mask = 0
            zone = self.problem.zone_of(resource.site)
            for start, end in open_intervals(self.problem.hours_of(resource), self.grid.start, self.grid.end, zone):
                mask |= run(*self.ticks(start, end))
            self._open[resource.id] = mask
        return mask

    def sessions(self, resource: Resource) -> tuple[SessionSpan, ...]:
        """The sessions of a resource, by start."""
        found = self._sessions.get(resource.id)
        if found is None:
            found = tuple(self._span(s) for s in self.problem.sessions_by_resource.get(resource.id, ()))
            self._sessions[resource.id] = found = tuple(s for s in found if s.start < s.stop)
        return found

    def _span(self, session: Session) -> SessionSpan:
        zone = self.problem.zone_of(session.site)
        quotas = tuple(
            (*self.ticks(*session.part_bounds(segment, zone)), segment.quota)
            for segment in session.segments
            if segment.quota is not None
        )
        return SessionSpan(session, *self.ticks(*session.bounds(zone)), quotas)

    def windows(self, resource: Resource, service: ServiceId, site: SiteId, *, is_urgent: bool) -> tuple[Window, ...]:
        """The stretches of sessions and blocks that admit a service at a site, by start."""
        key = resource.id, service, site, is_urgent
        found = self._windows.get(key)
        if found is None:
            windows = [
                window
                for span in self.sessions(resource)
                if span.session.site == site
                for window in self._admitted(span, service, is_urgent=is_urgent)
            ]
            for block in self._blocks.get(resource.id, ()):
                if block.services is None or service in block.services:
                    zone = self.problem.zone_of(self.problem.resource(block.theatre).site)
                    windows.append(Window(*self.ticks(*block.bounds(zone)), block))
            found = tuple(sorted((w for w in windows if w.start < w.stop), key=lambda w: (w.start, w.stop)))
            self._windows[key] = found
        return found

    def _admitted(self, span: SessionSpan, service: ServiceId, *, is_urgent: bool) -> list[Window]:
        if not span.session.segments:
            return [Window(span.start, span.stop)]
        zone = self.problem.zone_of(span.session.site)
        joined: list[tuple[int, int]] = []
        for segment in span.session.segments:
            if _takes(segment, service, is_urgent=is_urgent):
                start, stop = self.ticks(*span.session.part_bounds(segment, zone))
                if joined and joined[-1][1] == start:
                    joined[-1] = joined[-1][0], stop
                else:
                    joined.append((start, stop))
        return [Window(start, stop) for start, stop in joined]

    def layers(self, resource: Resource, service: ServiceId, site: SiteId, *, is_urgent: bool) -> tuple[int, ...]:
        """Masks of the time in which a resource may be used; no two windows that touch are in the same one."""
        key = resource.id, service, site, is_urgent
        found = self._layers.get(key)
        if found is None:
            masks = [0, 0]
            last_stop, which = -1, 0
            for window in self.windows(resource, service, site, is_urgent=is_urgent):
                which = 1 - which if window.start <= last_stop else which
                masks[which] |= run(window.start, window.stop)
                last_stop = max(last_stop, window.stop)
            if resource.use is UseRule.WHEN_OPEN and _works_at(resource, site):
                outside = self.all
                for span in self.sessions(resource):
                    outside &= ~run(span.start, span.stop)
                masks.append(outside)
            found = self._layers[key] = tuple(self.open(resource) & mask for mask in masks if mask)
        return found


def owns(resource: Resource, block: SurgeryBlock) -> bool:
    """Whether a surgery block is a practitioner's, or their specialty's."""
    return isinstance(resource, Practitioner) and (
        resource.id == block.practitioner or block.specialty in resource.specialties
    )


def _takes(segment: Segment, service: ServiceId, *, is_urgent: bool) -> bool:
    return (segment.services is None or service in segment.services) and (is_urgent or not segment.is_kept_for_urgent)


def _works_at(resource: Resource, site: SiteId) -> bool:
    return resource.site == site or (isinstance(resource, Practitioner) and site in resource.other_sites)
