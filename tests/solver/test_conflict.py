from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ortools.sat.python.cp_model import CpModel

from engine.model.codes import ConstraintCode
from engine.model.result import SolveStatus
from engine.solver import conflict
from engine.solver.guards import Guards
from engine.solver.params import SolveParams
from engine.solver.run import Control, Outcome, run_cp

CODE = ConstraintCode.CAPACITY
PARAMS = SolveParams(time_limit_s=30, workers=1)


def find_conflict(*args: Any) -> Any:
    """What it finds, whose parts a test just reads: it fails where there is nothing."""
    return conflict.find_conflict(*args)


def bounds(*limits: tuple[str, int, int]):
    """One number, and rules on it: a name, at least, at most."""

    def build(model: CpModel, guards: Guards) -> None:
        number = model.new_int_var(0, 100, "number")
        for name, least, most in limits:
            guard = guards(CODE, name, f"{name}: from {least} to {most}.")
            model.add_linear_constraint(number, least, most).only_enforce_if(guard)

    return build


def test_the_two_that_cannot_hold_together_are_named_and_no_other():
    found = find_conflict(bounds(("low", 0, 10), ("wide", 0, 90), ("high", 11, 100), ("any", 5, 60)), PARAMS)
    assert found.is_minimal
    assert [part.subject for part in found.parts] == ["low", "high"]
    assert found.message == "These cannot all hold together: low: from 0 to 10. high: from 11 to 100."


def test_rules_that_touch_are_no_conflict():
    assert find_conflict(bounds(("low", 0, 10), ("high", 10, 100)), PARAMS) is None


def test_a_rule_that_is_impossible_alone_is_named_alone():
    found = find_conflict(bounds(("fine", 0, 10), ("impossible", 101, 200)), PARAMS)
    assert [part.subject for part in found.parts] == ["impossible"]
    assert found.message.startswith("This cannot hold: ")


def test_what_no_guard_relaxes_is_said_so():
    def build(model, guards):
        model.add_bool_or([])
        guards(CODE, "innocent", "Innocent.")

    found = find_conflict(build, PARAMS)
    assert (found.parts, found.is_minimal) == ((), True)
    assert "never relaxed" in found.message


def test_three_that_only_fail_together():
    def build(model, guards):
        a, b, c = (model.new_int_var(0, 1, name) for name in "abc")
        model.add(a + b == 1).only_enforce_if(guards(CODE, "ab", "a or b."))
        model.add(b + c == 1).only_enforce_if(guards(CODE, "bc", "b or c."))
        model.add(a + c == 1).only_enforce_if(guards(CODE, "ac", "a or c."))
        model.add(a + b + c <= 2).only_enforce_if(guards(CODE, "few", "Not all."))

    found = find_conflict(build, PARAMS)
    assert {part.subject for part in found.parts} == {"ab", "bc", "ac"}
    assert found.is_minimal


def answers(monkeypatch, **given: Outcome):
    """CP-SAT, but some of its answers, by number, are these. With "rest" every answer behind them is."""
    calls = iter(range(1000))
    last = max((int(n[1:]) for n in given if n != "rest"), default=-1)

    def answer(*args, **rest):
        number = next(calls)
        fixed = given.get(f"n{number}") or (given.get("rest") if number > last else None)
        return fixed or run_cp(*args, **rest)

    monkeypatch.setattr(conflict, "run_cp", answer)
    return calls


UNKNOWN = Outcome(SolveStatus.NO_SOLUTION, None, None, 0.0, 0.0)
LOW_WIDE_HIGH = bounds(("low", 0, 10), ("wide", 0, 90), ("high", 11, 100))


@pytest.mark.parametrize("core", [(2,), (1, 2), ()])
def test_a_wrong_core_is_found_out(monkeypatch, core):
    """The second solve is the one that names a core; 2 is the index of the guard of "wide"."""
    wrong = Outcome(SolveStatus.INFEASIBLE, None, None, 0.0, 0.0, core=core)
    answers(monkeypatch, n1=wrong)
    found = find_conflict(LOW_WIDE_HIGH, PARAMS)
    assert [part.subject for part in found.parts] == ["low", "high"]
    assert found.is_minimal


def test_without_a_core_everything_is_shrunk(monkeypatch):
    answers(monkeypatch, n1=UNKNOWN)
    found = find_conflict(LOW_WIDE_HIGH, PARAMS)
    assert [part.subject for part in found.parts] == ["low", "high"]
    assert found.is_minimal


@pytest.mark.parametrize("status", [SolveStatus.NO_SOLUTION, SolveStatus.CANCELLED])
def test_an_unknown_answer_is_never_a_conflict(monkeypatch, status):
    answers(monkeypatch, n0=Outcome(status, None, None, 0.0, 0.0))
    assert find_conflict(LOW_WIDE_HIGH, PARAMS) is None


def test_a_member_that_could_not_be_verified_stays_and_the_set_is_not_called_minimal(monkeypatch):
    """The last two solves would show that neither of the two can be left out."""
    seen = answers(monkeypatch)
    assert find_conflict(LOW_WIDE_HIGH, PARAMS).is_minimal
    count = next(seen)
    for number in (count - 1, count - 2):
        answers(monkeypatch, **{f"n{number}": UNKNOWN})
        found = find_conflict(LOW_WIDE_HIGH, PARAMS)
        assert not found.is_minimal
        assert [part.subject for part in found.parts] == ["low", "high"]


def test_a_cancelled_search_gives_what_it_has(monkeypatch):
    answers(monkeypatch, n1=UNKNOWN, rest=Outcome(SolveStatus.CANCELLED, None, None, 0.0, 0.0))
    found = find_conflict(LOW_WIDE_HIGH, PARAMS)
    assert {part.subject for part in found.parts} == {"low", "wide", "high"}
    assert not found.is_minimal


def test_a_search_that_is_cancelled_before_its_core_gives_everything(monkeypatch):
    asked: list[object] = []

    def counted(*args, **rest):
        asked.append(rest)
        return run_cp(*args, **rest)

    monkeypatch.setattr(conflict, "run_cp", counted)
    found = find_conflict(LOW_WIDE_HIGH, PARAMS, Control(is_cancelled=lambda: bool(asked)))
    assert found is None or not found.is_minimal


def test_rules_that_only_the_linear_program_sees_to_conflict():
    """Ten people want 11 of 20 turns each, at five chairs: too many only when all of it is added up."""

    def build(model, guards):
        rooms = [[model.new_bool_var(f"{p}-{r}") for r in range(20)] for p in range(10)]
        for p, row in enumerate(rooms):
            model.add(sum(row) >= 11).only_enforce_if(guards(CODE, f"person-{p}", "Wants 11."))
        for column in zip(*rooms, strict=True):
            model.add(sum(column) <= 5).only_enforce_if(guards(CODE, "chairs", "Five chairs."))

    found = find_conflict(build, PARAMS)
    assert found.is_minimal
    assert len(found.parts) == 11


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 3)), min_size=1, max_size=7).map(
        lambda pairs: [(f"rule-{i}", low, low + width) for i, (low, width) in enumerate(pairs)]
    )
)
def test_every_conflict_is_one_and_loses_no_member(limits):
    """Against brute force: intervals on a line conflict exactly when two of them do not meet."""
    found = find_conflict(bounds(*limits), PARAMS)
    pairs = [{a[0], b[0]} for a, b in combinations(limits, 2) if a[2] < b[1] or b[2] < a[1]]
    if found is None:
        assert not pairs
    else:
        assert found.is_minimal
        assert {part.subject for part in found.parts} in pairs
