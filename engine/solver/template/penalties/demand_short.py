"""Demand short: sessions of an activity that are wanted in a cycle, and missing. Priority 1 is served first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ortools.sat.python.cp_model import LinearExpr

from engine.model.codes import PenaltyCode
from engine.solver.template.cost import Cost

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ortools.sat.python.cp_model import CpModel

    from engine.solver.template.instance import Instance
    from engine.solver.template.variables import Variables

__all__ = ["CODE", "terms"]

CODE = PenaltyCode.DEMAND_SHORT


def terms(model: CpModel, inst: Instance, v: Variables) -> Iterator[Cost]:
    """Per demand: sessions missing x (6 - priority)."""
    weight = inst.policy.weight(CODE)
    index_of = {activity.id: i for i, activity in enumerate(inst.activities)}
    for number, demand in enumerate(inst.brief.demand):
        held = [
            use.literal
            for use in v.by_activity.get(index_of[demand.activity], ())
            for _ in use.counts_in
            if demand.site is None or inst.sites[use.site] == demand.site
        ]
        missing = model.new_int_var(0, demand.sessions, f"missing/{number}")
        model.add(missing + LinearExpr.sum(held) >= demand.sessions)
        yield Cost(
            code=CODE,
            subjects=(demand.activity,) if demand.site is None else (demand.activity, demand.site),
            amount=inst.repeats * (6 - demand.priority) * missing,
            weight=weight,
            rank=demand.priority,
        )
