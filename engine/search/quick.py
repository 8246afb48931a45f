"""The way in for plain visits of one step: from an order to `walk`, and from what it finds to candidates.

Whatever is not plain is left to `Query`, `rank` and `confirm`; both give the same answers, and tests hold them to it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from engine.model.order import Blocks, ConditionStatus, OrderStatus, Priority
from engine.model.service import Sex
from engine.model.timegrid import epoch_minute
from engine.search import tables, walk
from engine.search.candidate import Candidate, CandidateStep
from engine.search.clock import day_number
from engine.search.costs import Costs
from engine.search.limits import ages
from engine.search.patienttime import taken_of

if TYPE_CHECKING:
    from datetime import date, datetime

    from engine.model.ids import ResourceId
    from engine.model.order import Order
    from engine.model.patient import Patient
    from engine.model.service import Service
    from engine.search.clock import LocalClock
    from engine.search.kind import Kind
    from engine.search.occupancy import Occupancy

__all__ = ["find_plain"]

_MOST = 64
"""So many of the best are kept in a small table; whoever wants more is not on the telephone."""
_NO_WISH = np.zeros(0, np.uint64)


def find_plain(
    occupancy: Occupancy,
    order: Order,
    *,
    now: datetime,
    k: int,
    first: int | None,
    stop: int | None,
    occurrence: int,
    practitioner: ResourceId | None,
    is_diverse: bool,
) -> list[Candidate] | None:
    """The `k` best visits of an order as `find` gives them; None where it takes more than tables to say.

    Parameters are those of `find`, with ticks of the occupancy's grid; its `now` is set, and what is to be ignored is
    taken out.
    """
    problem = occupancy.problem
    service, patient = problem.service(order.service), problem.patient(order.patient)
    if k > _MOST or occurrence or not _is_alone(occupancy, order, service, patient):
        return None
    kind = occupancy.kinds.of(order, patient, now, is_routine=order.priority is Priority.ROUTINE)
    if kind is None:
        return None
    asked = {p for p in (order.required_practitioner, practitioner) if p is not None}
    wanted = order.preferred_practitioner or patient.preferred_practitioner
    rows = [occupancy.row_by_id[problem.resource(p).id] for p in asked]
    preferred = -1 if wanted is None else occupancy.row_by_id[wanted]
    if len(rows) > 1 or preferred in kind.others or (rows and rows[0] in kind.others):
        return None
    question = _Question(occupancy, order, service, patient, kind, now, first, stop)
    return question.answer(rows[0] if rows else -1, preferred, k, is_diverse=is_diverse)


def _is_alone(occupancy: Occupancy, order: Order, service: Service, patient: Patient) -> bool:
    """Whether an order may be booked at all, and nothing that is booked says when, but for its patient's own time."""
    if order.status is not OrderStatus.ACTIVE or order.prerequisites or order.separations or order.series:
        return False
    if any(c.blocks is Blocks.BOOKING and c.status is not ConditionStatus.MET for c in order.conditions):
        return False
    sexes = service.eligibility.sexes
    if sexes is not None and patient.sex is not Sex.UNKNOWN and patient.sex not in sexes:
        return False
    bookings = occupancy.bookings
    links = bookings.links
    is_tied = links.is_kept_apart(order) or links.is_tied(order.id) or bool(links.followers(order.id))
    return not is_tied and not bookings.has_visit(order.id)


class _Question:
    """One order's question to `walk`."""

    def __init__(
        self,
        occupancy: Occupancy,
        order: Order,
        service: Service,
        patient: Patient,
        kind: Kind,
        now: datetime,
        first: int | None,
        stop: int | None,
    ) -> None:
        self._occupancy, self._order, self._patient, self._kind = occupancy, order, patient, kind
        self._clock: LocalClock = occupancy.calendars.clock(kind.ways[0][1])
        self._now = now
        low, high, self._latest_end = self._range(service)
        self._first = low if first is None else max(low, first)
        self._stop = high if stop is None else min(high, stop)

    def _range(self, service: Service) -> tuple[int, int, int]:
        """The first start, the one after the last, and the last end that order, service and policy allow."""
        order, policy, calendars = self._order, self._occupancy.problem.policy, self._occupancy.calendars
        grid, clock = self._occupancy.grid, self._clock
        first, latest_end = calendars.within
        stop, zero, tick = latest_end, grid.start_minute, grid.tick_min
        notice = 0 if order.priority is Priority.STAT else max(service.min_notice_min, policy.min_notice_min)
        first = max(first, -((zero - epoch_minute(self._now) - notice) // tick))
        if order.earliest_start is not None:
            first = max(first, -((zero - epoch_minute(order.earliest_start)) // tick))
        if order.deadline is not None:
            latest_end = min(latest_end, (epoch_minute(order.deadline) - zero) // tick)
        days: list[tuple[date | None, date | None]] = [(c.valid_from, c.valid_until) for c in order.conditions]
        if order.target is not None:
            wanted, before, after = order.target.day, order.target.before_days, order.target.after_days
            days.append((wanted - timedelta(before), wanted + timedelta(after)))
        rule = service.eligibility
        if self._patient.birth_date is not None and (rule.min_age is not None or rule.max_age is not None):
            days.append(ages(self._patient.birth_date, rule.min_age, rule.max_age))
        numbers = [(None if a is None else day_number(a), None if b is None else day_number(b)) for a, b in days]
        if policy.max_ahead_days is not None:
            numbers.append((None, clock.day_of(self._now) + policy.max_ahead_days))
        for from_day, until_day in numbers:
            if from_day is not None:
                first = max(first, clock.first_tick(from_day))
            if until_day is not None:
                stop = min(stop, clock.first_tick(until_day + 1))
        return first, stop, latest_end

    def answer(self, asked: int, preferred: int, k: int, *, is_diverse: bool) -> list[Candidate]:
        """The best visits, as candidates."""
        costs = Costs(self._occupancy, self._order, preferred=None if preferred < 0 else preferred)
        found = self._walk(costs, asked, preferred, k, is_diverse=is_diverse)
        candidates = [self._candidate(costs, row, preferred) for row in found]
        if is_diverse and len(candidates) < k:
            taken = {c.start for c in candidates}
            rest = [self._candidate(costs, row, preferred) for row in self._walk(costs, asked, preferred, 2 * k)]
            candidates += [c for c in rest if c.start not in taken][: k - len(candidates)]
            candidates.sort(key=lambda c: (c.cost, c.start))
        return candidates

    def _walk(self, costs: Costs, asked: int, preferred: int, k: int, *, is_diverse: bool = False) -> list[list[int]]:
        occupancy, order, kind = self._occupancy, self._order, self._kind
        table, halves = kind.table, self._clock.halves
        assert halves is not None  # or the kind is not plain
        if asked >= 0 or preferred >= 0:
            table = table.copy()
            for v, leads in enumerate(kind.leads):
                table[v, tables.LEAD_FIRST] = asked in leads or preferred in leads
                table[v, tables.IS_BARRED] = asked >= 0 and asked not in leads
        wish = order.preference
        wished = _NO_WISH
        if wish.weekdays or wish.times:
            wished = self._clock.wished(tuple(d.number for d in wish.weekdays), wish.times)
        since, delay, target, distance, due, late = costs.rates(self._clock)
        question = np.array(
            (
                occupancy.grid.start_minute,
                occupancy.grid.tick_min,
                self._first,
                self._stop,
                self._latest_end,
                epoch_minute(self._now),
                self._patient.travel_min or 0,
                since,
                delay,
                target,
                distance,
                due,
                late,
                costs.of_unwished,
                costs.of_another,
                preferred,
                asked,
                is_diverse,
            ),
            np.int64,
        )
        found = np.empty((k, tables.N_FOUND + kind.n_used), np.int64)
        n = walk.best_of_step(
            occupancy.starts.store.rows,
            kind.entries,
            kind.rooms,
            kind.roles,
            table,
            halves,
            wished,
            taken_of(occupancy, self._patient),
            occupancy.travel,
            np.array([costs.of_site(s.id) for s in occupancy.problem.sites], np.int64),
            question,
            found,
        )
        rows: list[list[int]] = found[:n].tolist()
        return rows

    def _candidate(self, costs: Costs, row: list[int], preferred: int) -> Candidate:
        kind, margin = self._kind, self._occupancy.calendars.margin
        modality, site, length = kind.ways[row[tables.VARIANT]]
        start = row[tables.START]
        first = start - margin
        n = kind.n_filled[row[tables.VARIANT]]
        entries = row[tables.N_FOUND : tables.N_FOUND + n]
        uses = tuple([
            (role, resource, first + lo, first + hi, units, use)
            for role, resource, lo, hi, units, use in map(kind.used.__getitem__, entries)
        ])  # fmt: skip
        has_preferred = preferred < 0 or preferred in map(kind.resource_of.__getitem__, entries)
        terms = costs.terms([(start, start + length, site)], has_preferred=has_preferred)
        step = CandidateStep(0, first, first + length, site, modality, uses)
        return Candidate(row[tables.COST], terms, first, first + length, (step,))
