"""Warm starts: telling CP-SAT where an earlier solution was."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ortools.sat.python.cp_model import CpModel, IntVar

    from engine.solver.run import Outcome

__all__ = ["hint_outcome", "hint_values"]


def hint_values(model: CpModel, values: Iterable[tuple[IntVar, int]]) -> None:
    """Replace the model's hint. Variables that are not named are left to the solver."""
    model.clear_hints()  # type: ignore[no-untyped-call]
    for variable, value in values:
        model.add_hint(variable, value)


def hint_outcome(model: CpModel, outcome: Outcome) -> None:
    """Hint the whole solution of an earlier solve of the same model, constraints added since or not."""
    hint_values(model, ((model.get_int_var_from_proto_index(i), value) for i, value in enumerate(outcome.values())))
