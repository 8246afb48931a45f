"""Which keys a scenario has, of what type each is, and in which file of a folder it may stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, get_args

from pydantic import Field

from engine.model.appointment import Appointment, GroupOccurrence
from engine.model.base import Count
from engine.model.event import Event
from engine.model.explanation import LeftOver
from engine.model.problem import Problem

__all__ = [
    "APPOINTMENT_TABLES",
    "FORMAT_VERSION",
    "HEADER_FILE",
    "PARTS",
    "PROBLEM_KEYS",
    "TABLE_KEYS",
    "VERSION_KEY",
    "Part",
]

FORMAT_VERSION = 1
VERSION_KEY = "slotwright"
HEADER_FILE = "scenario.yaml"
TABLE_KEYS = ("sessions", "blocks", "patients", "orders", "events")
"""Lists that a folder may hold as a table."""
APPOINTMENT_TABLES = ("appointments", "steps", "reservations")
"""The tables that a folder's appointments take."""

_KIND_NAMES = {
    "sites": "site",
    "resources": "resource",
    "services": "service",
    "sessions": "session",
    "blocks": "session",
    "patients": "patient",
    "orders": "order",
    "templates": "template",
}


@dataclass(frozen=True)
class Part:
    """A key of a scenario.

    Parameters
    ----------
    key
        Its name.
    type
        Of the value, or of each item of a list.
    is_list
        Whether it holds items.
    is_required
        Whether it may not be left out.
    reference
        The kind by which references name its items, as `problem_faults` calls it; empty: nothing refers to them.
    """

    key: str
    type: Any
    is_list: bool
    is_required: bool
    reference: str

    @property
    def annotation(self) -> Any:
        """The type of the whole value."""
        return tuple.__class_getitem__((self.type, ...)) if self.is_list else self.type

    @property
    def has_own_file(self) -> bool:
        """Whether a folder may hold it outside the header file."""
        return self.is_list or self.key in ("policy", "planning")


def _problem_part(name: str) -> Part:
    info = Problem.model_fields[name]
    args = get_args(info.annotation)
    is_list = len(args) == 2 and args[1] is Ellipsis
    kind = Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation
    return Part(name, args[0] if is_list else kind, is_list, info.is_required(), _KIND_NAMES.get(name, ""))


PROBLEM_KEYS = tuple(Problem.model_fields)

PARTS: dict[str, Part] = {
    **{name: _problem_part(name) for name in PROBLEM_KEYS},
    "appointments": Part("appointments", Appointment, True, False, "appointment"),
    "groups": Part("groups", GroupOccurrence, True, False, "group"),
    "events": Part("events", Event, True, False, ""),
    "left_over": Part("left_over", LeftOver, True, False, ""),
    "schedule_version": Part("schedule_version", Annotated[Count, Field()], False, False, ""),
}
"""Every key beside the version of the format, in the order of writing."""
