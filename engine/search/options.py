"""Who fills a role with the fewest obstacles, beside one room or another."""

from __future__ import annotations

from functools import reduce
from itertools import combinations
from operator import or_
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from engine.model.ids import ResourceId

__all__ = ["Options", "Way"]


class Way(NamedTuple):
    """A resource in a role: a mask of what stands in the way, and the rooms it goes with (None: any)."""

    mask: int
    rooms: frozenset[ResourceId] | None
    r: int


class Options:
    """The ways to fill a role, by the room that they go with."""

    def __init__(self, ways: Iterable[Way], count: int, weight: Callable[[int], int]) -> None:
        self.ways, self._count, self._weigh = list(ways), count, weight
        self.by_room: dict[ResourceId, list[Way]] = {}
        for way in self.ways:
            for name in way.rooms or ():
                self.by_room.setdefault(name, []).append(way)
        self._anywhere = [w for w in self.ways if w.rooms is None]
        self._least = self._fill(self._anywhere)

    def best(self, room: ResourceId | None) -> tuple[int, tuple[int, ...]] | None:
        """The fewest obstacles with who would be there, in a room; None where there are too few."""
        if room is None or room not in self.by_room:
            return self._least
        if self._count == 1:
            there = self._fill(self.by_room[room])
            both = [f for f in (self._least, there) if f is not None]
            return min(both, key=lambda f: self._weigh(f[0]), default=None)
        return self._fill([*self._anywhere, *self.by_room[room]])

    def _fill(self, ways: Iterable[Way]) -> tuple[int, tuple[int, ...]] | None:
        """So many different resources with the fewest obstacles between them."""
        by_mask: dict[int, list[int]] = {}
        for way in ways:
            by_mask.setdefault(way.mask, []).append(way.r)
        if self._count == 1:
            least = min(by_mask, key=self._weigh, default=None)
            return None if least is None else (least, (by_mask[least][0],))
        best: tuple[int, int, tuple[int, ...]] | None = None
        for n in range(1, min(self._count, len(by_mask)) + 1):
            for chosen in combinations(by_mask, n):
                union = reduce(or_, chosen)
                there = dict.fromkeys(r for mask, rs in by_mask.items() if mask & ~union == 0 for r in rs)
                if len(there) >= self._count and (best is None or self._weigh(union) < best[0]):
                    best = self._weigh(union), union, tuple(there)[: self._count]
        return None if best is None else best[1:]
