"""Sessions and surgery blocks: who may use their time, how often, and until when it is kept."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from engine.model.codes import ConstraintCode
from engine.model.hours import Hours
from engine.model.session import ClassQuota, FloatingBreak, Release, Segment, SurgeryBlock
from tests.check.judged import BY_THE_MINUTE, MINUTE, allowing, codes, group, judge, override, the, uses, visit
from tests.factories import (
    MONDAY,
    appointment,
    at,
    period,
    placed,
    practitioner,
    problem,
    reservation,
    role,
    room,
    service,
    session,
    site,
    step,
    weekly,
)

ALWAYS = Hours(weekly=(weekly("00:00", "24:00", ("mon", "tue", "wed", "thu", "fri", "sat", "sun")),))
DAY_BEFORE = Release(days_before=1, at="12:00")
SERVICES = [service(), service("scan"), service("talk")]


def in_sessions(*sessions, resources=(), **fields):
    doctor = practitioner(use="in-sessions", **fields.pop("doctor", {}))
    return problem([doctor, *resources], fields.pop("services", SERVICES), sessions=sessions, **fields)


def segment(start, end, **fields):
    return Segment(start=start, end=end, **fields)


class TestSession:
    CODE = ConstraintCode.SESSION

    @pytest.mark.parametrize(("start", "is_broken"), [
        ("08:00", False), ("07:55", True), ("11:40", False), ("11:45", True), ("12:00", True), ("15:00", True),
    ])  # fmt: skip
    def test_inside_from_edge_to_edge(self, start, is_broken):
        world = in_sessions(session("s", "dr-a"), doctor={"hours": ALWAYS})
        assert codes(world, visit(start=start)) == [self.CODE] * is_broken

    def test_by_the_minute(self):
        world = in_sessions(session("s", "dr-a"), doctor={"hours": ALWAYS}, **BY_THE_MINUTE)
        assert codes(world, visit(start="07:59")) == codes(world, visit(start="11:41")) == [self.CODE]

    def test_buffers_count(self):
        world = in_sessions(session("s", "dr-a"), doctor={"setup_min": 5})
        assert codes(world, visit(start="08:05", using=uses(("doctor", "dr-a", 5, 0), start="08:05"))) == []
        world = in_sessions(session("s", "dr-a"), doctor={"setup_min": 5, "hours": ALWAYS})
        assert codes(world, visit(start="08:00", using=uses(("doctor", "dr-a", 5, 0), start="08:00"))) == [self.CODE]

    def test_two_sessions_that_touch_are_not_one(self):
        world = in_sessions(session("s1", "dr-a"), session("s2", "dr-a", start="12:00", end="16:00"))
        assert codes(world, visit(start="11:40"), visit("b", "12:00")) == []
        assert codes(world, visit(start="11:50")) == [self.CODE]

    def test_a_pools_session_is_that_of_each_of_its_resources(self):
        pool = {"kind": "practitioner", "capabilities": ("nurse",)}
        world = problem(
            [
                practitioner(use="in-sessions", capabilities=("nurse",)),
                practitioner("dr-b", use="in-sessions"),
            ],
            sessions=(session("s", pool),),
        )
        assert codes(world, visit()) == []
        assert codes(world, visit(using={"doctor": "dr-b"})) == [self.CODE]

    def test_segments_name_services(self):
        parts = (segment("08:00", "09:00", services=("scan",)), segment("09:00", "10:00", services=("scan", "visit")))
        world = in_sessions(session("s", "dr-a", segments=parts))
        assert codes(world, visit(service="scan", start="08:50")) == []  # over both, and both name it
        assert codes(world, visit(start="09:00")) == []
        assert codes(world, visit(start="08:55")) == [self.CODE]
        assert codes(world, visit(service="scan", start="09:40")) == []
        assert codes(world, visit(service="scan", start="09:45")) == [self.CODE]  # the segments end at ten
        assert codes(world, visit(service="talk", start="09:00")) == [self.CODE]

    def test_a_segment_that_only_touches_may_be_for_others(self):
        parts = (segment("08:00", "09:00", services=("scan",)), segment("09:00", "10:00", services=("visit",)))
        world = in_sessions(session("s", "dr-a", segments=parts))
        assert codes(world, visit("a", "08:40", service="scan"), visit("b", "09:00")) == []

    def test_segments_with_a_gap_do_not_cover(self):
        parts = (segment("08:00", "09:00"), segment("09:05", "10:00"))
        world = in_sessions(session("s", "dr-a", segments=parts))
        assert codes(world, visit(start="08:40"), visit("b", "09:05")) == []
        assert codes(world, visit(start="08:50")) == [self.CODE]

    def test_the_session_must_be_at_the_steps_site(self):
        sites = (site(), site("far"))
        world = in_sessions(session("s", "dr-a", site="far"), sites=sites, doctor={"other_sites": ("far",)})
        assert codes(world, visit(site="far")) == []
        assert codes(world, visit(site="main")) == [self.CODE, ConstraintCode.ONE_SITE]

    def test_without_sessions_there_is_nothing(self):
        assert codes(in_sessions(), visit()) == [self.CODE]

    def test_when_open_a_session_takes_only_its_services(self):
        scans = session("s", "dr-a", segments=(segment("08:00", "12:00", services=("scan",)),))
        world = problem([practitioner()], SERVICES, sessions=(scans,))
        assert codes(world, visit(start="12:00"), visit("b", "09:00", service="scan")) == []
        assert codes(world, visit(start="09:00")) == [self.CODE]
        assert codes(world, visit(start="11:55")) == [self.CODE]  # it overlaps the session
        assert codes(world, visit(start="11:50", service="scan")) == [self.CODE]  # it is not inside it

    def test_a_session_that_only_the_missing_part_of_a_reservation_would_touch_is_not_used(self):
        scans = session("s", "dr-a", start="09:00", segments=(segment("09:00", "12:00", services=("scan",)),))
        world = problem([practitioner()], SERVICES, sessions=(scans,))
        cut_short = visit(start="08:50", using=uses(("doctor", "dr-a", 0, -10), start="08:50"))
        assert codes(world, cut_short) == [ConstraintCode.ROLE_FILLED]

    def test_a_night_session_belongs_to_the_day_it_starts(self):
        night = session("s", "dr-a", start="22:00", end="06:00", segments=(segment("01:00", "06:00"),))
        world = in_sessions(night, doctor={"hours": ALWAYS})
        assert codes(world, visit(start=at("2026-03-03 05:40"))) == []
        assert codes(world, visit(start=at("2026-03-03 05:45"))) == [self.CODE]
        assert codes(world, visit(start=at("2026-03-03 00:55"))) == [self.CODE]
        assert codes(world, visit(start=at("2026-03-02 01:30"))) == [self.CODE]

    def test_a_surgery_block_serves_its_theatre_and_its_owner(self):
        block = SurgeryBlock(id="b", day=MONDAY, theatre="room-1", period=period("08:00", "12:00"), practitioner="dr-a")
        services = [service("visit", step("visit", 20, [role("doctor"), role("place", "room")])), service("scan")]
        who = [practitioner(use="in-sessions"), practitioner("dr-b", use="in-sessions"), room(use="in-sessions")]
        world = problem(who, services, blocks=(block.model_copy(update={"services": ("visit",)}),))
        for start, is_broken in (("08:00", False), ("11:40", False), ("11:45", True)):
            given = visit(start=start, using={"doctor": "dr-a", "place": "room-1"})
            assert codes(world, given) == [self.CODE] * is_broken
        assert codes(world, visit(service="scan")) == [self.CODE]
        other = visit(using={"doctor": "dr-b", "place": "room-1"})
        assert codes(world, other) == [self.CODE, ConstraintCode.BLOCK_OWNER]
        by_specialty = block.model_copy(update={"practitioner": None, "specialty": "hand"})
        surgeon = who[1].model_copy(update={"specialties": ("hand",)})
        assert codes(problem([who[0], surgeon, who[2]], services, blocks=(by_specialty,)), other) == []

    def test_it_may_be_overridden(self):
        world = in_sessions(policy=allowing(self.CODE))
        (found,) = judge(world, visit(overrides=(override(self.CODE),))).violations
        assert found.is_overridden
        assert found.message == (
            "Appointment app-1: Dr dr-a is reserved Mon 2 Mar 2026 09:00 to 09:20 at main, "
            "where no session of theirs offers Service visit."
        )


class TestSegmentQuota:
    CODE = ConstraintCode.SEGMENT_QUOTA

    def world(self, quota=2, start="08:00", **fields):
        parts = (segment("08:00", "09:00", quota=quota), segment("09:00", "12:00"))
        return in_sessions(session("s", "dr-a", segments=parts), **fields)

    def test_up_to_the_quota(self):
        assert judge(self.world(), visit("a", "08:00"), visit("b", "08:20")).violations == ()

    def test_one_more(self):
        found = the(self.CODE, self.world(), visit("a", "08:00"), visit("b", "08:20"), visit("c", "08:40"))
        assert found.subjects == ("a", "b", "c", "dr-a", "s")
        assert found.message == "Dr dr-a has 3 visits Mon 2 Mar 2026 08:00 to 09:00; the quota is 2 (a, b, c)."

    @pytest.mark.parametrize(("start", "is_broken"), [("08:55", True), ("09:00", False)])
    def test_the_start_decides(self, start, is_broken):
        several = [visit("a", "08:00"), visit("b", "08:20"), visit("c", start)]
        assert codes(self.world(), *several) == [self.CODE] * is_broken

    def test_by_the_minute(self):
        several = [visit("a", "08:00"), visit("b", "08:20"), visit("c", "08:59")]
        assert codes(self.world(**BY_THE_MINUTE), *several) == [self.CODE]

    def test_the_window_starts_not_the_step_nor_the_buffer(self):
        late = [service("visit", step("visit", 20, [role("doctor", start="start+10", setup_min=15)]))]
        world = self.world(quota=0, services=late)
        for start, is_broken in (("08:45", True), ("08:50", False)):
            later = visit(start=start, using=uses(("doctor", "dr-a", 5, 0), start=start))
            assert codes(world, later) == [self.CODE] * is_broken

    def test_a_night_is_one_session_on_both_sides_of_midnight(self):
        parts = (segment("22:00", "06:00", quota=2),)
        nights = [
            session(f"s-{day.day}", "dr-a", day, "22:00", "06:00", segments=parts)
            for day in (MONDAY, MONDAY + timedelta(days=1))
        ]
        world = in_sessions(*nights, doctor={"hours": ALWAYS})
        monday = [visit(i, at(t)) for i, t in (("a", "2026-03-02 23:50"), ("b", "2026-03-03 05:40"))]
        assert codes(world, *monday, visit("c", at("2026-03-03 22:00"))) == []
        assert the(self.CODE, world, *monday, visit("c", at("2026-03-03 00:10"))).subjects[-2:] == ("dr-a", "s-2")

    def test_quota_nought(self):
        assert codes(self.world(quota=0), visit(start="08:00")) == [self.CODE]
        assert codes(self.world(quota=0)) == []

    def test_a_visit_with_two_steps_counts_once_in_a_segment(self):
        world = self.world(quota=1, services=[service("visit", step("one", 10), step("two", 10))])
        steps = [placed(s, at(t), 10, {"doctor": "dr-a"}) for s, t in (("one", "08:00"), ("two", "08:10"))]
        assert codes(world, appointment("a", *steps, order=None, patient=None)) == []

    def test_each_resource_of_a_pool_has_the_quota(self):
        pool = session("s", {"kind": "practitioner"}, segments=(segment("08:00", "12:00", quota=1),))
        world = problem([practitioner(), practitioner("dr-b")], sessions=(pool,))
        assert codes(world, visit("a", "08:00"), visit("b", "08:00", using={"doctor": "dr-b"})) == []
        assert codes(world, visit("a", "08:00"), visit("b", "08:20")) == [self.CODE]

    def test_a_group_counts_once(self):
        world = self.world(quota=1, services=[service("class", step("visit", 20), group_size=4)], orders=())
        occurrence = group("g", placed("visit", at("08:00"), 20, {"doctor": "dr-a"}), seats=4)
        seats = [visit(i, "08:00", service="class", group="g", using={}) for i in "abc"]
        assert codes(world, *seats, groups=(occurrence,)) == []

    def test_it_is_overridden_when_the_others_keep_it(self):
        world = self.world(quota=1, policy=allowing(self.CODE))
        a, b, c = (visit(i, t) for i, t in (("a", "08:00"), ("b", "08:20"), ("c", "08:40")))
        forced = b.model_copy(update={"overrides": (override(self.CODE),)})
        assert codes(world, a, forced) == []
        assert the(self.CODE, world, a, forced).is_overridden
        assert codes(world, a, forced, c) == [self.CODE]

    def test_cancelled_visits_do_not_count(self):
        several = [visit("a", "08:00"), visit("b", "08:20"), visit("c", "08:40", status="cancelled")]
        assert codes(self.world(), *several) == []


class TestClassQuota:
    CODE = ConstraintCode.CLASS_QUOTA
    WORLD = in_sessions(session("s", "dr-a", class_quotas=(ClassQuota(patient_class="inpatient", quota=1),)))

    def test_only_the_class_counts(self):
        assert codes(self.WORLD, visit("a", "08:00", patient_class="inpatient"), visit("b", "08:20")) == []

    def test_one_more_of_the_class(self):
        two = [visit(i, t, patient_class="inpatient") for i, t in (("a", "08:00"), ("b", "11:40"))]
        found = the(self.CODE, self.WORLD, *two)
        assert found.subjects == ("a", "b", "dr-a", "s")
        assert "of class inpatient" in found.message

    def test_reservations_that_reach_out_are_not_in_the_session(self):
        limited = session("s", "dr-a", class_quotas=(ClassQuota(patient_class="inpatient", quota=0),))
        world = problem([practitioner()], sessions=(limited,), policy=allowing(ConstraintCode.SESSION))
        assert codes(world, visit(start="11:40", patient_class="inpatient")) == [self.CODE]
        assert codes(world, visit(start="11:45", patient_class="inpatient")) == [ConstraintCode.SESSION]
        assert codes(world, visit(start="12:00", patient_class="inpatient")) == []

    def test_a_group_counts_for_each_class_in_it(self):
        services = [service("class", step("visit", 20), group_size=4)]
        world = in_sessions(*self.WORLD.sessions, services=services, orders=())
        occurrence = group("g", placed("visit", at("08:00"), 20, {"doctor": "dr-a"}), seats=4)
        seats = [visit(i, "08:00", service="class", group="g", using={}, patient_class="inpatient") for i in "ab"]
        assert codes(world, *seats, groups=(occurrence,)) == []
        alone = visit("c", "08:20", service="class", patient_class="inpatient")
        assert codes(world, *seats, alone, groups=(occurrence,)) == [self.CODE]


class TestKeptBack:
    CODE = ConstraintCode.KEPT_BACK
    RELEASED = at("2026-03-01 12:00")

    def world(self, release=DAY_BEFORE, **fields):
        kept = segment("10:00", "11:00", is_kept_for_urgent=True, release=release)
        parts = (segment("08:00", "10:00"), kept, segment("11:00", "12:00"))
        return in_sessions(session("s", "dr-a", segments=parts), **fields)

    @pytest.mark.parametrize(("booked", "is_broken"), [
        (RELEASED - timedelta(days=3), True), (RELEASED - MINUTE, True), (RELEASED, False), (RELEASED + MINUTE, False),
    ])  # fmt: skip
    def test_booked_before_or_from_the_release_on(self, booked, is_broken):
        assert codes(self.world(), visit(start="10:00", booked_at=booked)) == [self.CODE] * is_broken

    def test_without_booking_time_now_counts(self):
        seconds = timedelta(seconds=30)
        assert codes(self.world(), visit(start="10:00"), now=self.RELEASED) == []
        assert codes(self.world(), visit(start="10:00"), now=self.RELEASED - seconds) == [self.CODE]

    def test_what_was_legal_when_booked_stays_legal(self):
        old = visit(start="10:00", booked_at=self.RELEASED, status="fulfilled")
        assert codes(self.world(), old, now=at("2026-04-01 12:00")) == []

    @pytest.mark.parametrize(
        ("start", "is_broken"), [("09:40", False), ("09:45", True), ("10:55", True), ("11:00", False)]
    )
    def test_any_overlap_counts(self, start, is_broken):
        early = self.RELEASED - timedelta(days=3)
        assert codes(self.world(), visit(start=start, booked_at=early)) == [self.CODE] * is_broken

    @pytest.mark.parametrize("priority", ["stat", "asap", "urgent"])
    def test_urgent_visits_may(self, priority):
        early = self.RELEASED - timedelta(days=3)
        assert codes(self.world(), visit(start="10:00", booked_at=early, priority=priority)) == []

    def test_never_released(self):
        late = visit(start="10:00", booked_at=at("2026-03-02 09:59"))
        assert codes(self.world(release=None), late) == [self.CODE]

    def test_a_release_is_by_the_local_clock_over_a_change(self):
        kept = segment("10:00", "11:00", is_kept_for_urgent=True, release=Release(days_before=1, at="02:30"))
        monday = date(2026, 3, 30)  # 02:30 on Sunday does not exist: the release is at the change
        world = in_sessions(
            session("s", "dr-a", monday, segments=(kept,)),
            horizon={"start": at("2026-03-23 00:00"), "end": at("2026-04-06 00:00")},
        )
        change = at("2026-03-29 03:00")
        start = at("2026-03-30 10:00")
        assert codes(world, visit(start=start, booked_at=change)) == []
        assert codes(world, visit(start=start, booked_at=change.replace(hour=1, minute=59))) == [self.CODE]

    def test_a_group_is_urgent_when_one_in_it_is(self):
        services = [service("class", step("visit", 20), group_size=4)]
        world = self.world(release=None, services=services, orders=())
        occurrence = group("g", placed("visit", at("10:00"), 20, {"doctor": "dr-a"}))
        who = (("a", "routine"), ("b", "urgent"))
        seats = [visit(i, "10:00", service="class", group="g", using={}, priority=p) for i, p in who]
        assert codes(world, *seats, groups=(occurrence,)) == []
        assert codes(world, seats[0], groups=(occurrence,)) == [self.CODE]

    def test_the_sentence_says_until_when(self):
        found = the(self.CODE, self.world(), visit(start="10:00", booked_at=self.RELEASED - MINUTE))
        assert found.subjects == ("app-1", "dr-a", "s")
        assert found.message.endswith("that is kept for urgent orders until Sun 1 Mar 2026 12:00.")


class TestBlockOwner:
    CODE = ConstraintCode.BLOCK_OWNER
    RELEASED = at("2026-02-27 00:00")
    SERVICES = (service("visit", step("visit", 20, [role("doctor"), role("place", "room")])),)

    def world(self, **fields):
        given = {"practitioner": "dr-a", "release": Release(days_before=3), **fields}
        block = SurgeryBlock(id="b", day=MONDAY, theatre="room-1", period=period("08:00", "12:00"), **given)
        who = [practitioner(), practitioner("dr-b", specialties=("hand",)), room(), room("room-2")]
        return problem(who, self.SERVICES, blocks=(block,))

    def operation(self, doctor="dr-b", start="09:00", place="room-1", **fields):
        early = {"booked_at": self.RELEASED - timedelta(days=3)}
        return visit(start=start, using={"doctor": doctor, "place": place}, **{**early, **fields})

    def test_the_owner_may(self):
        assert codes(self.world(), self.operation("dr-a")) == []
        assert codes(self.world(practitioner=None, specialty="hand"), self.operation("dr-b")) == []

    def test_another_may_not(self):
        found = the(self.CODE, self.world(), self.operation("dr-b"))
        assert found.subjects == ("app-1", "room-1", "b")
        assert "in the surgery block of Dr dr-a, whose it is until Fri 27 Feb 2026 00:00" in found.message
        assert codes(self.world(practitioner=None, specialty="hand"), self.operation("dr-a")) == [self.CODE]

    @pytest.mark.parametrize(("late", "is_broken"), [(-1, True), (0, False), (1, False)])
    def test_until_the_release(self, late, is_broken):
        claimed = self.operation(booked_at=self.RELEASED + late * MINUTE)
        assert codes(self.world(), claimed) == [self.CODE] * is_broken

    def test_a_block_without_release_stays_the_owners(self):
        late = self.operation(booked_at=at("2026-03-02 07:00"))
        assert codes(self.world(release=None), late) == [self.CODE]

    @pytest.mark.parametrize(
        ("start", "is_broken"), [("07:40", False), ("07:45", True), ("11:55", True), ("12:00", False)]
    )
    def test_any_overlap_counts(self, start, is_broken):
        world = self.world()
        world = world.changed(resources=tuple(r.model_copy(update={"hours": ALWAYS}) for r in world.resources))
        assert codes(world, self.operation(start=start)) == [self.CODE] * is_broken

    def test_other_rooms_are_free(self):
        assert codes(self.world(), self.operation(place="room-2")) == []

    def test_nobody_in_the_step_is_not_the_owner(self):
        world = self.world().changed(services=(service("visit", step("visit", 20, [role("place", "room")])),))
        assert codes(world, visit(using={"place": "room-1"})) == []  # booked now, after the release
        early = visit(using={"place": "room-1"}, booked_at=self.RELEASED - MINUTE)
        assert codes(world, early) == [self.CODE]

    def test_an_owner_held_across_the_steps_is_in_each(self):
        held = {"role": role("surgeon"), "first": "one", "last": "two"}
        services = (service("visit", step("one", 10, []), step("two", 10, [role("place", "room")]), held=(held,)),)
        world = self.world().changed(services=services)
        surgeon = reservation("surgeon", "dr-a", at("09:00"), at("09:20"))
        one, two = placed("one", at("09:00"), 10, [surgeon]), placed("two", at("09:10"), 10, {"place": "room-1"})
        early = {"booked_at": self.RELEASED - MINUTE, "order": None, "patient": None}
        assert codes(world, appointment("a", one, two, **early)) == []
        other = one.model_copy(update={"reservations": (surgeon.model_copy(update={"resource": "dr-b"}),)})
        assert codes(world, appointment("a", other, two, **early)) == [self.CODE]

    def test_an_owner_held_across_other_steps_is_not_in_this_one(self):
        held = {"role": role("surgeon"), "first": "one", "last": "two"}
        steps = step("one", 10, []), step("two", 10, []), step("three", 10, [role("place", "room")])
        world = self.world().changed(services=(service("visit", *steps, held=(held,)),))
        surgeon = reservation("surgeon", "dr-a", at("09:00"), at("09:20"))
        one, two = placed("one", at("09:00"), 10, [surgeon]), placed("two", at("09:10"), 10)
        three = placed("three", at("09:20"), 10, {"place": "room-1"})
        early = {"booked_at": self.RELEASED - MINUTE, "order": None, "patient": None}
        assert codes(world, appointment("a", one, two, three, **early)) == [self.CODE]


class TestFloatingBreak:
    CODE = ConstraintCode.FLOATING_BREAK

    def world(self, **fields):
        lunch = FloatingBreak(minutes=30, start="11:00", end="13:00")
        whole = session("s", "dr-a", start="08:00", end="18:00", breaks=(lunch,))
        return in_sessions(whole, services=[service("visit", step("visit", 5))], **fields)

    def test_a_gap_of_its_length_is_enough(self):
        assert codes(self.world(), visit("a", "11:00", 45), visit("b", "12:15", 45)) == []
        assert codes(self.world(), visit("a", "10:30", 120)) == []  # until 12:30
        assert codes(self.world(), visit("a", "11:30", 120)) == []
        assert codes(self.world(), visit("a", "08:00", 180), visit("b", "13:00", 240)) == []

    def test_five_minutes_less_is_not(self):
        around = visit("c", "10:40"), visit("d", "13:00")
        found = the(self.CODE, self.world(), visit("a", "11:00", 50), visit("b", "12:15", 45), *around)
        assert found.subjects == ("a", "b", "dr-a", "s")
        assert found.message == "Dr dr-a has no 30 min free for a break Mon 2 Mar 2026 11:00 to 13:00 (a, b)."
        assert codes(self.world(), visit("a", "11:00", 95)) == [self.CODE]

    def test_by_the_minute(self):
        world = self.world(**BY_THE_MINUTE)
        assert codes(world, visit("a", "11:00", 45), visit("b", "12:15", 45)) == []
        assert codes(world, visit("a", "11:00", 46), visit("b", "12:15", 45)) == [self.CODE]

    def test_time_outside_the_window_does_not_help(self):
        assert codes(self.world(), visit("a", "11:05", 120)) == [self.CODE]  # free until 11:05 and from 13:05

    def test_buffers_are_not_free_time(self):
        world = self.world(doctor={"cleanup_min": 5})
        packed = [visit("a", "11:00", 45, using=uses(("doctor", "dr-a", 0, 5), start="11:00", minutes=45))]
        packed.append(visit("b", "12:15", 40, using=uses(("doctor", "dr-a", 0, 5), start="12:15", minutes=40)))
        assert codes(world, *packed) == [self.CODE]

    def test_it_is_overridden_when_the_others_leave_room(self):
        world = self.world(policy=allowing(self.CODE))
        forced = visit("b", "11:55", 40, overrides=(override(self.CODE),))
        assert codes(world, visit("a", "11:00", 55), forced, visit("c", "12:35", 25)) == []
        assert the(self.CODE, world, visit("a", "11:00", 55), forced, visit("c", "12:35", 25)).is_overridden
        small = visit("b", "11:55", 5, overrides=(override(self.CODE),))
        assert codes(world, visit("a", "11:00", 55), small, visit("c", "12:20", 40)) == [self.CODE]

    def test_each_break_is_judged(self):
        coffee = FloatingBreak(minutes=10, start="15:00", end="15:30")
        lunch = FloatingBreak(minutes=30, start="11:00", end="13:00")
        whole = session("s", "dr-a", start="08:00", end="18:00", breaks=(lunch, coffee))
        world = in_sessions(whole, services=[service("visit", step("visit", 5))])
        both = visit("a", "11:00", 120), visit("b", "15:05", 20)
        assert len(judge(world, *both).of(self.CODE)) == 2
