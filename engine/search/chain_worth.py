"""Which starts of a bundle are worth a look: what a visit from them costs at least, beside the best that are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.search.bits import NONE, ONE, kernel
from engine.search.chain_steps import earliest_end, next_start
from engine.search.scan import lowest_bit
from engine.search.tables import (
    ARRIVE,
    CHAIN_COST,
    CHAIN_START,
    FAR,
    FIRST_VARIANT,
    IS_THERE,
    SPAN,
    STOP_VARIANT,
    UNWISHED,
)
from engine.search.walk_costs import cost_of_day, cost_of_end

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.search.bits import Matrix, Row

    Table = NDArray[np.int64]

__all__ = ["cost_of_start", "depends_on_neighbours", "is_better", "is_too_late", "may_improve"]


@kernel
def cost_of_start(t: int, day: int, wished: Row, question: Table) -> int:
    """Return what a visit costs for its start, its way apart."""
    is_liked = wished.size == 0 or (wished[t >> 6] >> np.uint64(t & 63)) & ONE != NONE
    return cost_of_day(day, question, 0) + (0 if is_liked else int(question[UNWISHED]))


@kernel
def may_improve(
    united: Matrix,
    a_of: Table,
    z_of: Table,
    rest: Table,
    halves: Table,
    half: int,
    wished: Row,
    question: Table,
    least: int,
    worst: Table,
) -> bool:
    """Return whether any start of a piece may be better than the worst of the best."""
    for w in range(z_of[0] - a_of[0]):
        word = united[0, w]
        while word != NONE:
            t = ((a_of[0] + w) << 6) + lowest_bit(word)
            word &= word - ONE
            while halves[half + 1, 0] <= t:
                half += 1
            if is_too_late(t, halves[half, 1], least, question, worst):
                return False
            cost = cost_of_start(t, halves[half, 1], wished, question) + least
            cost += cost_of_end(earliest_end(united, a_of, z_of, rest, 0, t), question)
            if is_better(united, a_of, z_of, rest, cost, t, worst):
                return True
    return False


@kernel
def is_too_late(t: int, day: int, least: int, question: Table, worst: Table) -> bool:
    """Return whether no start from this one on, at `least` beside its day, is better than the worst of the best."""
    floor = cost_of_day(day, question, 1) + least
    return bool(floor > worst[CHAIN_COST] or (floor == worst[CHAIN_COST] and t > worst[CHAIN_START]))


@kernel
def is_better(united: Matrix, a_of: Table, z_of: Table, rest: Table, cost: int, t: int, worst: Table) -> bool:
    """Return whether a visit from a start, at this cost at least, may be better by cost, then by its steps' starts."""
    if cost != worst[CHAIN_COST]:
        return bool(cost < worst[CHAIN_COST])
    for d in range(rest.size):
        if d > 0:
            t = next_start(united, a_of, z_of, d, t + rest[d - 1] - rest[d], z_of[d] << 6)
        if t != worst[CHAIN_START + d]:
            return bool(0 <= t < worst[CHAIN_START + d])
    return True


@kernel
def depends_on_neighbours(variants: Table, steps: Table, order: Table, question: Table) -> bool:
    """Return whether what a visit costs from a step on depends on that step alone, not on those before it."""
    for d in range(order.size):
        for v in range(steps[order[d], FIRST_VARIANT], steps[order[d], STOP_VARIANT]):
            if variants[v, ARRIVE] < 0 or not variants[v, IS_THERE]:
                return False
    return bool(question[SPAN] >= FAR)
