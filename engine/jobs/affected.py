"""What the judge would newly reject: visits that events put in the wrong without naming them.

A longer visit runs into others, a cancelled session leaves its visits without one, a cancelled blood test leaves the
consultation after it hanging. Which rules that breaks, and whose, `check` knows; here it is asked before and after, of
the visits near what changed, so that a long schedule costs no more than a short one.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from engine.check import violations_of
from engine.model.codes import ConstraintCode
from engine.model.explanation import LeftOver

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from engine.model.appointment import Appointment
    from engine.model.explanation import Violation
    from engine.model.ids import OrderId, ResourceId
    from engine.model.problem import Problem
    from engine.model.schedule import Schedule

__all__ = ["LINKS", "Affected", "left_hanging", "undecided"]

LINKS = {ConstraintCode.PREREQUISITE, ConstraintCode.SERIES, ConstraintCode.TIE}
"""Rules between visits of linked orders, which a visit that is only to be moved breaks as long as it has no place."""


class Affected:
    """Rules that a later schedule breaks and an earlier one does not.

    Parameters
    ----------
    before
        The earlier one.
    changed, ended
        Visits of it that change as they stand, or end. Near are the visits that share a resource or a patient with one
        that changes, and those of orders linked with theirs; what ends can only leave links and changeovers broken.
    resources, orders
        Others that change; their visits are near, too.
    """

    def __init__(
        self,
        before: Schedule,
        *,
        changed: Collection[Appointment] = (),
        ended: Collection[Appointment] = (),
        resources: Collection[ResourceId] = (),
        orders: Collection[OrderId] = (),
        now: datetime,
    ) -> None:
        self._before, self._now = before, now
        known = before.problem.resource_by_id
        self._resources = set(resources) | _used(changed)
        self._resources |= {r for r in _used(ended) if r in known and known[r].changeovers}
        self._patients = {a.patient for a in changed if a.patient is not None}
        of_visits = {a.order for a in (*changed, *ended) if a.order is not None}
        self._orders = _linked(before.problem, of_visits | set(orders))

    def newly_broken(self, after: Schedule) -> list[Violation]:
        """The rules that `after` breaks and nobody overrides, but for those that were broken before."""
        return [v for v in self._judged(after) if _key(v) not in self._known]

    @cached_property
    def _known(self) -> set[tuple[str, frozenset[str]]]:
        return {_key(v) for v in self._judged(self._before)}

    def _judged(self, schedule: Schedule) -> Iterable[Violation]:
        near = self._near(schedule)
        far = [i for i in schedule.appointments.row_by_id if i not in near]
        part = replace(schedule, appointments=schedule.appointments.changed(removed=far))  # type: ignore[arg-type]
        return (v for v in violations_of(part, now=self._now) if not v.is_overridden)

    def _near(self, schedule: Schedule) -> set[str]:
        table = schedule.appointments

        def numbers(names: Iterable[str]) -> list[int]:
            return [table.index_by_name[n] for n in names if n in table.index_by_name]

        is_near = np.isin(table.rows["patient"], numbers(self._patients))
        is_near |= np.isin(table.rows["order"], numbers(self._orders))
        uses = table.reservations["step"][np.isin(table.reservations["resource"], numbers(self._resources))]
        is_near[table.steps["appointment"][uses]] = True
        found = {table.names[i] for i in table.rows["id"][is_near].tolist()}
        groups = {
            g.id for g in schedule.groups for s in g.steps for r in s.reservations if r.resource in self._resources
        }
        return found | {i for i, rest in table.rest.items() if rest.get("group") in groups}


def left_hanging(
    schedule: Schedule, planned: Schedule, gone: Iterable[Appointment], *, now: datetime
) -> tuple[LeftOver, ...]:
    """The visits of a plan that depend on visits which lose their place in it, and so cannot stay either."""
    ended = tuple(gone)
    if not ended:
        return ()
    broken = Affected(schedule, ended=ended, now=now).newly_broken(planned)
    lost = {a.order for a in ended}
    hanging = [v for v in broken if v.code in LINKS and lost.intersection(v.subjects)]
    return tuple(undecided(planned.appointments.by_id(v.subjects[0]), v.message) for v in hanging)  # type: ignore[arg-type]


def undecided(visit: Appointment, message: str) -> LeftOver:
    """What to say of a visit that can neither stay nor be moved by us."""
    return LeftOver(
        order=visit.order,
        occurrence=visit.occurrence,
        appointment=visit.id,
        reason=f"{message} Somebody must decide.",
    )


def _used(visits: Iterable[Appointment]) -> set[ResourceId]:
    return {r.resource for a in visits for s in a.steps for r in s.reservations}


def _key(violation: Violation) -> tuple[str, frozenset[str]]:
    return violation.code, frozenset(violation.subjects)


def _linked(problem: Problem, orders: set[OrderId]) -> set[OrderId]:
    """These orders and all that are linked with them, directly or not: prerequisites, separations and ties."""
    if not orders:
        return orders
    links: dict[OrderId, set[OrderId]] = {}

    def link(one: OrderId, other: OrderId) -> None:
        links.setdefault(one, set()).add(other)
        links.setdefault(other, set()).add(one)

    for order in problem.orders:
        for prerequisite in order.prerequisites:
            link(order.id, prerequisite.order)
        for separation in order.separations:
            if separation.order is not None:
                link(order.id, separation.order)
    for tie in problem.ties:
        for other in tie.orders[1:]:
            link(tie.orders[0], other)
    found, queue = set(orders), list(orders)
    while queue:
        new = links.get(queue.pop(), set()) - found
        found |= new
        queue += new
    return found
