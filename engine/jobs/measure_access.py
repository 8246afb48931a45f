"""Access: how far away is the third next available appointment, by service and practitioner?

The measure is the Institute for Healthcare Improvement's: the days between a request and the third next appointment
that is open to a new patient with a routine concern. The third, because the first and the second may be open by chance
(a cancellation) and say little of how long others wait. Weekends and holidays count; time kept back for urgent orders
is not open to a routine patient.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.errors import UnsupportedRuleError
from engine.model.arguments import check_instant, check_kind, listed
from engine.model.schedule import Schedule
from engine.search.occupancy import Occupancy
from engine.search.openings import next_openings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from engine.model.ids import ResourceId, ServiceId, SiteId
    from engine.model.problem import Problem
    from engine.search.candidate import Candidate

__all__ = ["Access", "Opening", "ThirdNext", "measure_access"]

_THIRD = 3


@dataclass(frozen=True, slots=True)
class Opening:
    """An open appointment: its start, where its first step is, and with whom; nobody where only rooms and machines."""

    start: datetime
    site: SiteId
    practitioner: ResourceId | None = None


@dataclass(frozen=True, slots=True)
class ThirdNext:
    """The next open appointments of a practitioner, or of all together.

    Parameters
    ----------
    openings
        The next three; fewer where there are no more until the horizon ends.
    days
        Local days from now to the third, 0 for today; None where there are fewer.
    """

    openings: tuple[Opening, ...] = ()
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """How far away a service is.

    Parameters
    ----------
    whoever
        Of all practitioners together.
    by_practitioner
        Of each whom a new patient may go to, in the order of the problem; none for a service without practitioners.
    reason
        Why it was not measured; empty where it was.
    """

    service: ServiceId
    whoever: ThirdNext = ThirdNext()
    by_practitioner: tuple[tuple[ResourceId, ThirdNext], ...] = ()
    reason: str = ""


def measure_access(
    schedule: Schedule, *, now: datetime, occupancy: Occupancy | None = None, services: Collection[ServiceId] = ()
) -> tuple[Access, ...]:
    """The third next available appointment of services, for a new routine patient without needs.

    Open appointments are visits as `find_slots` would offer them, counted greedily. Of a practitioner: the earliest,
    then the earliest that begins when they are through with the one before. Of a service: the earliest, then the
    earliest for which people, rooms and machines are left by those before it. (What these would take of quotas, and
    time between two uses that is part of no reservation, is not counted.) The practitioner of a visit is who leads it:
    the first who does, not supervises, something in its longest step that has one.

    Parameters
    ----------
    now
        From when days are counted, by the clock of the site of the visit. Notice, kept-back time and block release are
        judged by it.
    occupancy
        That of the schedule, where it is known from before.
    services
        None given: all.

    Raises
    ------
    WrongArgumentError
        When an argument is of a wrong kind.
    UnknownIdError
        When there is no such service.
    """
    check_kind("schedule", schedule, Schedule)
    check_instant("now", now)
    asked = listed("services", services, str, "a service's id")
    if occupancy is not None:
        check_kind("occupancy", occupancy, Occupancy)
    problem = schedule.problem
    ids = [problem.service(s).id for s in asked] or [s.id for s in problem.services]
    used = Occupancy.of(schedule, now=now) if occupancy is None else occupancy
    return tuple(_access(used, service, now) for service in ids)


def _access(occupancy: Occupancy, service: ServiceId, now: datetime) -> Access:
    try:
        found = next_openings(occupancy, service, now=now, n=_THIRD)
    except UnsupportedRuleError as error:
        return Access(service, reason=f"Not measured: {' and '.join(error.rules)}.")
    problem = occupancy.problem

    def third_next(visits: Iterable[tuple[Candidate, ResourceId | None]]) -> ThirdNext:
        return _third_next(
            problem, [Opening(problem.grid.instant(v.start), v.steps[0].site, lead) for v, lead in visits], now
        )

    by_lead = ((lead, third_next((v, lead) for v in visits)) for lead, visits in found.by_lead.items())
    return Access(service, third_next(found.together), tuple(by_lead))


def _third_next(problem: Problem, openings: list[Opening], now: datetime) -> ThirdNext:
    if len(openings) < _THIRD:
        return ThirdNext(tuple(openings))
    zone = ZoneInfo(problem.zone_of(openings[-1].site))
    days = openings[-1].start.astimezone(zone).date() - now.astimezone(zone).date()
    return ThirdNext(tuple(openings), days.days)
