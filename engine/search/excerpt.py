"""An excerpt of an occupancy: some days of it to try things on, while the occupancy itself stays as it is.

Rows are cut at word boundaries and shared with the occupancy until something is changed, so that an excerpt of a few
days takes a fraction of a millisecond to make, whatever the horizon, and is searched as any other occupancy.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from engine.search import bits, counts
from engine.search.cut_calendars import CutCalendars
from engine.search.followed import Followed
from engine.search.occupancy import Occupancy
from engine.search.quotas import CLASSES
from engine.search.spacing import Spacing
from engine.search.starts import Entry, Starts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from engine.model.ids import SiteId, Tag
    from engine.model.session import PatientClass, Session
    from engine.search.bits import Row
    from engine.search.horizon import Run
    from engine.search.starts import RoleShape
    from engine.search.uses import Use

__all__ = ["Excerpt"]


class Excerpt(Occupancy):
    """The part of an occupancy around `[first, stop)`, in which things can be changed.

    Its ticks are the occupancy's less `shift`. What lies beyond it counts as closed, so it must reach as far as
    anything that is asked about.

    Parameters
    ----------
    first, stop
        Ticks of the occupancy, rounded outward to whole words.
    """

    def __init__(self, base: Occupancy, first: int, stop: int) -> None:
        words = slice(max(0, first) >> 6, min(bits.words_for(max(stop, 1)), base.calendars.n_words))
        self.shift = words.start << 6
        self.base, self.words = base, words
        calendars = CutCalendars(base.calendars, words)
        ticks = slice(self.shift, self.shift + calendars.n_ticks)
        self.problem, self.grid, self.calendars = base.problem, calendars.grid, calendars
        self._part, self._calendars, self._resources = calendars, calendars, base.problem.resources
        self.n_ticks, self.lanes, self.weights = calendars.n_ticks, base.lanes, base.weights
        self.row_by_id, self.bookings, self.quotas = base.row_by_id, base.bookings, base.quotas
        self.used, self.free = base.used[:, ticks], base.free[:, words]
        self._present, self._overriding, self._overbooking = (
            {r: count[ticks] for r, count in of.items()} for of in base.extra_counts()
        )
        self._rows = {}
        self.followed = Followed(len(self._resources), calendars.n_words)
        self._is_own = False
        self.__dict__["travel"] = base.travel
        self.spacing = self._distances = _Spacing(self)
        self.starts = _Starts(self, calendars)

    # --- taking obstacles away ------------------------------------------------------------------------------------

    def open_up(self, resources: Iterable[int]) -> None:
        """Have resources open all the time, with no breaks to take."""
        self._own_rows()
        for r in resources:
            bits.fill(self.n_ticks, self._part.open[r])
            self._part.unbroken.add(r)
            self._anew(r)

    def unbook(self, resources: Iterable[int]) -> None:
        """Take away all that is booked of resources; quotas then count nothing there either."""
        self._own_rows()
        for r in resources:
            self.used[r] = 0
            self._present.pop(r, None)
            self._overriding.pop(r, None)
            self._anew(r)
            self._distances.unbook(r)
            self._own_posts(r, count=0)

    def lift_quotas(self, resources: Iterable[int]) -> None:
        """Have sessions of resources take as many visits as fit."""
        for r in resources:
            self._own_posts(r, limit=1 << 40)
            self._changed(r)

    def give_sessions(self, resources: Iterable[int]) -> None:
        """Have resources be in a session for every service, at every site and in any room, all the time."""
        for r in resources:
            self._part.in_session.add(r)
            self._changed(r)

    def give_one_more_session(self, resources: Iterable[int], but: Collection[Run] = ()) -> None:
        """Have resources be in a session for every service, where they work, whenever they are in none.

        Parameters
        ----------
        but
            Ticks of the occupancy in which they are not.
        """
        for r in resources:
            self._part.beside[r] = tuple(but)
            self._changed(r)

    def release_kept(self, resources: Iterable[int]) -> None:
        """Give the time of resources that is kept for urgent orders to all."""
        for r in resources:
            self._part.released.add(r)
            self._changed(r)

    def release_blocks(self, resources: Iterable[int]) -> None:
        """Give the surgery blocks in theatres to all."""
        for r in resources:
            self._part.own_blocks.release(r)
            self._changed(r)

    # --- changing --------------------------------------------------------------------------------------------------

    def add_lanes(self, r: int, lanes: int) -> None:
        """Have a resource take so many more uses at a time, and supervise as many more."""
        self._own_rows()
        self.lanes = self.lanes.copy()
        self.lanes[r] += lanes
        resource = self._resources[r]
        more = {"lanes": resource.lanes + lanes, "presence_limit": resource.presence_limit + lanes}
        self._resources = (*self._resources[:r], resource.model_copy(update=more), *self._resources[r + 1 :])
        self._anew(r)

    def put_session(self, r: int, session: Session) -> None:
        """Have a resource be in a session, in place of the one with its id if there is one."""
        self._part.put_session(r, session)
        self._changed(r)

    def _own_rows(self) -> None:
        """Stop sharing rows with the occupancy."""
        if not self._is_own:
            self.used, self.free, self._part.open = self.used.copy(), self.free.copy(), self._part.open.copy()
            self._is_own = True

    def _own_posts(self, r: int, *, count: int | None = None, limit: int | None = None) -> None:
        if not self.base.quotas.has_any:
            return
        if self.quotas is self.base.quotas:
            self.quotas = copy(self.quotas)
            self.quotas.segments, self.quotas.classes = copy(self.quotas.segments), copy(self.quotas.classes)
            for posts in (self.quotas.segments, self.quotas.classes):
                posts.count, posts.limit = posts.count.copy(), posts.limit.copy()
        n = len(CLASSES)
        for posts, first, stop in ((self.quotas.segments, r, r + 1), (self.quotas.classes, r * n, (r + 1) * n)):
            part = slice(int(posts.offsets[first]), int(posts.offsets[stop]))
            if count is not None:
                posts.count[part] = count
            if limit is not None:
                posts.limit[part] = limit

    def _anew(self, r: int) -> None:
        """Work out the free row of a resource anew."""
        self._rows.pop(r, None)
        counts.refresh_free(*self._counted(r), 1, 0, self.n_ticks, self.free[r])
        self._changed(r)

    def _changed(self, r: int) -> None:
        self._part.changed.add(r)
        self.starts.forget(r)


class _Spacing(Spacing):
    """Distances of an excerpt: cut out of the occupancy's, but for resources without reservations."""

    def __init__(self, excerpt: Excerpt) -> None:
        super().__init__(excerpt)
        self._base, self._cut = excerpt.base.spacing, excerpt.words
        self._unbooked: set[int] = set()

    def unbook(self, r: int) -> None:
        """Go on as if a resource had no reservations."""
        self._unbooked.add(r)
        self.forget(r)

    def uses_of(self, r: int) -> list[Use]:
        return [] if r in self._unbooked else self._base.uses_of(r)

    def travel_free(self, r: int, site: SiteId) -> Row | None:
        whole = None if r in self._unbooked else self._base.travel_free(r, site)
        return None if whole is None else whole[self._cut]

    def window_free(self, r: int, setup_min: int, cleanup_min: int, tag: Tag | None) -> Row | None:
        if r in self._unbooked:
            return super().window_free(r, setup_min, cleanup_min, tag)
        whole = self._base.window_free(r, setup_min, cleanup_min, tag)
        return None if whole is None else whole[self._cut]


class _Starts(Starts):
    """Rows of starts of an excerpt: cut out of the occupancy's, but for resources that have been changed."""

    def __init__(self, excerpt: Excerpt, calendars: CutCalendars) -> None:
        super().__init__(excerpt)
        self._excerpt, self._calendars = excerpt, calendars
        self._known: dict[tuple[int, int, PatientClass, bool], tuple[Entry, ...]] = {}

    def entries(
        self, r: int, shape: RoleShape, number: int, patient_class: PatientClass, now: datetime, *, is_routine: bool
    ) -> tuple[Entry, ...]:
        excerpt = self._excerpt
        if r in self._calendars.changed:
            return super().entries(r, shape, number, patient_class, now, is_routine=is_routine)
        key = r, number, patient_class, is_routine
        if key not in self._known:
            base = excerpt.base.starts
            whole = base.entries(r, shape, base.number(shape), patient_class, now, is_routine=is_routine)
            cut = ((e, base.store.rows[e.slot][excerpt.words]) for e in whole)
            self._known[key] = tuple(Entry(r, self.store.put(row), e.rooms) for e, row in cut if row.any())
        return self._known[key]
