"""What events do to a schedule: what ends, what is displaced, what frees up, and how the world is afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from engine.errors import UnknownIdError, UnsupportedRuleError
from engine.model.appointment import OPEN, Appointment, AppointmentStatus
from engine.model.calendar import ExceptionKind, Hours, HoursException
from engine.model.event import (
    AppointmentEvent,
    AppointmentEventKind,
    CapacityAdded,
    ConditionExpired,
    LateArrival,
    OrderEvent,
    OrderEventKind,
    Overrun,
    PatientEvent,
    ResourceUnavailable,
    SessionEvent,
    SessionEventKind,
    TemplateChanged,
    UnavailableKind,
    WalkIn,
)
from engine.model.explanation import LeftOver
from engine.model.order import Blocks, ConditionStatus, OrderStatus
from engine.model.session import Release

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from engine.model.event import Event
    from engine.model.ids import AppointmentId, OrderId, ResourceId
    from engine.model.problem import Problem
    from engine.model.resource import Resource
    from engine.model.schedule import Schedule

__all__ = ["Disruption", "Freed", "disruption_of"]

_EXCEPTION_KIND = {
    UnavailableKind.ABSENCE: ExceptionKind.LEAVE,
    UnavailableKind.LEAVE_ASKED: ExceptionKind.LEAVE,
    UnavailableKind.ROOM_CLOSED: ExceptionKind.CLOSURE,
    UnavailableKind.EQUIPMENT_DOWN: ExceptionKind.MAINTENANCE,
}


@dataclass(frozen=True)
class Freed:
    """Time of a resource that an event gives back, `[start, end)`."""

    resource: ResourceId
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Disruption:
    """What events come to.

    Parameters
    ----------
    problem
        The world as it is afterwards.
    ended
        Visits that end for good or change as they stand, in their new state.
    displaced
        Visits that need another time or other resources, in the order of their start, the most urgent first among
        equals.
    not_before
        For visits that may not begin before some instant any more (the patient is late).
    wanted
        Orders that now want a place.
    stuck
        Visits that are affected, but must not be moved: pinned, begun, or in a group.
    freed
        Time that is free again, and was not before.
    """

    problem: Problem
    ended: tuple[Appointment, ...] = ()
    displaced: tuple[Appointment, ...] = ()
    not_before: dict[AppointmentId, datetime] = field(default_factory=dict)
    wanted: tuple[OrderId, ...] = ()
    stuck: tuple[LeftOver, ...] = ()
    freed: tuple[Freed, ...] = ()


def disruption_of(schedule: Schedule, events: Iterable[Event], *, now: datetime) -> Disruption:
    """What `events` do to `schedule`, taken together and in their order.

    Returns
    -------
    Disruption
        Nothing in it when the events change nothing (a visit already cancelled is cancelled once more).

    Raises
    ------
    UnknownIdError
        When an event names something that the schedule does not contain.
    UnsupportedRuleError
        For an event that cannot be answered yet.
    """
    collected = _Collector(schedule, now)
    for event in events:
        collected.take(event)
    return collected.result()


class _Collector:
    def __init__(self, schedule: Schedule, now: datetime) -> None:
        self.schedule = schedule
        self.now = now
        self.resources: dict[ResourceId, Resource] = dict(schedule.problem.resource_by_id)
        self.orders = dict(schedule.problem.order_by_id)
        self.sessions = dict(schedule.problem.session_by_id)
        self.blocks = dict(schedule.problem.block_by_id)
        self.state: dict[AppointmentId, Appointment] = {}
        self.displaced: dict[AppointmentId, Appointment] = {}
        self.not_before: dict[AppointmentId, datetime] = {}
        self.wanted: list[OrderId] = []
        self.stuck: dict[AppointmentId, LeftOver] = {}
        self.freed: list[Freed] = []

    def take(self, event: Event) -> None:
        if isinstance(event, TemplateChanged):
            raise UnsupportedRuleError([event.kind], "Rescheduling")
        handlers: dict[type, Callable[[Any], None]] = {
            AppointmentEvent: self._on_appointment,
            LateArrival: self._on_late,
            Overrun: self._on_overrun,
            ResourceUnavailable: self._on_unavailable,
            CapacityAdded: self._on_capacity,
            WalkIn: self._on_walk_in,
            OrderEvent: self._on_order,
            PatientEvent: self._on_patient,
            ConditionExpired: self._on_condition,
            SessionEvent: self._on_session,
        }
        handlers[type(event)](event)

    def result(self) -> Disruption:
        for gone in self.state.keys() & self.displaced.keys():
            del self.displaced[gone]
        problem = self.schedule.problem
        changed: dict[str, Any] = {
            name: now
            for name, before, now in (
                ("resources", problem.resources, tuple(self.resources.values())),
                ("orders", problem.orders, tuple(self.orders.values())),
                ("sessions", problem.sessions, tuple(self.sessions.values())),
                ("blocks", problem.blocks, tuple(self.blocks.values())),
            )
            if before != now
        }
        return Disruption(
            problem=problem.changed(**changed) if changed else problem,
            ended=tuple(self.state.values()),
            displaced=tuple(sorted(self.displaced.values(), key=lambda a: (a.priority.rank, a.start, a.id))),
            not_before=self.not_before,
            wanted=tuple(dict.fromkeys(self.wanted)),
            stuck=tuple(self.stuck.values()),
            freed=tuple(self.freed),
        )

    # -- one kind of event each ---------------------------------------------------------------------------------------

    def _on_appointment(self, event: AppointmentEvent) -> None:
        visit = self._visit(event.appointment)
        if event.kind is AppointmentEventKind.MOVE_ASKED:
            self._displace(visit, "the patient asks for another time")
        elif visit.status in OPEN or (
            event.kind is AppointmentEventKind.NO_SHOW and visit.status is AppointmentStatus.ARRIVED
        ):
            is_no_show = event.kind is AppointmentEventKind.NO_SHOW
            self._end(visit, AppointmentStatus.NOSHOW if is_no_show else AppointmentStatus.CANCELLED)

    def _on_late(self, event: LateArrival) -> None:
        visit = self._visit(event.appointment)
        if visit.status in OPEN:
            self.not_before[visit.id] = visit.start + timedelta(minutes=event.minutes)
            self._displace(visit, "the patient comes later")

    def _on_overrun(self, event: Overrun) -> None:
        visit = self._visit(event.appointment)
        if not visit.blocks_at(self.now):
            return
        last = max(visit.steps, key=lambda s: s.end)
        longer = timedelta(minutes=event.minutes)
        stretched = last.model_copy(
            update={
                "end": last.end + longer,
                "reservations": tuple(
                    r.model_copy(update={"end": r.end + longer}) if r.end >= last.end else r for r in last.reservations
                ),
            }
        )
        self.state[visit.id] = visit.model_copy(
            update={"steps": tuple(stretched if s is last else s for s in visit.steps)}
        )
        for r in stretched.reservations:
            self._displace_users(r.resource, last.end, r.end, "the visit before it takes longer", but=visit.id)

    def _on_unavailable(self, event: ResourceUnavailable) -> None:
        resource = self._resource(event.resource)
        self._add_exception(resource, _EXCEPTION_KIND[event.kind], event.start, event.end)
        self._displace_users(resource.id, event.start, event.end, f"{resource.name} is not available then")

    def _on_capacity(self, event: CapacityAdded) -> None:
        resource = self._resource(event.resource)
        self._add_exception(resource, ExceptionKind.EXTRA, event.start, event.end)
        self.freed.append(Freed(resource.id, event.start, event.end))

    def _on_walk_in(self, event: WalkIn) -> None:
        self._order(event.order)
        self.wanted.append(event.order)

    def _on_order(self, event: OrderEvent) -> None:
        order = self._order(event.order)
        visits = self._visits_of(event.order)
        if event.kind is OrderEventKind.WITHDRAWN:
            self.orders[order.id] = order.model_copy(update={"status": OrderStatus.REVOKED})
            for visit in visits:
                self._end(visit, AppointmentStatus.CANCELLED)
        elif event.kind is OrderEventKind.AMENDED:
            for visit in visits:
                self._displace(visit, "its order was amended")
        if event.kind is OrderEventKind.URGENT and not visits:
            self.wanted.append(order.id)

    def _on_patient(self, event: PatientEvent) -> None:
        if event.patient not in self.schedule.problem.patient_by_id:
            raise UnknownIdError("patient", event.patient, list(self.schedule.problem.patient_by_id))
        for order in [o for o in self.orders.values() if o.patient == event.patient]:
            self.orders[order.id] = order.model_copy(update={"status": OrderStatus.REVOKED})
        for visit in self.schedule.appointments:
            if visit.patient == event.patient and visit.status in OPEN:
                self._end(visit, AppointmentStatus.CANCELLED)

    def _on_condition(self, event: ConditionExpired) -> None:
        order = self._order(event.order)
        self.orders[order.id] = order.model_copy(
            update={
                "conditions": tuple(
                    c.model_copy(update={"status": ConditionStatus.EXPIRED}) if c.kind is event.condition else c
                    for c in order.conditions
                )
            }
        )
        blocks = [c.blocks for c in order.conditions if c.kind is event.condition]
        for visit in self._visits_of(order.id):
            if Blocks.BOOKING in blocks or (Blocks.CONFIRMING in blocks and visit.is_confirmed):
                self._end(visit, AppointmentStatus.CANCELLED)

    def _on_session(self, event: SessionEvent) -> None:
        if event.kind is SessionEventKind.BLOCK_RELEASED:
            self._release_block(event)
            return
        zone_of = self.schedule.problem.zone_of
        if event.session in self.sessions:
            session = self.sessions.pop(event.session)
            start, end = session.bounds(zone_of(session.site))
            owners = [r for r, ss in self.schedule.problem.sessions_by_resource.items() if session in ss]
        elif event.session in self.blocks:
            block = self.blocks.pop(event.session)
            owners = [block.theatre]
            start, end = block.bounds(zone_of(self._resource(block.theatre).site))
        else:
            raise UnknownIdError("session", event.session, [*self.sessions, *self.blocks])
        for owner in owners:
            self._displace_users(owner, start, end, "its session is cancelled")

    def _release_block(self, event: SessionEvent) -> None:
        block = self.blocks.get(event.session)
        if block is None:
            raise UnknownIdError("surgery block", event.session, list(self.blocks))
        zone = self.schedule.problem.zone_of(self._resource(block.theatre).site)
        local = self.now.astimezone(ZoneInfo(zone))
        if block.day < local.date():
            return
        release = Release(days_before=(block.day - local.date()).days, at=local.hour * 60 + local.minute)
        if block.release is None or release.instant(block.day, zone) < block.release.instant(block.day, zone):
            self.blocks[block.id] = block.model_copy(update={"release": release})
            start, end = block.bounds(zone)
            self.freed.append(Freed(block.theatre, start, end))

    # -- parts --------------------------------------------------------------------------------------------------------

    def _end(self, visit: Appointment, status: AppointmentStatus) -> None:
        if not visit.blocks_at(self.now):
            return
        self.state[visit.id] = visit.model_copy(update={"status": status, "expires_at": None})
        self.freed.extend(
            Freed(r.resource, max(r.start, self.now), r.end)
            for s in visit.steps
            for r in s.reservations
            if r.end > self.now
        )

    def _displace(self, visit: Appointment, why: str) -> None:
        if not visit.blocks_at(self.now) or visit.is_hold:
            return
        fixed = (
            "has begun"
            if visit.status not in OPEN or visit.start <= self.now
            else "is pinned"
            if visit.is_pinned
            else "is a seat in a group"
            if visit.group is not None
            else "has no order to book again"
            if visit.order is None
            else None
        )
        if fixed is None:
            self.displaced[visit.id] = visit
        else:
            self.stuck[visit.id] = LeftOver(
                order=visit.order,
                occurrence=visit.occurrence,
                appointment=visit.id,
                reason=f"Appointment {visit.id} cannot stay as it is ({why}), but it {fixed}. Somebody must decide.",
            )

    def _displace_users(
        self, resource: ResourceId, start: datetime, end: datetime, why: str, but: AppointmentId | None = None
    ) -> None:
        for visit in self._users(resource, start, end):
            if visit.id != but:
                self._displace(visit, why)

    def _users(self, resource: ResourceId, start: datetime, end: datetime) -> list[Appointment]:
        table = self.schedule.appointments
        index = table.index_by_name.get(resource)
        if index is None:
            return []
        first, stop = (int(t.timestamp()) // 60 for t in (start, end))
        r = table.reservations
        hit = r["step"][(r["resource"] == index) & (r["start"] < stop) & (r["end"] > first)]
        rows = sorted(set(table.steps["appointment"][hit].tolist()))
        return [table[row] for row in rows]

    def _add_exception(self, resource: Resource, kind: ExceptionKind, start: datetime, end: datetime) -> None:
        hours = resource.hours or Hours()
        exception = HoursException(kind=kind, start=start, end=end)
        self.resources[resource.id] = resource.model_copy(
            update={"hours": hours.model_copy(update={"exceptions": (*hours.exceptions, exception)})}
        )

    def _visit(self, given: AppointmentId) -> Appointment:
        return self.state.get(given) or self.schedule.appointments.by_id(given)

    def _visits_of(self, order: OrderId) -> list[Appointment]:
        table = self.schedule.appointments
        index = table.index_by_name.get(order)
        if index is None:
            return []
        rows = (table.rows["order"] == index).nonzero()[0].tolist()
        return [visit for visit in (table[row] for row in rows) if visit.blocks_at(self.now)]

    def _resource(self, given: ResourceId) -> Resource:
        if given not in self.resources:
            raise UnknownIdError("resource", given, list(self.resources))
        return self.resources[given]

    def _order(self, given: OrderId) -> Any:
        if given not in self.orders:
            raise UnknownIdError("order", given, list(self.orders))
        return self.orders[given]
