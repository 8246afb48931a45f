"""Series: all visits of an order together, best first day first.

The day of the first visit decides on which days every other one may be. So first days are taken best first, by what all
visits cost at least. From a day each visit is found by itself; mostly they are far apart (`apart`) and that is the
answer. Where they are not, they are booked one beside the other, by branch and bound (`series_beside`).
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from engine.model.ids import AppointmentId
from engine.model.order import Condition, ConditionKind, ConditionStatus, Occurrence
from engine.search.apart import Apart
from engine.search.candidate import candidate_to_appointment
from engine.search.clock import day_number
from engine.search.finder import find
from engine.search.habit import Habit
from engine.search.neighbours import local_day
from engine.search.query import Query
from engine.search.rank import least_by_day
from engine.search.series_beside import Beside
from engine.search.suppose import supposing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager
    from datetime import datetime

    from engine.model.appointment import Appointment
    from engine.model.ids import ResourceId
    from engine.model.order import Order
    from engine.search.candidate import Candidate
    from engine.search.occupancy import Occupancy

__all__ = ["SeriesPlan", "SeriesSearch"]

_NONE = 1 << 60
_FAR_DAYS = 28
"""How far outside its tolerance a visit without a place is looked for."""
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class SeriesPlan:
    """The visits of a series from one first day.

    Parameters
    ----------
    visits
        By occurrence; those that are booked already are not among them.
    clashes
        Occurrences for which there is no place.
    is_proven
        Whether it was shown that from this first day there are no fewer clashes and, with these, no lower cost.
    """

    first_day: date
    visits: Mapping[int, Candidate]
    clashes: tuple[int, ...]
    cost: int
    is_proven: bool


class SeriesSearch:
    """Looks for the visits of a series that are not booked yet.

    Parameters
    ----------
    occupancy
        As of `now`; the visits of the series that are booked take their time in it and are of no order (`unnamed`).
    booked
        These visits, by number.
    first, stop
        Of the first visit's start, as for `finder.find`.
    practitioner
        Of every visit, likewise.
    """

    def __init__(
        self,
        occupancy: Occupancy,
        order: Order,
        *,
        now: datetime,
        booked: Mapping[int, Appointment],
        first: int | None = None,
        stop: int | None = None,
        practitioner: ResourceId | None = None,
    ) -> None:
        self.occupancy, self.problem = occupancy, occupancy.problem
        self._order, self._now, self._booked = order, now, booked
        self._practitioner, self._range = practitioner, (first, stop)
        self.wanted = tuple(i for i in range(len(order.series)) if i not in booked)
        self._apart = Apart(occupancy, order)
        self._floors: dict[object, dict[int, int]] = {}
        self._least: dict[object, int] = {}
        self._known: dict[object, Candidate | None] = {}

    def plans(self) -> Iterator[SeriesPlan]:
        """A plan for each first day: fewest clashes first, then least cost, then the earliest."""
        heap: list[tuple[int, int, int, SeriesPlan | None]] = [(*self._floor(d), d, None) for d in self._first_days()]
        heapq.heapify(heap)
        while heap:
            _, _, day, plan = heapq.heappop(heap)
            if plan is not None:
                yield self._with_habit(plan)
                continue
            made = self._from(_EPOCH + timedelta(day))
            if made is not None:
                heapq.heappush(heap, (len(made.clashes), made.cost, day, made))

    def days(self, i: int, first_day: date) -> tuple[date, date]:
        """The local days on which occurrence `i` may be, both included, with the first visit on `first_day`."""
        due = self._order.series[i]
        if i == 0:
            return first_day, first_day
        day = first_day + timedelta(due.offset_days)
        return day - timedelta(due.before_days), day + timedelta(due.after_days)

    def nearest(self, i: int, plan: SeriesPlan) -> Candidate | None:
        """The visit of an occurrence without a place on the nearest day outside its tolerance, beside the others."""
        low, high = (day_number(d) for d in self.days(i, plan.first_day))
        begin = day_number(plan.first_day)
        near = [d for d in self._floors_of(i) if d > begin and 0 < max(low - d, d - high) <= _FAR_DAYS]
        with self.supposing(plan):
            for d in sorted(near, key=lambda d: (max(low - d, d - high), d)):
                day = _EPOCH + timedelta(d)
                found = self.find(i, day, day)
                if found:
                    return found[0]
        return None

    def alone(self, i: int) -> Order:
        """Occurrence `i` as an order for one visit, whenever it is."""
        minutes = self._order.series[i].duration_min
        return self._order.model_copy(
            update={
                "series": () if minutes is None else (Occurrence(offset_days=0, duration_min=minutes),),
                "target": self._order.target if i == 0 else None,
            }
        )

    def on_days(self, i: int, first_day: date, last_day: date) -> Order:
        """The same, on these local days."""
        order = self.alone(i)
        days = Condition(
            kind=ConditionKind.OTHER, status=ConditionStatus.MET, valid_from=first_day, valid_until=last_day
        )
        return order.model_copy(update={"conditions": (*order.conditions, days)})

    def find(
        self,
        i: int,
        first_day: date,
        last_day: date,
        *,
        k: int = 1,
        first: int | None = None,
        stop: int | None = None,
        practitioner: ResourceId | None = None,
    ) -> list[Candidate]:
        """The `k` cheapest visits of occurrence `i` by itself that start on these local days.

        The rest as for `finder.find`, where it differs from what all visits are asked for.
        """
        low, high = self._range if i == 0 else (None, None)
        return find(
            self.occupancy,
            self.on_days(i, first_day, last_day),
            now=self._now,
            k=k,
            first=low if first is None else first,
            stop=high if stop is None else stop,
            practitioner=practitioner or self._practitioner,
        )

    def as_booked(self, i: int, visit: Candidate) -> Appointment:
        """A visit as it takes its time: of no order."""
        made = candidate_to_appointment(
            self.problem, self._order, visit, id=AppointmentId(f"{i}"), now=self._now, occurrence=i
        )
        return made.model_copy(update={"order": None})

    def supposing(self, plan: SeriesPlan) -> AbstractContextManager[None]:
        """The occupancy with the visits of a plan."""
        return supposing(self.occupancy, [self.as_booked(i, c) for i, c in plan.visits.items()])

    def _first_days(self) -> list[int]:
        if 0 in self._booked:
            return [day_number(local_day(self.problem, self._booked[0]))]
        days = set(self._floors_of(0))
        for i, visit in self._booked.items():  # the first was cancelled, and must not leave the others behind
            due, own = self._order.series[i], day_number(local_day(self.problem, visit))
            latest = own - due.offset_days + due.before_days
            days &= set(range(latest - due.before_days - due.after_days, latest + 1))
        return sorted(days)

    def _floor(self, day: int) -> tuple[int, int]:
        """How many visits clash at least, and what the others cost at least, from a first day on."""
        least = [self._least_of(i, _EPOCH + timedelta(day)) for i in self.wanted]
        found = [cost for cost in least if cost < _NONE]
        return len(least) - len(found), sum(found)

    def _least_of(self, i: int, first_day: date) -> int:
        low, high = self.days(i, first_day)
        key = self._group(i), low, high
        known = self._least.get(key)
        if known is None:
            floors = self._floors_of(i)
            known = min(floors.get(d, _NONE) for d in range(day_number(low), day_number(high) + 1))
            self._least[key] = known
        return known

    def _group(self, i: int) -> tuple[int | None, bool]:
        """What tells one occurrence's question from another's, the days aside."""
        return self._order.series[i].duration_min, i == 0

    def _floors_of(self, i: int) -> dict[int, int]:
        """What a visit costs at least on each local day, by the day's number."""
        group = self._group(i)
        if group not in self._floors:
            margin = self.occupancy.calendars.margin
            low, high = (None if t is None or i else t + margin for t in self._range)
            asking = Query(
                self.occupancy, self.alone(i), now=self._now, first=low, stop=high, practitioner=self._practitioner
            )
            with asking as query:
                self._floors[group] = least_by_day(query)
        return self._floors[group]

    def _from(self, first_day: date) -> SeriesPlan | None:
        """The visits from a first day on; None where the first itself has no place."""
        visits: dict[int, Candidate] = {}
        for i in self.wanted:
            best = self._best(i, first_day)
            if best is None and i == 0:
                return None
            visits |= {} if best is None else {i: best}
        clashes = tuple(i for i in self.wanted if i not in visits)
        plan = SeriesPlan(first_day, visits, clashes, sum(c.cost for c in visits.values()), is_proven=True)
        if self._is_apart(plan):
            return plan
        beside = Beside(self, first_day, visits)
        beside.search()
        clashes = tuple(i for i in self.wanted if i not in beside.visits)
        return SeriesPlan(first_day, beside.visits, clashes, beside.cost, beside.is_proven)

    def _best(self, i: int, first_day: date) -> Candidate | None:
        """The cheapest visit of an occurrence, by itself."""
        days = self.days(i, first_day)
        key = self._group(i), *days
        if key not in self._known:
            found = self.find(i, *days) if self._least_of(i, first_day) < _NONE else []
            self._known[key] = found[0] if found else None
        return self._known[key]

    def _is_apart(self, plan: SeriesPlan) -> bool:
        return self._apart.are(self.as_booked(i, c) for i, c in plan.visits.items())

    def habit(self, visits: Mapping[int, Candidate]) -> Habit | None:
        """That of the first visit, booked or not."""
        if 0 in self._booked:
            return Habit.of_appointment(self.problem, self._booked[0])
        return Habit.of_candidate(self.problem, visits[0]) if 0 in visits else None

    def _with_habit(self, plan: SeriesPlan) -> SeriesPlan:
        """Of equal cost the visits at the wall-clock time and with the practitioner of the first, in that order."""
        habit = self.habit(plan.visits)
        if habit is None or not self._is_apart(plan):
            return plan
        kept = {i: self._like(habit, i, c, plan.first_day) if i else c for i, c in plan.visits.items()}
        other = replace(plan, visits=kept)
        return other if self._is_apart(other) else plan

    def _like(self, habit: Habit, i: int, given: Candidate, first_day: date) -> Candidate:
        """The visit of an occurrence that shares most with the first, of those that cost what the given one costs."""
        if habit.shared(Habit.of_candidate(self.problem, given)) == (True, True):
            return given
        options, (low, high), floors = [given], self.days(i, first_day), self._floors_of(i)
        for n in range((high - low).days + 1):
            day = low + timedelta(n)
            tick = habit.tick_on(self.problem.grid, day)
            if tick is None or floors.get(day_number(day), _NONE) > given.cost:
                continue
            for lead in dict.fromkeys((self._practitioner or habit.lead, self._practitioner)):
                found = self._at(i, day, tick, lead)
                if found is not None and found.cost == given.cost:
                    options.append(found)
                    break
        return max(options, key=lambda c: habit.shared(Habit.of_candidate(self.problem, c)))

    def _at(self, i: int, day: date, tick: int, practitioner: ResourceId | None) -> Candidate | None:
        """The cheapest visit of an occurrence at a tick."""
        key = self._group(i), tick, practitioner
        if key not in self._known:
            found = self.find(i, day, day, first=tick, stop=tick + 1, practitioner=practitioner)
            self._known[key] = found[0] if found else None
        return self._known[key]
