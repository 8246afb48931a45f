"""A soft cost in the model: what `PenaltyTerm` is in an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import LinearExprT

    from engine.model.codes import PenaltyCode

__all__ = ["Cost"]


@dataclass(frozen=True, slots=True)
class Cost:
    """An integer expression that is never negative, at `weight` per unit.

    Parameters
    ----------
    amount
        No less than the term's true amount, and equal to it where the expression is minimised.
    rank
        Within its code: lower ranks are minimised in an earlier stage.
    """

    code: PenaltyCode
    subjects: tuple[str, ...]
    amount: LinearExprT
    weight: int
    rank: int = 0
