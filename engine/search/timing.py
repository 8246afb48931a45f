"""When a step may start beside those of the visit that are placed: its turn, the span, the day, the patient's ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.service import Modality
from engine.search.plans import Turn

if TYPE_CHECKING:
    from engine.model.ids import SiteId
    from engine.search.draft import Draft
    from engine.search.plans import Variant
    from engine.search.query import Query

__all__ = ["Timing"]


class Timing:
    """Times of one query's steps beside each other.

    Attributes
    ----------
    has_ways
        Whether the patient may have to go from one site to another between steps.
    has_common_limit
        Whether the first start limits all others.
    """

    def __init__(self, query: Query) -> None:
        self._query = query
        places = {v.site for s in query.steps for v in s.variants if v.modality is Modality.IN_PERSON}
        self.has_ways = len(query.steps) > 1 and len(places) > 1
        self.has_common_limit = (
            query.service.max_span_min is not None or query.service.is_same_day or bool(query.neighbours.apart)
        )

    def earliest(self, draft: Draft, i: int) -> int:
        """The earliest start of step `i` that its place behind the steps so far allows, where these are in any order.

        Not before the last of them starts; at one start only behind steps that come first in the service, so that each
        visit is made once; and with the patient when the last step with the patient is over.
        """
        if not draft.placed or not self._query.is_any_order:
            return 0
        earliest = draft.placed[-1][1] + (i < draft.order[-1])
        if self._query.costs.is_present(i):
            ends = (
                t + v.length
                for j, (v, t) in zip(draft.order, draft.placed, strict=True)
                if self._query.costs.is_present(j)
            )
            earliest = max((earliest, *ends))
        return earliest

    def latest(self, draft: Draft, i: int, rest: tuple[int, ...]) -> int:
        """The latest start of step `i` that the visit's span, its day and other visits allow, as far as can be told."""
        query = self._query
        latest = query.occupancy.n_ticks
        if draft.placed and (query.neighbours.apart or query.neighbours.followers):
            latest = self._latest_end(draft.placed[0][1]) - self._least_behind(i, rest)
        if draft.placed and self.has_common_limit:
            first, begin = draft.placed[0]
            day_ends = query.calendars.clock(first.site).day_ends
            if query.service.is_same_day and query.has_one_zone and day_ends is not None:
                latest = min(latest, int(day_ends[begin]))
            if query.service.max_span_min is not None:
                span = query.service.max_span_min // query.occupancy.grid.tick_min
                latest = min(latest, begin + span - self._least_behind(i, rest))
        return latest

    def _latest_end(self, begin: int) -> int:
        """The last tick at which a visit that begins then may end, beside the visits that it keeps away from."""
        grid, beside = self._query.occupancy.grid, self._query.neighbours
        start = grid.start_minute + begin * grid.tick_min
        ends = [first - minutes for first, last, minutes in beside.apart if start - last < minutes]
        ends += [follows - least for follows, least, _ in beside.followers]
        return min(((end - grid.start_minute) // grid.tick_min for end in ends), default=self._query.occupancy.n_ticks)

    def _least_behind(self, i: int, rest: tuple[int, ...]) -> int:
        """Ticks from the start of step `i` to the end of the visit, at least."""
        query = self._query
        return query.least_of((i, *rest)) if query.is_any_order else query.least_between(i, len(query.steps) - 1)

    def turn(self, draft: Draft, i: int) -> Turn | None:
        """What it means for step `i`, free in order, to be placed next."""
        costs = self._query.costs
        if not self._query.is_any_order or not draft.order:
            return Turn.FIRST if self._query.is_any_order else None
        is_arriving = costs.is_present(i) and not any(costs.is_present(j) for j in draft.order)
        return Turn.ARRIVING if is_arriving else Turn.LATER

    def is_in_time(self, draft: Draft, i: int, rest: tuple[int, ...], variant: Variant, start: int) -> bool:
        """Whether the span, the day and the patient's ways are kept so far."""
        if not draft.placed:
            return True
        if self.has_ways and self._is_there(i, variant) and start < self.there_from(draft, variant.site):
            return False
        service, (first, begin) = self._query.service, draft.placed[0]
        if service.max_span_min is not None:
            if self._query.is_any_order:
                end = max(draft.end, start + variant.length, start + self._least_behind(i, rest))
            else:
                end = start + variant.length + self._least_behind(i, rest) - self._query.least_between(i, i)
            if (end - begin) * self._query.occupancy.grid.tick_min > service.max_span_min:
                return False
        if service.is_same_day:
            clock, other = self._query.calendars.clock(variant.site), self._query.calendars.clock(first.site)
            return bool(clock.day[start] == other.day[begin])
        return True

    def there_from(self, draft: Draft, site: SiteId) -> int:
        """The tick from which the patient, coming from the steps so far, can be at a site."""
        query, found = self._query, 0
        for j, (variant, start) in zip(draft.order, draft.placed, strict=True):
            if variant.site != site and self._is_there(j, variant):
                way = query.occupancy.grid.ticks(query.patient_time.way_min(variant.site, site))
                found = max(found, start + variant.length + way)
        return found

    def _is_there(self, i: int, variant: Variant) -> bool:
        """Whether the patient has to be at the site for step `i` done as `variant`."""
        return self._query.costs.is_present(i) and variant.modality is Modality.IN_PERSON
