"""Ids and other names that facts use for each other, one type per kind so that the type checker keeps them apart.

An id is text of 1 to 100 printable characters without blanks at its ends; `problem_faults` checks it.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, NewType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = [
    "ActivityId",
    "AppointmentId",
    "Capability",
    "EventId",
    "GroupId",
    "Modifier",
    "Need",
    "OrderId",
    "PatientId",
    "ProposalId",
    "ResourceId",
    "RoleId",
    "ServiceId",
    "SessionId",
    "SiteId",
    "Specialty",
    "StepId",
    "Tag",
    "TemplateId",
    "TieId",
    "free_visit_id",
]

SiteId = NewType("SiteId", str)
ResourceId = NewType("ResourceId", str)
ServiceId = NewType("ServiceId", str)
StepId = NewType("StepId", str)
"""Unique inside its service."""
RoleId = NewType("RoleId", str)
"""Unique inside its step; "patient" is taken."""
SessionId = NewType("SessionId", str)
"""Of a dated session or surgery block."""
PatientId = NewType("PatientId", str)
OrderId = NewType("OrderId", str)
AppointmentId = NewType("AppointmentId", str)
GroupId = NewType("GroupId", str)
TieId = NewType("TieId", str)
TemplateId = NewType("TemplateId", str)
ActivityId = NewType("ActivityId", str)
EventId = NewType("EventId", str)
ProposalId = NewType("ProposalId", str)

Capability = NewType("Capability", str)
"""What a resource can do or has: "ultrasound", "negative-pressure", "consulting-room"."""
Specialty = NewType("Specialty", str)
Need = NewType("Need", str)
"""What a patient needs: "interpreter-fr", "hoist", "isolation"."""
Modifier = NewType("Modifier", str)
"""What changes a step's duration: "new", "contrast", "interpreter"."""
Tag = NewType("Tag", str)
"""What a use leaves behind or asks for, for changeovers: "infectious", "latex-free"."""


def free_visit_id(order: OrderId, occurrence: int | None, is_taken: Callable[[AppointmentId], bool]) -> AppointmentId:
    """`visit-ord-17`, of a series `visit-ord-17.2` for its second visit; numbered on where that is taken.

    Parameters
    ----------
    occurrence
        Of the order's series, from 0; None where it has none.
    """
    stem = f"visit-{order}" if occurrence is None else f"visit-{order}.{occurrence + 1}"
    return next(name for name in map(AppointmentId, _numbered(stem)) if not is_taken(name))


def free_group_id(first: AppointmentId, is_taken: Callable[[GroupId], bool]) -> GroupId:
    """`group-visit-ord-17` for the group occurrence that a visit opens; numbered on where that is taken."""
    return next(name for name in map(GroupId, _numbered(f"group-{first}")) if not is_taken(name))


def _numbered(stem: str) -> Iterator[str]:
    return (stem if n == 1 else f"{stem}-{n}" for n in count(1))
