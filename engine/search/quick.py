"""The way in for plain visits: from an order to `walk` or `chain`, and from what they find to candidates.

Whatever is not plain is left to `Query`, `rank` and `confirm`; both give the same answers, and tests hold them to it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from engine.model.order import Blocks, ConditionStatus, OrderStatus, Priority
from engine.model.service import Sex
from engine.model.timegrid import epoch_minute
from engine.search import chain, tables, walk
from engine.search.candidate import Candidate, CandidateStep
from engine.search.clock import day_number
from engine.search.costs import Costs, is_way_a_matter
from engine.search.limits import ages
from engine.search.patienttime import taken_of

if TYPE_CHECKING:
    from datetime import date, datetime

    from numpy.typing import NDArray

    from engine.model.ids import ResourceId
    from engine.model.order import Order
    from engine.model.patient import Patient
    from engine.model.service import Service
    from engine.search.clock import LocalClock
    from engine.search.diary import Diary
    from engine.search.horizon import Run
    from engine.search.kind import Kind
    from engine.search.occupancy import Occupancy

__all__ = ["find_plain", "is_alone"]

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
    is_tidy: bool = False,
) -> list[Candidate] | None:
    """The `k` best visits of an order as `find` gives them; None where it takes more than tables to say.

    Parameters are those of `find`, with ticks of the occupancy's grid; its `now` is set, and what is to be ignored is
    taken out.
    """
    problem = occupancy.problem
    service, patient = problem.service(order.service), problem.patient(order.patient)
    if k > _MOST or occurrence or not is_alone(occupancy, order, service, patient):
        return None
    if len(service.steps) > 1 and is_way_a_matter(order, service):
        return None  # of a bundle it costs once, whichever step is not as wished
    kind = occupancy.kinds.of(order, patient, now, is_routine=order.priority is Priority.ROUTINE)
    if kind is None:
        return None
    diary = occupancy.diary if is_tidy and occupancy.diary.counts_for(service) else None
    asked = {p for p in (order.required_practitioner, practitioner) if p is not None}
    wanted = order.preferred_practitioner or patient.preferred_practitioner
    rows = [occupancy.row_by_id[problem.resource(p).id] for p in asked]
    preferred = -1 if wanted is None else occupancy.row_by_id[wanted]
    if len(rows) > 1 or preferred in kind.others or (rows and rows[0] in kind.others):
        return None
    question = _Question(occupancy, order, service, patient, kind, diary, now, first, stop)
    return question.answer(rows[0] if rows else -1, preferred, k, is_diverse=is_diverse)


def is_alone(occupancy: Occupancy, order: Order, service: Service, patient: Patient) -> bool:
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
    """One order's question to `walk` or `chain`."""

    def __init__(
        self,
        occupancy: Occupancy,
        order: Order,
        service: Service,
        patient: Patient,
        kind: Kind,
        diary: Diary | None,
        now: datetime,
        first: int | None,
        stop: int | None,
    ) -> None:
        self._occupancy, self._order, self._patient, self._kind = occupancy, order, patient, kind
        self._clock: LocalClock = occupancy.calendars.clock(kind.ways[0][2])
        self._now, self._service, self._diary = now, service, diary
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
        occupancy, order, kind, service = self._occupancy, self._order, self._kind, self._service
        table, halves = kind.table, self._clock.halves
        assert halves is not None  # or the kind is not plain
        if asked >= 0 or preferred >= 0:
            table = table.copy()
            for v, (leads, pool) in enumerate(zip(kind.leads, kind.pools, strict=True)):
                table[v, tables.LEAD_FIRST] |= asked in pool or preferred in pool
                table[v, tables.IS_BARRED] = asked >= 0 and kind.is_led_by_way[v] and asked not in leads
        if self._diary is not None:  # it matters more who leads a visit than where it is
            table = table.copy()
            table[:, tables.LEAD_FIRST] |= table[:, tables.LEAD] >= 0
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
                costs.of_wait_tick,
                tables.FAR if service.max_span_min is None else service.max_span_min // occupancy.grid.tick_min,
                service.is_same_day,
            ),
            np.int64,
        )
        taken = taken_of(occupancy, self._patient)
        way_costs = np.zeros(len(table), np.int64)
        if order.preferred_sites or order.preference.modality is not None:
            way_costs[:] = [costs.of_site(site) + costs.of_modalities([m], [i]) for i, m, site, _ in kind.ways]
        rows, n = occupancy.starts.store.rows, kind.orders.shape[1]
        if n == 1:
            found = np.empty((k, tables.N_FOUND + kind.n_used), np.int64)
            size = walk.best_of_step(
                rows,
                kind.entries,
                kind.rooms,
                kind.roles,
                table,
                halves,
                wished,
                taken,
                occupancy.travel,
                way_costs,
                question,
                None if self._diary is None else self._diary.tables(kind),
                found,
            )
        else:
            found = np.empty((k, tables.CHAIN_START + 3 * n + kind.n_used), np.int64)
            size = chain.best_of_chains(
                rows,
                kind.entries,
                kind.rooms,
                kind.roles,
                table,
                kind.steps,
                kind.orders,
                kind.led,
                kind.lead_of,
                kind.between,
                halves,
                self._clock.day,
                self._clock.same_day_as_next,
                wished,
                taken,
                occupancy.travel,
                way_costs,
                self._by_step(question),
                kind.n_rows,
                found,
            )
        found_rows: list[list[int]] = found[:size].tolist()
        return found_rows

    def _by_step(self, question: NDArray[np.int64]) -> NDArray[np.int64]:
        """The question to each step of a bundle: the first start alone is asked for, and leads lead what they can."""
        kind = self._kind
        of_step = np.empty((len(kind.steps), len(question)), np.int64)
        of_step[:] = question
        for s in kind.later_steps:
            of_step[s, tables.FROM], of_step[s, tables.UNTIL] = max(self._first, 0), self._occupancy.n_ticks
        for s in kind.unled_steps:
            of_step[s, tables.ASKED] = -1
        return of_step

    def _candidate(self, costs: Costs, row: list[int], preferred: int) -> Candidate:
        kind, n = self._kind, self._kind.orders.shape[1]
        if n == 1:
            placed, at = [(row[tables.START], row[tables.VARIANT])], tables.N_FOUND
        else:
            at = tables.CHAIN_START + n
            placed = list(zip(row[tables.CHAIN_START : at], row[at : at + 2 * n : 2], strict=True))
            at += 2 * n
        steps: list[CandidateStep] = []
        has_preferred = preferred < 0
        for start, v in placed:
            entries = row[at : at + kind.n_filled[v]]
            at += len(entries)
            has_preferred = has_preferred or preferred in map(kind.resource_of.__getitem__, entries)
            steps.append(self._step(start, v, entries))
        margin, diary = self._occupancy.calendars.margin, (0, 0)
        if self._diary is not None:
            diary = self._diary.amounts(self._led(row[tables.START], row[tables.WHO], row[tables.N_FOUND :]))
        terms = costs.terms(
            [(s.start + margin, s.end + margin, s.site) for s in steps],
            [s.modality for s in steps],
            has_preferred=has_preferred,
            order=[s.step for s in steps],
            diary=diary,
        )
        return Candidate(row[tables.COST], terms, steps[0].start, steps[-1].end, tuple(steps))

    def _led(self, start: int, who: int, entries: list[int]) -> dict[int, tuple[Run]]:
        """When whoever leads a visit of one step is reserved for it."""
        if who < 0:
            return {}
        _, _, low, high, *_ = self._kind.used[next(e for e in entries if self._kind.resource_of[e] == who)]
        return {who: ((start + low, start + high),)}

    def _step(self, start: int, v: int, entries: list[int]) -> CandidateStep:
        first = start - self._occupancy.calendars.margin
        i, modality, site, length = self._kind.ways[v]
        uses = tuple([
            (role, resource, first + lo, first + hi, units, use)
            for role, resource, lo, hi, units, use in map(self._kind.used.__getitem__, entries)
        ])  # fmt: skip
        return CandidateStep(i, first, first + length, site, modality, uses)
