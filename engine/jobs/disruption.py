"""What events do to a schedule: what ends, what is displaced, what frees up, and how the world is afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.check.clock import time_text
from engine.jobs.affected import LINKS, Affected, undecided
from engine.jobs.happened import Happened, Stretch
from engine.jobs.reshape import later
from engine.model.appointment import OPEN, Appointment, AppointmentStatus
from engine.model.codes import ConstraintCode
from engine.model.explanation import LeftOver
from engine.model.order import OrderStatus
from engine.model.timegrid import epoch_minute

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from engine.model.event import Event
    from engine.model.explanation import Violation
    from engine.model.ids import AppointmentId, OrderId
    from engine.model.problem import Problem
    from engine.model.schedule import Schedule

__all__ = ["Disruption", "Stretch", "disruption_of"]

_NOT_BY_MOVING = {ConstraintCode.CONDITION, ConstraintCode.ELIGIBILITY, ConstraintCode.ORDER_ONCE}


@dataclass(frozen=True)
class Disruption:
    """What events come to.

    Parameters
    ----------
    problem
        The world as it is afterwards.
    ended
        Visits that end for good or change as they stand, in their new state.
    displaced
        Visits that need another time or other resources, in the order of their start, the most urgent first among
        equals.
    not_before
        For visits that may not begin before some instant any more (the patient is late).
    asked
        Displaced visits that could stay, but whose patients want another time.
    told
        Visits whose end is no news to whoever would be called.
    wanted
        Orders that now want a place.
    at_desk
        Orders among these whose patients are there and wait for the answer.
    stuck
        Visits that are affected, but must not be moved (pinned, begun, or in a group) or that moving does not help;
        and orders that cannot have a place.
    freed
        Time that is free again, and was not before.
    """

    problem: Problem
    ended: tuple[Appointment, ...] = ()
    displaced: tuple[Appointment, ...] = ()
    not_before: dict[AppointmentId, datetime] = field(default_factory=dict)
    asked: frozenset[AppointmentId] = frozenset()
    told: frozenset[AppointmentId] = frozenset()
    wanted: tuple[OrderId, ...] = ()
    at_desk: frozenset[OrderId] = frozenset()
    stuck: tuple[LeftOver, ...] = ()
    freed: tuple[Stretch, ...] = ()


def disruption_of(schedule: Schedule, events: Iterable[Event], *, now: datetime) -> Disruption:
    """What `events` do to `schedule`, taken together and in their order.

    Returns
    -------
    Disruption
        Nothing in it when the events change nothing (a visit already cancelled is cancelled once more).

    Raises
    ------
    UnknownIdError
        When an event names something that the schedule does not contain.
    UnsupportedRuleError
        For an event that cannot be answered yet.
    """
    happened = Happened(schedule, now)
    for event in events:
        happened.take(event)
    return _Triage(happened).result()


class _Triage:
    """Decides which visits must move, and which of those that cannot stay must not."""

    def __init__(self, happened: Happened) -> None:
        self._happened, self._now = happened, happened.now
        self._before, self._problem = happened.schedule, happened.problem
        self._displaced: dict[AppointmentId, Appointment] = {}
        self._stuck: dict[str, LeftOver] = {}
        self._asked: set[AppointmentId] = set()

    def result(self) -> Disruption:
        happened = self._happened
        for given, why in happened.moving.items():
            visit = self._visit(given)
            if given not in happened.not_before or not self._comes_later(visit, happened.not_before[given]):
                self._displace(visit, why)
        self._asked = happened.asked & self._displaced.keys()
        for gap in happened.unavailable:
            name = self._problem.resource(gap.resource).name
            for visit in self._users(gap):
                self._displace(visit, f"{name} is not available then")
        for gap, whose in happened.unheld:
            for visit in self._users(gap):
                if whose & {r.resource for s in visit.steps for r in s.reservations}:
                    self._displace(visit, "its session is cancelled")
        self._find_affected()
        wanted = dict.fromkeys(happened.wanted)
        return Disruption(
            problem=self._problem,
            ended=tuple(happened.state.values()),
            displaced=tuple(sorted(self._displaced.values(), key=lambda a: (a.priority.rank, a.start, a.id))),
            not_before={i: t for i, t in happened.not_before.items() if i in self._displaced},
            asked=frozenset(self._asked),
            told=frozenset(happened.told),
            wanted=tuple(o for o in wanted if self._in_vain(o) is None),
            at_desk=frozenset(happened.at_desk),
            stuck=(*self._stuck.values(), *(left for o in wanted if (left := self._in_vain(o)) is not None)),
            freed=tuple(happened.freed),
        )

    # -- one visit ----------------------------------------------------------------------------------------------------

    def _visit(self, given: AppointmentId) -> Appointment:
        return self._happened.state.get(given) or self._before.appointments.by_id(given)

    def _is_ahead(self, visit: Appointment) -> bool:
        """Whether it takes time, and is not over: what is over stays on record as it was."""
        return visit.blocks_at(self._now) and visit.end > self._now

    def _fixed(self, visit: Appointment) -> str | None:
        """Why a visit must not be moved by us; None: it may."""
        if visit.status not in OPEN or visit.start <= self._now:
            return "has begun"
        if visit.is_pinned:
            return "is pinned"
        if visit.group is not None:
            return "is a seat in a group"
        if visit.order is None:
            return "has no order to book again"
        status = self._problem.order(visit.order).status
        return None if status is OrderStatus.ACTIVE else f"belongs to an order that is {status}"

    def _may_go(self, visit: Appointment) -> bool:
        """Whether it may be moved or, if it is a hold, dropped."""
        return visit.start > self._now if visit.is_hold else self._fixed(visit) is None

    def _displace(self, visit: Appointment, why: str) -> None:
        if not self._is_ahead(visit):
            return
        self._asked.discard(visit.id)  # it cannot stay where it is, asked or not
        if not self._may_go(visit):
            self._name(visit, f"Appointment {visit.id} cannot stay as it is ({why}), but it {self._fixed(visit)}.")
        elif visit.is_hold:
            self._happened.end(visit, AppointmentStatus.CANCELLED)
        else:
            self._happened.state.pop(visit.id, None)  # whatever else changes in it, it is to be placed anew
            self._displaced[visit.id] = visit

    def _name(self, visit: Appointment, message: str) -> None:
        self._stuck.setdefault(visit.id, undecided(visit, message))

    def _comes_later(self, visit: Appointment, earliest: datetime) -> bool:
        """Let a visit that must not be moved begin later as it stands; False where it may be moved, or cannot.

        Nobody else has to make room for a patient who is late.
        """
        if self._fixed(visit) is None or visit.group is not None or visit.is_hold:
            return False
        shifted = later(self._problem, visit, max(earliest, self._now))
        affected = Affected(self._before, changed=(visit, shifted), now=self._now)
        if affected.newly_broken(self._before.changed(removed=[visit.id], added=[shifted], problem=self._problem)):
            return False
        self._happened.state[visit.id] = shifted
        return True

    def _users(self, gap: Stretch) -> list[Appointment]:
        """The visits, seats in groups included, that reserve a resource in a stretch of time."""
        table = self._before.appointments
        index = table.index_by_name.get(gap.resource)
        groups = {
            g.id
            for g in self._before.groups
            for s in g.steps
            for r in s.reservations
            if r.resource == gap.resource and r.start < gap.end and gap.start < r.end
        }
        ids = [i for i, rest in table.rest.items() if rest.get("group") in groups]
        if index is not None:
            first, stop = (int(t.timestamp()) // 60 for t in (gap.start, gap.end))
            r = table.reservations
            hit = r["step"][(r["resource"] == index) & (r["start"] < stop) & (r["end"] > first)]
            rows = sorted(set(table.steps["appointment"][hit].tolist()))
            ids += [table.names[table.rows["id"][row]] for row in rows]
        return [self._visit(i) for i in ids]  # type: ignore[arg-type]

    # -- who else is affected -----------------------------------------------------------------------------------------

    def _find_affected(self) -> None:
        happened, state = self._happened, self._happened.state
        changed = [a for a in state.values() if a.blocks_at(self._now)]
        ended = [a for a in state.values() if not a.blocks_at(self._now)]
        if not (state or happened.unsure or happened.changed_orders):
            return
        affected = Affected(
            self._before,
            changed=changed,
            ended=ended,
            resources=happened.unsure,
            orders=happened.changed_orders,
            now=self._now,
        )
        lost = {a.order for a in ended}
        for violation in affected.newly_broken(self._world()):
            if violation.code in LINKS:
                visit = self._visit(violation.subjects[0])  # type: ignore[arg-type]
                if lost.intersection(violation.subjects):
                    self._name(visit, violation.message)
                else:
                    self._displace(visit, violation.message.rstrip("."))
        is_settled = False
        while not is_settled:
            world = self._world(without=self._displaced.keys() - self._asked)
            broken = [v for v in affected.newly_broken(world) if v.code not in LINKS]
            is_settled = not any([self._settle(v) for v in broken])

    def _world(self, without: Collection[AppointmentId] = ()) -> Schedule:
        """The schedule after the events, with what they displace where it was, or without."""
        state = {i: a for i, a in self._happened.state.items() if i not in without}
        gone = {*self._happened.state, *without}
        return self._before.changed(removed=gone, added=state.values(), problem=self._problem)

    def _settle(self, violation: Violation) -> bool:
        """Displace the visit that is easiest to move, if one may be; else name one. Whether one was displaced."""
        visits = [v for v in self._visits_in(violation) if self._is_ahead(v)]
        if any(v.id in self._displaced for v in visits):  # meanwhile, or so far only at the patient's wish
            self._asked.difference_update(v.id for v in visits)
            return True
        movable = [v for v in visits if v.id not in self._happened.state and self._may_go(v)]
        if movable and violation.code not in _NOT_BY_MOVING:
            easiest = min(movable, key=lambda v: (not v.is_hold, -v.priority.rank))  # else as listed: booked last
            self._displace(easiest, violation.message.rstrip("."))
            return True
        if visits and not any(v.id in self._stuck for v in visits):
            others = [v for v in visits if v.id not in self._happened.state] or visits
            self._name(others[0], violation.message)
        return False

    def _visits_in(self, violation: Violation) -> list[Appointment]:
        """The visits that a violation is about, a group's seats for the group."""
        table = self._before.appointments
        groups = {g.id for g in self._before.groups}
        found = [i for i in violation.subjects if i in table.row_by_id]
        found += [i for i, rest in table.rest.items() if rest.get("group") in groups.intersection(violation.subjects)]
        return [self._visit(i) for i in found]  # type: ignore[arg-type]

    def _in_vain(self, given: OrderId) -> LeftOver | None:
        """Why an order that wants a place cannot have one, whatever is free; None: it may."""
        order = self._problem.order(given)
        if order.status is not OrderStatus.ACTIVE:
            return LeftOver(order=given, reason=f"Order {given} is {order.status}. Only active orders are booked.")
        visits = self._happened.visits_of(given)
        if len({v.occurrence for v in visits}) < max(1, len(order.series)):
            return None
        first = min(visits, key=lambda v: v.start)
        when = time_text(epoch_minute(first.start), self._problem.zone_of(first.steps[0].site))
        return LeftOver(order=given, reason=f"Order {given} has its visit already, {when}. Maybe ask to move that one.")
