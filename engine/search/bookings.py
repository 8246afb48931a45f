"""Who is booked where: the appointments behind the counts, found by id, patient, order and resource.

The schedule's table is never changed; what is booked and cancelled since lies over it.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from engine.errors import UnknownIdError
from engine.model.appointment import BLOCKING, AppointmentStatus
from engine.model.columns import NEVER
from engine.model.ids import AppointmentId, ServiceId, SiteId
from engine.model.timegrid import epoch_minute
from engine.search.facts import RoleLookup
from engine.search.holds import Holds
from engine.search.links import Links
from engine.search.tableuses import TableUses
from engine.search.uses import use_with, window_of
from engine.search.whereabouts import Whereabouts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from numpy.typing import NDArray

    from engine.model.appointment import Appointment, GroupOccurrence, PlacedStep, Reservation
    from engine.model.columns import AppointmentTable
    from engine.model.ids import GroupId, OrderId, PatientId, ResourceId
    from engine.model.schedule import Schedule
    from engine.search.uses import Use

__all__ = ["Bookings"]

_STATUS = list(AppointmentStatus)
_ByName: TypeAlias = "dict[str, dict[AppointmentId, Appointment]]"


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
        self._removed: dict[AppointmentId, Appointment] = {}
        self._added: dict[AppointmentId, Appointment] = {}
        self._added_by: dict[str, _ByName] = {"patient": defaultdict(dict), "order": defaultdict(dict)}
        self._added_to: _ByName = defaultdict(dict)
        self.table_uses = TableUses(self._base, self.lookup)
        seated = ((i, rest["group"]) for i, rest in self._base.rest.items() if rest.get("group"))
        self.links = Links(schedule.problem)
        self.whereabouts = Whereabouts(schedule.problem, self._base)
        self.group_of: dict[AppointmentId, GroupId] = {AppointmentId(i): g for i, g in seated}
        self._seats: dict[GroupId, dict[AppointmentId, None]] = defaultdict(dict)
        for i, group in self.group_of.items():
            self._seats[group][i] = None
        self.holds = Holds(self._base_holds())

    # --- who blocks -----------------------------------------------------------------------------------------------

    @cached_property
    def base_blocks(self) -> NDArray[np.bool_]:
        """Which rows of the schedule's table blocked when this was made."""
        rows = self._base.rows
        blocking = np.array([s in BLOCKING for s in _STATUS])
        kept: NDArray[np.bool_] = blocking[rows["status"]] & (rows["expires_at"] > epoch_minute(self.now))
        return kept

    def _base_holds(self) -> Iterator[tuple[int, AppointmentId]]:
        """Every hold of the schedule's table with its expiry in epoch minutes."""
        rows = self._base.rows
        for row in rows[rows["expires_at"] != NEVER]:
            yield int(row["expires_at"]), AppointmentId(self._base.names[row["id"]])

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
        is_known = order in self._base.index_by_name or order in self._added_by["order"]
        return is_known and bool(self.of_order(order))

    def added_of_patient(self, patient: PatientId) -> list[Appointment]:
        """Those of a patient that were booked since, and block as of `now`."""
        return [a for a in self._added_by["patient"].get(patient, {}).values() if a.blocks_at(self.now)]

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
        found.extend(self._added_by[column].get(name, {}).values())
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
        given = appointment.id
        if given in self:
            raise ValueError(f"appointment '{given}' is there already")
        if self._removed.get(given) is appointment:
            del self._removed[given]
            self.whereabouts.recall(self._base.row_by_id[given])
        else:
            self._added[given] = appointment
            for found in self._lists_with(appointment):
                found[given] = appointment
        if appointment.group is not None:
            self.group_of[given] = appointment.group
            self._seats[appointment.group][given] = None
        if appointment.expires_at is not None:
            self.holds.add(epoch_minute(appointment.expires_at), given)

    def remove(self, given: AppointmentId) -> Appointment:
        """Take out an appointment and return it; `UnknownIdError` when there is none."""
        found = self.by_id(given)
        if self._added.pop(given, None) is None:
            self._removed[given] = found
            self.whereabouts.forget(self._base.row_by_id[given])
        else:
            for listed in self._lists_with(found):
                listed.pop(given, None)
        if found.group is not None:
            del self.group_of[given], self._seats[found.group][given]
        if found.expires_at is not None:
            self.holds.remove(epoch_minute(found.expires_at), given)
        return found

    def _lists_with(self, appointment: Appointment) -> Iterator[dict[AppointmentId, Appointment]]:
        """The lists that an appointment which is booked stands in; some more than once."""
        for step in appointment.steps:
            for v in step.reservations:
                yield self._added_to[v.resource]
        if appointment.patient is not None:
            yield self._added_by["patient"][appointment.patient]
        if appointment.order is not None:
            yield self._added_by["order"][appointment.order]

    # --- by resource ----------------------------------------------------------------------------------------------

    def uses_of(self, resource: ResourceId) -> list[Use]:
        """Every reservation of a resource that blocks as of `now`, those of group occurrences included."""
        found = [self.table_uses.at(row) for row in self.table_uses.rows_of(resource) if self._row_blocks(row)]
        added = self._added_to.get(resource, {}).values()
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
        found = set(self.table_uses.sites_of(resource))
        steps = [s for a in self._added_to.get(resource, {}).values() for s in a.steps]
        steps += [s for g in self.groups.values() for s in g.steps]
        found.update(s.site for s in steps for v in s.reservations if v.resource == resource)
        return found

    def seats_in(self, group: GroupId) -> list[Appointment]:
        """The appointments in a group occurrence that block as of `now`."""
        seated = (self.by_id(i) for i in self._seats.get(group, ()))
        return [a for a in seated if a.blocks_at(self.now)]

    def _use(self, service: ServiceId, step: PlacedStep, v: Reservation, steps: Iterable[PlacedStep]) -> Use:
        facts = self.lookup.find(service, step.step, v.role)
        bounds = epoch_minute(v.start), epoch_minute(v.end)
        return use_with(facts, bounds, window_of(facts, v, step, steps), step.site, v.use)
