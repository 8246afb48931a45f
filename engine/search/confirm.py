"""The exact word on one start: who does what, so that everything fits together, at the least cost.

Bits leave too many starts, never too few. Here resources are dealt out by backtracking, step by step, and every rule
that couples them is asked (`together`). Choices that make no difference later are made once, and what led nowhere is
not tried again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.model.service import Modality
from engine.search import bits, scan
from engine.search.candidate import Candidate, CandidateStep
from engine.search.choices import Choices
from engine.search.draft import Draft, Held
from engine.search.together import Own, Together

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from engine.model.ids import SiteId
    from engine.search.bits import Row
    from engine.search.costs import Costs
    from engine.search.plans import RolePlan, Variant
    from engine.search.query import Query

__all__ = ["NO_COST", "Confirmer"]

NO_COST = 1 << 62
"""More than anything costs."""


class Confirmer:
    """Confirms starts of one query, after `find_candidates`."""

    def __init__(self, query: Query, costs: Costs) -> None:
        self._query, self._costs = query, costs
        self._together = Together(query)
        self._choices = Choices(query)
        self._n = len(query.steps)
        self._wanted: dict[tuple[int, bool, frozenset[int | None]], list[Row]] = {}

    def best(
        self, start: int, *, without: Collection[int | None] = (), below: int = NO_COST, floor: int = 0
    ) -> tuple[Candidate, int | None] | None:
        """The cheapest visit at a start, with its lead; None where there is none.

        Of equal ones the one whose steps are earlier, then whose resources come first in the problem.

        Parameters
        ----------
        start
            Of the first step, in ticks of the occupancy's grid.
        without
            Leads that are not wanted. The lead is the first practitioner who does (not: supervises) something in the
            longest step that has one; None stands for visits without.
        below
            Only visits that cost less.
        floor
            What a visit at this start costs at least; the first that costs no more is taken.
        """
        self._visit, self._without = Draft(), frozenset(without)
        self._below, self._floor = below, floor
        self._found: tuple[Candidate, int | None] | None = None
        self._start_costs: dict[SiteId, int] = {}
        preferred = self._query.preferred
        self._needs_preferred = preferred is not None and floor + self._costs.of_another >= below
        self._dead: set[object] = set()
        self._ends = 0
        self._extend(0, start, start)
        return self._found

    # --- steps ----------------------------------------------------------------------------------------------------

    def _extend(self, i: int, low: int, high: int) -> None:
        """Place step `i` at a start in `[low, high]`, and all behind it."""
        plan, visit = self._query.steps[i], self._visit
        rows = self._rows(i)
        for start in self._starts(rows, low, high):
            for variant, row in zip(plan.variants, rows, strict=True):
                if not (scan.is_set(row, start) and scan.is_set(variant.row, start)):
                    continue
                if not self._is_in_time(i, variant, start):
                    continue
                visit.placed.append((variant, start))
                if self._least() >= self._below:
                    self._ends += 1
                else:
                    self._place(i, variant, start)
                visit.placed.pop()
                if self._below <= self._floor:
                    return

    def _place(self, i: int, variant: Variant, start: int) -> None:
        """Fill the roles of step `i` in every way that makes a difference, and go on from each."""
        seen: set[object] = set()
        roles, n_decisive = self._choices.ordered(i, variant)
        lead, ends = self._visit.lead, self._ends
        for _ in self._fill(i, variant, start, roles, n_decisive, 0):
            key = self._matters(i + 1)
            if key not in seen:
                seen.add(key)
                self._go_on(i, start + variant.length, key)
            if self._below <= self._floor:
                break
        self._visit.lead = lead
        if i > 0 and not seen and ends == self._ends and not self._query.service.held:
            self._try_alone(i, variant, start)

    def _try_alone(self, i: int, variant: Variant, start: int) -> None:
        """Take out a start of a later step that cannot be whatever comes before it: many starts may lead there."""
        kept = self._visit, self._below, self._without
        self._visit, self._below, self._without = Draft([(variant, start)]), NO_COST, frozenset()
        if not any(True for _ in self._fill(i, variant, start, *self._choices.ordered(i, variant), 0)):
            bits.clear_range(variant.row, start, start + 1)
        self._visit, self._below, self._without = kept

    def _go_on(self, i: int, end: int, key: object) -> None:
        """Go on from step `i`, unless it is known that nothing comes of it."""
        if i + 1 == self._n:
            self._finish(end)
            return
        known = (i + 1, end, key, self._visit.placed[0][0].site)
        if known in self._dead:
            return
        ends = self._ends
        low, high = self._query.steps[i + 1].gap
        self._extend(i + 1, end + low, self._query.occupancy.n_ticks if high is None else end + high)
        if ends == self._ends:  # not one visit came to its end, whatever it would have cost
            self._dead.add(known)

    def _rows(self, i: int) -> list[Row]:
        """Starts of each variant of step `i` at which somebody who is wanted is there."""
        variants = [v.row for v in self._query.steps[i].variants]
        needs = (
            self._needs_preferred and not self._is_in_reach(i + 1, self._query.preferred) and not self._has_preferred()
        )
        is_lead_step = i == self._query.lead_step and bool(self._without)
        if i == 0 or not (needs or is_lead_step):
            return variants
        key = (i, needs, self._without)
        if key not in self._wanted:
            steps = self._query.steps[i].variants
            self._wanted[key] = [
                v.row & self._choices.wanted(v, self._without if is_lead_step else frozenset(), needs_preferred=needs)
                for v in steps
            ]
        return self._wanted[key]

    def _is_in_reach(self, i: int, r: int | None) -> bool:
        return i < self._n and r in self._query.steps[i].reach

    def _has_preferred(self) -> bool:
        preferred, visit = self._query.preferred, self._visit
        return any(o.r == preferred for o in visit.own) or any(preferred in h.resources for h in visit.held)

    def _starts(self, rows: Sequence[Row], low: int, high: int) -> Iterator[int]:
        """Starts of any variant in `[low, high]`, ascending."""
        while low <= high:
            found = [t for t in (scan.first_set(row, low, high + 1) for row in rows) if t >= 0]
            if not found:
                return
            yield min(found)
            low = min(found) + 1

    def _is_in_time(self, i: int, variant: Variant, start: int) -> bool:
        """Whether the span and the day are kept so far."""
        if not self._visit.placed:
            return True
        service, (first, begin) = self._query.service, self._visit.placed[0]
        least_min = (start + variant.length + self._rest(i + 1) - begin) * self._query.occupancy.grid.tick_min
        if service.max_span_min is not None and least_min > service.max_span_min:
            return False
        if service.is_same_day:
            clock, other = self._query.calendars.clock(variant.site), self._query.calendars.clock(first.site)
            return bool(clock.day[start] == other.day[begin])
        return True

    # --- roles ----------------------------------------------------------------------------------------------------

    def _fill(
        self, i: int, variant: Variant, start: int, roles: Sequence[RolePlan], n_decisive: int, k: int
    ) -> Iterator[None]:
        """Fill the roles from the `k`-th on in every way that fits; of those that decide nothing, in the first way."""
        visit = self._visit
        if k == len(roles):
            closed = self._close_held(i) if self._is_whole(i, variant) else None
            if closed is not None:
                yield
                del visit.own[len(visit.own) - closed :]
            return
        role = roles[k]
        done: set[object] = set()
        groups = self._query.same.get((self._query.steps[i].step.id, role.role.id), ())
        is_lead = i == self._query.lead_step and role is next((r for r in variant.roles if r.is_lead), None)
        needs_preferred = self._is_for_preferred(i, roles, k)
        for chosen in self._choices.at(self._visit, i, variant, role, start, groups):
            if is_lead and chosen[0] in self._without:
                continue
            if needs_preferred and self._query.preferred not in chosen:
                self._ends += 1  # what is left out for its cost is not known to lead nowhere
                continue
            size = len(visit.own)
            if not self._take(i, variant, start, role, chosen):
                continue
            bound = {g: visit.bound.get(g) for g in groups}
            visit.bound.update((g, frozenset(chosen)) for g in groups)
            if is_lead:
                visit.lead = chosen[0]
            key = self._matters(i + 1) if k >= n_decisive - 1 else None
            has_filled = False
            if key is None or key not in done:
                for _ in self._fill(i, variant, start, roles, n_decisive, k + 1):
                    has_filled = True
                    yield
            if is_lead:
                visit.lead = None
            for g, before in bound.items():
                if before is None:
                    del visit.bound[g]
            self._give_back(role, size)
            if has_filled:
                if k >= n_decisive:
                    return
                done.add(key if key is not None else object())

    def _is_for_preferred(self, i: int, roles: Sequence[RolePlan], k: int) -> bool:
        """Whether nobody but the preferred practitioner in the `k`-th role can make the visit cheap enough."""
        preferred = self._query.preferred
        if self._below == NO_COST or preferred is None or preferred not in roles[k].pool:
            return False
        if any(preferred in r.pool for r in roles[k + 1 :]) or self._is_in_reach(i + 1, preferred):
            return False
        return not self._has_preferred() and self._least() + self._costs.of_another >= self._below

    def _take(self, i: int, variant: Variant, start: int, role: RolePlan, chosen: tuple[int, ...]) -> bool:
        """Reserve resources for a role, all or none."""
        visit, size = self._visit, len(self._visit.own)
        if role.held is not None:
            visit.held.append(Held(role, chosen, i, self._query.index(role.held.last)))
            return True
        shape = role.shape
        window = start + shape.window[0], start + shape.window[1]
        for r in chosen:
            lo, hi = shape.reserved(self._query.problem.resources[r], self._query.occupancy.grid.tick_min)
            new = Own(i, role, r, variant.site, (start + lo, start + hi), window)
            if not self._together.fits(visit.own, new):
                del visit.own[size:]
                return False
            visit.own.append(new)
        return True

    def _give_back(self, role: RolePlan, size: int) -> None:
        if role.held is not None:
            self._visit.held.pop()
        del self._visit.own[size:]

    def _is_whole(self, i: int, variant: Variant) -> bool:
        """Whether a step whose roles are filled keeps the rules that couple them."""
        visit = self._visit
        used = visit.used_in(i)
        if not self._together.is_length(i, variant, used) or not self._together.is_asked(variant, used):
            return False
        own = [o for o in visit.own if o.step == i and o.role.held is None]
        return self._together.go_together(variant, own, visit.during(i))

    def _close_held(self, i: int) -> int | None:
        """Reserve the resources held until step `i` over their real stretch; how many, or None where one cannot be."""
        visit, size = self._visit, len(self._visit.own)
        for h in visit.held:
            if h.until != i:
                continue
            first, begin = visit.placed[h.since]
            last, end = visit.placed[i]
            window = self._query.window(h.role.role, end + last.length - begin)
            for r in h.resources:
                lo, hi = self._query.reserved(h.role.shape, window, r)
                new = Own(
                    h.since, h.role, r, first.site, (begin + lo, begin + hi), (begin + window[0], begin + window[1])
                )
                is_good = (
                    lo < hi
                    and self._together.is_free(new)
                    and self._together.fits(visit.own, new)
                    and self._together.go_together(first, [new], visit.during(h.since))
                )
                if not is_good:
                    del visit.own[size:]
                    return None
                visit.own.append(new)
        return len(visit.own) - size

    # --- what it comes to -----------------------------------------------------------------------------------------

    def _matters(self, i: int) -> object:
        """Whatever of the visit so far makes a difference to the steps from `i` on, or to the cost."""
        visit = self._visit
        used = {o.r for o in visit.own} | {r for h in visit.held for r in h.resources}
        flags = (visit.lead is None, *(n in used for n in self._choices.named))
        if i == self._n:
            return flags
        reach = self._query.steps[i].reach
        again = sorted((o.r, o.reserved, o.step) for o in visit.own if o.r in reach)
        held = tuple((h.since, h.until, h.resources) for h in visit.held)
        return flags, tuple(again), held, tuple(sorted((g, tuple(sorted(b))) for g, b in visit.bound.items()))

    def _start_cost(self, start: int, site: SiteId) -> int:
        if site not in self._start_costs:
            self._start_costs[site] = int(self._costs.of_starts(np.array([start]), site)[0])
        return self._start_costs[site]

    def _least(self) -> int:
        """What the visit costs at least, as far as it is placed."""
        steps = [(t, t + v.length, v.site) for v, t in self._visit.placed]
        rest = self._rest(len(steps))
        known = self._start_cost(steps[0][0], steps[0][2]) + self._costs.of_wait(steps)
        return known + self._costs.of_end(steps[-1][1] + rest)

    def _rest(self, i: int) -> int:
        """Ticks from the end of the step before `i` to the end of the visit, at least."""
        return 0 if i == self._n else self._query.steps[i].gap[0] + self._query.least_between(i, self._n - 1)

    def _finish(self, end: int) -> None:
        """Take the visit if it is allowed and costs less than the best so far."""
        self._ends += 1
        query, visit = self._query, self._visit
        used = {o.r for o in visit.own}
        has_preferred = query.preferred is None or query.preferred in used
        cost = self._least() + (0 if has_preferred else self._costs.of_another)
        if cost >= self._below or not used.issuperset(query.asked) or (visit.lead is None and None in self._without):
            return
        zero, tick = query.occupancy.grid.start_minute, query.occupancy.grid.tick_min
        start = visit.placed[0][1]
        sites = frozenset(v.site for v, _ in visit.placed if v.modality is Modality.IN_PERSON)
        if query.neighbours.allow(zero + start * tick, zero + end * tick, sites) is not None:
            return
        self._below = cost
        self._found = self._candidate(cost, has_preferred=has_preferred), visit.lead

    def _candidate(self, cost: int, *, has_preferred: bool) -> Candidate:
        query, visit = self._query, self._visit
        margin, resources = query.calendars.margin, query.problem.resources
        placed = [(t, t + v.length, v.site) for v, t in visit.placed]
        steps = tuple(
            CandidateStep(
                i,
                start - margin,
                end - margin,
                site,
                visit.placed[i][0].modality,
                tuple(
                    (
                        o.role.role.id,
                        resources[o.r].id,
                        o.reserved[0] - margin,
                        o.reserved[1] - margin,
                        o.role.role.units,
                        o.role.role.use,
                    )
                    for o in visit.own
                    if o.step == i
                ),
            )
            for i, (start, end, site) in enumerate(placed)
        )
        terms = self._costs.terms(placed, has_preferred=has_preferred)
        return Candidate(cost, terms, steps[0].start, steps[-1].end, steps)
