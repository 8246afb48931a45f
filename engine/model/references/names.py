"""Ids: readable, and each used once in its kind. (Ids inside a service, template or brief: see there.)"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.model.references.findings import Findings

__all__ = ["add_faults"]


def add_faults(f: Findings) -> None:
    """Note ids that cannot be read, and ids that two items share."""
    p = f.problem
    kinds: dict[str, Sequence[str]] = {
        "sites": [site.id for site in p.sites],
        "resources": [resource.id for resource in p.resources],
        "services": [service.id for service in p.services],
        "templates": [template.id for template in p.templates],
        "patients": [patient.id for patient in p.patients],
        "orders": [order.id for order in p.orders],
        "ties": [tie.id for tie in p.ties],
        "sessions": [session.id for session in p.sessions],
        "blocks": [block.id for block in p.blocks],
    }
    for name, ids in kinds.items():
        for i, given in enumerate(ids):
            f.check_id(given, f"{name}[{i}].id")
        if name not in {"sessions", "blocks"}:
            f.check_unique(ids, name)
    booked_in = [*kinds["sessions"], *kinds["blocks"]]  # events name sessions and blocks alike
    places = [f"{name}[{i}]" for name in ("sessions", "blocks") for i in range(len(kinds[name]))]
    f.check_unique(booked_in, places)
