"""The soft costs of a weekly template."""

from __future__ import annotations

import pytest

from engine.check import check_template
from engine.check.costs import TEMPLATE_COSTS
from engine.model.codes import PenaltyCode
from engine.model.planning import Contract, Demand, SlotRef, StaffingContract, Wish
from engine.model.policy import Policy
from tests.check.templates import CLINIC, PM, RESOURCES, SURGERY, amounts, block, entry, free, nth, template, world
from tests.factories import practitioner, site


class TestDemandShort:
    CODE = PenaltyCode.DEMAND_SHORT

    def test_missing_sessions_by_priority(self):
        given = world(
            demand=(Demand(activity="clinic", sessions=4, priority=1), Demand(activity="surgery", sessions=1))
        )
        assert amounts(self.CODE, given) == [(("clinic",), 20), (("surgery",), 3)]
        some = entry("a", when=("08:00", "17:00")), entry("b", "dr-b"), block("c", day="tue")
        assert amounts(self.CODE, given, *some) == [(("clinic",), 5)]
        assert amounts(self.CODE, given, *some, entry("d", day="fri"), entry("e", day="thu")) == []

    def test_at_a_site(self):
        who = practitioner(other_sites=("far",))
        given = world(
            demand=(Demand(activity="clinic", sessions=1, site="far"),),
            sites=(site(), site("far")),
            resources=(who, *RESOURCES[1:]),
        )
        assert amounts(self.CODE, given, entry("a")) == [(("clinic", "far"), 3)]
        assert amounts(self.CODE, given, entry("a", site="far")) == []

    def test_each_cycle_of_the_brief(self):
        given = world(demand=(Demand(activity="clinic", sessions=1),))
        assert amounts(self.CODE, given, entry("a", weeks=(1,)), cycle_weeks=2) == [(("clinic",), 3)]


class TestContractShort:
    CODE = PenaltyCode.CONTRACT_SHORT

    @pytest.mark.parametrize(("wished", "short"), [(None, 0), (1, 0), (2, 0), (4, 2)])
    def test_below_what_is_wished(self, wished, short):
        parts = (Contract(activity="clinic", maximum=5, wished=wished),)
        given = world(contracts=(StaffingContract(practitioner="dr-a", activities=parts, maximum=5),))
        found = amounts(self.CODE, given, entry("a"), entry("b", day="tue"))
        assert found == ([(("dr-a", "clinic"), short)] if short else [])

    def test_each_activity_by_itself(self):
        parts = tuple(Contract(activity=a, maximum=5, wished=1) for a in ("clinic", "surgery"))
        given = world(contracts=(StaffingContract(practitioner="dr-a", activities=parts, maximum=5),))
        assert amounts(self.CODE, given, entry("a"), entry("b", day="tue")) == [(("dr-a", "surgery"), 1)]


class TestWish:
    CODE = PenaltyCode.WISH

    def wished(self, kind, **fields):
        return Wish(
            **{"practitioner": "dr-a", "at": SlotRef(day="mon", period="am"), "kind": kind, "strength": 3, **fields}
        )

    def test_off(self):
        given = world(wishes=(self.wished("off"),))
        assert amounts(self.CODE, given, entry("a")) == amounts(self.CODE, given, block("a")) == [(("dr-a",), 3)]
        assert amounts(self.CODE, given, entry("a", when=PM), entry("b", "dr-b")) == []

    def test_work(self):
        given = world(wishes=(self.wished("work"),))
        assert amounts(self.CODE, given, entry("a", when=PM)) == [(("dr-a",), 3)]
        assert amounts(self.CODE, given, block("a")) == []

    def test_of_an_activity(self):
        work, off = (
            world(wishes=(self.wished("work", activity="clinic"),)),
            world(wishes=(self.wished("off", activity="clinic"),)),
        )
        assert amounts(self.CODE, work, block("a")) == [(("dr-a",), 3)]
        assert amounts(self.CODE, off, block("a")) == []
        assert amounts(self.CODE, work, entry("a")) == []
        assert amounts(self.CODE, off, entry("a")) == [(("dr-a",), 3)]

    def test_for_each_week(self):
        both = world(wishes=(self.wished("work"),), cycle_weeks=2)
        assert amounts(self.CODE, both, cycle_weeks=2) == [(("dr-a",), 6)]
        assert amounts(self.CODE, both, entry("a", weeks=(1,)), cycle_weeks=2) == [(("dr-a",), 3)]
        second = world(wishes=(self.wished("work", at=SlotRef(day="mon", period="am", weeks=(2,))),), cycle_weeks=2)
        assert amounts(self.CODE, second, entry("a", weeks=(2,)), cycle_weeks=2) == []
        assert amounts(self.CODE, second, entry("a", weeks=(1,)), cycle_weeks=2) == [(("dr-a",), 3)]


class TestUnfair:
    CODE = PenaltyCode.UNFAIR
    LATE = CLINIC.model_copy(update={"is_unpopular": True})

    def test_the_most_minus_the_fewest(self):
        given = world(activities=(self.LATE, SURGERY), contracts=free("dr-a", "dr-b"))
        three = [entry(d, day=d) for d in ("mon", "tue", "wed")]
        assert amounts(self.CODE, given, *three) == [(("clinic",), 3)]
        assert amounts(self.CODE, given, *three, entry("b", "dr-b")) == [(("clinic",), 2)]
        assert amounts(self.CODE, given, three[0], entry("b", "dr-b")) == []

    def test_among_those_with_a_contract_for_it_and_when_it_is_unpopular(self):
        only = (StaffingContract(practitioner="dr-a", activities=(Contract(activity="clinic", maximum=5),), maximum=5),)
        assert amounts(self.CODE, world(activities=(self.LATE, SURGERY), contracts=only), entry("a")) == []
        assert amounts(self.CODE, world(), entry("a")) == []


class TestUnstable:
    CODE = PenaltyCode.UNSTABLE

    def world(self, *today, **fields):
        return world(today="today", templates=(template(*today, id="today"),), **fields)

    def test_gone_and_new(self):
        given = self.world(entry("a"), entry("b", day="tue"))
        assert amounts(self.CODE, given, entry("x"), entry("y", day="tue")) == []
        assert amounts(self.CODE, given, entry("x")) == [(("today",), 1)]
        assert amounts(self.CODE, given, entry("x"), entry("y", day="wed")) == [(("today",), 2)]
        assert amounts(self.CODE, given, entry("x"), entry("y", day="tue"), entry("z", "dr-b")) == [(("today",), 1)]

    def test_another_room_or_a_few_minutes_are_the_same(self):
        given = self.world(entry("a", rooms=("room-1",)))
        assert amounts(self.CODE, given, entry("x", rooms=("room-2",), when=("08:30", "12:00"))) == []

    @pytest.mark.parametrize("change", [{"owner": "dr-b"}, {"day": "tue"}, {"when": PM}, {"activity": "surgery"}])
    def test_anything_else_is_another(self, change):
        assert amounts(self.CODE, self.world(entry("a")), entry("x", **change)) == [(("today",), 2)]

    def test_each_period_and_week_counts(self):
        given = self.world(entry("a", when=("08:00", "17:00")))
        assert amounts(self.CODE, given) == [(("today",), 2)]
        assert amounts(self.CODE, given, entry("x"), entry("y", when=PM)) == []
        assert amounts(self.CODE, self.world(entry("a")), entry("x", weeks=(1,)), cycle_weeks=2) == [(("today",), 1)]

    def test_blocks(self):
        given = self.world(block("a"))
        assert amounts(self.CODE, given, block("x", theatre="room-1")) == []
        assert amounts(self.CODE, given, block("x", "dr-b")) == [(("today",), 2)]
        two = [block(i, None, specialty="hand", theatre=t) for i, t in (("a", "theatre"), ("b", "room-1"))]
        assert amounts(self.CODE, self.world(*two), two[0]) == [(("today",), 1)]

    def test_nth_weekdays(self):
        given = self.world(entry("a", on=nth(1)))
        assert amounts(self.CODE, given, entry("x", on=nth(1))) == []
        assert amounts(self.CODE, given, entry("x", on=nth(2))) == [(("today",), 2)]
        assert amounts(self.CODE, given, entry("x")) == [(("today",), 2)]


def test_every_cost_is_there_in_the_order_of_the_codes_and_sums_to_the_total():
    given = world(
        today="today",
        templates=(template(entry("old", day="fri"), id="today"),),
        activities=(TestUnfair.LATE, SURGERY),
        contracts=(
            StaffingContract(
                practitioner="dr-a", activities=(Contract(activity="clinic", maximum=5, wished=3),), maximum=5
            ),
            *free("dr-b"),
        ),
        demand=(Demand(activity="clinic", sessions=2, priority=5),),
        wishes=(Wish(practitioner="dr-a", at=SlotRef(day="mon", period="am"), kind="off"),),
        policy=Policy(weights=dict.fromkeys(PenaltyCode, 5)),
    )
    report = check_template(given, template(entry("a")))
    assert report.is_clean
    assert [t.code for t in report.breakdown.terms] == list(TEMPLATE_COSTS)
    assert [t.amount for t in report.breakdown.terms] == [1, 2, 1, 1, 2]
    assert report.breakdown.total == 35
