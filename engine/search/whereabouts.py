"""Where patients are: the time that the visits of a schedule's table take of each, as columns."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from engine.model.appointment import BLOCKING, AppointmentStatus
from engine.model.columns import NEVER
from engine.model.rows import MODALITIES
from engine.model.service import Modality
from engine.model.timegrid import epoch_minute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from engine.model.appointment import Appointment
    from engine.model.columns import AppointmentTable
    from engine.model.ids import PatientId
    from engine.model.problem import Problem

__all__ = ["Whereabouts", "stretches_of"]

_BLOCKING = np.array([status in BLOCKING for status in AppointmentStatus])
_IN_PERSON = MODALITIES.index(Modality.IN_PERSON)
_NOTHING = np.zeros((0, 4), np.int64)


class Whereabouts:
    """The stretches of patients' time in a table's visits: every step with the patient, the first from arrival on.

    A stretch is (start, end, site, expiry): epoch minutes; where the patient is, as the position of the site among the
    problem's, the number of sites for one that it does not have, -1 for nowhere in person; and, of a hold, when it ends
    to count.
    """

    def __init__(self, problem: Problem, table: AppointmentTable) -> None:
        self._problem, self._table = problem, table
        self._gone: dict[int, None] = {}
        self._hidden: dict[int, NDArray[np.int64]] = {}

    def of(self, patient: PatientId) -> NDArray[np.int64]:
        """The stretches of one patient, shape `(n, 4)`; those of visits that are gone or do not block have expired."""
        index = self._table.index_by_name.get(patient)
        if index is None or not len(self._table):
            return _NOTHING
        if self._gone:
            self._expire()
        first, stretches, _ = self._sorted
        found: NDArray[np.int64] = stretches[first[index] : first[index + 1]]
        return found

    def forget(self, row: int) -> None:
        """Let the stretches of a visit count no more."""
        self._gone[row] = None

    def recall(self, row: int) -> None:
        """Let the stretches of a visit that was forgotten count again."""
        if row in self._gone:
            del self._gone[row]
        else:
            _, stretches, _ = self._sorted
            stretches[self._places(row), 3] = self._hidden.pop(row)

    def _expire(self) -> None:
        _, stretches, _ = self._sorted
        for row in self._gone:
            places = self._places(row)
            self._hidden[row] = stretches[places, 3]
            stretches[places, 3] = -NEVER
        self._gone = {}

    def _places(self, row: int) -> NDArray[np.int64]:
        first, n = int(self._table.rows["first_step"][row]), int(self._table.rows["n_steps"][row])
        return self._sorted[2][first : first + n]

    @cached_property
    def _sorted(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """The first stretch of each patient, by name; all stretches, by patient; and each step's place there."""
        table, steps = self._table, self._table.steps
        row = steps["appointment"].astype(np.int64)
        patient = table.rows["patient"][row].astype(np.int64)
        stretches = np.empty((len(steps), 4), np.int64)
        stretches[:, 0], stretches[:, 1] = steps["start"], steps["end"]
        sites = np.full(len(table.names) + 1, len(self._problem.sites), np.int64)
        for i, site in enumerate(self._problem.sites):
            if site.id in table.index_by_name:
                sites[table.index_by_name[site.id]] = i
        stretches[:, 2] = np.where(steps["modality"] == _IN_PERSON, sites[steps["site"]], -1)
        is_present, arrive = self._service_facts(row)
        stretches[:, 3] = np.where(
            _BLOCKING[table.rows["status"][row]] & is_present, table.rows["expires_at"][row], -NEVER
        )
        # The first step of each visit that has the patient begins at arrival.
        order = np.lexsort((steps["start"], ~is_present, row))
        is_first = np.append(True, row[order][1:] != row[order][:-1]) if len(order) else np.zeros(0, np.bool_)
        stretches[order[is_first], 0] -= arrive[order[is_first]]
        by_patient = np.argsort(patient, kind="stable")
        position = np.empty(len(steps), np.int64)
        position[by_patient] = np.arange(len(steps))
        first = np.searchsorted(patient[by_patient], np.arange(len(table.names) + 1))
        return first, stretches[by_patient], position

    def _service_facts(self, row: NDArray[np.int64]) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
        """Of each step of the table: whether the patient is there, and how long before a visit they arrive."""
        table, n = self._table, len(self._table.names)
        service = table.rows["service"][row].astype(np.int64)
        is_present, arrive = np.ones(len(row), np.bool_), np.zeros(len(row), np.int64)
        keys, inverse = np.unique(service * n + table.steps["step"], return_inverse=True)
        for i, key in enumerate(keys.tolist()):
            known = self._problem.service_by_id.get(table.names[key // n])
            if known is None:
                continue
            is_absent = any(s.id == table.names[key % n] and not s.is_patient_present for s in known.steps)
            if is_absent or known.arrive_before_min:
                of_kind = inverse == i
                is_present[of_kind] = not is_absent
                arrive[of_kind] = known.arrive_before_min
        return is_present, arrive


def stretches_of(problem: Problem, visit: Appointment) -> Iterator[tuple[int, int, int, int]]:
    """The stretches of the patient's time in one visit, as `Whereabouts` has them."""
    service = problem.service_by_id.get(visit.service)
    absent = {s.id for s in service.steps if not s.is_patient_present} if service else set()
    arrive = service.arrive_before_min if service else 0
    expires = NEVER if visit.expires_at is None else epoch_minute(visit.expires_at)
    for step in sorted((s for s in visit.steps if s.step not in absent), key=lambda s: s.start):
        is_there = step.modality is Modality.IN_PERSON
        known = next((i for i, s in enumerate(problem.sites) if s.id == step.site), len(problem.sites))
        site = known if is_there else -1
        yield epoch_minute(step.start) - arrive, epoch_minute(step.end), site, expires
        arrive = 0
