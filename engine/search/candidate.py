"""A candidate: a visit that could be booked as it stands, in ticks of the problem's grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.model.appointment import Appointment, AppointmentStatus, PlacedStep, Reservation
from engine.model.timegrid import epoch_minute, from_epoch_minute

if TYPE_CHECKING:
    from datetime import datetime

    from engine.model.explanation import PenaltyTerm
    from engine.model.ids import AppointmentId, ResourceId, RoleId, SiteId
    from engine.model.order import Order
    from engine.model.problem import Problem
    from engine.model.service import Modality, RoleUse

__all__ = ["Candidate", "CandidateStep", "candidate_to_appointment"]


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
    """

    cost: int
    terms: tuple[PenaltyTerm, ...]
    start: int
    end: int
    steps: tuple[CandidateStep, ...]


def candidate_to_appointment(
    problem: Problem, order: Order, candidate: Candidate, *, id: AppointmentId, now: datetime, occurrence: int = 0
) -> Appointment:
    """The appointment that books a candidate at `now`.

    Parameters
    ----------
    order
        The one that the candidate was found for.
    occurrence
        Of its series.
    """
    grid, service = problem.grid, problem.service(order.service)
    steps = tuple(
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
    )
