"""From one schedule to the next: what stays, and what a move costs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.check import check_change
from engine.model.appointment import Promise
from engine.model.codes import ConstraintCode, PenaltyCode
from engine.model.event import AppointmentEvent, LateArrival, OrderEvent, Overrun, PatientEvent
from engine.model.policy import Policy, PriorityWeights
from engine.model.schedule import Schedule
from tests.check.judged import MINUTE, allowing, group, override, uses, visit
from tests.factories import NOW, at, order, patient, placed, practitioner, problem, room, service, site, step, weekly

ALWAYS = {"weekly": (weekly("00:00", "24:00", ("mon", "tue", "wed", "thu", "fri", "sat", "sun")),)}
WORLD = problem(
    [practitioner(), practitioner("dr-b"), room(), room("room-2")],
    [service(), service("class", step("visit", 20), group_size=3)],
    policy=allowing(ConstraintCode.PINNED, priority=PriorityWeights(urgent=7)),
)
CANCELLED = AppointmentEvent(id="e", at=NOW, kind="cancellation", appointment="app-1")


def change(before, after, now=NOW, events=(), world=WORLD, groups=((), ())):
    """What the change from one visit to another (None: to none) breaks, and its costs."""
    old = Schedule.of(world, [before] if before else [], groups=groups[0])
    new = Schedule.of(world, [after] if after else [], groups=groups[1])
    return check_change(old, new, now=now, events=events)


def broken(before, after, **how):
    return [v.code for v in change(before, after, **how).violations if not v.is_overridden]


def costs(before, after, **how):
    return {t.code.value: t.amount for t in change(before, after, **how).breakdown.terms}


class TestPinned:
    CODE = ConstraintCode.PINNED

    def test_an_unpinned_visit_may_move(self):
        assert broken(visit(), visit(start="10:00")) == []
        assert broken(visit(), None) == []

    @pytest.mark.parametrize("after", [
        visit(start="09:05"), visit(minutes=25), visit(using={"doctor": "dr-b"}), visit(modality="video"), None,
        visit(status="cancelled"), visit(using=uses(("doctor", "dr-a", 0, 5))),
    ])  # fmt: skip
    def test_a_pinned_one_stays_as_it_is(self, after):
        assert broken(visit(is_pinned=True), after) == [self.CODE]

    def test_other_facts_of_it_may_change(self):
        pinned = visit(is_pinned=True)
        assert broken(pinned, visit(is_pinned=False, is_confirmed=True, note="will call", priority="urgent")) == []

    def test_an_event_may_end_it(self):
        pinned = visit(is_pinned=True, order="ord-1", patient="pat-1")
        assert broken(pinned, None, events=(CANCELLED,)) == []
        assert broken(pinned, None, events=(OrderEvent(id="e", at=NOW, kind="order-withdrawn", order="ord-1"),)) == []
        assert broken(pinned, None, events=(PatientEvent(id="e", at=NOW, kind="deceased", patient="pat-1"),)) == []
        other = AppointmentEvent(id="e", at=NOW, kind="cancellation", appointment="app-2")
        asked = AppointmentEvent(id="e", at=NOW, kind="move-asked", appointment="app-1")
        amended = OrderEvent(id="e", at=NOW, kind="order-amended", order="ord-1")
        assert broken(pinned, None, events=(other, asked, amended)) == [self.CODE]
        assert broken(pinned, visit(start="10:00"), events=(CANCELLED,)) == [self.CODE]

    def test_one_that_does_not_block_is_nobodys(self):
        assert broken(visit(is_pinned=True, status="cancelled"), None) == []
        expired = visit(is_pinned=True, status="pending", expires_at=NOW)
        assert broken(expired, None) == []
        assert broken(expired, None, now=NOW - MINUTE) == [self.CODE]

    def test_it_may_be_overridden_on_the_visit_moved(self):
        moved = visit(start="10:00", is_pinned=True, overrides=(override(self.CODE),))
        assert broken(visit(is_pinned=True), moved) == []
        (found,) = change(visit(is_pinned=True), moved).violations
        assert found.message == (
            "Appointment app-1 at Mon 2 Mar 2026 09:00 is pinned, and was moved to Mon 2 Mar 2026 10:00."
        )

    def test_a_pinned_seat_keeps_its_groups_resources(self):
        seat = visit(service="class", group="g", using={}, is_pinned=True)
        one, other = (group("g", placed("visit", at("09:00"), 20, {"doctor": d})) for d in ("dr-a", "dr-b"))
        assert broken(seat, seat, groups=((one,), (one,))) == []
        assert broken(seat, seat, groups=((one,), (other,))) == [self.CODE]


class TestPast:
    CODE = ConstraintCode.PAST

    @pytest.mark.parametrize(("late", "expected"), [(-1, []), (0, [CODE]), (1, [CODE])])
    def test_from_its_start_on_a_visit_stays(self, late, expected):
        now = at("09:00") + late * MINUTE
        assert broken(visit(), visit(start="10:00"), now=now) == expected
        assert broken(visit(), None, now=now) == expected

    @pytest.mark.parametrize("status", ["arrived", "checked-in", "fulfilled"])
    def test_once_begun_too(self, status):
        now = at("08:00")
        assert broken(visit(status=status), visit(start="10:00", status=status), now=now) == [self.CODE]
        assert broken(visit(status=status), visit(using={"doctor": "dr-b"}, status=status), now=now) == [self.CODE]
        assert broken(visit(status="booked"), visit(status=status), now=now) == []

    def test_pinned_and_past_is_past(self):
        assert broken(visit(is_pinned=True), None, now=at("09:30")) == [self.CODE]

    def test_a_no_show_and_a_cancellation_may_go(self):
        missed = AppointmentEvent(id="e", at=NOW, kind="no-show", appointment="app-1")
        for event in (missed, CANCELLED):
            assert broken(visit(), visit(status="noshow"), now=at("09:30"), events=(event,)) == []
        assert broken(visit(), visit(status="noshow"), now=at("09:30")) == [self.CODE]

    def test_one_that_overruns_may_end_later_with_the_same_resources(self):
        overrun = Overrun(id="e", at=NOW, appointment="app-1", minutes=10)
        now, before = at("09:10"), visit(status="arrived")
        longer = visit(minutes=30, status="arrived")
        assert broken(before, longer, now=now, events=(overrun,)) == []
        assert broken(before, longer, now=now) == [self.CODE]
        for how in ({"start": "09:05"}, {"using": {"doctor": "dr-b"}}):
            other = visit(minutes=30, status="arrived", **how)
            assert broken(before, other, now=now, events=(overrun,)) == [self.CODE]
        elsewhere = Overrun(id="e", at=NOW, appointment="app-2", minutes=10)
        assert broken(before, longer, now=now, events=(elsewhere,)) == [self.CODE]

    def test_one_that_is_late_may_start_later(self):
        late = LateArrival(id="e", at=NOW, appointment="app-1", minutes=20)
        now = at("09:10")
        assert broken(visit(), visit(start="09:20"), now=now, events=(late,)) == []
        assert broken(visit(), visit(start="08:55"), now=now, events=(late,)) == [self.CODE, self.CODE]
        assert broken(visit(), visit(start="09:20", using={"doctor": "dr-b"}), now=now, events=(late,)) == [self.CODE]

    @pytest.mark.parametrize(("start", "expected"), [("08:55", [CODE]), ("09:00", []), ("09:05", [])])
    def test_none_is_put_before_now(self, start, expected):
        assert broken(None, visit(start=start), now=at("09:00")) == expected
        assert broken(visit(start="12:00"), visit(start=start), now=at("09:00")) == expected

    def test_what_has_taken_place_may_be_written_down(self):
        assert broken(None, visit(start="08:00", status="fulfilled"), now=at("09:00")) == []

    def test_nobody_may_override_it(self):
        moved = visit(start="10:00", overrides=(override(self.CODE),))
        assert broken(visit(), moved, now=at("09:30")) == [self.CODE]


class TestMovedTime:
    CODE = PenaltyCode.MOVED_TIME

    def test_unchanged_costs_nothing(self):
        told = Promise(start=at("11:00"))
        assert costs(visit(), visit()) == {}
        assert costs(visit(promise=told), visit(promise=told)) == {}

    def test_without_a_promise_the_time_was_promised(self):
        assert costs(visit(), visit(start="09:05"), now=NOW - timedelta(days=9)) == {self.CODE: 1}
        assert costs(visit(), visit(using={"doctor": "dr-b"})) == {}
        assert costs(visit(), visit(minutes=30)) == {}

    @pytest.mark.parametrize(("told", "start", "is_moved"), [
        ("time", "09:00", False), ("time", "09:05", True), ("half-day", "11:55", False), ("half-day", "12:00", True),
        ("half-day", "08:00", False), ("day", "17:00", False), ("day", "12:00", False),
    ])  # fmt: skip
    def test_inside_the_promise_nobody_is_called(self, told, start, is_moved):
        before = visit(start="10:00", promise=Promise(time=told, start=at("09:00")))
        moved = {self.CODE: 1, "short-notice": 1} if is_moved else {}
        assert costs(before, visit(start=start)) == moved

    def test_noon_begins_the_second_half(self):
        before = visit(start="12:00", promise=Promise(time="half-day", start=at("12:00")))
        assert costs(before, visit(start="17:00")) == {}
        assert costs(before, visit(start="11:55")) == {self.CODE: 1, "short-notice": 1}

    def test_one_that_is_new_costs_nothing(self):
        assert costs(None, visit()) == {}


class TestMovedDay:
    CODE = PenaltyCode.MOVED_DAY

    @pytest.mark.parametrize("told", ["time", "half-day", "day"])
    def test_another_day_breaks_every_promise(self, told):
        before = visit(promise=Promise(time=told, start=at("09:00")))
        assert costs(before, visit(start=at("2026-03-03 09:00"))) == {self.CODE: 1, "short-notice": 1}

    def test_midnight_by_the_clock_of_the_site(self):
        world = problem([practitioner(hours=ALWAYS)], sites=(site(hours=ALWAYS),))
        before = visit(start="23:30", promise=Promise(time="day", start=at("23:30")))
        assert costs(before, visit(start="23:55"), world=world) == {}
        assert self.CODE in costs(before, visit(start=at("2026-03-03 00:00")), world=world)

    def test_back_to_the_promised_day_costs_nothing(self):
        before = visit(start=at("2026-03-03 09:00"), promise=Promise(time="day", start=at("09:00")))
        assert costs(before, visit(start="15:00")) == {}
        assert costs(before, visit(start=at("2026-03-03 10:00"))) == {self.CODE: 1, "short-notice": 1}


class TestChangedNamed:
    CODE = PenaltyCode.CHANGED_NAMED

    def test_only_where_a_name_was_told(self):
        told = visit(promise=Promise(start=at("09:00"), practitioner="dr-a"))
        assert costs(told, visit(using={"doctor": "dr-b"})) == {self.CODE: 1, "short-notice": 1}
        assert costs(visit(promise=Promise(start=at("09:00"))), visit(using={"doctor": "dr-b"})) == {}

    def test_the_named_one_may_change_rooms(self):
        told = visit(promise=Promise(start=at("09:00"), practitioner="dr-a"))
        assert costs(told, visit(using={"doctor": "dr-a", "place": "room-2"})) == {}

    def test_with_the_time_it_is_two_costs_and_one_call(self):
        told = visit(promise=Promise(start=at("09:00"), practitioner="dr-a"))
        moved = visit(start="10:00", using={"doctor": "dr-b"})
        assert costs(told, moved) == {"moved-time": 1, self.CODE: 1, "short-notice": 1}


class TestShortNotice:
    CODE = PenaltyCode.SHORT_NOTICE

    @pytest.mark.parametrize(("before_start", "is_short"), [(60, False), (59, True), (61, False)])
    def test_nearer_than_the_policy_says(self, before_start, is_short):
        world = problem(policy=Policy(short_notice_min=60))
        now = at("09:00") - before_start * MINUTE
        assert (self.CODE in costs(visit(), visit(start="12:00"), now=now, world=world)) is is_short

    def test_not_when_nobody_is_called(self):
        assert costs(visit(), visit(using={"doctor": "dr-b"}), now=at("08:55")) == {}


class TestMovedAgain:
    CODE = PenaltyCode.MOVED_AGAIN

    def test_as_often_as_it_was_moved_before(self):
        assert costs(visit(times_moved=2), visit(start="10:00", times_moved=3))[self.CODE] == 2
        assert self.CODE not in costs(visit(times_moved=0), visit(start="10:00", times_moved=1))

    def test_not_when_nobody_is_called(self):
        assert costs(visit(times_moved=2), visit(using={"doctor": "dr-b"})) == {}


class TestCancelled:
    CODE = PenaltyCode.CANCELLED

    def test_by_priority(self):
        for priority, factor in (("routine", 1), ("urgent", 7)):
            before = visit(priority=priority, order="ord-1", patient="pat-1")
            assert costs(before, None) == {self.CODE: factor}
            assert costs(before, visit(status="cancelled", order="ord-1", patient="pat-1")) == {self.CODE: factor}

    def test_not_when_an_event_ended_it_or_nobody_asks_any_more(self):
        before = visit(order="ord-1", patient="pat-1")
        assert costs(before, None, events=(CANCELLED,)) == {}
        revoked = WORLD.changed(orders=(order(status="revoked"),))
        old, new = Schedule.of(WORLD, [before]), Schedule.of(revoked)
        assert check_change(old, new, now=NOW).breakdown.total == 0

    def test_a_visit_without_an_order_is_lost_too_and_a_hold_is_not(self):
        assert costs(visit(), None) == {self.CODE: 1}
        assert costs(visit(status="pending", expires_at=NOW + MINUTE), None) == {}

    def test_the_cost_is_amount_times_weight(self):
        report = change(visit(priority="urgent"), None)
        assert report.breakdown.total == 7 * WORLD.policy.weight(self.CODE)
        assert report.breakdown.terms[0].subjects == ("app-1",)


def test_terms_come_in_the_order_of_the_codes():
    visits = [visit(f"v{i}", start, times_moved=1) for i, start in enumerate(("09:00", "10:00"))]
    moved = [visit("v0", "12:00"), visit("v1", at("2026-03-03 09:00"))]
    report = check_change(Schedule.of(WORLD, visits), Schedule.of(WORLD, moved), now=NOW)
    assert [(t.code.value, t.subjects) for t in report.breakdown.terms] == [
        ("moved-time", ("v0",)),
        ("moved-day", ("v1",)),
        ("short-notice", ("v0",)),
        ("short-notice", ("v1",)),
        ("moved-again", ("v0",)),
        ("moved-again", ("v1",)),
    ]


def test_patients_are_known_by_their_ids_only():
    named = problem(patients=(patient(name="Ada Unheard"),))
    before = visit(order="ord-1", patient="pat-1", is_pinned=True)
    (found,) = change(before, None, world=named).violations
    assert "Unheard" not in found.message
