from engine.model.planning import Contract, Demand, Wish
from engine.model.policy import Policy
from engine.solver.run import Control
from engine.solver.stages import solve_stages
from engine.solver.template.build import build, hint_today, objectives
from engine.solver.template.prepare import instance_of
from tests.solver.template.judged import PARAMS, generated
from tests.solver.template.worlds import at, contract, entry, planted, template, world


def everything(**fields):
    wanted = Contract(activity="clinic", minimum=0, maximum=4, wished=3)
    return world(
        today=template(entry("a")),
        contracts=(contract(clinic=wanted),),
        demand=(Demand(activity="clinic", sessions=9, priority=4), Demand(activity="clinic", sessions=1, priority=2)),
        wishes=(Wish(practitioner="dr-a", at=at("mon", "am"), kind="off"),),
        **fields,
    )


def names(problem):
    return [stage.name for stage in objectives(build(instance_of(problem)).costs)]


def test_stages_come_in_the_order_in_which_nothing_is_traded():
    assert names(everything()) == ["demand 2", "demand 4", "contracts", "wishes", "stability"]


def test_a_cost_without_weight_has_no_stage_and_is_reported_all_the_same():
    problem = everything(policy=Policy(weights={"demand-short": 0, "wish": 0}))
    assert names(problem) == ["contracts", "stability"]
    assert ("demand-short", 12, 0) in {(t.code, t.amount, t.weight) for t in generated(problem).breakdown.terms}


def test_without_any_cost_the_rules_are_all():
    problem = world(contracts=(contract(clinic=(1, 2)),))
    assert names(problem) == ["rules"]
    result = generated(problem)
    assert [(s.name, s.objective) for s in result.stages] == [("rules", 0)]


def test_the_next_stage_begins_from_the_solution_of_the_last():
    problem, _ = planted(3, people=6, weeks=2)
    inst = instance_of(problem)
    built = build(inst)
    lines: list[str] = []
    solve_stages(built.model, objectives(built.costs), PARAMS, Control(on_log=lines.append))
    log = "\n".join(lines)
    assert "The solution hint is complete and is feasible" in log
    assert "infeasible" not in log.replace("#Bound", "")


def test_the_first_stage_begins_from_today_s_template():
    inst = instance_of(planted(5, people=6, weeks=2)[0])
    built = build(inst)
    hint_today(built, inst)
    hinted = dict(zip(built.model.proto.solution_hint.vars, built.model.proto.solution_hint.values, strict=True))
    assert hinted == {use.literal.index: int(use.held in inst.today) for use in built.v.decided}
    assert 0 < sum(hinted.values()) < len(hinted)
