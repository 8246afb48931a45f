"""The cheapest way through the steps of a bundle from one start: branch and bound over the starts of later steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.search.bits import NONE, ONE, kernel
from engine.search.scan import first_set
from engine.search.tables import (
    ARRIVE,
    CHAIN_COST,
    CHAIN_START,
    FAR,
    FIRST_VARIANT,
    GAP_HIGH,
    GAP_LOW,
    IS_SAME_DAY,
    LENGTH,
    SPAN,
    STOP_VARIANT,
    TICK,
    UNTIL,
    WAIT,
)
from engine.search.walk_costs import cost_of_end

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.search.bits import Matrix

    Table = NDArray[np.int64]

__all__ = ["LONGEST_DAY_MIN", "cheapest_from", "earliest_end", "next_start"]

LONGEST_DAY_MIN = 26 * 60
MANY = 300


@kernel
def cheapest_from(
    own: NDArray[np.uint64],
    common: NDArray[np.uint64],
    united: Matrix,
    last_led: int,
    a_of: Table,
    z_of: Table,
    variants: Table,
    steps: Table,
    order: Table,
    rest: Table,
    between: Table,
    way_costs: Table,
    days: Table,
    questions: Table,
    t: int,
    cost_of_start: int,
    below: int,
    known: NDArray[np.int64],
    tried: Table,
    out: Table,
) -> int:
    """Find the cheapest visit from a start with one lead, of equal ones the one whose steps are earlier.

    Parameters
    ----------
    own, common
        Of each place in the order and each variant, its starts in the window `[a_of, z_of)`: up to the place `last_led`
        those with the lead, then those of all.
    united
        Of each place, the starts of all variants together.
    order
        The steps, as rows of `steps`, in the order in which they are done.
    rest
        Of each place in the order, ticks from its start to the end of the visit at least.
    between
        As `with_ways` gives it.
    days
        Local day of each tick.
    questions
        One for each step.
    cost_of_start
        What the visit costs for its start, its way apart.
    below
        Only visits that cost less.
    known
        Of each place, variant and tick of its window, what a visit costs from there on at least, its end included.
    tried
        How many ways have been tried, whether `known` is in use, and whether it may be. It comes into use when there
        are many ways that lead to the same places; with an empty one, `tried` begins with 0, 0.
    out
        Written: the starts of the steps, and the variant of each at `2 * k` beyond them, in the columns of `tables`.

    Returns
    -------
    int
        What it costs; `below` where there is none.
    """
    n = order.size
    at, v = np.empty(n, np.int64), np.empty(n, np.int64)
    high, cost = np.empty(n, np.int64), np.empty(n, np.int64)
    question = questions[order[0]]
    best, has_any = below, False
    d = 0
    at[0], high[0], v[0] = t, t, steps[order[0], FIRST_VARIANT] - 1
    while d >= 0:
        step = steps[order[d]]
        v[d] += 1
        if v[d] >= step[STOP_VARIANT]:
            following = next_start(united, a_of, z_of, d, at[d] + 1, high[d]) if d > 0 else -1
            if following < 0:
                d -= 1
                _note(known, tried, a_of, steps, order, at, v, cost, best, d)
                continue
            at[d], v[d] = following, step[FIRST_VARIANT]
            least = cost[d - 1] + cost_of_end(earliest_end(united, a_of, z_of, rest, d, at[d]), question)
            if least > best or (least == best and not (has_any and _is_earlier(at, out, d, n))):
                d -= 1  # as late as this nothing is good enough any more
                _note(known, tried, a_of, steps, order, at, v, cost, best, d)
                continue
        row = (own if d <= last_led else common)[d, v[d] - step[FIRST_VARIANT]]
        w = (at[d] >> 6) - a_of[d]
        if (row[w] >> np.uint64(at[d] & 63)) & ONE == NONE:
            continue
        end = at[d] + variants[v[d], LENGTH]
        if d == 0:
            cost[0] = cost_of_start + way_costs[v[0]]
        else:
            if not _is_in_time(variants, between, at, v, d):
                continue
            cost[d] = cost[d - 1] + _cost_of_wait(variants, days, question, at, v, d)
        at_least = earliest_end(united, a_of, z_of, rest, d, at[d]) if d + 1 < n else end
        if at_least - t > question[SPAN] or (question[IS_SAME_DAY] and days[at[d]] != days[t]):
            continue
        least = cost[d] + cost_of_end(at_least, question)
        if tried[1] and d + 1 < n:
            least = max(least, cost[d] + known[d, v[d] - step[FIRST_VARIANT], at[d] - (a_of[d] << 6)])
        if least > best or (least == best and not (has_any and _is_earlier(at, out, d, n))):
            continue
        if d + 1 == n:
            best, has_any = least, True
            for k in range(n):
                out[CHAIN_START + k] = at[k]
                out[CHAIN_START + n + 2 * k] = v[k]
            continue
        tried[0] += 1
        if tried[0] == MANY and tried[2]:
            known[:] = 0
            tried[1] = 1
        following = order[d + 1]
        low = end + steps[following, GAP_LOW]
        d += 1
        high[d] = min(end + steps[following, GAP_HIGH], questions[following, UNTIL] - 1, t + question[SPAN] - rest[d])
        if question[IS_SAME_DAY]:
            high[d] = min(high[d], t + LONGEST_DAY_MIN // question[TICK])
        at[d], v[d] = low - 1, steps[following, STOP_VARIANT] - 1
    out[CHAIN_COST] = best
    return best


@kernel
def _note(
    known: NDArray[np.int64],
    tried: Table,
    a_of: Table,
    steps: Table,
    order: Table,
    at: Table,
    v: Table,
    cost: Table,
    best: int,
    d: int,
) -> None:
    """Note what a visit costs at least from the `d`-th step on: all that goes on from it has been looked at."""
    if tried[1] and d >= 0:
        u, t = v[d] - steps[order[d], FIRST_VARIANT], at[d] - (a_of[d] << 6)
        known[d, u, t] = max(known[d, u, t], best - cost[d])


@kernel
def next_start(united: Matrix, a_of: Table, z_of: Table, d: int, low: int, high: int) -> int:
    """Return the first start of the `d`-th step in `[low, high]`, or -1."""
    shift = a_of[d] << 6
    found = first_set(united[d, : z_of[d] - a_of[d]], low - shift, high + 1 - shift)
    return found + shift if found >= 0 else -1


@kernel
def earliest_end(united: Matrix, a_of: Table, z_of: Table, rest: Table, d: int, t: int) -> int:
    """Return a tick before which no visit ends whose `d`-th step starts at `t`; far off where none can go on."""
    for k in range(d + 1, rest.size):
        t = next_start(united, a_of, z_of, k, t + rest[k - 1] - rest[k], z_of[k] << 6)
        if t < 0:
            return FAR
    return int(t + rest[rest.size - 1])


@kernel
def _is_earlier(at: Table, out: Table, d: int, n: int) -> bool:
    """Return whether a visit that goes on from the starts so far can have earlier steps than the best one."""
    for k in range(d + 1):
        if at[k] != out[CHAIN_START + k]:
            return bool(at[k] < out[CHAIN_START + k])
    return d + 1 < n


@kernel
def _is_in_time(variants: Table, between: Table, at: Table, v: Table, d: int) -> bool:
    """Return whether patient and lead, from wherever the steps before were, are there for the `d`-th step."""
    for k in range(d):
        if at[d] - at[k] - variants[v[k], LENGTH] < between[v[k], v[d]]:
            return False
    return True


@kernel
def _cost_of_wait(variants: Table, days: Table, question: Table, at: Table, v: Table, d: int) -> int:
    """Return what the patient's wait before the `d`-th step costs."""
    if question[WAIT] == 0 or variants[v[d], ARRIVE] < 0:
        return 0
    for k in range(d - 1, -1, -1):
        if variants[v[k], ARRIVE] >= 0:
            is_waiting = days[at[k]] == days[at[d]]
            return int((at[d] - at[k] - variants[v[k], LENGTH]) * question[WAIT]) if is_waiting else 0
    return 0
