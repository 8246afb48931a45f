"""What a hand-written scenario says about its bulk data, and how to find the visit or order that an event is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.model.appointment import BLOCKING
from engine.model.calendar import instant_at, local_day_bounds

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from engine.model.appointment import Appointment
    from engine.model.event import Event
    from engine.model.order import Order, Priority, Tie
    from engine.model.problem import Problem
    from engine.simulate.demand import Mix
    from engine.simulate.dice import Dice
    from engine.simulate.filling import Filled, Rates
    from engine.simulate.people import Person, Population

__all__ = ["Bulk", "at", "first_order", "unbooked", "visits_of"]


@dataclass(frozen=True)
class Bulk:
    """The figures of a scenario's patients, orders, visits and events.

    Parameters
    ----------
    weekly
        Orders of the week that is to be booked.
    people
        Patients with an order.
    settle
        Gives people their physicians.
    ties
        Which orders belong together.
    """

    seed: int
    weekly: int
    people: int
    population: Population
    mix: Mix
    rates: Rates
    settle: Callable[[list[Person], Problem, Dice], None]
    ties: Callable[[Filled], tuple[Tie, ...]]
    events: Callable[[Filled], tuple[Event, ...]]


def at(problem: Problem, day: int, minute: int = 0) -> datetime:
    """A wall-clock time so many local days after the horizon's start."""
    first = problem.grid.local_date(0, problem.time_zone)
    return instant_at(first + timedelta(days=day), minute, problem.time_zone)


def visits_of(filled: Filled, resource: str, start: datetime) -> list[Appointment]:
    """The visits that use a resource on the local day that begins at `start`, by start."""
    zone, grid = filled.problem.time_zone, filled.problem.grid
    first, last = local_day_bounds(grid.local_date(grid.exact(start), zone), zone)
    found = [
        a
        for a in filled.appointments
        if a.status in BLOCKING
        and any(v.resource == resource and first <= v.start < last for s in a.steps for v in s.reservations)
    ]
    return sorted(found, key=lambda a: (a.start, a.id))


def unbooked(filled: Filled) -> list[Order]:
    """The orders that wait for a visit."""
    booked = {a.order for a in filled.appointments}
    return [o for o in filled.problem.orders if o.id not in booked]


def first_order(filled: Filled, priority: Priority) -> Order:
    """The first order of a priority that waits for a visit."""
    return next(o for o in unbooked(filled) if o.priority is priority)
