"""Find: the next slots for an order, exact and ranked."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, TypedDict

from engine.search.blockers import find_blockers
from engine.search.query import Query
from engine.search.quick import find_plain
from engine.search.rank import best_diverse, best_starts

if TYPE_CHECKING:
    from collections.abc import Collection
    from contextlib import AbstractContextManager
    from datetime import datetime

    from engine.model.explanation import Blocker
    from engine.model.ids import AppointmentId, ResourceId
    from engine.model.order import Order
    from engine.search.candidate import Candidate
    from engine.search.occupancy import Occupancy

__all__ = ["find", "why_not"]

_AS_IT_IS = nullcontext()


def find(
    occupancy: Occupancy,
    order: Order,
    *,
    now: datetime,
    k: int = 5,
    first: int | None = None,
    stop: int | None = None,
    occurrence: int = 0,
    practitioner: ResourceId | None = None,
    ignoring: Collection[AppointmentId] = (),
    diverse: bool = False,
    tidy: bool = False,
) -> list[Candidate]:
    """The `k` best places for a visit of an order.

    Parameters
    ----------
    occupancy
        Holds that have expired by `now` are let go in it.
    order
        Its patient and service are the problem's; the order itself need not be in it.
    now
        Notice, kept-back time and surgery blocks are judged by it; nothing starts before it. Seconds are dropped.
    first, stop
        The visit starts in these ticks of the problem's grid, half-open; None: anywhere in the horizon.
    occurrence
        Of the order's series.
    practitioner
        Must do what they can do of the visit, as if the order required it.
    ignoring
        Appointments that count as cancelled: the visit's own, when it is to be moved.
    diverse
        At most one for each half-day and practitioner; otherwise the cheapest visit at each start.
    tidy
        Whether what a visit does to the diary of whoever leads it counts (`RANKING_COSTS`): for offers to choose from.

    Returns
    -------
    list of Candidate
        By cost, then start; of equal cost at one start the one whose later steps start earlier, then by whom it uses,
        role by role: the preferred practitioner before all, then the least scarce (`scarcity`), then who comes first in
        the problem. Exact: there is no cheaper one. Empty where there is none.

    Raises
    ------
    UnknownIdError
        When the order names what the problem does not have, or an appointment to be ignored is not there.
    """
    if k < 1:
        return []
    with _as_of(occupancy, now, ignoring):
        low, high = _in_ticks(occupancy, first), _in_ticks(occupancy, stop)
        asking: _Asking = {"first": low, "stop": high, "occurrence": occurrence, "practitioner": practitioner}
        plain = find_plain(occupancy, order, now=now, k=k, is_diverse=diverse, is_tidy=tidy, **asking)
        if plain is not None:
            return plain
        with Query(occupancy, order, now=now, tidy=tidy, **asking) as query:
            return best_diverse(query, k) if diverse else best_starts(query, k)


def why_not(
    occupancy: Occupancy,
    order: Order,
    *,
    now: datetime,
    first: int | None = None,
    stop: int | None = None,
    occurrence: int = 0,
    practitioner: ResourceId | None = None,
    ignoring: Collection[AppointmentId] = (),
) -> tuple[Blocker, ...]:
    """What stands in the way of a visit at every start in `[first, stop)`; empty where one could be booked.

    Arguments as for `find`; for one start, `stop` is the tick after `first`.
    """
    with _as_of(occupancy, now, ignoring):
        low, high = _in_ticks(occupancy, first), _in_ticks(occupancy, stop)
        asking: _Asking = {"first": low, "stop": high, "occurrence": occurrence, "practitioner": practitioner}
        return find_blockers(occupancy, order, now=now, **asking)


class _Asking(TypedDict):
    """What may be asked for beside the order, in ticks of the occupancy's grid."""

    first: int | None
    stop: int | None
    occurrence: int
    practitioner: ResourceId | None


def _as_of(occupancy: Occupancy, now: datetime, ignoring: Collection[AppointmentId]) -> AbstractContextManager[None]:
    """The occupancy as of `now`, without some appointments."""
    occupancy.at(now)
    occupancy.make_room()
    return occupancy.without(ignoring) if ignoring else _AS_IT_IS


def _in_ticks(occupancy: Occupancy, tick: int | None) -> int | None:
    """A tick of the problem's grid as one of the occupancy's."""
    return None if tick is None else tick + occupancy.calendars.margin
