"""What a visit costs in the policy's units, exactly and, for many starts at once, at least."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from engine.model.calendar import Weekday
from engine.model.codes import RANKING_COSTS, PenaltyCode
from engine.model.explanation import PenaltyTerm
from engine.model.timegrid import epoch_minute
from engine.search.clock import MONDAY, day_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from engine.model.ids import SiteId
    from engine.model.order import Order
    from engine.model.service import Modality, Service
    from engine.search.clock import LocalClock
    from engine.search.occupancy import Occupancy

__all__ = ["NO_COST", "Costs", "Placed", "is_way_a_matter"]

NO_COST = 1 << 62
"""More than anything costs."""

_HOUR = 60
_CODES = (
    PenaltyCode.TARDINESS,
    PenaltyCode.ACCESS_DELAY,
    PenaltyCode.TARGET_DISTANCE,
    PenaltyCode.NOT_PREFERRED_PRACTITIONER,
    PenaltyCode.NOT_PREFERRED_SITE,
    PenaltyCode.NOT_PREFERRED_TIME,
    PenaltyCode.NOT_PREFERRED_MODALITY,
    PenaltyCode.PATIENT_WAIT,
    PenaltyCode.IDLE_GAP,
    PenaltyCode.OPENED_SESSION,
)

Placed = tuple[int, int, "SiteId"]
"""A step: start and end tick, and site."""


class Costs:
    """The soft costs of one order's visit: those of a single appointment in `docs/reference/rules.md`.

    Parameters
    ----------
    weights
        Instead of the policy's.
    """

    def __init__(
        self,
        occupancy: Occupancy,
        order: Order,
        *,
        occurrence: int = 0,
        preferred: int | None = None,
        weights: Mapping[PenaltyCode, int] | None = None,
    ) -> None:
        self._order, self._calendars = order, occupancy.calendars
        self._weight = occupancy.weights if weights is None else weights
        self._factor = occupancy.problem.policy.priority.of(order.priority)
        self._since: datetime = order.earliest_start or order.ordered_at or occupancy.problem.horizon.start
        self._target = order.target if occurrence == 0 else None
        self._due = None if order.due is None else epoch_minute(order.due)
        self._preferred = preferred
        self._zero, self._tick = occupancy.grid.start_minute, occupancy.grid.tick_min
        service = occupancy.problem.service(order.service)
        self._present = [s.is_patient_present for s in service.steps]
        self._could_be_as_wished = [] if order.preference.modality is None else _could_be_as_wished(order, service)
        self._since_day: dict[str, int] = {}
        self._terms: dict[tuple[int, ...], tuple[PenaltyTerm, ...]] = {}

    def since_day(self, clock: LocalClock) -> int:
        """The local day from which delay counts."""
        known = self._since_day.get(clock.zone)
        if known is None:
            known = self._since_day[clock.zone] = clock.day_of(self._since)
        return known

    def rates(self, clock: LocalClock) -> tuple[int, int, int, int, int, int]:
        """First day of delay, its cost a day, target day, its cost a day, due minute, its cost a started hour."""
        weight, factor, target = self._weight, self._factor, self._target
        return (
            self.since_day(clock),
            factor * weight[PenaltyCode.ACCESS_DELAY],
            0 if target is None else day_number(target.day),
            0 if target is None else factor * weight[PenaltyCode.TARGET_DISTANCE],
            self._due or 0,
            0 if self._due is None else factor * weight[PenaltyCode.TARDINESS],
        )

    @property
    def of_unwished(self) -> int:
        """What a start costs that is not on a wished day or at a wished time; 0 where nothing is wished."""
        wish = self._order.preference
        return self._weight[PenaltyCode.NOT_PREFERRED_TIME] if wish.weekdays or wish.times else 0

    def of_site(self, site: SiteId) -> int:
        """What a visit that begins at a site costs for that."""
        preferred = self._order.preferred_sites
        return self._weight[PenaltyCode.NOT_PREFERRED_SITE] if preferred and site not in preferred else 0

    def of_modalities(self, modalities: Sequence[Modality], order: Sequence[int] | None = None) -> int:
        """What a visit costs for how some of its steps are done; `order` as for `wait_min`."""
        is_other = self._is_other_way(modalities, order)
        return self._weight[PenaltyCode.NOT_PREFERRED_MODALITY] if is_other else 0

    def _is_other_way(self, modalities: Sequence[Modality], order: Sequence[int] | None) -> bool:
        wish, could = self._order.preference.modality, self._could_be_as_wished
        if wish is None:
            return False
        return any(could[i] and m is not wish for i, m in zip(order or range(len(could)), modalities, strict=False))

    def of_starts(self, ticks: NDArray[np.int64], site: SiteId) -> NDArray[np.int64]:
        """What visits that start at these ticks at a site cost for that alone."""
        order, clock = self._order, self._calendars.clock(site)
        day = clock.day[ticks]
        delay = np.maximum(0, day - self.since_day(clock))
        cost = delay * (self._factor * self._weight[PenaltyCode.ACCESS_DELAY])
        if self._target is not None:
            distance = np.abs(day - day_number(self._target.day))
            cost += distance * (self._factor * self._weight[PenaltyCode.TARGET_DISTANCE])
        wished = order.preference
        if wished.weekdays or wished.times:
            minute = clock.minute_of_day[ticks]
            is_wished = np.ones(len(ticks), np.bool_)
            if wished.weekdays:
                is_wished &= np.isin((day + MONDAY) % 7, [d.number for d in wished.weekdays])
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
        cost += self.of_site(site)
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
        return 0 if self._preferred is None else self._weight[PenaltyCode.NOT_PREFERRED_PRACTITIONER]

    @property
    def has_ends(self) -> bool:
        """Whether it may cost something to end late."""
        return self._due is not None and self._factor * self._weight[PenaltyCode.TARDINESS] > 0

    @property
    def has_wait(self) -> bool:
        """Whether waiting between steps costs anything."""
        return self._weight[PenaltyCode.PATIENT_WAIT] > 0 and len(self._present) > 1

    @property
    def of_wait_tick(self) -> int:
        """What a tick of waiting between steps costs."""
        return self._weight[PenaltyCode.PATIENT_WAIT] * self._tick

    def is_present(self, i: int) -> bool:
        """Whether the patient is there in a step."""
        return self._present[i]

    def wait_per_tick(self, i: int, following: int) -> int:
        """What each tick between step `i` and the following one costs when both start on one local day."""
        is_waiting = self.has_wait and self._present[i] and self._present[following]
        return self._weight[PenaltyCode.PATIENT_WAIT] * self._tick if is_waiting else 0

    def wait_min(self, steps: Sequence[Placed], order: Sequence[int] | None = None) -> int:
        """Minutes that the patient waits between consecutive steps that start on one local day.

        Parameters
        ----------
        steps
            By start.
        order
            Places of the steps in the service; None: from the first on.
        """
        with_patient = [p for i, p in zip(order or range(len(steps)), steps, strict=False) if self._present[i]]
        minutes = 0
        for (start, end, site), (start_b, _, site_b) in pairwise(with_patient):
            clocks = self._calendars.clock(site), self._calendars.clock(site_b)
            if clocks[0].day[start] == clocks[1].day[start_b]:
                minutes += (start_b - end) * self._tick
        return minutes

    def of_wait(self, steps: Sequence[Placed], order: Sequence[int]) -> int:
        """What waiting between steps costs; arguments as for `wait_min`."""
        return self.wait_min(steps, order) * self._weight[PenaltyCode.PATIENT_WAIT] if self.has_wait else 0

    def of_diary(self, amounts: tuple[int, int]) -> int:
        """What idle minutes of no use and opened sessions cost."""
        minutes, opened = amounts
        return minutes * self._weight[PenaltyCode.IDLE_GAP] + opened * self._weight[PenaltyCode.OPENED_SESSION]

    def terms(
        self,
        steps: Sequence[Placed],
        modalities: Sequence[Modality],
        *,
        has_preferred: bool,
        order: Sequence[int] | None = None,
        diary: tuple[int, int] = (0, 0),
    ) -> tuple[PenaltyTerm, ...]:
        """The costs of a visit, term by term; its subject is the order.

        Steps and `order` as for `wait_min`, `diary` as for `of_diary`.
        """
        start, _, site = steps[0]
        clock = self._calendars.clock(site)
        day = int(clock.day[start])
        late = 0 if self._due is None else max(0, self._zero + max(s[1] for s in steps) * self._tick - self._due)
        is_wished = True
        wished = self._order.preference
        if wished.weekdays or wished.times:
            is_other_day = bool(wished.weekdays) and list(Weekday)[(day + MONDAY) % 7] not in wished.weekdays
            minute = int(clock.minute_of_day[start])
            is_wished = not is_other_day and (not wished.times or any(p.holds(minute) for p in wished.times))
        preferred_sites = self._order.preferred_sites
        delay = day - self.since_day(clock)
        amounts = (
            self._factor * -(-late // _HOUR) if late else 0,
            self._factor * delay if delay > 0 else 0,
            0 if self._target is None else self._factor * abs(day - day_number(self._target.day)),
            int(self._preferred is not None and not has_preferred),
            int(bool(preferred_sites) and site not in preferred_sites),
            int(not is_wished),
            int(self._is_other_way(modalities, order)),
            self.wait_min(steps, order) if len(steps) > 1 else 0,
            *diary,
        )
        known = self._terms.get(amounts)
        if known is None:
            known = self._terms[amounts] = tuple([
                PenaltyTerm(code=code, subjects=(self._order.id,), amount=amount, weight=self._weight[code])
                for code, amount in zip(_CODES, amounts, strict=True)
                if amount and (self._weight[code] or code not in RANKING_COSTS)
            ])  # fmt: skip
        return known


def is_way_a_matter(order: Order, service: Service) -> bool:
    """Whether some step could be in the modality that an order prefers, and in another."""
    if order.preference.modality is None:
        return False
    could = _could_be_as_wished(order, service)
    return any(c and len(s.modalities) > 1 for c, s in zip(could, service.steps, strict=True))


def _could_be_as_wished(order: Order, service: Service) -> list[bool]:
    """Of each step, whether it could be in the modality that an order prefers."""
    return [order.preference.modality in step.modalities for step in service.steps]
