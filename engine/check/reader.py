"""Reads visits from the columns of a schedule: what blocks, each beside what its service requires of its patient."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.check.visits import StepAt, Use, Visit, window_of
from engine.model.appointment import BLOCKING, STARTED, AppointmentStatus
from engine.model.codes import SAFETY_RULES
from engine.model.columns import NEVER
from engine.model.order import Priority
from engine.model.requirement import required_steps, roles_in
from engine.model.service import Modality, RoleUse
from engine.model.session import PatientClass
from engine.model.timegrid import epoch_minute

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from engine.model.appointment import GroupOccurrence, Override
    from engine.model.codes import ConstraintCode
    from engine.model.columns import AppointmentTable
    from engine.model.ids import StepId
    from engine.model.problem import Problem
    from engine.model.service import Role, Step

__all__ = ["VisitReader"]

_STATUS, _PRIORITY, _CLASS = list(AppointmentStatus), list(Priority), list(PatientClass)
_MODALITY, _USE = list(Modality), list(RoleUse)
_BLOCKS = np.array([s in BLOCKING for s in _STATUS])


class VisitReader:
    """Makes visits from columns; what a service requires of a kind of patient is worked out once.

    `now` is an epoch minute.
    """

    def __init__(self, problem: Problem, now: int) -> None:
        self.problem, self.now = problem, now
        self._required: dict[tuple[object, ...], dict[StepId, Step]] = {}
        self._roles: dict[tuple[int, Modality], tuple[Role, ...]] = {}

    def visits(self, table: AppointmentTable) -> Iterator[Visit]:
        """The appointments that block, in their order."""
        problem, names = self.problem, table.names
        blocks = _BLOCKS[table.rows["status"]] & (self.now < table.rows["expires_at"])
        for row in table.rows[blocks].tolist():
            i, patient, service, order, occurrence, priority, patient_class, status, _pinned, confirmed = row[:10]
            booked, expires, first, n_steps = row[11:15]
            rest = table.rest.get(names[i], {})
            overrides: tuple[Override, ...] = rest.get("overrides", ())
            visit = Visit(
                id=names[i],
                service=problem.service(names[service]),
                order=None if order < 0 else problem.order(names[order]),
                occurrence=occurrence,
                patient=None if patient < 0 else problem.patient(names[patient]),
                priority=_PRIORITY[priority],
                patient_classes=frozenset((_CLASS[patient_class],)),
                is_started=_STATUS[status] in STARTED,
                is_hold=expires != NEVER,
                is_confirmed=confirmed,
                booked=self.now if booked == NEVER else booked,
                overrides=overrides,
                allowed=_allowed(problem, overrides),
                group_id=rest.get("group"),
                required={},
            )
            self._settle(visit)
            for _, step, site, modality, start, end, using, n in table.steps[first : first + n_steps].tolist():
                at = self._step(visit, names[step], names[site], _MODALITY[modality], start, end)
                for _, role, resource, units, use, a, b in table.reservations[using : using + n].tolist():
                    self._use(at, names[role], names[resource], a, b, units, _USE[use])
            self._finish(visit)
            yield visit

    def groups(self, given: Iterable[GroupOccurrence], visits: Iterable[Visit]) -> Iterator[Visit]:
        """Occurrences that count; their seats are told of them."""
        seats: dict[str, list[Visit]] = {}
        for visit in visits:
            if visit.group_id is not None:
                seats.setdefault(visit.group_id, []).append(visit)
        for group in given:
            taken = seats.get(group.id)
            if not taken:
                continue
            visit = Visit(
                id=group.id,
                service=self.problem.service(group.service),
                order=None,
                occurrence=0,
                patient=None,
                priority=min((v.priority for v in taken), key=lambda p: p.rank),
                patient_classes=frozenset().union(*(v.patient_classes for v in taken)),
                is_started=any(v.is_started for v in taken),
                is_hold=all(v.is_hold for v in taken),
                is_confirmed=any(v.is_confirmed for v in taken),
                booked=min(v.booked for v in taken),
                overrides=(),
                allowed=frozenset().union(*(v.allowed for v in taken)),
                group_id=None,
                required={},
                seats=taken,
                n_seats=group.seats,
                is_group=True,
            )
            for seat in taken:
                seat.group = visit
            self._settle(visit)
            for s in group.steps:
                at = self._step(visit, s.step, s.site, s.modality, epoch_minute(s.start), epoch_minute(s.end))
                for v in s.reservations:
                    self._use(at, v.role, v.resource, epoch_minute(v.start), epoch_minute(v.end), v.units, v.use)
            self._finish(visit)
            yield visit

    def _settle(self, visit: Visit) -> None:
        """Work out what the visit requires. In a group neither needs nor series change anything."""
        is_own = visit.group_id is None and not visit.is_group
        patient = visit.patient if is_own else None
        order = visit.order if is_own else None
        if order is not None and visit.occurrence >= len(order.series):
            order = None  # no such occurrence, which `order-once` tells; or no series at all
        own_min = order.series[visit.occurrence].duration_min if order else None
        key = (visit.service.id, patient.needs if patient else (), own_min)
        required = self._required.get(key)
        if required is None:
            steps = required_steps(self.problem, visit.service, patient, order, visit.occurrence if order else 0)
            required = self._required[key] = {s.id: s for s in steps}
        visit.required = required

    def _step(self, visit: Visit, step: str, site: str, modality: Modality, start: int, end: int) -> StepAt:
        required = visit.required.get(step)  # type: ignore[call-overload]
        roles: tuple[Role, ...] = ()
        if required is not None:
            key = (id(required), modality)
            if key not in self._roles:
                self._roles[key] = roles_in(required, modality)
            roles = self._roles[key]
        at = StepAt(visit, step, site, self.problem.zone_of(site), modality, start, end, required, roles)  # type: ignore[arg-type]
        visit.steps.append(at)
        return at

    def _use(self, step: StepAt, role: str, resource: str, start: int, end: int, units: int, use: RoleUse) -> None:
        filled, window = None, (start, end)
        for known in step.roles:
            if known.id == role:
                filled, window = known, window_of(known, step.start, step.end, self.problem.tick_min)
                break
        is_presence = use is RoleUse.PRESENCE
        found = self.problem.resource(resource)  # type: ignore[arg-type]
        step.uses.append(Use(step, role, found, start, end, units, is_presence, filled, window))  # type: ignore[arg-type]

    def _finish(self, visit: Visit) -> None:
        """Set what is known only when all steps are there: start, end, and what fills held roles for how long."""
        steps = visit.steps
        visit.first = min(steps, key=lambda s: s.start) if len(steps) > 1 else steps[0]
        visit.start = visit.first.start
        visit.end = max(s.end for s in steps) if len(steps) > 1 else steps[0].end
        for held in visit.service.held:
            ends = visit.held_over(held)
            for use in (u for s in steps if s.id == held.first for u in s.uses):
                if use.role is None and use.role_id == held.role.id:
                    use.role = held.role
                    if ends is not None:
                        use.window = window_of(held.role, ends[0].start, ends[1].end, self.problem.tick_min)


def _allowed(problem: Problem, overrides: tuple[Override, ...]) -> frozenset[ConstraintCode]:
    """The rules that the overrides cover: those that the policy lets the role override, safety rules never."""
    by = problem.policy.overridable_by
    return frozenset(o.rule for o in overrides if o.rule not in SAFETY_RULES and o.role in by.get(o.rule, ()))
