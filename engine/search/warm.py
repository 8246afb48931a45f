"""Compile what a search compiles, so that nobody waits for it on the telephone.

Compiled functions are kept on disk beside the package, so it takes about a minute once for an installation.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from engine.model.ids import AppointmentId
from engine.model.problem import Problem
from engine.model.schedule import Schedule
from engine.search.candidate import candidate_to_appointment, candidate_to_group
from engine.search.finder import find, why_not
from engine.search.occupancy import Occupancy

__all__ = ["warm_up"]

_SITE, _PATIENT = "clinic", "patient"
_MONDAY = date(2024, 1, 1)


def warm_up() -> None:
    """Ask for visits of every form in a small clinic and book them, one by one and all at once.

    To be called when a service starts, before it says that it is ready.
    """
    for weights in ({}, {"idle-gap": 1, "opened-session": 1}):
        _ask(Problem.model_validate({**_clinic(), "policy": {"weights": weights}}))


def _ask(problem: Problem) -> None:
    now, booked = problem.horizon.start, []
    occupancy = Occupancy.of(Schedule.of(problem), now=now)
    for order in problem.orders:
        for is_diverse in (True, False):
            found = find(occupancy, order, now=now, diverse=is_diverse, tidy=True)
        name = AppointmentId(order.id)
        visit = candidate_to_appointment(problem, order, found[0], id=name, now=now)
        occupancy.book(visit, candidate_to_group(problem, order, found[0], id=name))
        why_not(occupancy, order, now=now)
        booked.append(visit)
    Occupancy.of(Schedule.of(problem, [b for b in booked if b.group is None]), now=now)


def _clinic() -> dict[str, Any]:
    """One physician whose visits rows of bits say all about, and one for whom it takes the general search."""
    plain, other = _steps("plain", n_rooms=1), _steps("other", n_rooms=2)
    alone = {"id": "alone", "roles": other[0]["roles"][1:], "duration": 20}
    machine = {"id": "machine", "kind": "equipment", "use": "presence"}
    services: dict[str, dict[str, Any]] = {
        "plain": {"steps": plain[:1]},
        "plain-bundle": {"steps": plain},
        "plain-any-order": {"steps": plain, "is_ordered": False},
        "bundle": {"steps": other, "held": [{"role": machine, "first": "one", "last": "two"}]},
        "bundle-of-a-day": {"steps": other, "is_same_day": True},
        "any-order": {"steps": other, "is_ordered": False},
        "group": {"steps": other, "group_size": 4},
        "rooms-alone": {"steps": [alone]},
    }
    segments = [
        {"start": "08:00", "end": "17:00", "quota": 100},
        {"start": "17:00", "end": "18:00", "is_kept_for_urgent": True},
    ]
    hours = {"weekly": [{"start": "08:00", "end": "18:00", "days": ["mon", "tue", "wed", "thu", "fri"]}]}
    of_day = {"owner": "other", "site": _SITE, "period": {"start": "08:00", "end": "18:00"}, "segments": segments}
    due = f"{_MONDAY + timedelta(2)}T00:00:00Z"
    return {
        "name": "warm-up",
        "time_zone": "UTC",
        "horizon": {"start": f"{_MONDAY}T00:00:00Z", "end": f"{_MONDAY + timedelta(7)}T00:00:00Z"},
        "sites": [{"id": _SITE, "name": _SITE, "time_zone": "UTC", "hours": hours}],
        "resources": [
            _resource("plain", "practitioner", capabilities=["plain"], use="when-open"),
            _resource("other", "practitioner", capabilities=["other"]),
            *(_resource(f"room-{i}", "room") for i in range(3)),
            _resource("machine", "equipment", presence_limit=2),
        ],
        "sessions": [{"id": f"session-{i}", "day": _MONDAY + timedelta(i), **of_day} for i in range(5)],
        "services": [{"id": name, "name": name, **fields} for name, fields in services.items()],
        "patients": [{"id": _PATIENT, "name": _PATIENT}],
        "orders": [
            {"id": f"{name}-{i}", "patient": _PATIENT, "service": name, "due": due, "preference": {"times": wished}}
            for name in services
            for i, wished in enumerate(([], [{"start": "08:00", "end": "12:00"}]))
        ],
    }


def _resource(name: str, kind: str, **fields: Any) -> dict[str, Any]:
    return {"id": name, "name": name, "kind": kind, "site": _SITE, **fields}


def _steps(physician: str, *, n_rooms: int) -> list[dict[str, Any]]:
    roles = [
        {"id": "doctor", "kind": "practitioner", "capabilities": [physician]},
        {"id": "room", "kind": "room", "count": n_rooms},
    ]
    return [{"id": name, "roles": roles, "duration": 20} for name in ("one", "two")]


if __name__ == "__main__":
    warm_up()
