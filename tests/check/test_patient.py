"""The patient: in one place at a time, when available, with time to get there."""

from __future__ import annotations

import pytest

from engine.model.calendar import Interval
from engine.model.codes import ConstraintCode
from tests.check.judged import BY_THE_MINUTE, allowing, codes, group, judge, override, the, visit
from tests.factories import (
    NOW,
    appointment,
    at,
    patient,
    placed,
    practitioner,
    problem,
    role,
    service,
    site,
    step,
)

DOCTORS = [practitioner(), practitioner("dr-b"), practitioner("dr-c")]


def of_patient(id, start, doctor="dr-a", patient="pat-1", **fields):
    return visit(id, start, using={"doctor": doctor}, patient=patient, **fields)


class TestPatientOverlap:
    CODE = ConstraintCode.PATIENT_OVERLAP

    @pytest.mark.parametrize(
        ("start", "is_broken"), [("09:20", False), ("09:15", True), ("08:40", False), ("08:45", True)]
    )
    def test_a_patient_is_in_one_place(self, start, is_broken):
        both = of_patient("a", "09:00"), of_patient("b", start, "dr-b")
        assert codes(problem(DOCTORS), *both) == [self.CODE] * is_broken

    def test_by_the_minute(self):
        world = problem(DOCTORS, **BY_THE_MINUTE)
        assert codes(world, of_patient("a", "09:00"), of_patient("b", "09:19", "dr-b")) == [self.CODE]

    def test_two_patients_are_two(self):
        world = problem(DOCTORS, patients=(patient(), patient("pat-2")))
        assert codes(world, of_patient("a", "09:00"), of_patient("b", "09:00", "dr-b", "pat-2")) == []
        assert codes(world, visit("a"), visit("b", using={"doctor": "dr-b"})) == []  # patients not known

    @pytest.mark.parametrize(("start", "is_broken"), [("09:30", False), ("09:25", True)])
    def test_arrival_counts(self, start, is_broken):
        world = problem(DOCTORS, [service(), service("early", step("visit", 20), arrive_before_min=10)])
        both = of_patient("a", "09:00"), of_patient("b", start, "dr-b", service="early")
        assert codes(world, *both) == [self.CODE] * is_broken

    def test_time_between_the_steps_is_the_patients_own_and_work_without_them_too(self):
        steps = [step("one"), step("lab", is_patient_present=False), step("two")]
        world = problem(DOCTORS, [service(), service("bundle", *steps, arrive_before_min=10)])
        starts = (("one", "09:00"), ("lab", "09:20"), ("two", "10:00"))
        placed_steps = [placed(s, at(t), 20, {"doctor": "dr-a"}) for s, t in starts]
        whole = appointment("a", *placed_steps, service="bundle", order=None)
        assert codes(world, whole, of_patient("b", "09:20", "dr-b"), of_patient("c", "09:40", "dr-b")) == []
        assert codes(world, whole, of_patient("b", "08:35", "dr-b")) == [self.CODE]
        assert codes(world, whole, of_patient("b", "09:45", "dr-b")) == [self.CODE]

    def test_arrival_goes_with_the_first_step_with_the_patient(self):
        steps = [step("prepare", is_patient_present=False), step("two")]
        world = problem(DOCTORS, [service(), service("bundle", *steps, arrive_before_min=10)])
        placed_steps = [placed(s, at(t), 20, {"doctor": "dr-a"}) for s, t in (("prepare", "09:00"), ("two", "09:20"))]
        whole = appointment("a", *placed_steps, service="bundle", order=None)
        assert codes(world, whole, of_patient("b", "08:50", "dr-b")) == []
        assert codes(world, whole, of_patient("b", "08:55", "dr-b")) == [self.CODE]

    def test_steps_of_one_visit_in_free_order(self):
        world = problem(DOCTORS, [service("visit", step("one"), step("two"), is_ordered=False)])
        one, two = (
            placed("one", at("09:00"), 20, {"doctor": "dr-a"}),
            placed("two", at("09:15"), 20, {"doctor": "dr-b"}),
        )
        assert codes(world, appointment("a", one, two, order=None)) == [self.CODE]

    def test_a_seat_takes_the_patients_time(self):
        world = problem(DOCTORS, [service(), service("class", step("visit", 20), group_size=3)])
        occurrence = group("g", placed("visit", at("09:00"), 20, {"doctor": "dr-b"}))
        seat = visit("s", service="class", group="g", using={}, patient="pat-1")
        assert codes(world, seat, of_patient("a", "09:15"), groups=(occurrence,)) == [self.CODE]
        assert codes(world, seat, of_patient("a", "09:20"), groups=(occurrence,)) == []

    def test_an_expired_hold_takes_nothing(self):
        hold = of_patient("b", "09:00", "dr-b", status="pending", expires_at=NOW)
        assert codes(problem(DOCTORS), of_patient("a", "09:00"), hold) == []

    def test_nobody_may_override_it_and_no_name_is_told(self):
        both = of_patient("a", "09:00"), of_patient("b", "09:10", "dr-b", overrides=(override(self.CODE),))
        assert codes(problem(DOCTORS), *both) == [self.CODE, ConstraintCode.OVERRIDE]
        found = the(self.CODE, problem(DOCTORS), *both)
        assert found.subjects == ("b", "a")
        assert "Patient pat-1" not in found.message


class TestPatientAvailable:
    CODE = ConstraintCode.PATIENT_AVAILABLE
    AWAY = patient(unavailable=(Interval(start=at("10:00"), end=at("12:00")),))

    @pytest.mark.parametrize(("start", "is_broken"), [
        ("09:40", False), ("09:45", True), ("11:00", True), ("11:55", True), ("12:00", False),
    ])  # fmt: skip
    def test_not_while_away(self, start, is_broken):
        assert codes(problem(patients=(self.AWAY,)), of_patient("a", start)) == [self.CODE] * is_broken

    def test_by_the_minute(self):
        world = problem(patients=(self.AWAY,), **BY_THE_MINUTE)
        assert codes(world, of_patient("a", "09:41")) == codes(world, of_patient("a", "11:59")) == [self.CODE]

    def test_arrival_counts_and_work_without_the_patient_does_not(self):
        early = problem(services=[service(arrive_before_min=15)], patients=(self.AWAY,))
        assert codes(early, of_patient("a", "12:15")) == []
        assert codes(early, of_patient("a", "12:10")) == [self.CODE]
        lab = problem(services=[service("visit", step("visit", 20, is_patient_present=False))], patients=(self.AWAY,))
        assert codes(lab, of_patient("a", "10:30")) == []

    def test_it_may_be_overridden(self):
        world = problem(patients=(self.AWAY,), policy=allowing(self.CODE))
        assert judge(world, of_patient("a", "11:00", overrides=(override(self.CODE),))).is_clean


class TestPatientTravel:
    CODE = ConstraintCode.PATIENT_TRAVEL
    SITES = (site(), site("far"))
    TRAVEL = ({"from": "main", "to": "far", "minutes": 30},)

    def world(self, *, services=(), **fields):
        who = [practitioner(), practitioner("dr-b", other_sites=("far",))]
        return problem(who, services, **{"sites": self.SITES, "travel": self.TRAVEL, **fields})

    @pytest.mark.parametrize(
        ("start", "is_broken"), [("09:50", False), ("09:45", True), ("08:10", False), ("08:15", True)]
    )
    def test_the_way_takes_its_time_in_both_directions(self, start, is_broken):
        both = of_patient("a", "09:00"), of_patient("b", start, "dr-b", site="far")
        assert codes(self.world(), *both) == [self.CODE] * is_broken

    def test_by_the_minute(self):
        both = of_patient("a", "09:00"), of_patient("b", "09:49", "dr-b", site="far")
        assert codes(self.world(**BY_THE_MINUTE), *both) == [self.CODE]

    def test_a_slow_walker_takes_longer_and_a_fast_one_no_less(self):
        for own, edge, too_early in ((60, "10:20", "10:15"), (5, "09:50", "09:45")):
            world = self.world(patients=(patient(travel_min=own),))
            for start, is_broken in ((edge, False), (too_early, True)):
                both = of_patient("a", "09:00"), of_patient("b", start, "dr-b", site="far")
                assert codes(world, *both) == [self.CODE] * is_broken

    def test_at_one_site_there_is_no_way(self):
        slow = self.world(patients=(patient(travel_min=60),))
        assert codes(slow, of_patient("a", "09:00"), of_patient("b", "09:20", "dr-b")) == []

    def bundle_at_two_sites(self, second, **fields):
        one = placed("one", at("09:00"), 20, {"doctor": "dr-a"})
        two = placed("two", at(second), 20, {"doctor": "dr-b"}, **{"site": "far", **fields})
        return appointment("a", one, two, service="bundle", order=None)

    def test_steps_of_one_visit_need_the_way_too(self):
        free = service("bundle", step("one"), step("two"), is_ordered=False)
        for bundle in (service("bundle", step("one"), step("two")), free):
            world = self.world(services=[service(), bundle])
            assert codes(world, self.bundle_at_two_sites("09:50")) == []
            assert codes(world, self.bundle_at_two_sites("09:45")) == [self.CODE]
            assert codes(world, self.bundle_at_two_sites("09:20", site="main")) == []
        assert codes(self.world(services=[service(), free]), self.bundle_at_two_sites("08:10")) == []
        assert codes(self.world(services=[service(), free]), self.bundle_at_two_sites("08:15")) == [self.CODE]
        to_the_minute = self.world(services=[service(), service("bundle", step("one"), step("two"))], **BY_THE_MINUTE)
        assert codes(to_the_minute, self.bundle_at_two_sites("09:49")) == [self.CODE]

    def test_a_step_without_the_patient_or_by_telephone_needs_no_way(self):
        for second in (step("two", is_patient_present=False), step("two", modalities=("in-person", "telephone"))):
            world = self.world(services=[service(), service("bundle", step("one"), second)])
            modality = "telephone" if second.is_patient_present else "in-person"
            assert codes(world, self.bundle_at_two_sites("09:20", modality=modality)) == []

    def test_the_way_starts_from_where_the_patient_was_last(self):
        bundle = service("bundle", step("one"), step("two"))
        world = self.world(services=[service(), bundle], patients=(patient(travel_min=30),))
        whole = self.bundle_at_two_sites("09:50")
        assert codes(world, whole, of_patient("b", "10:10", "dr-b", site="far")) == []
        three = of_patient("a", "08:00"), of_patient("b", "08:20"), of_patient("c", "09:10", "dr-b", site="far")
        assert codes(world, *three) == []

    def test_arrival_comes_after_the_way(self):
        world = self.world(services=[service(), service("early", step("visit", 20), arrive_before_min=10)])
        for start, is_broken in (("10:00", False), ("09:55", True)):
            both = of_patient("a", "09:00"), of_patient("b", start, "dr-b", site="far", service="early")
            assert codes(world, *both) == [self.CODE] * is_broken

    def test_the_telephone_needs_no_way(self):
        by_phone = service("visit", step("visit", 20, [role("doctor")], modalities=("in-person", "telephone")))
        both = of_patient("a", "09:00"), of_patient("b", "09:20", "dr-b", site="far", modality="telephone")
        assert codes(self.world(services=[by_phone]), *both) == []
