"""Fills the calendars of a made-up world with visits booked in the past, and leaves a week's orders to be booked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.model.appointment import Appointment, AppointmentStatus, GroupOccurrence, Promise, PromisedTime
from engine.model.calendar import Interval, LocalPeriod
from engine.model.ids import AppointmentId, GroupId, ServiceId
from engine.model.order import Blocks, ConditionStatus, OrderStatus, Priority
from engine.model.service import RoleUse
from engine.simulate.diary import Diary
from engine.simulate.timeline import run

if TYPE_CHECKING:
    from datetime import date, datetime

    from engine.model.ids import OrderId
    from engine.model.order import Order
    from engine.model.problem import Problem
    from engine.simulate.demand import Demand, Item
    from engine.simulate.dice import Dice

__all__ = ["Filled", "Rates", "draw_week", "fill"]

_URGENT_SHARE = 0.04
"""Of the visits booked in the first week, those that use time kept for urgent orders."""


@dataclass(frozen=True, slots=True)
class Rates:
    """How full the calendars are.

    Parameters
    ----------
    booked
        For each week of the horizon: visits booked in it, as a share of the orders that come in a week.
    cancelled_share
        Share of visits that were booked and cancelled again; their time is free.
    away_share
        Share of patients who told of days on which they cannot come.
    promises
        How exactly patients were told when, by service; all others were told the time.
    """

    booked: tuple[float, ...]
    cancelled_share: float = 0.03
    away_share: float = 0.03
    promises: dict[str, PromisedTime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Filled:
    """A world with its demand: the problem with patients and orders, and what is booked in it."""

    problem: Problem
    appointments: tuple[Appointment, ...]
    groups: tuple[GroupOccurrence, ...] = ()


def fill(demand: Demand, rates: Rates, weekly: int) -> Filled:
    """Book visits by `rates`, then draw one week's orders.

    Parameters
    ----------
    weekly
        How many orders the week brings. They have no appointment yet.
    """
    dice = demand.dice
    for person in demand.people:
        if dice.chance(rates.away_share):
            first = demand.today + timedelta(days=dice.below(24))
            last = first + timedelta(days=dice.between(1, 5))
            person.unavailable = (Interval(start=demand.instant(first, 0), end=demand.instant(last, 0)),)
    book = _Book(demand, rates, Diary(demand.problem, dice))
    for week in range(len(rates.booked)):
        book.meet(week)
    for week in range(len(rates.booked)):
        book.fill_week(week)
    book.forget_late(days=10)
    draw_week(demand, weekly)
    patients = tuple(person.patient() for person in demand.people)
    problem = demand.problem.changed(patients=patients, orders=tuple(demand.orders))
    return Filled(problem, tuple(book.appointments), tuple(book.groups))


class _Book:
    """Books what was booked before `now`."""

    def __init__(self, demand: Demand, rates: Rates, diary: Diary) -> None:
        self._demand = demand
        self._rates = rates
        self._diary = diary
        self._dice: Dice = demand.dice
        self._firsts = {item.after for item in demand.mix.items}
        self._ends: dict[OrderId, datetime] = {}
        self.appointments: list[Appointment] = []
        self.groups: list[GroupOccurrence] = []

    def fill_week(self, week: int) -> None:
        """The visits of one week, those that are hard to place first."""
        share = self._rates.booked[week]
        wanted = [i for i in self._singles() for _ in range(self._dice.rounded(i.weekly * i.ahead * share))]
        for item in sorted(self._dice.shuffled(wanted), key=self._easiness):
            is_urgent = week == 0 and not item.is_routine and self._dice.chance(_URGENT_SHARE)
            self._book(item, week, Priority.URGENT if is_urgent else Priority.ROUTINE)

    def meet(self, week: int) -> None:
        """Meetings of groups, every second week, with about half of their seats taken."""
        for item in self._demand.mix.items:
            service = self._demand.problem.service(ServiceId(item.service))
            if service.group_size > 1 and week % 2:
                self._meet(item, week, service.group_size)

    def forget_late(self, days: int) -> None:
        """Leave only such visits for others to come after as are over in so many days."""
        until = self._demand.now + timedelta(days=days)
        for service, orders in self._demand.waiting.items():
            self._demand.waiting[service] = [o for o in orders if self._ends[o.id] < until]

    def _singles(self) -> list[Item]:
        services = self._demand.problem.service_by_id
        return [i for i in self._demand.mix.items if services[ServiceId(i.service)].group_size == 1]

    def _easiness(self, item: Item) -> tuple[int, int]:
        steps = self._demand.problem.service(ServiceId(item.service)).steps
        minutes = sum(600 if s.duration is None else s.duration.minutes for s in steps)
        roles = sum(r.use is RoleUse.EXCLUSIVE for s in steps for r in s.roles)
        return -len(steps), -minutes * roles

    def _book(self, item: Item, week: int, priority: Priority) -> None:
        demand, dice = self._demand, self._dice
        ordered_at, booked_at = self._past(item, week)
        waiting = {name: list(orders) for name, orders in demand.waiting.items()} if item.after else {}
        order = self._bookable(demand.draw(item, ordered_at, priority=priority))
        person = demand.person_of(order)
        is_kept = not dice.chance(self._rates.cancelled_share)
        days = self._half_days(week)
        not_before = 0
        for p in order.prerequisites:
            after = self._ends[p.order] + timedelta(minutes=p.min_min)
            not_before = demand.problem.grid.ceil(after)
        visit = self._diary.book(
            order, person.patient(), [mask & ~run(0, not_before) for mask in days], is_kept=is_kept
        )
        if visit is None:
            demand.orders.pop()
            demand.waiting.update(waiting)
            return
        self._keep(order, visit, booked_at, is_kept=is_kept)
        if not is_kept:
            demand.orders[-1] = order.model_copy(update={"status": OrderStatus.REVOKED})
            return
        if item.service in self._firsts:
            demand.waiting[item.service].append(order)
        self._ends[order.id] = visit.end
        first_day = self._local_day(visit)
        for i, later in enumerate(order.series[1:], start=1):
            masks = [
                mask
                for day, mask in self._diary.days(visit.steps[0].site)
                if -later.before_days <= (day - first_day).days - later.offset_days <= later.after_days
            ]
            again = self._diary.book(order, person.patient(), dice.shuffled(masks), occurrence=i)
            if again is not None:
                self._keep(order, again, booked_at, is_kept=True)

    def _bookable(self, order: Order) -> Order:
        """The order without what could have kept it from being booked then, and without what is done with by now."""
        kept = tuple(
            c
            for c in order.conditions
            if c.blocks is Blocks.PERFORMING or (c.status is ConditionStatus.MET and c.valid_until is None)
        )
        over = {"due": None, "deadline": None, "ordered_by": None, "separations": ()}
        order = order.model_copy(update={"conditions": kept, **over})
        self._demand.orders[-1] = order
        return order

    def _meet(self, item: Item, week: int, seats: int) -> None:
        ordered_at, booked_at = self._past(item, week)
        order = self._bookable(self._demand.draw(item, ordered_at))
        first = self._diary.book(order, self._demand.person_of(order).patient(), self._half_days(week))
        if first is None:
            self._demand.orders.pop()
            return
        group = GroupOccurrence(
            id=GroupId(f"{item.service}-{week + 1}"), service=first.service, seats=seats, steps=first.steps
        )
        self.groups.append(group)
        steps = tuple(step.model_copy(update={"reservations": ()}) for step in first.steps)
        self._keep(order, first.model_copy(update={"steps": steps, "group": group.id}), booked_at, is_kept=True)
        for _ in range(seats // 2):
            order = self._bookable(self._demand.draw(item, ordered_at))
            seat = self._diary.seat(order, self._demand.person_of(order).patient(), steps)
            if seat is None:
                self._demand.orders.pop()
            else:
                self._keep(order, seat.model_copy(update={"group": group.id}), booked_at, is_kept=True)

    def _half_days(self, week: int) -> list[int]:
        """The mornings and afternoons of a week's working days, in random order."""
        site = self._demand.problem.sites[0]
        morning = self._diary.period(LocalPeriod(start=0, end=12 * 60 + 30), site.id)
        days = [mask for _, mask in self._diary.days(site.id)[7 * week : 7 * week + 5]]
        return self._dice.shuffled(half for mask in days for half in (mask & morning, mask & ~morning))

    def _past(self, item: Item, week: int) -> tuple[datetime, datetime]:
        """When an order came in, and when its visit was booked; the further ahead a visit the earlier, on the whole."""
        service = self._demand.problem.service(ServiceId(item.service))
        notice_days = -(-max(service.min_notice_min, self._demand.problem.policy.min_notice_min) // (24 * 60))
        days = 1 + notice_days + min(60, int(self._dice.wait(8.0 + 5.0 * week)))
        day = _workday(self._demand.today - timedelta(days=days))
        ordered_at = self._demand.instant(day, self._dice.between(8 * 60, 15 * 60))
        return ordered_at, ordered_at + timedelta(minutes=self._dice.between(0, 110))

    def _local_day(self, visit: Appointment) -> date:
        grid = self._demand.problem.grid
        return grid.local_date(grid.exact(visit.start), self._demand.problem.zone_of(visit.steps[0].site))

    def _keep(self, order: Order, visit: Appointment, booked_at: datetime, *, is_kept: bool) -> None:
        dice, grid = self._dice, self._demand.problem.grid
        days_ahead = grid.exact(visit.start) * grid.tick_min / (24 * 60)
        named = order.required_practitioner or order.preferred_practitioner
        used = {v.resource for step in visit.steps for v in step.reservations}
        promise = Promise(
            time=self._rates.promises.get(visit.service, PromisedTime.TIME),
            start=visit.start,
            practitioner=named if named in used else None,
        )
        update = {
            "id": AppointmentId(f"visit-{len(self.appointments) + 1:05d}"),
            "status": AppointmentStatus.BOOKED if is_kept else AppointmentStatus.CANCELLED,
            "booked_at": booked_at,
            "is_confirmed": is_kept and dice.chance(0.8 if days_ahead < 3 else 0.3),
            "is_pinned": is_kept and dice.chance(0.01),
            "promise": promise,
            "times_moved": dice.weighted(((0, 90.0), (1, 8.0), (2, 2.0))),
        }
        self.appointments.append(visit.model_copy(update=update))


def draw_week(demand: Demand, weekly: int) -> None:
    """Draw the orders of one week: exactly `weekly`, with the priorities of the mix."""
    dice, items = demand.dice, demand.mix.items
    firsts = {item.after for item in items}
    counts = _apportioned([i.weekly for i in items], weekly)
    drawn = dice.shuffled(item for item, count in zip(items, counts, strict=True) for _ in range(count))
    priorities = _apportioned([weight for _, weight in demand.mix.priorities], weekly)
    urgent = dice.shuffled(
        priority
        for (priority, _), count in zip(demand.mix.priorities, priorities, strict=True)
        for _ in range(count)
        if priority.is_urgent
    )
    # What others come after is drawn before them.
    for item in sorted(drawn, key=lambda i: i.after is not None):
        if item.priorities:
            priority = dice.weighted(item.priorities)
        else:
            priority = urgent.pop() if urgent and not item.is_routine else Priority.ROUTINE
        target = None
        if priority is Priority.ROUTINE and dice.chance(item.recall_share):
            target = _workday(demand.today + timedelta(days=dice.between(9, 24)))
        order = demand.draw(item, _recently(demand, priority), priority=priority, target=target)
        if item.service in firsts:
            demand.waiting[item.service].append(order)


def _recently(demand: Demand, priority: Priority) -> datetime:
    """When an order that still waits came in: the more urgent the later."""
    dice = demand.dice
    if priority in (Priority.STAT, Priority.ASAP):
        return demand.instant(demand.today - timedelta(days=1), dice.between(9 * 60, 23 * 60))
    days = dice.between(1, 4 if priority is Priority.URGENT else 7)
    return demand.instant(_workday(demand.today - timedelta(days=days)), dice.between(8 * 60, 18 * 60))


def _workday(day: date) -> date:
    """The day, or the Friday before it."""
    return day - timedelta(days=max(0, day.weekday() - 4))


def _apportioned(weights: list[float], total: int) -> list[int]:
    """Whole numbers in proportion to the weights that come to exactly `total` (largest remainders)."""
    scale = total / sum(weights)
    counts = [int(w * scale) for w in weights]
    order = sorted(range(len(weights)), key=lambda i: (counts[i] - weights[i] * scale, i))
    for i in order[: total - sum(counts)]:
        counts[i] += 1
    return counts
