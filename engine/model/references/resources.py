"""Sites, travel and resources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.resource import Equipment, Practitioner, ResourceKind

if TYPE_CHECKING:
    from engine.model.references.findings import Findings
    from engine.model.resource import Resource

__all__ = ["add_faults"]


def add_faults(f: Findings) -> None:
    """Note what does not fit among sites, travel and resources."""
    _add_travel_faults(f)
    for i, resource in enumerate(f.problem.resources):
        place = f"resources[{i}]"
        f.refer("site", resource.site, f"{place}.site")
        f.check_words(resource.capabilities, f"{place}.capabilities")
        _add_limit_faults(f, resource, place)
        f.each_once([f"{c.before} before {c.after}" for c in resource.changeovers], f"{place}.changeovers")
        if isinstance(resource, Practitioner):
            _add_practitioner_faults(f, resource, place)
        elif isinstance(resource, Equipment) and resource.fixed_in is not None:
            room = f.refer_resource(resource.fixed_in, f"{place}.fixed_in", ResourceKind.ROOM)
            if room is not None and room.site != resource.site:
                f.add(
                    f"{place}.fixed_in",
                    f"found '{room.id}' at site '{room.site}', expected a room at '{resource.site}', the site of "
                    f"'{resource.id}'",
                )


def _add_travel_faults(f: Findings) -> None:
    for i, travel in enumerate(f.problem.travel):
        place = f"travel[{i}]"
        f.refer("site", travel.origin, f"{place}.from")
        f.refer("site", travel.destination, f"{place}.to")
        if travel.origin == travel.destination:
            f.add(f"{place}.to", f"found '{travel.destination}', where the way begins; expected another site")
    f.each_once([f"{t.origin} to {t.destination}" for t in f.problem.travel], "travel")


def _add_limit_faults(f: Findings, resource: Resource, place: str) -> None:
    for j, limit in enumerate(resource.limits):
        at = f"{place}.limits[{j}]"
        if limit.minimum is None and limit.maximum is None:
            f.add(at, f"limits {limit.kind} to nothing, expected a minimum, a maximum or both")
        elif limit.minimum is not None and limit.maximum is not None and limit.minimum > limit.maximum:
            f.add(
                f"{at}.maximum",
                f"found {limit.maximum}, expected no less than the minimum of {limit.minimum} ({limit.kind})",
            )
    f.each_once([f"{x.kind} from {x.minimum} to {x.maximum}" for x in resource.limits], f"{place}.limits")


def _add_practitioner_faults(f: Findings, practitioner: Practitioner, place: str) -> None:
    f.check_words(practitioner.specialties, f"{place}.specialties")
    f.refer_each("site", practitioner.other_sites, f"{place}.other_sites")
    for j, site in enumerate(practitioner.other_sites):
        if site == practitioner.site:
            f.add(f"{place}.other_sites[{j}]", f"found '{site}', the own site of '{practitioner.id}'; expected others")
    for j, privilege in enumerate(practitioner.privileges):
        f.check_id(privilege.capability, f"{place}.privileges[{j}].capability")
        begin, end = privilege.valid_from, privilege.valid_until
        if begin is not None and end is not None and end <= begin:
            f.add(
                f"{place}.privileges[{j}].valid_until",
                f"found {end}, expected a date after {begin}, when '{privilege.capability}' begins",
            )
    f.each_once(
        [f"{p.capability} from {p.valid_from} until {p.valid_until}" for p in practitioner.privileges],
        f"{place}.privileges",
    )
