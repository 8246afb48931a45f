"""Patients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.resource import LimitKind, ResourceKind

if TYPE_CHECKING:
    from engine.model.references.findings import Findings

__all__ = ["add_faults"]


def add_faults(f: Findings) -> None:
    """Note what does not fit in patients."""
    for i, patient in enumerate(f.problem.patients):
        place = f"patients[{i}]"
        if patient.needs:
            f.check_words(patient.needs, f"{place}.needs")
        if patient.preferred_practitioner is not None:
            f.refer_resource(
                patient.preferred_practitioner, f"{place}.preferred_practitioner", ResourceKind.PRACTITIONER
            )
        for j, practitioner in enumerate(patient.known_to):
            f.refer_resource(practitioner, f"{place}.known_to[{j}]", ResourceKind.PRACTITIONER)
        f.each_once(patient.known_to, f"{place}.known_to")
        for kind, value in patient.measures.items():
            if kind is LimitKind.AGE_YEARS:
                f.add(f"{place}.measures.{kind}", f"found {value}, expected none: age follows from the birth date")
            elif value <= 0:
                f.add(f"{place}.measures.{kind}", f"found {value}, expected more than 0")
