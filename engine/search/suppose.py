"""What if: an occupancy as if some visits were booked, for as long as a context lasts."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from engine.model.ids import OrderId, free_visit_id
from engine.model.service import RoleUse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager

    from engine.model.appointment import Appointment
    from engine.model.ids import ResourceId
    from engine.search.occupancy import Occupancy

__all__ = ["kept_from", "supposing", "unnamed"]

_ALL_LANES = 12_000
"""More lanes than any resource has, overbooking included."""


def supposing(occupancy: Occupancy, visits: Iterable[Appointment]) -> AbstractContextManager[None]:
    """`Occupancy.supposing` with these visits booked too, whatever their ids."""

    def named() -> Iterator[Appointment]:  # each when those before it are booked, so that no two share a name
        for visit in visits:
            name = free_visit_id(OrderId("?"), visit.occurrence, occupancy.bookings.__contains__)
            yield visit.model_copy(update={"id": name})

    return occupancy.supposing(added=named())


@contextmanager
def unnamed(occupancy: Occupancy, visits: Iterable[Appointment]) -> Iterator[None]:
    """The occupancy as if these visits, which are booked in it, were of no order: they only take what they take."""
    theirs = list(visits)
    with (
        occupancy.without([v.id for v in theirs]),
        supposing(occupancy, [v.model_copy(update={"order": None}) for v in theirs]),
    ):
        yield


@contextmanager
def kept_from(occupancy: Occupancy, uses: Iterable[tuple[ResourceId, int, int]]) -> Iterator[None]:
    """The occupancy with resources taken for some ticks of the problem's grid, half-open, by nobody.

    It tells what else could be used there: quotas, ways and changeovers know nothing of it.
    """
    margin, taken = occupancy.calendars.margin, []
    for resource, first, stop in uses:
        taken.append((occupancy.row_by_id[resource], first + margin, stop + margin))

    def take(units: int) -> None:
        for r, first, stop in taken:
            occupancy.add(r, first, stop, units, RoleUse.EXCLUSIVE, is_overriding=False)
            occupancy.starts.forget(r)

    take(_ALL_LANES)
    try:
        yield
    finally:
        take(-_ALL_LANES)
