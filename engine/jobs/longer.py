"""Sessions as they would be if they were longer, or if there were one more."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.model.base import DAY_MIN
from engine.model.calendar import LocalPeriod
from engine.model.ids import SessionId
from engine.model.session import Session

if TYPE_CHECKING:
    from engine.model.ids import ServiceId, SiteId
    from engine.model.problem import Problem

__all__ = ["longer", "meets_another", "session_for"]


def longer(session: Session, service: ServiceId, *, before: int, after: int) -> Session | None:
    """A session that begins and ends so many minutes earlier and later, for a service.

    None where it would go over midnight, where its first or last segment is not for the service, or where it has
    quotas: they hold for the longer session too, so that minutes alone may not do.
    """
    if session.has_quotas:
        return None
    period = session.period
    start, end = period.start - before, period.end + after
    if period.crosses_midnight or start < 0 or end > DAY_MIN:
        return None
    segments = list(session.segments)
    for i, minutes, update in ((0, before, {"start": start}), (-1, after, {"end": end})):
        if segments and minutes:
            known = segments[i].services
            if known is not None and service not in known:
                return None
            segments[i] = segments[i].model_copy(update=update)
    period = LocalPeriod.model_construct(start=start, end=end)
    return session.model_copy(update={"period": period, "segments": tuple(segments)})


def session_for(problem: Problem, r: int, site: SiteId, first: int, stop: int) -> Session | None:
    """A session of a resource that holds the ticks `[first, stop)`, from one quarter of an hour to another.

    Where another session of the resource is in the way it is shorter. None where it would overlap one even so, or go
    over midnight.
    """
    resource, zone = problem.resources[r], ZoneInfo(problem.zone_of(site))
    start, end = (problem.grid.instant(t).astimezone(zone) for t in (first, stop))
    begin_min, end_min = (t.hour * 60 + t.minute for t in (start, end))
    if start.date() != end.date() or begin_min >= end_min:
        return None
    begins, ends = (begin_min // 15 * 15, begin_min), (-(-end_min // 15) * 15, end_min)
    for a, b in product(begins, ends):
        made = Session(
            id=SessionId("one-more"), owner=resource.id, site=site, day=start.date(), period=LocalPeriod(start=a, end=b)
        )
        if not meets_another(problem, r, made):
            return made
    return None


def meets_another(problem: Problem, r: int, session: Session) -> bool:
    """Whether a session of a resource would overlap another one of it."""
    start, end = session.bounds(problem.zone_of(session.site))
    for other in problem.sessions_by_resource.get(problem.resources[r].id, ()):
        a, b = other.bounds(problem.zone_of(other.site))
        if other.id != session.id and a < end and start < b:
            return True
    return False
