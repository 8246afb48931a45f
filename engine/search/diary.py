"""What a visit does to the diary of whoever leads it: idle minutes that are of no use to anybody, sessions opened.

Of the order of offers only, see `docs/reference/search-rules.md`: no schedule costs any of it. A practitioner's time is
idle as far as one more visit would fit into it by their own calendar and bookings. An idle stretch ends where a session
or surgery block of theirs begins or ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from engine.model.codes import PenaltyCode
from engine.search import bits, scan
from engine.search.bits import kernel

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

    from engine.model.service import Service
    from engine.search.bits import Matrix, Row
    from engine.search.horizon import Run
    from engine.search.kind import Kind
    from engine.search.occupancy import Occupancy

__all__ = ["Diary", "DiaryTables", "idle_beside", "is_used", "session_at"]

GAP_COST, OPENED_COST, USEFUL, LOW, HIGH = range(5)
"""Places in a rule: what a tick of a useless gap costs, and an opened session; ticks from which on a gap is of use;
first tick of the horizon, and the one after its last."""


class DiaryTables(NamedTuple):
    """What `walk` reads of the diaries of all resources.

    Parameters
    ----------
    free
        Open, and one more would fit; shape `(resources, words)`.
    edges
        Where a session or block begins or ends: the first tick of what follows; likewise.
    cuts
        The same and, outside sessions and blocks, midnight and noon by the clock of the practitioner's site.
    used
        Units in exclusive use, shape `(resources, ticks)`.
    reserved
        Of each entry of a kind, first and last tick of its reservation from the start, half-open.
    rule
        Numbers, at the places above.
    """

    free: Matrix
    edges: Matrix
    cuts: Matrix
    used: NDArray[np.int16]
    reserved: NDArray[np.int64]
    rule: NDArray[np.int64]


class Diary:
    """The diaries of an occupancy's practitioners.

    Attributes
    ----------
    is_kept
        Whether the policy says that anything of it costs.
    """

    def __init__(self, occupancy: Occupancy) -> None:
        self._occupancy = occupancy
        policy, grid = occupancy.problem.policy, occupancy.grid
        weights = occupancy.weights[PenaltyCode.IDLE_GAP], occupancy.weights[PenaltyCode.OPENED_SESSION]
        self.is_kept = any(weights)
        self._rule = np.array(
            (weights[0] * grid.tick_min, weights[1], grid.ticks(policy.useful_gap_min), *occupancy.calendars.within),
            np.int64,
        )
        shape = (len(occupancy.problem.resources) if self.is_kept else 0, occupancy.calendars.n_words)
        self._edges, self._cuts = np.zeros(shape, np.uint64), np.zeros(shape, np.uint64)
        self._known: set[int] = set()

    def counts_for(self, service: Service) -> bool:
        """Whether what a visit does to a diary costs anything: not of bundles, whose steps fill each other's gaps."""
        return self.is_kept and len(service.steps) == 1

    def tables(self, kind: Kind) -> DiaryTables:
        """What `walk` asks for, for a kind of order."""
        self._learn(kind.could_lead)
        occupancy = self._occupancy
        return DiaryTables(occupancy.free, self._edges, self._cuts, occupancy.used, kind.reserved, self._rule)

    def amounts(self, reserved: Mapping[int, Collection[Run]]) -> tuple[int, int]:
        """Idle minutes that a visit makes useless, and how many sessions it opens.

        Parameters
        ----------
        reserved
            For each who leads it, when they are reserved for it, in whatever part of it, in ticks.
        """
        self._learn(reserved)
        ticks = opened = 0
        for r, runs in reserved.items():
            free = self._occupancy.free[r]
            if len(runs) > 1:
                free = free.copy()
                for run in runs:
                    bits.clear_range(free, *run)
            gaps: set[Run] = set()  # one between two parts of a visit lies beside both
            sessions: set[int] = set()
            for first, stop in runs:
                before, after, begin, is_new = _beside(
                    free, self._edges[r], self._cuts[r], self._occupancy.used[r], first, stop, self._rule
                )
                gaps |= {(first - before, first), (stop, stop + after)}
                if is_new:
                    sessions.add(begin)
            ticks += sum(b - a for a, b in gaps)
            opened += len(sessions)
        return ticks * self._occupancy.grid.tick_min, opened

    def _learn(self, resources: Collection[int]) -> None:
        """Work out where the time of practitioners is cut, once."""
        if self._known.issuperset(resources):
            return
        for r in set(resources) - self._known:
            self._edges[r], self._cuts[r] = self._rows_of(r)
            self._known.add(r)

    def _rows_of(self, r: int) -> tuple[Row, Row]:
        calendars = self._occupancy.calendars
        clock = calendars.clock(calendars.problem.resources[r].site)
        half = 2 * clock.day + (clock.minute_of_day >= 12 * 60)
        cuts = np.append(False, half[1:] != half[:-1])
        edges = np.zeros(calendars.n_ticks + 1, np.bool_)
        parts = [(s.touched, s.inside) for s in calendars.sessions(r)]
        for touched, inside in parts + [(b.touched, b.inside) for b in calendars.blocks.of(r)]:
            edges[[*touched, *inside]] = True
            cuts[touched[0] : touched[1]] = False
        rows = bits.make(calendars.n_ticks), bits.make(calendars.n_ticks)
        bits.from_bool(edges[:-1], rows[0])
        bits.from_bool(cuts | edges[:-1], rows[1])
        return rows


@kernel
def _beside(
    free: Row, edges: Row, cuts: Row, used: NDArray[np.int16], first: int, stop: int, rule: NDArray[np.int64]
) -> tuple[int, int, int, bool]:
    """Return the ticks of the useless gaps before and after a reservation, where its session begins, if it is new."""
    before, after = idle_beside(free, edges, first, stop, rule[USEFUL], rule[LOW], rule[HIGH])
    begin, end = session_at(cuts, first, rule[LOW], rule[HIGH])
    return before, after, begin, not is_used(used, begin, end)


@kernel
def idle_beside(free: Row, edges: Row, first: int, stop: int, useful: int, low: int, high: int) -> tuple[int, int]:
    """Return the idle ticks directly before and after a reservation that are too few to be of use.

    Parameters
    ----------
    first, stop
        The reservation.
    useful
        So many in a row are of use, and count as none.
    low, high
        Only ticks of `[low, high)` are idle.
    """
    before, after = 0, 0
    if low < first <= high:
        while before < useful and first - before > low and not scan.is_set(edges, first - before):
            if not scan.is_set(free, first - before - 1):
                break
            before += 1
    if low <= stop < high:
        while after < useful and stop + after < high and not scan.is_set(edges, stop + after):
            if not scan.is_set(free, stop + after):
                break
            after += 1
    return before if before < useful else 0, after if after < useful else 0


@kernel
def is_used(used: NDArray[np.int16], first: int, stop: int) -> bool:
    """Return whether a resource is in exclusive use in `[first, stop)`."""
    for t in range(first, stop):
        if used[t] > 0:
            return True
    return False


@kernel
def session_at(cuts: Row, first: int, low: int, high: int) -> tuple[int, int]:
    """Return the ticks of the session in which a reservation begins, as far as they lie in `[low, high)`."""
    at = min(max(first, low), high - 1)
    stop = scan.first_set(cuts, at + 1, high)
    return max(scan.last_set(cuts, low, at + 1), low), stop if stop >= 0 else high
