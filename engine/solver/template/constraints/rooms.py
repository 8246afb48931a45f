"""Rooms and theatres: in no slot do sessions need more of them than a site has, of each type and of all together.

Which session has which room is decided afterwards (`engine.solver.template.assign`); the rule here is exact, so that
there is always one for each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ortools.sat.python.cp_model import LinearExpr

from engine.model.codes import ConstraintCode
from engine.solver.template.instance import room_needs
from engine.solver.template.matching import Need, add_matching

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ortools.sat.python.cp_model import CpModel, IntVar

    from engine.solver.guards import Guards
    from engine.solver.template.instance import Instance
    from engine.solver.template.variables import Use, Variables

__all__ = ["CODE", "add"]

CODE = ConstraintCode.TEMPLATE_DOUBLE


def add(model: CpModel, inst: Instance, v: Variables, guards: Guards) -> None:
    """Per slot and site, for every set of room types that share rooms."""
    for (slot, site), uses in v.by_place.items():
        lanes = inst.free_lanes(slot, site)

        def guard(rooms: frozenset[int], site: int = site) -> IntVar | bool:
            return _guard(inst, site, rooms, guards)

        add_matching(model, _needs(inst, uses, lanes), lanes, guard, most_uses=len({use.person for use in uses}))
        if _may_double_up(inst, uses, lanes):
            _add_room_by_room(model, inst, uses, lanes, guards)


def _needs(inst: Instance, uses: Sequence[Use], lanes: Mapping[int, int]) -> list[Need]:
    found: dict[frozenset[int], list[tuple[IntVar, int]]] = {}
    for use in uses:
        if use.activity is not None:
            for need in room_needs(inst.activities[use.activity]):
                served_by = inst.suitable_rooms(need, use.site).intersection(lanes)
                found.setdefault(served_by, []).append((use.literal, need.count))
    return [
        Need(served_by, tuple(literal for literal, _ in taken), tuple(count for _, count in taken))
        for served_by, taken in found.items()
    ]


def _guard(inst: Instance, site: int, rooms: frozenset[int], guards: Guards) -> IntVar | bool:
    if not guards.is_explaining:
        return True
    place = inst.problem.site(inst.sites[site]).name
    named = [inst.rooms[room].name for room in sorted(rooms)]
    if not named:
        return guards(CODE, f"{place}/no room", f"At {place} no room is left for some activities in some periods.")
    words = f"At {place} there is no other room of this kind than {', '.join(named)}."
    return guards(CODE, f"{place}/{'+'.join(inst.rooms[room].id for room in sorted(rooms))}", words)


def _may_double_up(inst: Instance, uses: Sequence[Use], lanes: Mapping[int, int]) -> bool:
    """Whether a session of several rooms could be given the same room twice, which has lanes enough for that."""
    for activity, site in {(use.activity, use.site) for use in uses if use.activity is not None}:
        needs = room_needs(inst.activities[activity])
        rooms = frozenset[int]().union(*(inst.suitable_rooms(need, site) for need in needs))
        if sum(need.count for need in needs) > 1 and any(lanes.get(room, 0) > 1 for room in rooms):
            return True
    return False


def _add_room_by_room(
    model: CpModel, inst: Instance, uses: Sequence[Use], lanes: Mapping[int, int], guards: Guards
) -> None:
    """Which session has which room, written out. Long, but exact, and seldom needed."""
    takers: dict[int, list[IntVar]] = {room: [] for room in lanes}
    site = uses[0].site
    for use in uses:
        if use.activity is None:
            continue
        own: dict[int, list[IntVar]] = {}
        for need in room_needs(inst.activities[use.activity]):
            given = {
                room: model.new_bool_var(f"{use.literal.name}/{inst.rooms[room].id}")
                for room in sorted(inst.suitable_rooms(need, site).intersection(lanes))
            }
            model.add(LinearExpr.sum(list(given.values())) == need.count * use.literal)
            for room, literal in given.items():
                own.setdefault(room, []).append(literal)
        for room, literals in own.items():
            model.add_at_most_one(literals)
            takers[room].extend(literals)
    for room, literals in takers.items():
        guard = _guard(inst, site, frozenset({room}), guards)
        model.add(LinearExpr.sum(literals) <= lanes[room]).only_enforce_if(guard)
