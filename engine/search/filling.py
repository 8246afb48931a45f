"""Who does a step: every way to fill its roles at a start that makes a difference, by backtracking.

Resources are tried as `Choices` orders them. Roles that decide nothing later are filled in the first way that fits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.search.draft import Held
from engine.search.together import Own, Together

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.search.choices import Choices
    from engine.search.draft import Draft
    from engine.search.plans import RolePlan, Variant
    from engine.search.query import Query

__all__ = ["Filling"]


class Filling:
    """Fills the roles of one step of a query.

    Attributes
    ----------
    has_left_out
        Whether there are ways that were not tried because of what they cost, the last time.
    """

    def __init__(self, query: Query, choices: Choices, i: int) -> None:
        self._query, self._choices, self._i = query, choices, i
        self._together = Together(query)
        self.has_left_out = False

    def ways(
        self,
        draft: Draft,
        variant: Variant,
        start: int,
        rest: Sequence[int],
        *,
        without: frozenset[int | None] = frozenset(),
        needs_preferred: bool = False,
    ) -> Iterator[None]:
        """Fill the roles of the step, which the draft has at this start; at each way the draft holds it.

        Parameters
        ----------
        rest
            The steps that are left.
        without
            Leads that are not wanted.
        needs_preferred
            Only ways after which the visit has the preferred practitioner, or may still get them.
        """
        self.has_left_out = False
        self._draft, self._without, self._needs_preferred = draft, without, needs_preferred
        self._rest = rest
        roles, n_decisive = self._choices.ordered(self._i, variant)
        return self._fill(variant, start, roles, n_decisive, 0)

    def latest_end(self, draft: Draft) -> int:
        """The last tick at which the step can end, as far as resources that steps before hold stay free until then."""
        i = self._i
        latest = self._query.occupancy.n_ticks
        for h in draft.held:
            if h.until >= i and h.role.role.start.anchor == "start" and h.role.role.end.anchor == "end":
                since, begin = draft.placed[h.since]
                _, stop = self._query.window(h.role.role, 0)
                rest = self._query.least_between(i, h.until) - self._query.least_between(i, i)
                for r in h.resources:
                    lo, hi = h.role.shape.reserved(
                        self._query.problem.resources[r], self._query.occupancy.grid.tick_min
                    )
                    after = stop + hi - h.role.shape.window[1]
                    free = self._together.free_until(h.role.shape, r, since.site, begin + lo)
                    latest = min(latest, free - after - rest)
        return latest

    # --- roles ----------------------------------------------------------------------------------------------------

    def _fill(self, variant: Variant, start: int, roles: Sequence[RolePlan], n_decisive: int, k: int) -> Iterator[None]:
        """Fill the roles from the `k`-th on in every way that fits; of those that decide nothing, in the first way."""
        draft, i = self._draft, self._i
        if k == len(roles):
            closed = self._close_held() if self._is_whole(variant) else None
            if closed is not None:
                yield
                del draft.own[len(draft.own) - closed :]
            return
        role = roles[k]
        done: set[object] = set()
        groups = self._query.same.get((self._query.steps[i].step.id, role.role.id), ())
        is_lead = i == self._query.lead_step and variant.lead is not None and role is variant.roles[variant.lead]
        needs_preferred = self._needs_preferred and self._is_last_for_preferred(roles, k)
        for chosen in self._choices.at(draft, i, variant, role, start, groups):
            if is_lead and chosen[0] in self._without:
                continue
            if needs_preferred and self._query.preferred not in chosen:
                self.has_left_out = True
                continue
            size = len(draft.own)
            if not self._take(variant, start, role, chosen):
                continue
            bound = {g: draft.bound.get(g) for g in groups}
            draft.bound.update((g, frozenset(chosen)) for g in groups)
            if is_lead:
                draft.lead = chosen[0]
            key = self._choices.matters(draft, self._rest) if k >= n_decisive - 1 else None
            has_filled = False
            if key is None or key not in done:
                for _ in self._fill(variant, start, roles, n_decisive, k + 1):
                    has_filled = True
                    yield
            if is_lead:
                draft.lead = None
            for g, before in bound.items():
                if before is None:
                    del draft.bound[g]
            self._give_back(role, size)
            if has_filled:
                if k >= n_decisive:
                    return
                done.add(key if key is not None else object())

    def _is_last_for_preferred(self, roles: Sequence[RolePlan], k: int) -> bool:
        """Whether the `k`-th role is the last in which the preferred practitioner, who is not in yet, could be."""
        preferred = self._query.preferred
        if preferred is None or preferred not in roles[k].pool or self._draft.has(preferred):
            return False
        is_later = preferred in self._query.reach_of(self._rest)
        return not is_later and not any(preferred in r.pool for r in roles[k + 1 :])

    def _take(self, variant: Variant, start: int, role: RolePlan, chosen: tuple[int, ...]) -> bool:
        """Reserve resources for a role, all or none."""
        draft, size = self._draft, len(self._draft.own)
        if role.held is not None:
            draft.held.append(Held(role, chosen, self._i, self._query.index(role.held.last)))
            return True
        shape = role.shape
        window = start + shape.window[0], start + shape.window[1]
        for r in chosen:
            lo, hi = shape.reserved(self._query.problem.resources[r], self._query.occupancy.grid.tick_min)
            new = Own(self._i, role, r, variant.site, (start + lo, start + hi), window)
            if not self._together.fits(draft.own, new):
                del draft.own[size:]
                return False
            draft.own.append(new)
        return True

    def _give_back(self, role: RolePlan, size: int) -> None:
        if role.held is not None:
            self._draft.held.pop()
        del self._draft.own[size:]

    def _is_whole(self, variant: Variant) -> bool:
        """Whether a step whose roles are filled keeps the rules that couple them."""
        draft, i = self._draft, self._i
        used = draft.used_in(i)
        if not self._together.is_length(i, variant, used) or not self._together.is_asked(variant, used):
            return False
        own = [o for o in draft.own if o.step == i and o.role.held is None]
        return self._together.go_together(variant, own, draft.during(i))

    def _close_held(self) -> int | None:
        """Reserve the resources held until the step over their real stretch; how many, or None where one cannot be."""
        draft, i, size = self._draft, self._i, len(self._draft.own)
        for h in draft.held:
            if h.until != i:
                continue
            first, begin = draft.placed[h.since]
            last, end = draft.placed[i]
            window = self._query.window(h.role.role, end + last.length - begin)
            for r in h.resources:
                lo, hi = self._query.reserved(h.role.shape, window, r)
                new = Own(
                    h.since, h.role, r, first.site, (begin + lo, begin + hi), (begin + window[0], begin + window[1])
                )
                is_good = (
                    lo < hi
                    and self._together.is_free(new)
                    and self._together.fits(draft.own, new)
                    and self._together.go_together(first, [new], draft.during(h.since))
                )
                if not is_good:
                    del draft.own[size:]
                    return None
                draft.own.append(new)
        return len(draft.own) - size
