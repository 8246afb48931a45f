"""Available: no session in a period in which its owner cannot be there, or for a fixed entry one of its rooms.

Where a model is built to be solved, sessions of people who are away do not exist in the first place. Rooms that
cannot be used are taken out in `rooms`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.codes import ConstraintCode
from engine.solver.template.instance import rooms_of

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpModel

    from engine.solver.guards import Guards
    from engine.solver.template.instance import Instance
    from engine.solver.template.variables import Variables

__all__ = ["CODE", "add"]

CODE = ConstraintCode.TEMPLATE_AVAILABLE


def add(model: CpModel, inst: Instance, v: Variables, guards: Guards) -> None:
    """Sessions that cannot be, are not."""
    for use in v.uses:
        owner = () if use.owner is None else (use.owner,)
        for resource in (*owner, *(() if use.fixed is None else rooms_of(use.fixed.entry))):
            if any(inst.is_unavailable(resource, slot) for slot in use.stands_in):
                away = sorted(inst.unavailable[resource])
                words = f"{inst.problem.resource(resource).name} is not available on {inst.slot_names(away)}."
                model.add(use.literal == 0).only_enforce_if(guards(CODE, resource, words))
