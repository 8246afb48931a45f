"""Double: nobody is in two sessions at once. Of rooms and theatres, see `rooms`."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from engine.model.codes import ConstraintCode

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpModel

    from engine.solver.guards import Guards
    from engine.solver.template.instance import Fixed, Instance
    from engine.solver.template.variables import Use, Variables

__all__ = ["CODE", "add"]

CODE = ConstraintCode.TEMPLATE_DOUBLE


def add(model: CpModel, inst: Instance, v: Variables, guards: Guards) -> None:
    """One clique per person and slot. Never relaxed: that nobody can be in two places needs no explanation."""
    fixed_of: dict[int, list[tuple[Use, Fixed]]] = {}
    for use in v.fixed:
        if use.fixed is not None and use.person is not None:
            fixed_of.setdefault(use.person, []).append((use, use.fixed))
    for person in inst.people:
        fixed = fixed_of.get(person.index, [])
        for slot in inst.slots:
            decided = [use.literal for use in v.by_slot.get((person.index, slot.index), ())]
            across = [[use.literal] for use, entry in fixed if entry.overlaps(slot, inst.cycle_min)]
            for one_of_today in (across or [[]]) if decided else ():
                model.add_at_most_one(decided + one_of_today)
        for (one, entry), (other, another) in combinations(fixed, 2):
            if entry.overlaps(another, inst.cycle_min):
                model.add_at_most_one(one.literal, other.literal)
