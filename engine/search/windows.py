"""Looking at one window of many resources at once: closed, full, or neither."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.search.bits import NONE, ONE, kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.search.bits import Matrix

__all__ = ["CLOSED", "FULL", "looked_at"]

CLOSED, FULL = 1, 2
"""Flags of a window: not open all the time; not with room for the units all the time."""


@kernel
def looked_at(
    open_rows: Matrix,
    used: NDArray[np.int16],
    lanes: NDArray[np.int64],
    chosen: NDArray[np.int64],
    units: int,
    out: NDArray[np.int64],
) -> None:
    """Say of each resource's window what stands in its way, whatever has no presence and no spare lanes.

    Parameters
    ----------
    chosen
        Resource, first tick and stop of each window, shape `(n, 3)`.
    out
        Flags, shape `(n,)`.
    """
    n_ticks = used.shape[1]
    for i in range(chosen.shape[0]):
        r, first, stop = chosen[i, 0], chosen[i, 1], chosen[i, 2]
        flags = 0
        if first < 0 or stop > n_ticks:
            flags |= CLOSED
        for t in range(max(first, 0), min(stop, n_ticks)):
            if (open_rows[r, t >> 6] >> np.uint64(t & 63)) & ONE == NONE:
                flags |= CLOSED
            if used[r, t] + units > lanes[r]:
                flags |= FULL
        out[i] = flags
