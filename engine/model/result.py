"""What a solve gives back: status, proof, stages, and the proposal that somebody may accept."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from engine.errors import StaleScheduleError, WrongArgumentError
from engine.model.appointment import BLOCKING, Appointment, GroupOccurrence
from engine.model.arguments import check_kind
from engine.model.base import Fact, Instant
from engine.model.explanation import Conflict, LeftOver, ScheduleDiff, ScoreBreakdown
from engine.model.ids import AppointmentId, ProposalId
from engine.model.order import OrderStatus
from engine.model.problem import Problem
from engine.model.schedule import Schedule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.model.template import Template

__all__ = [
    "Progress",
    "Proposal",
    "SlotOffer",
    "SolveResult",
    "SolveStatus",
    "StageResult",
    "accept",
    "check_acceptable",
]


class SolveStatus(StrEnum):
    """What a solve can say. A model that the solver refuses is a defect, and an error."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    NO_SOLUTION = "no solution within the limit"
    CANCELLED = "cancelled"


def _relative_gap(objective: float | None, bound: float | None) -> float | None:
    """(objective - bound) / |objective| of a minimisation; at an objective of 0 only a proof means anything."""
    if objective is None or bound is None:
        return None
    if bound >= objective:
        return 0.0
    return (objective - bound) / abs(objective) if objective else None


class Progress(Fact):
    """How far a solve is: seconds since its start, best objective and bound so far of the stage at work."""

    elapsed_s: float
    stage: str
    objective: float | None = None
    bound: float | None = None

    @property
    def gap(self) -> float | None:
        """Relative gap: 0 when proven, None while one of both is missing or where it has no meaning."""
        return _relative_gap(self.objective, self.bound)


class StageResult(Fact):
    """One lexicographic stage: its objective, proven bound, and time."""

    name: str
    status: SolveStatus
    objective: int | None = None
    bound: float | None = None
    runtime_s: float = 0.0

    @property
    def absolute_gap(self) -> float | None:
        """objective - bound."""
        return None if self.objective is None or self.bound is None else max(0.0, self.objective - self.bound)

    @property
    def gap(self) -> float | None:
        """Relative gap: 0 when proven, None while one of both is missing or where it has no meaning."""
        return _relative_gap(self.objective, self.bound)


class Proposal(Fact):
    """A set of placements and moves that nobody has accepted yet.

    Accepting it is all or nothing, and is refused when the schedule has moved on from `version`. `groups`: new group
    occurrences, in which visits that are added have seats. `changes_problem`:
    what happened changed more than visits (somebody is away, an order was withdrawn), so that the world as it is
    afterwards is accepted with it.
    """

    id: ProposalId
    title: str
    version: int
    removed: tuple[AppointmentId, ...] = ()
    added: tuple[Appointment, ...] = ()
    groups: tuple[GroupOccurrence, ...] = ()
    left_over: tuple[LeftOver, ...] = ()
    diff: ScheduleDiff = ScheduleDiff()
    breakdown: ScoreBreakdown = ScoreBreakdown()
    changes_problem: bool = False


class SlotOffer(Fact):
    """A slot that can be booked as it stands.

    `group`: of a group visit, the occurrence in which the appointment is a seat; one that the schedule does not have is
    new, and is booked with it.
    `cost` is in the policy's units; `reason` says in a sentence what speaks for or against it.
    """

    rank: int
    start: Instant
    end: Instant
    appointment: Appointment
    group: GroupOccurrence | None = None
    cost: int
    breakdown: ScoreBreakdown = ScoreBreakdown()
    reason: str = ""


@dataclass(frozen=True)
class SolveResult:
    """What a batch job gives back.

    Parameters
    ----------
    schedule
        The schedule as it would be; None where there is none.
    template
        Of template generation, the template.
    proposals
        Of rescheduling, the alternatives, best first; of booking, one.
    objective, bound
        Of the stages' sum; see `stages` for each.
    trace
        Progress in the order it was made.
    """

    status: SolveStatus
    schedule: Schedule | None = None
    template: Template | None = None
    proposals: tuple[Proposal, ...] = ()
    breakdown: ScoreBreakdown = field(default_factory=ScoreBreakdown)
    objective: int | None = None
    bound: float | None = None
    stages: tuple[StageResult, ...] = ()
    conflict: Conflict | None = None
    runtime_s: float = 0.0
    seed: int = 0
    workers: int = 1
    trace: tuple[Progress, ...] = ()
    versions: dict[str, str] = field(default_factory=dict)

    @property
    def gap(self) -> float | None:
        """Relative gap of the whole: 0 when proven, None while one of both is missing or where it has no meaning."""
        return _relative_gap(self.objective, self.bound)


def accept(schedule: Schedule, proposal: Proposal, problem: Problem | None = None) -> Schedule:
    """The schedule with a proposal carried out, whole.

    Orders that were left over before stay so with their reasons, as far as they are still wanted and the proposal
    neither books them nor names another reason.

    Parameters
    ----------
    problem
        The world afterwards, `SolveResult.schedule.problem`; needed where the proposal changes it.

    Raises
    ------
    WrongArgumentError
        When an argument is of a wrong kind, or the problem is missing, so that an absence, say, would be forgotten.
    StaleScheduleError
        When the schedule is of another version than the one the proposal was made on.
    """
    check_acceptable(schedule, proposal, problem)
    problem = problem or schedule.problem
    return schedule.changed(
        removed=proposal.removed,
        added=proposal.added,
        groups=(*schedule.groups, *proposal.groups),
        problem=problem,
        left_over=(*_still_left_over(schedule, proposal, problem), *proposal.left_over),
    )


def check_acceptable(schedule: Schedule, proposal: Proposal, problem: Problem | None = None) -> None:
    """Refuse a proposal that cannot be accepted on a schedule; parameters and errors are those of `accept`."""
    check_kind("schedule", schedule, Schedule)
    check_kind("proposal", proposal, Proposal)
    if problem is not None:
        check_kind("problem", problem, Problem)
    if schedule.version != proposal.version:
        raise StaleScheduleError(
            f"The proposal '{proposal.title}' was made on version {proposal.version} of the schedule, which is now at "
            f"{schedule.version}. Maybe make the proposal again."
        )
    if proposal.changes_problem and (problem is None or problem is schedule.problem):
        raise WrongArgumentError(
            f"The proposal '{proposal.title}' answers what changes more than visits, and the problem with that change "
            "was not given. Maybe accept(schedule, proposal, result.schedule.problem)."
        )


def _still_left_over(schedule: Schedule, proposal: Proposal, problem: Problem) -> Iterator[LeftOver]:
    told = {(left.order, left.occurrence, left.appointment) for left in proposal.left_over}
    booked = {(v.order, v.occurrence) for v in proposal.added if v.order is not None and v.status in BLOCKING}
    touched = {*proposal.removed, *(v.id for v in proposal.added)}
    for left in schedule.left_over:
        order = None if left.order is None else problem.order_by_id.get(left.order)
        is_wanted = left.order is None or (order is not None and order.status is OrderStatus.ACTIVE)
        is_settled = (left.order, left.occurrence) in booked or left.appointment in touched
        if is_wanted and not is_settled and (left.order, left.occurrence, left.appointment) not in told:
            yield left
