"""Which session has which room: the one of today where it can be, and else the one where its owner usually is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ortools.sat.python.cp_model import CpModel, LinearExpr

from engine.errors import ModelBuildError
from engine.solver.params import SolveParams
from engine.solver.run import run_cp
from engine.solver.template.instance import Held, room_needs, rooms_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ortools.sat.python.cp_model import IntVar

    from engine.model.ids import ResourceId
    from engine.solver.template.instance import Instance, Key

__all__ = ["assign_rooms"]

_TODAYS, _SAME_ENTRY, _USUAL, _OTHER = 0, 1, 2, 4
"""What a room costs a session: today's own, the one it has in another week, one its owner has had, any other."""

_LIMIT = SolveParams(time_limit_s=60.0, workers=1)


def assign_rooms(inst: Instance, held: Sequence[Held], seed: int = 0) -> Mapping[Held, tuple[ResourceId, ...]]:
    """Rooms for every session, slot by slot. There are always enough: the rules of the model saw to that.

    Parameters
    ----------
    held
        The sessions that were decided.

    Raises
    ------
    ModelBuildError
        When there are not, which is a defect of ours.
    """
    places: dict[tuple[int, int], list[Held]] = {}
    for one in sorted(held, key=lambda h: (h.slot, h.site, h.person)):
        places.setdefault((one.slot, one.site), []).append(one)
    memory = _Memory(inst)
    rooms: dict[Held, tuple[ResourceId, ...]] = {}
    for (slot, site), sessions in places.items():
        for one, given in _assign_place(inst, slot, site, sessions, memory, seed).items():
            rooms[one] = given
            memory.note(one, given)
    return rooms


class _Memory:
    """Rooms that entries and people have had: in today's template, and in the slots done so far."""

    def __init__(self, inst: Instance) -> None:
        self._inst = inst
        self._entry: dict[Key, tuple[ResourceId, ...]] = {}
        self._usual: dict[int, set[ResourceId]] = {}
        for ((person, *_), _), entry in inst.kept.items():
            self._usual.setdefault(person, set()).update(rooms_of(entry))

    def cost(self, one: Held, room: ResourceId) -> int:
        """How little a session wants a room."""
        key, week = self._inst.key_of(one), self._inst.slots[one.slot].week
        today = self._inst.kept.get((key, week))
        if today is not None and room in rooms_of(today):
            return _TODAYS
        if room in self._entry.get(key, ()):
            return _SAME_ENTRY
        return _USUAL if room in self._usual.get(one.person, ()) else _OTHER

    def note(self, one: Held, given: tuple[ResourceId, ...]) -> None:
        """Remember what a session was given."""
        self._entry[self._inst.key_of(one)] = given
        self._usual.setdefault(one.person, set()).update(given)


def _assign_place(
    inst: Instance, slot: int, site: int, sessions: Sequence[Held], memory: _Memory, seed: int
) -> Mapping[Held, tuple[ResourceId, ...]]:
    model = CpModel()
    lanes = inst.free_lanes(slot, site)
    takers: dict[int, list[IntVar]] = {room: [] for room in lanes}
    choices: dict[Held, list[tuple[ResourceId, IntVar]]] = {}
    costs: list[tuple[IntVar, int]] = []
    for one in sessions:
        choices[one] = []
        own: dict[int, list[IntVar]] = {}
        for need in room_needs(inst.activities[one.activity]):
            literals = []
            for room in sorted(inst.suitable_rooms(need, site).intersection(lanes)):
                resource = inst.resource_id(room)
                literal = model.new_bool_var(f"{one.person}/{resource}")
                literals.append(literal)
                choices[one].append((resource, literal))
                costs.append((literal, memory.cost(one, resource)))
                own.setdefault(room, []).append(literal)
                takers[room].append(literal)
            model.add(LinearExpr.sum(literals) == need.count)
        for literals in own.values():
            model.add_at_most_one(literals)
    for room, literals in takers.items():
        model.add(LinearExpr.sum(literals) <= lanes[room])
    model.minimize(LinearExpr.weighted_sum([literal for literal, _ in costs], [cost for _, cost in costs]))
    outcome = run_cp(model, SolveParams(_LIMIT.time_limit_s, _LIMIT.workers, seed), stage="rooms")
    if not outcome.has_solution:
        raise ModelBuildError(
            f"{len(sessions)} sessions at '{inst.sites[site]}' on {inst.slot_name(slot)} were planned for more rooms "
            f"than there are ({outcome.status}). This is a defect of Slotwright, please report it."
        )
    return {
        one: tuple(resource for resource, literal in given if outcome.boolean(literal))
        for one, given in choices.items()
    }
