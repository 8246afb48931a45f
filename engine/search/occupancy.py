"""What is free: a bit per resource and tick, kept up to date as appointments come and go."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from engine.model.codes import SAFETY_RULES, ConstraintCode, PenaltyCode
from engine.model.service import RoleUse
from engine.model.timegrid import epoch_minute
from engine.search.bookings import Bookings
from engine.search.calendars import Calendars
from engine.search.diary import Diary
from engine.search.kinds import Kinds
from engine.search.load import Load
from engine.search.quotas import Quotas
from engine.search.spacing import Spacing
from engine.search.starts import Starts
from engine.search.uses import window_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from contextlib import AbstractContextManager
    from datetime import datetime

    from numpy.typing import NDArray

    from engine.model.appointment import Appointment, GroupOccurrence, Override
    from engine.model.columns import AppointmentTable
    from engine.model.ids import AppointmentId, GroupId
    from engine.model.problem import Problem
    from engine.model.schedule import Schedule
    from engine.model.session import PatientClass

__all__ = ["Occupancy"]

_PRESENCE = list(RoleUse).index(RoleUse.PRESENCE)
_Seen: TypeAlias = "tuple[frozenset[PatientClass], bool]"
"""As whom a group occurrence is counted: its seats' classes, and whether it overrides capacity."""


class Occupancy(Load):
    """Free time of every resource over the horizon.

    Rows are those of `problem.resources`. Made by `of`; `book` and `cancel` keep it up to date, and any sequence of
    them leaves it as a new one would be.
    """

    def __init__(self, schedule: Schedule, now: datetime, calendars: Calendars) -> None:
        super().__init__(calendars)
        self.problem: Problem = schedule.problem
        self.grid = calendars.grid
        self.calendars = calendars
        self.row_by_id = {r.id: i for i, r in enumerate(self.problem.resources)}
        self.bookings = Bookings(schedule, now)
        self.quotas = Quotas(calendars)
        self._groups: dict[GroupId, _Seen] = {}
        self.spacing = Spacing(self)
        self.starts = Starts(self)
        self.kinds = Kinds(self)
        self.weights = {code: self.problem.policy.weight(code) for code in PenaltyCode}
        self.diary = Diary(self)

    @classmethod
    def of(cls, schedule: Schedule, *, now: datetime, calendars: Calendars | None = None) -> Occupancy:
        """The occupancy of a schedule.

        Parameters
        ----------
        schedule
            Its appointments are read as columns; 200,000 take about a second.
        now
            Holds that have expired by then take nothing.
        calendars
            Those of the same problem, where they are known from before.
        """
        made = cls(schedule, now, calendars or Calendars(schedule.problem))
        made._count_table(schedule.appointments)
        for group in made.bookings.groups:
            made._recount_group(group)
        made.refresh()
        return made

    @cached_property
    def travel(self) -> NDArray[np.int64]:
        """Minutes between sites, by their positions in the problem; the last stands for one that it does not have."""
        ids = [s.id for s in self.problem.sites]
        minutes = np.zeros((len(ids) + 1, len(ids) + 1), np.int64)
        for i, a in enumerate(ids):
            for j, b in enumerate(ids):
                minutes[i, j] = self.problem.travel_min.get((a, b), 0)
        return minutes

    def make_room(self) -> None:
        """Let go of rows that can be made again, when there are too many. Not while a query lasts."""
        if self.starts.make_room():
            self.kinds.clear()

    # --- booking --------------------------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        """As of when holds stand or have expired."""
        return self.bookings.now

    def book(self, appointment: Appointment, group: GroupOccurrence | None = None) -> None:
        """Take in an appointment; one that does not block takes nothing.

        Parameters
        ----------
        group
            The group occurrence in which it has a seat, where that is new.

        Raises
        ------
        ValueError
            When an appointment with its id is there already.
        """
        self.bookings.add(appointment)
        if group is not None:
            self.bookings.groups.setdefault(group.id, group)
        if appointment.blocks_at(self.bookings.now):
            self._count_visit(appointment, 1)

    def cancel(self, appointment: AppointmentId) -> Appointment:
        """Take out an appointment and return it; `UnknownIdError` when there is none."""
        gone = self.bookings.remove(appointment)
        if gone.blocks_at(self.bookings.now):
            self._count_visit(gone, -1)
        return gone

    def without(self, appointments: Collection[AppointmentId]) -> AbstractContextManager[None]:
        """The occupancy as if these were not booked, for as long as the context lasts."""
        return self.supposing(removed=appointments)

    @contextmanager
    def supposing(
        self,
        *,
        removed: Collection[AppointmentId] = (),
        added: Iterable[Appointment] = (),
        groups: Collection[GroupOccurrence] = (),
    ) -> Iterator[None]:
        """The occupancy as if some visits were cancelled and others booked, for as long as the context lasts.

        Nothing is copied: each visit costs as much as a cancellation or booking, once to suppose it and once to undo
        it. Contexts may be nested; whatever is supposed is undone at the end, whether or not something went wrong. What
        is supposed is not to be cancelled in between but by contexts inside.

        Parameters
        ----------
        removed, added, groups
            As of a proposal: a visit in both is moved, and keeps its id; group occurrences are new.

        Raises
        ------
        UnknownIdError
            When one to be removed is not there; nothing is changed then.
        ValueError
            When one to be added is there already; nothing is changed then.
        """
        gone: list[Appointment] = []
        here: list[AppointmentId] = []
        new = {g.id: g for g in groups if g.id not in self.bookings.groups}
        self.bookings.groups.update(new)
        try:
            for given in dict.fromkeys(removed):
                gone.append(self.cancel(given))
            for visit in added:
                self.book(visit)
                here.append(visit.id)
            yield
        finally:
            for given in reversed(here):
                self.cancel(given)
            for visit in reversed(gone):
                self.book(visit)
            for name in new:
                del self.bookings.groups[name]

    def at(self, now: datetime) -> None:
        """Set the time as of which holds count: those that have expired take nothing, those that have not stand."""
        before, minute = epoch_minute(self.bookings.now), epoch_minute(now)
        self.bookings.now = now
        if before != minute:
            sign = 1 if minute < before else -1
            for hold in self.bookings.holds.between(min(before, minute), max(before, minute)):
                self._count_visit(self.bookings.by_id(hold), sign)

    def _count_visit(self, appointment: Appointment, sign: int) -> None:
        """Count an appointment that blocks, and the group occurrence in which it has a seat."""
        is_overriding = bool(appointment.overrides) and self._overrides_capacity(appointment.overrides)
        self._count(appointment, (appointment.patient_class,), is_overriding, sign)
        if appointment.group is not None:
            self._recount_group(appointment.group)

    def _recount_group(self, group: GroupId) -> None:
        """Count a group occurrence in while any seat in it is taken, for the classes of its patients."""
        occurrence = self.bookings.groups.get(group)
        if occurrence is None:
            return
        seats = self.bookings.seats_in(group)
        before = self._groups.pop(group, None)
        if before is not None:
            self._count(occurrence, *before, -1)
        if seats:
            seen = frozenset(a.patient_class for a in seats), any(self._overrides_capacity(a.overrides) for a in seats)
            self._groups[group] = seen
            self._count(occurrence, *seen, 1)

    def _count(
        self, visit: Appointment | GroupOccurrence, classes: Iterable[PatientClass], is_overriding: bool, sign: int
    ) -> None:
        """Add a visit's reservations to the counts (`sign` 1) or take them out (-1)."""
        uses: list[tuple[int, int, int, int]] = []
        zero, tick, n_ticks = self.grid.start_minute, self.grid.tick_min, self.n_ticks
        for step in visit.steps:
            for v in step.reservations:
                r = self.row_by_id.get(v.resource)
                if r is None:
                    continue
                a, b = epoch_minute(v.start), epoch_minute(v.end)
                if self.quotas.has_any:
                    facts = self.bookings.lookup.find(visit.service, step.step, v.role)
                    uses.append((r, window_of(facts, v, step, visit.steps)[0], a, b))
                first, stop = max(0, (a - zero) // tick), min(n_ticks, -((zero - b) // tick))
                self.add(r, first, stop, sign * v.units, v.use, is_overriding=is_overriding)
                self.spacing.forget(r)
                self.starts.use(r, step.site)
        if uses:
            changed = self.quotas.add_segments(uses, sign)
            for patient_class in classes:
                changed |= self.quotas.add_class(patient_class, uses, sign)
            for r in changed:
                self.starts.forget(r)

    def _count_table(self, table: AppointmentTable) -> None:
        """Count every blocking appointment of the schedule's table."""
        reservations, names = table.reservations, table.index_by_name
        owner = table.steps["appointment"][reservations["step"]]
        kept = self.bookings.base_blocks[owner]
        reservations, owner = reservations[kept], owner[kept].astype(np.int64)
        numbers = np.full(len(names) + 1, -1, np.int64)
        for given, r in self.row_by_id.items():
            numbers[names.get(given, -1)] = r
        numbers[-1] = -1
        resource = numbers[reservations["resource"]]
        start, end = reservations["start"], reservations["end"]
        zero, tick = self.grid.start_minute, self.grid.tick_min
        first = np.maximum(0, (start - zero) // tick)
        stop = np.minimum(self.n_ticks, -((zero - end) // tick))
        units = reservations["units"].astype(np.int64)
        is_presence = reservations["use"] == _PRESENCE
        overriding = [i for i, rest in table.rest.items() if self._overrides_capacity(rest.get("overrides", ()))]
        is_overriding = np.isin(owner, [table.row_by_id[i] for i in overriding])
        self.add_all(resource, first, stop, units, is_presence, is_overriding)
        if self.quotas.has_any:
            windows = self.bookings.table_uses.window_starts(np.flatnonzero(kept))
            self.quotas.add_all(
                owner, table.rows["patient_class"][owner].astype(np.int64), resource, windows, start, end
            )

    def _overrides_capacity(self, overrides: Iterable[Override]) -> bool:
        code = ConstraintCode.CAPACITY
        may = self.problem.policy.overridable_by.get(code, ())
        return code not in SAFETY_RULES and any(o.rule is code and o.role in may for o in overrides)
