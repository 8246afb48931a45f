"""The decisions: who holds a session of what, where, in which slot. One boolean each, where it is possible at all."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.solver.template.instance import Held, owner_of, room_needs
from engine.solver.template.today import block_activity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ortools.sat.python.cp_model import CpModel, IntVar

    from engine.model.calendar import Weekday
    from engine.model.ids import ResourceId
    from engine.solver.template.instance import Fixed, Instance, Person

__all__ = ["Use", "Variables"]


@dataclass(frozen=True, slots=True)
class Use:
    """A session that may be held, in one slot or, a fixed one, at its own time.

    Parameters
    ----------
    owner, person
        None: a pool or a specialty; not somebody who is planned.
    activity
        None for a fixed entry that is at none of the brief's activities.
    stands_in
        Slots of its day that its clock time overlaps.
    counts_in
        Those in which it counts as a session: none for one on an nth weekday of the month.
    held
        What is decided; None for a fixed entry.
    """

    literal: IntVar
    owner: ResourceId | None
    person: int | None
    activity: int | None
    site: int
    week: int
    day: Weekday
    stands_in: tuple[int, ...]
    counts_in: tuple[int, ...]
    held: Held | None = None
    fixed: Fixed | None = None


class Variables:
    """All uses, and the questions that rules and costs ask about them.

    Parameters
    ----------
    is_explaining
        Uses are also made where a person is not available, so that this can be a rule to relax.
    """

    def __init__(self, model: CpModel, inst: Instance, *, is_explaining: bool = False) -> None:
        self.uses: list[Use] = []
        self.decided: list[Use] = []
        self.fixed: list[Use] = []
        self.by_slot: Mapping[tuple[int, int], list[Use]] = defaultdict(list)
        """Decided ones by person and slot."""
        self.by_place: Mapping[tuple[int, int], list[Use]] = defaultdict(list)
        """Decided ones by slot and site."""
        self.by_person: Mapping[int, list[Use]] = defaultdict(list)
        self.by_activity: Mapping[int, list[Use]] = defaultdict(list)
        self.standing: Mapping[int, list[Use]] = defaultdict(list)
        """By slot that they stand in."""
        for person in inst.people:
            for use in _possible(model, inst, person, is_explaining=is_explaining):
                self._add(use)
        literals: dict[str, IntVar] = {}
        for fixed in inst.fixed:
            self._add(_fixed_use(model, inst, fixed, literals, is_explaining=is_explaining))

    def _add(self, use: Use) -> None:
        self.uses.append(use)
        for slot in use.stands_in:
            self.standing[slot].append(use)
        if use.person is not None:
            self.by_person[use.person].append(use)
        if use.activity is not None:
            self.by_activity[use.activity].append(use)
        if use.held is None:
            self.fixed.append(use)
        else:
            self.decided.append(use)
            self.by_slot[use.held.person, use.held.slot].append(use)
            self.by_place[use.held.slot, use.held.site].append(use)

    def sessions(self, person: int, activity: int) -> list[IntVar]:
        """Literals of a person's sessions of an activity, each as often as it counts in a cycle."""
        found = []
        fixed_slots: set[int] = set()
        for use in self.by_person.get(person, ()):
            if use.activity == activity:
                for slot in use.counts_in:
                    if use.fixed is None:
                        found.append(use.literal)
                    elif slot not in fixed_slots:  # a second fixed entry in the same slot is the same session
                        fixed_slots.add(slot)
                        found.append(use.literal)
        return found


def _possible(model: CpModel, inst: Instance, person: Person, *, is_explaining: bool) -> Iterator[Use]:
    owner = person.resource.id
    for activity, contract in person.contracts.items():
        described = inst.activities[activity]
        if contract.maximum == 0 or not set(described.capabilities) <= person.capabilities:
            continue
        if described.is_surgery and block_activity(inst, person, described.services) != activity:
            continue  # its blocks could not be told from those of another activity
        for site in person.sites:
            is_allowed = not described.sites or inst.sites[site] in described.sites
            if not is_allowed or not _has_rooms(inst, activity, site):
                continue
            for slot in inst.slots:
                if inst.is_unavailable(owner, slot.index) and not is_explaining:
                    continue
                yield Use(
                    literal=model.new_bool_var(f"{owner}/{described.id}/{inst.sites[site]}/{slot.index}"),
                    owner=owner,
                    person=person.index,
                    activity=activity,
                    site=site,
                    week=slot.week,
                    day=slot.day,
                    stands_in=(slot.index,),
                    counts_in=(slot.index,),
                    held=Held(person.index, activity, site, slot.index),
                )


def _has_rooms(inst: Instance, activity: int, site: int) -> bool:
    """Whether a site has the rooms at all."""
    needs = room_needs(inst.activities[activity])
    return all(len(inst.suitable_rooms(need, site)) >= need.count for need in needs)


def _fixed_use(
    model: CpModel, inst: Instance, fixed: Fixed, literals: dict[str, IntVar], *, is_explaining: bool
) -> Use:
    """One literal for an entry in all its weeks: true, or when explaining free until its guard says so."""
    literal = literals.get(fixed.entry.id)
    if literal is None:
        name = f"today/{fixed.entry.id}"
        literal = model.new_int_var(0 if is_explaining else 1, 1, name)
        literals[fixed.entry.id] = literal
    slots = inst.stands_in(fixed)
    return Use(
        literal=literal,
        owner=owner_of(fixed.entry),
        person=fixed.person,
        activity=fixed.activity,
        site=fixed.site,
        week=fixed.week,
        day=fixed.day,
        stands_in=slots,
        counts_in=() if fixed.entry.on.monthly is not None else slots,
        fixed=fixed,
    )
