"""What if: an occupancy as if some visits were booked, for as long as a context lasts."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from engine.model.ids import OrderId, free_visit_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from engine.model.appointment import Appointment
    from engine.search.occupancy import Occupancy

__all__ = ["supposing", "unnamed"]


@contextmanager
def supposing(occupancy: Occupancy, visits: Iterable[Appointment]) -> Iterator[None]:
    """The occupancy with these visits booked too, whatever their ids; they are taken out again at the end."""
    with ExitStack() as stack:
        for visit in visits:
            name = free_visit_id(OrderId("?"), visit.occurrence, occupancy.bookings.__contains__)
            occupancy.book(visit.model_copy(update={"id": name}))
            stack.callback(occupancy.cancel, name)
        yield


@contextmanager
def unnamed(occupancy: Occupancy, visits: Iterable[Appointment]) -> Iterator[None]:
    """The occupancy as if these visits, which are booked in it, were of no order: they only take what they take."""
    theirs = list(visits)
    with (
        occupancy.without([v.id for v in theirs]),
        supposing(occupancy, [v.model_copy(update={"order": None}) for v in theirs]),
    ):
        yield
