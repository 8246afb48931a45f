"""The grid that search counts on: the problem's horizon and a little more, with the wall clocks of its sites."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from engine.model.timegrid import TimeGrid
from engine.search import bits
from engine.search.clock import LocalClock

if TYPE_CHECKING:
    from engine.model.ids import SiteId
    from engine.model.problem import Problem

__all__ = ["Horizon", "Run"]

Run: TypeAlias = "tuple[int, int]"
"""A stretch of ticks or minutes, half-open."""


class Horizon:
    """The ticks of a problem.

    A visit must lie inside the horizon; what is set up before it and cleaned up after it need not. So the grid reaches
    further: tick `margin` of it is the first of the problem's own.

    Attributes
    ----------
    margin
        Ticks by which the grid begins before the horizon and ends after it.
    within
        The first tick of the horizon, and the one after its last.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.margin = _margin(problem)
        inner = problem.grid
        self.grid = TimeGrid(inner.instant(-self.margin), inner.n_ticks + 2 * self.margin, inner.tick_min)
        self.n_ticks = self.grid.n_ticks
        self.n_words = bits.words_for(self.n_ticks)
        self.within = (self.margin, self.margin + inner.n_ticks)
        self._clocks: dict[SiteId, LocalClock] = {}

    def clock(self, site: SiteId) -> LocalClock:
        """The wall clock of a site."""
        clock = self._clocks.get(site)
        if clock is None:
            zone = self.problem.zone_of(site)
            of_zone = (c for c in self._clocks.values() if c.zone == zone)
            clock = self._clocks[site] = next(of_zone, None) or LocalClock(self.grid, zone)
        return clock

    def inward(self, start: int, end: int) -> Run:
        """Epoch minutes `[start, end)` as the ticks wholly inside, clipped to the grid."""
        zero, tick = self.grid.start_minute, self.grid.tick_min
        return max(0, -((zero - start) // tick)), min(self.n_ticks, (end - zero) // tick)

    def outward(self, start: int, end: int) -> Run:
        """Epoch minutes `[start, end)` as the ticks that share a minute with it, clipped to the grid."""
        zero, tick = self.grid.start_minute, self.grid.tick_min
        return max(0, (start - zero) // tick), min(self.n_ticks, -((zero - end) // tick))


def _margin(problem: Problem) -> int:
    """Ticks that a reservation may reach beyond its visit on either side."""
    roles = [r for s in problem.services for step in s.steps for r in step.roles]
    roles += [h.role for s in problem.services for h in s.held] + [r for n in problem.needs for r in n.roles]
    buffer = max((max(r.setup_min, r.cleanup_min) for r in problem.resources), default=0)
    reach = max((max(r.setup_min - r.start.minutes, r.cleanup_min + r.end.minutes) for r in roles), default=0)
    return problem.grid.ticks(max(0, reach) + buffer) + 2
