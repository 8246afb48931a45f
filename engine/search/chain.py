"""The cheapest visits of several plain steps: one compiled walk through the horizon, which ends as soon as it can.

As in `walk`, bits say everything of each step, and the steps of a visit do not want the same resource at a time. For
each piece of the horizon the rows of all steps that can be reached from it are worked out (`chain_rows`), and narrowed
backwards, for everybody first and then for each lead, to the starts that the rest can follow; from those left the
cheapest way through the steps is looked for (`chain_steps`). The best of each half-day and lead (or of each start) are
kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.search.bits import NONE, ONE, kernel, words_for
from engine.search.chain_found import deal_chain, insert, rank
from engine.search.chain_rows import reaching, row_of, take, work_out
from engine.search.chain_steps import LONGEST_DAY_MIN, cheapest_from, earliest_end, next_start
from engine.search.scan import lowest_bit
from engine.search.tables import (
    ANOTHER,
    ARRIVE,
    ASKED,
    CHAIN_COST,
    CHAIN_KEY,
    CHAIN_ORDER,
    CHAIN_START,
    CHAIN_WHO,
    FAR,
    FIRST_VARIANT,
    FROM,
    GAP_HIGH,
    GAP_LOW,
    IS_DIVERSE,
    IS_LED,
    IS_SAME_DAY,
    IS_THERE,
    LENGTH,
    PREFERRED,
    SPAN,
    STOP_VARIANT,
    TICK,
    UNTIL,
    UNWISHED,
    WORDS,
)
from engine.search.walk_costs import cost_of_day, cost_of_end

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.search.bits import Matrix, Row
    from engine.search.chain_rows import Chunks

    Table = NDArray[np.int64]

__all__ = ["best_of_chains"]


@kernel
def best_of_chains(
    rows: Matrix,
    entries: Table,
    rooms: NDArray[np.uint64],
    roles: Table,
    variants: Table,
    steps: Table,
    orders: NDArray[np.int64],
    led: NDArray[np.int64],
    leads: Table,
    halves: Table,
    days: Table,
    corridor: Row,
    wished: Row,
    taken: Table,
    travel: Table,
    site_costs: Table,
    questions: Table,
    n_rows: int,
    found: Table,
) -> int:
    """Find the cheapest visits of a bundle, with who does what in them.

    Parameters
    ----------
    rows, entries, rooms, roles, variants, halves, wished, taken, travel, site_costs
        As for `walk.best_of_step`.
    steps
        The table of steps in `tables`.
    orders
        Each order in which the steps may be done, as rows of `steps`.
    led
        For each lead and variant: first entry of the lead in it, the one after the last, row of `free`; -1: not in it.
    leads
        Who could be the visit's lead; -1: nobody.
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
    n_chunks = -(-rows.shape[1] // WORDS)
    free = np.empty((n_chunks, n_rows, WORDS), np.uint64)
    built = np.empty(steps.shape[0], np.int64)
    for s in range(steps.shape[0]):
        built[s] = max(questions[s, FROM], 0) >> 6
        built[s] //= WORDS
    size = 0
    for o in range(orders.shape[0]):
        size = _best_of_order(rows, entries, rooms, roles, variants, steps, orders[o], o, led, leads, halves, days,
                              corridor, wished, taken, travel, site_costs, questions, free, built, found,
                              size)  # fmt: skip
    for j in range(size):
        order = orders[found[j, CHAIN_ORDER]]
        deal_chain(rows, entries, rooms, roles, variants, steps, order, questions, found[j])
    return size


@kernel
def _best_of_order(
    rows: Matrix,
    entries: Table,
    rooms: NDArray[np.uint64],
    roles: Table,
    variants: Table,
    steps: Table,
    order: Table,
    number: int,
    led: NDArray[np.int64],
    leads: Table,
    halves: Table,
    days: Table,
    corridor: Row,
    wished: Row,
    taken: Table,
    travel: Table,
    site_costs: Table,
    questions: Table,
    free: Chunks,
    built: Table,
    found: Table,
    size: int,
) -> int:
    """Take the cheapest visits whose steps are done in one order in among the best; return how many there are.

    Parameters
    ----------
    number
        Of the order.
    free, built
        Chunks of rows, and for each row of `steps` the first chunk that is not worked out yet; kept from one order of
        the steps to the next.
    """
    k, n = found.shape[0], order.size
    question = questions[order[0]]
    first, stop, n_ticks = question[FROM], question[UNTIL], days.size
    n_words = words_for(n_ticks)
    rest, near, far, last_led = _spans(variants, steps, order, question, n_ticks)
    most_variants = 1
    for d in range(n):
        most_variants = max(most_variants, steps[order[d], STOP_VARIANT] - steps[order[d], FIRST_VARIANT])
    n_window = min(n_words, words_for(far.max()) + WORDS + 1)
    common = np.empty((n, most_variants, n_window), np.uint64)
    own = np.empty((n, most_variants, n_window), np.uint64)
    scratch = np.empty((4, n_window), np.uint64)
    known = np.empty((n, most_variants, n_window << 6), np.int64)
    tried = np.zeros(3, np.int64)
    tried[2] = _is_of_neighbours(variants, steps, order, question)
    a_of, z_of = np.empty(n, np.int64), np.empty(n, np.int64)
    united = np.empty((n, n_window), np.uint64)
    new = np.empty(found.shape[1], np.int64)
    least_site = site_costs.min() if site_costs.size else 0
    half, chunk = 0, max(first, 0) >> 6
    chunk //= WORDS
    while chunk * WORDS < n_words and chunk * WORDS << 6 < stop:
        a, z = chunk * WORDS, min((chunk + 1) * WORDS, n_words)
        chunk += 1
        begin = max(first, a << 6)
        while halves[half + 1, 0] <= begin:
            half += 1
        floor = cost_of_day(halves[half, 1], question, 1) + cost_of_end(begin + rest[0], question) + least_site
        if size == k:
            least = cost_of_day(halves[half, 1], question, 1) + least_site
            worst = found[k - 1, CHAIN_COST]
            if least > worst or (least == worst and begin > found[k - 1, CHAIN_START]):
                break
        if size == k and floor > found[k - 1, CHAIN_COST]:
            continue
        for d in range(n):
            a_of[d] = a if d == 0 else min((begin + near[d]) >> 6, n_words)
            z_of[d] = z if d == 0 else words_for(min(n_ticks, (z << 6) + far[d]))
            s = order[d]
            while built[s] * WORDS < z_of[d]:
                work_out(rows, entries, rooms, roles, variants, steps[s], led, taken, travel, questions[s], built[s],
                         free)  # fmt: skip
                built[s] += 1
        if not _narrow(free, variants, steps, order, led, -1, 0, n, far, travel, corridor, question, a_of, z_of, common,
                       common, scratch):  # fmt: skip
            continue
        _unite(steps, order, 0, n, a_of, z_of, common, united)
        least = least_site + (0 if question[PREFERRED] >= 0 else question[ANOTHER])
        if size == k and not _may_improve(
            united, a_of, z_of, rest, halves, half, wished, question, least, found[k - 1]
        ):
            continue
        for i in range(leads.size):
            who = leads[i]
            if question[ASKED] >= 0 and who != question[ASKED]:
                continue
            extra = 0 if question[PREFERRED] == who and who >= 0 else question[ANOTHER]
            if size == k and floor + extra > found[k - 1, CHAIN_COST]:
                continue
            is_left = _narrow(free, variants, steps, order, led, i, 0, last_led + 1, far, travel, corridor, question,
                              a_of, z_of, common, own, scratch)  # fmt: skip
            if not is_left:
                continue
            _unite(steps, order, 0, last_led + 1, a_of, z_of, own, united)
            tried[0], tried[1] = 0, 0
            h, best_here, best_key = half, 0, -1
            for w in range(z - a):
                word = united[0, w]
                while word != NONE:
                    bit = lowest_bit(word)
                    word &= word - ONE
                    t = ((a + w) << 6) + bit
                    while halves[h + 1, 0] <= t:
                        h += 1
                    key = h * (1 << 20) + who + 1 if question[IS_DIVERSE] else t
                    cost = _cost_of_start(t, halves[h, 1], wished, question) + extra
                    if size == k and not _is_better(
                        united, a_of, z_of, rest, question, cost + least_site, t, found[k - 1]
                    ):
                        continue
                    below = found[k - 1, CHAIN_COST] + 1 if size == k else 1 << 62
                    if key == best_key and question[IS_DIVERSE]:
                        below = min(below, best_here)
                    end = earliest_end(united, a_of, z_of, rest, 0, t)
                    if cost + least_site + cost_of_end(end, question) >= below:
                        continue
                    cost = cheapest_from(own, common, united, last_led, a_of, z_of, variants, steps, order, rest,
                                         travel, site_costs, days, questions, t, cost, below, known, tried,
                                         new)  # fmt: skip
                    if cost < below:
                        best_here, best_key = cost, key
                        new[CHAIN_WHO], new[CHAIN_KEY], new[CHAIN_ORDER] = who, key, number
                        rank(rows, entries, rooms, roles, variants, steps, order, led, i, questions, new)
                        size = insert(found, size, new, CHAIN_START + 3 * n)
    return size


@kernel
def _spans(
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
def _narrow(
    free: Chunks,
    variants: Table,
    steps: Table,
    order: Table,
    led: NDArray[np.int64],
    i: int,
    first: int,
    stop: int,
    far: Table,
    travel: Table,
    corridor: Row,
    question: Table,
    a_of: Table,
    z_of: Table,
    behind: NDArray[np.uint64],
    out: NDArray[np.uint64],
    scratch: Matrix,
) -> bool:
    """Set the rows of places `[first, stop)`, last one first, to the starts that the rest can follow.

    What follows the last of them is in `behind`. Return whether each place has any.
    """
    for d in range(stop - 1, first - 1, -1):
        step, some = steps[order[d]], False
        for v in range(step[FIRST_VARIANT], step[STOP_VARIANT]):
            row = out[d, v - step[FIRST_VARIANT]]
            is_any = take(free, row_of(variants, step, led, i, v), a_of[d], z_of[d], row)
            if is_any and d + 1 < order.size:
                following, after = steps[order[d + 1]], (behind if d + 1 == stop else out)[d + 1]
                most = min(following[GAP_HIGH], far[d + 1])
                reaching(after, a_of[d + 1], z_of[d + 1], variants, v, following, most, travel, corridor, question,
                         a_of[d], z_of[d], scratch, row)  # fmt: skip
                is_any = False
                for w in range(z_of[d] - a_of[d]):
                    is_any |= row[w] != NONE
            some |= is_any
        if not some:
            return False
    return True


@kernel
def _unite(
    steps: Table,
    order: Table,
    first: int,
    stop: int,
    a_of: Table,
    z_of: Table,
    rows: NDArray[np.uint64],
    united: Matrix,
) -> None:
    """Set the starts of places `[first, stop)` as any variant."""
    for d in range(first, stop):
        united[d, : z_of[d] - a_of[d]] = NONE
        for v in range(steps[order[d], STOP_VARIANT] - steps[order[d], FIRST_VARIANT]):
            for w in range(z_of[d] - a_of[d]):
                united[d, w] |= rows[d, v, w]


# --- what is worth looking at ---------------------------------------------------------------------------------------


@kernel
def _cost_of_start(t: int, day: int, wished: Row, question: Table) -> int:
    """Return what a visit costs for its start, its site apart."""
    is_liked = wished.size == 0 or (wished[t >> 6] >> np.uint64(t & 63)) & ONE != NONE
    return cost_of_day(day, question, 0) + (0 if is_liked else int(question[UNWISHED]))


@kernel
def _may_improve(
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
            cost = _cost_of_start(t, halves[half, 1], wished, question) + least
            if _is_better(united, a_of, z_of, rest, question, cost, t, worst):
                return True
    return False


@kernel
def _is_better(
    united: Matrix, a_of: Table, z_of: Table, rest: Table, question: Table, cost: int, t: int, worst: Table
) -> bool:
    """Return whether a visit from a start may be better than another, by cost, then the starts of its steps."""
    cost += cost_of_end(earliest_end(united, a_of, z_of, rest, 0, t), question)
    if cost != worst[CHAIN_COST]:
        return bool(cost < worst[CHAIN_COST])
    for d in range(rest.size):
        if d > 0:
            t = next_start(united, a_of, z_of, d, t + rest[d - 1] - rest[d], z_of[d] << 6)
        if t != worst[CHAIN_START + d]:
            return bool(0 <= t < worst[CHAIN_START + d])
    return True


@kernel
def _is_of_neighbours(variants: Table, steps: Table, order: Table, question: Table) -> bool:
    """Return whether what a visit costs from a step on depends on that step alone, not on those before it."""
    for d in range(order.size):
        for v in range(steps[order[d], FIRST_VARIANT], steps[order[d], STOP_VARIANT]):
            if variants[v, ARRIVE] < 0 or not variants[v, IS_THERE]:
                return False
    return bool(question[SPAN] >= FAR)
