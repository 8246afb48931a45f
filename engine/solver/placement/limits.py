"""What bins can take: limits on all that is drawn inside some of their time.

A bin is a part of the time of a resource, or of a pool of them. Who draws on it can do so only in the time that its own
starts reach: a routine visit not in what is kept for urgent ones, a scan not in a clinic, a visit before ten not in the
afternoon. So of each bin not only the whole is limited. For some masks of its time, all draws that lie inside a mask
are held against what is free there, stretch by stretch, and against what is free for the longer of them. Each limit
holds for every schedule, so that to leave some out only loosens the program.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from engine.search.bits import Row
    from engine.solver.placement.lengths import Reach
    from engine.solver.placement.room import Room

__all__ = ["Limits", "widened"]

_MOST_LENGTHS = 5
_MOST_MASKS = 16
"""Of a bin, limits by length and by mask: so that the program stays small."""

_Mask = tuple[int, ...]
"""Ticks of each resource of a pool, as the bits of numbers."""


@dataclass(frozen=True, slots=True)
class _Draw:
    """What draws on a bin: starts of each resource of its pool, by number, of which those in `[first, stop)` count."""

    bin: int
    starts: tuple[int, ...]
    reach: Reach
    first: int
    stop: int


class Limits:
    """Takes down what draws on bins, and then makes their limits."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._rows: list[bytes] = []
        self._number_of_row: dict[bytes, int] = {}
        self._bins: dict[tuple[tuple[int, ...], int], int] = {}
        self._draws: dict[_Draw, int] = {}
        self._ticks: dict[tuple[int, int], int] = {}

    def row(self, starts: Row) -> int:
        """The number of a row of starts; equal rows have one number."""
        content = starts.tobytes()
        number = self._number_of_row.setdefault(content, len(self._rows))
        if number == len(self._rows):
            self._rows.append(content)
        return number

    def draw(
        self, pool: tuple[int, ...], part: int, starts: tuple[int, ...], reach: Reach, first: int, stop: int
    ) -> int:
        """The number of what draws on a pool in a part of the time; -1 where nothing is taken.

        Parameters
        ----------
        starts
            Numbers of the rows of starts of each resource in the pool.
        reach
            What each of them takes around a start.
        first, stop
            The starts are in `[first, stop)`, which lies in the part.
        """
        if reach.least < 1 or not pool:
            return -1
        number = self._bins.setdefault((pool, part), len(self._bins))
        return self._draws.setdefault(_Draw(number, starts, reach, first, stop), len(self._draws))

    def made(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """The capacity of every limit, shape (limits,), and the limits of every draw, shape (draws + 1, most).

        -1 pads, and is all that the last row holds: that of draw -1.
        """
        of_bin: list[list[tuple[int, _Draw]]] = [[] for _ in self._bins]
        for draw, number in self._draws.items():
            of_bin[draw.bin].append((number, draw))
        capacity: list[float] = []
        limits_of: list[list[int]] = [[] for _ in self._draws]
        for (pool, part), draws in zip(self._bins, of_bin, strict=True):
            for room, members in self._of_bin(pool, part, draws):
                for number in members:
                    limits_of[number].append(len(capacity))
                capacity.append(room)
        width = max((len(limits) for limits in limits_of), default=0)
        table = np.full((len(limits_of) + 1, width), -1, np.int64)
        for number, limits in enumerate(limits_of):
            table[number, : len(limits)] = limits
        return np.array(capacity, float), table

    def _of_bin(
        self, pool: tuple[int, ...], part: int, draws: Sequence[tuple[int, _Draw]]
    ) -> Iterable[tuple[int, list[int]]]:
        """The limits of a bin: capacity, and the draws that it limits."""
        reaches = [draw.reach for _, draw in draws]
        start, stop = self._room.span(part, min(r.low for r in reaches), max(r.high for r in reaches))
        free = tuple(self._room.free(r, start, stop) for r in pool)
        masks = [self._mask(draw, part, start, free) for _, draw in draws]
        for mask in _worth_a_limit([draw for _, draw in draws], masks):
            inside = [i for i, other in enumerate(masks) if _is_inside(other, mask)]
            lengths = sorted({reaches[i].least for i in inside})
            for least in _few(lengths):
                longer = [n for n in lengths if n >= least]
                room = sum(self._room.capacity(r, m, start, stop, longer) for r, m in zip(pool, mask, strict=True))
                yield room, [draws[i][0] for i in inside if reaches[i].least >= least]

    def _mask(self, draw: _Draw, part: int, start: int, free: _Mask) -> _Mask:
        """The free ticks that a draw can take, from tick `start` on."""
        base = int(self._room.bounds[part])
        asked = ((1 << (draw.stop - base)) - 1) & ~((1 << (draw.first - base)) - 1)
        n, by = draw.reach.high - draw.reach.low, base + draw.reach.low - start
        return tuple(
            _shifted(widened(self._starts(number, part) & asked, n), by) & is_free
            for number, is_free in zip(draw.starts, free, strict=True)
        )

    def _starts(self, number: int, part: int) -> int:
        """The starts of a row in a part, from its first tick on."""
        if (number, part) not in self._ticks:
            first, stop = int(self._room.bounds[part]), int(self._room.bounds[part + 1])
            content = self._rows[number][first >> 3 : (stop + 7) >> 3]
            here = int.from_bytes(content, "little") >> (first & 7)
            self._ticks[number, part] = here & ((1 << (stop - first)) - 1)
        return self._ticks[number, part]


def widened(ticks: int, n: int) -> int:
    """The ticks that stretches of `n` ticks cover when they start at `ticks`.

    >>> bin(widened(0b10001, 3))
    '0b1110111'
    """
    if n < 1:
        return 0
    wide, done = ticks, 1
    while done < n:  # doubling
        by = min(done, n - done)
        wide |= wide << by
        done += by
    return wide


def _shifted(ticks: int, by: int) -> int:
    return ticks << by if by >= 0 else ticks >> -by


def _is_inside(one: _Mask, other: _Mask) -> bool:
    return all(not a & ~b for a, b in zip(one, other, strict=True))


def _worth_a_limit(draws: Sequence[_Draw], masks: Sequence[_Mask]) -> list[_Mask]:
    """The masks to limit a bin by: all of it, what starts before some time, and what each kind of draw can take."""
    groups: dict[object, list[_Mask]] = {"all": list(masks)}
    for stop in sorted({d.stop for d in draws}):
        groups["before", stop] = [m for d, m in zip(draws, masks, strict=True) if d.stop <= stop]
    for draw, mask in zip(draws, masks, strict=True):
        groups.setdefault(("kind", draw.starts), []).append(mask)
    found: dict[_Mask, None] = {}
    for group in groups.values():
        found[tuple(_any(ticks) for ticks in zip(*group, strict=True))] = None
    return list(found)[:_MOST_MASKS]


def _any(ticks: Iterable[int]) -> int:
    found = 0
    for t in ticks:
        found |= t
    return found


def _few(lengths: list[int]) -> list[int]:
    """The least, and some of the others."""
    if len(lengths) <= _MOST_LENGTHS:
        return lengths
    return [lengths[i * (len(lengths) - 1) // (_MOST_LENGTHS - 1)] for i in range(_MOST_LENGTHS)]
