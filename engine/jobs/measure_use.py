"""Use: how much of the time that each resource works is booked, week by week?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from engine.model.arguments import check_instant, check_kind
from engine.model.schedule import Schedule
from engine.search.occupancy import Occupancy
from engine.search.utilisation import INSIDE, OPEN, OUTSIDE, use_by_week

if TYPE_CHECKING:
    from datetime import datetime

    from engine.model.ids import ResourceId

__all__ = ["WeekUse", "measure_use"]

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class WeekUse:
    """A week of a resource, in minutes of one lane: two rooms in one for an hour are 120 minutes.

    Parameters
    ----------
    monday
        First local day of the (ISO) week.
    open_min
        Inside opening hours, and inside its sessions and surgery blocks where it can only be booked in these.
    booked_min
        Of that, in use: buffers that are part of a reservation included, supervision counted once. More than
        `open_min` where it is overbooked.
    outside_min
        In use beyond the open time.
    """

    resource: ResourceId
    monday: date
    open_min: int
    booked_min: int
    outside_min: int

    @property
    def percent(self) -> int | None:
        """Booked of open, rounded; more than 100 where it is overbooked, None in a week that is closed."""
        return (200 * self.booked_min + self.open_min) // (2 * self.open_min) if self.open_min else None


def measure_use(schedule: Schedule, *, now: datetime, occupancy: Occupancy | None = None) -> tuple[WeekUse, ...]:
    """The utilisation of every resource in every week of the horizon, by resource, then week.

    Weeks go from Monday to Sunday by the clock of the resource's site: 167 or 169 hours where the clocks change. Of a
    week that the horizon cuts off only what is inside counts. Minutes are counted in the problem's ticks: what is open
    is rounded inward, what is booked outward.

    Parameters
    ----------
    now
        Holds that have expired by then take nothing.
    occupancy
        That of the schedule, where it is known from before.

    Raises
    ------
    WrongArgumentError
        When an argument is of a wrong kind.
    """
    check_kind("schedule", schedule, Schedule)
    check_instant("now", now)
    if occupancy is None:
        occupancy = Occupancy.of(schedule, now=now)
    check_kind("occupancy", occupancy, Occupancy)
    occupancy.at(now)
    problem = schedule.problem
    return tuple(
        WeekUse(
            problem.resources[r].id,
            _EPOCH + timedelta(days=day + 7 * i),
            *(int(week[column]) * problem.tick_min for column in (OPEN, INSIDE, OUTSIDE)),
        )
        for r, day, weeks in use_by_week(occupancy)
        for i, week in enumerate(weeks)
    )
