"""Where the steps of a bundle can be, one behind the other, by bits: rows narrowed from the last step backwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.search.bits import NONE, kernel
from engine.search.chain_rows import reaching, row_of, take
from engine.search.chain_steps import LONGEST_DAY_MIN
from engine.search.tables import (
    FIRST_VARIANT,
    GAP_HIGH,
    GAP_LOW,
    IS_LED,
    IS_SAME_DAY,
    LENGTH,
    SPAN,
    STOP_VARIANT,
    TICK,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.search.bits import Matrix, Row
    from engine.search.chain_rows import Chunks

    Table = NDArray[np.int64]

__all__ = ["narrow", "spans", "unite"]


@kernel
def spans(
    variants: Table, steps: Table, order: Table, question: Table, n_ticks: int
) -> tuple[Table, Table, Table, int]:
    """Return for each place in the order: ticks to the end of the visit at least; from the first start to its start at
    least and at most; and the last place in which the lead does something, -1: none.
    """
    n, last_led = order.size, -1
    rest, near, far = np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n, np.int64)
    for d in range(n):
        if steps[order[d], IS_LED]:
            last_led = d
    for d in range(n - 1, -1, -1):
        step = steps[order[d]]
        shortest = n_ticks
        for v in range(step[FIRST_VARIANT], step[STOP_VARIANT]):
            shortest = min(shortest, variants[v, LENGTH])
        rest[d] = shortest + (rest[d + 1] + steps[order[d + 1], GAP_LOW] if d + 1 < n else 0)
    for d in range(1, n):
        step, longest = steps[order[d - 1]], 0
        for v in range(step[FIRST_VARIANT], step[STOP_VARIANT]):
            longest = max(longest, variants[v, LENGTH])
        near[d] = near[d - 1] + rest[d - 1] - rest[d]
        far[d] = min(n_ticks, far[d - 1] + longest + steps[order[d], GAP_HIGH])
        far[d] = max(near[d], min(far[d], question[SPAN] - rest[d]))
        if question[IS_SAME_DAY]:
            far[d] = max(near[d], min(far[d], LONGEST_DAY_MIN // question[TICK]))
    return rest, near, far, last_led


@kernel
def narrow(
    free: Chunks,
    variants: Table,
    steps: Table,
    order: Table,
    led: NDArray[np.int64],
    i: int,
    stop: int,
    far: Table,
    between: Table,
    corridor: Row,
    question: Table,
    a_of: Table,
    z_of: Table,
    behind: NDArray[np.uint64],
    out: NDArray[np.uint64],
    scratch: Matrix,
) -> bool:
    """Set the rows of the first `stop` places, last one first, to the starts that the rest can follow.

    What follows the last of them is in `behind`. Return whether each place has any.
    """
    for d in range(stop - 1, -1, -1):
        step, some = steps[order[d]], False
        for v in range(step[FIRST_VARIANT], step[STOP_VARIANT]):
            row = out[d, v - step[FIRST_VARIANT]]
            is_any = take(free, row_of(variants, step, led, i, v), a_of[d], z_of[d], row)
            if is_any and d + 1 < order.size:
                following, after = steps[order[d + 1]], (behind if d + 1 == stop else out)[d + 1]
                most = min(following[GAP_HIGH], far[d + 1])
                reaching(after, a_of[d + 1], z_of[d + 1], variants, v, following, most, between, corridor, question,
                         a_of[d], z_of[d], scratch, row)  # fmt: skip
                is_any = False
                for w in range(z_of[d] - a_of[d]):
                    is_any |= row[w] != NONE
            some |= is_any
        if not some:
            return False
    return True


@kernel
def unite(
    steps: Table,
    order: Table,
    stop: int,
    a_of: Table,
    z_of: Table,
    rows: NDArray[np.uint64],
    united: Matrix,
) -> None:
    """Set the starts of the first `stop` places as any variant."""
    for d in range(stop):
        united[d, : z_of[d] - a_of[d]] = NONE
        for v in range(steps[order[d], STOP_VARIANT] - steps[order[d], FIRST_VARIANT]):
            for w in range(z_of[d] - a_of[d]):
                united[d, w] |= rows[d, v, w]
