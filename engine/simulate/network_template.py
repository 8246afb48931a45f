"""The hospital network's weekly template, made from who works where in each half-day of a fortnight."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from engine.model.calendar import LocalPeriod
from engine.model.ids import ResourceId, ServiceId, SessionId, SiteId, TemplateId
from engine.model.session import Release, Segment
from engine.model.template import Recurrence, Template, TemplateBlock, TemplateSession, TemplateStatus
from engine.simulate.network_figures import WORKDAYS
from engine.simulate.network_services import CONTRAST, GENERAL_ANAESTHESIA, OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from engine.model.resource import Practitioner

__all__ = ["CYCLE_WEEKS", "PERIODS", "SEEN", "Duty", "Slot", "activity_segments", "network_template"]

CYCLE_WEEKS = 2
PERIODS = {"am": (7 * 60 + 30, 12 * 60 + 30), "pm": (12 * 60 + 30, 17 * 60 + 30)}
"""The half-days of a template, in minutes since midnight."""
SEEN = {"am": (8 * 60, 11 * 60 + 20, 12 * 60), "pm": (13 * 60, 16 * 60 + 20, 17 * 60)}
"""When a clinic sees patients: from, kept for urgent ones from, until."""
_RELEASE = Release(days_before=1, at=12 * 60)
_BLOCK_RELEASE = {"orthopaedics": 14, "ophthalmology": 3, "ear-nose-throat": 3}


class Slot(NamedTuple):
    """A half-day of the fortnight."""

    week: int
    day: int
    half: str


@dataclass(frozen=True, slots=True)
class Duty:
    """A half-day of a physician."""

    physician: Practitioner
    slot: Slot
    activity: str
    site: SiteId
    rooms: tuple[ResourceId, ...] = ()
    theatre: ResourceId | None = None


def activity_segments(activity: str, half: str) -> tuple[Segment, ...]:
    """The segments of a session of an activity in a half-day."""
    start, kept, end = SEEN[half]
    whole = PERIODS[half]
    if activity == "anaesthesia":
        return (Segment(start=whole[0], end=whole[1], services=GENERAL_ANAESTHESIA),)
    if activity == "reporting":
        return (Segment(start=whole[0], end=whole[1], services=CONTRAST),)
    if activity == "preassessment":
        services = (ServiceId("preassessment"), ServiceId("blood-and-preassessment"))
        return (Segment(start=start, end=end, services=services),)
    given = (ServiceId("echo-clinic"),) if activity == "echo-list" else None
    return (
        Segment(start=start, end=kept, services=given),
        Segment(start=kept, end=end, services=given, is_kept_for_urgent=True, release=_RELEASE),
    )


def network_template(duties: Iterable[Duty], effective_from: date) -> Template:
    """One entry for what is the same in both weeks, else one for each."""
    weeks: defaultdict[tuple[ResourceId, int, str, str, SiteId, tuple[ResourceId, ...], ResourceId | None], list[int]]
    weeks = defaultdict(list)
    for duty in duties:
        key = duty.physician.id, duty.slot.day, duty.slot.half, duty.activity, duty.site, duty.rooms, duty.theatre
        weeks[key].append(duty.slot.week + 1)
    sessions, blocks = [], []
    for (physician, day, half, activity, site, rooms, theatre), in_weeks in weeks.items():
        suffix = "" if len(in_weeks) == CYCLE_WEEKS else f"-{in_weeks[0]}"
        id = SessionId(f"{physician}-{WORKDAYS[day]}-{half}{suffix}")
        on = Recurrence(day=WORKDAYS[day], weeks=tuple(in_weeks) if suffix else ())
        period = LocalPeriod(start=PERIODS[half][0], end=PERIODS[half][1])
        if theatre is not None:
            specialty = activity.removesuffix("-theatre")
            services = tuple(ServiceId(name) for name, *_ in OPERATIONS[specialty])
            release = Release(days_before=_BLOCK_RELEASE.get(specialty, 7), at=12 * 60)
            blocks.append(
                TemplateBlock(
                    id=id,
                    theatre=theatre,
                    practitioner=physician,
                    on=on,
                    period=period,
                    services=services,
                    release=release,
                )
            )
            continue
        sessions.append(
            TemplateSession(
                id=id,
                owner=physician,
                site=site,
                activity=activity,
                on=on,
                period=period,
                rooms=rooms,
                segments=activity_segments(activity, half),
            )
        )
    return Template(
        id=TemplateId("fortnight"),
        name="The usual fortnight",
        status=TemplateStatus.PUBLISHED,
        cycle_weeks=CYCLE_WEEKS,
        effective_from=effective_from,
        sessions=tuple(sessions),
        blocks=tuple(blocks),
    )
