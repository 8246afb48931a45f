"""Booked days on which things happen: a legal schedule, the time, and events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import assume
from hypothesis import strategies as st

from engine.check import check
from engine.model.event import (
    AppointmentEvent,
    CapacityAdded,
    ConditionExpired,
    LateArrival,
    OrderEvent,
    Overrun,
    PatientEvent,
    ResourceUnavailable,
    SessionEvent,
    WalkIn,
)
from engine.model.schedule import Schedule
from tests.solver.placement.worlds import booked, crowds, told

if TYPE_CHECKING:
    from datetime import datetime

    from engine.model.event import Event

_CLOSED = {"practitioner": "absence", "room": "room-closed", "equipment": "equipment-down", "bed": "room-closed"}


@dataclass(frozen=True)
class BrokenDay:
    """What was booked, what happened, and when somebody asks what to do."""

    schedule: Schedule
    events: tuple[Event, ...]
    now: datetime


@st.composite
def broken_days(draw: st.DrawFn, *features: str, extra: int = 6) -> BrokenDay:
    """A day in a world about many things at once."""
    world = draw(crowds(*features, extra=extra))
    visits = [draw(told(a)) for a in booked(world, None)]
    assume(visits)
    now = world.now
    if draw(st.booleans()):  # some of the visits have begun, or are over
        now = min(a.start for a in visits) + timedelta(minutes=draw(st.sampled_from([-60, 0, 15, 20, 90])))
        now = max(now, world.now)
        visits = [_as_of(draw, a, now) for a in visits]
    # now and then somebody asks between two minutes
    now += timedelta(seconds=draw(st.sampled_from([0, 0, 30])))
    left = draw(st.integers(0, 1))  # an order that still waits
    schedule = Schedule.of(world.problem, visits[: max(1, len(visits) - left)])
    assume(check(schedule, now=now).is_clean)
    events = tuple(draw(event(schedule, i)) for i in range(draw(st.sampled_from([1, 1, 2, 3]))))
    return BrokenDay(schedule, events, now)


def _as_of(draw: st.DrawFn, visit: Any, now: datetime) -> Any:
    if visit.start > now:
        return visit
    status = draw(st.sampled_from(["booked", "arrived", "fulfilled"]))
    return visit.model_copy(update={"status": type(visit.status)(status)})


@st.composite
def event(draw: st.DrawFn, schedule: Schedule, number: int) -> Event:
    """Something that happens to a schedule."""
    problem = schedule.problem
    visit = draw(st.sampled_from(list(schedule.appointments)))
    resource = draw(st.sampled_from(problem.resources))
    order = draw(st.sampled_from(problem.orders))
    start = visit.start + timedelta(minutes=draw(st.sampled_from([-60, -30, 0, 15])))
    end = start + timedelta(minutes=draw(st.sampled_from([15, 60, 24 * 60])))
    common: dict[str, Any] = {"id": f"event-{number}", "at": start}
    minutes = draw(st.sampled_from([5, 15, 30, 60]))
    choices: list[Any] = [
        lambda: ResourceUnavailable(**common, kind=_CLOSED[resource.kind], resource=resource.id, start=start, end=end),
        lambda: AppointmentEvent(
            **common, kind=draw(st.sampled_from(["cancellation", "no-show", "move-asked"])), appointment=visit.id
        ),
        lambda: LateArrival(**common, appointment=visit.id, minutes=minutes),
        lambda: Overrun(**common, appointment=visit.id, minutes=minutes),
        lambda: CapacityAdded(**common, resource=resource.id, start=start, end=end),
        lambda: WalkIn(**common, order=order.id),
        lambda: OrderEvent(
            **common,
            kind=draw(st.sampled_from(["urgent-order", "order-amended", "order-withdrawn"])),
            order=order.id,
        ),
        lambda: PatientEvent(**common, kind="deceased", patient=order.patient),
        lambda: ConditionExpired(**common, order=order.id, condition=draw(st.sampled_from(["referral", "consent"]))),
    ]
    if problem.sessions:
        session = draw(st.sampled_from(problem.sessions))
        choices.append(lambda: SessionEvent(**common, kind="session-cancelled", session=session.id))
    if problem.blocks:
        block = draw(st.sampled_from(problem.blocks))
        kind = draw(st.sampled_from(["session-cancelled", "block-released"]))
        choices.append(lambda: SessionEvent(**common, kind=kind, session=block.id))
    picked: Event = draw(st.sampled_from([0, 0, 1, 1, *range(len(choices))]).map(lambda i: choices[i]))()
    return picked
