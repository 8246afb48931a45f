"""From free time to bins: for every kind of step, who could do it in which part of the time, and how much is left.

A bin is a part of the time (a local day, see `Room`) of one resource, or of a pool of them. What is said here may
promise too much (it looks at one role at a time), never too little: that is what keeps the bound a bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from engine.model.requirement import could_fill
from engine.model.resource import ResourceKind
from engine.model.service import Modality, RoleUse
from engine.search import bits, morphology, scan
from engine.solver.placement.lengths import possible_lengths, reach_of, window_of
from engine.solver.placement.limits import Limits
from engine.solver.placement.room import Room

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from engine.model.ids import ResourceId, SiteId
    from engine.model.order import Order
    from engine.model.service import Role, Step
    from engine.search.bits import Row
    from engine.search.occupancy import Occupancy
    from engine.solver.placement.lengths import Reach

__all__ = ["Bins", "StepOptions"]


@dataclass(frozen=True)
class StepOptions:
    """The columns that a kind of step has, whoever the patient is; arrays of shape (options,).

    Parameters
    ----------
    resource
        Row of the resource in the main role; -1 for a step that needs nobody in particular.
    zone
        By whose clock its day counts: the zone of the site where it is, an index into `Bins.zones`.
    day
        Local day (days since 1970-01-01) on which it starts.
    first, last
        Earliest and latest start, in ticks of the occupancy's grid.
    duration
        In ticks; it may take longer, not shorter.
    draws, use
        What it draws on bins, by number (-1 pads; see `Limits`), and how many ticks in all; shape (options, roles).
    is_sole
        Whether no practitioner but the one in the main role takes part.
    """

    resource: NDArray[np.int64]
    zone: NDArray[np.int64]
    day: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    duration: NDArray[np.int64]
    draws: NDArray[np.int64]
    use: NDArray[np.int64]
    is_sole: bool

    def __len__(self) -> int:
        return len(self.day)


@dataclass(frozen=True)
class _Way:
    """A resource in the main role of a step, at one site: when it could start, and what each role takes of whom."""

    resource: int
    zone: int
    starts: Row
    duration: int
    drawn: tuple[_Drawn, ...]


@dataclass(frozen=True)
class _Drawn:
    """What a role takes of a pool, whose resources could start it at the starts with these numbers."""

    pool: tuple[int, ...]
    starts: tuple[int, ...]
    role: Role
    reach: Reach


class Bins:
    """Makes bins as steps ask for them, and knows their capacity.

    Parameters
    ----------
    occupancy
        What is free before anything is placed. Read while options are made, not afterwards.
    """

    def __init__(self, occupancy: Occupancy, *, now: datetime) -> None:
        self._occupancy = occupancy
        self._problem = occupancy.problem
        self._calendars = occupancy.calendars
        self._now = now
        self._tick_min = self._problem.tick_min
        self._room = Room(occupancy, now=now)
        self.limits = Limits(self._room)
        self._possible: dict[object, Row] = {}
        self._ways: dict[object, tuple[list[_Way], bool]] = {}
        self._known: dict[object, StepOptions] = {}
        self.zones = self._room.zones

    @property
    def first(self) -> int:
        """The earliest start that there can be."""
        return int(self._room.bounds[0])

    def options(self, order: Order, step: Step, cuts: tuple[int, ...] = ()) -> StepOptions:
        """The columns of a step of an order; the same for all orders of a kind.

        Parameters
        ----------
        cuts
            Ticks at which columns are divided, beside midnight: starts before and after one are told apart.
        """
        kind = _kind(order, step)
        if (kind, cuts) not in self._known:
            if kind not in self._ways:
                self._ways[kind] = self._make(order, step)
            self._known[kind, cuts] = self._columns(*self._ways[kind], cuts)
        return self._known[kind, cuts]

    def narrow(self, starts: Iterable[tuple[Order, Step, NDArray[np.int64] | None]]) -> None:
        """Leave steps no starts but those that orders of their kind may have; before any options are asked for.

        Parameters
        ----------
        starts
            (order, step, starts in ticks); None: any. All orders with steps of these kinds must be among them.
        """
        flags: dict[object, NDArray[np.bool_]] = {}
        for order, step, ticks in starts:
            flag = flags.setdefault(_kind(order, step), np.zeros(self._calendars.n_ticks, np.bool_))
            flag[slice(None) if ticks is None else ticks] = True
        for kind, flag in flags.items():
            self._possible[kind] = bits.make(self._calendars.n_ticks)
            bits.from_bool(flag, self._possible[kind])

    # --- who could do it, and when --------------------------------------------------------------------------------

    def _make(self, order: Order, step: Step) -> tuple[list[_Way], bool]:
        """Every way to do a step, and whether the practitioner in its main role is the only one."""
        roles = [r for r in step.roles if r.modalities is None or set(step.modalities) <= set(r.modalities)]
        sites = [s.id for s in self._problem.sites if order.required_site in (None, s.id)]
        pools = {site: [self._pool(role, order, step, site) for role in roles] for site in sites}
        main = min(
            (i for i, role in enumerate(roles) if role.count == 1 and role.use is RoleUse.EXCLUSIVE),
            key=lambda i: (
                roles[i].kind is not ResourceKind.PRACTITIONER,
                len(set().union(*(p[i] for p in pools.values()))),
            ),
            default=None,
        )
        ways = [way for site in sites for way in self._ways_at(site, order, step, roles, pools[site], main)]
        practitioner_roles = [role for role in step.roles if role.kind is ResourceKind.PRACTITIONER]
        return ways, main is not None and practitioner_roles == [roles[main]]

    def _ways_at(
        self,
        site: SiteId,
        order: Order,
        step: Step,
        roles: Sequence[Role],
        pools: Sequence[tuple[int, ...]],
        main: int | None,
    ) -> Iterator[_Way]:
        """The ways to do a step at a site: each resource in the main role, when somebody is there for all others."""
        if any(len(pool) < role.count for role, pool in zip(roles, pools, strict=True)):
            return
        any_length = possible_lengths(step, order.modifiers, None, self._tick_min)
        common = self._possible.get(_kind(order, step))
        if common is None:
            common = bits.make(self._calendars.n_ticks)
            bits.fill(self._calendars.n_ticks, common)
        if step.start_window is not None:
            common = common & self._calendars.clock(site).within(step.start_window)
        rows: dict[int, list[Row]] = {}
        for i, (role, pool) in enumerate(zip(roles, pools, strict=True)):
            if i != main:
                rows[i] = [self._starts(r, order, step, role, any_length, site) for r in pool]
                common = common & np.bitwise_or.reduce(rows[i])
        mains: dict[int, tuple[tuple[int, ...], Row]] = {}
        for r in (-1,) if main is None else pools[main]:
            resource = None if r < 0 else self._problem.resources[r]
            lengths = possible_lengths(step, order.modifiers, resource, self._tick_min)
            own = common if main is None else common & self._starts(r, order, step, roles[main], lengths, site)
            if own.any():
                mains[r] = lengths, own
        if not mains:
            return
        anybody = np.bitwise_or.reduce([own for _, own in mains.values()])
        zone = self.zones.index(self._problem.zone_of(site))
        for r, (lengths, own) in mains.items():
            drawn = []
            for i, (role, pool) in enumerate(zip(roles, pools, strict=True)):
                if role.use is RoleUse.EXCLUSIVE:
                    who, at = ((r,), [own]) if i == main else (pool, [row & anybody for row in rows[i]])
                    reach = reach_of(role, [self._problem.resources[p] for p in who], lengths, self._tick_min)
                    drawn.append(_Drawn(who, tuple(self.limits.row(row) for row in at), role, reach))
            yield _Way(r, zone, own, lengths[0], tuple(drawn))

    def _pool(self, role: Role, order: Order, step: Step, site: SiteId) -> tuple[int, ...]:
        """Who could fill a role at a site, whatever the time."""
        pool = self._calendars.pool(role, site)
        asked = order.required_practitioner
        if asked is not None and self._must_do(asked, role, order, step):
            return tuple(r for r in pool if self._problem.resources[r].id == asked)
        return pool

    def _must_do(self, asked: ResourceId, role: Role, order: Order, step: Step) -> bool:
        """Whether the practitioner that an order requires has to be the one in a role: there is no other for them."""
        resource = self._problem.resource_by_id[asked]
        own = [r for r in step.roles if could_fill(resource, r)]
        held = self._problem.service(order.service).held
        is_only = role.count == 1 and role.use is RoleUse.EXCLUSIVE and own == [role]
        return is_only and not any(could_fill(resource, h.role) for h in held)

    def _starts(self, r: int, order: Order, step: Step, role: Role, lengths: Sequence[int], site: SiteId) -> Row:
        """The starts of a step at a site at which a resource could fill a role for the whole window.

        Of a role that counts from the end of a stay, whose length depends on its start, all starts.
        """
        n_ticks = self._calendars.n_ticks
        free = self._occupancy.available(r, role.use, role.units).copy()
        _, kept = self._calendars.kept(r, self._now)
        if kept is not None and not order.priority.is_urgent:
            bits.andnot(free, kept)
        if step.nights is not None and role.start.anchor == "end":
            starts = bits.make(n_ticks)
            bits.fill(n_ticks, starts)
            return starts
        windows = {window_of(role, self._problem.resources[r], n, self._tick_min) for n in lengths}
        starts = bits.make(n_ticks)
        for is_in_person in {m is Modality.IN_PERSON for m in step.modalities}:
            for layer in self._calendars.layers(r, order.service, site, is_in_person=is_in_person):
                row = free & layer.row
                for low, high in windows:
                    if low < high:
                        bits.or_(starts, morphology.eroded_window(row, low, high, n_ticks))
        return starts

    # --- columns --------------------------------------------------------------------------------------------------

    def _columns(self, ways: Sequence[_Way], is_sole: bool, cuts: Sequence[int]) -> StepOptions:
        width = max((len(way.drawn) for way in ways), default=1)
        found: list[tuple[int, int, int, int, int, int]] = []
        draws, use = [], []
        for way in ways:
            for part, (low, high), earliest, latest in self._by_part(way.starts, cuts):
                day = int(self._room.days[way.zone, part])
                found.append((way.resource, way.zone, day, earliest, latest, way.duration))
                draws.append([self.limits.draw(d.pool, part, d.starts, d.reach, low, high) for d in way.drawn])
                use.append([d.reach.least * d.role.units * d.role.count for d in way.drawn])
        resource, zone, days, first, last, duration = np.array(found, np.int64).reshape(len(found), 6).T
        return StepOptions(
            resource=resource,
            zone=zone,
            day=days,
            first=first,
            last=last,
            duration=duration,
            draws=_padded(draws, width, -1),
            use=_padded(use, width, 0),
            is_sole=is_sole,
        )

    def _by_part(self, starts: Row, cuts: Sequence[int]) -> Iterator[tuple[int, tuple[int, int], int, int]]:
        """(part, ticks `[low, high)` of it, first start, last start) where there is a start, of each side of a cut."""
        bounds = self._room.bounds
        inside = [c for c in cuts if bounds[0] < c < bounds[-1]]
        for a, b in pairwise(sorted({*bounds.tolist(), *inside})):
            first = scan.first_set(starts, a, b)
            if first >= 0:
                part = int(np.searchsorted(bounds, a, side="right")) - 1
                yield part, (a, b), int(first), int(scan.last_set(starts, a, b))


def _kind(order: Order, step: Step) -> object:
    """All that decides who could do a step of an order when, the patient apart."""
    return (
        order.service,
        step.model_dump_json(),
        order.modifiers,
        order.required_practitioner,
        order.required_site,
        order.priority.is_urgent,
    )


def _padded(rows: list[list[int]], width: int, pad: int) -> NDArray[np.int64]:
    return np.array([row + [pad] * (width - len(row)) for row in rows], np.int64).reshape(len(rows), width)
