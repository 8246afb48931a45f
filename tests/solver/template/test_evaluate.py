import pytest

from engine.errors import ModelBuildError
from engine.model.planning import Demand
from engine.solver.template.evaluate import evaluate
from engine.solver.template.instance import Held
from engine.solver.template.prepare import instance_of
from tests.solver.template.worlds import contract, world


def test_sessions_cost_what_they_leave_undone():
    inst = instance_of(world(contracts=(contract(clinic=(0, 2)),), demand=(Demand(activity="clinic", sessions=2),)))
    breakdown, sums = evaluate(inst, [Held(0, 0, 0, 0)])
    assert [(t.code, t.amount, t.cost) for t in breakdown.terms] == [("demand-short", 3, 300)]
    assert sums == {"demand 3": 300}
    assert evaluate(inst, [Held(0, 0, 0, 0), Held(0, 0, 0, 1)])[0].terms == ()


def test_sessions_that_break_a_rule_are_a_defect():
    inst = instance_of(world(contracts=(contract(clinic=(0, 1)),)))
    with pytest.raises(ModelBuildError, match="breaks its rules"):
        evaluate(inst, [Held(0, 0, 0, 0), Held(0, 0, 0, 1)])
