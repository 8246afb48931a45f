"""A role by itself: its pool and its window."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from engine.model.base import DAY_MIN
from engine.model.service import PATIENT_ROLE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.model.references.findings import Findings
    from engine.model.service import Role, Step

__all__ = ["Length", "add_role_faults", "add_window_fault", "has_window", "lengths_of", "shortest_min"]


class Length(NamedTuple):
    """How long a step can be, and when it is so long (empty: by default)."""

    minutes: int
    when: str


def lengths_of(step: Step, discharge_at: int) -> list[Length]:
    """The default length of a step, and every other that a resource or a modifier gives it.

    Of a stay, the shortest there can be: begun a minute before midnight.
    """
    if step.duration is None:
        return [Length(max(1, ((step.nights or 1) - 1) * DAY_MIN + discharge_at), "")]
    d = step.duration
    with_resource = [
        Length(d.minutes, ""),
        *(Length(m, f" with '{r}'") for by in (d.by_practitioner, d.by_equipment) for r, m in by.items()),
    ]
    with_modifier = [
        Length(max(1, length.minutes + extra), f"{length.when} as '{modifier}'")
        for modifier, extra in d.by_modifier.items()
        for length in with_resource
    ]
    return with_resource + with_modifier


def shortest_min(step: Step, discharge_at: int) -> int:
    """Minutes that a step takes at least."""
    return min(length.minutes for length in lengths_of(step, discharge_at))


def has_window(role: Role, step_min: int) -> bool:
    """Whether a role's window has any length in a step of so many minutes."""
    start, end = role.window_min(step_min)
    return start < end


def add_role_faults(f: Findings, role: Role, place: str) -> None:
    """Note what is wrong in a role whatever its step."""
    f.check_id(role.id, f"{place}.id")
    if role.id == PATIENT_ROLE:
        f.add(f"{place}.id", f"found '{role.id}', which stands for the patient; expected another id")
    f.check_words(role.capabilities, f"{place}.capabilities")
    f.each_once(role.modalities or (), f"{place}.modalities")
    if role.tag is not None:
        f.check_id(role.tag, f"{place}.tag")
    if role.any_of is not None:
        for i, given in enumerate(role.any_of):
            f.refer_resource(given, f"{place}.any_of[{i}]", role.kind)
        f.each_once(role.any_of, f"{place}.any_of")
        if len(set(role.any_of)) < role.count:
            f.add(
                f"{place}.count",
                f"found {role.count}, expected no more than the {len(set(role.any_of))} that any_of names",
            )


def add_window_fault(f: Findings, role: Role, place: str, lengths: Iterable[Length]) -> None:
    """Note a fault when the role's window is empty or reversed for any of these lengths of its step."""
    for length in lengths:
        if not has_window(role, length.minutes):
            start, end = role.window_min(length.minutes)
            f.add(
                f"{place}.until",
                f"found '{role.end}' after 'from' '{role.start}', which in {length.minutes} min{length.when} is from "
                f"minute {start} until minute {end}; expected an end after the start",
            )
            return
