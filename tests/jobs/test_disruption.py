"""What each kind of event does to a schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from engine.errors import UnknownIdError, UnsupportedRuleError
from engine.jobs.disruption import Disruption, Stretch, disruption_of
from engine.model.appointment import Appointment, AppointmentStatus
from engine.model.event import (
    AppointmentEvent,
    CapacityAdded,
    ConditionExpired,
    Event,
    LateArrival,
    OrderEvent,
    Overrun,
    PatientEvent,
    ResourceUnavailable,
    SessionEvent,
    TemplateChanged,
    WalkIn,
)
from engine.model.hours import ExceptionKind
from engine.model.order import Condition, ConditionStatus, OrderStatus
from engine.model.schedule import Schedule
from tests.factories import NOW, appointment, at, order, patient, placed, practitioner, problem, service, session

if TYPE_CHECKING:
    from engine.model.problem import Problem


def world(**fields: Any) -> Problem:
    return problem(
        resources=(practitioner("dr-a"), practitioner("dr-b")),
        services=(service(),),
        patients=(patient("pat-1"), patient("pat-2")),
        orders=(order("ord-1"), order("ord-2", patient="pat-2")),
        **fields,
    )


def visit(id: str = "app-1", start: str = "09:00", doctor: str = "dr-a", **fields: Any) -> Appointment:
    return appointment(id, placed("visit", at(start), 20, {"doctor": doctor}), **fields)


def second(start: str = "10:00", **fields: Any) -> Appointment:
    return visit("app-2", start, **{"patient": "pat-2", "order": "ord-2", **fields})


def happen(event: Event, *visits: Appointment, world: Problem | None = None, now: str = "") -> Disruption:
    schedule = Schedule.of(world or globals()["world"](), visits or (visit(),))
    return disruption_of(schedule, [event], now=at(now) if now else NOW)


def absence(start: str = "08:00", end: str = "12:00", resource: str = "dr-a") -> ResourceUnavailable:
    return ResourceUnavailable(id="e", at=NOW, kind="absence", resource=resource, start=at(start), end=at(end))


def on_visit(kind: str, id: str = "app-1") -> AppointmentEvent:
    return AppointmentEvent(id="e", at=NOW, kind=kind, appointment=id)


class TestCancellation:
    def test_ends_the_visit_and_frees_its_time(self) -> None:
        found = happen(on_visit("cancellation"))
        assert [(a.id, a.status) for a in found.ended] == [("app-1", AppointmentStatus.CANCELLED)]
        assert found.freed == (Stretch("dr-a", at("09:00"), at("09:20"), "app-1"),)

    def test_during_the_visit_frees_only_what_is_left(self) -> None:
        found = happen(on_visit("no-show"), now="09:05")
        assert found.ended[0].status is AppointmentStatus.NOSHOW
        assert found.freed == (Stretch("dr-a", at("09:05"), at("09:20"), "app-1"),)

    @pytest.mark.parametrize("status", ["cancelled", "noshow", "fulfilled", "arrived"])
    def test_of_a_visit_that_is_over_or_begun_changes_nothing(self, status: str) -> None:
        found = happen(on_visit("cancellation"), visit(status=status))
        assert (found.ended, found.freed, found.displaced) == ((), (), ())

    def test_of_an_expired_hold_changes_nothing(self) -> None:
        hold = visit(status="pending", expires_at=NOW)
        assert happen(on_visit("cancellation"), hold).ended == ()

    def test_of_an_unknown_visit_names_it(self) -> None:
        with pytest.raises(UnknownIdError, match="'app-9'"):
            happen(on_visit("cancellation", "app-9"))

    def test_twice_ends_it_once(self) -> None:
        found = disruption_of(
            Schedule.of(world(), [visit()]), [on_visit("cancellation"), on_visit("cancellation")], now=NOW
        )
        assert len(found.ended) == 1
        assert len(found.freed) == 1


class TestAbsence:
    def test_displaces_the_visits_it_overlaps_and_no_others(self) -> None:
        visits = (visit(), second("11:50"), visit("app-3", "12:00", patient="pat-2", order="ord-2"))
        assert [a.id for a in happen(absence(), *visits).displaced] == ["app-1", "app-2"]

    def test_touching_is_not_overlapping(self) -> None:
        assert happen(absence("09:20", "10:00")).displaced == ()
        assert happen(absence("08:00", "09:00")).displaced == ()

    def test_leaves_the_other_practitioner_alone(self) -> None:
        assert happen(absence(resource="dr-b")).displaced == ()

    def test_closes_the_practitioner_in_the_world_afterwards(self) -> None:
        hours = happen(absence()).problem.resource_by_id["dr-a"].hours
        assert hours is not None
        assert [(e.kind, e.start, e.end) for e in hours.exceptions] == [(ExceptionKind.LEAVE, at("08:00"), at("12:00"))]

    def test_most_urgent_comes_first(self) -> None:
        found = happen(absence(), visit(), second(priority="urgent"))
        assert [a.id for a in found.displaced] == ["app-2", "app-1"]

    @pytest.mark.parametrize(
        ("fields", "word"),
        [({"is_pinned": True}, "pinned"), ({"status": "arrived"}, "begun"), ({"order": None}, "no order")],
    )
    def test_names_what_must_not_move(self, fields: dict[str, Any], word: str) -> None:
        found = happen(absence(), visit(**fields))
        assert found.displaced == ()
        assert word in found.stuck[0].reason

    def test_does_not_move_what_has_begun_by_the_clock(self) -> None:
        assert happen(absence(), now="09:00").displaced == ()
        assert [a.id for a in happen(absence(), now="08:59").displaced] == ["app-1"]

    def test_a_visit_cancelled_by_another_event_is_not_displaced_as_well(self) -> None:
        found = disruption_of(Schedule.of(world(), [visit()]), [absence(), on_visit("cancellation")], now=NOW)
        assert found.displaced == ()
        assert len(found.ended) == 1

    def test_of_an_unknown_resource_names_the_nearest(self) -> None:
        with pytest.raises(UnknownIdError, match="Maybe you meant 'dr-a'"):
            happen(absence(resource="dr-aa"))


class TestOtherEvents:
    def test_a_late_patient_cannot_begin_before_coming(self) -> None:
        found = happen(LateArrival(id="e", at=NOW, appointment="app-1", minutes=30))
        assert found.not_before == {"app-1": at("09:30")}
        assert [a.id for a in found.displaced] == ["app-1"]

    def test_an_overrun_displaces_what_it_runs_into(self) -> None:
        overrun = Overrun(id="e", at=NOW, appointment="app-1", minutes=15)
        found = happen(overrun, visit(), second("09:30"), now="09:10")
        assert found.ended[0].end == at("09:35")
        assert found.ended[0].steps[0].reservations[0].end == at("09:35")
        assert [a.id for a in found.displaced] == ["app-2"]

    def test_an_overrun_up_to_the_next_visit_displaces_nothing(self) -> None:
        overrun = Overrun(id="e", at=NOW, appointment="app-1", minutes=10)
        assert happen(overrun, visit(), second("09:30"), now="09:10").displaced == ()

    def test_a_patient_asks_to_move(self) -> None:
        assert [a.id for a in happen(on_visit("move-asked")).displaced] == ["app-1"]

    def test_capacity_opens_the_resource(self) -> None:
        extra = CapacityAdded(id="e", at=NOW, resource="dr-b", start=at("18:00"), end=at("19:00"))
        found = happen(extra)
        assert found.freed == (Stretch("dr-b", at("18:00"), at("19:00")),)
        hours = found.problem.resource_by_id["dr-b"].hours
        assert hours is not None
        assert hours.exceptions[0].kind is ExceptionKind.EXTRA

    def test_a_walk_in_and_an_urgent_order_want_a_place(self) -> None:
        assert happen(WalkIn(id="e", at=NOW, order="ord-2")).wanted == ("ord-2",)
        assert happen(OrderEvent(id="e", at=NOW, kind="urgent-order", order="ord-2")).wanted == ("ord-2",)

    @pytest.mark.parametrize(
        "event",
        [OrderEvent(id="e", at=NOW, kind="urgent-order", order="ord-1"), WalkIn(id="e", at=NOW, order="ord-1")],
        ids=lambda e: e.kind,
    )
    def test_an_order_that_has_its_visit_wants_nothing_and_says_so(self, event: Event) -> None:
        found = happen(event)
        assert found.wanted == ()
        assert [left.reason for left in found.stuck] == [
            "Order ord-1 has its visit already, Mon 2 Mar 2026 09:00. Maybe ask to move that one."
        ]

    def test_a_series_wants_the_visits_that_it_has_not_got(self) -> None:
        series = order("ord-1", series=({"offset_days": 0}, {"offset_days": 7}))
        found = happen(OrderEvent(id="e", at=NOW, kind="urgent-order", order="ord-1"), world=problem(orders=(series,)))
        assert (found.wanted, found.stuck) == (("ord-1",), ())

    def test_a_withdrawn_order_takes_its_visit_along(self) -> None:
        found = happen(OrderEvent(id="e", at=NOW, kind="order-withdrawn", order="ord-1"))
        assert [a.id for a in found.ended] == ["app-1"]
        assert found.problem.order_by_id["ord-1"].status is OrderStatus.REVOKED

    def test_an_amended_order_is_booked_again(self) -> None:
        found = happen(OrderEvent(id="e", at=NOW, kind="order-amended", order="ord-1"))
        assert [a.id for a in found.displaced] == ["app-1"]

    def test_a_deceased_patient_is_expected_nowhere(self) -> None:
        found = happen(PatientEvent(id="e", at=NOW, kind="deceased", patient="pat-1"), visit(), second())
        assert [a.id for a in found.ended] == ["app-1"]
        assert found.problem.order_by_id["ord-1"].status is OrderStatus.REVOKED
        assert found.problem.order_by_id["ord-2"].status is OrderStatus.ACTIVE

    def test_an_unknown_patient_is_named(self) -> None:
        with pytest.raises(UnknownIdError, match="patient 'nobody'"):
            happen(PatientEvent(id="e", at=NOW, kind="deceased", patient="nobody"))

    @pytest.mark.parametrize(("blocks", "names"), [("booking", True), ("confirming", False), ("performing", False)])
    def test_an_expired_condition_names_the_visit_that_it_blocks(self, blocks: str, names: bool) -> None:
        asked = order("ord-1", conditions=(Condition(kind="authorisation", status="met", blocks=blocks),))
        found = happen(
            ConditionExpired(id="e", at=NOW, order="ord-1", condition="authorisation"),
            world=problem(orders=(asked,)),
        )
        assert (found.ended, found.displaced) == ((), ())  # no other time would help
        assert [left.appointment for left in found.stuck] == (["app-1"] if names else [])
        assert found.problem.order_by_id["ord-1"].conditions[0].status is ConditionStatus.EXPIRED

    def test_a_cancelled_session_is_gone_and_displaces_its_visits(self) -> None:
        with_session = world(sessions=(session("morning", "dr-a"),))
        found = happen(
            SessionEvent(id="e", at=NOW, kind="session-cancelled", session="morning"),
            visit(),
            second("13:00"),
            world=with_session,
        )
        assert [a.id for a in found.displaced] == ["app-1"]
        assert found.problem.sessions == ()

    def test_an_unknown_session_is_named(self) -> None:
        with pytest.raises(UnknownIdError, match="session 'evening'"):
            happen(SessionEvent(id="e", at=NOW, kind="session-cancelled", session="evening"))

    def test_what_cannot_be_answered_yet_is_refused_by_name(self) -> None:
        with pytest.raises(UnsupportedRuleError, match="template-changed"):
            happen(TemplateChanged(id="e", at=NOW, template="winter"))


def test_no_event_is_no_disruption() -> None:
    schedule = Schedule.of(world(), [visit()])
    assert disruption_of(schedule, [], now=NOW) == Disruption(problem=schedule.problem)
