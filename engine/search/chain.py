"""The cheapest visits of several plain steps, with who does what in them.

As in `walk`, bits say everything of each step, and the steps of a visit do not want the same resource at a time. Steps
free in order are tried in every order (`chain_walk`); what one order has found is the bound of the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.search import tables
from engine.search.chain_found import deal_chain
from engine.search.chain_walk import best_of_order

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.search.bits import Matrix, Row

    Table = NDArray[np.int64]

__all__ = ["best_of_chains"]


def best_of_chains(
    rows: Matrix,
    entries: Table,
    rooms: Matrix,
    roles: Table,
    variants: Table,
    steps: Table,
    orders: NDArray[np.int64],
    led: NDArray[np.int64],
    leads: Table,
    between: Table,
    halves: Table,
    days: Table,
    corridor: Row,
    wished: Row,
    taken: Table,
    travel: Table,
    way_costs: Table,
    questions: Table,
    n_rows: int,
    found: Table,
) -> int:
    """Find the cheapest visits of a bundle, with who does what in them.

    Parameters
    ----------
    rows, entries, rooms, roles, variants, halves, wished, taken, travel, way_costs
        As for `walk.best_of_step`.
    steps
        The table of steps in `tables`.
    orders
        Each order in which the steps may be done, as rows of `steps`.
    led
        For each lead and variant: first entry of the lead in it, the one after the last, row of `free`; -1: not in it.
    leads
        Who could be the visit's lead; -1: nobody.
    between
        For each variant and one that is done later, the fewest ticks from end to start that the lead needs.
    days, corridor
        Local day of each tick, and the ticks that are not the last of theirs.
    questions
        One for each row of `steps`, shape `(steps, numbers)`; the first of an order counts for the visit.
    n_rows
        How many rows are worked out for all variants.
    found
        Shape `(k, columns)`, written: the best in order.

    Returns
    -------
    int
        How many there are, at most `k`.
    """
    free = np.empty((-(-rows.shape[1] // tables.WORDS), n_rows, tables.WORDS), np.uint64)
    built = np.maximum(questions[:, tables.FROM], 0) // (64 * tables.WORDS)
    size = 0
    for number, order in enumerate(orders):
        size = best_of_order(rows, entries, rooms, roles, variants, steps, order, number, led, leads, between, halves,
                             days, corridor, wished, taken, travel, way_costs, questions, free, built, found,
                             size)  # fmt: skip
    for visit in found[:size]:
        order = orders[visit[tables.CHAIN_ORDER]]
        deal_chain(rows, entries, rooms, roles, variants, steps, order, questions, visit)
    return size
