"""How much of each resource is in use at every tick, and where there is room for more.

Memory is two bytes a resource and tick for the counts, and two bits for open and for free. Counts of supervision and of
lanes beyond the ordinary ones are kept only for the resources that have any.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.model.service import RoleUse
from engine.model.timegrid import epoch_minute
from engine.search import bits, counts
from engine.search.followed import Followed, change

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from engine.search.bits import Matrix, Row
    from engine.search.calendars import Calendars
    from engine.search.counts import Counts

__all__ = ["Load"]

_NOTHING: Counts = np.zeros(0, np.int16)


class Load:
    """Units in use and free rows of all resources.

    Attributes
    ----------
    free
        Open, and one more exclusive unit fits; shape `(resources, words)`.
    used
        Units in exclusive use, shape `(resources, ticks)`.
    lanes
        Of each resource, shape `(resources,)`.
    followed
        Rows of starts that are kept up to date with what is counted.
    """

    def __init__(self, calendars: Calendars) -> None:
        self._calendars = calendars
        self._resources = calendars.problem.resources
        n, self.n_ticks = len(self._resources), calendars.n_ticks
        self.lanes: NDArray[np.int64] = np.array([r.lanes for r in self._resources], np.int64)
        self.used: NDArray[np.int16] = np.zeros((n, self.n_ticks), np.int16)
        self.free: Matrix = np.zeros((n, calendars.n_words), np.uint64)
        self.followed = Followed(n, calendars.n_words)
        self._limits = [(r.lanes, r.presence_limit) for r in self._resources]
        self._present: dict[int, Counts] = {}
        self._overriding: dict[int, Counts] = {}
        self._overbooking: dict[int, Counts] = {}
        self._rows: dict[int, dict[tuple[RoleUse, int], Row]] = {}
        self._count_overbooking()

    def _count_overbooking(self) -> None:
        """Overbooking lanes; where sessions overlap, those of the one that allows most."""
        problem = self._calendars.problem
        overbooked = {s.id for s in problem.sessions if s.overbooking_lanes}
        for r, resource in enumerate(self._resources) if overbooked else ():
            for s in problem.sessions_by_resource.get(resource.id, ()):
                if s.id not in overbooked:
                    continue
                start, end = s.bounds(problem.zone_of(s.site))
                first, stop = self._calendars.inward(epoch_minute(start), epoch_minute(end))
                if first < stop:
                    lanes = self._counter(self._overbooking, r)
                    lanes[first:stop] = np.maximum(lanes[first:stop], s.overbooking_lanes)

    # --- counting -------------------------------------------------------------------------------------------------

    def add(self, r: int, first: int, stop: int, units: int, use: RoleUse, *, is_overriding: bool) -> None:
        """Count a use of `[first, stop)` in, or out with negative `units`, and keep rows up to date."""
        if r in self._rows:
            del self._rows[r]
        if first >= stop:
            return
        if use is RoleUse.PRESENCE:
            self._add_to(self._present, r, first, stop, 1 if units > 0 else -1)
            units = 0
        elif is_overriding:
            self._add_to(self._overriding, r, first, stop, units)
        followed = self.followed
        change(
            followed.rows,
            followed.known,
            followed.heads,
            self._calendars.open,
            self.used,
            self.free,
            self._present.get(r, _NOTHING),
            self.spare(r) if self._overriding or self._overbooking else _NOTHING,
            *self._limits[r],
            r,
            first,
            stop,
            units,
        )

    def add_all(
        self,
        resource: NDArray[np.int64],
        first: NDArray[np.int64],
        stop: NDArray[np.int64],
        units: NDArray[np.int64],
        is_presence: NDArray[np.bool_],
        is_overriding: NDArray[np.bool_],
    ) -> None:
        """Count many uses in; a resource below 0 is unknown and takes nothing. `refresh` afterwards."""
        counts.add_uses(self.used, np.where(is_presence, -1, resource), first, stop, units)
        is_here = (resource >= 0) & (first < stop)
        for i in np.flatnonzero(is_presence & is_here).tolist():
            counts.add_use(self._counter(self._present, int(resource[i])), int(first[i]), int(stop[i]), 1)
        for i in np.flatnonzero(is_overriding & ~is_presence & is_here).tolist():
            counts.add_use(
                self._counter(self._overriding, int(resource[i])), int(first[i]), int(stop[i]), int(units[i])
            )

    def refresh(self) -> None:
        """Work out all free rows anew."""
        special = set(self._present) | set(self._overriding) | set(self._overbooking)
        simple = np.array([r for r in range(len(self.lanes)) if r not in special], np.int64)
        counts.refresh_simple(self._calendars.open, self.used, self.lanes, simple, self.free)
        for r in special:
            counts.refresh_free(*self._counted(r), 1, 0, self.n_ticks, self.free[r])

    def _counted(self, r: int) -> tuple[Row, Counts, Counts, Counts, int]:
        return self._calendars.open[r], self.used[r], self.present(r), self.spare(r), int(self.lanes[r])

    def _add_to(self, counters: dict[int, Counts], r: int, first: int, stop: int, units: int) -> None:
        """Add to a counter that is kept only while it counts anything."""
        counter = self._counter(counters, r)
        counts.add_use(counter, first, stop, units)
        if units < 0 and not counter.any():
            del counters[r]

    def _counter(self, counters: dict[int, Counts], r: int) -> Counts:
        if r not in counters:
            counters[r] = np.zeros(self.n_ticks, np.int16)
        return counters[r]

    # --- asking ---------------------------------------------------------------------------------------------------

    def present(self, r: int) -> Counts:
        """Presence reservations of a resource, shape `(n_ticks,)`; of size 0 where it has none."""
        return self._present.get(r, _NOTHING)

    def spare(self, r: int) -> Counts:
        """Lanes of a resource beyond its own: overbooking, and overflow in use by who may; of size 0 where none."""
        overriding, overbooking = self._overriding.get(r), self._overbooking.get(r, _NOTHING)
        if overriding is None:
            return overbooking
        overflow: Counts = np.minimum(overriding, np.int16(self._resources[r].overflow_lanes))
        return overflow + overbooking if overbooking.size else overflow

    def extra_counts(self) -> tuple[dict[int, Counts], dict[int, Counts], dict[int, Counts]]:
        """Presence, overriding uses and overbooking lanes of the resources that have any. Not to be written to."""
        return self._present, self._overriding, self._overbooking

    def available(self, r: int, use: RoleUse, units: int) -> Row:
        """The ticks at which a resource is open and can take so many more units. Not to be written to."""
        if use is RoleUse.EXCLUSIVE and units == 1:
            free: Row = self.free[r]
            return free
        rows = self._rows.setdefault(r, {})
        key = (use, units)
        if key not in rows:
            row = bits.make(self.n_ticks)
            if use is RoleUse.PRESENCE:
                counts.presence_row(*self._counted(r), self._resources[r].presence_limit, self.n_ticks, row)
            else:
                counts.refresh_free(*self._counted(r), units, 0, self.n_ticks, row)
            rows[key] = row
        return rows[key]

    def fits(self, r: int, own: Collection[tuple[int, int, int, bool]]) -> bool:
        """Whether several reservations of one resource, of one visit, fit together beside what is booked.

        Parameters
        ----------
        own
            (first tick, stop, units, whether it is presence) of each.
        """
        resource = self._resources[r]
        low, high = min(o[0] for o in own), max(o[1] for o in own)
        exclusive = self.used[r, low:high].astype(np.int64)
        present = np.zeros(high - low, np.int64)
        if self.present(r).size:
            present += self.present(r)[low:high]
        asked = np.zeros(high - low, np.bool_)
        for first, stop, units, is_presence in own:
            part = slice(first - low, stop - low)
            asked[part] = True
            if is_presence:
                present[part] += 1
            else:
                exclusive[part] += units
        lanes = np.full(high - low, resource.lanes)
        if self.spare(r).size:
            lanes += self.spare(r)[low:high]
        is_over = (exclusive + (present > 0) > lanes) | (present > resource.presence_limit)
        return not bool(np.any(is_over & asked))
