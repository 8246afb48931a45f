"""Who works where in a fortnight of the hospital network: its weekly template, and what each half-day can take.

Half-days are dealt out one by one, scarce things first: theatres with their anaesthetists, then lists, then clinics
with their rooms. It is a plan as people make it by hand, not a good one.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.model.ids import ResourceId, ServiceId, SiteId
from engine.simulate.network_figures import SPECIALTIES, WORKDAYS
from engine.simulate.network_services import OPERATIONS
from engine.simulate.network_template import CYCLE_WEEKS, PERIODS, SEEN, Duty, Slot, network_template

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from typing import TypeAlias

    from engine.model.resource import Practitioner
    from engine.model.template import Template
    from engine.simulate.dice import Dice
    from engine.simulate.network import Network, Station
    from engine.simulate.network_figures import SpecialtyFigures

    Cast: TypeAlias = Mapping[str, tuple[ResourceId, ...]]

__all__ = ["Rota", "Slate", "draw_rota"]

_SLOTS = tuple(Slot(w, d, h) for w in range(CYCLE_WEEKS) for d in range(len(WORKDAYS)) for h in PERIODS)


@dataclass(frozen=True, slots=True)
class Slate:
    """What one half-day of somebody, or of a station, can take: nobody and nothing in it is used by another slate.

    Parameters
    ----------
    start, kept, end
        Minutes since midnight; from `kept` on the time is for urgent orders.
    services
        (service, weight) of what is done in it.
    cast
        Resources by role.
    use
        How much of the time is wanted at all: 1 where there is a waiting list.
    """

    slot: Slot
    site: SiteId
    start: int
    kept: int
    end: int
    services: tuple[tuple[ServiceId, float], ...]
    cast: Cast
    use: float = 1.0


@dataclass(frozen=True, slots=True)
class Rota:
    """The fortnight."""

    template: Template
    slates: tuple[Slate, ...]


@dataclass(slots=True)
class _Plan:
    """What is dealt out so far."""

    network: Network
    duties: list[Duty] = field(default_factory=list)
    slates: list[Slate] = field(default_factory=list)
    busy: set[tuple[ResourceId, Slot]] = field(default_factory=set)
    in_theatre: defaultdict[tuple[SiteId, Slot], list[tuple[Practitioner, Station]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def take(self, duty: Duty, *also: ResourceId) -> None:
        self.duties.append(duty)
        for resource in (duty.physician.id, *duty.rooms, *also):
            self.busy.add((resource, duty.slot))

    def is_free(self, resource: ResourceId, slot: Slot) -> bool:
        return (resource, slot) not in self.busy

    def site(self, physician: Practitioner, slot: Slot) -> SiteId:
        """Where the physician is that day."""
        return physician.other_sites[0] if physician.other_sites and slot.day == 2 else physician.site


def draw_rota(network: Network, dice: Dice, effective_from: date) -> Rota:
    """The fortnight of a network."""
    plan = _Plan(network)
    for figures in SPECIALTIES:
        if figures.blocks:
            _deal_blocks(plan, figures, dice)
    _deal_anaesthesia(plan)
    for figures in SPECIALTIES:
        if figures.others and figures.id != "anaesthesia":
            _deal_lists(plan, figures)
    for figures in SPECIALTIES:
        if figures.clinics:
            _deal_clinics(plan, figures, dice)
    _add_stations(plan)
    return Rota(network_template(plan.duties, effective_from), tuple(plan.slates))


def _rotated(start: int) -> list[Slot]:
    """All half-days, from one of them on, in steps that spread a few of them over the fortnight."""
    return [_SLOTS[(start + 7 * k) % len(_SLOTS)] for k in range(len(_SLOTS))]


def _deal_blocks(plan: _Plan, figures: SpecialtyFigures, dice: Dice) -> None:
    is_local = figures.id == "ophthalmology"
    for surgeon in plan.network.physicians(figures.id):
        site = surgeon.site
        left = figures.blocks
        anaesthetists = sum(p.site == site for p in plan.network.physicians("anaesthesia"))
        for slot in _rotated(dice.below(len(_SLOTS))):
            theatres = plan.network.at("eye-theatre" if is_local else "theatre", site)
            free = [t for t in theatres if plan.is_free(t.room, slot)]
            is_staffed = is_local or len(plan.in_theatre[site, slot]) < anaesthetists
            if not left or not free or not is_staffed:
                continue
            left -= 1
            plan.take(Duty(surgeon, slot, f"{figures.id}-theatre", site, theatre=free[0].room), free[0].room)
            if is_local:
                cast = {"surgeon": (surgeon.id,), **_cast(free[0], staff="nurses", count=1)}
                _add_slate(plan, slot, site, PERIODS[slot.half], figures, cast)
            else:
                plan.in_theatre[site, slot].append((surgeon, free[0]))


def _deal_anaesthesia(plan: _Plan) -> None:
    """An anaesthetist to each theatre in use; who is left over sees patients before their operations."""
    for site in plan.network.sites:
        team = [p for p in plan.network.physicians("anaesthesia") if p.site == site.id]
        rooms = plan.network.rooms(site.id, "preassessment-room")
        for number, slot in enumerate(_SLOTS):
            in_theatre = plan.in_theatre[site.id, slot]
            turn = [team[(number + k) % len(team)] for k in range(len(team))]
            for anaesthetist, (surgeon, theatre) in zip(turn, in_theatre, strict=False):
                plan.take(Duty(anaesthetist, slot, "anaesthesia", site.id))
                specialty = next(s for s in SPECIALTIES if s.id in surgeon.specialties)
                cast = {
                    "surgeon": (surgeon.id,),
                    "anaesthetist": (anaesthetist.id,),
                    "bay": (ResourceId(f"recovery-{site.id}"),),
                    "recovery-nurse": (ResourceId(f"recovery-nurse-{site.id}"),),
                    **_cast(theatre, staff="nurses", count=2),
                }
                _add_slate(plan, slot, site.id, PERIODS[slot.half], specialty, cast)
            for anaesthetist, room in zip(turn[len(in_theatre) :], rooms, strict=False):
                plan.take(Duty(anaesthetist, slot, "preassessment", site.id, (room,)))
                start, _, end = SEEN[slot.half]
                cast = {"physician": (anaesthetist.id,), "room": (room,)}
                services = ((ServiceId("preassessment"), 1.0),)
                plan.slates.append(Slate(slot, site.id, start, end, end, services, cast))


def _deal_lists(plan: _Plan, figures: SpecialtyFigures) -> None:
    """Echo lists, each with an own room as long as there are machines; and radiologists within call."""
    for number, physician in enumerate(plan.network.physicians(figures.id)):
        left = figures.others
        for slot in _rotated(3 * number):
            if not left or not plan.is_free(physician.id, slot):
                continue
            if figures.other != "echo-list":
                left -= 1
                plan.take(Duty(physician, slot, figures.other, physician.site))
                continue
            machines = [i for i in _ids(plan, physician.site, "echo") if plan.is_free(i, slot)]
            rooms = [r for r in plan.network.rooms(physician.site, "echo-room") if plan.is_free(r, slot)]
            if machines and rooms:
                left -= 1
                plan.take(Duty(physician, slot, figures.other, physician.site), machines[0], rooms[0])
                start, kept, end = SEEN[slot.half]
                cast = {"physician": (physician.id,), "room": (rooms[0],), "machine": (machines[0],)}
                services = ((ServiceId("echo-clinic"), 1.0),)
                plan.slates.append(Slate(slot, physician.site, start, kept, end, services, cast))


def _deal_clinics(plan: _Plan, figures: SpecialtyFigures, dice: Dice) -> None:
    service = ServiceId(f"{figures.id}-visit")
    for physician in plan.network.physicians(figures.id):
        left = figures.clinics
        for slot in _rotated(dice.below(len(_SLOTS))):
            site = plan.site(physician, slot)
            rooms = [r for r in plan.network.rooms(site, "consulting-room") if plan.is_free(r, slot)]
            if not left or not rooms or not plan.is_free(physician.id, slot):
                continue
            left -= 1
            activity = f"{figures.id}-clinic"
            named = (rooms[0],) if figures.has_rooms else ()
            plan.take(Duty(physician, slot, activity, site, named), rooms[0])
            start, kept, end = SEEN[slot.half]
            cast = {"physician": (physician.id,), "room": (rooms[0],)}
            plan.slates.append(Slate(slot, site, start, kept, end, ((service, 1.0),), cast))


def _add_stations(plan: _Plan) -> None:
    """Every half-day of every scanner, ultrasound and x-ray room and blood-draw desk."""
    # Most blood is drawn, and most bones are x-rayed, without an appointment.
    done = {
        "mri": ("mri", 1.0),
        "ct": ("ct", 1.0),
        "us": ("ultrasound", 0.65),
        "xray": ("x-ray", 0.3),
        "blood": ("blood-test", 0.18),
    }
    for station in plan.network.stations:
        service, use = done.get(station.kind, ("", 0.0))
        for slot in _SLOTS if service else ():
            start, _, end = SEEN[slot.half]
            services = ((ServiceId(service), 1.0),)
            plan.slates.append(Slate(slot, station.site, start, end, end, services, _cast(station, "staff", 1), use))


def _cast(station: Station, staff: str, count: int) -> Cast:
    machine = {"machine": (station.machine,)} if station.machine else {}
    return {"room": (station.room,), staff: station.staff[:count], **machine}


def _add_slate(
    plan: _Plan,
    slot: Slot,
    site: SiteId,
    period: tuple[int, int],
    figures: SpecialtyFigures,
    cast: Cast,
) -> None:
    services = tuple((ServiceId(name), 1.0 / minutes) for name, minutes, *_ in OPERATIONS[figures.id])
    plan.slates.append(Slate(slot, site, period[0], period[1], period[1], services, cast))


def _ids(plan: _Plan, site: SiteId, capability: str) -> list[ResourceId]:
    return [r.id for r in plan.network.resources if r.site == site and capability in r.capabilities]
