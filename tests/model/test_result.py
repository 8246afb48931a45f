from __future__ import annotations

import pytest

from engine.errors import StaleScheduleError, WrongArgumentError
from engine.model.explanation import LeftOver
from engine.model.result import Progress, Proposal, SolveResult, SolveStatus, StageResult, accept
from engine.model.schedule import Schedule
from tests.factories import appointment, order, problem

GAPS = [
    (100, 90, 0.1),
    (100, 100, 0.0),
    (100, 101, 0.0),
    (-100, -110, 0.1),
    (0, 0, 0.0),
    (0, -5, None),  # not proven, and no share of nothing
    (None, 5, None),
    (5, None, None),
]


@pytest.mark.parametrize(("objective", "bound", "gap"), GAPS)
def test_gaps(objective, bound, gap):
    progress = Progress(elapsed_s=1, stage="s", objective=objective, bound=bound)
    stage = StageResult(name="s", status=SolveStatus.FEASIBLE, objective=objective, bound=bound)
    result = SolveResult(SolveStatus.FEASIBLE, objective=objective, bound=bound)
    for found in (progress.gap, stage.gap, result.gap):
        assert found == (gap if gap is None else pytest.approx(gap))


def test_absolute_gaps():
    def gap(objective, bound):
        return StageResult(name="s", status=SolveStatus.FEASIBLE, objective=objective, bound=bound).absolute_gap

    assert (gap(0, -5.5), gap(5, 6), gap(5, None), gap(None, 5)) == (5.5, 0.0, None, None)


BEFORE = Schedule.of(problem(), [appointment("a"), appointment("b")])
PLAN = Proposal(
    id="p",
    title="Move a",
    version=0,
    removed=("a",),
    added=(appointment("a", start="10:00"),),
    left_over=(LeftOver(order="ord-1", reason="full"),),
)


def test_accepting_is_all_or_nothing():
    after = accept(BEFORE, PLAN)
    assert list(after.appointments) == [appointment("b"), appointment("a", start="10:00")]
    assert (after.version, after.left_over, after.problem) == (1, PLAN.left_over, BEFORE.problem)


def test_who_was_left_over_stays_so_unless_the_proposal_says_otherwise():
    orders = tuple(order(f"ord-{n}") for n in range(1, 6))
    old = [LeftOver(order=o.id, reason="was full") for o in orders]
    stuck = LeftOver(order="ord-4", appointment="c", reason="is pinned")
    before = Schedule.of(problem(orders=orders), [appointment("c", order="ord-4")], left_over=(*old, stuck))
    new = LeftOver(order="ord-1", reason="still full")
    plan = Proposal(
        id="p", title="p", version=0, removed=("c",), left_over=(new,),
        added=(appointment("b", order="ord-2"), appointment("c", order="ord-4", status="cancelled")),
    )  # fmt: skip
    withdrawn = before.problem.changed(orders=(*orders[:4], order("ord-5", status="revoked")))
    # The first has a new reason, the second a visit, the fourth lost its visit again, the fifth is not wanted any more.
    assert accept(before, plan, withdrawn).left_over == (old[2], old[3], new)
    assert accept(before, plan).left_over == (old[2], old[3], old[4], new)


def test_accepting_may_come_with_a_changed_problem():
    other = problem(name="other")
    assert accept(BEFORE, PLAN, other).problem == other


def test_a_change_of_the_world_is_never_dropped():
    plan = PLAN.model_copy(update={"changes_problem": True})
    other = problem(name="without dr-a")
    assert accept(BEFORE, plan, other).problem == other
    for given in ((), (None,), (BEFORE.problem,)):
        with pytest.raises(WrongArgumentError, match=r"'Move a' answers what changes more .*result.schedule.problem"):
            accept(BEFORE, plan, *given)


def test_what_is_no_proposal_is_not_accepted():
    with pytest.raises(WrongArgumentError, match="proposal: found a value of type SolveResult, expected a Proposal"):
        accept(BEFORE, SolveResult(SolveStatus.OPTIMAL, proposals=(PLAN,)))
    with pytest.raises(WrongArgumentError, match="schedule: found a value of type Problem, expected a Schedule"):
        accept(BEFORE.problem, PLAN)
    with pytest.raises(WrongArgumentError, match=r"problem: .*Schedule, expected a Problem. Maybe give its .problem."):
        accept(BEFORE, PLAN, BEFORE)


def test_a_proposal_goes_stale():
    with pytest.raises(StaleScheduleError, match="'Move a' was made on version 0 of the schedule, which is now at 1"):
        accept(accept(BEFORE, PLAN), PLAN)
