"""The schedule: a problem, what is booked in it, and what was left over."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from engine.model.columns import AppointmentTable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from engine.model.appointment import Appointment, GroupOccurrence
    from engine.model.explanation import LeftOver
    from engine.model.ids import AppointmentId
    from engine.model.problem import Problem

__all__ = ["Schedule"]


@dataclass(frozen=True)
class Schedule:
    """A problem with its appointments.

    Parameters
    ----------
    version
        Grows by one with every change; proposals carry the version they were made on.
    left_over
        Orders for which a job found no place, with the reasons.
    """

    problem: Problem
    appointments: AppointmentTable = field(default_factory=AppointmentTable)
    groups: tuple[GroupOccurrence, ...] = ()
    left_over: tuple[LeftOver, ...] = ()
    version: int = 0

    @classmethod
    def of(cls, problem: Problem, appointments: Iterable[Appointment] = (), **rest: object) -> Schedule:
        """A schedule with these appointments."""
        return cls(problem, AppointmentTable.of(appointments), **rest)  # type: ignore[arg-type]

    def changed(
        self,
        *,
        removed: Collection[AppointmentId] = (),
        added: Iterable[Appointment] = (),
        problem: Problem | None = None,
        groups: tuple[GroupOccurrence, ...] | None = None,
        left_over: tuple[LeftOver, ...] | None = None,
    ) -> Schedule:
        """The next version: without `removed`, with `added`. An appointment in both is moved and keeps its id."""
        return replace(
            self,
            problem=problem or self.problem,
            appointments=self.appointments.changed(removed=removed, added=added),
            groups=self.groups if groups is None else groups,
            left_over=self.left_over if left_over is None else left_over,
            version=self.version + 1,
        )
