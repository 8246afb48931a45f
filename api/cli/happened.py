"""Events from the command line: which of the scenario's, an appointment cancelled, somebody absent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.cli.common import BadInputError, window_options
from api.wording import day_and_time, from_to, zone_of_visit
from engine.errors import UnknownIdError
from engine.model.appointment import OPEN
from engine.model.event import AppointmentEvent, AppointmentEventKind, ResourceUnavailable, UnavailableKind
from engine.model.ids import AppointmentId, EventId, ResourceId
from engine.model.resource import ResourceKind
from engine.scenario_io.values import found

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from engine.model.event import Event
    from engine.model.problem import Problem
    from engine.model.schedule import Schedule
    from engine.scenario_io import Scenario

__all__ = ["absence", "cancellation", "chosen_events", "events_asked_for", "listed"]

_UNAVAILABLE = {
    ResourceKind.PRACTITIONER: UnavailableKind.ABSENCE,
    ResourceKind.ROOM: UnavailableKind.ROOM_CLOSED,
    ResourceKind.BED: UnavailableKind.ROOM_CLOSED,
    ResourceKind.EQUIPMENT: UnavailableKind.EQUIPMENT_DOWN,
}


def events_asked_for(
    scenario: Scenario,
    *,
    now: datetime,
    chosen: Sequence[str] | None,
    cancelled: Sequence[str] | None,
    absent: str | None,
    start: str | None,
    end: str | None,
) -> list[Event]:
    """What happened, by the options of `slotwright reschedule`; all of the scenario's events where none is given.

    Raises
    ------
    BadInputError
        When options do not go together, nothing happened, or an appointment that is to be cancelled is over.
    UnknownIdError
        When an event, appointment or resource does not exist.
    """
    events: list[Event] = list(chosen_events(scenario, chosen))
    for name in listed("--cancel", cancelled):
        event = cancellation(scenario.schedule, AppointmentId(name), now)
        _refuse_ended(scenario.schedule, event.appointment, now)
        events.append(event)
    events += _absences(scenario.problem, now, absent, start, end)
    if chosen is None and cancelled is None and absent is None:
        events = list(scenario.events)
    if not events:
        raise BadInputError(
            "The scenario has no events. Maybe say what happened: --cancel, or --absent --from --until."
        )
    return events


def listed(option: str, given: Sequence[str] | None) -> list[str]:
    """Ids of an option that may be given several times, each time with several ids between commas.

    Raises
    ------
    BadInputError
        When it is given and holds no id.
    """
    ids = list(dict.fromkeys(part.strip() for text in given or () for part in text.split(",") if part.strip()))
    if given and not ids:
        raise BadInputError(f"{option}: found {found(given[0])}, expected ids with commas between them.")
    return ids


def chosen_events(scenario: Scenario, chosen: Sequence[str] | None) -> list[Event]:
    """The scenario's events with these ids.

    Raises
    ------
    UnknownIdError
        When there is none of an id.
    """
    known = {str(e.id): e for e in scenario.events}
    names = listed("--event", chosen)
    for name in names:
        if name not in known:
            raise UnknownIdError("event", name, list(known))
    return [known[name] for name in names]


def cancellation(schedule: Schedule, appointment: AppointmentId, now: datetime) -> AppointmentEvent:
    """The event of a cancelled appointment.

    Raises
    ------
    UnknownIdError
        When there is no such appointment.
    """
    visit = schedule.appointments.by_id(appointment)
    kind = AppointmentEventKind.CANCELLATION
    return AppointmentEvent(id=_id("cancelled", visit.id), at=now, kind=kind, appointment=visit.id)


def absence(
    problem: Problem, resource: ResourceId, start: datetime, end: datetime, now: datetime
) -> ResourceUnavailable:
    """The event of a person, room or machine that is not there during `[start, end)`.

    Raises
    ------
    UnknownIdError
        When there is no such resource.
    """
    kind = _UNAVAILABLE[problem.resource(resource).kind]
    return ResourceUnavailable(id=_id("absent", resource), at=now, kind=kind, resource=resource, start=start, end=end)


def _refuse_ended(schedule: Schedule, appointment: AppointmentId, now: datetime) -> None:
    visit = schedule.appointments.by_id(appointment)
    zone = zone_of_visit(schedule.problem, visit)
    if visit.status not in OPEN:
        raise BadInputError(f"--cancel: appointment {visit.id} is marked '{visit.status}', and cannot be cancelled.")
    if visit.end <= now:
        said = f"--cancel: appointment {visit.id} was {from_to(visit.start, visit.end, zone)}, which is past"
        raise BadInputError(f"{said} on {day_and_time(now, zone)}, the moment that is planned from.")


def _id(what: str, whom: str) -> EventId:
    return EventId(f"{what}-{whom}"[:100])


def _absences(problem: Problem, now: datetime, resource: str | None, start: str | None, end: str | None) -> list[Event]:
    first, last = window_options(problem, start, end)
    if resource is None and first is None and last is None:
        return []
    if resource is None or first is None or last is None:
        raise BadInputError("--absent, --from and --until go together: who is not there, and from when until when.")
    return [absence(problem, ResourceId(resource), first, last, now)]
