"""Visits that depend on each other."""

from __future__ import annotations

import pytest

from engine.model.codes import ConstraintCode
from engine.model.order import Occurrence, Prerequisite, Separation, Tie
from tests.check.judged import BY_THE_MINUTE, allowing, codes, judge, override, the, visit
from tests.factories import at, order, patient, practitioner, problem, service, site, weekly

ALWAYS = {"weekly": (weekly("00:00", "24:00", ("mon", "tue", "wed", "thu", "fri", "sat", "sun")),)}
DOCTORS = [practitioner(hours=ALWAYS), practitioner("dr-b", hours=ALWAYS)]


def of(n, start, id=None, doctor="dr-a", **fields):
    """The visit of order n."""
    fields = {"order": f"ord-{n}", "patient": "pat-1", "using": {"doctor": doctor}, **fields}
    return visit(id or f"app-{n}", at(start) if isinstance(start, str) else start, **fields)


def world_of(*orders, **fields):
    return problem(DOCTORS, fields.pop("services", [service(), service("scan")]), orders=orders, **fields)


class TestPrerequisite:
    CODE = ConstraintCode.PREREQUISITE

    def world(self, **fields):
        wanted = Prerequisite(order="ord-1", min_min=60, max_min=120)
        return world_of(order(), order("ord-2", prerequisites=(wanted,)), **fields)

    @pytest.mark.parametrize(("start", "is_broken"), [
        ("10:20", False), ("10:15", True), ("11:20", False), ("11:25", True), ("08:00", True),
    ])  # fmt: skip
    def test_not_too_soon_nor_too_late_after_the_end(self, start, is_broken):
        assert codes(self.world(), of(1, "09:00"), of(2, start)) == [self.CODE] * is_broken

    def test_by_the_minute(self):
        world = self.world(**BY_THE_MINUTE)
        assert (
            codes(world, of(1, "09:00"), of(2, "10:19")) == codes(world, of(1, "09:00"), of(2, "11:21")) == [self.CODE]
        )

    def test_without_the_other_visit(self):
        assert the(self.CODE, self.world(), of(2, "10:20")).message == (
            "Appointment app-2 must follow order ord-1, which has no visit."
        )
        assert codes(self.world(), of(1, "09:00", status="cancelled"), of(2, "10:20")) == [self.CODE]
        assert codes(self.world(), of(1, "09:00", status="fulfilled"), of(2, "10:20")) == []

    def test_of_a_series_the_last_visit_counts(self):
        world = world_of(
            order(series=(Occurrence(offset_days=0), Occurrence(offset_days=1))),
            order("ord-2", prerequisites=(Prerequisite(order="ord-1"),)),
        )
        first, second = of(1, "09:00"), of(1, "2026-03-03 09:00", "app-1b", occurrence=1)
        assert codes(world, first, second, of(2, "2026-03-03 09:20")) == []
        assert codes(world, first, second, of(2, "2026-03-02 10:00")) == [self.CODE]

    def test_it_may_be_overridden(self):
        world = self.world(policy=allowing(self.CODE))
        assert judge(world, of(1, "09:00"), of(2, "09:30", overrides=(override(self.CODE),))).is_clean

    def test_what_the_other_visit_overrides_is_its_own(self):
        """Without the first visit the second would break the rule all the more."""
        world = self.world(policy=allowing(self.CODE))
        assert codes(world, of(1, "09:00", overrides=(override(self.CODE),)), of(2, "09:30")) == [self.CODE]


class TestSeparation:
    CODE = ConstraintCode.SEPARATION

    @pytest.mark.parametrize(("start", "is_broken"), [
        ("11:20", False), ("11:15", True), ("06:40", False), ("06:45", True), ("09:20", True),
    ])  # fmt: skip
    def test_before_and_after_a_visit_of_an_order(self, start, is_broken):
        world = world_of(order(), order("ord-2", separations=(Separation(minutes=120, order="ord-1"),)))
        assert codes(world, of(1, "09:00"), of(2, start)) == [self.CODE] * is_broken

    def test_by_the_minute(self):
        world = world_of(
            order(), order("ord-2", separations=(Separation(minutes=120, order="ord-1"),)), **BY_THE_MINUTE
        )
        assert (
            codes(world, of(1, "09:00"), of(2, "11:19")) == codes(world, of(1, "09:00"), of(2, "06:41")) == [self.CODE]
        )

    def test_of_a_service_of_the_same_patient(self):
        asks = order("ord-2", separations=(Separation(minutes=120, service="scan"),))
        other = order("ord-3", patient="pat-2", service="scan")
        world = world_of(order(service="scan"), asks, other, patients=(patient(), patient("pat-2")))
        assert codes(world, of(1, "09:00", service="scan"), of(2, "10:00")) == [self.CODE]
        assert codes(world, of(3, "09:00", service="scan", patient="pat-2"), of(2, "10:00")) == []
        assert codes(world, of(1, "09:00", service="scan", order=None), of(2, "10:00")) == [self.CODE]

    def test_its_own_series_keeps_the_distance_too(self):
        series = (Occurrence(offset_days=0), Occurrence(offset_days=1, before_days=1))
        world = world_of(order(series=series, separations=(Separation(minutes=1440, service="visit"),)))
        assert codes(world, of(1, "09:00"), of(1, "2026-03-03 09:20", "b", occurrence=1)) == []
        assert codes(world, of(1, "09:00"), of(1, "2026-03-03 09:15", "b", occurrence=1)) == [self.CODE]

    def test_overlapping_is_no_distance(self):
        world = world_of(order(), order("ord-2", separations=(Separation(minutes=1, order="ord-1"),)))
        both = of(1, "09:00"), of(2, "09:10", doctor="dr-b")
        assert codes(world, *both) == [ConstraintCode.PATIENT_OVERLAP, self.CODE]
        assert the(self.CODE, world, *both).subjects == ("app-2", "app-1")
        assert codes(world, of(1, "09:00"), of(2, "09:20", doctor="dr-b")) == [self.CODE]
        assert codes(world, of(1, "09:00"), of(2, "09:25", doctor="dr-b")) == []


class TestTie:
    CODE = ConstraintCode.TIE
    SITES = (site(hours=ALWAYS), site("far", hours=ALWAYS))

    def world(self, kind, wait=None, orders=None, **fields):
        orders = orders or (order(), order("ord-2"), order("ord-3"))
        tie = Tie(id="t", kind=kind, orders=tuple(o.id for o in orders), max_wait_min=wait)
        doctors = [d.model_copy(update={"other_sites": ("far",)}) for d in DOCTORS]
        return problem(doctors, orders=orders, ties=(tie,), sites=self.SITES, **fields)

    @pytest.mark.parametrize("kind", ["same-day", "one-trip", "household"])
    @pytest.mark.parametrize(("start", "is_broken"), [
        ("2026-03-02 23:55", False), ("2026-03-03 00:00", True), ("2026-03-02 00:00", False),
        ("2026-03-03 09:00", True),
    ])  # fmt: skip
    def test_on_one_local_day(self, kind, start, is_broken):
        assert codes(self.world(kind), of(1, "09:00"), of(2, start)) == [self.CODE] * is_broken

    def test_one_visit_alone_ties_nothing(self):
        assert codes(self.world("one-trip", 0), of(1, "09:00")) == []
        gone = of(2, "2026-03-03 09:00", status="cancelled")
        assert codes(self.world("one-trip", 0), of(1, "09:00"), gone) == []

    @pytest.mark.parametrize(("kind", "is_broken"), [("same-day", False), ("one-trip", True), ("household", True)])
    def test_a_trip_is_to_one_site(self, kind, is_broken):
        both = of(1, "09:00"), of(2, "12:00", site="far", doctor="dr-b")
        assert codes(self.world(kind), *both) == [self.CODE] * is_broken

    @pytest.mark.parametrize(("start", "is_broken"), [("09:50", False), ("09:55", True)])
    def test_the_wait_between(self, start, is_broken):
        world = self.world("one-trip", 30)
        assert codes(world, of(1, "09:00"), of(2, start)) == [self.CODE] * is_broken
        assert codes(world, of(2, "09:00"), of(1, start)) == [self.CODE] * is_broken
        assert codes(self.world("same-day", 30), of(1, "09:00"), of(2, start)) == []

    def test_by_the_minute(self):
        world = self.world("one-trip", 30, **BY_THE_MINUTE)
        assert codes(world, of(1, "09:00"), of(2, "09:51")) == [self.CODE]

    def test_of_three_no_wait_is_longer(self):
        three = of(1, "09:00"), of(2, "09:50"), of(3, "10:45")
        found = the(self.CODE, self.world("one-trip", 30), *three)
        assert found.subjects == ("app-1", "app-2", "app-3", "t")
        assert found.message.endswith("35 min apart before app-3; the wait may be 30 min.")

    def test_a_household_waits_for_whoever_is_last(self):
        orders = order(), order("ord-2", patient="pat-2"), order("ord-3")
        world = self.world("household", 30, orders, patients=(patient(), patient("pat-2")))
        long = of(1, "09:00", minutes=120)
        short = of(2, "09:30", patient="pat-2", doctor="dr-b")
        assert codes(world, long, short, of(3, "11:30")) == []
        assert codes(world, long, short, of(3, "11:35")) == [self.CODE]

    def test_one_order_booked_twice_is_tied_to_nothing(self):
        twice = of(1, "09:00"), of(1, "2026-03-03 09:00", "b")
        assert codes(self.world("same-day"), *twice) == [ConstraintCode.ORDER_ONCE]

    def test_it_is_overridden_when_the_others_keep_it(self):
        world = self.world("one-trip", 30, policy=allowing(self.CODE))
        waived = {"overrides": (override(self.CODE),)}
        later = of(3, "2026-03-04 09:00", **waived)
        assert codes(world, of(1, "09:00"), of(2, "09:20"), later) == []
        assert judge(world, of(1, "09:00"), of(2, "09:20"), later).of(self.CODE)
        assert codes(world, of(1, "09:00"), of(2, "2026-03-03 09:00"), later) == [self.CODE]
        assert codes(world, of(1, "09:00"), of(2, "10:20"), later) == [self.CODE]  # an hour's wait

    def test_of_series_visits_of_the_same_number_belong_together(self):
        series = (Occurrence(offset_days=0), Occurrence(offset_days=1, after_days=1))
        world = self.world("same-day", orders=(order(series=series), order("ord-2", series=series)))
        first = of(1, "09:00"), of(2, "10:00")
        assert codes(world, *first, *self.second("2026-03-03", "2026-03-03")) == []
        assert codes(world, *first, *self.second("2026-03-03", "2026-03-04")) == [self.CODE]

    def second(self, one, other):
        return of(1, f"{one} 09:00", "b1", occurrence=1), of(2, f"{other} 10:00", "b2", occurrence=1)


class TestSeries:
    CODE = ConstraintCode.SERIES
    SERIES = (Occurrence(offset_days=0), Occurrence(offset_days=7, before_days=1, after_days=2))

    @pytest.mark.parametrize(("start", "is_broken"), [
        ("2026-03-07 23:55", True), ("2026-03-08 00:00", False), ("2026-03-09 09:00", False),
        ("2026-03-11 23:55", False), ("2026-03-12 00:00", True),
    ])  # fmt: skip
    def test_within_the_tolerance_of_its_offset(self, start, is_broken):
        world = world_of(order(series=self.SERIES))
        assert codes(world, of(1, "09:00"), of(1, start, "b", occurrence=1)) == [self.CODE] * is_broken

    def test_a_week_over_a_change_of_the_clocks_is_seven_days_and_not_168_hours(self):
        horizon = {"start": at("2026-03-23 00:00"), "end": at("2026-04-06 00:00")}
        exact = (Occurrence(offset_days=0), Occurrence(offset_days=7))
        world = world_of(order(series=exact), horizon=horizon)
        first = of(1, "2026-03-24 00:00")
        assert codes(world, first, of(1, "2026-03-31 00:00", "b", occurrence=1)) == []
        assert codes(world, first, of(1, "2026-03-30 23:00", "b", occurrence=1)) == [self.CODE]

    def test_without_a_first_visit(self):
        world = world_of(order(series=self.SERIES))
        alone = of(1, "2026-03-09 09:00", "b", occurrence=1)
        assert the(self.CODE, world, alone).message == (
            "Appointment b is visit 2 of a series whose first visit is not booked."
        )
        assert codes(world, of(1, "09:00", status="cancelled"), alone) == [self.CODE]

    def test_what_the_first_visit_overrides_is_its_own(self):
        world = world_of(order(series=self.SERIES), policy=allowing(self.CODE))
        first, late = of(1, "09:00"), of(1, "2026-03-12 09:00", "b", occurrence=1)
        waived = {"overrides": (override(self.CODE),)}
        assert codes(world, first.model_copy(update=waived), late) == [self.CODE]
        assert codes(world, first, late.model_copy(update=waived)) == []

    def test_the_sentence(self):
        world = world_of(order(series=self.SERIES))
        found = the(self.CODE, world, of(1, "09:00"), of(1, "2026-03-12 09:00", "b", occurrence=1))
        assert found.subjects == ("b", "app-1", "ord-1")
        assert found.message == (
            "Appointment b is visit 2 of its series, on Thu 12 Mar 2026; "
            "it must be between Sun 8 Mar 2026 and Wed 11 Mar 2026."
        )
