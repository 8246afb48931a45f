"""Chance that is the same on every machine.

Of the standard library's generators only `random()` is promised to give the same numbers in every version of Python.
Everything here is made from it, so that a world is determined by its seed.
"""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Dice"]

T = TypeVar("T")


class Dice:
    """A source of chance.

    Parameters
    ----------
    seed
        Anything; its text counts.
    """

    def __init__(self, seed: object) -> None:
        # An integer seed depends on nothing but itself; text is turned into one by hand.
        self._source = random.Random(int.from_bytes(str(seed).encode(), "big"))

    def child(self, name: str) -> Dice:
        """Own dice for a part of a world, so that a change in one part leaves the others as they were."""
        return Dice(f"{self.below(2**48)}/{name}")

    def share(self) -> float:
        """A number in `[0, 1)`."""
        return self._source.random()

    def chance(self, probability: float) -> bool:
        """True with the given probability."""
        return self._source.random() < probability

    def below(self, count: int) -> int:
        """A whole number in `[0, count)`."""
        return int(self._source.random() * count)

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both inclusive."""
        return low + self.below(high - low + 1)

    def pick(self, items: Sequence[T]) -> T:
        """One of the items, each as likely as the others."""
        return items[self.below(len(items))]

    def weighted(self, items: Sequence[tuple[T, float]]) -> T:
        """The first of one of the pairs; the second is how likely it is, in any unit."""
        at = self._source.random() * sum(weight for _, weight in items)
        for item, weight in items:
            at -= weight
            if at < 0:
                return item
        return items[-1][0]

    def shuffled(self, items: Iterable[T]) -> list[T]:
        """The items in random order."""
        mixed = list(items)
        for i in range(len(mixed) - 1, 0, -1):
            j = self.below(i + 1)
            mixed[i], mixed[j] = mixed[j], mixed[i]
        return mixed

    def rounded(self, value: float) -> int:
        """`value` rounded up or down, so that it is right on average."""
        whole = math.floor(value)
        return whole + self.chance(value - whole)

    def wait(self, mean: float) -> float:
        """An exponentially distributed number with this mean."""
        return -mean * math.log(1.0 - self._source.random())
