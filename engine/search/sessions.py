"""The sessions of each resource in ticks, and what they are like all together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.model.columns import NEVER
from engine.model.timegrid import epoch_minute
from engine.search.blocks import Blocks
from engine.search.horizon import Horizon

if TYPE_CHECKING:
    from datetime import date

    from engine.model.problem import Problem
    from engine.model.session import FloatingBreak, Segment, Session
    from engine.search.horizon import Run

__all__ = ["Nature", "SessionTicks", "Sessions"]


@dataclass(frozen=True, slots=True)
class SessionTicks:
    """A session of one resource.

    Parameters
    ----------
    inside
        The ticks wholly inside: a reservation inside the session lies in them.
    touched
        The ticks that share an instant with it.
    bounds
        In epoch minutes.
    breaks
        (start of the window, its end, length), in epoch minutes and minutes.
    """

    session: Session
    inside: Run
    touched: Run
    bounds: Run
    breaks: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Nature:
    """What the sessions and blocks of a resource are like, all together.

    Parameters
    ----------
    names_rooms
        Whether any session names rooms.
    has_breaks
        Whether any session has a floating break.
    is_told_where
        Whether a practitioner's place can differ from what the sessions that admit a service say.
    is_scheduled
        Whether it has any sessions or blocks: else what it may be used for does not depend on the service.
    """

    names_rooms: bool
    has_breaks: bool
    is_told_where: bool
    is_scheduled: bool


class Sessions(Horizon):
    """The horizon with the sessions and surgery blocks in it; resources by their positions in the problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.blocks = Blocks(self)
        self._sessions: dict[int, tuple[SessionTicks, ...]] = {}
        self._natures: dict[int, Nature] = {}
        self._parts: dict[tuple[date, str, int, int, int], Run] = {}

    def sessions(self, r: int) -> tuple[SessionTicks, ...]:
        """The sessions of a resource that share a tick with the horizon, by start."""
        found = self._sessions.get(r)
        if found is None:
            resource = self.problem.resources[r]
            timed = [self._session_ticks(s) for s in self.problem.sessions_by_resource.get(resource.id, ())]
            inside = [s for s in timed if s.touched[0] < s.touched[1]]
            found = self._sessions[r] = tuple(sorted(inside, key=lambda s: (s.bounds, s.session.id)))
        return found

    def _session_ticks(self, session: Session) -> SessionTicks:
        start, end = session.bounds(self.problem.zone_of(session.site))
        return SessionTicks(
            session,
            self.grid.clip(start, end, outward=False),
            self.grid.clip(start, end, outward=True),
            (epoch_minute(start), epoch_minute(end)),
            tuple((*self.part_minutes(session, b), b.minutes) for b in session.breaks),
        )

    def part_minutes(self, session: Session, part: Segment | FloatingBreak) -> Run:
        """The bounds of a segment or a break's window in epoch minutes."""
        # Sessions of many resources have the same parts on the same days.
        zone, night = self.problem.zone_of(session.site), session.period.crosses_midnight and session.period.start
        key = session.day, zone, night, part.start, part.end
        found = self._parts.get(key)
        if found is None:
            start, end = session.part_bounds(part, zone)
            found = self._parts[key] = epoch_minute(start), epoch_minute(end)
        return found

    def nature(self, r: int) -> Nature:
        """What the sessions and blocks of a resource are like."""
        found = self._natures.get(r)
        if found is None:
            sessions = self.sessions(r)
            found = self._natures[r] = Nature(
                names_rooms=any(s.session.rooms for s in sessions),
                has_breaks=any(s.breaks for s in sessions),
                is_told_where=bool(self.blocks.of(r)) or len({s.session.site for s in sessions}) > 1,
                is_scheduled=bool(sessions or self.blocks.of(r)),
            )
        return found

    def releases(self, r: int) -> list[int]:
        """When time of a resource that is kept back is given to all, in epoch minutes."""
        parts = [(s.session, g) for s in self.sessions(r) for g in s.session.segments if g.is_kept_for_urgent]
        return [self.release_of(session, segment) for session, segment in parts]

    def release_of(self, session: Session, segment: Segment) -> int:
        """When time kept back is given to all, in epoch minutes; `NEVER` where it never is."""
        if segment.release is None:
            return NEVER
        return epoch_minute(segment.release.instant(session.day, self.problem.zone_of(session.site)))
