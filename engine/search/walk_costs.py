"""What a visit costs by the day of its first start and the time of its last end: shared by `walk` and `chain`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.search.bits import kernel
from engine.search.tables import DELAY, DISTANCE, DUE, LATE, SINCE_DAY, TARGET_DAY, TICK, ZERO

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Table = NDArray[np.int64]

__all__ = ["cost_of_day", "cost_of_end"]


@kernel
def cost_of_day(day: int, question: Table, is_floor: int) -> int:
    """Return the cost of a local day; with `is_floor`, what this and all later days cost at least."""
    cost = max(0, day - question[SINCE_DAY]) * question[DELAY]
    if question[DISTANCE]:
        away = day - question[TARGET_DAY]
        if away > 0 or not is_floor:
            cost += abs(away) * question[DISTANCE]
    return int(cost)


@kernel
def cost_of_end(end: int, question: Table) -> int:
    """Return what it costs to end at a tick."""
    late = question[ZERO] + end * question[TICK] - question[DUE]
    return int(-(-late // 60) * question[LATE]) if late > 0 and question[LATE] else 0
