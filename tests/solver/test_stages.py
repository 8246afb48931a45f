from typing import Any

import pytest
from ortools.sat.python.cp_model import CpModel

from engine.errors import ModelBuildError
from engine.model.result import SolveStatus
from engine.solver import run, stages, warm_start
from engine.solver.outcome import Outcome
from engine.solver.params import SolveParams
from engine.solver.run import Control
from engine.solver.stages import Stage
from tests.solver.models import endless


def solve_stages(*args: Any, **rest: Any) -> Any:
    """Its outcome, whose optional parts a test just reads: it fails where they are missing."""
    return stages.solve_stages(*args, **rest)


def trade():
    """What is first costs 1 to save, what is second saves 100: a weighted sum would trade, stages must not."""
    model = CpModel()
    kept = model.new_bool_var("kept")
    first, second = 1 - kept, 100 * kept
    return model, kept, first, second


def test_what_comes_first_is_never_traded_for_what_comes_later():
    model, kept, first, second = trade()
    solved = solve_stages(model, [Stage("first", first), Stage("second", second)], SolveParams())
    assert solved.status is SolveStatus.OPTIMAL
    assert solved.best.boolean(kept)
    assert [(r.name, r.objective, r.bound) for r in solved.results] == [("first", 0, 0), ("second", 100, 100)]
    assert (solved.objective, solved.bound) == (100, 100)


def test_the_order_of_stages_matters():
    model, kept, first, second = trade()
    solved = solve_stages(model, [Stage("second", second), Stage("first", first)], SolveParams())
    assert not solved.best.boolean(kept)
    assert [r.objective for r in solved.results] == [0, 1]


def test_a_stage_that_begins_at_its_floor_is_not_solved():
    model = CpModel()
    a = model.new_int_var(0, 5, "a")
    ran = []
    solved = solve_stages(
        model,
        [Stage("first", a), Stage("again", 2 * a), Stage("never", 3 * a + 1, floor=1)],
        SolveParams(),
        Control(on_progress=lambda p: ran.append(p.stage)),
    )
    assert set(ran) <= {"first"}
    assert solved.status is SolveStatus.OPTIMAL
    assert [(r.objective, r.bound, r.runtime_s) for r in solved.results[1:]] == [(0, 0, 0), (1, 1, 0)]


def test_an_infeasible_model_ends_in_its_first_stage():
    model = CpModel()
    a = model.new_int_var(0, 5, "a")
    model.add(a >= 6)
    solved = solve_stages(model, [Stage("first", a), Stage("second", a)], SolveParams())
    assert solved.status is SolveStatus.INFEASIBLE
    assert (solved.best, solved.objective, solved.bound) == (None, None, None)
    assert [r.name for r in solved.results] == ["first"]


def packing(later: int = 1):
    """An endless stage, then easy ones."""
    model = endless()
    items = [model.get_bool_var_from_proto_index(i) for i in range(150)]
    value = 5_000 - sum((20 + i % 41) * item for i, item in enumerate(items))
    return model, [Stage("pack", value), *(Stage(f"few-{n}", sum(items)) for n in range(later))]


def test_a_stage_without_proof_is_held_to_what_it_reached_and_the_next_goes_on():
    model, plan = packing()
    solved = solve_stages(model, plan, SolveParams(time_limit_s=600, relative_gap=0.3))
    pack, few = solved.results
    assert solved.status is SolveStatus.FEASIBLE
    assert (pack.status, few.name) == (SolveStatus.FEASIBLE, "few-0")
    assert pack.bound < pack.objective
    assert solved.best.value(plan[0].objective) <= pack.objective
    assert solved.best.value(plan[1].objective) == few.objective


def test_stages_that_the_time_does_not_reach_are_evaluated_all_the_same():
    model, plan = packing(later=2)
    plan[0] = Stage("pack", plan[0].objective, share=1e9)
    solved = solve_stages(model, plan, SolveParams(time_limit_s=1))
    assert [r.status for r in solved.results] == [SolveStatus.FEASIBLE] * 3
    assert solved.results[2].objective == solved.best.value(plan[2].objective)
    assert solved.results[2].bound == 0
    assert solved.bound == sum(r.bound for r in solved.results)


def test_cancelling_keeps_the_solution_and_ends_the_later_stages():
    model, plan = packing(later=2)
    seen = []

    def follow(progress):
        if progress.objective is not None:
            seen.append(progress.stage)

    solved = solve_stages(
        model, plan, SolveParams(time_limit_s=600), Control(on_progress=follow, is_cancelled=lambda: bool(seen))
    )
    assert solved.status is SolveStatus.CANCELLED
    assert [r.status for r in solved.results] == [SolveStatus.CANCELLED] * 3
    assert [r.objective for r in solved.results] == [solved.best.value(s.objective) for s in plan]


def test_cancelling_between_stages_keeps_the_solution():
    model, _, first, second = trade()
    runs = []

    def follow(progress):
        runs.append(progress.stage)

    solved = solve_stages(
        model,
        [Stage("first", first), Stage("second", second)],
        SolveParams(),
        Control(on_progress=follow, is_cancelled=lambda: "second" in runs),
    )
    assert solved.results[0].status is SolveStatus.OPTIMAL
    assert solved.results[1].objective == 100


def test_a_solve_cancelled_beforehand_has_nothing():
    model, _, first, _ = trade()
    solved = solve_stages(model, [Stage("first", first)], SolveParams(), Control(is_cancelled=lambda: True))
    assert (solved.status, solved.best) == (SolveStatus.CANCELLED, None)


def test_deterministic_stages_give_the_same_answer():
    params = SolveParams(is_deterministic=True, deterministic_limit=0.3, workers=1)
    answers = []
    for _ in range(2):
        model, plan = packing()
        solved = solve_stages(model, plan, params)
        answers.append((solved.best.values(), [(r.objective, r.bound, r.status) for r in solved.results]))
    assert answers[0] == answers[1]


def test_after_a_solver_that_did_not_come_back_no_other_is_started(monkeypatch):
    model, plan = packing(later=2)
    run_cp = run.run_cp
    runs = []

    def left_behind(*args, **rest):
        runs.append(rest["stage"])
        outcome = run_cp(*args, **rest)
        return type(outcome)(
            outcome.status, outcome.objective, outcome.bound, 0.0, 0.0, is_left_behind=True, response=outcome.response
        )

    monkeypatch.setattr(stages, "run_cp", left_behind)
    solved = solve_stages(model, plan, SolveParams(time_limit_s=1))
    assert runs == ["pack"]
    assert len(solved.results) == 3
    assert solved.status is SolveStatus.FEASIBLE


def test_a_stage_that_contradicts_the_one_before_is_a_defect(monkeypatch):
    model, _, first, second = trade()
    hint = warm_start.hint_outcome

    def sabotage(model, outcome):
        hint(model, outcome)
        model.add_bool_or([])

    monkeypatch.setattr(stages, "hint_outcome", sabotage)
    with pytest.raises(ModelBuildError, match="Stage 'second' has no solution although"):
        solve_stages(model, [Stage("first", first), Stage("second", second)], SolveParams())


def answers(monkeypatch, *first):
    """CP-SAT, but its first answers are these; counts how often it was asked, and with which limits."""
    asked = []
    given = iter(first)

    def run_cp(model, params, *args, **rest):
        asked.append(params.time_limit_s)
        return next(given, None) or run.run_cp(model, params, *args, **rest)

    monkeypatch.setattr(stages, "run_cp", run_cp)
    return asked


UNKNOWN = Outcome(SolveStatus.NO_SOLUTION, None, 0.0, 0.0, 0.0)


def test_without_any_solution_all_the_time_is_for_the_first_stage(monkeypatch):
    model, _, first, second = trade()
    asked = answers(monkeypatch, UNKNOWN)
    solved = solve_stages(
        model, [Stage("first", first), Stage("second", second, share=9)], SolveParams(time_limit_s=60)
    )
    assert solved.status is SolveStatus.OPTIMAL
    assert asked[0] < 7 < 50 < asked[1]


def test_a_first_stage_that_finds_nothing_ends_it_all(monkeypatch):
    model, _, first, second = trade()
    asked = answers(monkeypatch, UNKNOWN, UNKNOWN)
    solved = solve_stages(model, [Stage("first", first), Stage("second", second)], SolveParams())
    assert (solved.status, solved.best, len(asked)) == (SolveStatus.NO_SOLUTION, None, 2)
    assert [(r.status, r.objective) for r in solved.results] == [(SolveStatus.NO_SOLUTION, None)]


def test_a_later_stage_that_finds_nothing_keeps_what_it_began_with(monkeypatch):
    model, _, first, second = trade()
    answers(monkeypatch, run.run_cp(model, SolveParams()), UNKNOWN)
    solved = solve_stages(model, [Stage("second", second - 200, floor=-200), Stage("first", first + 1)], SolveParams())
    later = solved.results[1]
    assert later.status is SolveStatus.FEASIBLE
    assert later.objective == solved.best.value(first + 1)
