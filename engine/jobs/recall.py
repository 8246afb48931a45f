"""The recall list: orders for a time that nothing is planned for yet, each with the day on which to look again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.model.codes import ConstraintCode

if TYPE_CHECKING:
    from datetime import datetime

    from engine.model.ids import OrderId
    from engine.model.order import Order
    from engine.model.problem import Problem

__all__ = ["RecallEntry", "recall_entry"]


@dataclass(frozen=True, slots=True)
class RecallEntry:
    """An order that waits until its time is planned.

    Parameters
    ----------
    rule
        Which rule puts the visit there: its target date, its earliest start or its series.
    first_day, last_day
        The local days on which the visit may be, both included; None: no last one.
    bookable_until
        The last local day that can be booked today: the last one planned, or as far ahead as the policy allows.
    look_again
        The day on which `first_day` (or, where that can be booked already, `last_day`) can be booked, if the plan is
        always kept as far ahead as it reaches today.
    """

    order: OrderId
    occurrence: int
    rule: ConstraintCode
    first_day: date
    last_day: date | None
    bookable_until: date
    look_again: date

    @property
    def is_ahead(self) -> bool:
        """Whether none of its days can be booked yet; else some can, and are full."""
        return self.first_day > self.bookable_until

    @property
    def message(self) -> str:
        """What to tell whoever asks."""
        until = f"visits can be booked until {self.bookable_until.isoformat()}"
        days = f"{self.first_day.isoformat()}{'' if self.last_day is None else f' to {self.last_day.isoformat()}'}"
        if self.last_day is None:
            days += " or later"
        return (
            f"Order {self.order} is for {days}, and {until}. Maybe put it on the recall list, to look again on "
            f"{self.look_again.isoformat()}."
        )


def recall_entry(
    problem: Problem, order: Order, *, now: datetime, occurrence: int = 0, first_visit: date | None = None
) -> RecallEntry | None:
    """The entry of an order whose time, or a part of it, cannot be booked yet; None where all of it can.

    Parameters
    ----------
    occurrence
        Of the order's series.
    first_visit
        The local day of the first visit of its series, where that is known.
    """
    today = now.astimezone(ZoneInfo(problem.time_zone)).date()
    zones = {s.time_zone for s in problem.sites} or {problem.time_zone}
    until = max(problem.grid.local_date(problem.grid.n_ticks - 1, zone) for zone in zones)
    if problem.policy.max_ahead_days is not None:
        until = min(until, today + timedelta(problem.policy.max_ahead_days))
    windows: list[tuple[date, date | None, ConstraintCode]] = []
    if order.earliest_start is not None:
        earliest = order.earliest_start.astimezone(ZoneInfo(problem.time_zone)).date()
        windows.append((earliest, None, ConstraintCode.EARLIEST_START))
    if occurrence == 0 and order.target is not None:
        t = order.target
        span = t.day - timedelta(t.before_days), t.day + timedelta(t.after_days)
        windows.append((*span, ConstraintCode.TARGET_WINDOW))
    if 0 < occurrence < len(order.series) and first_visit is not None:
        due = order.series[occurrence]
        day = first_visit + timedelta(due.offset_days)
        windows.append((day - timedelta(due.before_days), day + timedelta(due.after_days), ConstraintCode.SERIES))
    if not windows:
        return None
    first, _, rule = max(windows, key=lambda w: w[0])
    last = min((w[1] for w in windows if w[1] is not None), default=None)
    wanted = first if first > until else last
    if wanted is None or wanted <= until:
        return None
    look_again = max(wanted - timedelta(max(0, (until - today).days)), today + timedelta(1))
    return RecallEntry(order.id, occurrence, rule, first, last, until, look_again)
