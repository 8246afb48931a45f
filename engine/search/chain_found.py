"""The best visits of a bundle that are known: their order among each other, and who does what in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.search.bits import kernel
from engine.search.tables import (
    CHAIN_COST,
    CHAIN_KEY,
    CHAIN_START,
    CHAIN_WHO,
    COUNT,
    FIRST_ROLE,
    IS_LED,
    N_FOUND,
    STOP_ROLE,
)
from engine.search.walk_deal import deal, tie_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.search.bits import Matrix

    Table = NDArray[np.int64]

__all__ = ["deal_chain", "insert", "rank"]


@kernel
def rank(
    rows: Matrix,
    entries: Table,
    rooms: Matrix,
    roles: Table,
    variants: Table,
    steps: Table,
    order: Table,
    led: NDArray[np.int64],
    i: int,
    questions: Table,
    new: Table,
) -> None:
    """Write the ranks of who leads each step among visits of equal cost and times."""
    n = order.size
    for d in range(n):
        at = CHAIN_START + n + 2 * d
        v, new[at + 1] = new[at], 0
        if steps[order[d], IS_LED]:
            new[at + 1] = tie_of(rows, entries, rooms, roles, v, variants, led[i, v, 0], led[i, v, 1],
                                 new[CHAIN_START + d], questions[order[d]])  # fmt: skip


@kernel
def insert(found: Table, size: int, new: Table, n_columns: int) -> int:
    """Take a visit in among the best, one for each key; return how many there are."""
    k, at = found.shape[0], size
    for j in range(size):
        if found[j, CHAIN_KEY] == new[CHAIN_KEY]:
            at = j
            break
    if at < size:
        if not _is_before(new, found[at], n_columns):
            return size
    elif size < k:
        size += 1
    elif _is_before(new, found[k - 1], n_columns):
        at = k - 1
    else:
        return size
    while at > 0 and _is_before(new, found[at - 1], n_columns):
        for j in range(new.size):
            found[at, j] = found[at - 1, j]
        at -= 1
    for j in range(new.size):
        found[at, j] = new[j]
    return size


@kernel
def _is_before(one: Table, other: Table, n_columns: int) -> bool:
    """Return whether a visit is better: by cost, the starts of its steps, who and where."""
    if one[CHAIN_COST] != other[CHAIN_COST]:
        return bool(one[CHAIN_COST] < other[CHAIN_COST])
    for j in range(CHAIN_START, n_columns):
        if one[j] != other[j]:
            return bool(one[j] < other[j])
    return False


@kernel
def deal_chain(
    rows: Matrix,
    entries: Table,
    rooms: Matrix,
    roles: Table,
    variants: Table,
    steps: Table,
    order: Table,
    questions: Table,
    visit: Table,
) -> None:
    """Write the entries that a visit uses behind what is found of it, step by step."""
    n = order.size
    at = CHAIN_START + 3 * n
    most = 0
    for d in range(n):
        variant = variants[visit[CHAIN_START + n + 2 * d]]
        for r in range(variant[FIRST_ROLE], variant[STOP_ROLE]):
            most += roles[r, COUNT]
    one = np.empty(N_FOUND + most, np.int64)
    for d in range(n):
        variant = variants[visit[CHAIN_START + n + 2 * d]]
        who = visit[CHAIN_WHO] if steps[order[d], IS_LED] else -1
        deal(rows, entries, rooms, roles, variant, visit[CHAIN_START + d], who, questions[order[d]], one)
        n_used = 0
        for r in range(variant[FIRST_ROLE], variant[STOP_ROLE]):
            n_used += roles[r, COUNT]
        for j in range(n_used):
            visit[at + j] = one[N_FOUND + j]
        at += n_used
