"""Cover: enough practitioners of a specialty, or at an activity, are there in a period."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ortools.sat.python.cp_model import LinearExpr

from engine.model.codes import ConstraintCode

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpModel

    from engine.model.planning import Cover
    from engine.solver.guards import Guards
    from engine.solver.template.instance import Instance
    from engine.solver.template.variables import Use, Variables

__all__ = ["CODE", "add"]

CODE = ConstraintCode.TEMPLATE_COVER


def add(model: CpModel, inst: Instance, v: Variables, guards: Guards) -> None:
    """Per rule and slot; a person counts once."""
    for number, cover in enumerate(inst.brief.cover):
        named = {slot for ref in cover.at for slot in inst.referred(ref)}
        slots = sorted(named) if cover.at else [slot.index for slot in inst.slots]
        guard = guards(CODE, f"cover[{number}]", _words(inst, cover, slots))
        for slot in slots:
            literals = []
            seen: set[int | None] = set()
            for use in v.standing.get(slot, ()):
                if slot in use.counts_in and _counts(inst, cover, use):
                    if use.fixed is not None:
                        if use.person in seen:  # of several fixed entries of one person in a slot, one counts
                            continue
                        seen.add(use.person)
                    literals.append(use.literal)
            bounds = (cover.minimum, len(literals) + cover.minimum)
            model.add_linear_constraint(LinearExpr.sum(literals), *bounds).only_enforce_if(guard)


def _counts(inst: Instance, cover: Cover, use: Use) -> bool:
    if use.activity is None or use.person is None:
        return False
    if cover.site is not None and inst.sites[use.site] != cover.site:
        return False
    activity = inst.activities[use.activity]
    if cover.activity is not None:
        return activity.id == cover.activity
    return activity.counts_for_cover and cover.specialty in inst.people[use.person].resource.specialties


def _words(inst: Instance, cover: Cover, slots: list[int]) -> str:
    if cover.activity is not None:
        who = f"at {next(a.name for a in inst.activities if a.id == cover.activity)}"
    else:
        who = f"of {cover.specialty}"
    where = "" if cover.site is None else f" at {inst.problem.site(cover.site).name}"
    return f"At least {cover.minimum} {who} must be there{where} on {inst.slot_names(slots)}."
