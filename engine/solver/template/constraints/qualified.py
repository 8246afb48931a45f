"""Qualified: the owner can do the activity at the site, in rooms that it needs.

Sessions that are decided exist only where all of this is so (`variables`), and `rooms` sees to their rooms. What is
left for this module are the entries of today's template that stay as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.codes import ConstraintCode
from engine.solver.template.today import is_qualified

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpModel

    from engine.solver.guards import Guards
    from engine.solver.template.instance import Instance
    from engine.solver.template.variables import Variables

__all__ = ["CODE", "add"]

CODE = ConstraintCode.TEMPLATE_QUALIFIED


def add(model: CpModel, inst: Instance, v: Variables, guards: Guards) -> None:
    """Fixed entries whose owner, site or rooms are not what their activity asks for cannot be."""
    for use in v.fixed:
        if use.fixed is not None and use.activity is not None and not is_qualified(inst, use.fixed):
            entry = use.fixed.entry.id
            words = (
                f"The entry '{entry}' of today's template lacks the capability, site or rooms that "
                f"{inst.activities[use.activity].name} needs."
            )
            model.add(use.literal == 0).only_enforce_if(guards(CODE, entry, words))
