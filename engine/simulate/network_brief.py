"""The brief from which the hospital network's weekly template can be computed again."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from engine.model.calendar import LocalPeriod
from engine.model.ids import ActivityId, Capability, ServiceId, Specialty
from engine.model.planning import (
    Activity,
    Contract,
    Cover,
    Demand,
    DemandSource,
    PlanningBrief,
    PlanningPeriod,
    PoolNeed,
    RoomNeed,
    SlotRef,
    StaffingContract,
    Wish,
    WishKind,
)
from engine.model.resource import ResourceKind
from engine.simulate.network_figures import SPECIALTIES, WORKDAYS
from engine.simulate.network_services import GENERAL_ANAESTHESIA, OPERATIONS
from engine.simulate.network_template import CYCLE_WEEKS, PERIODS, activity_segments

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.model.ids import ResourceId
    from engine.model.session import Segment
    from engine.model.template import Template
    from engine.simulate.dice import Dice
    from engine.simulate.network import Network

__all__ = ["network_brief"]

_MOST = 2 * 5 * CYCLE_WEEKS
"""Half-days in a cycle."""


def network_brief(network: Network, template: Template, dice: Dice) -> PlanningBrief:
    """What a template must keep to: today's half-days, give or take one of each activity for each physician."""
    held: Counter[tuple[object, str]] = Counter()
    for session in template.sessions:
        held[session.owner, session.activity or ""] += _weeks(session.on.weeks)
    for block in template.blocks:
        specialty = next(name for name, cases in OPERATIONS.items() if ServiceId(cases[0][0]) in (block.services or ()))
        held[block.practitioner, f"{specialty}-theatre"] += _weeks(block.on.weeks)
    asked: Counter[str] = Counter()
    contracts: list[StaffingContract] = []
    for physician in (p for figures in SPECIALTIES for p in network.physicians(figures.id)):
        parts = {activity: n for (owner, activity), n in held.items() if owner == physician.id}
        asked.update(parts)
        contracts.append(_contract(physician.id, parts))
    return PlanningBrief(
        cycle_weeks=CYCLE_WEEKS,
        periods=tuple(
            PlanningPeriod(id=half, days=WORKDAYS, period=LocalPeriod(start=start, end=end))
            for half, (start, end) in PERIODS.items()
        ),
        activities=tuple(_activities()),
        contracts=tuple(contracts),
        demand=tuple(
            Demand(
                activity=ActivityId(activity),
                sessions=count,
                priority=2 if activity.endswith("-theatre") else 3,
                source=DemandSource.HISTORY,
            )
            for activity, count in sorted(asked.items())
        ),
        cover=tuple(_cover(network)),
        wishes=tuple(
            Wish(
                practitioner=contract.practitioner,
                at=SlotRef(day=dice.pick(WORKDAYS), period=dice.pick(tuple(PERIODS))),
                kind=WishKind.OFF,
                strength=dice.between(1, 5),
            )
            for contract in contracts
            if contract.maximum < _MOST and dice.chance(0.4)
        ),
        today=template.id,
    )


def _weeks(weeks: tuple[int, ...]) -> int:
    return len(weeks) or CYCLE_WEEKS


def _contract(physician: ResourceId, parts: dict[str, int]) -> StaffingContract:
    total = sum(parts.values())
    return StaffingContract(
        practitioner=physician,
        maximum=min(_MOST, total + 1),
        activities=tuple(
            Contract(activity=ActivityId(activity), minimum=max(0, n - 1), maximum=n + 1, wished=n)
            for activity, n in sorted(parts.items())
        ),
    )


def _activities() -> Iterator[Activity]:
    nurses = PoolNeed(kind=ResourceKind.PRACTITIONER, capabilities=(Capability("theatre-nurse"),), count=2)
    anaesthetist = PoolNeed(kind=ResourceKind.PRACTITIONER, capabilities=(Capability("anaesthesia"),))
    for figures in SPECIALTIES:
        common = {"specialty": Specialty(figures.id), "capabilities": (Capability(figures.id),)}
        name = figures.id.replace("-", " ")
        if figures.clinics:
            yield Activity(
                id=ActivityId(f"{figures.id}-clinic"),
                name=f"{name.capitalize()} clinic",
                services=(ServiceId(f"{figures.id}-visit"),),
                rooms=(RoomNeed(capabilities=(Capability("consulting-room"),)),) if figures.has_rooms else (),
                segments=_segments(f"{figures.id}-clinic"),
                **common,
            )
        if figures.blocks:
            is_local = figures.id == "ophthalmology"
            yield Activity(
                id=ActivityId(f"{figures.id}-theatre"),
                name=f"Theatre, {name}",
                services=tuple(ServiceId(case) for case, *_ in OPERATIONS[figures.id]),
                rooms=(RoomNeed(capabilities=(Capability("eye-theatre" if is_local else "theatre"),)),),
                pools=(nurses,) if is_local else (nurses, anaesthetist),
                is_surgery=True,
                **common,
            )
    for specialty, activity, services, room in (
        ("cardiology", "echo-list", ("echo-clinic",), None),
        ("radiology", "reporting", (), None),
        ("anaesthesia", "anaesthesia", GENERAL_ANAESTHESIA, None),
        ("anaesthesia", "preassessment", ("preassessment", "blood-and-preassessment"), "preassessment-room"),
    ):
        yield Activity(
            id=ActivityId(activity),
            name=activity.replace("-", " ").capitalize(),
            specialty=Specialty(specialty),
            capabilities=(Capability(specialty),),
            services=tuple(ServiceId(service) for service in services),
            rooms=() if room is None else (RoomNeed(capabilities=(Capability(room),)),),
            is_unpopular=activity == "reporting",
            segments=_segments(activity),
        )


def _segments(activity: str) -> tuple[Segment, ...]:
    return tuple(segment for half in PERIODS for segment in activity_segments(activity, half))


def _cover(network: Network) -> Iterator[Cover]:
    always = tuple(SlotRef(day=day, period=half) for day in WORKDAYS for half in PERIODS)
    for site in network.sites:
        if sum(p.site == site.id for p in network.physicians("radiology")) > 1:
            yield Cover(minimum=1, activity=ActivityId("reporting"), site=site.id, at=always)
