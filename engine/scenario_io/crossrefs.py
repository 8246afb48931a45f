"""Bookings and events held against the problem: every id they name must be there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from engine.errors import nearest
from engine.model.appointment import Appointment
from engine.model.columns import AppointmentTable
from engine.model.ids import AppointmentId
from engine.scenario_io.booked import Booked

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from engine.model.appointment import GroupOccurrence
    from engine.model.event import Event
    from engine.model.explanation import LeftOver
    from engine.model.problem import Problem
    from engine.model.service import Service
    from engine.scenario_io.faults import FaultLog, Path, Place

__all__ = ["CrossReferences"]

_MAX_HINTS = 100
"""Looking for the nearest of many ids takes milliseconds; after so many the rest goes without."""
_MAX_ID = 100


@dataclass
class CrossReferences:
    """Looks up ids and notes those that do not exist.

    Parameters
    ----------
    known
        Ids that exist although their item could not be read, by kind; see `problem_faults`.
    """

    problem: Problem
    known: Mapping[str, frozenset[str]]
    log: FaultLog
    hints: dict[tuple[str, str], str] = field(default_factory=dict)
    ids: dict[str, Collection[str]] = field(init=False)

    def __post_init__(self) -> None:
        p = self.problem
        self.ids = {
            "site": p.site_by_id,
            "resource": p.resource_by_id,
            "service": p.service_by_id,
            "session": {*p.session_by_id, *p.block_by_id},
            "patient": p.patient_by_id,
            "order": p.order_by_id,
            "template": p.template_by_id,
        }

    def exists(self, kind: str, given: str) -> bool:
        return given in self.ids[kind] or given in self.known.get(kind, ())

    def message(self, kind: str, given: str) -> str:
        article = "an" if kind[0] in "aeiou" else "a"
        return f"found '{given}', expected the id of {article} {kind}.{self.hint(kind, given, self.ids[kind])}"

    def hint(self, kind: str, given: str, ids: Collection[str]) -> str:
        key = (kind, given)
        if key not in self.hints and len(self.hints) < _MAX_HINTS:
            near = nearest(given, ids)
            self.hints[key] = f" Maybe you meant '{near}'." if near else ""
        return self.hints.get(key, "")

    def refer(self, kind: str, given: str | None, place: Place, path: Path) -> None:
        """Note a fault unless the id exists, or none is given."""
        if given is not None and not self.exists(kind, given):
            self.log.add_at(place, path, self.message(kind, given))

    def check_ids(self, items: Sequence[Any], places: Sequence[Place]) -> None:
        """Note ids that cannot be read, and ids that two items share."""
        first: dict[str, Place] = {}
        for item, place in zip(items, places, strict=True):
            self.check_id(item.id, place, ("id",))
            if item.id in first:
                there = f"{first[item.id].file}:{first[item.id].line_of(())}"
                message = f"found '{item.id}', which {there} has already; expected an id of its own"
                self.log.add_at(place, ("id",), message)
            first.setdefault(item.id, place)

    def check_id(self, given: str, place: Place, path: Path) -> None:
        """Note a fault unless an id is short and readable."""
        if not (0 < len(given) <= _MAX_ID and given.isprintable() and given == given.strip()):
            expected = f"1 to {_MAX_ID} printable characters without blanks at the ends"
            self.log.add_at(place, path, f"found {given[:_MAX_ID]!r}, expected {expected}")

    def check_events(self, events: Sequence[Event], places: Sequence[Place], appointments: AppointmentTable) -> None:
        """Note ids that events name and that do not exist."""
        self.ids["appointment"] = appointments.row_by_id
        self.check_ids(events, places)
        for event, place in zip(events, places, strict=True):
            for kind in ("appointment", "resource", "order", "patient", "session", "template"):
                self.refer(kind, getattr(event, kind, None), place, (kind,))

    def check_left_over(self, left_over: Sequence[LeftOver], places: Sequence[Place]) -> None:
        """Note orders that are said to be left over and do not exist."""
        for item, place in zip(left_over, places, strict=True):
            self.refer("order", item.order, place, ("order",))

    def check_groups(self, groups: Sequence[GroupOccurrence], places: Sequence[Place]) -> None:
        """Note what group occurrences name and what does not exist."""
        self.check_ids(groups, places)
        self.ids["group"] = {group.id for group in groups}
        table = AppointmentTable.of(
            Appointment.model_construct(id=AppointmentId(str(i)), service=group.service, steps=group.steps)
            for i, group in enumerate(groups)
        )
        self.check_steps(Booked.of_items(table, places))

    def check_appointments(self, booked: Booked) -> None:
        """Note what appointments name and what does not exist."""
        table = booked.table
        for name, row in table.row_by_id.items():
            if not (len(name) <= _MAX_ID and name.isprintable() and name == name.strip()):
                self.check_id(name, *booked.place(0, row, "id"))
        self.each(booked, 0, "patient", "patient")
        self.each(booked, 0, "order", "order")
        self.check_steps(booked)
        self.check_occurrences(booked)
        for name, rest in table.rest.items():
            if name not in table.row_by_id:
                continue
            row = table.row_by_id[name]
            if rest.get("group") is not None:
                self.refer("group", rest["group"], *booked.place(0, row, "group"))
            if rest.get("promise") is not None:
                self.refer("resource", rest["promise"].practitioner, *booked.place(0, row, "promise"))

    def check_steps(self, booked: Booked) -> None:
        """Services, steps, roles, resources and sites of what is booked."""
        table = booked.table
        self.each(booked, 0, "service", "service")
        self.each(booked, 1, "site", "site")
        self.each(booked, 2, "resource", "resource")
        service_of_step = table.rows["service"][table.steps["appointment"]]
        self.each_pair(booked, 1, "step", service_of_step, {s.id: _step_ids(s) for s in self.problem.services})
        need_roles = {role.id for need in self.problem.needs for role in need.roles}
        roles = {s.id: _role_ids(s) | need_roles for s in self.problem.services}
        self.each_pair(booked, 2, "role", service_of_step[table.reservations["step"]], roles)

    def check_occurrences(self, booked: Booked) -> None:
        """Occurrences beyond an order's series."""
        rows, names = booked.table.rows, booked.table.names
        for row in np.flatnonzero((rows["occurrence"] > 0) & (rows["order"] >= 0)).tolist():
            order = self.problem.order_by_id.get(names[rows["order"][row]])
            visits = max(1, len(order.series)) if order is not None else None
            occurrence = int(rows["occurrence"][row])
            is_read = order is not None and order.id not in self.known.get("order", ())
            if visits is not None and is_read and occurrence >= visits:
                expected = "0, because the order is no series" if visits == 1 else f"0 to {visits - 1}"
                message = f"found {occurrence}, expected {expected}"
                self.log.add_at(*booked.place(0, row, "occurrence"), message)

    def each(self, booked: Booked, level: int, column: str, kind: str) -> None:
        """A fault for every row whose id in a column does not exist; each distinct id is looked up once."""
        values = booked.level(level)[column]
        for code in np.unique(values).tolist():
            if code >= 0 and not self.exists(kind, booked.table.names[code]):
                message = self.message(kind, booked.table.names[code])
                for row in np.flatnonzero(values == code).tolist():
                    self.log.add_at(*booked.place(level, row, column), message)

    def each_pair(
        self, booked: Booked, level: int, column: str, services: NDArray[Any], allowed: Mapping[Any, Collection[str]]
    ) -> None:
        """A fault for every row whose step or role is none of its service's. Unknown services have theirs already."""
        names, values = booked.table.names, booked.level(level)[column]
        pairs = np.where((services >= 0) & (values >= 0), services.astype(np.int64) * len(names) + values, -1)
        for pair in np.unique(pairs[pairs >= 0]).tolist():
            service, given = (names[code] for code in divmod(pair, len(names)))
            if service not in allowed or given in allowed[service]:
                continue
            hint = self.hint(f"{column} of {service}", given, allowed[service])
            message = f"found '{given}', expected a {column} of service '{service}'.{hint}"
            for row in np.flatnonzero(pairs == pair).tolist():
                self.log.add_at(*booked.place(level, row, column), message)


def _step_ids(service: Service) -> frozenset[str]:
    return frozenset(step.id for step in service.steps)


def _role_ids(service: Service) -> frozenset[str]:
    return frozenset(
        [role.id for step in service.steps for role in step.roles] + [held.role.id for held in service.held]
    )
