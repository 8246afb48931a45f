"""Ids and other names that facts use for each other, one type per kind so that the type checker keeps them apart.

An id is text of 1 to 100 printable characters without blanks at its ends; `problem_faults` checks it.
"""

from __future__ import annotations

from typing import NewType

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
