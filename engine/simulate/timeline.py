"""Time as whole numbers: bit t of a number says something about tick t of the horizon.

A whole year of five-minute ticks is one Python integer of 13 kB; `&`, `|` and `>>` of two of them take microseconds.
That is fast enough to fill a made-up calendar, and so plain that it can hardly be wrong. (`engine.search`, which
answers people, has its own and much faster words.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.service import RoleUse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.model.resource import Resource

__all__ = ["Taken", "bits_of", "eroded", "run", "shifted"]


def run(start: int, stop: int) -> int:
    """The ticks `[start, stop)`; none when it is empty or before tick 0."""
    start = max(start, 0)
    return ((1 << (stop - start)) - 1) << start if stop > start else 0


def eroded(mask: int, length: int) -> int:
    """The ticks at which `length` ticks in a row begin that are all in `mask`."""
    done = 1
    while done < length:
        step = min(done, length - done)
        mask &= mask >> step
        done += step
    return mask


def shifted(mask: int, ticks: int) -> int:
    """Every tick moved later by `ticks`, earlier when negative."""
    return mask << ticks if ticks >= 0 else mask >> -ticks


def bits_of(mask: int) -> Iterator[int]:
    """The ticks in `mask`, ascending."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


class Taken:
    """What is taken of a resource, counted over time.

    `_levels[k]` holds the ticks at which more than k lanes are in use; of presence, `_present[k]` those at which more
    than k steps are supervised. While there is any presence it takes one lane.
    """

    __slots__ = ("_levels", "_present")

    def __init__(self, resource: Resource) -> None:
        self._levels = [0] * resource.lanes
        self._present = [0] * max(1, resource.presence_limit)

    def busy(self, units: int, use: RoleUse) -> int:
        """The ticks at which a use of so many lanes does not fit any more."""
        if use is RoleUse.PRESENCE:
            there = self._present[0]
            return (there & self._present[-1]) | (self._levels[-1] & ~there)
        return self._levels[len(self._levels) - units] if units <= len(self._levels) else -1

    def any_use(self) -> int:
        """The ticks at which there is any use."""
        return self._levels[0]

    def add(self, mask: int, units: int, use: RoleUse) -> None:
        """Take the ticks of `mask`."""
        if use is RoleUse.PRESENCE:
            new = mask & ~self._present[0]
            self._pile(self._present, mask)
            self._pile(self._levels, new)
            return
        for _ in range(units):
            self._pile(self._levels, mask)

    @staticmethod
    def _pile(levels: list[int], mask: int) -> None:
        for k, level in enumerate(levels):
            levels[k] = level | mask
            mask &= level
            if not mask:
                return
