"""The floor: OR over each pool, AND over the roles, first bit. No rules, no ranking, no coupling; nothing is less work.

It reads the same words as a query of ours does: a row of bits for each resource of each pool.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["BareAnd"]


class BareAnd:
    """Pools of rows, each shape (resources, words)."""

    def __init__(self, pools: Sequence[NDArray[np.uint64]]) -> None:
        self._pools = [np.ascontiguousarray(pool) for pool in pools]
        self._found = np.empty(self._pools[0].shape[1], np.uint64)
        self._row = np.empty_like(self._found)

    @property
    def n_words(self) -> int:
        """Words read for an answer."""
        return sum(pool.size for pool in self._pools)

    @property
    def sizes(self) -> list[int]:
        """Rows of each pool."""
        return [len(pool) for pool in self._pools]

    def earliest(self) -> int:
        """The first bit that is set in some row of every pool; -1: there is none."""
        np.bitwise_or.reduce(self._pools[0], axis=0, out=self._found)
        for pool in self._pools[1:]:
            np.bitwise_or.reduce(pool, axis=0, out=self._row)
            np.bitwise_and(self._found, self._row, out=self._found)
        word = int(self._found.astype(bool).argmax())
        bits = int(self._found[word])
        return -1 if bits == 0 else (word << 6) + (bits & -bits).bit_length() - 1
