"""Distance that reservations do not show: travel of practitioners between sites, changeover between two uses.

Both depend on where, or for what, the resource is used before and after, so the time they take is worked out for the
use that is asked for: one row per site, one row per tag and buffers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.columns import NEVER
from engine.model.service import RoleUse
from engine.search import bits
from engine.search.facts import changeover_min, needs_spacing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from engine.model.ids import SiteId, Tag
    from engine.search.bits import Row
    from engine.search.occupancy import Occupancy
    from engine.search.uses import Use

__all__ = ["Spacing"]


class Spacing:
    """Rows of ticks that are out of reach for another use of a resource, kept until the resource is booked anew."""

    def __init__(self, occupancy: Occupancy) -> None:
        self._occupancy = occupancy
        self._uses: dict[int, list[Use]] = {}
        self._rows: dict[int, dict[object, Row | None]] = {}

    def forget(self, r: int) -> None:
        """Drop what is known of a resource whose bookings have changed."""
        self._uses.pop(r, None)
        self._rows.pop(r, None)

    def travel_free(self, r: int, site: SiteId) -> Row | None:
        """The ticks at which a practitioner can be reserved at a site, as far as getting there and away goes.

        None when all are. A reservation may lie anywhere inside. Not to be written to.
        """
        rows = self._rows.setdefault(r, {})
        if site not in rows:
            rows[site] = self._travel_row(r, site)
        return rows[site]

    def _travel_row(self, r: int, site: SiteId) -> Row | None:
        occupancy = self._occupancy
        if not occupancy.bookings.sites_of(occupancy.problem.resources[r].id) - {site}:
            return None
        row = self._full()
        travel = occupancy.problem.travel_min
        for use in self.uses_of(r):
            if use.site != site:
                there, back = travel.get((site, use.site), 0), travel.get((use.site, site), 0)
                bits.clear_range(row, *occupancy.calendars.outward(use.start - there, use.end + back))
        return row

    def window_free(self, r: int, setup_min: int, cleanup_min: int, tag: Tag | None) -> Row | None:
        """The ticks in which the *window* of an exclusive use may lie, as far as the changeovers beside it go.

        None when all are, and for resources whose uses keep their distance by their reservations alone. Not to be
        written to. Where uses overlap each other the row says more than is allowed; `keeps_distance` is exact.

        Parameters
        ----------
        setup_min, cleanup_min, tag
            Those of the role that is asked for, without the resource's own.
        """
        occupancy = self._occupancy
        resource = occupancy.problem.resources[r]
        if not needs_spacing(resource) or occupancy.spare(r).size:
            return None
        rows = self._rows.setdefault(r, {})
        key = (setup_min, cleanup_min, tag)
        if key not in rows:
            row = bits.make(occupancy.n_ticks)
            start = -NEVER // 2
            for first, last in _clusters(u for u in self.uses_of(r) if u.use is RoleUse.EXCLUSIVE):
                end = first.window_start - changeover_min(resource, cleanup_min, tag, first.setup_min, first.tag)
                bits.set_range(row, *occupancy.calendars.inward(start, end), occupancy.n_ticks)
                start = last.window_end + changeover_min(resource, last.cleanup_min, last.tag, setup_min, tag)
            bits.set_range(row, *occupancy.calendars.inward(start, NEVER // 2), occupancy.n_ticks)
            rows[key] = row
        return rows[key]

    def keeps_distance(self, r: int, own: Sequence[Use]) -> bool:
        """Whether exclusive uses of one visit keep the changeovers to each other and to what is booked.

        Judged between a use and the next ones, those that follow it with no other use wholly between.
        """
        resource = self._occupancy.problem.resources[r]
        if not needs_spacing(resource):
            return True
        uses = [u for u in self.uses_of(r) if u.use is RoleUse.EXCLUSIVE] + list(own)
        for c in own:
            before = [u for u in uses if u.window_end <= c.window_start]
            latest = max((u.window_start for u in before), default=0)
            after = [u for u in uses if c.window_end <= u.window_start]
            earliest = min((u.window_end for u in after), default=NEVER)
            near = [(u, c) for u in before if not (u.window_end <= latest and u.window_start < latest)]
            near += [(c, u) for u in after if u.window_start < earliest]
            for first, second in near:
                needed = changeover_min(resource, first.cleanup_min, first.tag, second.setup_min, second.tag)
                if second.window_start - first.window_end < needed:
                    return False
        return True

    def leaves_breaks(self, r: int, own: Sequence[Use], *, beside_booked: bool = True) -> bool:
        """Whether the breaks in a resource's sessions can still be taken beside these uses and what is booked."""
        booked = self.uses_of(r) if beside_booked else ()
        calendars = self._occupancy.calendars
        for session in calendars.sessions(r):
            for start, end, minutes in session.breaks:
                if not any(u.start < end and start < u.end for u in own):
                    continue
                taken = sorted((u.start, u.end) for u in (*booked, *own) if u.start < end and start < u.end)
                free_from, longest = start, 0
                for a, b in taken:
                    longest = max(longest, min(a, end) - free_from)
                    free_from = max(free_from, b)
                if max(longest, end - free_from) < minutes:
                    return False
        return True

    def uses_of(self, r: int) -> list[Use]:
        """Every reservation of a resource that blocks, by the start of its window."""
        if r not in self._uses:
            occupancy = self._occupancy
            uses = occupancy.bookings.uses_of(occupancy.problem.resources[r].id)
            self._uses[r] = sorted(uses, key=lambda u: (u.window_start, u.window_end))
        return self._uses[r]

    def _full(self) -> Row:
        row = bits.make(self._occupancy.n_ticks)
        bits.fill(self._occupancy.n_ticks, row)
        return row


def _clusters(uses: Iterable[Use]) -> Iterator[tuple[Use, Use]]:
    """Groups of uses whose windows overlap, in order: the use that starts first, and the one that ends last."""
    first = last = None
    for use in uses:
        if first is None or last is None:
            first = last = use
        elif use.window_start < last.window_end:
            last = use if use.window_end > last.window_end else last
        else:
            yield first, last
            first = last = use
    if first is not None and last is not None:
        yield first, last
