"""Pools: the sessions of a period need no more staff or equipment of a kind than a site has there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.codes import ConstraintCode
from engine.solver.template.matching import Need, add_matching

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpModel, IntVar

    from engine.solver.guards import Guards
    from engine.solver.template.instance import Instance
    from engine.solver.template.variables import Use, Variables

__all__ = ["CODE", "add"]

CODE = ConstraintCode.TEMPLATE_POOL


def add(model: CpModel, inst: Instance, v: Variables, guards: Guards) -> None:
    """Per slot and site, for every set of pools that share resources."""
    for slot in inst.slots:
        at_site: dict[int, list[Use]] = {}
        for use in v.standing.get(slot.index, ()):
            if use.activity is not None and inst.activities[use.activity].pools:
                at_site.setdefault(use.site, []).append(use)
        for site, uses in at_site.items():
            _add_site(model, inst, slot.index, site, uses, guards)


def _add_site(model: CpModel, inst: Instance, slot: int, site: int, uses: list[Use], guards: Guards) -> None:
    taken: dict[frozenset[int], list[tuple[IntVar, int]]] = {}
    for use in uses:
        for need in inst.activities[use.activity].pools if use.activity is not None else ():
            there = frozenset(r for r in inst.pool(need, site) if not inst.is_unavailable(inst.resource_id(r), slot))
            taken.setdefault(there, []).append((use.literal, need.count))
    needs = [Need(there, tuple(lit for lit, _ in ts), tuple(count for _, count in ts)) for there, ts in taken.items()]

    def guard(resources: frozenset[int]) -> IntVar | bool:
        return _guard(inst, site, resources, guards)

    lanes = {r: 1 for need in needs for r in need.served_by}
    add_matching(model, needs, lanes, guard, most_uses=len(uses))


def _guard(inst: Instance, site: int, resources: frozenset[int], guards: Guards) -> IntVar | bool:
    if not guards.is_explaining:
        return True
    place = inst.problem.site(inst.sites[site]).name
    named = [inst.problem.resources[r].name for r in sorted(resources)]
    if not named:
        return guards(CODE, f"{place}/nobody", f"At {place} some activities have nobody to draw on in some periods.")
    words = f"At {place} there is nobody and nothing else of this kind than {', '.join(named)}."
    return guards(CODE, f"{place}/{'+'.join(inst.resource_id(r) for r in sorted(resources))}", words)
