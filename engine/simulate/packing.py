"""Fills the half-days of a network with visits, one behind the other, straight into columns.

Every half-day has its own people, room and machine, so that nothing can clash but the patient, who has at most one
visit a day. That is how 200,000 visits are booked in seconds.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.model.appointment import AppointmentStatus
from engine.model.calendar import instant_at
from engine.model.columns import APPOINTMENT, NEVER, RESERVATION, STEP, AppointmentTable
from engine.model.ids import Modifier, OrderId
from engine.model.order import Order, Priority
from engine.model.service import Modality, RoleUse
from engine.model.session import PatientClass
from engine.model.timegrid import epoch_minute, from_epoch_minute

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from engine.model.ids import PatientId, ServiceId
    from engine.model.problem import Problem
    from engine.model.service import Service
    from engine.simulate.dice import Dice
    from engine.simulate.people import Person
    from engine.simulate.rota import Slate

__all__ = ["Packed", "pack"]

_BOOKED = list(AppointmentStatus).index(AppointmentStatus.BOOKED)
_PRIORITY = list(Priority)
_OUTPATIENT = list(PatientClass).index(PatientClass.OUTPATIENT)
_IN_PERSON = list(Modality).index(Modality.IN_PERSON)
_USE = list(RoleUse)
_NEW_SHARE = 0.3
_DRAWS = 200
"""Patients who are drawn before those who are left are counted."""


@dataclass(frozen=True, slots=True)
class Packed:
    """Booked visits, and their orders where these were asked for."""

    appointments: AppointmentTable
    orders: tuple[Order, ...]


@dataclass(frozen=True, slots=True)
class _Shape:
    """A visit with a slate's cast, in minutes from its start.

    Parameters
    ----------
    length
        Until the next visit can begin.
    steps
        (step, start, end, reservations); a reservation is (role, resource, start, end, units, use).
    """

    length: int
    steps: tuple[tuple[int, int, int, tuple[tuple[int, int, int, int, int, int], ...]], ...]


@dataclass(slots=True)
class _Columns:
    """Rows of an `AppointmentTable` in the making."""

    names: list[str] = field(default_factory=list)
    index: dict[str, int] = field(default_factory=dict)
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    steps: list[tuple[Any, ...]] = field(default_factory=list)
    reservations: list[tuple[Any, ...]] = field(default_factory=list)

    def name(self, text: str) -> int:
        found = self.index.get(text)
        if found is None:
            found = self.index[text] = len(self.names)
            self.names.append(text)
        return found

    def table(self) -> AppointmentTable:
        return AppointmentTable(
            tuple(self.names),
            np.array(self.rows, APPOINTMENT),
            np.array(self.steps, STEP),
            np.array(self.reservations, RESERVATION),
        )


def pack(
    problem: Problem,
    slates: Iterable[Slate],
    people: Sequence[Person],
    share: Callable[[int], float],
    dice: Dice,
    *,
    has_orders: bool,
) -> Packed:
    """Fill the horizon.

    Parameters
    ----------
    slates
        Of a cycle that begins with the horizon.
    share
        Week of the horizon to the share of its time that is booked.
    has_orders
        Whether each visit gets an order.
    """
    packer = _Packer(problem, people, dice, has_orders=has_orders)
    by_week: defaultdict[int, list[Slate]] = defaultdict(list)
    for slate in slates:
        by_week[slate.slot.week].append(slate)
    grid = problem.grid
    for week in range(-(-grid.n_ticks * grid.tick_min // (7 * 24 * 60))):
        for slate in by_week[week % len(by_week)]:
            packer.fill(slate, week, share(week))
    return Packed(packer.columns.table(), tuple(packer.orders))


class _Packer:
    def __init__(self, problem: Problem, people: Sequence[Person], dice: Dice, *, has_orders: bool) -> None:
        self._problem = problem
        self._people = people
        self._dice = dice
        self._has_orders = has_orders
        self._first = problem.grid.local_date(0, problem.time_zone)
        self._midnights: dict[tuple[str, int], int] = {}
        self._shapes: dict[tuple[int, ServiceId, bool], _Shape] = {}
        self._eligible: dict[ServiceId, list[int]] = {}
        self._seen: set[tuple[int, int]] = set()
        self.columns = _Columns()
        self.orders: list[Order] = []

    def fill(self, slate: Slate, week: int, share: float) -> None:
        """Book a half-day of one week."""
        day = 7 * week + slate.slot.day
        midnight = self._midnight(slate, day)
        at = slate.start
        while at < slate.end:
            is_kept = at >= slate.kept
            until = slate.end if is_kept else slate.kept
            service, is_new = self._next(slate)
            shape = self._shape(slate, service, is_new=is_new)
            if at + shape.length > until:
                service, is_new = slate.services[-1][0], False
                shape = self._shape(slate, service, is_new=False)
            if at + shape.length > until:
                at = until
                continue
            # Time kept for urgent orders is used in the first two weeks only: nobody knows of urgent ones further on.
            if self._dice.chance(share * slate.use if week < 2 or not is_kept else 0.0):
                self._add(slate, service, shape, midnight + at, day, is_new=is_new, is_urgent=is_kept)
            at += shape.length

    def _next(self, slate: Slate) -> tuple[ServiceId, bool]:
        """A service of a slate, and whether the patient is new."""
        service = self._dice.weighted(slate.services)
        can_be_new = self._has_orders and service.endswith("-visit")
        return service, can_be_new and self._dice.chance(_NEW_SHARE)

    def _midnight(self, slate: Slate, day: int) -> int:
        zone = self._problem.zone_of(slate.site)
        key = zone, day
        if key not in self._midnights:
            self._midnights[key] = epoch_minute(instant_at(self._first + timedelta(days=day), 0, zone))
        return self._midnights[key]

    def _shape(self, slate: Slate, service_id: ServiceId, *, is_new: bool) -> _Shape:
        key = id(slate), service_id, is_new
        found = self._shapes.get(key)
        if found is None:
            service = self._problem.service(service_id)
            found = self._shapes[key] = self._make_shape(slate, service, is_new=is_new)
        return found

    def _make_shape(self, slate: Slate, service: Service, *, is_new: bool) -> _Shape:
        name, begins, length = self.columns.name, 0, 0
        steps = []
        for step in service.steps:
            assert step.duration is not None  # the network has no stays
            minutes = step.duration.minutes + (step.duration.by_modifier.get(Modifier("new"), 0) if is_new else 0)
            held = []
            for role in step.roles:
                if role.id not in slate.cast:
                    continue
                opens, closes = role.window_min(minutes)
                for resource in slate.cast[role.id]:
                    cleanup = role.cleanup_min + self._problem.resource_by_id[resource].cleanup_min
                    use = _USE.index(role.use)
                    start, end = begins + opens, begins + closes + cleanup
                    held.append((name(role.id), name(resource), start, end, role.units, use))
                    # Beds and those who watch over them are shared; everybody else must be done first.
                    if step is service.steps[0]:
                        length = max(length, end)
            steps.append((name(step.id), begins, begins + minutes, tuple(held)))
            begins += minutes
        return _Shape(length, tuple(steps))

    def _add(
        self, slate: Slate, service: ServiceId, shape: _Shape, start: int, day: int, *, is_new: bool, is_urgent: bool
    ) -> None:
        columns, dice = self.columns, self._dice
        patient = self._patient(service, day)
        if patient is None:
            return
        row = len(columns.rows)
        booked = self._booked_at(day)
        priority = Priority.URGENT if is_urgent else Priority.ROUTINE
        order = -1
        if self._has_orders:
            order = columns.name(self._order(patient, service, priority, booked, is_new=is_new))
        first_step = len(columns.steps)
        for step, begins, ends, held in shape.steps:
            number, first = len(columns.steps), len(columns.reservations)
            columns.steps.append(
                (row, step, columns.name(slate.site), _IN_PERSON, start + begins, start + ends, first, len(held))
            )
            columns.reservations.extend(
                (number, role, resource, units, use, start + opens, start + closes)
                for role, resource, opens, closes, units, use in held
            )
        columns.rows.append(
            (
                columns.name(f"visit-{row + 1:06d}"),
                columns.name(patient),
                columns.name(service),
                order,
                0,
                _PRIORITY.index(priority),
                _OUTPATIENT,
                _BOOKED,
                False,
                dice.chance(0.8 if day < 3 else 0.3),
                0,
                booked,
                NEVER,
                first_step,
                len(shape.steps),
                start,
                start + shape.steps[-1][2],
            )
        )

    def _patient(self, service: ServiceId, day: int) -> PatientId | None:
        """Somebody who may have the service and has no other visit on the day; None: there is nobody left."""
        if service not in self._eligible:
            limits = self._problem.service(service).eligibility
            self._eligible[service] = [
                i
                for i, person in enumerate(self._people)
                if (limits.sexes is None or person.sex in limits.sexes)
                # Half a year of horizon: somebody may have a birthday before the visit.
                and (limits.max_age is None or person.age(self._first) < limits.max_age)
            ]
        for _ in range(_DRAWS):
            i = self._dice.pick(self._eligible[service])
            if (i, day) not in self._seen:
                break
        else:
            left = [i for i in self._eligible[service] if (i, day) not in self._seen]
            if not left:
                return None
            i = self._dice.pick(left)
        self._seen.add((i, day))
        return self._people[i].id

    def _booked_at(self, day: int) -> int:
        """Some day before `now`, at least three days before the visit, in working hours."""
        days = 3 + min(90, int(self._dice.wait(10 + day / 2)))
        start = epoch_minute(self._problem.horizon.start)
        return start - days * 24 * 60 + self._dice.between(8 * 60, 17 * 60)

    def _order(self, patient: PatientId, service: ServiceId, priority: Priority, booked: int, *, is_new: bool) -> str:
        ordered: datetime = from_epoch_minute(booked - self._dice.between(5, 120))
        order = Order(
            id=OrderId(f"ord-{len(self.orders) + 1:06d}"),
            patient=patient,
            service=service,
            priority=priority,
            ordered_at=ordered,
            modifiers=(Modifier("new"),) if is_new else (),
        )
        self.orders.append(order)
        return order.id
