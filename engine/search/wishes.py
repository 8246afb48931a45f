"""Which starts are left when only some people are wanted: leads, who is preferred, who is bound by steps before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.search import bits
from engine.search.candidates import starts_led, variant_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from engine.search.ahead import Ahead
    from engine.search.bits import Matrix, Row
    from engine.search.plans import Variant
    from engine.search.query import Query

__all__ = ["Wishes"]


class Wishes:
    """Rows of one query, after `find_candidates`; what was asked once is kept."""

    def __init__(self, query: Query, ahead: Ahead) -> None:
        self._query, self._ahead = query, ahead
        self._ahead_led: dict[int, NDArray[np.int64]] = {}
        self._starts_led: dict[frozenset[int | None], Row] = {}

    def led_by(self, variant: Variant, leads: frozenset[int]) -> Row:
        """The starts of a variant at which one of these leads it; a new row."""
        if variant.meeting is not None and variant.meeting.lead in leads:
            return variant.allowed.copy()
        if variant.lead is None:
            return bits.make(self._query.occupancy.n_ticks)
        return variant_row(self._query, variant, {variant.lead: leads})

    def wanted(self, variant: Variant, without: frozenset[int | None], *, needs_preferred: bool) -> Row:
        """The starts of a variant at which a lead who is wanted, and if need be the preferred practitioner, is there.

        Parameters
        ----------
        without
            Leads that are not wanted, where the step decides the lead.
        """
        n_ticks, rows = self._query.occupancy.n_ticks, self._query.occupancy.starts.store.rows
        out = bits.make(n_ticks)
        bits.fill(n_ticks, out)
        if variant.meeting is not None:
            is_unwanted = variant.meeting.lead in without
            if is_unwanted or (needs_preferred and self._query.preferred not in variant.meeting.resources):
                bits.clear(out)
            return out
        lead = None if variant.lead is None else variant.roles[variant.lead]
        if without and lead is None and None in without:
            bits.clear(out)
        if without and lead is not None:
            bits.and_(out, self.led_by(variant, frozenset(r for r in lead.pool if r not in without)))
        if needs_preferred:
            preferred = self._query.preferred
            is_lead_only = lead is not None and lead.role.count == 1 and preferred in without
            roles = (r for r in variant.roles if not (is_lead_only and r is lead))
            bits.and_(out, _united(rows, (e.slot for r in roles for e in r.entries if e.r == preferred), n_ticks))
        return out

    def bound_row(self, i: int, variant: Variant, bound: Mapping[int, frozenset[int]]) -> Row:
        """Starts of a variant with the resources that steps before bind it to."""
        query = self._query
        only: dict[int, frozenset[int]] = {}
        for k, role in enumerate(variant.roles):
            for g in query.same.get((query.steps[i].step.id, role.role.id), ()):
                if g in bound:
                    only[k] = bound[g] & only.get(k, bound[g])
        return variant_row(query, variant, only) if only else variant.row

    def least_led(self, lead: int | None, start: int) -> int:
        """What the rest of a visit from a start costs at least, led by somebody: 0 where no floor tells leads apart."""
        i = self._query.lead_step
        ahead = self._ahead.of_first()
        if self._query.is_any_order or lead is None or i is None or not ahead.size:
            return int(ahead[start]) if ahead.size else 0
        if lead not in self._ahead_led:
            variants = self._query.steps[i].variants
            self._ahead_led[lead] = self._ahead.led_by(i, [self.led_by(v, frozenset((lead,))) for v in variants])
        return int(self._ahead_led[lead][start])

    def starts_led(self, without: frozenset[int | None]) -> Row:
        """The starts from which somebody who is wanted could lead the visit."""
        i = self._query.lead_step
        if without not in self._starts_led:
            variants = self._query.steps[i or 0].variants
            rows = [v.row for v in variants]
            if i is not None:
                wanted = (self.wanted(v, without, needs_preferred=False) for v in variants)
                rows = [row & other for row, other in zip(rows, wanted, strict=True)]
            self._starts_led[without] = starts_led(self._query, rows, without)
        return self._starts_led[without]


def _united(rows: Matrix, slots: Iterable[int], n_ticks: int) -> Row:
    out = bits.make(n_ticks)
    bits.or_rows(rows, np.array(list(slots), np.int64), out)
    return out
