"""Unfair: how unevenly an unpopular activity is shared among those with a contract for it."""

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

CODE = PenaltyCode.UNFAIR


def terms(model: CpModel, inst: Instance, v: Variables) -> Iterator[Cost]:
    """Per unpopular activity: the largest minus the smallest number of its sessions that anybody holds."""
    weight = inst.policy.weight(CODE)
    for index, activity in enumerate(inst.activities):
        sharing = [person for person in inst.people if index in person.contracts]
        if not activity.is_unpopular or len(sharing) < 2:
            continue
        held = [v.sessions(person.index, index) for person in sharing]
        most = max(len(sessions) for sessions in held)
        largest = model.new_int_var(0, most, f"largest/{activity.id}")
        smallest = model.new_int_var(0, most, f"smallest/{activity.id}")
        model.add(smallest <= largest)
        for sessions in held:
            model.add(smallest <= LinearExpr.sum(sessions))
            model.add(LinearExpr.sum(sessions) <= largest)
        yield Cost(CODE, (activity.id,), inst.repeats * (largest - smallest), weight)
