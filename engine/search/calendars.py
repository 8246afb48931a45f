"""When each resource could work at all: opening hours, sessions, kept-back time; nothing of what is booked.

Everything is in ticks of the horizon. Time that is free is rounded inward, time that is taken or reserved for somebody
is rounded outward: so a reservation on whole ticks keeps a rule by the minute exactly when it keeps it by the tick.

A reservation must lie inside *one* session, and two sessions may touch. A union of their ticks would let it straddle
both. Stretches of time are therefore dealt out to *layers* in which no two touch: shrink each layer, then unite.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from engine.model.columns import NEVER
from engine.model.hours import ExceptionKind, Hours, open_intervals
from engine.model.requirement import could_fill
from engine.model.resource import Practitioner, UseRule
from engine.model.timegrid import epoch_minute
from engine.search import bits
from engine.search.clock import day_number
from engine.search.scarcity import scarcity_of
from engine.search.sessions import Sessions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from engine.model.ids import Capability, ResourceId, ServiceId, SessionId, SiteId
    from engine.model.problem import Problem
    from engine.model.resource import Resource
    from engine.model.service import Role
    from engine.model.session import Session
    from engine.search.bits import Matrix, Row
    from engine.search.horizon import Run
    from engine.search.sessions import SessionTicks

__all__ = ["Calendars", "Layer", "works_at"]


@dataclass(frozen=True, slots=True)
class Layer:
    """Stretches in which a resource may be reserved, no two of them touching.

    Parameters
    ----------
    row
        Their ticks. Not to be written to.
    rooms
        The visit must take place in one of these rooms; None: in any.
    """

    row: Row
    rooms: frozenset[ResourceId] | None


class Calendars(Sessions):
    """Calendars of every resource of a problem; their row numbers are the resources' positions in it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self._layers: dict[tuple[int, ServiceId, SiteId, bool], tuple[Layer, ...]] = {}
        self._admitting: dict[tuple[SessionId, ServiceId], tuple[Run, ...]] = {}
        self._pools: dict[object, tuple[int, ...]] = {}
        self._kept: dict[int, tuple[int, int, Row | None]] = {}
        self._privileged: dict[tuple[int, tuple[Capability, ...], str], Row] = {}

    def pool(self, role: Role, site: SiteId) -> tuple[int, ...]:
        """The resources that could fill a role at a site, whatever the time and the patient, the least scarce first.

        Of equal scarcity in the order of the problem. Practitioners of any site: where they are depends on the time.
        """
        key = (role.kind, role.capabilities, role.any_of, role.use, site)
        if key not in self._pools:
            found = (
                r
                for r, resource in enumerate(self.problem.resources)
                if could_fill(resource, role) and (isinstance(resource, Practitioner) or resource.site == site)
            )
            self._pools[key] = tuple(sorted(found, key=self.scarcity.__getitem__))
        return self._pools[key]

    @cached_property
    def scarcity(self) -> list[int]:
        """How many different roles each resource could fill."""
        return scarcity_of(self.problem)

    # --- opening hours --------------------------------------------------------------------------------------------

    @cached_property
    def open(self) -> Matrix:
        """Open ticks of each resource, shape `(resources, words)`."""
        rows = np.zeros((len(self.problem.resources), self.n_words), np.uint64)
        weekly: dict[tuple[object, str], Row] = {}
        for r, resource in enumerate(self.problem.resources):
            hours, zone = self.problem.hours_of(resource), self.problem.zone_of(resource.site)
            if any(e.kind is ExceptionKind.EXTRA for e in hours.exceptions):
                rows[r] = self._open_row(hours, zone)
                continue
            key = hours.weekly, zone
            if key not in weekly:
                weekly[key] = self._open_row(Hours(weekly=hours.weekly), zone)
            rows[r] = weekly[key]
            for closed in hours.exceptions:
                bits.clear_range(rows[r], *self.grid.clip(closed.start, closed.end, outward=True))
        return rows

    def _open_row(self, hours: Hours, zone: str) -> Row:
        row = bits.make(self.n_ticks)
        for start, end in open_intervals(hours, self.grid.start, self.grid.end, zone):
            bits.set_range(row, *self.grid.clip(start, end, outward=False), self.n_ticks)
        return row

    # --- sessions -------------------------------------------------------------------------------------------------

    def layers(self, r: int, service: ServiceId, site: SiteId, *, is_in_person: bool) -> tuple[Layer, ...]:
        """The stretches in which a resource may be reserved for a service at a site, opening hours apart."""
        key = r, service, site, is_in_person
        found = self._layers.get(key)
        if found is None:
            found = self._layers[key] = self._make_layers(r, service, site, is_in_person=is_in_person)
        return found

    def _make_layers(self, r: int, service: ServiceId, site: SiteId, *, is_in_person: bool) -> tuple[Layer, ...]:
        resource, sessions = self.problem.resources[r], self.sessions(r)
        here = [b for b in self.blocks.of(r) if b.site == site]
        found: list[Layer] = []
        if resource.use is UseRule.WHEN_OPEN:
            outside = bits.make(self.n_ticks)
            if not is_in_person or works_at(resource, site):
                bits.fill(self.n_ticks, outside)
            else:
                for b in here:
                    bits.set_range(outside, *b.inside, self.n_ticks)
            for s in sessions:
                bits.clear_range(outside, *s.touched)
            found.append(Layer(outside, None))
        runs: dict[frozenset[ResourceId] | None, list[Run]] = defaultdict(list)
        for s in sessions:
            runs[frozenset(s.session.rooms) or None].extend(self._admitted(s, service, site))
        if resource.use is UseRule.IN_SESSIONS or sessions:
            runs[None].extend(b.inside for b in here if b.block.services is None or service in b.block.services)
        for rooms, stretches in runs.items():
            found.extend(Layer(row, rooms) for row in self._dealt(stretches))
        return tuple(found)

    def _admitted(self, s: SessionTicks, service: ServiceId, site: SiteId) -> Sequence[Run]:
        """Stretches of a session, in ticks, whose every part is for the service."""
        if s.session.site != site:
            return ()
        if not s.session.segments:
            return (s.inside,)
        key = s.session.id, service
        if key not in self._admitting:
            self._admitting[key] = tuple(self._stretches_for(s, service))
        return self._admitting[key]

    def _stretches_for(self, s: SessionTicks, service: ServiceId) -> Iterable[Run]:
        joined: list[Run] = []
        for segment in s.session.segments:
            if segment.services is not None and service not in segment.services:
                continue
            start, end = self.part_minutes(s.session, segment)
            if joined and joined[-1][1] == start:
                joined[-1] = joined[-1][0], end
            else:
                joined.append((start, end))
        for start, end in joined:
            yield self.inward(max(start, s.bounds[0]), min(end, s.bounds[1]))

    def _dealt(self, stretches: Sequence[Run]) -> list[Row]:
        """Rows in which no two of the stretches touch, as few as can be (first fit by start is optimal)."""
        rows: list[tuple[int, Row]] = []
        for start, stop in sorted(stretches):
            if start >= stop:
                continue
            i = next((i for i, (last_stop, _) in enumerate(rows) if last_stop < start), len(rows))
            row = bits.make(self.n_ticks) if i == len(rows) else rows[i][1]
            bits.set_range(row, start, stop, self.n_ticks)
            rows[i : i + 1] = [(stop, row)]
        return [row for _, row in rows]

    def admitting(self, r: int, first: int, stop: int, service: ServiceId, site: SiteId) -> list[Session]:
        """The sessions of a resource that hold `[first, stop)` and take the service at the site."""
        return [
            s.session
            for s in self.sessions(r)
            if s.touched[0] < stop
            and first < s.touched[1]
            and any(a <= first and stop <= b for a, b in self._admitted(s, service, site))
        ]

    def is_at(self, r: int, first: int, stop: int, site: SiteId) -> bool:
        """Whether a practitioner is at a site over `[first, stop)`.

        The sessions and own surgery blocks that hold the stretch say where; where there is none, the practitioner.
        """
        sites = {s.session.site for s in self.sessions(r) if s.inside[0] <= first and stop <= s.inside[1]}
        sites |= {b.site for b in self.blocks.of(r) if b.inside[0] <= first and stop <= b.inside[1]}
        return site in sites if sites else works_at(self.problem.resources[r], site)

    # --- time for somebody ----------------------------------------------------------------------------------------

    def kept(self, r: int, now: datetime) -> tuple[int, Row | None]:
        """The ticks of a resource that are still kept for urgent orders, None: none; before it, since when that is so.

        The row is not to be written to.
        """
        minute = epoch_minute(now)
        cached = self._kept.get(r)
        if cached is not None and cached[0] <= minute < cached[1]:
            return cached[0], cached[2]
        row, since, until = None, -NEVER, NEVER
        for s in self.sessions(r):
            for segment in s.session.segments:
                if not segment.is_kept_for_urgent:
                    continue
                release = self.release_of(s.session, segment)
                if release <= minute:
                    since = max(since, release)
                    continue
                until = min(until, release)
                row = bits.make(self.n_ticks) if row is None else row
                bits.set_range(row, *self.outward(*self.part_minutes(s.session, segment)), self.n_ticks)
        self._kept[r] = since, until, row
        return since, row

    def kept_until(self, r: int, first: int, stop: int, now: datetime) -> int:
        """When the last time kept back that `[first, stop)` of a resource overlaps is released, in epoch minutes.

        `NEVER` where it never is, and 0 where nothing is kept back any more.
        """
        latest = 0
        for s in self.sessions(r):
            for segment in s.session.segments:
                if segment.is_kept_for_urgent:
                    a, b = self.outward(*self.part_minutes(s.session, segment))
                    if a < stop and first < b and self.release_of(s.session, segment) > epoch_minute(now):
                        latest = max(latest, self.release_of(s.session, segment))
        return latest

    def privileged(self, r: int, capabilities: Sequence[Capability], site: SiteId) -> Row | None:
        """The starts of a step on whose local day a practitioner's privileges give these capabilities.

        None where no privilege is needed. Not to be written to.
        """
        resource = self.problem.resources[r]
        asked = [c for c in capabilities if c not in resource.capabilities]
        if not asked or not isinstance(resource, Practitioner):
            return None
        clock = self.clock(site)
        key = (r, tuple(asked), clock.zone)
        if key not in self._privileged:
            row = bits.make(self.n_ticks)
            bits.fill(self.n_ticks, row)
            for capability in asked:
                held = bits.make(self.n_ticks)
                for p in resource.privileges:
                    if p.capability == capability:
                        last = None if p.valid_until is None else day_number(p.valid_until) - 1
                        first = None if p.valid_from is None else day_number(p.valid_from)
                        bits.or_(held, clock.between_days(first, last))
                bits.and_(row, held)
            self._privileged[key] = row
        return self._privileged[key]


def works_at(resource: Resource, site: SiteId) -> bool:
    """Whether a resource belongs to a site or, a practitioner, also works there."""
    return site == resource.site or (isinstance(resource, Practitioner) and site in resource.other_sites)
