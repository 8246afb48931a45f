"""How much of each resource is used between any two instants: one sweep over all reservations at once.

Half-openness lies in summing all changes of an instant before looking: what ends then is gone, what starts is there.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.model.codes import ConstraintCode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from engine.check.book import Book
    from engine.check.sessions import SessionAt
    from engine.check.visits import Use
    from engine.model.resource import Resource

__all__ = ["Load", "load_of", "stretches_where", "uses_in"]


@dataclass(frozen=True, eq=False)
class Load:
    """Use of resources over elementary stretches `[start, end)`, in which nothing changes; by resource, then time.

    All arrays have one entry a stretch: the index of the resource in `resources`, epoch minutes, units used
    exclusively, presence reservations, overbooking lanes, and units that override `capacity`.
    """

    resources: tuple[Resource, ...]
    resource: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    units: NDArray[np.int64]
    presences: NDArray[np.int64]
    overbooking: NDArray[np.int64]
    overriding: NDArray[np.int64]


def load_of(book: Book) -> Load:
    """The load of every resource that is used, over the time in which it is."""
    resources = tuple(book.problem.resource_by_id[r] for r in book.uses_by_resource)
    changes: list[NDArray[np.int64]] = []
    for r, resource in enumerate(resources):
        uses = book.uses_by_resource[resource.id]
        rows = np.array([_row(u) for u in uses], np.int64)
        begin = np.column_stack([np.full(len(rows), r), rows[:, 0], rows[:, 2:]])
        finish = np.column_stack([np.full(len(rows), r), rows[:, 1], -rows[:, 2:]])
        changes += [begin, finish]
        extra = _overbooking(book.sessions_of(resource.id).all)
        if extra:
            steps = np.array(
                [(r, at, 0, 0, lanes, 0) for a, b, n in extra for at, lanes in ((a, n), (b, -n))], np.int64
            )
            changes.append(steps)
    table = np.concatenate(changes) if changes else np.zeros((0, 6), np.int64)
    table = table[np.lexsort((table[:, 1], table[:, 0]))]
    sums = np.cumsum(table[:, 2:], axis=0)  # each resource's changes sum to nothing, so the next one starts at zero
    is_last = np.ones(len(table), np.bool_)
    is_last[:-1] = (table[1:, :2] != table[:-1, :2]).any(axis=1)
    at, level = table[is_last, :2], sums[is_last]
    goes_on = at[:-1, 0] == at[1:, 0] if len(at) else np.zeros(0, np.bool_)
    at, end, level = at[:-1][goes_on], at[1:, 1][goes_on], level[:-1][goes_on]
    return Load(resources, at[:, 0], at[:, 1], end, level[:, 0], level[:, 1], level[:, 2], level[:, 3])


def stretches_where(load: Load, is_over: NDArray[np.bool_]) -> Iterator[tuple[Resource, int, int, int]]:
    """The longest stretches in which `is_over` holds throughout: resource, start, end, first elementary stretch."""
    index = np.flatnonzero(is_over)
    if not len(index):
        return
    touches = (load.resource[index[1:]] == load.resource[index[:-1]]) & (load.start[index[1:]] == load.end[index[:-1]])
    for part in np.split(index, np.flatnonzero(~touches) + 1):
        first, last = int(part[0]), int(part[-1])
        yield load.resources[int(load.resource[first])], int(load.start[first]), int(load.end[last]), first


def uses_in(uses: Sequence[Use], start: int, end: int) -> list[Use]:
    """The reservations that share an instant with `[start, end)`, those booked last first."""
    found = [u for u in uses if u.start < end and start < u.end]
    return sorted(found, key=lambda u: (-u.step.visit.booked, u.step.visit.id))


def _row(use: Use) -> tuple[int, int, int, int, int, int]:
    """Start, end, and what the use adds to units, presences, overbooking lanes and overriding units."""
    units = 0 if use.is_presence else use.units
    overriding = units if ConstraintCode.CAPACITY in use.step.visit.allowed else 0
    return use.start, use.end, units, int(use.is_presence), 0, overriding


def _overbooking(sessions: Sequence[SessionAt]) -> list[tuple[int, int, int]]:
    """Stretches `[start, end)` with overbooking lanes; where sessions overlap, the one with the most counts."""
    given = [(s.start, s.end, s.session.overbooking_lanes) for s in sessions if s.session.overbooking_lanes]
    points = sorted({p for a, b, _ in given for p in (a, b)})
    pieces = [
        (a, b, max((n for c, d, n in given if c <= a and b <= d), default=0)) for a, b in itertools.pairwise(points)
    ]
    return [piece for piece in pieces if piece[2]]
