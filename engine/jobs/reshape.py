"""A visit that stays where it is, but later or longer than booked."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.model.requirement import required_steps

if TYPE_CHECKING:
    from datetime import datetime

    from engine.model.appointment import Appointment, PlacedStep
    from engine.model.problem import Problem

__all__ = ["later", "longer"]


def later(problem: Problem, visit: Appointment, earliest: datetime) -> Appointment:
    """A visit as it stands, from the first possible start at or after `earliest` on."""
    grid = problem.grid
    site = min(visit.steps, key=lambda s: s.start).site
    zone, step_min = ZoneInfo(problem.zone_of(site)), problem.start_grid_min(site)
    start = grid.instant(grid.ceil(earliest))
    while (start.astimezone(zone).hour * 60 + start.astimezone(zone).minute) % step_min:
        start += timedelta(minutes=grid.tick_min)
    by = start - visit.start

    def moved(step: PlacedStep) -> PlacedStep:
        reservations = tuple(r.model_copy(update={"start": r.start + by, "end": r.end + by}) for r in step.reservations)
        return step.model_copy(update={"start": step.start + by, "end": step.end + by, "reservations": reservations})

    promise = None if visit.promise is None else visit.promise.model_copy(update={"start": start})
    return visit.model_copy(update={"steps": tuple(moved(s) for s in visit.steps), "promise": promise})


def longer(problem: Problem, visit: Appointment, by: timedelta) -> Appointment:
    """A visit that takes longer, with everything that it needs until its end."""
    last = max(visit.steps, key=lambda s: s.end)
    service = problem.service(visit.service)
    patient = None if visit.patient is None else problem.patient(visit.patient)
    order = None if visit.order is None else problem.order(visit.order)
    required = {s.id: s for s in required_steps(problem, service, patient, order, visit.occurrence)}
    held_to_last = {h.role.id for h in service.held if h.last == last.step and h.role.end.anchor == "end"}
    step = required.get(last.step)
    from_end = {r.id for r in step.roles if r.end.anchor == "end"} if step is not None else set()

    def grown(placed: PlacedStep) -> PlacedStep:
        roles = held_to_last | (from_end if placed is last else set())
        reservations = tuple(
            r.model_copy(update={"end": r.end + by}) if r.role in roles else r for r in placed.reservations
        )
        end = placed.end + by if placed is last else placed.end
        return placed.model_copy(update={"end": end, "reservations": reservations})

    return visit.model_copy(update={"steps": tuple(grown(s) for s in visit.steps)})
