"""One question put to all contenders: our query, taken apart into what the others need of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.baselines.bare_and import BareAnd
from benchmarks.baselines.multirange import StartsOf
from engine.model.resource import Equipment, ResourceKind
from engine.search.query import Query

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from numpy.typing import NDArray

    from benchmarks.baselines.multirange import MultirangeSearch
    from engine.model.order import Order
    from engine.search import Occupancy
    from engine.search.plans import RolePlan, Variant
    from engine.search.starts import Entry

__all__ = ["bare_and", "store"]


def bare_and(occupancy: Occupancy, order: Order, *, now: datetime) -> BareAnd:
    """The floor for a service of one step: its pools at all sites, without what couples them."""
    with Query(occupancy, order, now=now) as query:
        (step,) = query.steps
        rows = occupancy.starts.store.rows
        roles = zip(*(v.roles for v in step.variants), strict=True)
        return BareAnd([rows[[e.slot for role in same for e in role.entries]] for same in roles])


def store(search: MultirangeSearch, number: int, occupancy: Occupancy, order: Order, *, now: datetime) -> None:
    """Give a query for a service of one step to the database."""
    with Query(occupancy, order, now=now) as query:
        (step,) = query.steps
        kinds = [role.role.kind for role in step.variants[0].roles]
        deciding = kinds.index(ResourceKind.ROOM)
        search.add(
            number,
            [s for v, variant in enumerate(step.variants) for s in _starts(query, v, variant, deciding)],
            [_runs(variant.allowed) for variant in step.variants],
            deciding=deciding,
            roles=len(kinds),
        )


def _starts(query: Query, number: int, variant: Variant, deciding: int) -> Iterator[StartsOf]:
    rows = query.occupancy.starts.store.rows
    for k, role in enumerate(variant.roles):
        for entry in role.entries:
            runs = _runs(rows[entry.slot])
            low, high = role.shape.reserved(query.problem.resources[entry.r], query.occupancy.grid.tick_min)
            for room in [-1] if k == deciding else _rooms(query, role, entry):
                yield StartsOf(number, k, room, entry.r, low, high, runs)


def _rooms(query: Query, role: RolePlan, entry: Entry) -> list[int]:
    resource = query.problem.resources[entry.r]
    rooms = entry.rooms
    if isinstance(resource, Equipment) and resource.fixed_in is not None:
        rooms = frozenset((resource.fixed_in,)) if rooms is None else rooms & {resource.fixed_in}
    return [-1] if rooms is None else [query.occupancy.row_by_id[room] for room in rooms]


def _runs(row: NDArray[np.uint64]) -> list[tuple[int, int]]:
    """The half-open runs of set bits."""
    bits = np.unpackbits(row.view(np.uint8), bitorder="little")
    edges = np.flatnonzero(np.diff(np.concatenate([[0], bits, [0]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]
