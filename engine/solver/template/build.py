"""The template's model: variables, rules, costs, and the stages in which the costs are minimised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ortools.sat.python.cp_model import CpModel, LinearExpr

from engine.model.codes import PenaltyCode
from engine.solver.guards import Guards
from engine.solver.stages import Stage
from engine.solver.template.constraints import CONSTRAINTS
from engine.solver.template.penalties import PENALTIES
from engine.solver.template.variables import Variables
from engine.solver.warm_start import hint_values

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.solver.template.cost import Cost
    from engine.solver.template.instance import Instance

    Rule = Callable[[CpModel, Instance, Variables, Guards], None]

__all__ = ["TemplateModel", "add_rules", "build", "hint_today", "objectives", "stages_of"]

_NAMES = {
    PenaltyCode.DEMAND_SHORT: "demand",
    PenaltyCode.CONTRACT_SHORT: "contracts",
    PenaltyCode.UNFAIR: "fairness",
    PenaltyCode.WISH: "wishes",
    PenaltyCode.UNSTABLE: "stability",
}


@dataclass(frozen=True, slots=True)
class TemplateModel:
    """A model that is ready to be solved."""

    model: CpModel
    v: Variables
    costs: tuple[Cost, ...]


def build(inst: Instance, rules: Sequence[Rule] = CONSTRAINTS) -> TemplateModel:
    """The model of an instance. `rules` in any order."""
    model = CpModel()
    v = Variables(model, inst)
    guards = Guards()
    for rule in rules:
        rule(model, inst, v, guards)
    costs = tuple(cost for terms in PENALTIES for cost in terms(model, inst, v))
    return TemplateModel(model, v, costs)


def add_rules(model: CpModel, inst: Instance, guards: Guards, rules: Sequence[Rule] = CONSTRAINTS) -> None:
    """Variables and guarded rules alone, for finding out which of the rules cannot hold together."""
    v = Variables(model, inst, is_explaining=True)
    for rule in rules:
        rule(model, inst, v, guards)


def stages_of(costs: Sequence[Cost]) -> dict[str, list[Cost]]:
    """Costs by stage: demand by its priority, contracts, fairness, wishes, stability; those without weight left out."""
    codes = list(_NAMES)

    def place(cost: Cost) -> tuple[int, int]:
        return codes.index(cost.code), cost.rank

    found: dict[str, list[Cost]] = {}
    for cost in sorted((c for c in costs if c.weight), key=place):
        name = _NAMES[cost.code]
        found.setdefault(f"{name} {cost.rank}" if cost.rank else name, []).append(cost)
    return found


def objectives(costs: Sequence[Cost]) -> list[Stage]:
    """What is minimised, stage by stage. Without any cost, that the rules hold is all."""
    stages = [
        Stage(
            name=name,
            objective=LinearExpr.weighted_sum([c.amount for c in members], [c.weight for c in members]),
        )
        for name, members in stages_of(costs).items()
    ]
    return stages or [Stage(name="rules", objective=0)]


def hint_today(built: TemplateModel, inst: Instance) -> None:
    """Start from today's template: what can stay, stays."""
    hint_values(built.model, ((use.literal, int(use.held in inst.today)) for use in built.v.decided))
