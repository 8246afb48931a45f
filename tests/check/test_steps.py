"""Steps of a service together."""

from __future__ import annotations

from datetime import UTC

import pytest

from engine.model.codes import ConstraintCode
from engine.model.service import Gap, HeldResource, SameResource
from tests.check.judged import BY_THE_MINUTE, MINUTE, allowing, codes, group, judge, override, the, visit
from tests.factories import (
    appointment,
    at,
    patient,
    placed,
    practitioner,
    problem,
    reservation,
    role,
    room,
    service,
    site,
    step,
    weekly,
)

ALWAYS = {"weekly": (weekly("00:00", "24:00", ("mon", "tue", "wed", "thu", "fri", "sat", "sun")),)}


def bundle(*starts, steps=("one", "two"), minutes=20, who=("dr-a", "dr-b"), id="a", **fields):
    """A visit whose nth step starts at the nth time with the nth practitioner."""
    at_times = [at(s) if isinstance(s, str) else s for s in starts]
    placed_steps = [
        placed(s, t.astimezone(UTC), minutes, {"doctor": w}) for s, t, w in zip(steps, at_times, who, strict=False)
    ]
    return appointment(id, *placed_steps, **{"order": None, "patient": None, **fields})


def world_of(*steps, resources=None, **fields):
    given = {name: fields.pop(name) for name in tuple(fields) if name in ("sites", "policy", "tick_min", "horizon")}
    steps = steps or (step("one"), step("two"))
    return problem(resources or [practitioner(), practitioner("dr-b")], [service("visit", *steps, **fields)], **given)


class TestStepOrder:
    CODE = ConstraintCode.STEP_ORDER

    @pytest.mark.parametrize(
        ("second", "is_broken"), [("09:20", False), ("10:00", False), ("09:15", True), ("08:00", True)]
    )
    def test_one_after_the_other(self, second, is_broken):
        assert codes(world_of(), bundle("09:00", second)) == [self.CODE] * is_broken

    def test_by_the_minute(self):
        assert codes(world_of(**BY_THE_MINUTE), bundle("09:00", "09:19")) == [self.CODE]

    def test_the_order_is_the_services_and_not_that_of_the_placing(self):
        swapped = bundle("09:20", "09:00", steps=("two", "one"))
        assert codes(world_of(), swapped) == []

    def test_free_in_order(self):
        free = world_of(is_ordered=False)
        assert codes(free, bundle("09:30", "09:00")) == []
        assert codes(free, bundle("09:00", "09:10")) == []

    def test_the_sentence(self):
        assert the(self.CODE, world_of(), bundle("09:00", "09:15")).message == (
            "Appointment a: step two starts Mon 2 Mar 2026 09:15, before step one ends Mon 2 Mar 2026 09:20."
        )


class TestStepGap:
    CODE = ConstraintCode.STEP_GAP
    WORLD = world_of(step("one"), step("two", gap=Gap(min_min=30, max_min=60)))

    @pytest.mark.parametrize(("second", "is_broken"), [
        ("09:50", False), ("09:45", True), ("10:20", False), ("10:25", True), ("09:20", True),
    ])  # fmt: skip
    def test_neither_too_soon_nor_too_late(self, second, is_broken):
        assert codes(self.WORLD, bundle("09:00", second)) == [self.CODE] * is_broken

    def test_by_the_minute(self):
        world = world_of(step("one"), step("two", gap=Gap(min_min=30, max_min=60)), **BY_THE_MINUTE)
        assert codes(world, bundle("09:00", "09:49")) == codes(world, bundle("09:00", "10:21")) == [self.CODE]

    def test_a_lost_step_leaves_the_gap_to_the_one_before_it(self):
        world = world_of(step("one"), step("lost"), step("two", gap=Gap(min_min=30)))
        assert codes(world, bundle("09:00", "09:50")) == [ConstraintCode.STEPS_COMPLETE]
        assert codes(world, bundle("09:00", "09:45")) == [ConstraintCode.STEPS_COMPLETE, self.CODE]

    def test_over_midnight_and_a_weekend(self):
        hours = [practitioner(hours=ALWAYS), practitioner("dr-b", hours=ALWAYS)]
        over_night = world_of(step("one"), step("two", gap=Gap(max_min=60)), resources=hours)
        assert codes(over_night, bundle("23:30", "2026-03-03 00:50")) == []
        assert codes(over_night, bundle("23:30", "2026-03-03 00:55")) == [self.CODE]
        three_days = world_of(
            step("one"), step("two", gap=Gap(min_min=3 * 1440 - 20, max_min=3 * 1440)), resources=hours
        )
        assert codes(three_days, bundle("2026-03-06 09:00", "2026-03-09 09:00")) == []
        assert codes(three_days, bundle("2026-03-06 09:00", "2026-03-09 08:55")) == [self.CODE]

    def test_an_hour_skipped_is_no_time(self):
        hours = [practitioner(hours=ALWAYS), practitioner("dr-b", hours=ALWAYS)]
        horizon = {"start": at("2026-03-23 00:00"), "end": at("2026-04-06 00:00")}
        world = world_of(step("one"), step("two", gap=Gap(max_min=60)), resources=hours, horizon=horizon)
        assert codes(world, bundle("2026-03-29 01:30", "2026-03-29 03:50")) == []  # ends 01:50, an hour before
        assert codes(world, bundle("2026-03-29 01:30", "2026-03-29 03:55")) == [self.CODE]

    def test_overlapping_steps_break_the_order_alone(self):
        assert codes(self.WORLD, bundle("09:00", "09:10")) == [ConstraintCode.STEP_ORDER]

    def test_the_sentence(self):
        assert the(self.CODE, self.WORLD, bundle("09:00", "09:45")).message.endswith(
            "step two starts 25 min after step one ends; it must be at least 30 min."
        )
        assert the(self.CODE, self.WORLD, bundle("09:00", "10:30")).message.endswith("it must be at most 60 min.")


class TestSameDay:
    CODE = ConstraintCode.SAME_DAY
    RESOURCES = (practitioner(hours=ALWAYS), practitioner("dr-b", hours=ALWAYS))

    @pytest.mark.parametrize(("second", "is_broken"), [
        ("09:20", False), ("23:55", False), ("2026-03-03 00:00", True), ("2026-03-03 09:00", True),
    ])  # fmt: skip
    def test_starts_on_one_local_day(self, second, is_broken):
        world = world_of(is_same_day=True, resources=self.RESOURCES)
        assert codes(world, bundle("09:00", second)) == [self.CODE] * is_broken
        assert codes(world_of(resources=self.RESOURCES), bundle("09:00", second)) == []

    def test_each_by_its_own_sites_clock(self):
        far = site("far", time_zone="America/New_York", hours=ALWAYS)
        who = [practitioner(hours=ALWAYS), practitioner("dr-b", hours=ALWAYS, other_sites=("far",))]
        world = world_of(is_same_day=True, resources=who, sites=(site(), far))
        one = placed("one", at("05:00"), 20, {"doctor": "dr-a"})
        two = placed("two", at("05:20"), 20, {"doctor": "dr-b"}, site="far")  # still Sunday there
        assert codes(world, appointment("a", one, two, order=None, patient=None)) == [self.CODE]
        later = placed("two", at("06:00"), 20, {"doctor": "dr-b"}, site="far")  # midnight there
        assert codes(world, appointment("a", one, later, order=None, patient=None)) == []


class TestSameResource:
    CODE = ConstraintCode.SAME_RESOURCE

    def test_the_same_practitioner(self):
        world = world_of(same=(SameResource(roles=("one.doctor", "two.doctor")),))
        assert codes(world, bundle("09:00", "09:20", who=("dr-a", "dr-a"))) == []
        found = the(self.CODE, world, bundle("09:00", "09:20", who=("dr-a", "dr-b")))
        assert found.subjects == ("a", "dr-a", "dr-b")
        assert found.message == "Appointment a: one.doctor, two.doctor must be the same, and are Dr dr-a / Dr dr-b."

    def test_sets_are_compared_whole_and_in_any_order(self):
        two = role("doctor", count=2)
        world = world_of(
            step("one", 20, [two]), step("two", 20, [two]), same=(SameResource(roles=("one.doctor", "two.doctor")),),
            resources=[practitioner(), practitioner("dr-b"), practitioner("dr-c")],
        )  # fmt: skip

        def pair(name, start, *who):
            end = at(start) + 20 * MINUTE
            return placed(name, at(start), 20, [reservation("doctor", w, at(start), end) for w in who])

        first = pair("one", "09:00", "dr-a", "dr-b")
        same = appointment("a", first, pair("two", "09:20", "dr-b", "dr-a"), order=None, patient=None)
        other = appointment("a", first, pair("two", "09:20", "dr-b", "dr-c"), order=None, patient=None)
        assert codes(world, same) == []
        assert codes(world, other) == [self.CODE]

    def test_a_role_that_the_modality_does_not_need_is_left_out(self):
        place = role("place", "room", modalities=("in-person",))
        steps = [step(i, 20, [role("doctor"), place], modalities=("in-person", "video")) for i in ("one", "two")]
        world = world_of(
            *steps, same=(SameResource(roles=("one.place", "two.place")),), resources=[practitioner(), room()]
        )
        one = placed("one", at("09:00"), 20, {"doctor": "dr-a", "place": "room-1"})
        two = placed("two", at("09:20"), 20, {"doctor": "dr-a"}, modality="video")
        assert codes(world, appointment("a", one, two, order=None, patient=None)) == []

    def test_a_held_resource_can_be_the_same_too(self):
        held = HeldResource(role=role("chair"), first="one", last="two")
        same = SameResource(roles=("one.chair", "three.doctor"))
        world = world_of(step("one", 20, []), step("two"), step("three"), same=(same,), held=(held,))
        chair = reservation("chair", "dr-b", at("09:00"), at("09:40"))
        one, two = placed("one", at("09:00"), 20, [chair]), placed("two", at("09:20"), 20, {"doctor": "dr-a"})
        for who, is_broken in (("dr-b", False), ("dr-a", True)):
            three = placed("three", at("09:40"), 20, {"doctor": who})
            given = appointment("a", one, two, three, order=None, patient=None)
            assert codes(world, given) == [self.CODE] * is_broken

    def test_left_empty_in_one_step(self):
        world = world_of(same=(SameResource(roles=("one.doctor", "two.doctor")),))
        one, two = placed("one", at("09:00"), 20, {"doctor": "dr-a"}), placed("two", at("09:20"), 20)
        empty = appointment("a", one, two, order=None, patient=None)
        assert codes(world, empty) == [ConstraintCode.ROLE_FILLED, self.CODE]


class TestHeldAcross:
    CODE = ConstraintCode.HELD_ACROSS

    def world(self, chair=None, **fields):
        held = HeldResource(role=chair or role("chair", "room"), first="one", last="two")
        return world_of(held=(held,), resources=[practitioner(), practitioner("dr-b"), room()], **fields)

    def chaired(self, first, last, second="10:00"):
        chair = reservation("chair", "room-1", at(first), at(last))
        doctor = reservation("doctor", "dr-a", at("09:00"), at("09:20"))
        two = placed("two", at(second), 20, {"doctor": "dr-b"})
        return appointment("a", placed("one", at("09:00"), 20, [doctor, chair]), two, order=None, patient=None)

    @pytest.mark.parametrize(("first", "last", "is_broken"), [
        ("09:00", "10:20", False), ("09:00", "10:15", True), ("09:05", "10:20", True), ("08:55", "10:30", False),
        ("09:00", "10:19", True), ("09:01", "10:20", True),
    ])  # fmt: skip
    def test_from_the_first_step_to_the_last(self, first, last, is_broken):
        assert codes(self.world(), self.chaired(first, last)) == [self.CODE] * is_broken

    def test_its_window_and_buffers_are_of_the_whole_stretch(self):
        chair = role("chair", "room", start="start-10", end="end+5", cleanup_min=10)
        assert codes(self.world(chair), self.chaired("08:50", "10:35")) == []
        assert codes(self.world(chair), self.chaired("08:50", "10:30")) == [self.CODE]
        assert codes(self.world(chair), self.chaired("08:55", "10:35")) == [self.CODE]

    def test_without_its_last_step_nobody_knows_how_long(self):
        lost = self.chaired("09:00", "09:05")
        lost = lost.model_copy(update={"steps": lost.steps[:1]})
        assert codes(self.world(), lost) == [ConstraintCode.STEPS_COMPLETE]

    def test_it_is_held_between_too(self):
        taken = visit("b", "09:30", service="other", using={"place": "room-1"})
        world = self.world()
        other = service("other", step("visit", 20, [role("place", "room")]))
        world = world.changed(services=(*world.services, other))
        assert codes(world, self.chaired("09:00", "10:20"), taken) == [ConstraintCode.CAPACITY]

    def test_the_sentence(self):
        found = the(self.CODE, self.world(), self.chaired("09:00", "10:15"))
        assert found.subjects == ("a", "room-1")
        assert found.message.endswith(
            "Room room-1 is held Mon 2 Mar 2026 09:00 to 10:15; it must be held Mon 2 Mar 2026 09:00 to 10:20."
        )


class TestSpan:
    CODE = ConstraintCode.SPAN

    @pytest.mark.parametrize(("second", "is_broken"), [("09:40", False), ("09:45", True)])
    def test_from_the_first_start_to_the_last_end(self, second, is_broken):
        assert codes(world_of(max_span_min=60), bundle("09:00", second)) == [self.CODE] * is_broken

    def test_by_the_minute(self):
        assert codes(world_of(max_span_min=60, **BY_THE_MINUTE), bundle("09:00", "09:41")) == [self.CODE]

    def test_free_in_order_the_first_in_time_counts(self):
        world = world_of(max_span_min=60, is_ordered=False)
        assert codes(world, bundle("09:40", "09:00")) == []
        assert codes(world, bundle("09:45", "09:00")) == [self.CODE]

    def test_the_sentence(self):
        assert the(self.CODE, world_of(max_span_min=60), bundle("09:00", "09:45")).message == (
            "Appointment a takes 65 min; at most 60 min are allowed."
        )

    def test_it_is_elapsed_time(self):
        hours = [practitioner(hours=ALWAYS), practitioner("dr-b", hours=ALWAYS)]
        horizon = {"start": at("2026-03-23 00:00"), "end": at("2026-04-06 00:00")}
        world = world_of(max_span_min=60, resources=hours, horizon=horizon)
        assert codes(world, bundle("2026-03-29 01:30", "2026-03-29 03:10")) == []  # 40 minutes later


class TestTimeOfDay:
    CODE = ConstraintCode.TIME_OF_DAY

    def world(self, first, last, **fields):
        window = {"from": first, "to": last}
        return problem(
            [practitioner(hours=ALWAYS)], [service("visit", step("visit", 20, start_window=window))], **fields
        )

    @pytest.mark.parametrize(("start", "is_broken"), [
        ("08:00", False), ("07:55", True), ("10:55", False), ("11:00", True), ("15:00", True),
    ])  # fmt: skip
    def test_start_inside_the_window(self, start, is_broken):
        assert codes(self.world("08:00", "11:00"), visit(start=start)) == [self.CODE] * is_broken

    def test_by_the_minute(self):
        world = self.world("08:00", "11:00", **BY_THE_MINUTE)
        assert codes(world, visit(start="10:59")) == []
        assert codes(world, visit(start="07:59")) == [self.CODE]

    @pytest.mark.parametrize(
        ("start", "is_broken"), [("22:00", False), ("00:00", False), ("01:55", False), ("02:00", True)]
    )
    def test_over_midnight(self, start, is_broken):
        assert codes(self.world("22:00", "02:00"), visit(start=start)) == [self.CODE] * is_broken

    def test_by_the_clock_of_the_steps_site(self):
        far = site("far", time_zone="Asia/Kathmandu", hours=ALWAYS)
        world = self.world("08:00", "11:00", sites=(site(), far))
        world = world.changed(resources=(practitioner(hours=ALWAYS, other_sites=("far",)),))
        assert codes(world, visit(start=at("2026-03-02 10:55", "Asia/Kathmandu"), site="far")) == []
        assert codes(world, visit(start=at("2026-03-02 11:00", "Asia/Kathmandu"), site="far")) == [self.CODE]

    def test_by_the_clock_that_the_change_leaves(self):
        horizon = {"start": at("2026-03-23 00:00"), "end": at("2026-04-06 00:00")}
        world = self.world("03:00", "04:00", horizon=horizon)
        change = at("2026-03-29 03:00").astimezone(UTC)
        assert codes(world, visit(start=change)) == []
        assert codes(world, visit(start=change - 5 * MINUTE)) == [self.CODE]  # 01:55


class TestGroupSize:
    CODE = ConstraintCode.GROUP_SIZE
    WORLD = problem(
        [practitioner(lanes=5)],
        [service(), service("class", step("visit", 20, modalities=("in-person", "video")), group_size=3)],
        orders=(),
        patients=tuple(patient(f"pat-{i}") for i in range(1, 6)),
        policy=allowing(ConstraintCode.GROUP_SIZE),
    )
    OCCURRENCE = group("g", placed("visit", at("09:00"), 20, {"doctor": "dr-a"}), seats=2)

    def seat(self, n, **fields):
        return visit(f"s{n}", **{"service": "class", "group": "g", "using": {}, "patient": f"pat-{n}", **fields})

    def judged(self, *seats, occurrence=OCCURRENCE):
        return codes(self.WORLD, *seats, groups=(occurrence,))

    def test_as_many_as_seats(self):
        assert judge(self.WORLD, self.seat(1), self.seat(2), groups=(self.OCCURRENCE,)).violations == ()
        assert self.judged(self.seat(1), self.seat(2), self.seat(3)) == [self.CODE]
        assert self.judged(self.seat(1), self.seat(2), self.seat(3, status="cancelled")) == []

    def test_no_more_than_the_service_takes(self):
        many = self.OCCURRENCE.model_copy(update={"seats": 5})
        assert self.judged(*(self.seat(i) for i in (1, 2, 3)), occurrence=many) == []
        assert self.judged(*(self.seat(i) for i in (1, 2, 3, 4)), occurrence=many) == [self.CODE]

    @pytest.mark.parametrize("other", [{"start": "09:05"}, {"minutes": 25}, {"modality": "video"}])
    def test_a_seat_is_there_when_the_group_is(self, other):
        assert self.judged(self.seat(1), self.seat(2, **other)) == [self.CODE]

    def test_a_seat_in_another_service_or_in_no_group(self):
        assert self.judged(self.seat(1, service="visit")) == [self.CODE]
        assert codes(self.WORLD, self.seat(1)) == [self.CODE]
        assert the(self.CODE, self.WORLD, self.seat(1)).message.endswith("the group g, which does not exist.")

    def test_it_is_overridden_when_the_others_fit(self):
        seats = [self.seat(i) for i in (1, 2, 3, 4)]
        forced = [s.model_copy(update={"overrides": (override(self.CODE),)}) for s in seats]
        assert self.judged(*seats[:2], forced[2]) == []
        assert self.judged(*seats[:3], forced[3]) == [self.CODE]
        assert judge(self.WORLD, *seats[:2], *forced[2:], groups=(self.OCCURRENCE,)).is_clean
