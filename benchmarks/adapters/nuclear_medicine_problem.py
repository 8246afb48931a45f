"""A disturbed nuclear-medicine day in our own words, for `engine.jobs.reschedule`, and our answer back in its words.

One slot is one tick of five minutes. Each patient has a service with the patient's own phases as ordered steps, between
which the patient may wait; a phase that takes longer takes longer there, and no phase starts before its planned slot.

- A chair is held from the chair phase to the start of the scan; without a chair protocol, a tomograph is held from the
  chair phase to one slot before the end of the scan.
- Chairs and tomographs are fixed in rooms, and the chair phase and the scan are in the same room. The room itself takes
  any number of patients.
- Two anamneses at a time are the two lanes of a room of their own.
- A limit of patients per tomograph is equipment of the tomograph's room with so many lanes, which a visit takes for so
  long that it overlaps with every other of the day.
- A patient whose phase takes longer has an amended order, an emergency an urgent one; these are the events.

Where a room has several tomographs the limit holds for all of them together, and a phase of no slots takes one (but for
an uptake, which is then left out). Both make our rules stricter than the public ones, never laxer; on the public
instances they are the same. Not translated: the cost. Emergencies are first to be placed, at the earliest start there
is, and a planned patient costs by the started hours of delay; the sum of *distinct* delays, overtime, and changes of
chair or tomograph have no counterpart in the model.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.adapters.nuclear_medicine import ANAMNESES_AT_ONCE, SCAN, Visit
from benchmarks.adapters.nuclear_medicine_visits import (
    CHAIR_ROLE,
    DESK_ID,
    FIRST_SLOT_MIN,
    PHASES,
    ROOM,
    SITE,
    SLOT_MIN,
    TOMOGRAPH,
    ZONE,
    all_starts,
    at_slot,
    booked_visit,
    limit_of,
    number_of,
    order_id,
    order_of,
    person_id,
    place_id,
    service_of,
    slot_of,
)
from engine.model.base import DAY_MIN
from engine.model.calendar import Interval, Weekday
from engine.model.codes import PenaltyCode
from engine.model.event import OrderEvent, OrderEventKind
from engine.model.hours import Hours, WeeklyPeriod
from engine.model.ids import EventId
from engine.model.patient import Patient as Person
from engine.model.policy import Policy
from engine.model.problem import Problem
from engine.model.resource import Equipment, Room, Site
from engine.model.schedule import Schedule

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from benchmarks.adapters.nuclear_medicine import Instance, Patient, Plan
    from engine.model.event import Event

__all__ = ["Day", "day_of", "plan_of"]


class Day(NamedTuple):
    """A day to be repaired: what is booked, what happened, and when it is looked at."""

    schedule: Schedule
    events: tuple[Event, ...]
    now: datetime


def day_of(instance: Instance, *, everybody: bool = False, extra_wait: int | None = 0) -> Day:
    """Translate an instance.

    Parameters
    ----------
    everybody
        Whether every planned patient may be moved, as in the public problem: then the orders of all others are put down
        as amended. Without, `reschedule` moves those alone to whom something happened.
    extra_wait
        A patient waits before a phase at most so many slots longer than planned, an emergency than two hours. None is
        the public problem, which has no such rule; but search tries one way of waiting after another, which takes long.
    """
    now = at_slot(1) - timedelta(minutes=FIRST_SLOT_MIN)
    patients = sorted(instance.patients.values(), key=lambda patient: patient.id)
    problem = Problem(
        name=instance.name,
        time_zone=ZONE,
        horizon=Interval(start=now, end=now + timedelta(days=1)),
        tick_min=SLOT_MIN,
        policy=_policy(),
        sites=(_site(),),
        resources=tuple(_resources(instance)),
        services=tuple(service_of(patient, extra_wait) for patient in patients),
        patients=tuple(Person(id=person_id(patient), name=f"Patient {patient.id}") for patient in patients),
        orders=tuple(order_of(patient) for patient in patients),
    )
    booked = (booked_visit(instance, patient, patient.current) for patient in patients if patient.current is not None)
    events = (_event(patient, now, everybody=everybody) for patient in patients)
    return Day(Schedule.of(problem, booked), tuple(event for event in events if event is not None), now)


def plan_of(instance: Instance, schedule: Schedule, now: datetime) -> Plan:
    """Return the visit of every patient who has one in a schedule that began as `day_of`.

    Who takes no time of a tomograph gets one of the room that has taken fewest of the protocol.
    """
    plan: dict[int, Visit] = {}
    waiting: list[tuple[Patient, dict[int, int], int]] = []
    for appointment in schedule.appointments:
        if appointment.order is None or not appointment.blocks_at(now):
            continue
        patient = instance.patients[int(appointment.order.removeprefix("order-"))]
        starts = all_starts(patient, {PHASES[s.step]: slot_of(s.start) for s in appointment.steps})
        used = {
            r.role: number_of(r.resource) for s in appointment.steps for r in s.reservations if r.resource != DESK_ID
        }
        if TOMOGRAPH in used:
            plan[patient.id] = Visit(starts, used[TOMOGRAPH], used.get(CHAIR_ROLE))
        else:
            waiting.append((patient, starts, used[ROOM]))
    for patient, starts, room in waiting:
        own = [visit.tomograph for key, visit in plan.items() if instance.patients[key].protocol == patient.protocol]
        fit = sorted(number for number, place in instance.tomographs.items() if place == room)
        plan[patient.id] = Visit(starts, min(fit, key=own.count), None)
    return plan


# --- the day


def _policy() -> Policy:
    """Delay is what counts, not the number of patients who must be told."""
    free = (PenaltyCode.ACCESS_DELAY, PenaltyCode.MOVED_TIME, PenaltyCode.SHORT_NOTICE, PenaltyCode.PATIENT_WAIT)
    return Policy(weights={**dict.fromkeys(free, 0), PenaltyCode.TARDINESS: 10}, start_grid_min=SLOT_MIN)


def _site() -> Site:
    always = WeeklyPeriod(days=tuple(Weekday), start=0, end=DAY_MIN)
    return Site(id=SITE, name="Nuclear medicine", time_zone=ZONE, hours=Hours(weekly=(always,)))


def _resources(instance: Instance) -> Iterator[Room | Equipment]:
    rooms = sorted({*instance.chairs.values(), *instance.tomographs.values()})
    yield Room(id=DESK_ID, name="Anamnesis", site=SITE, capabilities=("anamnesis",), lanes=ANAMNESES_AT_ONCE)
    for room in rooms:
        can = ("scanning",) if room in instance.tomographs.values() else ()
        lanes = max(1, len(instance.patients))
        yield Room(id=place_id("room", room), name=f"Room {room}", site=SITE, capabilities=can, lanes=lanes)
    for kind, places in (("chair", instance.chairs), ("tomograph", instance.tomographs)):
        for number, room in sorted(places.items()):
            name = f"{kind.capitalize()} {number}"
            fixed_in = place_id("room", room)
            yield Equipment(id=place_id(kind, number), name=name, site=SITE, capabilities=(kind,), fixed_in=fixed_in)
    limits = {p.protocol.id: p.protocol.limit for p in instance.patients.values() if p.protocol.limit is not None}
    for protocol, limit in sorted(limits.items()):
        for room in sorted(set(instance.tomographs.values())):
            yield Equipment(
                id=place_id(f"limit-{protocol}", room),
                name=f"Limit of protocol {protocol} in room {room}",
                site=SITE,
                capabilities=(limit_of(protocol),),
                fixed_in=place_id("room", room),
                lanes=limit,
            )


def _event(patient: Patient, now: datetime, *, everybody: bool) -> Event | None:
    event, order = EventId(f"event-{patient.id}"), order_id(patient)
    if patient.current is None:
        return OrderEvent(id=event, at=now, kind=OrderEventKind.URGENT, order=order, note="an emergency")
    takes_longer = any(patient.length(phase) > patient.protocol.lengths[phase] for phase in range(SCAN))
    if takes_longer or everybody:
        note = "a phase takes longer" if takes_longer else "may be moved"
        return OrderEvent(id=event, at=now, kind=OrderEventKind.AMENDED, order=order, note=note)
    return None
