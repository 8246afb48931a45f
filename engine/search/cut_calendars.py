"""Calendars of some days: cut out of an occupancy's, and as they would be were something changed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.model.timegrid import TimeGrid
from engine.search import bits
from engine.search.blocks import Blocks
from engine.search.calendars import Calendars, Layer, works_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from engine.model.ids import Capability, ServiceId, SiteId
    from engine.model.service import Role
    from engine.model.session import Session
    from engine.search.bits import Row
    from engine.search.blocks import BlockTicks
    from engine.search.horizon import Run
    from engine.search.sessions import Nature, SessionTicks

__all__ = ["CutCalendars"]


class CutCalendars(Calendars):
    """Calendars of an excerpt.

    Attributes
    ----------
    changed
        Resources that are not as in the occupancy.
    in_session, released, unbroken
        Those that are always in a session, keep no time back, have no breaks to take.
    beside
        Those that could be in one more session whenever they are in none, but not in these ticks of the occupancy.
    """

    def __init__(self, base: Calendars, words: slice) -> None:
        self._base, self._cut = base, words
        self._by = words.start << 6
        self.problem, self.margin = base.problem, base.margin - self._by
        self.n_ticks = min(words.stop << 6, base.n_ticks) - self._by
        self.n_words = words.stop - words.start
        self.grid = TimeGrid(base.grid.instant(self._by), self.n_ticks, base.grid.tick_min)
        self.within = (base.within[0] - self._by, base.within[1] - self._by)
        self._clocks = {}
        self.own_blocks = self.blocks = _Blocks(base.blocks, self)
        self._sessions, self._natures, self._layers, self._admitting = {}, {}, {}, {}
        self._pools, self._kept, self._privileged, self._parts = {}, {}, {}, {}
        self.open = base.open[:, words]
        self.changed: set[int] = set()
        self.in_session: set[int] = set()
        self.beside: dict[int, tuple[Run, ...]] = {}
        self.released: set[int] = set()
        self.unbroken: set[int] = set()
        self._put: set[int] = set()

    def pool(self, role: Role, site: SiteId) -> tuple[int, ...]:
        return self._base.pool(role, site)

    def moved(self, run: Run) -> Run:
        """A stretch of the occupancy's ticks in the excerpt's, clipped to it."""
        return max(0, run[0] - self._by), min(self.n_ticks, run[1] - self._by)

    def sessions(self, r: int) -> tuple[SessionTicks, ...]:
        found = self._sessions.get(r)
        if found is None:
            cut = (replace(s, inside=self.moved(s.inside), touched=self.moved(s.touched)) for s in self._near(r))
            found = self._sessions[r] = tuple(s for s in cut if s.touched[0] < s.touched[1])
        return tuple(replace(s, breaks=()) for s in found) if r in self.unbroken else found

    def _near(self, r: int) -> Iterable[SessionTicks]:
        stop = self._by + self.n_ticks
        return (s for s in self._base.sessions(r) if s.touched[0] < stop and self._by < s.touched[1])

    def put_session(self, r: int, session: Session) -> None:
        """Have a resource be in a session."""
        others = [s for s in self.sessions(r) if s.session.id != session.id]
        made = self._session_ticks(session)
        self._sessions[r] = tuple(sorted([*others, made], key=lambda s: (s.bounds, s.session.id)))
        self._put.add(r)
        for key in [k for k in self._admitting if k[0] == session.id]:
            del self._admitting[key]
        for of_r in [k for k in self._layers if k[0] == r]:
            del self._layers[of_r]

    def nature(self, r: int) -> Nature:
        found = super().nature(r) if r in self._put else self._base.nature(r)
        if r in self.unbroken:
            found = replace(found, has_breaks=False)
        if r in self.in_session:
            found = replace(found, names_rooms=False, is_told_where=False, is_scheduled=True)
        if r in self.beside:
            found = replace(found, is_scheduled=True)
        return found

    def layers(self, r: int, service: ServiceId, site: SiteId, *, is_in_person: bool) -> tuple[Layer, ...]:
        if r in self._put:
            found = super().layers(r, service, site, is_in_person=is_in_person)
        else:
            whole = self._base.layers(r, service, site, is_in_person=is_in_person)
            found = tuple(Layer(layer.row[self._cut], layer.rooms) for layer in whole)
        if r in self.in_session:
            always = bits.make(self.n_ticks)
            bits.fill(self.n_ticks, always)
            found = (*found, Layer(always, None))
        if r in self.beside and works_at(self.problem.resources[r], site):
            found = (*found, Layer(self._without_session(r), None))
        return found

    def _without_session(self, r: int) -> Row:
        """The ticks in which one more session of a resource could be."""
        row = bits.make(self.n_ticks)
        bits.fill(self.n_ticks, row)
        taken = [s.touched for s in self.sessions(r)] + [self.moved(run) for run in self.beside[r]]
        for start, stop in taken:
            if start < stop:
                bits.clear_range(row, start, stop)
        return row

    def admitting(self, r: int, first: int, stop: int, service: ServiceId, site: SiteId) -> list[Session]:
        return [] if r in self.in_session else super().admitting(r, first, stop, service, site)

    def is_at(self, r: int, first: int, stop: int, site: SiteId) -> bool:
        return r in self.in_session or super().is_at(r, first, stop, site)

    def kept(self, r: int, now: datetime) -> tuple[int, Row | None]:
        since, row = super().kept(r, now) if r in self._put else self._base.kept(r, now)
        if row is None or r in self.released:
            return since, None
        return since, row if r in self._put else row[self._cut]

    def privileged(self, r: int, capabilities: Sequence[Capability], site: SiteId) -> Row | None:
        row = self._base.privileged(r, capabilities, site)
        return None if row is None else row[self._cut]


class _Blocks(Blocks):
    """Surgery blocks of an excerpt; those that were released are everybody's."""

    def __init__(self, base: Blocks, calendars: CutCalendars) -> None:
        super().__init__(calendars)
        self._base, self._calendars = base, calendars
        self._near: dict[int, tuple[BlockTicks, ...]] = {}
        self._released: set[int] = set()

    def release(self, r: int) -> None:
        """Give the blocks in a theatre to all."""
        self._released.add(r)
        self._starts.clear()

    def of(self, r: int) -> tuple[BlockTicks, ...]:
        if r not in self._near:
            moved = self._calendars.moved
            cut = (replace(b, inside=moved(b.inside), touched=moved(b.touched)) for b in self._base.of(r))
            self._near[r] = tuple(b for b in cut if b.touched[0] < b.touched[1])
        return self._near[r]

    def unreleased(self, r: int, now: datetime) -> list[BlockTicks]:
        return [] if r in self._released else super().unreleased(r, now)
