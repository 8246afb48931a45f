"""Soft costs of a schedule."""

from __future__ import annotations

from datetime import date

import pytest

from engine.check.costs import SCHEDULE_COSTS
from engine.model.codes import PenaltyCode
from engine.model.order import Occurrence, Preference, TargetDate
from engine.model.policy import Policy, PriorityWeights
from tests.check.judged import group, judge, visit
from tests.factories import (
    appointment,
    at,
    order,
    patient,
    period,
    placed,
    practitioner,
    problem,
    service,
    site,
    step,
    weekly,
)

ALWAYS = {"weekly": (weekly("00:00", "24:00", ("mon", "tue", "wed", "thu", "fri", "sat", "sun")),)}
POLICY = Policy(
    priority=PriorityWeights(stat=1000, asap=100, urgent=10, routine=1),
    weights=dict.fromkeys(PenaltyCode, 3),
)


def ordered(start="09:00", id="app-1", **fields):
    return visit(id, start, **{"order": "ord-1", "patient": "pat-1", **fields})


def world_of(*orders, **fields):
    resources = fields.pop("resources", [practitioner(hours=ALWAYS), practitioner("dr-b", hours=ALWAYS)])
    return problem(resources, fields.pop("services", ()), orders=orders or (order(),), policy=POLICY, **fields)


def amounts(code, world, *appointments, **how):
    """(subjects, amount) of each term of a cost."""
    terms = judge(world, *appointments, **how).breakdown.terms
    assert all(t.weight == 3 for t in terms)
    return [(t.subjects, t.amount) for t in terms if t.code is code]


class TestUnplaced:
    CODE = PenaltyCode.UNPLACED

    def test_by_priority(self):
        world = world_of(order(), order("ord-2", priority="urgent"), order("ord-3", priority="stat"))
        assert amounts(self.CODE, world, ordered()) == [(("ord-2",), 10), (("ord-3",), 1000)]

    def test_each_occurrence_of_a_series(self):
        world = world_of(order(series=tuple(Occurrence(offset_days=i) for i in range(3))))
        assert amounts(self.CODE, world) == [(("ord-1",), 1)] * 3
        assert amounts(self.CODE, world, ordered()) == [(("ord-1",), 1)] * 2

    def test_what_does_not_block_places_nothing(self):
        assert amounts(self.CODE, world_of(), ordered(status="cancelled")) == [(("ord-1",), 1)]
        assert amounts(self.CODE, world_of(), ordered(status="fulfilled")) == []

    @pytest.mark.parametrize("status", ["draft", "on-hold", "revoked", "completed", "entered-in-error"])
    def test_only_active_orders(self, status):
        assert amounts(self.CODE, world_of(order(status=status))) == []


class TestTardiness:
    CODE = PenaltyCode.TARDINESS

    @pytest.mark.parametrize(("due", "hours"), [
        ("09:20", 0), ("12:00", 0), ("09:15", 1), ("08:20", 1), ("08:15", 2), ("07:00", 3),
    ])  # fmt: skip
    def test_started_hours(self, due, hours):
        found = amounts(self.CODE, world_of(order(due=at(due))), ordered())
        assert found == ([(("app-1",), hours)] if hours else [])

    def test_by_the_visits_priority(self):
        world = world_of(order(due=at("09:00"), priority="urgent"))
        assert amounts(self.CODE, world, ordered(priority="urgent")) == [(("app-1",), 10)]


class TestAccessDelay:
    CODE = PenaltyCode.ACCESS_DELAY

    @pytest.mark.parametrize(("fields", "days"), [
        ({"earliest_start": at("2026-03-04 23:00")}, 2),
        ({"earliest_start": at("2026-03-04 23:00"), "ordered_at": at("2026-02-01 12:00")}, 2),
        ({"ordered_at": at("2026-02-27 12:00")}, 7),
        ({}, 4),
    ])  # fmt: skip
    def test_local_days_from_the_earliest_start_else_the_order_else_the_horizon(self, fields, days):
        late = ordered(at("2026-03-06 00:30"))
        assert amounts(self.CODE, world_of(order(**fields)), late) == [(("app-1",), days)]

    def test_on_the_first_day_there_is_none(self):
        assert amounts(self.CODE, world_of(order(earliest_start=at("08:00"))), ordered("23:00")) == []
        assert amounts(self.CODE, world_of(order(earliest_start=at("2026-03-04 08:00"))), ordered()) == []

    def test_by_priority_and_only_with_an_order(self):
        urgent = ordered(at("2026-03-03 09:00"), priority="urgent")
        assert amounts(self.CODE, world_of(), urgent) == [(("app-1",), 10)]
        assert amounts(self.CODE, world_of(), visit("b", at("2026-03-03 09:00"))) == []


class TestTargetDistance:
    CODE = PenaltyCode.TARGET_DISTANCE
    TARGET = TargetDate(day=date(2026, 3, 5), before_days=4, after_days=4)

    @pytest.mark.parametrize(
        ("start", "days"), [("2026-03-05 00:00", 0), ("2026-03-02 09:00", 3), ("2026-03-09 23:00", 4)]
    )
    def test_days_either_way(self, start, days):
        found = amounts(self.CODE, world_of(order(target=self.TARGET)), ordered(at(start)))
        assert found == ([(("app-1",), days)] if days else [])

    def test_of_a_series_the_first_counts(self):
        world = world_of(order(target=self.TARGET, series=(Occurrence(offset_days=0), Occurrence(offset_days=7))))
        both = ordered(at("2026-03-05 09:00")), ordered(at("2026-03-12 09:00"), "b", occurrence=1)
        assert amounts(self.CODE, world, *both) == []


class TestNotPreferredPractitioner:
    CODE = PenaltyCode.NOT_PREFERRED_PRACTITIONER

    def test_the_orders_wish_before_the_patients(self):
        world = world_of(order(preferred_practitioner="dr-b"), patients=(patient(preferred_practitioner="dr-a"),))
        assert amounts(self.CODE, world, ordered()) == [(("app-1",), 1)]
        assert amounts(self.CODE, world, ordered(using={"doctor": "dr-b"})) == []

    def test_else_the_patients(self):
        world = world_of(patients=(patient(preferred_practitioner="dr-b"),))
        assert amounts(self.CODE, world, ordered()) == [(("app-1",), 1)]
        assert amounts(self.CODE, world, ordered(order=None)) == [(("app-1",), 1)]
        assert amounts(self.CODE, world_of(), ordered()) == []

    def test_in_any_step_or_in_the_group(self):
        world = world_of(
            order(preferred_practitioner="dr-b"), services=[service("visit", step("one"), step("two"), group_size=2)]
        )
        one, two = (
            placed("one", at("09:00"), 20, {"doctor": "dr-a"}),
            placed("two", at("09:20"), 20, {"doctor": "dr-b"}),
        )
        assert amounts(self.CODE, world, appointment("a", one, two)) == []
        seat = appointment("a", *(s.model_copy(update={"reservations": ()}) for s in (one, two)), group="g")
        assert amounts(self.CODE, world, seat, groups=(group("g", one, two, service="visit"),)) == []
        assert amounts(self.CODE, world, seat, groups=(group("g", one, service="visit"),)) == [(("a",), 1)]


class TestNotPreferredSite:
    CODE = PenaltyCode.NOT_PREFERRED_SITE

    def test_where_the_first_step_is(self):
        doctor = practitioner(hours=ALWAYS, other_sites=("far", "close"))
        sites = (site(), site("far"), site("close"))
        bundle = service("visit", step("one"), step("two"))
        world = world_of(order(preferred_sites=("far", "close")), resources=[doctor], sites=sites, services=[bundle])

        def at_sites(first, second):
            one = placed("one", at("09:00"), 20, {"doctor": "dr-a"}, site=first)
            two = placed("two", at("12:00"), 20, {"doctor": "dr-a"}, site=second)
            return appointment("a", two, one)  # the first in time, not in the list

        assert amounts(self.CODE, world, at_sites("far", "main")) == []
        assert amounts(self.CODE, world, at_sites("close", "main")) == []
        assert amounts(self.CODE, world, at_sites("main", "far")) == [(("a",), 1)]

    def test_without_a_wish_there_is_none(self):
        assert amounts(self.CODE, world_of(), ordered()) == []


class TestNotPreferredTime:
    CODE = PenaltyCode.NOT_PREFERRED_TIME

    @pytest.mark.parametrize(("weekdays", "times", "start", "cost"), [
        (("mon",), (), "2026-03-02 09:00", 0), (("tue", "wed"), (), "2026-03-02 09:00", 1),
        ((), ("08:00", "12:00"), "2026-03-02 08:00", 0), ((), ("08:00", "12:00"), "2026-03-02 12:00", 1),
        (("tue",), ("08:00", "09:00"), "2026-03-02 09:00", 1), (("mon",), ("08:00", "09:00"), "2026-03-02 09:00", 1),
        ((), ("22:00", "02:00"), "2026-03-02 01:55", 0), ((), (), "2026-03-02 09:00", 0),
    ])  # fmt: skip
    def test_weekday_and_time_of_day(self, weekdays, times, start, cost):
        wished = Preference(weekdays=weekdays, times=(period(*times),) if times else ())
        found = amounts(self.CODE, world_of(order(preference=wished)), ordered(at(start)))
        assert found == [(("app-1",), 1)] * cost

    def test_one_of_several_times_is_enough(self):
        wished = Preference(times=(period("08:00", "09:00"), period("16:00", "18:00")))
        assert amounts(self.CODE, world_of(order(preference=wished)), ordered("17:00")) == []
        assert amounts(self.CODE, world_of(order(preference=wished)), ordered("12:00")) == [(("app-1",), 1)]


class TestNotPreferredModality:
    CODE = PenaltyCode.NOT_PREFERRED_MODALITY

    @pytest.mark.parametrize(
        ("wish", "possible", "done", "cost"),
        [
            ("video", ("in-person", "video"), ("in-person",), 1),
            ("video", ("in-person", "video"), ("video",), 0),
            ("video", ("in-person",), ("in-person",), 0),  # it could not be by video
            ("in-person", ("video", "in-person"), ("telephone",), 1),
            (None, ("in-person", "video"), ("video",), 0),
            ("video", ("in-person", "video"), ("in-person", "in-person"), 1),  # once for a visit
            ("video", ("in-person", "video"), ("video", "in-person"), 1),
        ],
    )
    def test_a_step_that_could_be_as_wished_and_is_not(self, wish, possible, done, cost):
        names = [f"step-{i}" for i in range(len(done))]
        services = [service("visit", *(step(n, modalities=possible) for n in names))]
        world = world_of(order(preference=Preference(modality=wish)), services=services)
        steps = (
            placed(n, at(f"{9 + i}:00" if i else "09:00"), 20, {"doctor": "dr-a"}, modality=m)
            for i, (n, m) in enumerate(zip(names, done, strict=True))
        )
        assert amounts(self.CODE, world, appointment("a", *steps)) == [(("a",), 1)] * cost

    def test_a_visit_without_an_order_wishes_nothing(self):
        world = world_of(services=[service("visit", step(modalities=("in-person", "video")))])
        visit = appointment("a", placed("visit", at("09:00"), 20, {"doctor": "dr-a"}), order=None)
        assert amounts(self.CODE, world, visit) == []


class TestPatientWait:
    CODE = PenaltyCode.PATIENT_WAIT

    def world(self, **fields):
        steps = [step("one"), step("lab", is_patient_present=False), step("two"), step("three")]
        return world_of(services=[service("visit", *steps, is_ordered=False, arrive_before_min=30)], **fields)

    def bundle(self, *starts):
        names = ("one", "lab", "two", "three")
        return appointment("a", *(placed(n, at(t), 20, {"doctor": "dr-a"}) for n, t in zip(names, starts, strict=True)))

    def test_between_steps_with_the_patient(self):
        assert amounts(self.CODE, self.world(), self.bundle("09:00", "09:20", "10:00", "10:30")) == [(("a",), 50)]
        assert amounts(self.CODE, self.world(), self.bundle("09:00", "12:00", "09:20", "09:40")) == []
        assert amounts(self.CODE, self.world(), self.bundle("10:00", "08:00", "09:30", "09:00")) == [(("a",), 20)]

    def test_not_over_night(self):
        assert amounts(
            self.CODE, self.world(), self.bundle("23:30", "09:20", "2026-03-03 00:00", "2026-03-03 01:00")
        ) == [(("a",), 40)]


def test_every_cost_is_there_in_the_order_of_the_codes_and_sums_to_the_total():
    doctor, other = practitioner(hours=ALWAYS, other_sites=("far",)), practitioner("dr-b", hours=ALWAYS)
    full = order(
        "ord-1",
        due=at("2026-03-03 08:00"),
        target=TargetDate(day=date(2026, 3, 5), before_days=9),
        preferred_practitioner="dr-b",
        preferred_sites=("far",),
        preference=Preference(weekdays=("fri",), modality="video"),
    )
    bundle = service("visit", step("one"), step("two", modalities=("in-person", "video")))
    sites = (site(), site("far"))
    world = world_of(order("ord-2"), full, resources=[doctor, other], services=[bundle], sites=sites)
    one = placed("one", at("2026-03-03 09:00"), 20, {"doctor": "dr-a"})
    two = placed("two", at("2026-03-03 10:00"), 20, {"doctor": "dr-a"})
    breakdown = judge(world, appointment("a", one, two)).breakdown
    assert [t.code for t in breakdown.terms] == list(SCHEDULE_COSTS)
    assert [t.amount for t in breakdown.terms] == [1, 3, 1, 2, 1, 1, 1, 1, 40]
    assert breakdown.total == 3 * sum((1, 3, 1, 2, 1, 1, 1, 1, 40))
    assert breakdown.terms == judge(world, appointment("a", one, two)).breakdown.terms
