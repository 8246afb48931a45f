"""Unstable: sessions of today's template that are gone, and new ones that it has not, whatever their rooms."""

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

CODE = PenaltyCode.UNSTABLE


def terms(model: CpModel, inst: Instance, v: Variables) -> Iterator[Cost]:
    """One term. Each decided session costs what it differs from today, each of today's that is missing likewise."""
    if inst.template is None:
        return
    constant = inst.lost + sum(sum(counts) for counts in inst.today.values())
    literals, changes = [], []
    for use in v.decided:
        counts = inst.today.get(use.held, ()) if use.held is not None else ()
        with_it = sum(abs(1 - count) for count in counts) if counts else inst.repeats
        literals.append(use.literal)
        changes.append(with_it - sum(counts))
    amount = LinearExpr.weighted_sum(literals, changes) + constant
    yield Cost(CODE, (inst.template.id,), amount, inst.policy.weight(CODE))
