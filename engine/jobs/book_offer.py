"""Book an offer: the slot that the patient agreed to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.ids import ProposalId, free_group_id, free_visit_id
from engine.model.result import Proposal, accept

if TYPE_CHECKING:
    from engine.jobs.find_slots import FindResult
    from engine.model.ids import AppointmentId
    from engine.model.result import SlotOffer
    from engine.model.schedule import Schedule

__all__ = ["book_offer"]


def book_offer(schedule: Schedule, found: FindResult, offer: SlotOffer) -> tuple[Schedule, AppointmentId]:
    """The schedule with one of the offers that were found in it booked, and the id of the new visit.

    The visit is called as booking a queue would call it, and a group occurrence that is new after its first visit; the
    order is no longer among those left over.

    Raises
    ------
    StaleScheduleError
        When the schedule has changed since the search.
    """
    order = schedule.problem.order(found.order)
    name = free_visit_id(order.id, found.occurrence if order.series else None, schedule.appointments.__contains__)
    visit, group = offer.appointment.model_copy(update={"id": name}), offer.group
    groups = {g.id for g in schedule.groups}
    is_new = group is not None and group.id not in groups
    if group is not None and is_new:
        group = group.model_copy(update={"id": free_group_id(name, groups.__contains__)})
        visit = visit.model_copy(update={"group": group.id})
    plan = Proposal(
        id=ProposalId(offer.appointment.id),
        title=f"Offer {offer.rank} for order {order.id}",
        version=found.version,
        added=(visit,),
        groups=(group,) if group is not None and is_new else (),
    )
    return accept(schedule, plan), name
