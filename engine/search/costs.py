"""What a visit costs in the policy's units, exactly and, for many starts at once, at least."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from engine.model.calendar import Weekday
from engine.model.codes import PenaltyCode
from engine.model.explanation import PenaltyTerm
from engine.model.timegrid import epoch_minute
from engine.search.clock import day_number

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from engine.model.ids import SiteId
    from engine.search.query import Query

__all__ = ["NO_COST", "Costs", "Placed"]

NO_COST = 1 << 62
"""More than anything costs."""

_HOUR = 60
_MONDAY = 3  # 1970-01-01 was a Thursday

Placed = tuple[int, int, "SiteId"]
"""A step: start and end tick, and site."""


class Costs:
    """The soft costs of one order's visit: those of a single appointment in `docs/reference/rules.md`."""

    def __init__(self, query: Query) -> None:
        self._query, order, policy = query, query.order, query.problem.policy
        self._factor = policy.priority.of(order.priority)
        self._weight = {code: policy.weight(code) for code in PenaltyCode}
        self._since: datetime = order.earliest_start or order.ordered_at or query.problem.horizon.start
        self._target = order.target if query.occurrence == 0 else None
        self._due = None if order.due is None else epoch_minute(order.due)
        self._zero, self._tick = query.occupancy.grid.start_minute, query.occupancy.grid.tick_min
        self._present = [s.is_patient_present for s in query.problem.service(order.service).steps]

    def of_starts(self, ticks: NDArray[np.int64], site: SiteId) -> NDArray[np.int64]:
        """What visits that start at these ticks at a site cost for that alone."""
        order, clock = self._query.order, self._query.calendars.clock(site)
        day = clock.day[ticks]
        delay = np.maximum(0, day - clock.day_of(self._since))
        cost = delay * (self._factor * self._weight[PenaltyCode.ACCESS_DELAY])
        if self._target is not None:
            distance = np.abs(day - day_number(self._target.day))
            cost += distance * (self._factor * self._weight[PenaltyCode.TARGET_DISTANCE])
        wished = order.preference
        if wished.weekdays or wished.times:
            minute = clock.minute_of_day[ticks]
            is_wished = np.ones(len(ticks), np.bool_)
            if wished.weekdays:
                is_wished &= np.isin((day + _MONDAY) % 7, [d.number for d in wished.weekdays])
            if wished.times:
                is_wished &= np.logical_or.reduce(
                    [
                        (minute >= p.start) | (minute < p.end)
                        if p.crosses_midnight
                        else (minute >= p.start) & (minute < p.end)
                        for p in wished.times
                    ]
                )
            cost += np.where(is_wished, 0, self._weight[PenaltyCode.NOT_PREFERRED_TIME])
        if order.preferred_sites and site not in order.preferred_sites:
            cost += self._weight[PenaltyCode.NOT_PREFERRED_SITE]
        return cost.astype(np.int64)

    def of_ends(self, ends: NDArray[np.int64]) -> NDArray[np.int64]:
        """What visits that end at these ticks cost for that."""
        if self._due is None:
            return np.zeros(len(ends), np.int64)
        late = np.maximum(0, self._zero + ends * self._tick - self._due)
        return -(-late // _HOUR) * (self._factor * self._weight[PenaltyCode.TARDINESS])

    def of_end(self, end: int) -> int:
        """`of_ends` for one."""
        if self._due is None:
            return 0
        late = max(0, self._zero + end * self._tick - self._due)
        return -(-late // _HOUR) * self._factor * self._weight[PenaltyCode.TARDINESS]

    @property
    def of_another(self) -> int:
        """What a visit without the preferred practitioner costs for that; 0 where nobody is preferred."""
        return 0 if self._query.preferred is None else self._weight[PenaltyCode.NOT_PREFERRED_PRACTITIONER]

    @property
    def has_ends(self) -> bool:
        """Whether it may cost something to end late."""
        return self._due is not None and self._factor * self._weight[PenaltyCode.TARDINESS] > 0

    @property
    def has_wait(self) -> bool:
        """Whether waiting between steps costs anything."""
        return self._weight[PenaltyCode.PATIENT_WAIT] > 0 and len(self._present) > 1

    def is_present(self, i: int) -> bool:
        """Whether the patient is there in a step."""
        return self._present[i]

    def wait_per_tick(self, i: int) -> int:
        """What each tick between step `i` and the next one costs when both start on one local day."""
        is_waiting = self.has_wait and self._present[i] and self._present[i + 1]
        return self._weight[PenaltyCode.PATIENT_WAIT] * self._tick if is_waiting else 0

    def wait_min(self, steps: Sequence[Placed]) -> int:
        """Minutes that the patient waits between consecutive steps that start on one local day."""
        with_patient = [p for p, present in zip(steps, self._present, strict=False) if present]
        minutes = 0
        for (start, end, site), (start_b, _, site_b) in pairwise(with_patient):
            clocks = self._query.calendars.clock(site), self._query.calendars.clock(site_b)
            if clocks[0].day[start] == clocks[1].day[start_b]:
                minutes += (start_b - end) * self._tick
        return minutes

    def of_wait(self, steps: Sequence[Placed]) -> int:
        """What waiting between steps costs."""
        return self.wait_min(steps) * self._weight[PenaltyCode.PATIENT_WAIT] if self.has_wait else 0

    def terms(self, steps: Sequence[Placed], *, has_preferred: bool) -> tuple[PenaltyTerm, ...]:
        """The costs of a visit, term by term; its subject is the order."""
        query, order = self._query, self._query.order
        start, _, site = steps[0]
        clock = query.calendars.clock(site)
        day, minute = int(clock.day[start]), int(clock.minute_of_day[start])
        amounts: dict[PenaltyCode, int] = {}
        if self._due is not None:
            late = max(0, self._zero + steps[-1][1] * self._tick - self._due)
            amounts[PenaltyCode.TARDINESS] = self._factor * -(-late // _HOUR)
        amounts[PenaltyCode.ACCESS_DELAY] = self._factor * max(0, day - clock.day_of(self._since))
        if self._target is not None:
            amounts[PenaltyCode.TARGET_DISTANCE] = self._factor * abs(day - day_number(self._target.day))
        if query.preferred is not None:
            amounts[PenaltyCode.NOT_PREFERRED_PRACTITIONER] = int(not has_preferred)
        amounts[PenaltyCode.NOT_PREFERRED_SITE] = int(bool(order.preferred_sites) and site not in order.preferred_sites)
        wished = order.preference
        is_other_day = bool(wished.weekdays) and list(Weekday)[(day + _MONDAY) % 7] not in wished.weekdays
        is_other_time = bool(wished.times) and not any(p.holds(minute) for p in wished.times)
        amounts[PenaltyCode.NOT_PREFERRED_TIME] = int(is_other_day or is_other_time)
        amounts[PenaltyCode.PATIENT_WAIT] = self.wait_min(steps)
        return tuple(
            PenaltyTerm(code=code, subjects=(order.id,), amount=amount, weight=self._weight[code])
            for code, amount in amounts.items()
            if amount
        )
