"""The cheapest visits of a bundle whose steps are done in one order: a walk through the horizon that ends as it can.

For each piece of the horizon the rows of all steps that can be reached from it are worked out (`chain_rows`), and
narrowed backwards, for everybody first and then for each lead, to the starts that the rest can follow (`chain_narrow`);
from those that are worth it (`chain_worth`) the cheapest way through the steps is looked for (`chain_steps`). The best
of each half-day and lead (or of each start) are kept (`chain_found`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.search.bits import kernel, words_for
from engine.search.chain_found import insert, rank
from engine.search.chain_narrow import narrow, spans, unite
from engine.search.chain_rows import with_ways, work_out
from engine.search.chain_steps import cheapest_from, earliest_end, next_start
from engine.search.chain_worth import cost_of_start, depends_on_neighbours, is_better, is_too_late, may_improve
from engine.search.tables import (
    ANOTHER,
    ASKED,
    CHAIN_COST,
    CHAIN_KEY,
    CHAIN_ORDER,
    CHAIN_START,
    CHAIN_WHO,
    FIRST_VARIANT,
    FROM,
    IS_DIVERSE,
    PREFERRED,
    STOP_VARIANT,
    UNTIL,
    WORDS,
)
from engine.search.walk_costs import cost_of_day, cost_of_end

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.search.bits import Matrix, Row
    from engine.search.chain_rows import Chunks

    Table = NDArray[np.int64]

__all__ = ["best_of_order"]


@kernel
def best_of_order(
    rows: Matrix,
    entries: Table,
    rooms: Matrix,
    roles: Table,
    variants: Table,
    steps: Table,
    order: Table,
    number: int,
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
    rest, near, far, last_led = spans(variants, steps, order, question, n_ticks)
    most_variants = 1
    for d in range(n):
        most_variants = max(most_variants, steps[order[d], STOP_VARIANT] - steps[order[d], FIRST_VARIANT])
    n_window = min(n_words, words_for(far.max()) + WORDS + 1)
    common = np.empty((n, most_variants, n_window), np.uint64)
    own = np.empty((n, most_variants, n_window), np.uint64)
    scratch = np.empty((4, n_window), np.uint64)
    known = np.empty((n, most_variants, n_window << 6), np.int64)
    tried, asked = np.zeros(3, np.int64), -1
    for d in range(n):
        asked = max(asked, questions[order[d], ASKED])  # the steps without the lead are not told
    anybody = -n // n  # of a literal numba would compile all that takes it once more
    tried[2] = depends_on_neighbours(variants, steps, order, question)
    a_of, z_of = np.empty(n, np.int64), np.empty(n, np.int64)
    united = np.empty((n, n_window), np.uint64)
    new = np.empty(found.shape[1], np.int64)
    between = with_ways(between, variants, travel, question)
    least_way = way_costs.min()
    half, chunk = 0, max(first, 0) >> 6
    chunk //= WORDS
    while chunk * WORDS < n_words and chunk * WORDS << 6 < stop:
        a, z = chunk * WORDS, min((chunk + 1) * WORDS, n_words)
        chunk += 1
        begin = max(first, a << 6)
        while halves[half + 1, 0] <= begin:
            half += 1
        least = cost_of_day(halves[half, 1], question, 1) + least_way
        floor = least + cost_of_end(begin + rest[0], question)
        if size == k:
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
        if not narrow(free, variants, steps, order, led, anybody, n, far, between, corridor, question,
                      a_of, z_of, common, common, scratch):  # fmt: skip
            continue
        unite(steps, order, n, a_of, z_of, common, united)
        least = least_way + (0 if question[PREFERRED] >= 0 else question[ANOTHER])
        if size == k and not may_improve(united, a_of, z_of, rest, halves, half, wished, question, least, found[k - 1]):
            continue
        for i in range(leads.size):
            who = leads[i]
            if asked >= 0 and who != asked:
                continue
            extra = 0 if question[PREFERRED] == who and who >= 0 else question[ANOTHER]
            if size == k and floor + extra > found[k - 1, CHAIN_COST]:
                continue
            is_left = narrow(free, variants, steps, order, led, i, last_led + 1, far, between, corridor,
                             question, a_of, z_of, common, own, scratch)  # fmt: skip
            if not is_left:
                continue
            unite(steps, order, last_led + 1, a_of, z_of, own, united)
            tried[0], tried[1] = 0, 0
            h, best_here, best_key = half, 0, -1
            t = next_start(united, a_of, z_of, 0, a << 6, z << 6)
            while t >= 0:
                while halves[h + 1, 0] <= t:
                    h += 1
                if size == k and is_too_late(t, halves[h, 1], least_way + extra, question, found[k - 1]):
                    break
                key = h * (1 << 20) + who + 1 if question[IS_DIVERSE] else t
                cost = cost_of_start(t, halves[h, 1], wished, question) + extra
                least = cost + least_way + cost_of_end(earliest_end(united, a_of, z_of, rest, 0, t), question)
                below = found[k - 1, CHAIN_COST] + 1 if size == k else 1 << 62
                if key == best_key and question[IS_DIVERSE]:
                    below = min(below, best_here)
                if least < below and (size < k or is_better(united, a_of, z_of, rest, least, t, found[k - 1])):
                    cost = cheapest_from(own, common, united, last_led, a_of, z_of, variants, steps, order, rest,
                                         between, way_costs, days, questions, t, cost, below, known, tried,
                                         new)  # fmt: skip
                    if cost < below:
                        best_here, best_key = cost, key
                        new[CHAIN_WHO], new[CHAIN_KEY], new[CHAIN_ORDER] = who, key, number
                        rank(rows, entries, rooms, roles, variants, steps, order, led, i, questions, new)
                        size = insert(found, size, new, CHAIN_START + 3 * n)
                t = next_start(united, a_of, z_of, 0, t + 1, z << 6)
    return size
