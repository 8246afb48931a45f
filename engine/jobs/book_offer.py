"""Book an offer: the slot that the patient agreed to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.ids import ProposalId, free_visit_id
from engine.model.result import Proposal, accept

if TYPE_CHECKING:
    from engine.jobs.find_slots import FindResult
    from engine.model.ids import AppointmentId
    from engine.model.result import SlotOffer
    from engine.model.schedule import Schedule

__all__ = ["book_offer"]


def book_offer(schedule: Schedule, found: FindResult, offer: SlotOffer) -> tuple[Schedule, AppointmentId]:
    """The schedule with one of the offers that were found in it booked, and the id of the new visit.

    The visit is called as booking a queue would call it; the order is no longer among those left over.

    Raises
    ------
    StaleScheduleError
        When the schedule has changed since the search.
    """
    order = schedule.problem.order(found.order)
    name = free_visit_id(order.id, found.occurrence if order.series else None, schedule.appointments.__contains__)
    plan = Proposal(
        id=ProposalId(offer.appointment.id),
        title=f"Offer {offer.rank} for order {order.id}",
        version=found.version,
        added=(offer.appointment.model_copy(update={"id": name}),),
    )
    return accept(schedule, plan), name
