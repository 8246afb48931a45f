"""Judging in a line: which rules a few appointments break."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

from engine.check import CheckReport, check
from engine.model.appointment import GroupOccurrence, Override
from engine.model.policy import Policy
from engine.model.schedule import Schedule
from tests.factories import NOW, appointment, at, placed, reservation

if TYPE_CHECKING:
    from datetime import datetime

    from engine.model.appointment import Appointment, PlacedStep
    from engine.model.codes import ConstraintCode
    from engine.model.explanation import Violation
    from engine.model.problem import Problem

MINUTE = timedelta(minutes=1)
BY_THE_MINUTE: dict[str, Any] = {"tick_min": 1, "policy": Policy(start_grid_min=1)}
"""Of a problem whose ticks are minutes, and where visits start at any."""


def judge(
    world: Problem, *appointments: Appointment, now: datetime = NOW, groups: tuple[GroupOccurrence, ...] = ()
) -> CheckReport:
    return check(Schedule.of(world, appointments, groups=groups), now=now)


def codes(world: Problem, *appointments: Appointment, **how: Any) -> list[ConstraintCode]:
    """The rules that are broken and not overridden, each once, in the order of the codes."""
    found = judge(world, *appointments, **how).violations
    return list(dict.fromkeys(v.code for v in found if not v.is_overridden))


def the(code: ConstraintCode, world: Problem, *appointments: Appointment, **how: Any) -> Violation:
    """The one violation of a rule; there must be one, overridden or not."""
    (found,) = judge(world, *appointments, **how).of(code)
    return found


def visit(id: str = "app-1", start: datetime | str = "09:00", minutes: int = 20, **fields: Any) -> Appointment:
    """A visit of one step, of elapsed `minutes`; `using` as in `placed`; without an order and patient, unless told."""
    when = (at(start) if isinstance(start, str) else start).astimezone(UTC)
    using = fields.pop("using", {"doctor": "dr-a"})
    at_site = {name: fields.pop(name) for name in ("site", "modality") if name in fields}
    step = placed(fields.pop("step", "visit"), when, minutes, using, **at_site)
    return appointment(id, step, **{"order": None, "patient": None, **fields})


def uses(
    *given: tuple[str, str] | tuple[str, str, int, int],
    start: str | datetime = "09:00",
    minutes: int = 20,
    **fields: Any,
) -> list[Any]:
    """Reservations (role, resource, minutes earlier than the step, minutes longer than it)."""
    when = (at(start) if isinstance(start, str) else start).astimezone(UTC)
    wide = [(*g, 0, 0)[:4] for g in given]
    return [
        reservation(role, who, when - timedelta(minutes=before), when + timedelta(minutes=minutes + after), **fields)
        for role, who, before, after in wide
    ]


def allowing(*rules: ConstraintCode, **fields: Any) -> Policy:
    """A policy by which managers may override these rules."""
    return Policy(overridable_by=dict.fromkeys(rules, ("manager",)), **fields)


def override(rule: ConstraintCode, role: str = "manager") -> Override:
    return Override(rule=rule, by="kim", role=role, reason="agreed with the ward", at=NOW)


def group(id: str, *steps: PlacedStep, seats: int = 2, service: str = "class") -> GroupOccurrence:
    return GroupOccurrence(id=id, service=service, seats=seats, steps=steps)
