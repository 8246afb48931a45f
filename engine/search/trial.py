"""Asking again after a change: a few days of the occupancy are changed, and searched as any other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Concatenate, ParamSpec

from engine.search.excerpt import Excerpt
from engine.search.inquiry import span_of
from engine.search.pools import Pool, Pools
from engine.search.query import Query
from engine.search.rank import best_starts

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from engine.model.ids import ResourceId
    from engine.model.order import Order
    from engine.model.patient import Patient
    from engine.search.candidate import Candidate
    from engine.search.occupancy import Occupancy

__all__ = ["Trial"]

P = ParamSpec("P")


class Trial:
    """One question about a range of starts, asked again after one change or another. The occupancy stays as it is.

    Parameters
    ----------
    first, stop
        Ticks of the occupancy's grid; cut to it.
    practitioner
        Asked for beside whom the order requires.
    """

    def __init__(
        self,
        occupancy: Occupancy,
        order: Order,
        *,
        now: datetime,
        first: int,
        stop: int,
        occurrence: int,
        practitioner: ResourceId | None,
    ) -> None:
        self._occupancy, self._order, self._now = occupancy, order, now
        self._occurrence, self._practitioner = occurrence, practitioner
        self._first, self._stop = max(0, first), min(stop, occupancy.n_ticks)
        self._span = span_of(occupancy, order, self._first, self._stop, occurrence)
        self.part = Excerpt(occupancy, *self._span)

    def pools(self) -> list[Pool]:
        """Who is needed: the pools; none where no step can be done by anybody, or the order cannot be booked."""
        with self._query(self.part, None) as query:
            return Pools(query).all if not query.missing and all(s.variants for s in query.steps) else []

    def after(
        self, change: Callable[Concatenate[Excerpt, P], None], *args: P.args, **kwargs: P.kwargs
    ) -> Candidate | None:
        """The best visit after something is done to a copy of the days in question; None where there is none."""
        part = Excerpt(self._occupancy, *self._span)
        change(part, *args, **kwargs)
        return self._best(part, None)

    def with_patient(self, patient: Patient) -> Candidate | None:
        """The best visit for the patient as they would be."""
        return self._best(self.part, patient)

    def _best(self, part: Excerpt, patient: Patient | None) -> Candidate | None:
        with self._query(part, patient) as query:
            return next(iter(best_starts(query, 1)), None)

    def _query(self, part: Excerpt, patient: Patient | None) -> Query:
        return Query(
            part,
            self._order,
            now=self._now,
            first=self._first - part.shift,
            stop=self._stop - part.shift,
            occurrence=self._occurrence,
            practitioner=self._practitioner,
            patient=patient,
        )
