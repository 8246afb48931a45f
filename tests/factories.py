"""Small worlds, built in a line or two. Everything has a default; a test names only what it is about.

The home world is one site in Zurich, two weeks from Monday 2026-03-02, ticks of 5 minutes, open 08:00 to 18:00 on
weekdays. (The clocks go forward in Zurich on Sunday 2026-03-29.)
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from engine.model.appointment import Appointment, PlacedStep, Reservation
from engine.model.calendar import Interval, LocalPeriod
from engine.model.hours import Hours, WeeklyPeriod
from engine.model.order import Order
from engine.model.patient import Patient
from engine.model.problem import Problem
from engine.model.resource import Equipment, Practitioner, Room, Site
from engine.model.service import Role, Service, Step
from engine.model.session import Session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.model.resource import Resource
    from engine.model.timegrid import TimeGrid

ZONE = "Europe/Zurich"
MONDAY = date(2026, 3, 2)
WORKDAYS = ("mon", "tue", "wed", "thu", "fri")


def at(text: str, zone: str = ZONE) -> datetime:
    """An instant from local wall-clock text: "2026-03-02 08:00", or "08:00" for the first Monday."""
    full = text if " " in text else f"{MONDAY} {text}"
    return datetime.fromisoformat(full).replace(tzinfo=ZoneInfo(zone))


NOW = at("2026-03-01 12:00")
"""The Sunday before the home world begins."""


def period(start: str, end: str) -> LocalPeriod:
    return LocalPeriod(start=start, end=end)


def weekly(start: str = "08:00", end: str = "18:00", days: Sequence[str] = WORKDAYS) -> WeeklyPeriod:
    return WeeklyPeriod(days=days, start=start, end=end)


def site(id: str = "main", **fields: Any) -> Site:
    return Site(**{"id": id, "name": f"Site {id}", "time_zone": ZONE, "hours": Hours(weekly=(weekly(),)), **fields})


def practitioner(id: str = "dr-a", **fields: Any) -> Practitioner:
    """Bookable whenever open, unless told `use="in-sessions"`."""
    return Practitioner(**{"id": id, "name": f"Dr {id}", "site": "main", "use": "when-open", **fields})


def room(id: str = "room-1", **fields: Any) -> Room:
    return Room(**{"id": id, "name": f"Room {id}", "site": "main", **fields})


def equipment(id: str = "scanner", **fields: Any) -> Equipment:
    return Equipment(**{"id": id, "name": id, "site": "main", **fields})


def role(id: str, kind: str = "practitioner", **fields: Any) -> Role:
    return Role(**{"id": id, "kind": kind, **fields})


def step(id: str = "visit", minutes: int = 20, roles: Sequence[Role] | None = None, **fields: Any) -> Step:
    """By default a practitioner for the whole step."""
    if "nights" not in fields:
        fields.setdefault("duration", minutes)
    return Step(**{"id": id, "roles": (role("doctor"),) if roles is None else tuple(roles), **fields})


def service(id: str = "visit", *steps: Step, **fields: Any) -> Service:
    return Service(**{"id": id, "name": f"Service {id}", "steps": steps or (step(),), **fields})


def session(
    id: str, owner: str, day: date = MONDAY, start: str = "08:00", end: str = "12:00", **fields: Any
) -> Session:
    return Session(**{"id": id, "owner": owner, "site": "main", "day": day, "period": period(start, end), **fields})


def patient(id: str = "pat-1", **fields: Any) -> Patient:
    return Patient(**{"id": id, "name": f"Patient {id}", **fields})


def order(id: str = "ord-1", **fields: Any) -> Order:
    return Order(**{"id": id, "patient": "pat-1", "service": "visit", **fields})


def problem(
    resources: Sequence[Resource] = (),
    services: Sequence[Service] = (),
    days: int = 14,
    **fields: Any,
) -> Problem:
    """The home world; with no resources and services given, one practitioner and one visit of 20 minutes."""
    start = at("00:00")
    return Problem(
        **{
            "name": "home world",
            "time_zone": ZONE,
            "horizon": Interval(start=start, end=start + timedelta(days=days)),
            "sites": (site(),),
            "resources": tuple(resources) or (practitioner(),),
            "services": tuple(services) or (service(),),
            "patients": (patient(),),
            "orders": (order(),),
            **fields,
        }
    )


def grid(world: Problem) -> TimeGrid:
    return world.grid


def reservation(role: str, resource: str, start: datetime, end: datetime, **fields: Any) -> Reservation:
    return Reservation(role=role, resource=resource, start=start, end=end, **fields)


def placed(
    step: str, start: datetime, minutes: int, using: dict[str, str] | Sequence[Reservation] = (), **fields: Any
) -> PlacedStep:
    """A placed step; `using` maps roles to resources for the step's own time, or lists whole reservations."""
    end = start + timedelta(minutes=minutes)
    reservations = (
        tuple(reservation(r, who, start, end) for r, who in using.items()) if isinstance(using, dict) else tuple(using)
    )
    return PlacedStep(
        **{"step": step, "start": start, "end": end, "site": "main", "reservations": reservations, **fields}
    )


def appointment(id: str = "app-1", *steps: PlacedStep, start: str = "09:00", **fields: Any) -> Appointment:
    """By default the home world's 20-minute visit of its one order, with dr-a."""
    return Appointment(
        **{
            "id": id,
            "patient": "pat-1",
            "service": "visit",
            "order": "ord-1",
            "steps": steps or (placed("visit", at(start), 20, {"doctor": "dr-a"}),),
            **fields,
        }
    )
