import signal
import threading

import pytest
from ortools.sat.python.cp_model import CpModel, CpSolver

from engine.errors import EngineError, ModelBuildError
from engine.model.result import SolveStatus
from engine.solver import run
from engine.solver.params import SolveParams
from engine.solver.run import Control, run_cp
from tests.solver.models import endless

LONG = SolveParams(time_limit_s=600)
"""Far above what a test may take: what ends such a solve is not its limit."""


def small() -> CpModel:
    """Minimise a + 2b where a + b = 3; a is at most 2."""
    model = CpModel()
    a, b = model.new_int_var(0, 2, "a"), model.new_int_var(0, 9, "b")
    model.add(a + b == 3)
    model.minimize(a + 2 * b)
    return model


def is_open(outcome) -> bool:
    """Whether there is something between bound and objective."""
    return bool(outcome.bound < outcome.objective)


def once_solved() -> Control:
    """Cancels as soon as there is a solution."""
    seen: list[float] = []

    def follow(progress):
        if progress.objective is not None:
            seen.append(progress.objective)

    return Control(on_progress=follow, is_cancelled=lambda: bool(seen))


def test_a_solved_model_gives_its_values():
    model = small()
    outcome = run_cp(model, SolveParams())
    assert outcome.status is SolveStatus.OPTIMAL
    assert (outcome.objective, outcome.bound) == (4, 4)
    assert outcome.values() == [2, 1]
    a = model.get_int_var_from_proto_index(0)
    assert outcome.value(a + 10) == 12
    assert outcome.core == ()


def test_a_literal_is_read_either_way():
    model = CpModel()
    flag = model.new_bool_var("flag")
    model.add(flag == 1)
    outcome = run_cp(model, SolveParams())
    assert outcome.boolean(flag)
    assert not outcome.boolean(~flag)


def test_without_an_objective_both_sides_are_zero_and_nothing_is_reported():
    model = CpModel()
    model.new_bool_var("a")
    outcome = run_cp(model, SolveParams())
    assert (outcome.status, outcome.objective, outcome.bound, outcome.trace) == (SolveStatus.OPTIMAL, 0, 0, ())


def test_a_contradiction_is_infeasible_and_has_no_values():
    model = small()
    model.add(model.get_int_var_from_proto_index(1) == 0)
    outcome = run_cp(model, SolveParams())
    assert outcome.status is SolveStatus.INFEASIBLE
    assert not outcome.has_solution
    assert (outcome.objective, outcome.bound) == (None, None)
    with pytest.raises(EngineError, match="no solution to read; the solve ended with 'infeasible'"):
        outcome.values()


def test_assumptions_that_cannot_hold_are_named():
    model = CpModel()
    a, b, other = (model.new_bool_var(name) for name in ("a", "b", "other"))
    model.add(a + b <= 1)
    model.add_assumptions([a, b, other])
    outcome = run_cp(model, SolveParams())
    assert outcome.status is SolveStatus.INFEASIBLE
    assert set(outcome.core) == {a.index, b.index}


def test_a_model_that_is_refused_is_a_defect_of_ours():
    model = CpModel()
    model.new_int_var(0, 2**62, "huge")
    with pytest.raises(ModelBuildError, match=r"stage 'first': var #0 domain.*please report it"):
        run_cp(model, SolveParams(), stage="first")


def test_a_limit_ends_with_the_best_and_its_bound():
    outcome = run_cp(endless(), SolveParams(time_limit_s=1))
    assert outcome.status is SolveStatus.FEASIBLE
    assert is_open(outcome)


def test_a_solution_within_the_gap_is_not_called_optimal():
    outcome = run_cp(endless(), SolveParams(time_limit_s=600, relative_gap=0.5))
    assert outcome.status is SolveStatus.FEASIBLE
    assert is_open(outcome)


def test_a_limit_before_any_solution_is_no_contradiction():
    model = CpModel()  # pigeons, more than holes: long to refute, impossible to satisfy
    places = [[model.new_int_var(0, 1, f"{p}-{h}") for h in range(40)] for p in range(41)]
    for row in places:
        model.add(sum((2 * i + 3) * cell for i, cell in enumerate(row)) == 41)
    for hole in zip(*places, strict=True):
        model.add(sum(hole) <= 1)
    outcome = run_cp(model, SolveParams(time_limit_s=0.01))
    assert outcome.status in (SolveStatus.NO_SOLUTION, SolveStatus.INFEASIBLE)
    assert not outcome.has_solution


def test_progress_is_reported_in_the_callers_thread_and_kept():
    seen, threads = [], set()

    def follow(progress):
        seen.append(progress)
        threads.add(threading.get_ident())

    outcome = run_cp(endless(), SolveParams(time_limit_s=1), Control(on_progress=follow), stage="pack")
    assert threads == {threading.get_ident()}
    assert outcome.trace == tuple(seen)
    assert {p.stage for p in seen} == {"pack"}
    objectives = [p.objective for p in seen if p.objective is not None]
    bounds = [p.bound for p in seen if p.bound is not None]
    assert objectives == sorted(objectives, reverse=True)
    assert bounds == sorted(bounds)
    assert len(set(bounds)) > 1, "the bound moves while the objective stays"
    assert objectives[-1] == outcome.objective
    assert bounds[-1] <= (outcome.bound or 0)
    assert [p.elapsed_s for p in seen] == sorted(p.elapsed_s for p in seen)


def test_the_log_is_there_on_request():
    lines: list[str] = []
    run_cp(small(), SolveParams(workers=1), Control(on_log=lines.append))
    assert "status: OPTIMAL" in "\n".join(lines)


def test_a_cancelled_solve_gives_the_best_so_far():
    outcome = run_cp(endless(), LONG, once_solved())
    assert outcome.status is SolveStatus.CANCELLED
    assert outcome.has_solution


def test_a_solve_that_is_cancelled_beforehand_does_not_begin():
    outcome = run_cp(small(), LONG, Control(is_cancelled=lambda: True))
    assert outcome.status is SolveStatus.CANCELLED
    assert not outcome.has_solution
    assert outcome.runtime_s == 0


def test_ctrl_c_gives_the_best_so_far():
    def interrupt(progress):
        if progress.objective is not None:
            signal.raise_signal(signal.SIGINT)

    outcome = run_cp(endless(), LONG, Control(on_progress=interrupt))
    assert outcome.status is SolveStatus.CANCELLED
    assert outcome.has_solution


def test_what_a_callback_raises_stops_the_solve_and_comes_through():
    def fail(progress):
        raise LookupError("the terminal is gone")

    with pytest.raises(LookupError, match="the terminal is gone"):
        run_cp(endless(), LONG, Control(on_progress=fail))


def test_what_the_solver_raises_comes_through(monkeypatch):
    def fail(solver, model, callback):
        raise MemoryError("no memory for the model")

    monkeypatch.setattr(CpSolver, "solve", fail)
    with pytest.raises(MemoryError, match="no memory"):
        run_cp(small(), LONG)


def test_the_outside_limit_stops_a_solver_that_does_not_keep_its_own(monkeypatch):
    monkeypatch.setattr(SolveParams, "outside_limit_s", 1.0)
    outcome = run_cp(endless(), LONG)
    assert outcome.status is SolveStatus.FEASIBLE
    assert not outcome.is_left_behind


@pytest.mark.parametrize(
    ("control", "status"), [(Control(), SolveStatus.FEASIBLE), (once_solved(), SolveStatus.CANCELLED)]
)
def test_a_solver_that_does_not_come_back_is_left_behind(monkeypatch, control, status):
    release = threading.Event()
    solve = CpSolver.solve

    def never_back(solver, model, callback):
        solve(solver, model, callback)
        release.wait()

    monkeypatch.setattr(CpSolver, "solve", never_back)
    monkeypatch.setattr(SolveParams, "outside_limit_s", 1.0)
    monkeypatch.setattr(run, "GRACE_S", 0.1)
    try:
        outcome = run_cp(small(), LONG, control)
    finally:
        release.set()
    assert outcome.is_left_behind
    assert outcome.status is status
    assert outcome.values() == [2, 1]


def test_a_solver_that_does_not_come_back_may_have_nothing(monkeypatch):
    release = threading.Event()
    monkeypatch.setattr(CpSolver, "solve", lambda solver, model, callback: release.wait())
    monkeypatch.setattr(SolveParams, "outside_limit_s", 0.1)
    monkeypatch.setattr(run, "GRACE_S", 0.1)
    try:
        outcome = run_cp(small(), LONG)
    finally:
        release.set()
    assert (outcome.status, outcome.has_solution) == (SolveStatus.NO_SOLUTION, False)


@pytest.mark.parametrize("workers", [1, 2])
def test_deterministic_mode_gives_the_same_answer(workers):
    params = SolveParams(time_limit_s=60, workers=workers, seed=3, is_deterministic=True, deterministic_limit=0.2)
    first, second = run_cp(endless(), params), run_cp(endless(), params)
    assert first.status is SolveStatus.FEASIBLE
    assert first.values() == second.values()
    assert (first.objective, first.bound) == (second.objective, second.bound)
    assert first.deterministic_time == second.deterministic_time
