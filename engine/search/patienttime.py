"""The patient's own time: other visits, times of absence, and the way between sites."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.model.columns import NEVER
from engine.model.ids import SiteId
from engine.model.timegrid import epoch_minute
from engine.search import bits
from engine.search.whereabouts import stretches_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.model.patient import Patient
    from engine.search.bits import Row
    from engine.search.occupancy import Occupancy

__all__ = ["PatientTime", "taken_of"]


def taken_of(occupancy: Occupancy, patient: Patient) -> NDArray[np.int64]:
    """When a patient is taken, as stretches of `Whereabouts`; those that have expired by the occupancy's `now` too."""
    taken = occupancy.bookings.whereabouts.of(patient.id)
    more = [(epoch_minute(a.start), epoch_minute(a.end), -1, NEVER) for a in patient.unavailable]
    for visit in occupancy.bookings.added_of_patient(patient.id):
        more.extend(stretches_of(occupancy.problem, visit))
    return np.concatenate([taken, np.array(more, np.int64)]) if more else taken


class PatientTime:
    """When a patient is taken. Sparse, so it is made for each question."""

    def __init__(self, occupancy: Occupancy, patient: Patient) -> None:
        self._grid = occupancy.grid
        self._travel = occupancy.problem.travel_min
        self._sites = [*(s.id for s in occupancy.problem.sites), SiteId("")]
        self._own_travel = patient.travel_min or 0
        taken = taken_of(occupancy, patient)
        self._taken = taken[taken[:, 3] > epoch_minute(occupancy.now), :3].tolist()

    def way_min(self, origin: SiteId, destination: SiteId) -> int:
        """Minutes that the patient needs from one site to another."""
        return max(self._travel.get((origin, destination), 0), self._own_travel)

    @property
    def has_any(self) -> bool:
        """Whether the patient is taken at any time."""
        return bool(self._taken)

    def is_free(self, start: int, length: int, arrive_min: int, site: SiteId, *, is_in_person: bool) -> bool:
        """Whether the patient, arriving before it, is free for a step of `length` ticks."""
        for taken, end, at in self._taken:
            first, stop = self._closed(taken, end, at, length, arrive_min, site, is_in_person=is_in_person)
            if first <= start < stop:
                return False
        return True

    def clear(self, row: Row, length: int, arrive_min: int, site: SiteId, *, is_in_person: bool) -> None:
        """Take out the starts of a step of `length` ticks at which the patient, arriving before it, is not free.

        Exact: a step at a site keeps from visits elsewhere the time that the way takes.
        """
        for start, end, at in self._taken:
            bits.clear_range(row, *self._closed(start, end, at, length, arrive_min, site, is_in_person=is_in_person))

    def _closed(
        self, start: int, end: int, at: int, length: int, arrive_min: int, site: SiteId, *, is_in_person: bool
    ) -> tuple[int, int]:
        """The starts of a step that a stretch of the patient's time rules out, half-open."""
        zero, tick = self._grid.start_minute, self._grid.tick_min
        there = back = 0
        if is_in_person and at >= 0 and self._sites[at] != site:
            there, back = self.way_min(site, self._sites[at]), self.way_min(self._sites[at], site)
        return (start - there - zero) // tick - length + 1, -((zero - end - back - arrive_min) // tick)
