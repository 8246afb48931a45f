"""A plan: which tasks have which place, kept together with the free time that is left."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from engine.model.ids import AppointmentId, free_visit_id
from engine.model.resource import ResourceKind
from engine.model.service import RoleUse
from engine.search.candidate import candidate_to_appointment
from engine.search.finder import find
from engine.solver.placement.movement import (
    has_same_place,
    is_within_promise,
    movement_terms,
    promise_of,
    promised_stretches,
)
from engine.solver.placement.place import Place, Window
from engine.solver.placement.tasks import refusal_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from datetime import datetime

    from engine.model.appointment import Appointment
    from engine.model.ids import ResourceId
    from engine.model.problem import Problem
    from engine.search.candidate import Candidate
    from engine.search.occupancy import Occupancy
    from engine.solver.placement.tasks import Task

__all__ = ["Plan", "PlanKind"]

_Answer = TypeVar("_Answer")


class PlanKind(StrEnum):
    """What a plan puts first when it chooses places for visits that must move. Costs are reported alike for all."""

    FEWEST_CALLS = "fewest calls"
    """The policy's costs as they are."""
    SAME_PRACTITIONER = "same practitioner"
    """Each visit stays with its practitioner where that is possible at all."""
    SOONEST = "soonest"
    """The policy's costs without those of moving."""


class Plan:
    """Places for tasks, found one at a time in the free time that the others leave.

    Parameters
    ----------
    occupancy
        Free time without the visits that are to be moved, but for those that stay until they have another place. The
        plan owns it and books into it.
    """

    def __init__(
        self,
        problem: Problem,
        occupancy: Occupancy,
        tasks: Sequence[Task],
        *,
        now: datetime,
        kind: PlanKind = PlanKind.FEWEST_CALLS,
    ) -> None:
        self.problem = problem
        self.kind = kind
        self.tasks = tuple(tasks)
        self.now = now
        self.places: list[Place | None] = [None] * len(tasks)
        self.refused: dict[int, str] = {}
        """Tasks that a plan cannot have, and what is to be said of each."""
        self.left_out_costs = tuple(t.left_out_cost(problem) for t in tasks)
        self.left_out_cost = sum(self.left_out_costs)
        self.soft_cost = 0
        self._occupancy = occupancy
        self._kept_ids = {t.visit.id for t in tasks if t.visit is not None}

    def __len__(self) -> int:
        return len(self.tasks)

    @property
    def cost(self) -> tuple[int, int]:
        """What leaving out costs, then everything else: the first is never traded for the second."""
        return self.left_out_cost, self.soft_cost

    def insert(self, t: int, window: Window | None = None) -> bool:
        """Give task `t` the cheapest place there is now, inside `window` if one is given; False when there is none."""
        place = self.best_place(t, window)
        if place is None:
            return False
        self._put(t, place)
        return True

    def best_place(self, t: int, window: Window | None = None) -> Place | None:
        """The place that task `t` would be given; nothing is booked."""
        return self._answer(t, lambda task: self._best_place(task, window))

    def places_in(self, t: int, window: Window, most: int) -> list[Place]:
        """The cheapest places of task `t` at the starts in `window`, one at each start, cheapest first.

        Parameters
        ----------
        most
            So many of them. Nothing is booked.
        """
        return self._answer(t, lambda task: self._places(task, window, most)[:most]) or []

    def _answer(self, t: int, question: Callable[[Task], _Answer | None]) -> _Answer | None:
        """What search says of task `t`; None where no plan can have it."""
        if t in self.refused:
            return None
        said = refusal_of(self.problem, self.tasks[t])
        if said is not None:
            self.refused[t] = said
            return None
        return question(self.tasks[t])

    def remove(self, t: int) -> None:
        """Take the place of task `t` away; nothing when it has none."""
        place = self.places[t]
        if place is not None:
            self._occupancy.cancel(place.appointment.id)
            if (staying := self.tasks[t].staying) is not None:
                self._occupancy.book(staying)
            self.places[t] = None
            self.left_out_cost += self.left_out_costs[t]
            self.soft_cost -= place.cost

    def restore(self, places: Iterable[tuple[int, Place | None]]) -> None:
        """Give tasks back the places that they had, whatever they have now. All of them were in one plan."""
        wanted = [(t, place) for t, place in places if self.places[t] is not place]
        for t, _ in wanted:
            self.remove(t)
        for t, place in wanted:
            if place is not None:
                self._put(t, place)

    def _put(self, t: int, place: Place) -> None:
        if (staying := self.tasks[t].staying) is not None:
            self._occupancy.cancel(staying.id)
        self._occupancy.book(place.appointment)
        self.places[t] = place
        self.left_out_cost -= self.left_out_costs[t]
        self.soft_cost += place.cost

    def _best_place(self, task: Task, window: Window | None) -> Place | None:
        if self.kind is PlanKind.SAME_PRACTITIONER and task.visit is not None and window is None:
            grid = self.problem.grid
            for who in _practitioners(self.problem, task.visit):
                place = self._cheapest(task, Window(0, grid.n_ticks, who))
                if place is not None:
                    return place
        return self._cheapest(task, window)

    def _cheapest(self, task: Task, window: Window | None) -> Place | None:
        return next(iter(self._places(task, window, 1)), None)

    def _places(self, task: Task, window: Window | None, most: int) -> list[Place]:
        """The cheapest places first; `most` of each part of the window."""
        found = [c for part in self._windows(task, window) for c in self._candidates(task, part, most)]
        return sorted((self._place(task, c) for c in found), key=lambda p: (self._rank(p), p.appointment.start))

    def _rank(self, place: Place) -> int:
        return sum(t.cost for t in (place.visiting if self.kind is PlanKind.SOONEST else place.terms))

    def _candidates(self, task: Task, window: Window, most: int) -> list[Candidate]:
        return find(
            self._occupancy,
            task.order,
            now=self.now,
            k=most,
            first=window.first,
            stop=window.stop,
            practitioner=window.practitioner,
            occurrence=task.occurrence,
            ignoring=() if task.staying is None else (task.staying.id,),
            diverse=False,
        )

    def _windows(self, task: Task, window: Window | None) -> Iterator[Window]:
        """Where to look: for a visit that moves, also apart where a move costs less, since search does not know."""
        grid = self.problem.grid
        first, stop = (0, grid.n_ticks) if window is None else (window.first, window.stop)
        practitioner = None if window is None else window.practitioner
        if task.not_before is not None:
            first = max(first, grid.ceil(task.not_before))
        stretches, people = [(first, stop)], [practitioner]
        if task.visit is not None:
            stretches += [(grid.ceil(a), grid.ceil(b)) for a, b in promised_stretches(self.problem, task.visit)]
            named = promise_of(task.visit).practitioner
            people += [named] if practitioner is None and named is not None else []
        for low, high in dict.fromkeys((max(a, first), min(b, stop)) for a, b in stretches):
            for a, b in self._without_old_start(task, low, high):
                yield from (Window(a, b, who) for who in people if a < b)

    def _without_old_start(self, task: Task, low: int, high: int) -> Iterator[tuple[int, int]]:
        if task.visit is None or not task.must_differ:
            yield low, high
            return
        before = self.problem.grid.floor(task.visit.start)
        yield low, min(high, before)
        yield max(low, before + 1), high

    def _place(self, task: Task, candidate: Candidate) -> Place:
        visit = task.visit
        if visit is None:
            made = candidate_to_appointment(
                self.problem, task.order, candidate, id=self._new_id(task), now=self.now, occurrence=task.occurrence
            )
            return Place(made, candidate.terms)
        made = candidate_to_appointment(
            self.problem, task.order, candidate, id=visit.id, now=self.now, occurrence=task.occurrence
        )
        if has_same_place(made, visit):  # what the order says may have changed all the same
            update = {"priority": made.priority, "patient_class": made.patient_class}
            return Place(visit.model_copy(update=update), candidate.terms)
        used = {r.resource for s in made.steps for r in s.reservations}
        moving = movement_terms(self.problem, visit, made.start, used, now=self.now)
        return Place(self._moved(task, visit, made, used, is_told=bool(moving)), candidate.terms, moving)

    def _moved(
        self, task: Task, visit: Appointment, made: Appointment, used: Collection[ResourceId], *, is_told: bool
    ) -> Appointment:
        """A visit in its new place, with its identity and history; `is_told`: the patient must be told of it."""
        is_by_us = not task.must_differ and task.not_before is None
        promise = visit.promise
        if promise is not None and is_told:
            kept = is_within_promise(self.problem, visit, made.start)
            promise = promise.model_copy(
                update={
                    "start": promise.start if kept else made.start,
                    "practitioner": promise.practitioner if promise.practitioner in used else None,
                }
            )
        return visit.model_copy(
            update={
                "steps": made.steps,
                "booked_at": made.booked_at,
                "priority": made.priority,
                "patient_class": made.patient_class,
                "overrides": (),  # they were for the place that it had; the new one breaks no rule
                "promise": promise,
                "is_confirmed": visit.is_confirmed and not is_told,
                "times_moved": visit.times_moved + (is_told and is_by_us),
            }
        )

    def _new_id(self, task: Task) -> AppointmentId:
        known, kept = self._occupancy.bookings, self._kept_ids
        occurrence = task.occurrence if task.order.series else None
        return free_visit_id(task.order.id, occurrence, lambda name: name in known or name in kept)


def _practitioners(problem: Problem, visit: Appointment) -> list[ResourceId]:
    """Those who see the patient in a visit; whoever was named to the patient first."""
    named = promise_of(visit).practitioner
    seen = [
        r.resource
        for s in visit.steps
        for r in s.reservations
        if r.use is RoleUse.EXCLUSIVE and problem.resource(r.resource).kind is ResourceKind.PRACTITIONER
    ]
    return list(dict.fromkeys([named, *seen] if named is not None else seen))
