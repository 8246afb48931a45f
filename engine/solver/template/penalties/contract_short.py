"""Contract short: a practitioner holds fewer sessions of an activity than the contract wishes for."""

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

CODE = PenaltyCode.CONTRACT_SHORT


def terms(model: CpModel, inst: Instance, v: Variables) -> Iterator[Cost]:
    """Per contract with a wished number: sessions below it."""
    weight = inst.policy.weight(CODE)
    for person in inst.people:
        for activity, contract in person.contracts.items():
            if not contract.wished:
                continue
            below = model.new_int_var(0, contract.wished, f"below/{person.index}/{activity}")
            model.add(below + LinearExpr.sum(v.sessions(person.index, activity)) >= contract.wished)
            yield Cost(CODE, (person.resource.id, contract.activity), inst.repeats * below, weight)
