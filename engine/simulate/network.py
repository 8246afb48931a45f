"""The hospital network: four sites with their people, rooms and machines. For the figures see scenarios/README.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.model.hours import Hours, WeeklyPeriod
from engine.model.ids import Capability, ResourceId, SiteId, Specialty
from engine.model.resource import Bed, Equipment, Practitioner, Resource, Room, Site, Travel, UseRule
from engine.simulate.names import FEMALE, LAST, MALE
from engine.simulate.network_figures import (
    MOBILE,
    ROOMS,
    SITES,
    SPECIALTIES,
    STATIONS,
    TRAVEL_MIN,
    WORKDAYS,
    ZONE,
    SpecialtyFigures,
    StationFigures,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.simulate.dice import Dice

__all__ = ["Network", "Station", "draw_network"]

_OPEN = Hours(weekly=(WeeklyPeriod(days=WORKDAYS, start=7 * 60, end=18 * 60 + 30),))
_LATE = Hours(weekly=(WeeklyPeriod(days=WORKDAYS, start=7 * 60, end=21 * 60),))
_WANDERS = ("internal-medicine", "north", 0)
_RECOVERY_LANES = 4
"""Recovery bays for each theatre: a case lasts longer than half of a stay in recovery, so that three would do."""


@dataclass(frozen=True, slots=True)
class Station:
    """A room with its machine and its staff, who work nowhere else."""

    kind: str
    site: SiteId
    room: ResourceId
    machine: ResourceId | None
    staff: tuple[ResourceId, ...]


@dataclass(frozen=True, slots=True)
class Network:
    """Everybody and everything of the network."""

    sites: tuple[Site, ...]
    travel: tuple[Travel, ...]
    resources: tuple[Resource, ...]
    stations: tuple[Station, ...]

    def physicians(self, specialty: str) -> list[Practitioner]:
        """The physicians of a specialty."""
        return [r for r in self.resources if isinstance(r, Practitioner) and Specialty(specialty) in r.specialties]

    def rooms(self, site: SiteId, capability: str) -> list[ResourceId]:
        """The rooms of a kind at a site."""
        found = (r for r in self.resources if isinstance(r, Room) and r.site == site)
        return [r.id for r in found if Capability(capability) in r.capabilities]

    def at(self, kind: str, site: SiteId | None = None) -> list[Station]:
        """The stations of a kind, at one site or everywhere."""
        return [s for s in self.stations if s.kind == kind and site in (None, s.site)]


def draw_network(dice: Dice, scale: float) -> Network:
    """The network at its full size with `scale` 1; there is at least one of everything at each site that has any."""
    hand = _Hand(dice, scale)
    physicians = [hand.physician(specialty, site, n) for specialty, site, n in hand.physicians()]
    stations = [hand.station(figures, site, n) for figures in STATIONS for site, n in hand.numbered(figures.by_site)]
    rooms = [
        Room(id=ResourceId(f"{i}-{site}-{n}"), name=f"{name} {n}", site=SiteId(site), capabilities=(Capability(can),))
        for i, name, can, by_site in ROOMS
        for site, n in hand.numbered(by_site)
    ]
    mobile = [
        Equipment(
            id=ResourceId(f"{i}-{site}-{n}"), name=f"{name} {n}", site=SiteId(site), capabilities=(Capability(can),)
        )
        for i, name, can, by_site in MOBILE
        for site, n in hand.numbered(by_site)
    ]
    of_stations = [resource for _, resources in stations for resource in resources]
    return Network(
        tuple(Site(id=SiteId(i), name=name, time_zone=ZONE, hours=_OPEN) for i, name in SITES.items()),
        tuple(Travel(origin=SiteId(a), destination=SiteId(b), minutes=m) for (a, b), m in TRAVEL_MIN.items()),
        (*physicians, *of_stations, *rooms, *mobile, *hand.recovery([s for s, _ in stations])),
        tuple(station for station, _ in stations),
    )


class _Hand:
    """Makes resources, giving each person a name."""

    def __init__(self, dice: Dice, scale: float) -> None:
        self._dice = dice
        self._scale = scale
        self._taken: set[str] = set()

    def numbered(self, by_site: dict[str, int]) -> Iterator[tuple[str, int]]:
        """(site, 1), (site, 2) and so on."""
        for site, full in by_site.items():
            for n in range(1, max(1, round(full * self._scale)) + 1):
                yield site, n

    def physicians(self) -> Iterator[tuple[SpecialtyFigures, str, int]]:
        """Every physician's specialty, site and number in the specialty."""
        for specialty in SPECIALTIES:
            for number, (site, _) in enumerate(self.numbered(specialty.physicians), start=1):
                yield specialty, site, number

    def physician(self, specialty: SpecialtyFigures, site: str, number: int) -> Practitioner:
        return Practitioner(
            id=ResourceId(f"{specialty.id}-{number:02d}"),
            name=f"Dr {self._name()}",
            site=SiteId(site),
            specialties=(Specialty(specialty.id),),
            capabilities=(Capability(specialty.id),),
            # Every eighth of Northgate's internists spends Wednesdays at Eastfield.
            other_sites=(SiteId("east"),) if (specialty.id, site, number % 8) == _WANDERS else (),
            presence_limit=4,
        )

    def station(self, figures: StationFigures, site: str, n: int) -> tuple[Station, list[Resource]]:
        room = Room(
            id=ResourceId(f"{figures.id}-{site}-{n}"),
            name=f"{figures.name} {n}",
            site=SiteId(site),
            capabilities=(Capability(figures.capability),),
            use=UseRule.IN_SESSIONS if "theatre" in figures.id else UseRule.WHEN_OPEN,
        )
        made: list[Resource] = [room]
        machine = None
        if figures.machine:
            machine = Equipment(
                id=ResourceId(f"{figures.id}-machine-{site}-{n}"),
                name=f"{figures.machine_name} {n}",
                site=SiteId(site),
                capabilities=(Capability(figures.machine),),
                fixed_in=room.id,
                cleanup_min=10 if figures.id == "mri" else 5 if figures.id in ("ct", "us") else 0,
            )
            made.append(machine)
        staff = [
            Practitioner(
                id=ResourceId(f"{figures.id}-staff-{site}-{n}{letter}"),
                name=self._name(),
                profession=figures.profession,
                site=SiteId(site),
                capabilities=(Capability(figures.staff),),
                use=UseRule.WHEN_OPEN,
            )
            for letter in "ab"[: figures.staff_count]
        ]
        station = Station(
            figures.id, SiteId(site), room.id, machine.id if machine else None, tuple(person.id for person in staff)
        )
        return station, [*made, *staff]

    def recovery(self, stations: list[Station]) -> Iterator[Resource]:
        """Where patients wake up, open until nine in the evening: bays, and a nurse who watches over all of them."""
        for site in SITES:
            lanes = _RECOVERY_LANES * sum(s.site == site and "theatre" in s.kind for s in stations)
            yield Bed(
                id=ResourceId(f"recovery-{site}"),
                name="Recovery bays",
                site=SiteId(site),
                capabilities=(Capability("recovery-bay"),),
                lanes=lanes,
                hours=_LATE,
            )
            yield Practitioner(
                id=ResourceId(f"recovery-nurse-{site}"),
                name=self._name(),
                profession="nurse",
                site=SiteId(site),
                capabilities=(Capability("recovery-nurse"),),
                use=UseRule.WHEN_OPEN,
                presence_limit=lanes,
                hours=_LATE,
            )

    def _name(self) -> str:
        while True:
            first = self._dice.pick(FEMALE if self._dice.chance(0.5) else MALE)
            name = f"{first} {self._dice.pick(LAST)}"
            if name not in self._taken:
                self._taken.add(name)
                return name
