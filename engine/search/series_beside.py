"""Visits of a series that may get in each other's way: booked one beside the other, by branch and bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.search.habit import Habit
from engine.search.suppose import supposing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from engine.search.candidate import Candidate
    from engine.search.series import SeriesSearch

__all__ = ["Beside"]

_WIDTH = 24
"""Starts of one visit that are tried, at most."""
_LOOKUPS = 1_500
"""So many lookups, then the best so far is taken."""


class Beside:
    """The visits from one first day, as few as can be left out, then as cheap as can be.

    Parameters
    ----------
    alone
        What each visit costs at least: the cheapest by itself.

    Attributes
    ----------
    visits, cost
        The best that was found.
    is_proven
        Whether it costs no more than the visits would by themselves. Else it is the best of what was tried: the
        cheapest visit at each of the cheapest starts.
    """

    def __init__(self, search: SeriesSearch, first_day: date, alone: Mapping[int, Candidate]) -> None:
        self._search, self._first_day = search, first_day
        self._order = list(alone)
        self._rest = [sum(alone[i].cost for i in self._order[n:]) for n in range(len(alone) + 1)]
        self._least = (0, self._rest[0])
        self._best: tuple[int, int] | None = None
        self._lookups = 0
        self.visits: dict[int, Candidate] = {}
        self.cost = 0

    @property
    def is_proven(self) -> bool:
        """See above."""
        return self._best == self._least

    def search(self) -> None:
        """Find them."""
        self._extend(0, (0, 0), {})

    def _extend(self, n: int, so_far: tuple[int, int], chosen: dict[int, Candidate]) -> None:
        left_out, cost = so_far
        if self._is_over((left_out, cost + self._rest[n])):
            return
        if n == len(self._order):
            self._best, self.visits, self.cost = so_far, dict(chosen), cost
            return
        i = self._order[n]
        for candidate in self._starts(i, chosen):
            if self._is_over((left_out, cost + candidate.cost + self._rest[n + 1])):
                break
            with supposing(self._search.occupancy, [self._search.as_booked(i, candidate)]):
                self._extend(n + 1, (left_out, cost + candidate.cost), {**chosen, i: candidate})
        if i:
            self._extend(n + 1, (left_out + 1, cost), chosen)

    def _is_over(self, least: tuple[int, int]) -> bool:
        """Whether nothing that comes to this at least is wanted any more."""
        return self._best is not None and (least >= self._best or self._lookups >= _LOOKUPS)

    def _starts(self, i: int, chosen: Mapping[int, Candidate]) -> list[Candidate]:
        """The starts of a visit beside those chosen, cheapest first, of equal ones those that the patient knows."""
        self._lookups += 1
        found = self._search.find(i, *self._search.days(i, self._first_day), k=_WIDTH)
        habit = self._search.habit(chosen)
        if habit is None:
            return found

        def rank(c: Candidate) -> tuple[int, bool, bool, int]:
            is_time, is_lead = habit.shared(Habit.of_candidate(self._search.problem, c))
            return c.cost, not is_time, not is_lead, c.start

        return sorted(found, key=rank)
