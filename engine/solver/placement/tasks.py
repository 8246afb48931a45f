"""What is to be placed: an order's occurrence, with what it costs to leave it out, and the visit that it had before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.errors import UnsupportedRuleError
from engine.model.appointment import BLOCKING, AppointmentStatus
from engine.model.codes import PenaltyCode
from engine.model.explanation import PenaltyTerm
from engine.model.order import OrderStatus
from engine.model.timegrid import epoch_minute

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from engine.model.appointment import Appointment
    from engine.model.ids import AppointmentId, OrderId
    from engine.model.order import Order, Priority
    from engine.model.problem import Problem
    from engine.model.schedule import Schedule

__all__ = ["Task", "in_order", "refusal_of", "tasks_for_moves", "tasks_for_orders"]


@dataclass(frozen=True, slots=True)
class Task:
    """One visit to be placed.

    Parameters
    ----------
    occurrence
        Index into the order's series.
    visit
        The visit that it had, when it is to be moved; it keeps its id.
    not_before
        The earliest start, where an event says so, on top of what the order says.
    must_differ
        Whether it may not start when the visit did (the patient asked for another time). The visit keeps its place
        until it has another.
    """

    order: Order
    occurrence: int = 0
    visit: Appointment | None = None
    not_before: datetime | None = None
    must_differ: bool = False

    @property
    def key(self) -> tuple[OrderId, int]:
        """Order and occurrence."""
        return self.order.id, self.occurrence

    @property
    def staying(self) -> Appointment | None:
        """The visit, if it keeps its place until it has another."""
        return self.visit if self.must_differ else None

    def left_out_terms(self, problem: Problem) -> tuple[PenaltyTerm, ...]:
        """What it costs when the task finds no place: an order waits on, and a booked patient loses the visit.

        A visit that stays although its patient cannot come counts as lost.
        """
        lost: list[tuple[PenaltyCode, str, Priority]] = [(PenaltyCode.UNPLACED, self.order.id, self.order.priority)]
        if self.visit is not None:
            lost.append((PenaltyCode.CANCELLED, self.visit.id, self.visit.priority))
        policy = problem.policy
        return tuple(
            PenaltyTerm(code=code, subjects=(subject,), amount=policy.priority.of(priority), weight=policy.weight(code))
            for code, subject, priority in lost
        )

    def left_out_cost(self, problem: Problem) -> int:
        """The sum of these."""
        return sum(t.cost for t in self.left_out_terms(problem))


def tasks_for_orders(schedule: Schedule, orders: Iterable[Order], *, now: datetime) -> tuple[Task, ...]:
    """A task for each active order, and each occurrence of its series, that has no visit yet.

    They come in the order in which a careful clerk would book: by priority, deadline, due date, waiting time and id,
    each behind what it depends on.
    """
    booked = _booked(schedule, now)
    wanted = sorted((o for o in orders if o.status is OrderStatus.ACTIVE), key=_urgency)
    occurrences = ((o, i) for o in wanted for i in range(max(1, len(o.series))))
    return in_order([Task(order, i) for order, i in occurrences if (order.id, i) not in booked])


def tasks_for_moves(
    problem: Problem,
    visits: Iterable[Appointment],
    *,
    not_before: Mapping[AppointmentId, datetime] | None = None,
    must_differ: Collection[AppointmentId] = (),
) -> tuple[Task, ...]:
    """A task for each visit that needs another place and has an order, each behind what it depends on."""
    earliest = not_before or {}
    return in_order(
        [
            Task(problem.order(v.order), v.occurrence, v, earliest.get(v.id), v.id in must_differ)
            for v in visits
            if v.order is not None
        ]
    )


def refusal_of(problem: Problem, task: Task) -> str | None:
    """What is to be said of a task that no plan can have; None of all others.

    A seat in a group is not a place of its own: whether there is one depends on who else comes.
    """
    if problem.service(task.order.service).group_size == 1:
        return None
    error = UnsupportedRuleError(["group visits"], "A plan for several visits")
    return f"{error} Maybe find a seat for order {task.order.id} alone."


def in_order(tasks: Sequence[Task]) -> tuple[Task, ...]:
    """The same tasks, each behind its order's prerequisites and its series' first visit, else as they come."""
    by_order: dict[OrderId, list[Task]] = {}
    for task in tasks:
        by_order.setdefault(task.order.id, []).append(task)
    placed: dict[tuple[OrderId, int], Task] = {}

    def place(task: Task) -> None:
        if task.key in placed:
            return
        before = [t for p in task.order.prerequisites for t in by_order.get(p.order, ())]
        if task.occurrence:
            before += [t for t in by_order[task.order.id] if t.occurrence == 0]
        for other in before:
            place(other)
        placed[task.key] = task

    for task in tasks:
        place(task)
    return tuple(placed.values())


def _booked(schedule: Schedule, now: datetime) -> set[tuple[str, int]]:
    """Orders and occurrences that have a visit."""
    table = schedule.appointments
    is_blocking = np.array([s in BLOCKING for s in AppointmentStatus])
    rows = table.rows[is_blocking[table.rows["status"]] & (epoch_minute(now) < table.rows["expires_at"])]
    pairs = zip(rows["order"].tolist(), rows["occurrence"].tolist(), strict=True)
    return {(table.names[order], occurrence) for order, occurrence in pairs if order >= 0}


def _urgency(order: Order) -> tuple[object, ...]:
    times = (order.deadline, order.due, order.ordered_at)
    return (order.priority.rank, *((t is None, t.timestamp() if t else 0.0) for t in times), order.id)
