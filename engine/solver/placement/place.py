"""A place: a task's visit as it would be booked, with what it costs; and where to look for one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.model.appointment import Appointment
    from engine.model.explanation import PenaltyTerm
    from engine.model.ids import ResourceId
    from engine.model.problem import Problem
    from engine.solver.placement.tasks import Task

__all__ = ["Place", "Window", "plan_terms"]


@dataclass(frozen=True, slots=True)
class Window:
    """Where to look for a place: starts in ticks `[first, stop)`, with one practitioner if one is named."""

    first: int
    stop: int
    practitioner: ResourceId | None = None


@dataclass(frozen=True, eq=False)
class Place:
    """A task's visit as it would be booked, and what it costs; `moving` are the costs of the move among that.

    Each is equal to itself alone.
    """

    appointment: Appointment
    visiting: tuple[PenaltyTerm, ...]
    moving: tuple[PenaltyTerm, ...] = ()

    @property
    def terms(self) -> tuple[PenaltyTerm, ...]:
        """All costs."""
        return self.visiting + self.moving

    @cached_property
    def cost(self) -> int:
        """Sum of the terms."""
        return sum(t.cost for t in self.terms)

    @cached_property
    def resources(self) -> frozenset[ResourceId]:
        """All that it uses."""
        return frozenset(r.resource for s in self.appointment.steps for r in s.reservations)

    @cached_property
    def day(self) -> int:
        """Number of the day on which it starts, in UTC."""
        return self.appointment.start.toordinal()


def plan_terms(
    problem: Problem, tasks: Sequence[Task], places: Sequence[Place | None]
) -> tuple[tuple[PenaltyTerm, ...], tuple[PenaltyTerm, ...]]:
    """Every cost of a plan: what leaving out costs, and the rest."""
    pairs = list(zip(tasks, places, strict=True))
    left_out = (term for task, place in pairs if place is None for term in task.left_out_terms(problem))
    return tuple(left_out), tuple(term for _, place in pairs if place is not None for term in place.terms)
