"""Both directions at once: what is offered on a day, each offer judged good, and everything left out judged bad."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from engine.check import check
from engine.jobs.find_slots import find_slots
from engine.model.calendar import local_day_bounds
from engine.model.schedule import Schedule
from tests import factories as f

if TYPE_CHECKING:
    from datetime import date, datetime

    from engine.model.appointment import Appointment
    from engine.model.explanation import Violation

EVERY = 5000


def world(*booked: Appointment, groups: Any = (), **fields: Any) -> Schedule:
    return Schedule.of(f.problem(**fields), booked, groups=groups)


def taken(start: str, minutes: int, who: str = "dr-a", id: str = "taken", **fields: Any) -> Appointment:
    """A visit of nobody in particular."""
    made = f.placed("visit", f.at(start), minutes, {"doctor": who}, site=fields.pop("site", "main"))
    return f.appointment(id, made, **{"patient": None, "order": None, **fields})


def faults(schedule: Schedule, visit: Appointment, now: datetime) -> list[Violation]:
    """What the judge holds against a visit that is added to a schedule."""
    report = check(schedule.changed(added=[visit]), now=now)
    return [v for v in report.violations if visit.id in v.subjects]


def shifted(visit: Appointment, by: timedelta) -> Appointment:
    """A visit like it at another time."""
    steps = tuple(
        s.model_copy(
            update={
                "start": s.start + by,
                "end": s.end + by,
                "reservations": tuple(
                    v.model_copy(update={"start": v.start + by, "end": v.end + by}) for v in s.reservations
                ),
            }
        )
        for s in visit.steps
    )
    return visit.model_copy(update={"id": "tried", "steps": steps})


def offered(
    schedule: Schedule,
    order: str = "ord-1",
    *,
    now: datetime = f.NOW,
    day: date = f.MONDAY,
    zone: str = f.ZONE,
    like: Appointment | None = None,
    **asked: Any,
) -> list[str]:
    """Local times of all that can be had on a day, in order.

    Each offer passes the judge; a visit like them at any other tick of the day does not. Both ways to search agree:
    the compiled one, which answers for few offers, and the general one.

    Parameters
    ----------
    like
        A visit to try elsewhere where nothing is offered.
    """
    start, end = local_day_bounds(day, zone)
    found = find_slots(schedule, order, now=now, k=EVERY, diverse=False, start=start, end=end, **asked).offers
    few = find_slots(schedule, order, now=now, k=60, diverse=False, start=start, end=end, **asked).offers
    assert [(o.start, o.cost, o.appointment) for o in few] == [(o.start, o.cost, o.appointment) for o in found[:60]]
    without = [schedule.appointments.by_id(i) for i in asked.get("ignoring", ())]
    left = schedule.changed(removed=[a.id for a in without]) if without else schedule
    for offer in found:
        assert faults(left, offer.appointment, now) == [], offer.start
    tried = found[0].appointment if found else like
    starts = {o.start for o in found}
    at = start
    while tried is not None and not asked.keys() - {"ignoring", "occurrence"} and at < end:
        if at not in starts:
            assert faults(left, shifted(tried, at - tried.start), now) != [], at
        at += timedelta(minutes=schedule.problem.tick_min)
    return [o.start.astimezone(ZoneInfo(zone)).strftime("%H:%M") for o in sorted(found, key=lambda o: o.start)]
