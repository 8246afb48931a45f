"""Wish: what a practitioner would like, slot by slot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ortools.sat.python.cp_model import LinearExpr

from engine.model.codes import PenaltyCode
from engine.model.planning import WishKind
from engine.solver.template.cost import Cost

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ortools.sat.python.cp_model import CpModel, LinearExprT

    from engine.model.planning import Wish
    from engine.solver.template.instance import Instance
    from engine.solver.template.variables import Use, Variables

__all__ = ["CODE", "terms"]

CODE = PenaltyCode.WISH


def terms(model: CpModel, inst: Instance, v: Variables) -> Iterator[Cost]:
    """Per wish: its strength for each slot with a session that should not be, or without one that should."""
    weight = inst.policy.weight(CODE)
    for wish in inst.brief.wishes:
        refused: list[LinearExprT] = []
        for slot in inst.referred(wish.at):
            held = _held([use for use in v.standing.get(slot, ()) if _is_meant(inst, wish, use, slot)])
            refused.append(held if wish.kind is WishKind.OFF else 1 - held)
        amount = inst.repeats * wish.strength * LinearExpr.sum(refused)
        yield Cost(CODE, (wish.practitioner,), amount, weight)


def _is_meant(inst: Instance, wish: Wish, use: Use, slot: int) -> bool:
    if use.owner != wish.practitioner or slot not in use.counts_in:
        return False
    return wish.activity is None or (use.activity is not None and inst.activities[use.activity].id == wish.activity)


def _held(uses: list[Use]) -> LinearExprT:
    """Whether any of the uses of one person in one slot takes place; two are only possible where both are fixed."""
    fixed = [use.literal for use in uses if use.fixed is not None]
    decided = [use.literal for use in uses if use.fixed is None]
    return LinearExpr.sum(decided + fixed[:1])
