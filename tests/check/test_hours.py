"""Opening hours, and the way between sites."""

from __future__ import annotations

from datetime import UTC, timedelta

import pytest

from engine.model.codes import ConstraintCode
from engine.model.hours import Hours, HoursException
from tests.check.judged import BY_THE_MINUTE, allowing, codes, judge, override, the, uses, visit
from tests.factories import at, equipment, patient, practitioner, problem, role, service, session, site, step, weekly

EVERY_DAY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def exception(start, end, kind="closure"):
    return HoursException(kind=kind, start=at(start), end=at(end))


class TestOpeningHours:
    CODE = ConstraintCode.OPENING_HOURS

    @pytest.mark.parametrize(("tick", "start", "is_broken"), [
        (5, "08:00", False), (5, "07:55", True), (5, "17:40", False), (5, "17:45", True),
        (1, "07:59", True), (1, "17:41", True), (5, "06:00", True), (5, "20:00", True),
    ])  # fmt: skip
    def test_from_opening_to_closing(self, tick, start, is_broken):
        world = problem(**(BY_THE_MINUTE if tick == 1 else {}))
        assert codes(world, visit(start=start)) == [self.CODE] * is_broken

    def test_buffers_count(self):
        world = problem([practitioner(cleanup_min=10)])
        assert codes(world, visit(start="17:30", using=uses(("doctor", "dr-a", 0, 10), start="17:30"))) == []
        assert codes(world, visit(start="17:35", using=uses(("doctor", "dr-a", 0, 10), start="17:35"))) == [self.CODE]

    def test_the_sentence_says_when_and_not_why(self):
        away = practitioner(hours=Hours(exceptions=(exception("12:00", "18:00", "leave"),)))
        found = the(self.CODE, problem([away]), visit(start="13:00"))
        assert found.subjects == ("app-1", "dr-a")
        assert found.message == "Dr dr-a is reserved Mon 2 Mar 2026 13:00 to 13:20 by app-1, when it is not available."

    def test_own_hours_replace_the_sites(self):
        world = problem([practitioner(hours=Hours(weekly=(weekly("10:00", "20:00"),)))])
        assert codes(world, visit(start="19:40")) == []
        assert codes(world, visit(start="09:40")) == [self.CODE]

    def test_exceptions_of_resource_and_site_close_and_win_over_extra_time(self):
        own = Hours(exceptions=(exception("06:00", "08:00", "extra"), exception("07:00", "07:30", "meeting")))
        holiday = Hours(weekly=(weekly(),), exceptions=(exception("12:00", "13:00"),))
        world = problem([practitioner(hours=own)], sites=(site(hours=holiday),))
        for start, is_broken in (
            ("06:00", False), ("06:40", False), ("06:45", True), ("07:25", True), ("07:30", False), ("07:45", False),
            ("11:40", False), ("11:45", True), ("12:55", True), ("13:00", False),
        ):  # fmt: skip
            assert codes(world, visit(start=start)) == [self.CODE] * is_broken, start

    def test_times_that_touch_are_one(self):
        world = problem([practitioner(hours=Hours(weekly=(weekly("08:00", "12:00"), weekly("12:00", "18:00"))))])
        assert codes(world, visit(start="11:50")) == []
        gap = problem([practitioner(hours=Hours(weekly=(weekly("08:00", "12:00"), weekly("12:05", "18:00"))))])
        assert codes(gap, visit(start="11:50")) == [self.CODE]

    def test_a_night_reaches_into_the_next_day(self):
        world = problem([practitioner(hours=Hours(weekly=(weekly("22:00", "06:00", ("mon",)),)))])
        assert codes(world, visit(start=at("2026-03-03 05:40"))) == []
        assert codes(world, visit(start=at("2026-03-03 05:45"))) == [self.CODE]
        assert codes(world, visit(start="23:50")) == []
        assert codes(world, visit(start="05:00")) == [self.CODE]  # Sunday has no night

    def test_a_day_ends_at_midnight_and_not_a_minute_before(self):
        world = problem([practitioner(hours=Hours(weekly=(weekly("08:00", "24:00"),)))])
        assert codes(world, visit(start="23:40")) == []
        assert codes(world, visit(start="23:45")) == [self.CODE]
        next_day = weekly("00:00", "06:00", ("tue",))
        world = problem([practitioner(hours=Hours(weekly=(weekly("08:00", "24:00"), next_day)))])
        assert codes(world, visit(start="23:45")) == []

    def test_the_day_the_clocks_go_forward(self):
        horizon = {"start": at("2026-03-23 00:00"), "end": at("2026-04-06 00:00")}
        world = problem([practitioner(hours=Hours(weekly=(weekly("00:00", "06:00", ("sun",)),)))], horizon=horizon)
        midnight = at("2026-03-29 00:00").astimezone(UTC)
        assert codes(world, visit(start=midnight, minutes=300)) == []  # five hours until 06:00
        assert codes(world, visit(start=midnight, minutes=305)) == [self.CODE]

    def test_the_day_the_clocks_go_back(self):
        horizon = {"start": at("2026-10-19 00:00"), "end": at("2026-11-02 00:00")}
        world = problem([practitioner(hours=Hours(weekly=(weekly("00:00", "06:00", ("sun",)),)))], horizon=horizon)
        midnight = at("2026-10-25 00:00").astimezone(UTC)
        assert codes(world, visit(start=midnight, minutes=420)) == []  # seven hours until 06:00
        assert codes(world, visit(start=midnight, minutes=425)) == [self.CODE]

    def test_hours_are_of_the_resources_site(self):
        far = site("far", time_zone="Asia/Kathmandu")  # 4 h 45 min ahead
        world = problem([practitioner(site="far")], sites=(site(), far))
        assert codes(world, visit(start=at("2026-03-02 08:00", "Asia/Kathmandu"), site="far")) == []
        assert codes(world, visit(start=at("2026-03-02 07:55", "Asia/Kathmandu"), site="far")) == [self.CODE]

    def test_without_any_hours_it_is_never_open(self):
        world = problem(sites=(site(hours=Hours()),))
        assert codes(world, visit()) == [self.CODE]

    def test_history_before_the_horizon_is_judged_by_its_own_hours(self):
        past = at("2026-02-23 09:00")
        assert codes(problem(), visit(start=past, status="fulfilled")) == []
        assert codes(problem(), visit(start=past - timedelta(hours=2), status="fulfilled")) == [self.CODE]

    def test_it_may_be_overridden_where_the_policy_says_so(self):
        world = problem(policy=allowing(self.CODE))
        late = visit(start="17:45", overrides=(override(self.CODE),))
        (found,) = judge(world, late).violations
        assert found.is_overridden
        assert judge(world, late).is_clean


class TestStaffTravel:
    CODE = ConstraintCode.STAFF_TRAVEL
    SITES = (site(), site("far"), site("close"))

    def world(self, **fields):
        given = {
            "sites": self.SITES,
            "travel": ({"from": "main", "to": "far", "minutes": 30}, {"from": "far", "to": "main", "minutes": 45}),
            **fields,
        }
        return problem([practitioner(other_sites=("far", "close"))], **given)

    @pytest.mark.parametrize(("first", "second", "start", "is_broken"), [
        ("main", "far", "09:50", False), ("main", "far", "09:45", True), ("far", "main", "10:05", False),
        ("far", "main", "10:00", True), ("main", "close", "09:20", False), ("main", "main", "09:20", False),
    ])  # fmt: skip
    def test_each_way_has_its_time(self, first, second, start, is_broken):
        both = visit("a", "09:00", site=first), visit("b", start, site=second)
        assert codes(self.world(), *both) == [self.CODE] * is_broken

    def test_by_the_minute(self):
        world = self.world(**BY_THE_MINUTE)
        assert codes(world, visit("a", "09:00", site="main"), visit("b", "09:49", site="far")) == [self.CODE]

    def test_not_only_the_next_visit_counts(self):
        three = [
            visit("a", "09:00", site="main"),
            visit("b", "09:20", 5, site="close"),
            visit("c", "09:25", site="far"),
        ]
        found = the(self.CODE, self.world(services=[service("visit", step("visit", 5))]), *three)
        assert found.subjects == ("c", "a", "dr-a")
        assert "at Site main until Mon 2 Mar 2026 09:20" in found.message

    def test_buffers_come_before_the_way(self):
        world = self.world(services=[service("visit", step("visit", 20, [role("doctor", cleanup_min=10)]))])
        tidy = visit("a", "09:00", using=uses(("doctor", "dr-a", 0, 10)))
        for start, is_broken in (("10:00", False), ("09:55", True)):
            after = visit("b", start, site="far", using=uses(("doctor", "dr-a", 0, 10), start=start))
            assert codes(world, tidy, after) == [self.CODE] * is_broken

    def test_nobody_is_at_two_sites_at_once_even_without_a_way(self):
        world = self.world(services=[service("visit", step("visit", 20, [role("doctor", use="presence")]))])
        both = [
            visit(i, start, site=where, using=uses(("doctor", "dr-a"), start=start, use="presence"))
            for i, start, where in (("a", "09:00", "main"), ("b", "09:15", "close"))
        ]
        assert self.CODE in codes(world, *both)

    def test_things_do_not_travel(self):
        world = problem(
            [equipment(lanes=2)],
            [service("visit", step("visit", 20, [role("machine", "equipment")]))],
            sites=self.SITES,
            travel=({"from": "main", "to": "far", "minutes": 30},),
            patients=(patient(),),
        )
        both = (
            visit("a", "09:00", using={"machine": "scanner"}),
            visit("b", "09:20", site="far", using={"machine": "scanner"}),
        )
        assert codes(world, *both) == [ConstraintCode.ONE_SITE]

    def test_sessions_at_two_sites(self):
        who = practitioner(use="in-sessions", other_sites=("far",))
        sessions = (session("m", "dr-a", end="12:00"), session("f", "dr-a", start="12:00", end="18:00", site="far"))
        travel = ({"from": "main", "to": "far", "minutes": 30},)
        world = problem([who], sites=self.SITES, sessions=sessions, travel=travel)
        assert codes(world, visit("a", "11:30"), visit("b", "12:20", site="far")) == []
        assert codes(world, visit("a", "11:35"), visit("b", "12:20", site="far")) == [self.CODE]
