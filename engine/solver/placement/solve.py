"""Placement from end to end: an answer at once, a bound, a better answer guided by the bound, then improvement.

1. Insert every task at its cheapest place, in the order in which a careful clerk would book.
2. Solve the linear program over bins for what must be left out: a bound; and for the cheapest plan that leaves out no
   more than that: the guide.
3. Insert again, each task where the program has put it; keep the better of the two plans.
4. Where that leaves out more, solve the program for plans that leave out as much: the bound of the rest.
5. Improve by large-neighbourhood search until the limit, or until plan and bounds meet.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING

from engine.model.result import Progress, SolveStatus, StageResult
from engine.solver.placement.guide import Guide
from engine.solver.placement.improve import improve
from engine.solver.placement.place import plan_terms
from engine.solver.placement.plan import Plan, PlanKind
from engine.solver.run import NO_CONTROL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from engine.model.explanation import PenaltyTerm
    from engine.model.problem import Problem
    from engine.search.occupancy import Occupancy
    from engine.solver.params import SolveParams
    from engine.solver.placement.place import Place
    from engine.solver.placement.tasks import Task
    from engine.solver.run import Control

__all__ = ["LEFT_OUT", "WAITING", "PlacementOutcome", "solve_placement"]

LEFT_OUT = "left out"
WAITING = "waiting and wishes"

_GUIDE_SHARE = 0.2
"""Of the budget, for each of the linear programs."""
_ALONE_UNTIL = 0.4
"""Of the budget, after which no more tasks are looked at alone."""
_ROUNDS_PER_UNIT = 100
"""Improvement rounds that a unit of deterministic time buys; about what a second buys."""


@dataclass(frozen=True)
class PlacementOutcome:
    """What placement came to.

    Parameters
    ----------
    tasks, places
        What was to be placed, and where each now is; None: left out.
    refused
        Tasks, by position, that search cannot answer, and what it said.
    terms
        Every cost; they sum to the stages' objectives.
    stages
        What is left out, then waiting and wishes; the first is never traded for the second. The second's bound is for
        plans that leave out no more than this one.
    """

    tasks: tuple[Task, ...]
    places: tuple[Place | None, ...]
    refused: Mapping[int, str]
    terms: tuple[PenaltyTerm, ...]
    status: SolveStatus
    stages: tuple[StageResult, ...]
    trace: tuple[Progress, ...]
    runtime_s: float


def solve_placement(
    problem: Problem,
    occupancy: Occupancy,
    tasks: Sequence[Task],
    *,
    now: datetime,
    params: SolveParams,
    control: Control = NO_CONTROL,
    kind: PlanKind = PlanKind.FEWEST_CALLS,
) -> PlacementOutcome:
    """Find places for tasks.

    Parameters
    ----------
    occupancy
        Free time without the visits to be moved. It is booked into, and of no use to the caller afterwards.
    kind
        Only plans of the kind `FEWEST_CALLS` are guided, improved and bounded; the others are inserted once.

    Returns
    -------
    PlacementOutcome
        CANCELLED, also by Ctrl-C, with the best plan so far. The first plan is always finished, also when that takes
        longer than the time limit; the limit bounds the work on better ones. In deterministic mode the improvement
        rounds are counted, and the linear programs run to their end.
    """
    plan = Plan(problem, occupancy, tasks, now=now, kind=kind)
    return _Placement(plan, occupancy, params, control).run()


@dataclass
class _Best:
    """The best plan so far, apart from the free time, so that an interrupt cannot leave it half changed."""

    places: tuple[Place | None, ...]
    cost: tuple[int, int]
    bounds: list[int] = field(default_factory=lambda: [0, 0])


class _Placement:
    def __init__(self, plan: Plan, occupancy: Occupancy, params: SolveParams, control: Control) -> None:
        self.plan = plan
        self.occupancy = occupancy
        self.params, self.control = params, control
        self.started = perf_counter()
        self.rounds_left = int((params.deterministic_budget or 0) * _ROUNDS_PER_UNIT)
        self.trace: list[Progress] = []
        self.is_cancelled = False
        self._is_bounded = False  # in both stages
        self.best = _Best(tuple(self.plan.places), self.plan.cost)

    def run(self) -> PlacementOutcome:
        try:
            self._insert_all()
            if self.plan.kind is PlanKind.FEWEST_CALLS and self._goes_on():
                guide = self._guide()
                if self.best.cost[0] > 0:
                    self._bound(guide, 0)
                if self._goes_on():
                    self._aim(guide)
                    self._insert_all(guide)
                    if not self._is_bounded and self._goes_on():
                        self._bound(guide, 1)
                    improve(
                        self.plan,
                        seed=self.params.seed,
                        go_on=self._another_round,
                        on_better=self._keep_if_better,
                        hopeless=guide.hopeless,
                    )
                    self._insert_rest()
        except KeyboardInterrupt:
            self.is_cancelled = True
        return self._outcome()

    def _insert_all(self, guide: Guide | None = None) -> None:
        """Place all anew, keep the better plan, and go on from that."""
        self._remove_all()
        for t in range(len(self.plan)) if guide is None else guide.order():
            # The first plan is finished whatever the limit: half of one leaves out whoever comes last, for no reason.
            if self._is_stopped() or (guide is not None and not self._may_go_on()):
                break
            if guide is None or not any(self.plan.insert(t, window) for window in guide.windows(t)):
                self.plan.insert(t)
        self._keep_if_better()
        self.plan.restore(list(enumerate(self.best.places)))

    def _insert_rest(self) -> None:
        """What once found no place may have one now that others have moved."""
        for t in range(len(self.plan)):
            if self.plan.places[t] is None and self._may_go_on():
                self.plan.insert(t)
        self._keep_if_better()

    def _remove_all(self) -> None:
        for t in range(len(self.plan)):
            self.plan.remove(t)

    def _guide(self) -> Guide:
        """The guide, which looks at what is free before anything is placed."""
        self._remove_all()
        staying = [t.staying.id for t in self.plan.tasks if t.staying is not None]
        with self.occupancy.without(staying):
            return Guide(
                self.plan.problem, self.occupancy, self.plan.tasks, now=self.plan.now, go_on=self._may_ask_alone
            )

    def _may_ask_alone(self) -> bool:
        is_in_time = perf_counter() - self.started < self.params.solver_limit_s * _ALONE_UNTIL
        return is_in_time and not self._is_stopped()

    def _bound(self, guide: Guide, stage: int) -> None:
        self._note_bound(stage, self._solved(guide, None if stage == 0 else self.best.cost[0]))

    def _aim(self, guide: Guide) -> None:
        """Let the guide look for the cheapest of the plans that leave out least."""
        bound = self._solved(guide, self.best.bounds[0])
        if self.best.bounds[0] == self.best.cost[0]:  # the best plan is one of these
            self._note_bound(1, bound)

    def _note_bound(self, stage: int, bound: int) -> None:
        if bound <= self.best.cost[stage]:  # one above a plan would be a defect of ours, and proves nothing
            self.best.bounds[stage] = bound
            self._is_bounded = stage == 1
        self._report()

    def _solved(self, guide: Guide, left_out_limit: int | None) -> int:
        left_s = self.params.solver_limit_s - (perf_counter() - self.started)
        limit_s = min(left_s, self.params.time_limit_s * _GUIDE_SHARE)
        return guide.solve(
            left_out_limit=left_out_limit,
            refused=self.plan.refused,
            time_limit_s=math.inf if self.params.is_deterministic else limit_s,
            is_cancelled=self.control.is_cancelled,
        )

    def _keep_if_better(self) -> None:
        if self.plan.cost < self.best.cost or not self.trace:
            # Both bounds still hold: the second is for all plans that leave out no more than an earlier one did.
            self.best = _Best(tuple(self.plan.places), self.plan.cost, self.best.bounds)
            self._report()

    def _report(self) -> None:
        at_work = 0 if self.best.cost[0] > self.best.bounds[0] else 1
        progress = Progress(
            elapsed_s=perf_counter() - self.started,
            stage=(LEFT_OUT, WAITING)[at_work],
            objective=self.best.cost[at_work],
            bound=self.best.bounds[at_work],
        )
        self.trace.append(progress)
        if self.control.on_progress is not None:
            self.control.on_progress(progress)

    def _another_round(self) -> bool:
        if not self._goes_on():
            return False
        self.rounds_left -= 1
        return not self.params.is_deterministic or self.rounds_left >= 0

    def _goes_on(self) -> bool:
        return self._may_go_on() and not self._is_proven()

    def _is_stopped(self) -> bool:
        self.is_cancelled = self.is_cancelled or self.control.is_cancelled()
        return self.is_cancelled

    def _may_go_on(self) -> bool:
        return not self._is_stopped() and perf_counter() - self.started < self.params.solver_limit_s

    def _is_proven(self) -> bool:
        return list(self.best.cost) == self.best.bounds

    def _outcome(self) -> PlacementOutcome:
        best, runtime_s = self.best, perf_counter() - self.started
        left_out, rest = plan_terms(self.plan.problem, self.plan.tasks, best.places)
        stages = tuple(
            StageResult(
                name=name,
                status=SolveStatus.OPTIMAL if cost == bound else self._unproven(),
                objective=cost,
                bound=bound,
                runtime_s=runtime_s,
            )
            for name, cost, bound in zip((LEFT_OUT, WAITING), best.cost, best.bounds, strict=True)
        )
        return PlacementOutcome(
            tasks=self.plan.tasks,
            places=best.places,
            refused=dict(self.plan.refused),
            terms=left_out + rest,
            status=SolveStatus.OPTIMAL if self._is_proven() else self._unproven(),
            stages=stages,
            trace=tuple(self.trace),
            runtime_s=runtime_s,
        )

    def _unproven(self) -> SolveStatus:
        return SolveStatus.CANCELLED if self.is_cancelled else SolveStatus.FEASIBLE
