"""Pinned: entries of today's template that are pinned stay as they are, and so do those that nobody decides here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.codes import ConstraintCode

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpModel

    from engine.solver.guards import Guards
    from engine.solver.template.instance import Instance
    from engine.solver.template.variables import Variables

__all__ = ["CODE", "add"]

CODE = ConstraintCode.TEMPLATE_PINNED


def add(model: CpModel, inst: Instance, v: Variables, guards: Guards) -> None:
    """Fixed uses take place."""
    for use in v.fixed:
        if use.fixed is not None:
            entry = use.fixed.entry
            whose = "" if use.owner is None else f" of {inst.problem.resource(use.owner).name}"
            how = "is pinned" if entry.is_pinned else "is not planned anew"
            words = f"The entry '{entry.id}'{whose} in today's template {how}."
            model.add(use.literal == 1).only_enforce_if(guards(CODE, entry.id, words))
