"""The job as its callers see it. What its rules and costs mean is tested with them, under tests/solver/template."""

import signal
import threading
from typing import Any

import pytest

from engine.check import check_template
from engine.errors import InvalidProblemError
from engine.jobs import generate_template as job
from engine.model.planning import Demand
from engine.model.result import SolveStatus
from engine.model.template import publish
from engine.solver.params import SolveParams
from engine.solver.run import Control
from tests import factories
from tests.solver.template.worlds import contract, planted, world

PARAMS = SolveParams(time_limit_s=60.0, workers=1)


def generate_template(*args: Any, **rest: Any) -> Any:
    """The job's answer, whose optional parts a test just reads: it fails where they are missing."""
    return job.generate_template(*args, **rest)


def test_an_answer_says_what_was_proven_and_how():
    problem, _ = planted(4, people=6, weeks=2)
    result = generate_template(problem, params=SolveParams(time_limit_s=60.0, workers=2, seed=9))
    report = check_template(problem, result.template)
    assert report.is_clean
    assert result.breakdown == report.breakdown
    assert result.status is SolveStatus.OPTIMAL
    assert result.objective == result.bound == report.breakdown.total
    assert result.gap == 0
    assert (result.seed, result.workers, result.conflict) == (9, 2, None)
    assert result.versions.keys() == {"slotwright", "ortools"}
    assert result.runtime_s > 0
    assert all(stage.objective == stage.bound for stage in result.stages)


def test_the_trace_is_what_was_reported_in_the_order_of_time():
    problem, _ = planted(4, people=6, weeks=2)
    seen, threads = [], set()

    def follow(progress):
        seen.append(progress)
        threads.add(threading.get_ident())

    result = generate_template(problem, params=PARAMS, control=Control(on_progress=follow))
    assert result.trace == tuple(seen)
    assert threads == {threading.get_ident()}
    assert [p.elapsed_s for p in seen] == sorted(p.elapsed_s for p in seen)
    assert set(dict.fromkeys(p.stage for p in seen)) <= {stage.name for stage in result.stages}


def test_rules_that_cannot_all_hold_are_an_answer():
    problem = world(
        contracts=(contract(clinic=(3, 5)), contract("dr-b", clinic=(3, 5))),
        resources=(
            factories.practitioner("dr-a"),
            factories.practitioner("dr-b"),
            factories.room("room-1", capabilities=("consulting",)),
        ),
    )
    result = generate_template(problem, params=PARAMS)
    assert result.status is SolveStatus.INFEASIBLE
    assert (result.template, result.objective, result.bound) == (None, None, None)
    assert result.conflict.is_minimal
    assert len(result.conflict.parts) == 3
    assert result.conflict.message.startswith("These cannot all hold together: ")


def test_without_a_brief_nothing_is_planned():
    with pytest.raises(InvalidProblemError, match="there is none, and a template is computed from it"):
        generate_template(factories.problem())


@pytest.mark.parametrize("workers", [1, 2])
def test_deterministic_mode_gives_the_same_template(workers):
    problem, _ = planted(11, people=8, weeks=2, slack=1)
    params = SolveParams(workers=workers, seed=5, is_deterministic=True, deterministic_limit=1.0)
    first, second = (generate_template(problem, params=params) for _ in range(2))
    assert first.template == second.template
    assert [(s.name, s.status, s.objective, s.bound) for s in first.stages] == [
        (s.name, s.status, s.objective, s.bound) for s in second.stages
    ]


def large():
    """A world whose later stages take a while."""
    problem, _ = planted(2, people=30, weeks=2, sites=3, rooms=8, activities=6, slack=3, other_sites=2, busy=0.95)
    return problem


def test_cancelling_gives_the_best_template_so_far():
    seen = []

    def follow(progress):
        if progress.objective is not None:
            seen.append(progress)

    problem = large()
    result = generate_template(
        problem, params=PARAMS, control=Control(on_progress=follow, is_cancelled=lambda: bool(seen))
    )
    assert result.status is SolveStatus.CANCELLED
    report = check_template(problem, result.template)
    assert report.is_clean
    assert result.breakdown == report.breakdown
    assert sum(stage.objective for stage in result.stages) == result.objective


def test_ctrl_c_gives_the_best_template_so_far():
    def interrupt(progress):
        if progress.objective is not None:
            signal.raise_signal(signal.SIGINT)

    problem = large()
    result = generate_template(problem, params=PARAMS, control=Control(on_progress=interrupt))
    assert result.status is SolveStatus.CANCELLED
    assert check_template(problem, result.template).is_clean


@pytest.mark.parametrize("moment", ["instance_of", "build", "solve_stages", "evaluate", "assign_rooms", "to_template"])
def test_ctrl_c_at_any_moment_gives_what_there_is(monkeypatch, moment):
    usual = getattr(job, moment)

    def interrupted(*args, **fields):
        signal.raise_signal(signal.SIGINT)
        return usual(*args, **fields)

    monkeypatch.setattr(job, moment, interrupted)
    problem, _ = planted(4, people=6, weeks=2)
    result = generate_template(problem, params=PARAMS)
    if moment in ("instance_of", "build", "solve_stages"):
        assert (result.status, result.template) == (SolveStatus.CANCELLED, None)
    else:
        assert result.status is SolveStatus.OPTIMAL
        assert check_template(problem, result.template).is_clean


def test_cancelling_before_there_is_anything_gives_nothing():
    result = generate_template(large(), params=PARAMS, control=Control(is_cancelled=lambda: True))
    assert (result.status, result.template, result.conflict) == (SolveStatus.CANCELLED, None, None)


def test_a_limit_that_is_too_short_is_no_conflict():
    result = generate_template(large(), params=SolveParams(time_limit_s=0.01, workers=1))
    assert result.conflict is None
    assert result.status in (SolveStatus.NO_SOLUTION, SolveStatus.FEASIBLE)


def test_what_could_not_be_explained_in_time_is_infeasible_all_the_same(monkeypatch):
    monkeypatch.setattr(job, "find_conflict", lambda build, params, control: None)
    result = generate_template(world(contracts=(contract(clinic=(5, 5)),)), params=PARAMS)
    assert (result.status, result.conflict) == (SolveStatus.INFEASIBLE, None)


def test_what_was_proposed_can_be_published():
    problem = world(contracts=(contract(clinic=(0, 3)),), demand=(Demand(activity="clinic", sessions=3),))
    template = generate_template(problem, params=PARAMS).template
    sessions, blocks = publish(template, factories.MONDAY, factories.MONDAY.replace(day=16))
    assert (len(sessions), len(blocks)) == (6, 0)
    assert problem.changed(sessions=sessions, templates=(template,)).sessions == sessions
