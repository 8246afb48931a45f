from ortools.sat.python.cp_model import CpModel

from engine.solver.params import SolveParams
from engine.solver.run import Control, run_cp
from engine.solver.warm_start import hint_outcome, hint_values


def rows() -> CpModel:
    model = CpModel()
    cells = [[model.new_bool_var(f"{r}-{c}") for c in range(6)] for r in range(6)]
    for row in cells:
        model.add_exactly_one(row)
    for column in zip(*cells, strict=True):
        model.add_exactly_one(column)
    model.minimize(sum((r * 7 + c * 5) % 11 * cells[r][c] for r in range(6) for c in range(6)))
    return model


def log_of(model: CpModel) -> str:
    lines: list[str] = []
    run_cp(model, SolveParams(workers=1), Control(on_log=lines.append))
    return "\n".join(lines)


def test_the_solver_takes_an_earlier_solution():
    model = rows()
    assert "hint is complete" not in log_of(model)
    hint_outcome(model, run_cp(model, SolveParams()))
    assert "The solution hint is complete and is feasible" in log_of(model)


def test_the_solver_says_when_the_hint_is_wrong():
    model = rows()
    hint_outcome(model, run_cp(model, SolveParams()))
    earlier = dict(enumerate(run_cp(model, SolveParams()).values()))
    hint_values(model, [(model.get_bool_var_from_proto_index(i), 1 - value) for i, value in earlier.items()])
    log = log_of(model)
    assert "hint is complete, but it is infeasible" in log


def test_a_hint_replaces_the_one_before():
    model = rows()
    first, second = (model.get_bool_var_from_proto_index(i) for i in (0, 1))
    hint_values(model, [(first, 1), (second, 0)])
    hint_values(model, [(second, 1)])
    assert list(model.proto.solution_hint.vars) == [1]
