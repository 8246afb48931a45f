"""From free time to bins: for every kind of step, who could do it on which day, how early, and how much time is left.

A bin is a local day of one resource, or of a pool of them. What is said here may promise too much (it looks at one role
at a time), never too little: that is what keeps the bound a bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.model.requirement import could_fill
from engine.model.resource import BuffersRule, Practitioner, ResourceKind
from engine.model.service import RoleUse
from engine.search import bits, morphology, scan
from engine.solver.placement.room import Room

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from engine.model.ids import SiteId
    from engine.model.order import Order
    from engine.model.resource import Resource
    from engine.model.service import Role, Step
    from engine.search.bits import Row
    from engine.search.occupancy import Occupancy

__all__ = ["Bins", "StepOptions"]

_MOST_LENGTHS = 5


@dataclass(frozen=True)
class StepOptions:
    """The columns that a kind of step has, whoever the patient is; arrays of shape (options,).

    Parameters
    ----------
    resource
        Row of the resource in the main role; -1 for a step that needs nobody in particular.
    day
        Local day (days since 1970-01-01) on which it starts.
    first, last
        Earliest and latest start on that day, in ticks of the occupancy's grid.
    duration
        In ticks; it may take longer, not shorter.
    bins, length, use
        Bins that it draws on (-1 pads), ticks at a stretch, and ticks in all of each; shape (options, roles).
    is_sole
        Whether no practitioner but the one in the main role takes part.
    zone
        By which clock the day is, an index into `Bins.zones`.
    """

    resource: NDArray[np.int64]
    day: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    duration: NDArray[np.int64]
    bins: NDArray[np.int64]
    length: NDArray[np.int64]
    use: NDArray[np.int64]
    is_sole: bool
    zone: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.day)


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
        self._number: dict[tuple[tuple[int, ...], int], int] = {}
        self._lengths: list[set[int]] = []
        self._room = Room(occupancy, now=now)
        self._known: dict[object, StepOptions] = {}
        self.zones = list(dict.fromkeys(s.time_zone for s in self._problem.sites))

    def options(self, order: Order, step: Step) -> StepOptions:
        """The columns of a step of an order; the same for all orders of a kind."""
        key = (
            order.service,
            step.model_dump_json(),
            order.modifiers,
            order.required_practitioner,
            order.required_site,
            order.priority.is_urgent,
        )
        if key not in self._known:
            self._known[key] = self._make(order, step)
        return self._known[key]

    def limits(self) -> list[list[tuple[int, int]]]:
        """For every bin made so far: (length, capacity) pairs, ascending; see `Room`.

        What draws on the bin at a stretch of `length` ticks or more may use `capacity` ticks of it.
        """
        return [
            [
                (length, self._room.capacity(pool, day, [n for n in self._lengths[number] if n >= length]))
                for length in _few(sorted(self._lengths[number]))
            ]
            for (pool, day), number in self._number.items()
        ]

    def _make(self, order: Order, step: Step) -> StepOptions:
        always = [r for r in step.roles if r.modalities is None or set(step.modalities) <= set(r.modalities)]
        roles = [r for r in always if r.use is RoleUse.EXCLUSIVE]
        pools = [self._pool(role, order) for role in roles]
        main = min(
            (i for i, role in enumerate(roles) if role.count == 1),
            key=lambda i: (roles[i].kind is not ResourceKind.PRACTITIONER, len(pools[i])),
            default=None,
        )
        found: list[tuple[int, int, int, int, int, list[int], list[int], list[int]]] = []
        for r in (-1,) if main is None else pools[main]:
            minutes = _least_minutes(step, order, None if r < 0 else self._problem.resources[r])
            starts = self._all_starts() if main is None else self._starts(r, order, roles[main], minutes)
            # Days of another zone's clock begin elsewhere, so what is counted by them bounds nothing here.
            drawn = [
                ((r,) if i == main else pool, role, 1 if i == main else role.count)
                for i, (role, pool) in enumerate(zip(roles, pools, strict=True))
                if all(self._zone(other) == self._zone(r) for other in pool)
            ]
            length = [self._ticks(role, pool, minutes) for pool, role, _ in drawn]
            use = [n * role.units * count for n, (_, role, count) in zip(length, drawn, strict=True)]
            for day, first, last in self._by_day(starts, r):
                bins = [self._bin(pool, day, n) for (pool, _, _), n in zip(drawn, length, strict=True)]
                found.append((r, day, first, last, self._problem.grid.ticks(minutes), bins, length, use))
        width = max(1, len(roles))
        practitioner_roles = [role for role in step.roles if role.kind is ResourceKind.PRACTITIONER]
        is_sole = main is not None and practitioner_roles == [roles[main]]
        return StepOptions(
            resource=np.array([f[0] for f in found], np.int64),
            day=np.array([f[1] for f in found], np.int64),
            first=np.array([f[2] for f in found], np.int64),
            last=np.array([f[3] for f in found], np.int64),
            duration=np.array([f[4] for f in found], np.int64),
            bins=_padded([f[5] for f in found], width, -1),
            length=_padded([f[6] for f in found], width, 0),
            use=_padded([f[7] for f in found], width, 0),
            is_sole=is_sole,
            zone=np.array([self.zones.index(self._zone(f[0])) for f in found], np.int64),
        )

    def _pool(self, role: Role, order: Order) -> tuple[int, ...]:
        rows = [i for i, r in enumerate(self._problem.resources) if could_fill(r, role)]
        if order.required_site is not None:
            rows = [i for i in rows if order.required_site in self._sites(self._problem.resources[i])]
        wanted = order.required_practitioner
        if wanted is not None and role.kind is ResourceKind.PRACTITIONER:
            own = [i for i in rows if self._problem.resources[i].id == wanted]
            rows = own or rows
        return tuple(rows)

    def _sites(self, resource: Resource) -> set[SiteId]:
        sessions = self._problem.sessions_by_resource.get(resource.id, ())
        travels = resource.other_sites if isinstance(resource, Practitioner) else ()
        return {resource.site, *travels, *(s.site for s in sessions)}

    def _starts(self, r: int, order: Order, role: Role, minutes: int) -> Row:
        """Starts at which a resource could fill the role for the whole window, kept-back time apart."""
        resource, n_ticks = self._problem.resources[r], self._calendars.n_ticks
        low, high = self._window(role, resource, minutes)
        free = self._occupancy.available(r, role.use, role.units).copy()
        _, kept = self._calendars.kept(r, self._now)
        if kept is not None and not order.priority.is_urgent:
            bits.andnot(free, kept)
        starts = bits.make(n_ticks)
        for site in sorted(self._sites(resource)):
            for in_person in (True, False):
                for layer in self._calendars.layers(r, order.service, site, is_in_person=in_person):
                    row = layer.row.copy()
                    bits.and_(row, free)
                    bits.or_(starts, morphology.eroded_window(row, low, high, n_ticks))
        return starts

    def _all_starts(self) -> Row:
        row = bits.make(self._calendars.n_ticks)
        bits.fill(self._calendars.n_ticks, row)
        return row

    def _by_day(self, starts: Row, r: int) -> list[tuple[int, int, int]]:
        """(day, first start, last start) of every local day with a start that is not past."""
        low, high = self._calendars.within
        low = max(low, self._calendars.grid.ceil(self._now))
        day0, bounds = self._room.days(r)
        found = []
        for i in range(len(bounds) - 1):
            a, b = max(int(bounds[i]), low), min(int(bounds[i + 1]), high)
            first = scan.first_set(starts, a, b) if a < b else -1
            if first >= 0:
                found.append((day0 + i, int(first), int(scan.last_set(starts, a, b))))
        return found

    def _zone(self, r: int) -> str:
        site = self._problem.sites[0].id if r < 0 else self._problem.resources[r].site
        return self._problem.zone_of(site)

    def _window(self, role: Role, resource: Resource | None, minutes: int) -> tuple[int, int]:
        """Window with buffers in ticks from the start of the step, rounded outward."""
        low, high = role.window_min(-(-minutes // self._tick_min) * self._tick_min)
        if resource is None or resource.buffers is BuffersRule.ADD:
            low -= role.setup_min + (resource.setup_min if resource else 0)
            high += role.cleanup_min + (resource.cleanup_min if resource else 0)
        return low // self._tick_min, -(-high // self._tick_min)

    def _ticks(self, role: Role, pool: Sequence[int], minutes: int) -> int:
        """The least that the role takes of any resource of the pool."""
        windows = [self._window(role, self._problem.resources[r], minutes) for r in pool]
        return min((high - low for low, high in windows), default=0)

    def _bin(self, pool: tuple[int, ...], day: int, length: int) -> int:
        if length < 1 or not pool:
            return -1
        number = self._number.setdefault((pool, day), len(self._number))
        if number == len(self._lengths):
            self._lengths.append(set())
        self._lengths[number].add(length)
        return number


def _least_minutes(step: Step, order: Order, resource: Resource | None) -> int:
    """The shortest that the step can be with a resource in its main role, whatever the others are."""
    if step.duration is None:
        return 1
    d = step.duration
    own = [by[resource.id] for by in (d.by_practitioner, d.by_equipment) if resource is not None and resource.id in by]
    base = max(own) if own else min([d.minutes, *d.by_practitioner.values(), *d.by_equipment.values()])
    return max(1, base + sum(d.by_modifier.get(m, 0) for m in order.modifiers))


def _padded(rows: list[list[int]], width: int, pad: int) -> NDArray[np.int64]:
    return np.array([row + [pad] * (width - len(row)) for row in rows], np.int64).reshape(len(rows), width)


def _few(lengths: list[int]) -> list[int]:
    """The least, and some of the others, so that the program stays small; leaving lengths out only loosens it."""
    if len(lengths) <= _MOST_LENGTHS:
        return lengths
    return [lengths[i * (len(lengths) - 1) // (_MOST_LENGTHS - 1)] for i in range(_MOST_LENGTHS)]
