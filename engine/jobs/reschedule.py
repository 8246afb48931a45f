"""Repair a schedule after something happened: a few plans that differ in kind, each readable as a list of calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.jobs.affected import left_hanging
from engine.jobs.answer import proposal, solve_result
from engine.jobs.backfill import fillings
from engine.jobs.disruption import disruption_of
from engine.jobs.leftover import why_left_out
from engine.model.appointment import AppointmentStatus
from engine.model.arguments import check_count, check_instant, check_kind, listed
from engine.model.codes import ConstraintCode
from engine.model.event import EventBase
from engine.model.result import SolveResult, SolveStatus
from engine.model.schedule import Schedule
from engine.search.occupancy import Occupancy
from engine.solver.budget import Budget
from engine.solver.interrupt import ctrl_c_cancels
from engine.solver.params import LOOKUPS_PER_UNIT, SolveParams
from engine.solver.placement.plan import PlanKind
from engine.solver.placement.solve import solve_placement
from engine.solver.placement.tasks import in_order, tasks_for_moves, tasks_for_orders
from engine.solver.run import NO_CONTROL, Control
from engine.solver.versions import versions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from engine.jobs.disruption import Disruption
    from engine.jobs.leftover import LeftOut
    from engine.model.appointment import Appointment
    from engine.model.event import Event
    from engine.model.explanation import LeftOver, ScheduleDiff
    from engine.model.result import Proposal
    from engine.solver.placement.solve import PlacementOutcome
    from engine.solver.placement.tasks import Task

__all__ = ["reschedule"]

_TITLES = {
    PlanKind.FEWEST_CALLS: "Fewest calls",
    PlanKind.SAME_PRACTITIONER: "Fewer changes of practitioner",
    PlanKind.SOONEST: "Sooner",
}
_NOT_FEWEST_CALLS, _MORE_PLACED = "Lowest cost", "More visits keep a place"
_CRITERIA: dict[PlanKind, tuple[Callable[[ScheduleDiff], int], int]] = {
    PlanKind.FEWEST_CALLS: (lambda diff: len(diff.calls), 1),
    PlanKind.SAME_PRACTITIONER: (lambda diff: diff.practitioner_changes, 1),
    PlanKind.SOONEST: (lambda diff: diff.later_min, 60),
}
"""What a kind of plan should have less of than others; and how much less is worth reading another list of calls for."""
_SHARES = {PlanKind.FEWEST_CALLS: 0.7, PlanKind.SAME_PRACTITIONER: 0.4, PlanKind.SOONEST: 0.7}
"""Of what is left of the budget when a kind's turn comes."""
_SHARE_ALONE = 0.9

_TAKEN = {
    ConstraintCode.CAPACITY,
    ConstraintCode.CHANGEOVER,
    ConstraintCode.ROLE_FILLED,
    ConstraintCode.SEGMENT_QUOTA,
    ConstraintCode.STAFF_TRAVEL,
}
"""Obstacles that another visit may be, so that moving one might help."""
_NOBODY_MOVED = "No other visit is moved for it. Maybe move or cancel one that can wait, then ask again."


def reschedule(
    schedule: Schedule,
    events: Iterable[Event],
    *,
    now: datetime,
    params: SolveParams = SolveParams(),
    control: Control = NO_CONTROL,
    fill_count: int = 3,
) -> SolveResult:
    """Propose what to do about events.

    Past, begun and pinned visits never move; where one of them is affected, `left_over` says so. Visits that are not
    affected stay as they are.

    Parameters
    ----------
    events
        Taken together, in their order.
    params
        The time limit is for all proposals together; the first plan is finished whatever the limit.
    control
        A cancelled job, also by Ctrl-C, gives the proposals so far, the best plan so far among them.
    fill_count
        Where time becomes free and nobody must be moved: so many proposals of whom to give it to.

    Returns
    -------
    SolveResult
        The first proposal costs least by the policy; it is the one that the bound is about and that the result's
        schedule has accepted. Each other one has fewer changes of practitioner than all before it, or delays visits
        less by an hour or more in all, or leaves less without a place. None when the events change nothing.

    Raises
    ------
    WrongArgumentError
        When an argument is of a wrong kind: a time without a zone, one event instead of a list.
    UnknownIdError
        When an event names something that is not there.
    UnsupportedRuleError
        For an event that cannot be answered yet.
    """
    check_kind("schedule", schedule, Schedule)
    check_instant("now", now)
    check_kind("params", params, SolveParams)
    check_kind("control", control, Control)
    check_count("fill_count", fill_count, 0)
    events = listed("events", events, EventBase, "an event")
    with ctrl_c_cancels(control) as stoppable:
        return _Repair(schedule, disruption_of(schedule, events, now=now), now, params, stoppable).result(fill_count)


@dataclass(frozen=True)
class _Plan:
    """A placement as a proposal, and the schedule with it."""

    kind: PlanKind
    proposal: Proposal
    changes: list[tuple[Appointment | None, Appointment | None]]
    outcome: PlacementOutcome
    planned: Schedule
    is_certain: bool


def _beats(plan: _Plan, other: _Plan) -> bool:
    """Whether a plan leaves less without a place, or as much and is better by what its kind is about."""
    mine, others = plan.proposal, other.proposal
    if len(mine.left_over) != len(others.left_over):
        return len(mine.left_over) < len(others.left_over)
    amount, least = _CRITERIA[plan.kind]
    return amount(mine.diff) + least <= amount(others.diff)


def _titled(plan: _Plan, plans: Sequence[_Plan]) -> Proposal:
    """A plan's proposal under its kind's name where that is true: of the first beside all, else beside those before."""
    amount, least = _CRITERIA[plan.kind]
    mine, title = amount(plan.proposal.diff), _TITLES[plan.kind]
    if plan is plans[0]:
        if any(amount(p.proposal.diff) < mine for p in plans):
            title = _NOT_FEWEST_CALLS
    elif any(amount(p.proposal.diff) < mine + least for p in plans[: plans.index(plan)]):
        title = _MORE_PLACED
    return plan.proposal.model_copy(update={"title": title})


class _Repair:
    def __init__(
        self, schedule: Schedule, disruption: Disruption, now: datetime, params: SolveParams, control: Control
    ) -> None:
        self.schedule, self.disruption, self.problem = schedule, disruption, disruption.problem
        self.now, self.params, self.control = now, params, control
        self.budget = Budget(params)
        # The schedule in the world after the events, before anybody has a new place.
        gone = [a.id for a in (*disruption.ended, *disruption.displaced) if a.id not in disruption.asked]
        self.base = schedule.changed(removed=gone, added=disruption.ended, problem=disruption.problem)
        self.moves = tasks_for_moves(
            self.problem, disruption.displaced, not_before=disruption.not_before, must_differ=disruption.asked
        )
        wanted = [self.problem.order(o) for o in disruption.wanted]
        self.tasks = self._sorted((*self.moves, *tasks_for_orders(self.base, wanted, now=now)))

    def result(self, fill_count: int) -> SolveResult:
        d = self.disruption
        if not (d.ended or d.displaced or d.wanted or d.stuck or d.freed):
            after = self.schedule if d.problem is self.schedule.problem else self.base
            return SolveResult(
                SolveStatus.OPTIMAL, after, objective=0, bound=0, seed=self.params.seed, versions=versions()
            )
        plans: list[_Plan] = []
        for kind in PlanKind if self.moves else (PlanKind.FEWEST_CALLS,):
            if plans and not self._goes_on():
                break
            plan = self._plan(kind, len(plans) + 1)
            # Half a plan is no alternative, and neither is one that does not do better what it is named for.
            if not plans or (plan.is_certain and all(_beats(plan, earlier) for earlier in plans)):
                plans.append(plan)
        proposals = [_titled(plan, plans) for plan in plans] if self.moves else [plans[0].proposal]
        if d.freed and not self.moves and self._goes_on():
            proposals += fillings(
                self.schedule,
                plans[0].planned,
                plans[0].proposal,
                plans[0].changes,
                d,
                now=self.now,
                count=fill_count,
                go_on=self._may_look_once_more,
            )
        return solve_result(
            self.schedule, self.problem, proposals, plans[0].outcome, self.params, runtime_s=self.budget.elapsed_s
        )

    def _goes_on(self) -> bool:
        return not (self.budget.is_spent or self.control.is_cancelled())

    def _may_look_once_more(self) -> bool:
        self.budget.spend_units(1 / LOOKUPS_PER_UNIT)
        return self._goes_on()

    def _sorted(self, tasks: Iterable[Task]) -> tuple[Task, ...]:
        """The most urgent first, moves before new orders; whoever may have to stay where they are before all others."""
        return in_order(sorted(tasks, key=lambda t: (not t.must_differ, t.order.priority.rank)))

    def _plan(self, kind: PlanKind, number: int) -> _Plan:
        outcome = solve_placement(
            self.problem,
            Occupancy.of(self.base, now=self.now),
            self.tasks,
            now=self.now,
            params=self.budget.part(_SHARES[kind] if self.moves else _SHARE_ALONE),
            control=self.control,
            kind=kind,
        )
        left_out = why_left_out(
            self.base, outcome, now=self.now, params=self.params, is_cancelled=self.control.is_cancelled
        )
        certain = [left.task for left in left_out if left.is_certain]
        lost = [t.visit for t in certain if t.visit is not None and t.staying is None]
        changes = self._changes(outcome, lost)
        planned = self.schedule.changed(
            removed=[before.id for before, _ in changes if before is not None],
            added=[after for _, after in changes if after is not None],
            problem=self.problem,
        )
        named = {left.appointment for left in self.disruption.stuck}
        hanging = left_hanging(self.schedule, planned, lost, now=self.now)
        made = proposal(
            self.schedule,
            self.problem,
            number=number,
            title=self._title(outcome),
            changes=changes,
            left_over=(
                *map(self._words, left_out),
                *(left for left in hanging if left.appointment not in named),
                *self.disruption.stuck,
            ),
            terms=outcome.terms,
            now=self.now,
            told=self.disruption.told,
            at_desk=self.disruption.at_desk,
        )
        return _Plan(kind, made, changes, outcome, planned, all(left.is_certain for left in left_out))

    def _words(self, left: LeftOut) -> LeftOver:
        """Of an order that found everything taken, also that nobody else is moved for it."""
        if left.task.visit is not None or left.words.code not in _TAKEN:
            return left.words
        return left.words.model_copy(update={"reason": f"{left.words.reason} {_NOBODY_MOVED}"})

    def _title(self, outcome: PlacementOutcome) -> str:
        if outcome.tasks:
            placed = sum(p is not None for p in outcome.places)
            return f"Book {placed} of {len(outcome.tasks)} visits"
        return "Leave the time free" if self.disruption.freed else "Nobody has to be moved"

    def _changes(
        self, outcome: PlacementOutcome, lost: Iterable[Appointment]
    ) -> list[tuple[Appointment | None, Appointment | None]]:
        changes: list[tuple[Appointment | None, Appointment | None]] = [
            (self.schedule.appointments.by_id(after.id), after) for after in self.disruption.ended
        ]
        for task, place in zip(outcome.tasks, outcome.places, strict=True):
            if place is not None and place.appointment != task.visit:
                before = None if task.visit is None else self.schedule.appointments.by_id(task.visit.id)
                changes.append((before, place.appointment))
        cancelled = {"status": AppointmentStatus.CANCELLED, "is_confirmed": False}
        changes += [(visit, visit.model_copy(update=cancelled)) for visit in lost]
        return changes
