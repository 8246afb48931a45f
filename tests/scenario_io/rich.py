"""A scenario with something of everything that files hold."""

from __future__ import annotations

from datetime import timedelta

from engine.model.appointment import GroupOccurrence, Override, Promise
from engine.model.codes import ConstraintCode
from engine.model.event import AppointmentEvent, AppointmentEventKind, ResourceUnavailable, UnavailableKind
from engine.model.explanation import LeftOver
from engine.model.order import Occurrence, Tie, TieKind
from engine.model.schedule import Schedule
from engine.model.service import NeedRule
from engine.model.shorthand import Duration
from engine.scenario_io import Scenario
from tests.factories import (
    MONDAY,
    NOW,
    appointment,
    at,
    equipment,
    order,
    patient,
    placed,
    practitioner,
    problem,
    role,
    room,
    service,
    session,
    step,
)


def rich_scenario(note: str = "", name: str = "Ann Smith", zone: str = "Europe/Zurich") -> Scenario:
    """A world with something of everything that a folder holds."""
    world = problem(
        [practitioner(), practitioner("dr-b", use="in-sessions"), room(), equipment(fixed_in="room-1")],
        [
            service(),
            service("scan", step("shot", roles=[role("doctor"), role("machine", "equipment", cleanup_min=5)],
                                 duration=Duration(minutes=30, by_modifier={"contrast": 15}))),
            service("group", step("talk"), group_size=4),
        ],
        time_zone=zone,
        needs=(NeedRule(need="hoist", adds_min=5),),
        sessions=(session("s1", "dr-b"), session("s2", "dr-b", MONDAY + timedelta(days=1), rooms=("room-1",))),
        patients=(patient(name=name, needs=("hoist",)), patient("pat-2", language=note)),
        orders=(
            order(note=note),
            order("ord-2", service="scan", modifiers=("contrast",), due=at("2026-03-05 17:00")),
            order("ord-3", patient="pat-2", series=(Occurrence(offset_days=0), Occurrence(offset_days=7))),
        ),
        ties=(Tie(id="t", kind=TieKind.SAME_DAY, orders=("ord-1", "ord-2")),),
    )  # fmt: skip
    override = Override(rule=ConstraintCode.CAPACITY, by="Kim", role="manager", reason=note or "full", at=NOW)
    talk = placed("talk", at("11:00"), 20, {"doctor": "dr-a"})
    booked = [
        appointment(note=note, is_pinned=True, promise=Promise(start=at("09:00"), practitioner="dr-a")),
        appointment("app-2", placed("shot", at("10:00"), 45, {"doctor": "dr-a", "machine": "scanner"}), order="ord-2",
                    service="scan", overrides=(override,), booked_at=NOW),
        appointment("app-3", talk.model_copy(update={"reservations": ()}), service="group", order=None, group="g"),
        appointment("app-4", status="pending", order="ord-3", occurrence=1, patient="pat-2", expires_at=at("12:00")),
    ]  # fmt: skip
    group = GroupOccurrence(id="g", service="group", seats=4, steps=(talk,))
    left = (LeftOver(order="ord-3", reason=note or "no time"),)
    events = (
        AppointmentEvent(id="e1", at=NOW, kind=AppointmentEventKind.CANCELLATION, appointment="app-1", note=note),
        ResourceUnavailable(
            id="e2", at=NOW, kind=UnavailableKind.ABSENCE, resource="dr-a", start=at("08:00"), end=at("12:00")
        ),
    )
    return Scenario(world, Schedule.of(world, booked, groups=(group,), left_over=left, version=7), events)
