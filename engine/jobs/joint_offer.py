"""Offers of several visits, and their booking: all of them or none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from engine.model.explanation import ScoreBreakdown
from engine.model.ids import AppointmentId, OrderId, ProposalId, free_visit_id
from engine.model.result import Proposal, accept
from engine.search.habit import Habit

if TYPE_CHECKING:
    from datetime import datetime

    from engine.model.problem import Problem
    from engine.model.result import SlotOffer
    from engine.model.schedule import Schedule

__all__ = ["JointOffer", "book_joint_offer", "said_of"]


@dataclass(frozen=True, slots=True)
class JointOffer:
    """Visits that are offered together: the whole of a series, or all orders of a trip.

    Parameters
    ----------
    visits
        A slot for each, in the order of their starts. Each could be booked as it stands beside the others.
    cost
        The sum of theirs.
    reason
        In a sentence, what the visits have in common.
    is_proven
        Whether it was shown that nothing cheaper starts on the same day; False where visits that get in each other's
        way were too many to try everything.
    """

    rank: int
    visits: tuple[SlotOffer, ...]
    cost: int
    reason: str = ""
    is_proven: bool = True

    @property
    def start(self) -> datetime:
        """Of the first visit."""
        return self.visits[0].start

    @property
    def end(self) -> datetime:
        """Of the visit that ends last."""
        return max(v.end for v in self.visits)

    @property
    def breakdown(self) -> ScoreBreakdown:
        """The costs of all visits; they sum to the cost."""
        return ScoreBreakdown(terms=tuple(t for v in self.visits for t in v.breakdown.terms))


class _Found(Protocol):
    """What a search for several visits gives."""

    @property
    def version(self) -> int: ...


def book_joint_offer(
    schedule: Schedule, found: _Found, offer: JointOffer
) -> tuple[Schedule, tuple[AppointmentId, ...]]:
    """The schedule with all visits of an offer booked, and their ids in the order of the offer's visits.

    Each visit is called as booking a queue would call it; its order is no longer among those left over.

    Parameters
    ----------
    found
        The result that the offer is from.

    Raises
    ------
    StaleScheduleError
        When the schedule has changed since the search; nothing is booked then.
    """
    problem, names = schedule.problem, list[AppointmentId]()
    for visit in (slot.appointment for slot in offer.visits):
        is_one_of_many = visit.order is not None and bool(problem.order(visit.order).series)
        occurrence = visit.occurrence if is_one_of_many else None
        names.append(
            free_visit_id(visit.order or OrderId(""), occurrence, schedule.appointments.row_by_id.__contains__)
        )
    made = (s.appointment.model_copy(update={"id": n}) for s, n in zip(offer.visits, names, strict=True))
    plan = Proposal(
        id=ProposalId(offer.visits[0].appointment.id),
        title=f"Offer {offer.rank}, {len(names)} visits",
        version=found.version,
        added=tuple(made),
    )
    return accept(schedule, plan), tuple(names)


def said_of(problem: Problem, visits: tuple[SlotOffer, ...]) -> str:
    """What the visits of a series have in common, in a sentence."""
    habits = [Habit.of_appointment(problem, v.appointment) for v in visits]
    times = {(h.minute, h.zone) for h in habits}
    leads = {h.lead for h in habits if h.lead is not None}
    minute = habits[0].minute
    when = f"always at {minute // 60:02}:{minute % 60:02}" if len(times) == 1 else f"at {len(times)} times of day"
    if not leads:
        return f"{when.capitalize()}."
    who = problem.resource(leads.pop()).name if len(leads) == 1 else f"{len(leads)} people"
    return f"{when.capitalize()}, with {who}."
