"""What events say: the world as it is afterwards, the visits that they end or change, and the time that they free."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from engine.errors import UnknownIdError, UnsupportedRuleError
from engine.jobs.reshape import longer
from engine.model.appointment import OPEN, Appointment, AppointmentStatus
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
from engine.model.hours import ExceptionKind, Hours, HoursException
from engine.model.order import Blocks, ConditionStatus, OrderStatus
from engine.model.resource import Practitioner, UseRule
from engine.model.session import Release

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from engine.model.appointment import PlacedStep, Reservation
    from engine.model.event import Event
    from engine.model.ids import AppointmentId, OrderId, ResourceId
    from engine.model.order import Order
    from engine.model.problem import Problem
    from engine.model.resource import Resource
    from engine.model.schedule import Schedule
    from engine.model.session import SurgeryBlock

__all__ = ["Happened", "Stretch"]

_EXCEPTION_KIND = {
    UnavailableKind.ABSENCE: ExceptionKind.LEAVE,
    UnavailableKind.LEAVE_ASKED: ExceptionKind.LEAVE,
    UnavailableKind.ROOM_CLOSED: ExceptionKind.CLOSURE,
    UnavailableKind.EQUIPMENT_DOWN: ExceptionKind.MAINTENANCE,
}

_AHEAD = {OrderStatus.DRAFT, OrderStatus.ACTIVE, OrderStatus.ON_HOLD}
"""Orders that still ask for something."""


@dataclass(frozen=True)
class Stretch:
    """Time of a resource, `[start, end)`, and the visit whose end frees it, where there is one."""

    resource: ResourceId
    start: datetime
    end: datetime
    visit: AppointmentId | None = None


class Happened:
    """What events come to, taken together and in their order.

    Attributes
    ----------
    state
        Visits that end for good or change as they stand, in their new state.
    moving
        Visits that an event itself sets in motion, and why.
    not_before
        The earliest start of visits whose patients are late.
    asked
        Visits whose patients asked for another time.
    told
        Visits whose end is no news to whoever would be called.
    unavailable
        Stretches in which resources cannot be used any more.
    unheld
        Stretches of cancelled sessions and blocks, and whose visits were in them.
    unsure
        Resources whose time has changed so that only the judge can say which of their visits can stay.
    wanted
        Orders that now want a place.
    at_desk
        Orders among these whose patients are there and wait for the answer.
    """

    def __init__(self, schedule: Schedule, now: datetime) -> None:
        self.schedule = schedule
        self.now = now
        problem = schedule.problem
        self._resources: dict[ResourceId, Resource] = dict(problem.resource_by_id)
        self._orders = dict(problem.order_by_id)
        self._sessions = dict(problem.session_by_id)
        self._blocks = dict(problem.block_by_id)
        self.state: dict[AppointmentId, Appointment] = {}
        self.moving: dict[AppointmentId, str] = {}
        self.not_before: dict[AppointmentId, datetime] = {}
        self.asked: set[AppointmentId] = set()
        self.told: set[AppointmentId] = set()
        self.at_desk: set[OrderId] = set()
        self.unavailable: list[Stretch] = []
        self.unheld: list[tuple[Stretch, frozenset[ResourceId]]] = []
        self.unsure: set[ResourceId] = set()
        self.changed_orders: set[OrderId] = set()
        self.wanted: list[OrderId] = []
        self.freed: list[Stretch] = []

    def take(self, event: Event) -> None:
        """Take in one event.

        Raises
        ------
        UnknownIdError
            When it names something that is not there.
        UnsupportedRuleError
            When it cannot be answered yet.
        """
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

    @property
    def problem(self) -> Problem:
        """The world as it is afterwards; the same object where nothing in it changed."""
        problem = self.schedule.problem
        changed: dict[str, Any] = {
            name: now
            for name, before, now in (
                ("resources", problem.resources, tuple(self._resources.values())),
                ("orders", problem.orders, tuple(self._orders.values())),
                ("sessions", problem.sessions, tuple(self._sessions.values())),
                ("blocks", problem.blocks, tuple(self._blocks.values())),
            )
            if before != now
        }
        return problem.changed(**changed) if changed else problem

    # -- visits -------------------------------------------------------------------------------------------------------

    def _on_appointment(self, event: AppointmentEvent) -> None:
        visit = self._visit(event.appointment)
        if not visit.blocks_at(self.now):
            return
        if event.kind is AppointmentEventKind.MOVE_ASKED:
            self.moving[visit.id] = "the patient asks for another time"
            self.asked.add(visit.id)
            return
        is_no_show = event.kind is AppointmentEventKind.NO_SHOW
        if visit.status in OPEN or (is_no_show and visit.status is AppointmentStatus.ARRIVED):
            self.end(visit, AppointmentStatus.NOSHOW if is_no_show else AppointmentStatus.CANCELLED)
            self.told.add(visit.id)

    def _on_late(self, event: LateArrival) -> None:
        visit = self._visit(event.appointment)
        if visit.status in OPEN and visit.blocks_at(self.now):
            self.moving[visit.id] = "the patient comes later"
            self.not_before[visit.id] = visit.start + timedelta(minutes=event.minutes)

    def _on_overrun(self, event: Overrun) -> None:
        visit = self._visit(event.appointment)
        if visit.group is not None:
            self.moving[visit.id] = "it takes longer than booked"
        elif visit.blocks_at(self.now):
            self.state[visit.id] = longer(self.schedule.problem, visit, timedelta(minutes=event.minutes))

    def end(self, visit: Appointment, status: AppointmentStatus) -> None:
        """Let a visit end, and note what that frees."""
        self.state[visit.id] = visit.model_copy(update={"status": status, "expires_at": None})
        self.freed.extend(
            Stretch(r.resource, max(r.start, self.now), r.end, visit.id)
            for r in self._freed_by(visit)
            if r.end > self.now
        )

    def _freed_by(self, visit: Appointment) -> Iterable[Reservation]:
        """What a visit's end frees; with the last seat in a group, what the group has."""
        steps: Iterable[PlacedStep] = visit.steps
        if visit.group is not None:
            rest = self.schedule.appointments.rest
            others = [self._visit(i) for i, r in rest.items() if r.get("group") == visit.group and i != visit.id]  # type: ignore[arg-type]
            if not any(a.blocks_at(self.now) for a in others):
                steps = [s for g in self.schedule.groups if g.id == visit.group for s in g.steps]
        return (r for s in steps for r in s.reservations)

    # -- resources ----------------------------------------------------------------------------------------------------

    def _on_unavailable(self, event: ResourceUnavailable) -> None:
        resource = self._resource(event.resource)
        closed = HoursException(kind=_EXCEPTION_KIND[event.kind], start=event.start, end=event.end)
        self._set_exceptions(resource, (*_exceptions(resource), closed))
        self.unavailable.append(Stretch(resource.id, event.start, event.end))

    def _on_capacity(self, event: CapacityAdded) -> None:
        """The resource is there after all: what closes it then is taken back, its usual hours are added to."""
        resource = self._resource(event.resource)
        start, end = event.start, event.end
        kept = [
            e.model_copy(update={"start": a, "end": b})
            for e in _exceptions(resource)
            for a, b in ([(e.start, e.end)] if e.kind is ExceptionKind.EXTRA else _outside(e.start, e.end, start, end))
        ]
        extra = HoursException(kind=ExceptionKind.EXTRA, start=start, end=end)
        self._set_exceptions(resource, (*kept, extra))
        others = [u for u in self.unavailable if u.resource != resource.id]
        own = [u for u in self.unavailable if u.resource == resource.id]
        left = [Stretch(resource.id, a, b) for u in own for a, b in _outside(u.start, u.end, start, end)]
        self.unavailable = others + left
        self.freed.append(Stretch(resource.id, start, end))

    def _set_exceptions(self, resource: Resource, exceptions: tuple[HoursException, ...]) -> None:
        hours = (resource.hours or Hours()).model_copy(update={"exceptions": exceptions})
        self._resources[resource.id] = resource.model_copy(update={"hours": hours})

    def _on_session(self, event: SessionEvent) -> None:
        problem = self.schedule.problem
        if event.kind is SessionEventKind.BLOCK_RELEASED:
            self._release_block(event)
        elif event.session in self._sessions:
            session = self._sessions.pop(event.session)
            by_resource = problem.sessions_by_resource
            start, end = session.bounds(problem.zone_of(session.site))
            for r in [r for r, sessions in by_resource.items() if session in sessions]:
                self.unsure.add(r)
                if self._resources[r].use is UseRule.WHEN_OPEN:  # without the session it may be used all the more
                    self.unheld.append((Stretch(r, start, end), frozenset([r])))
        elif event.session in self._blocks:
            block = self._blocks.pop(event.session)
            owners = frozenset(r.id for r in self._resources.values() if _owns(r, block))
            start, end = block.bounds(problem.zone_of(self._resource(block.theatre).site))
            self.unsure.update((block.theatre, *owners))
            self.unheld.append((Stretch(block.theatre, start, end), owners))
        elif not (event.session in problem.session_by_id or event.session in problem.block_by_id):
            raise UnknownIdError("session", event.session, [*self._sessions, *self._blocks])

    def _release_block(self, event: SessionEvent) -> None:
        block = self._blocks.get(event.session)
        if block is None and event.session in self.schedule.problem.block_by_id:
            return  # cancelled before
        if block is None:
            raise UnknownIdError("surgery block", event.session, list(self._blocks))
        zone = self.schedule.problem.zone_of(self._resource(block.theatre).site)
        local = self.now.astimezone(ZoneInfo(zone))
        if block.day < local.date():
            return
        release = Release(days_before=(block.day - local.date()).days, at=local.hour * 60 + local.minute)
        if block.release is None or release.instant(block.day, zone) < block.release.instant(block.day, zone):
            self._blocks[block.id] = block.model_copy(update={"release": release})
            start, end = block.bounds(zone)
            self.freed.append(Stretch(block.theatre, start, end))

    # -- orders and patients ------------------------------------------------------------------------------------------

    def _on_walk_in(self, event: WalkIn) -> None:
        order = self._order(event.order).id
        self.wanted.append(order)
        self.at_desk.add(order)

    def _on_order(self, event: OrderEvent) -> None:
        order = self._order(event.order)
        visits = self.visits_of(event.order)
        if event.kind is OrderEventKind.WITHDRAWN:
            self._change_order(order, status=OrderStatus.REVOKED)
            for visit in visits:
                self._end_if_ahead(visit)
        elif event.kind is OrderEventKind.AMENDED:
            self.moving.update((v.id, "its order was amended") for v in visits if v.end > self.now)
        else:
            self.wanted.append(order.id)

    def _on_patient(self, event: PatientEvent) -> None:
        problem = self.schedule.problem
        problem.patient(event.patient)
        for order in [o for o in self._orders.values() if o.patient == event.patient]:
            if order.status in _AHEAD:
                self._change_order(order, status=OrderStatus.REVOKED)
        for visit in self._visits_where("patient", event.patient):
            self._end_if_ahead(visit)
            self.told.add(visit.id)

    def _on_condition(self, event: ConditionExpired) -> None:
        order = self._order(event.order)
        expired = tuple(
            c.model_copy(update={"status": ConditionStatus.EXPIRED}) if c.kind is event.condition else c
            for c in order.conditions
        )
        self._change_order(order, conditions=expired)
        if any(c.kind is event.condition and c.blocks is Blocks.CONFIRMING for c in order.conditions):
            for visit in self.visits_of(order.id):
                if visit.is_confirmed and visit.status in OPEN and visit.end > self.now:
                    self.state[visit.id] = visit.model_copy(update={"is_confirmed": False})

    def _end_if_ahead(self, visit: Appointment) -> None:
        """Cancel a visit that has not taken place; what is over stays on record as it is."""
        if visit.status in OPEN and visit.end > self.now:
            self.end(visit, AppointmentStatus.CANCELLED)

    # -- looking up ---------------------------------------------------------------------------------------------------

    def _visit(self, given: AppointmentId) -> Appointment:
        return self.state.get(given) or self.schedule.appointments.by_id(given)

    def visits_of(self, order: OrderId) -> list[Appointment]:
        """The visits of an order that block, as they are after the events."""
        return self._visits_where("order", order)

    def _visits_where(self, column: str, given: str) -> list[Appointment]:
        """The visits of an order or a patient that block."""
        table = self.schedule.appointments
        index = table.index_by_name.get(given)
        rows = () if index is None else (table.rows[column] == index).nonzero()[0].tolist()
        found = (self.state.get(visit.id, visit) for visit in (table[row] for row in rows))
        return [visit for visit in found if visit.blocks_at(self.now)]

    def _resource(self, given: ResourceId) -> Resource:
        if given not in self._resources:
            raise UnknownIdError("resource", given, list(self._resources))
        return self._resources[given]

    def _order(self, given: OrderId) -> Order:
        if given not in self._orders:
            raise UnknownIdError("order", given, list(self._orders))
        return self._orders[given]

    def _change_order(self, order: Order, **update: object) -> None:
        self._orders[order.id] = order.model_copy(update=update)
        self.changed_orders.add(order.id)


def _exceptions(resource: Resource) -> tuple[HoursException, ...]:
    return () if resource.hours is None else resource.hours.exceptions


def _outside(start: datetime, end: datetime, low: datetime, high: datetime) -> list[tuple[datetime, datetime]]:
    """The parts of `[start, end)` outside `[low, high)`."""
    return [(a, b) for a, b in ((start, min(end, low)), (max(start, high), end)) if a < b]


def _owns(resource: Resource, block: SurgeryBlock) -> bool:
    if not isinstance(resource, Practitioner):
        return False
    return block.practitioner == resource.id or (block.specialty in resource.specialties)
