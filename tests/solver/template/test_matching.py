from itertools import product

from hypothesis import given
from hypothesis import strategies as st
from ortools.sat.python.cp_model import CpModel

from engine.model.result import SolveStatus
from engine.solver.params import SolveParams
from engine.solver.run import run_cp
from engine.solver.template import matching
from engine.solver.template.matching import Need, add_matching, hall_sets

PARAMS = SolveParams(workers=1)
SETS = st.frozensets(st.integers(0, 3), max_size=3)


def test_needs_that_hang_together_make_unions_and_others_do_not():
    a, b, c = frozenset({1, 2}), frozenset({2, 3}), frozenset({4})
    assert hall_sets([a, b, c, a], 99) == [c, a, b, a | b]


def test_too_many_are_none():
    rings = [frozenset({i, (i + 1) % 12}) for i in range(12)]
    assert hall_sets(rings, 64) is None
    assert hall_sets(rings, 4096) is not None


def can_meet(needs: list[tuple[frozenset[int], int]], lanes: list[int]) -> bool:
    """By trying every way to give every unit of every need a resource."""
    units = [sorted(served_by) for served_by, count in needs for _ in range(count)]
    return any(all(given.count(r) <= lanes[r] for r in range(len(lanes))) for given in product(*units))


@given(
    st.lists(st.tuples(SETS, st.integers(1, 2)), min_size=1, max_size=4),
    st.lists(st.integers(1, 2), min_size=4, max_size=4),
    st.booleans(),
)
def test_needs_can_take_place_exactly_when_each_can_be_met(needs, lanes, is_flow):
    model = CpModel()
    literals = [model.new_bool_var(f"use-{i}") for i in range(len(needs))]
    grouped: dict[frozenset[int], list[int]] = {}
    for i, (served_by, _) in enumerate(needs):
        grouped.setdefault(served_by, []).append(i)
    before = matching._MOST_SETS
    matching._MOST_SETS = 0 if is_flow else 10_000
    try:
        add_matching(
            model,
            [
                Need(served_by, tuple(literals[i] for i in group), tuple(needs[i][1] for i in group))
                for served_by, group in grouped.items()
            ],
            dict(enumerate(lanes)),
            lambda resources: True,
            most_uses=len(needs),
        )
    finally:
        matching._MOST_SETS = before
    for literal in literals:
        model.add(literal == 1)
    is_solved = run_cp(model, PARAMS).status is SolveStatus.OPTIMAL
    assert is_solved == can_meet(needs, lanes)


def test_what_cannot_bind_is_left_out():
    model = CpModel()
    literals = tuple(model.new_bool_var(f"use-{i}") for i in range(5))
    add_matching(
        model, [Need(frozenset({0, 1}), literals, (1,) * 5)], {0: 1, 1: 1}, lambda resources: True, most_uses=2
    )
    assert len(model.proto.constraints) == 0
    add_matching(
        model, [Need(frozenset({0, 1}), literals, (1,) * 5)], {0: 1, 1: 1}, lambda resources: True, most_uses=3
    )
    assert len(model.proto.constraints) == 1
