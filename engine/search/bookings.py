"""Who is booked where: the appointments behind the counts, found by id, patient, order and resource.

The schedule's table is never changed; what is booked and cancelled since lies over it.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from engine.errors import UnknownIdError
from engine.model.appointment import BLOCKING, AppointmentStatus
from engine.model.columns import NEVER
from engine.model.ids import AppointmentId, RoleId, ServiceId, SiteId, StepId
from engine.model.service import RoleUse
from engine.model.timegrid import epoch_minute
from engine.search.facts import RoleLookup
from engine.search.links import Links
from engine.search.uses import use_with, window_between, window_of
from engine.search.whereabouts import Whereabouts

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from numpy.typing import NDArray

    from engine.model.appointment import Appointment, GroupOccurrence, PlacedStep, Reservation
    from engine.model.columns import AppointmentTable
    from engine.model.ids import GroupId, OrderId, PatientId, ResourceId
    from engine.model.schedule import Schedule
    from engine.search.facts import RoleFacts
    from engine.search.uses import Use

__all__ = ["Bookings"]

_STATUS = list(AppointmentStatus)
_USE = list(RoleUse)
_NO_ROWS = np.zeros(0, np.int64)


class Bookings:
    """The appointments of a schedule, those booked since, and those that block as of `now`.

    Parameters
    ----------
    schedule
        What was booked to begin with.
    now
        Holds that expire at or before it take nothing.
    """

    def __init__(self, schedule: Schedule, now: datetime) -> None:
        self.now = now
        self._problem = schedule.problem
        self.lookup = RoleLookup(schedule.problem)
        self._base: AppointmentTable = schedule.appointments
        self.groups = {g.id: g for g in schedule.groups}
        self._removed: set[AppointmentId] = set()
        self._added: dict[AppointmentId, Appointment] = {}
        self._added_by: dict[tuple[str, str], dict[AppointmentId, Appointment]] = defaultdict(dict)
        seated = ((i, rest["group"]) for i, rest in self._base.rest.items() if rest.get("group"))
        self.links = Links(schedule.problem)
        self.whereabouts = Whereabouts(schedule.problem, self._base)
        self.group_of: dict[AppointmentId, GroupId] = {AppointmentId(i): g for i, g in seated}

    # --- who blocks -----------------------------------------------------------------------------------------------

    @cached_property
    def base_blocks(self) -> NDArray[np.bool_]:
        """Which rows of the schedule's table blocked when this was made."""
        rows = self._base.rows
        blocking = np.array([s in BLOCKING for s in _STATUS])
        kept: NDArray[np.bool_] = blocking[rows["status"]] & (rows["expires_at"] > epoch_minute(self.now))
        return kept

    def holds(self) -> list[tuple[int, AppointmentId]]:
        """Every hold with its expiry in epoch minutes, expired ones included."""
        rows = self._base.rows
        base = rows[(rows["expires_at"] != NEVER)]
        known = [(int(r["expires_at"]), AppointmentId(self._base.names[r["id"]])) for r in base]
        found = [(expires, i) for expires, i in known if i not in self._removed]
        found.extend((epoch_minute(a.expires_at), a.id) for a in self._added.values() if a.expires_at is not None)
        return found

    # --- finding --------------------------------------------------------------------------------------------------

    def __contains__(self, given: AppointmentId) -> bool:
        return given in self._added or (given not in self._removed and given in self._base.row_by_id)

    def by_id(self, given: AppointmentId) -> Appointment:
        """The appointment with this id.

        Raises
        ------
        UnknownIdError
            When there is none, or it was cancelled since.
        """
        found = self._added.get(given)
        if found is not None:
            return found
        if given in self._removed:
            raise UnknownIdError("appointment", given)
        return self._base.by_id(given)

    def of_patient(self, patient: PatientId) -> list[Appointment]:
        """Every appointment of a patient that blocks as of `now`."""
        return self._where("patient", patient)

    def has_visit(self, order: OrderId) -> bool:
        """Whether an order has a visit that blocks."""
        is_known = order in self._base.index_by_name or ("order", order) in self._added_by
        return is_known and bool(self.of_order(order))

    def added_of_patient(self, patient: PatientId) -> list[Appointment]:
        """Those of a patient that were booked since, and block as of `now`."""
        return [a for a in self._added_by.get(("patient", patient), {}).values() if a.blocks_at(self.now)]

    def of_order(self, order: OrderId) -> list[Appointment]:
        """Every appointment of an order that blocks as of `now`."""
        return self._where("order", order)

    def _where(self, column: str, name: str) -> list[Appointment]:
        found: list[Appointment] = []
        index = self._base.index_by_name.get(name)
        if index is not None:
            order, values = self._by_patient if column == "patient" else self._by_order
            first, last = np.searchsorted(values, (index, index + 1))
            found = [
                self._base[int(row)]
                for row in order[first:last]
                if _STATUS[self._base.rows["status"][row]] in BLOCKING
                and self._base.names[self._base.rows["id"][row]] not in self._removed
            ]
        found.extend(self._added_by.get((column, name), {}).values())
        return [a for a in found if a.blocks_at(self.now)]

    @cached_property
    def _by_patient(self) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        order = np.argsort(self._base.rows["patient"], kind="stable")
        return order, self._base.rows["patient"][order]

    @cached_property
    def _by_order(self) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        order = np.argsort(self._base.rows["order"], kind="stable")
        return order, self._base.rows["order"][order]

    # --- changing -------------------------------------------------------------------------------------------------

    def add(self, appointment: Appointment) -> None:
        """Take in an appointment.

        Raises
        ------
        ValueError
            When its id is there already.
        """
        if appointment.id in self:
            raise ValueError(f"appointment '{appointment.id}' is there already")
        self._added[appointment.id] = appointment
        for key in _keys(appointment):
            self._added_by[key][appointment.id] = appointment
        if appointment.group is not None:
            self.group_of[appointment.id] = appointment.group

    def remove(self, given: AppointmentId) -> Appointment:
        """Take out an appointment and return it; `UnknownIdError` when there is none."""
        found = self.by_id(given)
        if self._added.pop(given, None) is None:
            self._removed.add(given)
            self.whereabouts.forget(self._base.row_by_id[given])
        else:
            for key in _keys(found):
                self._added_by[key].pop(given, None)
        self.group_of.pop(given, None)
        return found

    # --- by resource ----------------------------------------------------------------------------------------------

    @cached_property
    def _reservations_of(self) -> dict[str, NDArray[np.int64]]:
        """Rows of the table's reservations of each resource."""
        resource = self._base.reservations["resource"]
        order = np.argsort(resource, kind="stable")
        numbers, first = np.unique(resource[order], return_index=True)
        stop = np.append(first, len(order))[1:]
        bounds = zip(numbers.tolist(), first.tolist(), stop.tolist(), strict=True)
        return {self._base.names[n]: order[a:b] for n, a, b in bounds}

    def uses_of(self, resource: ResourceId) -> list[Use]:
        """Every reservation of a resource that blocks as of `now`, those of group occurrences included."""
        found = [
            self._use_at(row) for row in self._reservations_of.get(resource, _NO_ROWS).tolist() if self._row_blocks(row)
        ]
        added = self._added_by.get(("resource", resource), {}).values()
        others: list[Appointment | GroupOccurrence] = [a for a in added if a.blocks_at(self.now)]
        others.extend(g for g in self.groups.values() if self.seats_in(g.id))
        for visit in others:
            for step in visit.steps:
                found.extend(
                    self._use(visit.service, step, v, visit.steps) for v in step.reservations if v.resource == resource
                )
        return found

    def _row_blocks(self, reservation: int) -> bool:
        table = self._base
        row = table.rows[table.steps["appointment"][table.reservations["step"][reservation]]]
        return (
            _STATUS[row["status"]] in BLOCKING
            and epoch_minute(self.now) < row["expires_at"]
            and table.names[row["id"]] not in self._removed
        )

    def sites_of(self, resource: ResourceId) -> set[SiteId]:
        """Sites at which a resource has reservations, blocking ones or not."""
        found = set(self._sites_in_table.get(resource, ()))
        steps = [s for a in self._added_by.get(("resource", resource), {}).values() for s in a.steps]
        steps += [s for g in self.groups.values() for s in g.steps]
        found.update(s.site for s in steps for v in s.reservations if v.resource == resource)
        return found

    @cached_property
    def _sites_in_table(self) -> dict[str, set[SiteId]]:
        table = self._base
        sites = table.steps["site"][table.reservations["step"]].astype(np.int64)
        n = len(table.names)
        found: dict[str, set[SiteId]] = {}
        for pair in np.unique(table.reservations["resource"].astype(np.int64) * n + sites).tolist():
            found.setdefault(table.names[pair // n], set()).add(SiteId(table.names[pair % n]))
        return found

    def seats_in(self, group: GroupId) -> list[Appointment]:
        """The appointments in a group occurrence that block as of `now`."""
        seated = (self.by_id(i) for i, g in self.group_of.items() if g == group)
        return [a for a in seated if a.blocks_at(self.now)]

    def window_starts(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Starts of the windows of the table's reservations in `rows`, in epoch minutes."""
        table = self._base
        reservations = table.reservations[rows]
        steps = table.steps[reservations["step"]]
        services = table.rows["service"][steps["appointment"]].astype(np.int64)
        n = len(table.names)
        keys = (services * n + steps["step"]) * n + reservations["role"]
        _, example, inverse = np.unique(keys, return_index=True, return_inverse=True)
        starts = np.empty(len(rows), np.int64)
        for kind, i in enumerate(example.tolist()):
            found = self._facts(services[i], steps["step"][i], reservations["role"][i])
            of_kind = inverse == kind
            if found is None:
                starts[of_kind] = reservations["start"][of_kind]
            elif found.from_end and found.held_last is not None:
                visits = steps["appointment"][of_kind].tolist()
                ends = [self._end_of(v, found.held_last) for v in visits]
                own = reservations["start"][of_kind].tolist()
                starts[of_kind] = [b if e is None else e + found.start_min for e, b in zip(ends, own, strict=True)]
            else:
                starts[of_kind] = steps["end" if found.from_end else "start"][of_kind] + found.start_min
        return starts

    def _end_of(self, row: int, step: str) -> int | None:
        """When a step of the visit in a row of the table ends, in epoch minutes; None where there is no such step."""
        table = self._base
        first = int(table.rows["first_step"][row])
        steps = table.steps[first : first + int(table.rows["n_steps"][row])]
        return max((int(s["end"]) for s in steps if table.names[s["step"]] == step), default=None)

    def _use_at(self, row: int) -> Use:
        """A reservation of the table, without making the appointment around it."""
        table = self._base
        v = table.reservations[row]
        step = table.steps[v["step"]]
        visit = table.rows[step["appointment"]]
        facts = self._facts(visit["service"], step["step"], v["role"])
        bounds = int(v["start"]), int(v["end"])
        last: int | None = int(step["end"])
        if facts is not None and facts.held_last is not None:
            last = self._end_of(int(step["appointment"]), facts.held_last)
        window = window_between(facts, bounds, int(step["start"]), last)
        return use_with(facts, bounds, window, SiteId(table.names[step["site"]]), _USE[v["use"]])

    def _facts(self, service: int, step: int, role: int) -> RoleFacts | None:
        """The facts of a role, by the table's numbers of the names."""
        names = self._base.names
        return self.lookup.find(ServiceId(names[service]), StepId(names[step]), RoleId(names[role]))

    def _use(self, service: ServiceId, step: PlacedStep, v: Reservation, steps: Iterable[PlacedStep]) -> Use:
        facts = self.lookup.find(service, step.step, v.role)
        bounds = epoch_minute(v.start), epoch_minute(v.end)
        return use_with(facts, bounds, window_of(facts, v, step, steps), step.site, v.use)


def _keys(appointment: Appointment) -> set[tuple[str, str]]:
    """What an appointment is found by."""
    keys = {("resource", str(v.resource)) for s in appointment.steps for v in s.reservations}
    if appointment.patient is not None:
        keys.add(("patient", appointment.patient))
    if appointment.order is not None:
        keys.add(("order", appointment.order))
    return keys
