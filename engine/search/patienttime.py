"""The patient's own time: other visits, times of absence, and the way between sites."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.service import Modality
from engine.model.timegrid import epoch_minute
from engine.search import bits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.model.appointment import Appointment
    from engine.model.ids import SiteId
    from engine.model.patient import Patient
    from engine.model.problem import Problem
    from engine.search.bits import Row
    from engine.search.occupancy import Occupancy

__all__ = ["PatientTime"]

_Stretch = tuple[int, int, "SiteId | None"]
"""Epoch minutes `[start, end)`, and the site where the patient is in person."""


class PatientTime:
    """When a patient is taken. Sparse, so it is made for each question.

    Parameters
    ----------
    occupancy
        Its appointments of the patient that block.
    """

    def __init__(self, occupancy: Occupancy, patient: Patient) -> None:
        self._grid = occupancy.grid
        self._travel = occupancy.problem.travel_min
        self._own_travel = patient.travel_min or 0
        self.visits = occupancy.bookings.of_patient(patient.id)
        self._taken: list[_Stretch] = [(epoch_minute(a.start), epoch_minute(a.end), None) for a in patient.unavailable]
        for visit in self.visits:
            self._taken.extend(_stretches(occupancy.problem, visit))

    def clear(self, row: Row, length: int, arrive_min: int, site: SiteId, *, is_in_person: bool) -> None:
        """Take out the starts of a step of `length` ticks at which the patient, arriving before it, is not free.

        Exact: a step at a site keeps from visits elsewhere the time that the way takes.
        """
        zero, tick = self._grid.start_minute, self._grid.tick_min
        for start, end, where in self._taken:
            there = back = 0
            if is_in_person and where is not None and where != site:
                there = max(self._travel.get((site, where), 0), self._own_travel)
                back = max(self._travel.get((where, site), 0), self._own_travel)
            bits.clear_range(
                row, (start - there - zero) // tick - length + 1, -((zero - end - back - arrive_min) // tick)
            )


def _stretches(problem: Problem, visit: Appointment) -> Iterator[_Stretch]:
    """The patient's time of a visit: every step with the patient, the first of them from arrival on."""
    service = problem.service_by_id.get(visit.service)
    absent = {s.id for s in service.steps if not s.is_patient_present} if service else set()
    arrive = service.arrive_before_min if service else 0
    for step in sorted((s for s in visit.steps if s.step not in absent), key=lambda s: s.start):
        site = step.site if step.modality is Modality.IN_PERSON else None
        yield epoch_minute(step.start) - arrive, epoch_minute(step.end), site
        arrive = 0
