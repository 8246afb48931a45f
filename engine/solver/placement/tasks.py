"""What is to be placed: an order's occurrence, with what it costs to leave it out, and the visit that it had before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.model.codes import PenaltyCode
from engine.model.explanation import PenaltyTerm
from engine.model.order import OrderStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from engine.model.appointment import Appointment
    from engine.model.ids import AppointmentId, OrderId
    from engine.model.order import Order
    from engine.model.problem import Problem
    from engine.model.schedule import Schedule

__all__ = ["Task", "left_out_term", "tasks_for_moves", "tasks_for_orders"]


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
    """

    order: Order
    occurrence: int = 0
    visit: Appointment | None = None
    not_before: datetime | None = None

    @property
    def key(self) -> tuple[OrderId, int]:
        """Order and occurrence."""
        return self.order.id, self.occurrence


def tasks_for_orders(schedule: Schedule, orders: Iterable[Order], *, now: datetime) -> tuple[Task, ...]:
    """A task for each active order, and each occurrence of its series, that has no visit yet.

    They come in the order in which a careful clerk would book: prerequisites first, then by priority, deadline, due
    date, waiting time and id.
    """
    booked = {(a.order, a.occurrence) for a in schedule.appointments if a.order is not None and a.blocks_at(now)}
    wanted = sorted((o for o in orders if o.status is OrderStatus.ACTIVE), key=_urgency)
    return tuple(
        Task(order, occurrence)
        for order in _after_prerequisites(wanted)
        for occurrence in range(max(1, len(order.series)))
        if (order.id, occurrence) not in booked
    )


def tasks_for_moves(
    problem: Problem, visits: Iterable[Appointment], not_before: Mapping[AppointmentId, datetime] | None = None
) -> tuple[Task, ...]:
    """A task for each visit that needs another place."""
    return tuple(
        Task(problem.order(visit.order), visit.occurrence, visit, (not_before or {}).get(visit.id))
        for visit in visits
        if visit.order is not None
    )


def left_out_term(problem: Problem, task: Task) -> PenaltyTerm:
    """What it costs when a task finds no place: a booked patient loses the visit, or an order waits on."""
    code = PenaltyCode.UNPLACED if task.visit is None else PenaltyCode.CANCELLED
    subject = task.order.id if task.visit is None else task.visit.id
    return PenaltyTerm(
        code=code,
        subjects=(subject,),
        amount=problem.policy.priority.of(task.order.priority),
        weight=problem.policy.weight(code),
    )


def _urgency(order: Order) -> tuple[object, ...]:
    times = (order.deadline, order.due, order.ordered_at)
    return (order.priority.rank, *((t is None, t.timestamp() if t else 0.0) for t in times), order.id)


def _after_prerequisites(orders: Sequence[Order]) -> list[Order]:
    """The same orders, each behind those it depends on, else as they come."""
    by_id = {o.id: o for o in orders}
    placed: dict[OrderId, Order] = {}

    def place(order: Order) -> None:
        if order.id in placed:
            return
        for before in order.prerequisites:
            if before.order in by_id:
                place(by_id[before.order])
        placed[order.id] = order

    for order in orders:
        place(order)
    return list(placed.values())
