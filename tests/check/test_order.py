"""What an order asks of its visit, and a policy of every visit."""

from __future__ import annotations

from datetime import UTC, date, timedelta

import pytest

from engine.model.codes import SAFETY_RULES, ConstraintCode
from engine.model.order import Condition, Occurrence, TargetDate
from engine.model.policy import Policy
from tests.check.judged import BY_THE_MINUTE, MINUTE, allowing, codes, group, judge, override, the, visit
from tests.factories import (
    NOW,
    appointment,
    at,
    order,
    patient,
    placed,
    practitioner,
    problem,
    role,
    service,
    site,
    step,
    weekly,
)

ALWAYS = {"weekly": (weekly("00:00", "24:00", ("mon", "tue", "wed", "thu", "fri", "sat", "sun")),)}


def ordered(id="app-1", start="09:00", **fields):
    """A visit for the home world's order and patient."""
    return visit(id, start, **{"order": "ord-1", "patient": "pat-1", **fields})


def with_order(**fields):
    doctors = fields.pop("resources", [practitioner(hours=ALWAYS)])
    rest = {name: fields.pop(name) for name in tuple(fields) if name in ("policy", "sites", "horizon", "tick_min")}
    return problem(doctors, fields.pop("services", ()), orders=(order(**fields),), **rest)


class TestOrderOnce:
    CODE = ConstraintCode.ORDER_ONCE

    def test_once_is_right(self):
        assert codes(problem(), ordered()) == []

    def test_twice_is_not_unless_one_does_not_block(self):
        found = the(self.CODE, problem(), ordered("a"), ordered("b", "10:00"))
        assert found.subjects == ("a", "b")
        assert found.message == "Order ord-1 is booked 2 times (a, b)."
        assert codes(problem(), ordered("a"), ordered("b", "10:00", status="cancelled")) == []
        expired = ordered("b", "10:00", status="pending", expires_at=NOW)
        assert codes(problem(), ordered("a"), expired) == []
        assert codes(problem(), ordered("a"), expired, now=NOW - MINUTE) == [self.CODE]

    def test_an_occurrence_of_a_series_once_each(self):
        world = with_order(series=(Occurrence(offset_days=0), Occurrence(offset_days=1)))
        a, b = ordered("a"), ordered("b", at("2026-03-03 09:00"), occurrence=1)
        assert codes(world, a, b) == []
        again = ordered("c", at("2026-03-03 10:00"), occurrence=1)
        assert the(self.CODE, world, a, b, again).message == "Visit 2 of order ord-1 is booked 2 times (b, c)."

    def test_an_occurrence_that_does_not_exist(self):
        assert codes(problem(), ordered(occurrence=1)) == [self.CODE]
        world = with_order(series=(Occurrence(offset_days=0), Occurrence(offset_days=1)))
        third = ordered("b", "10:00", occurrence=2)
        assert the(self.CODE, world, ordered("a"), third).message == (
            "Appointment b stands for visit 3 of a series that has 2 (order ord-1)."
        )

    def test_for_the_orders_patient_and_service(self):
        world = problem(services=[service(), service("other")], patients=(patient(), patient("pat-2")))
        assert codes(world, ordered(patient="pat-2")) == [self.CODE]
        assert codes(world, ordered(patient=None)) == [self.CODE]
        assert codes(world, ordered(service="other")) == [self.CODE]

    @pytest.mark.parametrize(("status", "is_broken"), [
        ("active", False), ("completed", False), ("revoked", True), ("entered-in-error", True), ("draft", True),
        ("on-hold", True),
    ])  # fmt: skip
    def test_while_the_order_stands(self, status, is_broken):
        assert codes(with_order(status=status), ordered()) == [self.CODE] * is_broken
        assert codes(with_order(status=status), ordered(status="arrived")) == []


class TestEarliestStart:
    CODE = ConstraintCode.EARLIEST_START

    @pytest.mark.parametrize(("start", "is_broken"), [("09:00", False), ("08:55", True)])
    def test_not_before(self, start, is_broken):
        assert codes(with_order(earliest_start=at("09:00")), ordered(start=start)) == [self.CODE] * is_broken

    def test_by_the_minute(self):
        world = with_order(earliest_start=at("09:00"), **BY_THE_MINUTE)
        assert codes(world, ordered(start="08:59")) == [self.CODE]

    def test_arrival_may_be_before(self):
        world = with_order(earliest_start=at("09:00"), services=[service(arrive_before_min=30)])
        assert codes(world, ordered(start="09:00")) == []


class TestDeadline:
    CODE = ConstraintCode.DEADLINE

    @pytest.mark.parametrize(("start", "is_broken"), [("08:40", False), ("08:45", True)])
    def test_ended_by_then(self, start, is_broken):
        assert codes(with_order(deadline=at("09:00")), ordered(start=start)) == [self.CODE] * is_broken

    def test_by_the_minute(self):
        assert codes(with_order(deadline=at("09:00"), **BY_THE_MINUTE), ordered(start="08:41")) == [self.CODE]

    def test_the_sentence(self):
        assert the(self.CODE, with_order(deadline=at("09:00")), ordered()).message == (
            "Appointment app-1 ends Mon 2 Mar 2026 09:20, after the deadline Mon 2 Mar 2026 09:00."
        )


class TestTargetWindow:
    CODE = ConstraintCode.TARGET_WINDOW
    TARGET = TargetDate(day=date(2026, 3, 10), before_days=2, after_days=1)

    @pytest.mark.parametrize(("start", "is_broken"), [
        ("2026-03-07 23:55", True), ("2026-03-08 00:00", False), ("2026-03-10 12:00", False),
        ("2026-03-11 23:55", False), ("2026-03-12 00:00", True),
    ])  # fmt: skip
    def test_both_ends_included(self, start, is_broken):
        assert codes(with_order(target=self.TARGET), ordered(start=at(start))) == [self.CODE] * is_broken

    def test_the_local_day_counts(self):
        far = site("far", time_zone="Pacific/Auckland", hours=ALWAYS)
        doctor = practitioner(hours=ALWAYS, other_sites=("far",))
        world = with_order(target=self.TARGET, resources=[doctor], sites=(site(), far))
        assert codes(world, ordered(start=at("2026-03-08 00:00", "Pacific/Auckland"), site="far")) == []
        assert codes(world, ordered(start=at("2026-03-08 00:00"), site="far")) == []
        assert codes(world, ordered(start=at("2026-03-07 23:55", "Pacific/Auckland"), site="far")) == [self.CODE]

    def test_of_a_series_the_first_is_meant(self):
        world = with_order(target=self.TARGET, series=(Occurrence(offset_days=0), Occurrence(offset_days=5)))
        first = ordered("a", at("2026-03-10 09:00"))
        assert codes(world, first, ordered("b", at("2026-03-15 09:00"), occurrence=1)) == []


class TestNotice:
    CODE = ConstraintCode.NOTICE

    @pytest.mark.parametrize(("of_service", "of_policy"), [(120, 0), (0, 120), (120, 60), (60, 120)])
    def test_the_longer_notice_from_booking_to_start(self, of_service, of_policy):
        world = problem(services=[service(min_notice_min=of_service)], policy=Policy(min_notice_min=of_policy))
        assert codes(world, visit(booked_at=at("07:00"))) == []
        assert codes(world, visit(booked_at=at("07:01"))) == [self.CODE]

    def test_without_a_booking_time_now_counts(self):
        world = problem(services=[service(min_notice_min=120)])
        assert codes(world, visit(), now=at("07:00")) == []
        assert codes(world, visit(), now=at("07:00") + timedelta(seconds=59)) == []  # seconds are dropped
        assert codes(world, visit(), now=at("07:01")) == [self.CODE]

    def test_nothing_is_booked_into_the_past(self):
        assert codes(problem(), visit(), now=at("09:00")) == []
        assert codes(problem(), visit(), now=at("09:01")) == [self.CODE]

    def test_who_is_there_and_who_is_stat_passes(self):
        world = problem(
            services=[service(min_notice_min=120)],
            orders=(order(priority="stat"), order("ord-2", priority="urgent")),
        )
        assert codes(world, visit(status="arrived"), now=at("08:30")) == []
        assert codes(world, visit(priority="stat"), now=at("08:30")) == []
        assert codes(world, ordered(), now=at("08:30")) == []
        assert codes(world, ordered(order="ord-2", priority="urgent"), now=at("08:30")) == [self.CODE]

    @pytest.mark.parametrize(("change", "day_before", "hours"), [
        ("2026-03-29", "2026-03-28", 23), ("2026-10-25", "2026-10-24", 25),
    ])  # fmt: skip
    def test_it_is_elapsed_time_on_the_day_of_a_change(self, change, day_before, hours):
        start = at(f"{change} 12:00")
        horizon = {"start": at(f"{change} 00:00") - timedelta(days=6), "end": at(f"{change} 00:00") + timedelta(days=8)}
        world = problem([practitioner(hours=ALWAYS)], [service(min_notice_min=24 * 60)], horizon=horizon)
        booked = at(f"{day_before} 12:00")
        assert (start.astimezone(UTC) - booked.astimezone(UTC)) == timedelta(hours=hours)
        assert codes(world, visit(start=start, booked_at=booked)) == [self.CODE] * (hours < 24)
        a_day = start.astimezone(UTC) - timedelta(hours=24)
        assert codes(world, visit(start=start, booked_at=a_day)) == []
        assert codes(world, visit(start=start, booked_at=a_day + MINUTE)) == [self.CODE]


class TestHorizon:
    CODE = ConstraintCode.HORIZON
    WORLD = problem([practitioner(hours=ALWAYS)], policy=Policy())

    @pytest.mark.parametrize(("start", "is_broken"), [
        ("2026-03-02 00:00", False), ("2026-03-01 23:55", True), ("2026-03-15 23:40", False),
        ("2026-03-15 23:45", True), ("2026-03-16 00:00", True),
    ])  # fmt: skip
    def test_inside(self, start, is_broken):
        assert codes(self.WORLD, visit(start=at(start))) == [self.CODE] * is_broken

    def test_of_one_tick(self):
        horizon = {"start": at("09:00"), "end": at("09:05")}
        world = problem([practitioner()], [service("visit", step("visit", 5))], horizon=horizon)
        assert codes(world, visit(minutes=5)) == []
        assert codes(world, visit(minutes=10)) == [self.CODE]

    def test_history_may_stand_before_it(self):
        assert codes(self.WORLD, visit(start=at("2026-02-20 09:00"), status="fulfilled")) == []

    def test_days_ahead_are_local_days(self):
        world = problem([practitioner(hours=ALWAYS)], policy=Policy(max_ahead_days=3))
        late = {"booked_at": at("2026-03-04 23:59")}
        assert codes(world, visit(start=at("2026-03-07 23:55"), **late)) == []
        assert codes(world, visit(start=at("2026-03-08 00:00"), **late)) == [self.CODE]
        assert codes(world, visit(start=at("2026-03-08 00:00"), booked_at=at("2026-03-05 00:00"))) == []
        assert codes(world, visit(start=at("2026-03-08 00:00")), now=at("2026-03-05 00:00")) == []

    def test_a_horizon_of_one_tick(self):
        world = problem(
            [practitioner(hours=ALWAYS)],
            [service("visit", step("visit", 5))],
            horizon={"start": at("09:00"), "end": at("09:05")},
        )
        assert codes(world, visit(minutes=5)) == []
        assert codes(world, visit(start="09:05", minutes=5)) == [self.CODE]


class TestStartGrid:
    CODE = ConstraintCode.START_GRID

    @pytest.mark.parametrize(
        ("start", "is_broken"), [("09:00", False), ("09:15", False), ("09:05", True), ("09:14", True)]
    )
    def test_multiples_from_midnight(self, start, is_broken):
        world = problem(policy=Policy(start_grid_min=15))
        assert codes(world, visit(start=start)) == [self.CODE] * is_broken

    def test_a_grid_that_is_no_part_of_an_hour(self):
        world = problem(policy=Policy(start_grid_min=50))
        assert codes(world, visit(start="09:10")) == []  # 11 x 50
        assert codes(world, visit(start="09:00")) == [self.CODE]

    def test_a_sites_own_grid_by_its_own_clock(self):
        far = site("far", time_zone="Asia/Kathmandu", hours=ALWAYS, start_grid_min=30)  # 4 h 45 min ahead
        world = problem([practitioner(hours=ALWAYS, other_sites=("far",))], sites=(site(), far))
        assert codes(world, visit(start=at("2026-03-02 15:30", "Asia/Kathmandu"), site="far")) == []
        assert codes(world, visit(start=at("2026-03-02 09:00"), site="far")) == [self.CODE]  # 13:45 there

    def test_ordered_the_first_step_free_every_step(self):
        for is_ordered, expected in ((True, []), (False, [self.CODE])):
            bundle = service("visit", step("one"), step("two"), is_ordered=is_ordered)
            world = problem([practitioner()], [bundle], policy=Policy(start_grid_min=15))
            steps = [placed(s, at(t), 20, {"doctor": "dr-a"}) for s, t in (("one", "09:00"), ("two", "09:20"))]
            assert codes(world, appointment("a", *steps, order=None, patient=None)) == expected

    def test_the_grid_keeps_wall_time_over_a_change(self):
        horizon = {"start": at("2026-03-23 00:00"), "end": at("2026-04-06 00:00")}
        world = problem([practitioner(hours=ALWAYS)], policy=Policy(start_grid_min=120), horizon=horizon)
        change = at("2026-03-29 03:00").astimezone(UTC)  # two hours of elapsed time after midnight, three by the clock
        assert codes(world, visit(start=change)) == [self.CODE]
        assert codes(world, visit(start=change + 60 * MINUTE)) == []


class TestRequiredPractitioner:
    CODE = ConstraintCode.REQUIRED_PRACTITIONER
    DOCTORS = (practitioner(capabilities=("scan",)), practitioner("dr-b", capabilities=("scan", "talk")))

    def bundle(self, one, two):
        steps = [placed(s, at(t), 20, {"doctor": w}) for s, t, w in (("one", "09:00", one), ("two", "09:20", two))]
        return appointment("a", *steps)

    def world(self, two=(), asked="dr-a"):
        steps = step("one", 20, [role("doctor")]), step("two", 20, [role("doctor", capabilities=two)])
        return with_order(required_practitioner=asked, resources=self.DOCTORS, services=[service("visit", *steps)])

    def test_every_step_that_they_can_do(self):
        assert codes(self.world(), self.bundle("dr-a", "dr-a")) == []
        assert codes(self.world(), self.bundle("dr-a", "dr-b")) == [self.CODE]
        assert the(self.CODE, self.world(), self.bundle("dr-a", "dr-b")).message == (
            "Appointment a must be with Dr dr-a, and is not in step two."
        )

    def test_what_they_cannot_do_others_may(self):
        assert codes(self.world(two=("talk",)), self.bundle("dr-a", "dr-b")) == []
        assert codes(self.world(two=("talk",)), self.bundle("dr-b", "dr-b")) == [self.CODE]

    def test_in_no_step_at_all(self):
        watched = service("visit", step("visit", 20, [role("doctor", use="presence")]))
        world = with_order(required_practitioner="dr-a", resources=self.DOCTORS, services=[watched])
        for who, is_broken in (("dr-a", False), ("dr-b", True)):
            using = [
                r.model_copy(update={"use": "presence"}) for r in visit(using={"doctor": who}).steps[0].reservations
            ]
            assert codes(world, ordered(using=using)) == [self.CODE] * is_broken

    def test_in_a_group(self):
        klass = service("visit", step("visit", 20), group_size=3)
        for asked, is_broken in (("dr-a", False), ("dr-b", True)):
            world = with_order(required_practitioner=asked, resources=self.DOCTORS, services=[klass])
            occurrence = group("g", placed("visit", at("09:00"), 20, {"doctor": "dr-a"}), service="visit")
            seat = ordered(group="g", using={})
            assert codes(world, seat, groups=(occurrence,)) == [self.CODE] * is_broken


class TestRequiredSite:
    CODE = ConstraintCode.REQUIRED_SITE

    @pytest.mark.parametrize(("where", "is_broken"), [("far", False), ("main", True)])
    def test_there_and_nowhere_else(self, where, is_broken):
        doctor = practitioner(other_sites=("far",))
        world = with_order(required_site="far", resources=[doctor], sites=(site(), site("far")))
        assert codes(world, ordered(site=where)) == [self.CODE] * is_broken

    def test_every_step(self):
        doctor = practitioner(other_sites=("far",))
        bundle = service("visit", step("one"), step("two"))
        world = with_order(required_site="far", resources=[doctor], sites=(site(), site("far")), services=[bundle])
        one = placed("one", at("09:00"), 20, {"doctor": "dr-a"}, site="far")
        two = placed("two", at("09:20"), 20, {"doctor": "dr-a"}, site="main")
        assert codes(world, appointment("a", one, two)) == [self.CODE]


class TestCondition:
    CODE = ConstraintCode.CONDITION

    def world(self, **fields):
        return with_order(conditions=(Condition(kind="authorisation", **fields),))

    @pytest.mark.parametrize("status", ["pending", "refused", "expired"])
    def test_what_blocks_booking_lets_only_a_hold_pass(self, status):
        world = self.world(blocks="booking", status=status)
        assert codes(world, ordered()) == [self.CODE]
        assert codes(world, ordered(status="pending")) == [self.CODE]
        assert codes(world, ordered(status="pending", expires_at=NOW + MINUTE)) == []
        assert codes(self.world(blocks="booking", status="met"), ordered()) == []

    def test_what_blocks_confirming_or_performing_waits_until_then(self):
        assert codes(self.world(blocks="confirming"), ordered()) == []
        assert codes(self.world(blocks="confirming"), ordered(is_confirmed=True)) == [self.CODE]
        assert codes(self.world(blocks="performing"), ordered(is_confirmed=True)) == []
        assert codes(self.world(blocks="performing"), ordered(status="arrived")) == [self.CODE]

    @pytest.mark.parametrize(("first", "last", "is_broken"), [
        (date(2026, 3, 2), date(2026, 3, 2), False), (date(2026, 3, 3), None, True), (None, date(2026, 3, 1), True),
        (None, None, False),
    ])  # fmt: skip
    def test_valid_on_the_day(self, first, last, is_broken):
        world = self.world(status="met", valid_from=first, valid_until=last)
        assert codes(world, ordered()) == [self.CODE] * is_broken
        assert codes(world, ordered(status="pending", expires_at=NOW + MINUTE)) == [self.CODE] * is_broken

    def test_the_sentences(self):
        assert the(self.CODE, self.world(), ordered()).message == (
            "Appointment app-1: the authorisation is pending; it must be met before booking."
        )
        late = self.world(status="met", valid_until=date(2026, 3, 1))
        assert the(self.CODE, late, ordered()).message == (
            "Appointment app-1 is on Mon 2 Mar 2026; its authorisation is valid until Sun 1 Mar 2026."
        )


class TestOverride:
    CODE = ConstraintCode.OVERRIDE

    def test_by_somebody_who_may(self):
        world = problem(policy=allowing(ConstraintCode.OPENING_HOURS))
        late = visit(start="18:00", overrides=(override(ConstraintCode.OPENING_HOURS),))
        assert codes(world, late) == []
        assert not judge(world, visit(start="18:00")).is_clean

    def test_by_somebody_who_may_not_it_covers_nothing(self):
        world = problem(policy=allowing(ConstraintCode.OPENING_HOURS))
        late = visit(start="18:00", overrides=(override(ConstraintCode.OPENING_HOURS, role="clerk"),))
        assert codes(world, late) == [ConstraintCode.OPENING_HOURS, self.CODE]
        assert the(self.CODE, world, late).message == (
            "Appointment app-1: kim (clerk) overrides opening-hours; manager may."
        )

    def test_a_rule_that_nobody_may_override(self):
        late = visit(overrides=(override(ConstraintCode.DEADLINE),))
        assert the(self.CODE, problem(), late).message.endswith("overrides deadline; nobody may.")

    @pytest.mark.parametrize("rule", sorted(SAFETY_RULES))
    def test_safety_rules_never(self, rule):
        given = visit(overrides=(override(rule),))
        assert codes(problem(), given) == [self.CODE]

    def test_another_rule_is_not_covered(self):
        world = problem(policy=allowing(ConstraintCode.OPENING_HOURS))
        early = ordered(start="09:00", overrides=(override(ConstraintCode.OPENING_HOURS),))
        world = world.changed(orders=(order(deadline=at("09:00")),))
        assert codes(world, early) == [ConstraintCode.DEADLINE]
