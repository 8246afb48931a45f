"""Who gains from time that has become free."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.check.clock import time_text
from engine.jobs.answer import proposal
from engine.jobs.reach import windows_reaching
from engine.model.codes import PenaltyCode
from engine.model.timegrid import epoch_minute
from engine.search.occupancy import Occupancy
from engine.solver.placement.plan import Plan
from engine.solver.placement.tasks import tasks_for_orders

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from engine.jobs.disruption import Disruption
    from engine.jobs.happened import Stretch
    from engine.model.appointment import Appointment
    from engine.model.problem import Problem
    from engine.model.result import Proposal
    from engine.model.schedule import Schedule
    from engine.solver.placement.place import Place, Window
    from engine.solver.placement.tasks import Task

__all__ = ["fillings"]

_FIRST_STARTS, _MOST_STARTS = 8, 512
"""How many starts of a visit are looked at: few at first, many where none of these uses freed time."""


def fillings(
    schedule: Schedule,
    planned: Schedule,
    first: Proposal,
    changes: Sequence[tuple[Appointment | None, Appointment | None]],
    disruption: Disruption,
    *,
    now: datetime,
    count: int,
    go_on: Callable[[], bool],
) -> list[Proposal]:
    """Proposals that do what a first one does, in which nobody is moved, and give freed time to a waiting order.

    A patient who gave a visit up is not offered the time that this freed, nor any other at which they would have come.

    Parameters
    ----------
    planned
        The schedule with the first proposal accepted.
    changes
        Of the first proposal.
    go_on
        Asked before each order.

    Returns
    -------
    list of Proposal
        At most `count`, most gain first: what leaving the order out costs, less what its visit would cost.
    """
    if count < 1:
        return []
    problem = planned.problem
    waiting = _Waiting(planned, disruption, now)
    found: list[tuple[int, int, Place]] = []
    for most_gain, t in waiting.by_most_gain():
        # Nobody who is left can gain more than the last of those who are offered it.
        if not go_on() or (len(found) >= count and -found[count - 1][0] >= most_gain):
            break
        place = waiting.best_filling(t)
        if place is not None:
            found.append((place.cost - waiting.plan.left_out_costs[t], t, place))
            found.sort(key=lambda f: f[:2])
    return [
        proposal(
            schedule,
            problem,
            number=number,
            title=_title(problem, waiting.plan.tasks[t], place),
            changes=[*changes, (None, place.appointment)],
            left_over=first.left_over,
            terms=(*first.breakdown.terms, *place.terms),
            now=now,
            told=disruption.told,
            at_desk=disruption.at_desk,
        )
        for number, (_, t, place) in enumerate(found[:count], start=2)
    ]


class _Waiting:
    """The orders that wait, and what freed time could do for them."""

    def __init__(self, planned: Schedule, disruption: Disruption, now: datetime) -> None:
        self._problem = problem = planned.problem
        tasks = tasks_for_orders(planned, problem.orders, now=now)
        self._freed = disruption.freed
        self._given_up = [v for v in disruption.ended if v.id in disruption.told]
        self._windows = [windows_reaching(problem, task, self._freed_for(task)) for task in tasks]
        self.plan = Plan(problem, Occupancy.of(planned, now=now), tasks, now=now)

    def by_most_gain(self) -> list[tuple[int, int]]:
        """(what it gains at most, task) of each task that could use freed time, the most first, then most urgent."""
        found = []
        for t, windows in enumerate(self._windows):
            least = min((_least_cost(self._problem, self.plan.tasks[t], w) for w in windows), default=math.inf)
            if least < math.inf:
                found.append((self.plan.left_out_costs[t] - int(least), t))
        return sorted(found, key=lambda f: (-f[0], f[1]))

    def best_filling(self, t: int) -> Place | None:
        """The cheapest place for a task that uses freed time; None where there is none."""
        places = [p for p in (self._best_in(t, window) for window in self._windows[t]) if p is not None]
        return min(places, key=lambda p: (p.cost, p.appointment.start), default=None)

    def _best_in(self, t: int, window: Window) -> Place | None:
        most = _FIRST_STARTS
        while True:
            places = self.plan.places_in(t, window, most)
            fitting = next((p for p in places if self._fits(self.plan.tasks[t], p)), None)
            if fitting is not None or len(places) < most or most >= _MOST_STARTS:
                return fitting
            most *= 8

    def _fits(self, task: Task, place: Place) -> bool:
        visit = place.appointment
        uses_freed_time = any(
            r.resource == f.resource and r.start < f.end and f.start < r.end
            for s in visit.steps
            for r in s.reservations
            for f in self._freed_for(task)
        )
        return uses_freed_time and not any(v.start < visit.end and visit.start < v.end for v in self._given_up_by(task))

    def _given_up_by(self, task: Task) -> list[Appointment]:
        return [v for v in self._given_up if v.patient == task.order.patient]

    def _freed_for(self, task: Task) -> list[Stretch]:
        own = {v.id for v in self._given_up_by(task)}
        return [f for f in self._freed if f.visit not in own]


def _least_cost(problem: Problem, task: Task, window: Window) -> float:
    """What a visit that starts in a window costs at least; infinite where the order itself forbids it."""
    order, grid, policy = task.order, problem.grid, problem.policy
    factor = policy.priority.of(order.priority)
    first, last = grid.instant(window.first), grid.instant(window.stop - 1)
    if (order.deadline is not None and first >= order.deadline) or (
        order.earliest_start is not None and last < order.earliest_start
    ):
        return math.inf
    late_min = 0 if order.due is None else max(0, epoch_minute(first) - epoch_minute(order.due))
    since = order.earliest_start or order.ordered_at or problem.horizon.start
    zones = {ZoneInfo(s.time_zone) for s in problem.sites}
    days = min((first.astimezone(z).date() - since.astimezone(z).date()).days for z in zones)
    hours = -(-late_min // 60)
    return factor * (
        hours * policy.weight(PenaltyCode.TARDINESS) + max(0, days) * policy.weight(PenaltyCode.ACCESS_DELAY)
    )


def _title(problem: Problem, task: Task, place: Place) -> str:
    """Whom to call, without a name: "Give the time to order ord-7: Follow-up, Tue 10 Mar 2026 09:20"."""
    visit = place.appointment
    zone = problem.zone_of(min(visit.steps, key=lambda s: s.start).site)
    when = time_text(epoch_minute(visit.start), zone)
    return f"Give the time to order {task.order.id}: {problem.service(task.order.service).name}, {when}"
