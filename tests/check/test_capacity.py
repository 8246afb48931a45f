"""Lanes and supervision: counted over time, at every instant."""

from __future__ import annotations

from datetime import UTC, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.codes import ConstraintCode
from tests.check.judged import BY_THE_MINUTE, MINUTE, allowing, codes, group, judge, override, the, uses, visit
from tests.factories import MONDAY, NOW, at, patient, placed, practitioner, problem, role, room, service, session, step

TIMES = st.tuples(st.integers(0, 20), st.integers(1, 8), st.integers(1, 3))
"""Start and length in ticks, and units."""

NEEDS_ROOM = service("visit", step("visit", 20, [role("place", "room")]))


def in_room(id, start, minutes=20, **fields):
    return visit(id, start, minutes, **{"using": {"place": "room-1"}, **fields})


class TestCapacity:
    CODE = ConstraintCode.CAPACITY

    def test_touching_visits_are_legal(self):
        assert codes(problem(), visit("a", "09:00"), visit("b", "09:20"), visit("c", "08:40")) == []

    @pytest.mark.parametrize(("tick", "start"), [(5, "09:15"), (1, "09:19")])
    def test_one_tick_of_overlap_is_not(self, tick, start):
        world = problem(**(BY_THE_MINUTE if tick == 1 else {}))
        found = the(self.CODE, world, visit("a", "09:00"), visit("b", start))
        assert found.subjects == ("a", "b", "dr-a")
        assert found.message == (
            f"Dr dr-a is used 2 times at once Mon 2 Mar 2026 {start} to 09:20, and has room for 1 (a, b)."
        )

    def test_who_touches_the_overload_has_no_part_in_it(self):
        world = problem([room(lanes=2)], [service("visit", step("visit", 5, [role("place", "room")]))])
        times = {
            "a": ("09:00", 20),
            "b": ("09:15", 20),
            "c": ("09:15", 5),
            "ends": ("09:00", 15),
            "begins": ("09:20", 20),
        }
        visits = [in_room(i, start, n, using=_units(at(start), n, 1)) for i, (start, n) in times.items()]
        assert the(self.CODE, world, *visits).subjects == ("a", "b", "c", "room-1")

    def test_the_one_booked_last_is_named_first(self):
        early, late = at("2026-02-01 09:00"), at("2026-02-02 09:00")
        a, b = visit("a", "09:00", booked_at=late), visit("b", "09:10", booked_at=early)
        assert the(self.CODE, problem(), a, b).subjects == ("a", "b", "dr-a")
        a, b = visit("a", "09:00", booked_at=early), visit("b", "09:10", booked_at=late)
        assert the(self.CODE, problem(), a, b).subjects == ("b", "a", "dr-a")

    def test_lanes_are_counted_over_time_whatever_the_order_of_booking(self):
        world = problem([room(lanes=2)], [NEEDS_ROOM])
        visits = [in_room("a", "09:00", 60), in_room("b", "10:00", 60), in_room("c", "09:00", 120)]
        assert codes(world, *visits) == codes(world, *reversed(visits)) == []
        assert codes(world, *visits, in_room("d", "09:55", 20)) == [self.CODE]

    def test_buffers_take_a_lane_too(self):
        cleaned = service("visit", step("visit", 20, [role("place", "room", cleanup_min=10)]))
        world = problem([room(lanes=2)], [cleaned])
        first = [in_room(i, "09:00", using=uses(("place", "room-1", 0, 10))) for i in "ab"]
        for start, is_broken in (("09:30", False), ("09:25", True)):
            third = in_room("c", start, using=uses(("place", "room-1", 0, 10), start=start))
            assert codes(world, *first, third) == [self.CODE] * is_broken
            assert codes(world, first[0], third) == []

    def test_units_count_together(self):
        world = problem([room(lanes=4)], [service("visit", step("visit", 20, [role("place", "room", units=2)]))])
        two = [in_room(i, "09:00", using=uses(("place", "room-1"), units=2)) for i in "ab"]
        assert codes(world, *two) == []
        assert codes(world, *two, in_room("c", "09:15", using=uses(("place", "room-1"), start="09:15", units=2))) == [
            self.CODE
        ]

    def test_separate_overloads_are_told_apart_and_long_ones_are_one(self):
        several = [visit("a", "09:00", 60), visit("b", "09:30", 60), visit("c", "10:15", 30), visit("d", "13:00")]
        found = judge(problem(), *several, visit("e", "13:05")).of(self.CODE)
        assert [set(v.subjects) for v in found] == [{"a", "b", "dr-a"}, {"b", "c", "dr-a"}, {"d", "e", "dr-a"}]

    def test_across_midnight(self):
        always = {"weekly": ({"days": ("mon", "tue"), "from": "00:00", "to": "24:00"},)}
        world = problem([practitioner(hours=always)])
        night = visit("a", "23:50", 20)
        assert codes(world, night, visit("b", at("2026-03-03 00:10"))) == []
        assert codes(world, night, visit("b", at("2026-03-03 00:05"))) == [self.CODE]

    def test_the_hour_that_comes_twice_is_two_hours(self):
        always = {"weekly": ({"days": ("sun",), "from": "00:00", "to": "24:00"},)}
        horizon = {"start": at("2026-10-19 00:00"), "end": at("2026-11-02 00:00")}
        world = problem([practitioner(hours=always)], horizon=horizon)
        first = at("2026-10-25 02:30").astimezone(UTC)
        second = at("2026-10-25 02:30").replace(fold=1).astimezone(UTC)
        assert second - first == timedelta(hours=1)
        assert codes(world, visit("a", first), visit("b", second)) == []
        assert codes(world, visit("a", first, 60), visit("b", second)) == []
        assert codes(world, visit("a", first, 65), visit("b", second)) == [self.CODE]

    def test_what_does_not_block_takes_nothing(self):
        a = visit("a", "09:00")
        for status in ("proposed", "waitlist", "cancelled", "noshow", "entered-in-error"):
            assert codes(problem(), a, visit("b", "09:00", status=status)) == []
        for status in ("pending", "booked", "arrived", "checked-in", "fulfilled"):
            assert codes(problem(), a, visit("b", "09:00", status=status)) == [self.CODE]

    @pytest.mark.parametrize(("late", "is_broken"), [(-1, True), (0, False), (1, False)])
    def test_a_hold_takes_nothing_from_the_instant_of_its_expiry_on(self, late, is_broken):
        hold = visit("b", "09:00", status="pending", expires_at=NOW)
        assert codes(problem(), visit("a", "09:00"), hold, now=NOW + late * MINUTE) == [self.CODE] * is_broken
        seconds_before = NOW - timedelta(seconds=1)
        assert codes(problem(), visit("a", "09:00"), hold, now=seconds_before) == [self.CODE]

    def test_overbooking_lanes_are_there_while_the_session_is(self):
        world = problem(
            [practitioner()], sessions=(session("s", "dr-a", start="08:00", end="12:00", overbooking_lanes=1),)
        )
        both = [visit("a", "11:30", 30), visit("b", "11:30", 30)]
        assert codes(world, *both) == []
        assert codes(world, *both, visit("c", "11:40")) == [self.CODE]
        assert self.CODE in codes(world, visit("a", "11:45"), visit("b", "11:45"))  # they reach past the session

    def test_of_overlapping_sessions_the_one_with_most_overbooking_counts(self):
        wide = session("s1", "dr-a", overbooking_lanes=1)
        late = session("s2", {"kind": "practitioner"}, start="10:00", overbooking_lanes=2)
        world = problem([practitioner()], sessions=(wide, late))
        assert codes(world, *(visit(i, "10:00") for i in "abc")) == []
        assert codes(world, *(visit(i, "10:00") for i in "abcd")) == [self.CODE]
        assert codes(world, *(visit(i, "09:00") for i in "abc")) == [self.CODE]

    def test_supervision_takes_one_lane_while_there_is_any(self):
        world = problem(
            [practitioner(lanes=2, presence_limit=3)],
            [service(), service("watched", step("visit", 20, [role("doctor", use="presence")]))],
        )

        def watched(id, start):
            return visit(id, start, service="watched", using=uses(("doctor", "dr-a"), start=start, use="presence"))

        assert codes(world, watched("a", "09:00"), watched("b", "09:10"), visit("c", "09:00")) == []
        assert codes(world, watched("a", "09:00"), visit("b", "09:15"), visit("c", "09:15")) == [self.CODE]
        assert codes(world, watched("a", "09:00"), visit("b", "09:20"), visit("c", "09:20")) == []

    def test_an_override_gets_the_overflow_lanes_and_no_more(self):
        world = problem([practitioner(overflow_lanes=1)], policy=allowing(self.CODE))
        a, b, c = (visit(i, "09:00") for i in "abc")
        forced = [v.model_copy(update={"overrides": (override(self.CODE),)}) for v in (b, c)]
        assert codes(world, a, b) == [self.CODE]
        assert codes(world, a, forced[0]) == []
        assert codes(world, a, *forced) == [self.CODE]
        assert not the(self.CODE, world, a, *forced).is_overridden

    def test_overflow_lanes_are_for_those_who_may(self):
        world = problem([practitioner(overflow_lanes=1)], policy=allowing(self.CODE))
        by_clerk = visit("b", "09:00", overrides=(override(self.CODE, role="clerk"),))
        assert codes(world, visit("a", "09:00"), by_clerk) == [self.CODE, ConstraintCode.OVERRIDE]

    def test_a_group_takes_its_resources_once(self):
        world = problem(
            services=[service(), service("class", step("visit", 20), group_size=5)],
            patients=(patient(), patient("pat-2")),
            orders=(),
        )
        occurrence = group("g", placed("visit", at("09:00"), 20, {"doctor": "dr-a"}))
        seats = [visit(f"s{i}", service="class", group="g", using={}, patient=f"pat-{i}") for i in (1, 2)]
        assert codes(world, *seats, groups=(occurrence,)) == []
        assert codes(world, *seats, visit("b", "09:15"), groups=(occurrence,)) == [self.CODE]
        gone = [s.model_copy(update={"status": "cancelled"}) for s in seats]
        assert codes(world, *gone, visit("b", "09:15"), groups=(occurrence,)) == []

    @given(
        st.lists(st.tuples(st.integers(0, 20), st.integers(1, 8), st.integers(1, 3)), max_size=12), st.integers(1, 4)
    )
    def test_like_counting_tick_by_tick(self, given_uses, lanes):
        world = problem([room(lanes=lanes)], [NEEDS_ROOM])
        start = at("09:00")
        visits = [
            visit(f"v{i}", start + 5 * a * MINUTE, 5 * n, using=_units(start + 5 * a * MINUTE, 5 * n, units))
            for i, (a, n, units) in enumerate(given_uses)
        ]
        load = [sum(u for a, n, u in given_uses if a <= t < a + n) for t in range(40)]
        full = [n > lanes for n in load]
        stretches = sum(now and not before for now, before in zip(full, [False, *full], strict=False))
        found = judge(world, *visits).of(self.CODE)
        assert len(found) == stretches


def _units(start, minutes, units):
    return uses(("place", "room-1"), start=start, minutes=minutes, units=units)


class TestPresence:
    CODE = ConstraintCode.PRESENCE
    WORLD = problem(
        [practitioner(presence_limit=2, lanes=5)],
        [service("visit", step("visit", 20, [role("doctor", use="presence")]))],
    )

    def watched(self, id, start):
        return visit(id, start, using=uses(("doctor", "dr-a"), start=start, use="presence"))

    def test_up_to_the_limit(self):
        assert (
            codes(self.WORLD, self.watched("a", "09:00"), self.watched("b", "09:10"), self.watched("c", "09:20")) == []
        )

    @pytest.mark.parametrize("start", ["09:15", "09:19"])
    def test_one_more_for_a_moment(self, start):
        several = [self.watched("a", "09:00"), self.watched("b", "09:10"), self.watched("c", start)]
        found = the(self.CODE, self.WORLD, *several)
        assert set(found.subjects) == {"a", "b", "c", "dr-a"}
        assert found.message.startswith("Dr dr-a supervises 3 steps at once")

    def test_exclusive_use_is_not_supervision(self):
        world = problem(
            [practitioner(presence_limit=1, lanes=5)],
            [service(), service("watched", step("visit", 20, [role("doctor", use="presence")]))],
        )
        watched = visit("a", service="watched", using=uses(("doctor", "dr-a"), use="presence"))
        assert codes(world, watched, visit("b"), visit("c")) == []

    def test_nobody_may_override_it(self):
        several = [self.watched(i, "09:00") for i in "abc"]
        forced = several[2].model_copy(update={"overrides": (override(self.CODE),)})
        assert codes(self.WORLD, *several[:2], forced) == [self.CODE, ConstraintCode.OVERRIDE]

    def test_a_pool_session_changes_nothing(self):
        world = self.WORLD.changed(
            sessions=(session("s", {"kind": "practitioner"}, MONDAY, "08:00", "18:00", overbooking_lanes=3),)
        )
        assert codes(world, *(self.watched(i, "09:00") for i in "ab")) == []
        assert codes(world, *(self.watched(i, "09:00") for i in "abc")) == [self.CODE]
