"""The exact word on one start: who does what, so that everything fits together, at the least cost.

Bits leave too many starts, never too few. Here steps are placed one after the other and resources dealt out
(`filling`), and every rule that couples them is asked (`together`). Branch and bound: what a visit costs so far and
what the rest of it costs at least (`ahead`) must not exceed the best that is known; and what the rest of a visit is
once known to cost at least is not worked out again, for whatever start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.model.service import Modality
from engine.search import bits, scan
from engine.search.ahead import Ahead, next_within
from engine.search.choices import Choices
from engine.search.costs import NO_COST
from engine.search.draft import Draft, made_of
from engine.search.filling import Filling
from engine.search.timing import Timing
from engine.search.wishes import Wishes

if TYPE_CHECKING:
    from collections.abc import Collection

    from engine.model.ids import SiteId
    from engine.search.bits import Row
    from engine.search.candidate import Candidate
    from engine.search.costs import Costs
    from engine.search.plans import Variant
    from engine.search.query import Query

__all__ = ["Confirmer"]


class Confirmer:
    """Confirms starts of one query, after `find_candidates`.

    Attributes
    ----------
    ahead
        What the rest of the visit costs at least.
    wishes
        Which starts are left when only some people are wanted.
    """

    def __init__(self, query: Query, costs: Costs) -> None:
        self._query, self._costs = query, costs
        self._choices = Choices(query)
        self._n = len(query.steps)
        self._fillings = [Filling(query, self._choices, i) for i in range(self._n)]
        self.ahead = Ahead(query, costs)
        self.wishes = Wishes(query, self.ahead)
        self._dear = np.zeros(1, np.int64)
        self._rows_by_wish: list[dict[object, tuple[list[Variant], list[Row], Row]]] = [{} for _ in query.steps]
        self._rest: dict[object, int] = {}
        """By all that makes a difference to the rest of a visit: what that rest costs at least."""
        self._is_looked_at_whole = bool(query.neighbours.trips)
        self._timing = Timing(query)

    def best(
        self, start: int, *, without: Collection[int | None] = (), below: int = NO_COST, floor: int = 0
    ) -> tuple[Candidate, int | None] | None:
        """The cheapest visit at a start, with its lead; None where there is none.

        Of equal ones the one whose steps are earlier, then whose resources come first in their pools.

        Parameters
        ----------
        start
            Of the first step, in ticks of the occupancy's grid.
        without
            Leads that are not wanted, see `Query.lead_step`; None stands for visits without.
        below
            Only visits that cost less.
        floor
            What a visit at this start costs at least.

        Notes
        -----
        First only what costs no more than the floor is looked for, then what costs a little more, and so on: what is
        much dearer than the answer is never tried.
        """
        self._without = frozenset(without)
        if self._without and not scan.is_set(self.wishes.starts_led(self._without), start):
            return None
        self._found: tuple[Candidate, int | None, tuple[int, ...]] | None
        self._start_costs: dict[SiteId, int] = {}
        most = floor
        while True:
            self._draft, self._found = Draft(), None
            self._most, self._least_cut = min(most, below - 1), NO_COST
            self._extend(tuple(range(self._n)), start, start)
            if self._found is not None:
                return self._found[0], self._found[1]
            if self._least_cut >= below:
                return None
            most = max(self._least_cut, floor + 2 * (most - floor))

    # --- steps ----------------------------------------------------------------------------------------------------

    def _extend(self, left: tuple[int, ...], low: int, high: int) -> None:
        """Place one of the steps that are left, the first or in any order each, and all behind it.

        It starts in `[low, high]`, as far as its place behind the steps so far allows.
        """
        draft = self._draft
        for i in left if self._query.is_any_order else left[:1]:
            rest = tuple(j for j in left if j != i)
            self._extend_with(
                i, rest, max(low, self._timing.earliest(draft, i)), min(high, self._timing.latest(draft, i, rest))
            )

    def _extend_with(self, i: int, rest: tuple[int, ...], low: int, high: int) -> None:
        """Place step `i` at a start in `[low, high]`, and the rest behind it."""
        draft = self._draft
        variants, rows, united = self._rows(i, rest)
        while (start := self._next(i, rest, united, low, high)) >= 0:
            for variant, row in zip(variants, rows, strict=True):
                if not (scan.is_set(row, start) and scan.is_set(variant.row, start)):
                    continue
                if draft.placed and draft.placed[0][0].meeting is not variant.meeting:
                    continue
                if self._timing.is_in_time(draft, i, rest, variant, start):
                    draft.placed.append((variant, start))
                    draft.order.append(i)
                    if not self._is_beaten(self._least(rest)):
                        self._place(i, rest, variant, start)
                    draft.placed.pop()
                    draft.order.pop()
            low = start + 1

    def _next(self, i: int, rest: tuple[int, ...], row: Row, low: int, high: int) -> int:
        """The first start of step `i` in `[low, high]` that is not too dear; below 0: none."""
        draft, ahead = self._draft, self.ahead.of(i, rest, self._draft.bound)
        base, per_tick, zero, until = self._so_far(), 0, 0, -1
        if draft.placed:
            variant, before = draft.placed[-1]
            clock = self._query.calendars.clock(variant.site)
            if self._query.has_one_zone and clock.day_ends is not None:
                per_tick, zero = self._costs.wait_per_tick(draft.order[-1], i), before + variant.length
                until = int(clock.day_ends[before])
        most = self._most - base
        if self._found is not None and (*draft.starts, low) > self._found[2][: len(draft.placed) + 1]:
            most -= 1  # as late as this only what is cheaper
        self._dear[0] = NO_COST
        found = next_within(row, low, high + 1, ahead, per_tick, zero, until, most, self._dear)
        self._cut(base + int(self._dear[0]))
        return found

    def _place(self, i: int, rest: tuple[int, ...], variant: Variant, start: int) -> None:
        """Fill the roles of step `i` in every way that makes a difference, and go on from each."""
        draft, least, another = self._draft, self._least(rest), self._costs.of_another
        before = draft.copy()
        seen: set[object] = set()
        needs_preferred = self._query.preferred is not None and least + another > self._most
        filling = self._fillings[i]
        for _ in filling.ways(draft, variant, start, rest, without=self._without, needs_preferred=needs_preferred):
            key = self._choices.matters(draft, rest)
            if key not in seen:
                seen.add(key)
                if not self._is_untidy():
                    self._go_on(rest, key)
            if self._is_beaten(least):
                break
        draft.become(before)
        if filling.has_left_out:
            self._cut(least + another)
        elif len(draft.placed) > 1 and not seen and not self._query.service.held:
            self._try_alone(i, variant, start)

    def _is_untidy(self) -> bool:
        """Note what a visit of one step does to the diaries of those who lead it; whether that is too dear."""
        if self._query.diary is None:
            return False
        self._draft.diary = self._query.diary.amounts(self._draft.led(self._query.lead_step))
        return self._is_beaten(self._least(()))

    def _try_alone(self, i: int, variant: Variant, start: int) -> None:
        """Take out a start of a later step that cannot be whatever comes before it: many starts may lead there."""
        if not any(True for _ in self._fillings[i].ways(Draft([(variant, start)], [i]), variant, start, ())):
            bits.clear_range(variant.row, start, start + 1)
            for variants, _, united in self._rows_by_wish[i].values():
                if not any(scan.is_set(v.row, start) for v in variants):
                    bits.clear_range(united, start, start + 1)

    def _go_on(self, rest: tuple[int, ...], key: object) -> None:
        """Go on to the steps that are left, unless it is known that what comes of it is too dear."""
        if not rest:
            self._finish()
            return
        so_far, state = self._so_far(), (key, *self._state(rest))
        if self._is_beaten(so_far + self._rest.get(state, 0)):
            return
        found, cut, self._least_cut = self._found, self._least_cut, NO_COST
        if self._query.is_any_order:
            self._extend(rest, 0, self._query.occupancy.n_ticks)
        else:
            i, end = rest[0], self._draft.placed[-1][1] + self._draft.placed[-1][0].length
            low, high = self._query.steps[i].gap
            latest = self._fillings[i].latest_end(self._draft) - self._query.least_between(i, i)
            self._extend(rest, end + low, latest if high is None else min(latest, end + high))
        # Whatever was found here costs at least what the best does now; whatever was not, at least what was cut off.
        least = self._least_cut if self._found is found else min(self._least_cut, self._most)
        self._rest[state] = NO_COST if least >= NO_COST else least - so_far
        self._least_cut = min(cut, self._least_cut)

    def _state(self, rest: tuple[int, ...]) -> tuple[object, ...]:
        """Whatever of the steps so far makes a difference to the steps that are left, resources apart."""
        draft, without = self._draft, self._without
        placed, order = draft.placed, draft.order
        if self._is_looked_at_whole:
            return (without, *placed)
        last = next((k for k in range(len(order) - 1, -1, -1) if self._costs.is_present(order[k])), len(order) - 1)
        end = placed[-1][1] + (0 if self._query.is_any_order else placed[-1][0].length)
        ways = [max(end, self._timing.there_from(draft, t)) for t in self._query.sites] if self._timing.has_ways else ()
        until = draft.end if self._query.is_any_order else 0  # steps without the patient may outlast those after them
        paid = self._costs.of_modalities([v.modality for v, _ in placed], order)  # once for the whole visit
        first = placed[0] if self._timing.has_common_limit else None
        return (without, first, rest, until, paid, *ways, *placed[last:])

    def _rows(self, i: int, rest: tuple[int, ...]) -> tuple[list[Variant], list[Row], Row]:
        """The ways to do step `i` now; the starts of each at which somebody who is wanted is there; these united."""
        query, draft, any_order = self._query, self._draft, self._query.any_order
        turn = self._timing.turn(draft, i)
        variants = [v for v in query.steps[i].variants if v.turn is turn]
        cost = self._so_far() + self._costs.of_another
        needs_preferred = (
            bool(draft.placed)
            and query.preferred is not None
            and cost > self._most
            and query.preferred not in query.reach_of(rest)
            and not draft.has(query.preferred)
        )
        if needs_preferred:
            self._cut(cost)
        without = self._without if draft.placed and i == query.lead_step else frozenset()
        bound = tuple(sorted((g, tuple(sorted(b))) for g, b in draft.bound.items()))
        known, key = self._rows_by_wish[i], (needs_preferred, without, bound, turn, rest if any_order else None)
        if key not in known:
            rows = [v.row for v in variants]
            if any_order is not None:
                rows = [v.row & any_order.after(i, v, rest) for v in variants]
            if needs_preferred or without:
                wanted = (self.wishes.wanted(v, without, needs_preferred=needs_preferred) for v in variants)
                rows = [row & other for row, other in zip(rows, wanted, strict=True)]
            if bound:
                rows = [row & self.wishes.bound_row(i, v, draft.bound) for row, v in zip(rows, variants, strict=True)]
            known[key] = variants, rows, np.bitwise_or.reduce([bits.make(query.occupancy.n_ticks), *rows])
        return known[key]

    # --- what it comes to -----------------------------------------------------------------------------------------

    def _so_far(self) -> int:
        """What the visit costs for the steps that are placed."""
        placed = self._draft.placed
        if not placed:
            return 0
        start, site = placed[0][1], placed[0][0].site
        if site not in self._start_costs:
            self._start_costs[site] = int(self._costs.of_starts(np.array([start]), site)[0])
        cost = self._start_costs[site] + self._costs.of_modalities([v.modality for v, _ in placed], self._draft.order)
        if len(placed) > 1:
            cost += self._costs.of_wait([(t, t + v.length, v.site) for v, t in placed], self._draft.order)
        return cost + self._costs.of_diary(self._draft.diary)

    def _least(self, rest: tuple[int, ...]) -> int:
        """What the visit costs at least, as far as it is placed."""
        draft = self._draft
        if not rest:
            return self._so_far() + self._costs.of_end(draft.end)
        ahead = self.ahead.of(draft.order[-1], rest, draft.bound)
        return self._so_far() + (int(ahead[draft.placed[-1][1]]) if ahead.size else 0)

    def _is_beaten(self, cost: int) -> bool:
        """Whether a visit that goes on from what is placed, at this cost at least, cannot be the best."""
        is_beaten = cost > self._most
        if cost == self._most and self._found is not None:
            starts = self._draft.starts
            is_beaten = starts > self._found[2][: len(starts)] or starts == self._found[2]
        if is_beaten:
            self._cut(cost)
        return is_beaten

    def _cut(self, cost: int) -> None:
        """Note that visits of this cost or more were not looked at."""
        self._least_cut = min(self._least_cut, cost)

    def _finish(self) -> None:
        """Take the visit if it is allowed and better than the best so far."""
        query, draft = self._query, self._draft
        meeting = draft.placed[0][0].meeting
        used = {o.r for o in draft.own} if meeting is None else meeting.resources
        lead = draft.lead if meeting is None else meeting.lead
        has_preferred = query.preferred is None or query.preferred in used
        cost = self._least(()) + (0 if has_preferred else self._costs.of_another)
        if not used.issuperset(query.asked) or lead in self._without:
            return
        zero, tick = query.occupancy.grid.start_minute, query.occupancy.grid.tick_min
        sites = frozenset(v.site for v, _ in draft.placed if v.modality is Modality.IN_PERSON)
        begin, stop = zero + draft.placed[0][1] * tick, zero + draft.end * tick
        if query.neighbours.allow(begin, stop, sites) is not None or self._is_beaten(cost):
            return
        self._most = cost
        self._found = made_of(query, draft, cost, has_preferred=has_preferred), lead, draft.starts
