"""A candidate: a visit that could be booked as it stands, in ticks of the problem's grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.model.appointment import Appointment, AppointmentStatus, GroupOccurrence, PlacedStep, Reservation
from engine.model.ids import GroupId
from engine.model.timegrid import epoch_minute, from_epoch_minute

if TYPE_CHECKING:
    from datetime import datetime

    from engine.model.explanation import PenaltyTerm
    from engine.model.ids import AppointmentId, ResourceId, RoleId, SiteId
    from engine.model.order import Order
    from engine.model.problem import Problem
    from engine.model.service import Modality, RoleUse

__all__ = ["Candidate", "CandidateStep", "candidate_to_appointment", "candidate_to_group", "group_of"]


@dataclass(frozen=True, slots=True)
class CandidateStep:
    """A step at `[start, end)`.

    Parameters
    ----------
    step
        Its place in the service.
    uses
        (role, resource, first tick, stop, units, use) of each reservation, buffers included.
    """

    step: int
    start: int
    end: int
    site: SiteId
    modality: Modality
    uses: tuple[tuple[RoleId, ResourceId, int, int, int, RoleUse], ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A visit from the start of its first step to the end of its last.

    Parameters
    ----------
    cost
        The sum of its terms.
    terms
        Its soft costs; their subject is the order.
    group
        Of a group visit: the occurrence in which it is a seat; None where a new one is proposed.
    """

    cost: int
    terms: tuple[PenaltyTerm, ...]
    start: int
    end: int
    steps: tuple[CandidateStep, ...]
    group: GroupId | None = None


def candidate_to_appointment(
    problem: Problem, order: Order, candidate: Candidate, *, id: AppointmentId, now: datetime, occurrence: int = 0
) -> Appointment:
    """The appointment that books a candidate at `now`; of a group visit, the seat.

    Parameters
    ----------
    order
        The one that the candidate was found for.
    occurrence
        Of its series.
    """
    steps, group = _placed(problem, order, candidate), None
    if problem.service(order.service).group_size > 1:
        steps, group = tuple(s.model_copy(update={"reservations": ()}) for s in steps), group_of(candidate, id)
    return Appointment(
        id=id,
        patient=order.patient,
        service=order.service,
        order=order.id,
        occurrence=occurrence,
        priority=order.priority,
        patient_class=order.patient_class,
        status=AppointmentStatus.BOOKED,
        steps=steps,
        booked_at=from_epoch_minute(epoch_minute(now)),
        group=group,
    )


def candidate_to_group(
    problem: Problem, order: Order, candidate: Candidate, *, id: AppointmentId
) -> GroupOccurrence | None:
    """The group occurrence that is booked with a candidate; None where it is no group visit, or joins one.

    Parameters
    ----------
    id
        Of the appointment that books the candidate.
    """
    service = problem.service(order.service)
    if service.group_size == 1 or candidate.group is not None:
        return None
    return GroupOccurrence(
        id=group_of(candidate, id),
        service=service.id,
        seats=service.group_size,
        steps=_placed(problem, order, candidate),
    )


def group_of(candidate: Candidate, id: AppointmentId) -> GroupId:
    """The group occurrence of a candidate that an appointment of this id books; a new one is named after it."""
    return GroupId(f"group-{id}") if candidate.group is None else candidate.group


def _placed(problem: Problem, order: Order, candidate: Candidate) -> tuple[PlacedStep, ...]:
    """The steps of a candidate with all that it reserves."""
    grid, service = problem.grid, problem.service(order.service)
    return tuple(
        PlacedStep(
            step=service.steps[placed.step].id,
            start=grid.instant(placed.start),
            end=grid.instant(placed.end),
            site=placed.site,
            modality=placed.modality,
            reservations=tuple(
                Reservation(
                    role=role,
                    resource=resource,
                    start=grid.instant(first),
                    end=grid.instant(stop),
                    units=units,
                    use=use,
                )
                for role, resource, first, stop, units, use in placed.uses
            ),
        )
        for placed in candidate.steps
    )
