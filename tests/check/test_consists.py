"""What a visit consists of."""

from __future__ import annotations

from datetime import date

import pytest

from engine.model.codes import ConstraintCode
from engine.model.order import Occurrence
from engine.model.policy import Policy
from engine.model.resource import Privilege, ResourceLimit
from engine.model.service import Eligibility, HeldResource, NeedRule
from tests.check.judged import MINUTE, codes, group, judge, the, uses, visit
from tests.factories import (
    appointment,
    at,
    equipment,
    order,
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

ALWAYS = (weekly("00:00", "24:00", ("mon", "tue", "wed", "thu", "fri", "sat", "sun")),)
TWO_STEPS = service("visit", step("talk", 20), step("scan", 10))


def two_steps(*placed_steps, **fields):
    return appointment("app-1", *placed_steps, order=None, patient=None, **fields)


class TestStepsComplete:
    CODE = ConstraintCode.STEPS_COMPLETE

    def test_all_steps_once_are_complete(self):
        talk, scan = (
            placed("talk", at("09:00"), 20, {"doctor": "dr-a"}),
            placed("scan", at("09:20"), 10, {"doctor": "dr-a"}),
        )
        assert codes(problem(services=[TWO_STEPS]), two_steps(talk, scan)) == []

    def test_a_missing_step(self):
        talk = placed("talk", at("09:00"), 20, {"doctor": "dr-a"})
        found = the(self.CODE, problem(services=[TWO_STEPS]), two_steps(talk))
        assert found.message == "Appointment app-1 (Service visit) lacks the step scan."

    def test_a_step_twice_and_a_step_of_no_service(self):
        talk = placed("talk", at("09:00"), 20, {"doctor": "dr-a"})
        again = placed("talk", at("09:20"), 20, {"doctor": "dr-a"})
        other = placed("other", at("10:00"), 20)
        scan = placed("scan", at("09:40"), 10, {"doctor": "dr-a"})
        assert self.CODE in codes(problem(services=[TWO_STEPS]), two_steps(talk, again, scan))
        assert self.CODE in codes(problem(services=[TWO_STEPS]), two_steps(talk, scan, other))

    def test_a_modality_that_the_step_does_not_offer(self):
        world = problem(services=[service("visit", step(modalities=("in-person", "telephone")))])
        assert codes(world, visit(modality="telephone")) == []
        assert codes(world, visit(modality="video")) == [self.CODE]

    def test_of_a_group_it_is_judged_on_the_occurrence_too(self):
        world = problem(services=[service("class", step("talk", 20), step("scan", 10), group_size=3)], orders=())
        talk = placed("talk", at("09:00"), 20, {"doctor": "dr-a"})
        seat = two_steps(talk.model_copy(update={"reservations": ()}), service="class", group="g")
        assert [v.subjects for v in judge(world, seat, groups=(group("g", talk),)).of(self.CODE)] == [
            ("app-1",),
            ("g",),
        ]


class TestRoleFilled:
    CODE = ConstraintCode.ROLE_FILLED
    WORLD = problem(
        [practitioner(), practitioner("dr-b"), room(), room("room-2", buffers="overlap", setup_min=5, cleanup_min=5)],
        [
            service(
                "visit",
                step("visit", 20, [role("doctor"), role("place", "room", start="start-5", end="end", cleanup_min=10)]),
            )
        ],
    )

    def test_window_and_buffers_are_covered(self):
        assert codes(self.WORLD, visit(using=uses(("doctor", "dr-a"), ("place", "room-1", 5, 10)))) == []

    @pytest.mark.parametrize(("before", "after"), [(4, 10), (5, 9), (0, 10), (5, 5)])
    def test_a_reservation_that_is_a_little_short(self, before, after):
        short = visit(using=uses(("doctor", "dr-a"), ("place", "room-1", before, after)))
        assert codes(self.WORLD, short) == [self.CODE]

    def test_a_longer_reservation_is_allowed(self):
        assert codes(self.WORLD, visit(using=uses(("doctor", "dr-a"), ("place", "room-1", 15, 30)))) == []

    def test_buffers_that_overlap_are_no_part_of_the_reservation(self):
        assert codes(self.WORLD, visit(using=uses(("doctor", "dr-a"), ("place", "room-2", 5, 0)))) == []
        assert codes(self.WORLD, visit(using=uses(("doctor", "dr-a"), ("place", "room-2", 4, 0)))) == [self.CODE]

    def test_the_buffers_of_role_and_resource_add_up(self):
        world = problem(
            [practitioner(setup_min=5)], [service("visit", step("visit", 20, [role("doctor", setup_min=10)]))]
        )
        assert codes(world, visit(using=uses(("doctor", "dr-a", 15, 0)))) == []
        assert codes(world, visit(using=uses(("doctor", "dr-a", 14, 0)))) == [self.CODE]

    def test_an_offset_is_rounded_outward_to_ticks(self):
        given = [service("visit", step("visit", 20, [role("doctor", start="start-7", end="start+11")]))]
        assert codes(problem(services=given), visit(using=uses(("doctor", "dr-a", 10, -5)))) == []
        assert codes(problem(services=given), visit(using=uses(("doctor", "dr-a", 9, -5)))) == [self.CODE]
        assert codes(problem(services=given), visit(using=uses(("doctor", "dr-a", 10, -6)))) == [self.CODE]
        assert codes(problem(services=given, tick_min=1), visit(using=uses(("doctor", "dr-a", 7, -9)))) == []
        assert codes(problem(services=given, tick_min=1), visit(using=uses(("doctor", "dr-a", 6, -9)))) == [self.CODE]

    def test_a_role_left_empty_or_filled_once_too_often(self):
        place = uses(("place", "room-1", 5, 10))
        assert codes(self.WORLD, visit(using=place)) == [self.CODE]
        assert codes(self.WORLD, visit(using=[*place, *uses(("doctor", "dr-a"), ("doctor", "dr-b"))])) == [self.CODE]

    def test_the_sentences(self):
        place = uses(("place", "room-1", 5, 10))
        assert the(self.CODE, self.WORLD, visit(using=place)).message == (
            "Appointment app-1, step visit: as doctor it needs 1 different, and has nothing."
        )
        short = visit(using=uses(("doctor", "dr-a"), ("place", "room-1", 5, 5)))
        assert the(self.CODE, self.WORLD, short).message == (
            "Appointment app-1, step visit: Room room-1 as place is reserved Mon 2 Mar 2026 08:55 to 09:25; "
            "needed is Mon 2 Mar 2026 08:55 to 09:30, set-up and clean-up included."
        )

    def test_a_count_wants_different_resources(self):
        world = problem(
            [practitioner(lanes=2), practitioner("dr-b")],
            [service("visit", step("visit", 20, [role("doctor", count=2)]))],
        )
        assert codes(world, visit(using=uses(("doctor", "dr-a"), ("doctor", "dr-b")))) == []
        assert codes(world, visit(using=uses(("doctor", "dr-a"), ("doctor", "dr-a")))) == [self.CODE]

    def test_units_and_use_are_the_roles(self):
        world = problem([room(lanes=4)], [service("visit", step("visit", 20, [role("place", "room", units=3)]))])
        assert codes(world, visit(using=uses(("place", "room-1"), units=3))) == []
        assert codes(world, visit(using=uses(("place", "room-1"), units=2))) == [self.CODE]
        assert codes(world, visit(using=uses(("place", "room-1"), units=4))) == [self.CODE]
        watched = problem(services=[service("visit", step("visit", 20, [role("doctor", use="presence")]))])
        assert codes(watched, visit(using=uses(("doctor", "dr-a"), use="presence"))) == []
        assert codes(watched, visit(using=uses(("doctor", "dr-a")))) == [self.CODE]

    def test_a_reservation_in_a_role_that_the_step_has_not(self):
        found = the(
            self.CODE, problem([practitioner(), room()]), visit(using=uses(("doctor", "dr-a"), ("extra", "room-1")))
        )
        assert found.subjects == ("app-1", "room-1")
        assert "Room room-1 is reserved as extra" in found.message

    def test_a_role_of_another_modality_is_neither_needed_nor_allowed(self):
        world = problem(
            [practitioner(), room()],
            [
                service(
                    "visit",
                    step(
                        "visit",
                        20,
                        [role("doctor"), role("place", "room", modalities=("in-person",))],
                        modalities=("in-person", "video"),
                    ),
                )
            ],
        )
        assert codes(world, visit(modality="video")) == []
        assert codes(world, visit()) == [self.CODE]
        assert codes(world, visit(modality="video", using=uses(("doctor", "dr-a"), ("place", "room-1")))) == [self.CODE]

    def test_a_need_adds_a_role(self):
        world = problem(
            [practitioner(), practitioner("ann", capabilities=("french",))],
            needs=(NeedRule(need="interpreter-fr", roles=(role("interpreter", capabilities=("french",)),)),),
            patients=(patient(needs=("interpreter-fr",)), patient("pat-2")),
        )
        assert codes(world, visit(patient="pat-2")) == []
        assert codes(world, visit(patient="pat-1")) == [self.CODE]
        assert codes(world, visit(patient="pat-1", using=uses(("doctor", "dr-a"), ("interpreter", "ann")))) == []

    def test_a_held_role_must_be_filled_with_the_first_step(self):
        held = HeldResource(role=role("chair", "room"), first="talk", last="scan")
        world = problem([practitioner(), room()], [service("visit", step("talk", 20), step("scan", 10), held=(held,))])
        chair = reservation("chair", "room-1", at("09:00"), at("09:30"))
        doctor = reservation("doctor", "dr-a", at("09:00"), at("09:20"))
        scan = placed("scan", at("09:20"), 10, {"doctor": "dr-a"})
        assert codes(world, two_steps(placed("talk", at("09:00"), 20, [doctor, chair]), scan)) == []
        assert codes(world, two_steps(placed("talk", at("09:00"), 20, [doctor]), scan)) == [self.CODE]
        late = scan.model_copy(update={"reservations": (*scan.reservations, chair)})
        assert codes(world, two_steps(placed("talk", at("09:00"), 20, [doctor]), late)) == [self.CODE]

    def test_a_held_role_is_needed_in_its_modalities_only(self):
        held = HeldResource(role=role("chair", "room", modalities=("in-person",)), first="talk", last="scan")
        talk = step("talk", 20, modalities=("in-person", "video"))
        world = problem([practitioner(), room()], [service("visit", talk, step("scan", 10), held=(held,))])
        by_video = placed("talk", at("09:00"), 20, {"doctor": "dr-a"}, modality="video")
        scan = placed("scan", at("09:20"), 10, {"doctor": "dr-a"})
        assert codes(world, two_steps(by_video, scan)) == []
        assert codes(world, two_steps(by_video.model_copy(update={"modality": "in-person"}), scan)) == [self.CODE]

    def test_a_seat_reserves_nothing(self):
        world = problem([practitioner(lanes=2)], [service("class", step("visit", 20), group_size=3)], orders=())
        occurrence = group("g", placed("visit", at("09:00"), 20, {"doctor": "dr-a"}))
        assert codes(world, visit(service="class", group="g", using={}), groups=(occurrence,)) == []
        assert codes(world, visit(service="class", group="g"), groups=(occurrence,)) == [self.CODE]


class TestDuration:
    CODE = ConstraintCode.DURATION

    @pytest.mark.parametrize(("tick", "needs", "has", "is_broken"), [
        (5, 20, 20, False), (5, 20, 15, True), (5, 20, 19, True),
        (5, 18, 20, False), (5, 18, 19, True), (5, 18, 18, True),
        (1, 18, 18, False), (1, 18, 17, True), (1, 18, 40, False),
    ])  # fmt: skip
    def test_minutes_are_rounded_up_to_ticks(self, tick, needs, has, is_broken):
        world = problem(services=[service("visit", step("visit", needs))], tick_min=tick)
        assert codes(world, visit(minutes=has)) == [self.CODE] * is_broken

    def test_it_depends_on_who_does_it_with_what_and_on_modifiers(self):
        duration = {
            "minutes": 20,
            "by_practitioner": {"dr-b": 30},
            "by_equipment": {"scanner": 40},
            "by_modifier": {"contrast": 10},
        }
        plain = step("visit", 20, [role("doctor"), role("machine", "equipment")], duration=duration)
        world = problem(
            [practitioner(), practitioner("dr-b"), equipment(), equipment("old")],
            [service("visit", plain)],
            orders=(order(modifiers=("contrast",)),),
        )
        for doctor, machine, needed in (("dr-a", "old", 20), ("dr-b", "old", 30), ("dr-b", "scanner", 40)):
            for minutes, order_id in ((needed, None), (needed + 10, "ord-1")):
                who = {"doctor": doctor, "machine": machine}
                as_ordered = {"order": order_id, "patient": "pat-1"}
                assert codes(world, visit(minutes=minutes, using=who, **as_ordered)) == []
                assert codes(world, visit(minutes=minutes - 5, using=who, **as_ordered)) == [self.CODE]

    def test_needs_and_series_change_it(self):
        world = problem(
            needs=(NeedRule(need="hoist", adds_min=10),),
            patients=(patient(needs=("hoist",)),),
            orders=(order(series=(Occurrence(offset_days=0), Occurrence(offset_days=1, duration_min=10))),),
        )
        first = visit("app-1", minutes=30, order="ord-1", patient="pat-1")
        second = visit("app-2", at("2026-03-03 09:00"), minutes=20, order="ord-1", patient="pat-1", occurrence=1)
        assert codes(world, first, second) == []
        shorter = visit("app-2", at("2026-03-03 09:00"), minutes=15, order="ord-1", patient="pat-1", occurrence=1)
        assert the(self.CODE, world, first, shorter).subjects == ("app-2",)

    def test_a_stay_ends_at_discharge_whatever_the_clock_does(self):
        world = problem(
            [{"kind": "bed", "id": "bed", "name": "Bed", "site": "main", "hours": {"weekly": ALWAYS}}],
            [service("visit", step("visit", roles=[role("bed", "bed")], nights=2))],
            days=28,
            policy=Policy(discharge_at="10:00"),
        )
        start = at("2026-03-27 16:00")  # the clocks go forward in the night to the 29th
        for end, expected in (("10:00", []), ("10:05", [self.CODE]), ("09:55", [self.CODE])):
            elapsed = (at(f"2026-03-29 {end}") - start) // MINUTE - 60
            stay = visit(start=start, minutes=elapsed, using=uses(("bed", "bed"), start=start, minutes=elapsed))
            assert codes(world, stay) == expected

    def test_the_sentences(self):
        assert the(self.CODE, problem(), visit(minutes=15)).message == (
            "Appointment app-1: step visit has 15 min; it needs 20 min."
        )

    def test_a_day_long_step(self):
        whole = {"weekly": ({"days": ("mon",), "from": "00:00", "to": "24:00"},)}
        world = problem(services=[service("visit", step("visit", 1440))], sites=(site(hours=whole),))
        assert codes(world, visit(start="00:00", minutes=1440)) == []
        assert codes(world, visit(start="00:00", minutes=1435)) == [self.CODE]

    def test_in_a_group_only_the_service_counts(self):
        world = problem(
            services=[service("class", step("visit", 20), group_size=3)],
            needs=(NeedRule(need="hoist", adds_min=10),),
            patients=(patient(needs=("hoist",)),),
            orders=(),
        )
        occurrence = group("g", placed("visit", at("09:00"), 20, {"doctor": "dr-a"}))
        seat = visit(service="class", group="g", using={}, patient="pat-1")
        assert codes(world, seat, groups=(occurrence,)) == []
        short = group("g", placed("visit", at("09:00"), 15, {"doctor": "dr-a"}))
        seat = visit(service="class", group="g", using={}, patient="pat-1", minutes=15)
        assert the(self.CODE, world, seat, groups=(short,)).subjects == ("g",)


LISTED = ("dr-a", "dr-b", "dr-c")


class TestCapable:
    CODE = ConstraintCode.CAPABLE
    WORLD = problem(
        [
            practitioner(capabilities=("ultrasound",)),
            practitioner("dr-b"),
            practitioner("dr-c", privileges=(Privilege(capability="ultrasound", valid_until=date(2026, 1, 1)),)),
            practitioner("dr-d", capabilities=("ultrasound",)),
            room(capabilities=("ultrasound",)),
        ],
        [
            service(
                "visit",
                step("visit", 20, [role("doctor", capabilities=("ultrasound",), any_of=("dr-a", "dr-b", "dr-c"))]),
            )
        ],
    )

    def test_who_has_it_may(self):
        assert codes(self.WORLD, visit()) == []

    @pytest.mark.parametrize("who", ["dr-b", "dr-d", "room-1"])
    def test_without_the_capability_outside_the_list_or_of_another_kind(self, who):
        assert codes(self.WORLD, visit(using={"doctor": who})) == [self.CODE]

    def test_a_privilege_that_has_run_out_is_another_rules_business(self):
        assert codes(self.WORLD, visit(using={"doctor": "dr-c"})) == [ConstraintCode.PRIVILEGE]


class TestPrivilege:
    CODE = ConstraintCode.PRIVILEGE

    @pytest.mark.parametrize(("first", "until", "is_broken"), [
        (None, None, False),
        (date(2026, 3, 2), date(2026, 3, 3), False),
        (date(2026, 3, 3), None, True),
        (None, date(2026, 3, 2), True),
    ])  # fmt: skip
    def test_it_holds_from_its_first_day_to_the_day_before_its_last(self, first, until, is_broken):
        skilled = practitioner(privileges=(Privilege(capability="laser", valid_from=first, valid_until=until),))
        world = problem([skilled], [service("visit", step("visit", 20, [role("doctor", capabilities=("laser",))]))])
        assert codes(world, visit()) == [self.CODE] * is_broken

    def test_own_capability_needs_no_privilege(self):
        old = Privilege(capability="laser", valid_until=date(2026, 1, 1))
        world = problem(
            [practitioner(capabilities=("laser",), privileges=(old,))],
            [service("visit", step("visit", 20, [role("doctor", capabilities=("laser",))]))],
        )
        assert codes(world, visit()) == []

    def test_the_day_is_that_of_the_site(self):
        skilled = practitioner(
            privileges=(Privilege(capability="laser", valid_from=date(2026, 3, 3)),),
            site="far",
            hours={"weekly": ALWAYS},
        )
        far = site("far", time_zone="Pacific/Auckland", hours={"weekly": ALWAYS})
        world = problem(
            [skilled],
            [service("visit", step("visit", 20, [role("doctor", capabilities=("laser",))]))],
            sites=(site(), far),
        )
        assert codes(world, visit(start="11:55", site="far")) == [self.CODE]  # Auckland: 23:55 on the 2nd
        assert codes(world, visit(start="12:00", site="far")) == []


class TestAcceptsNew:
    CODE = ConstraintCode.ACCEPTS_NEW
    WORLD = problem(
        [practitioner(accepts_new=False, presence_limit=2)],
        [service(), service("watched", step("visit", 20, [role("doctor", use="presence")]))],
        patients=(patient(), patient("pat-2", known_to=("dr-a",))),
    )

    def test_a_known_patient_and_no_patient_pass(self):
        assert codes(self.WORLD, visit(patient="pat-2")) == []
        assert codes(self.WORLD, visit(patient=None)) == []

    def test_a_new_patient_does_not(self):
        found = the(self.CODE, self.WORLD, visit(patient="pat-1"))
        assert found.subjects == ("app-1", "dr-a")
        assert "Patient" not in found.message

    def test_supervision_is_not_meant(self):
        watched = visit(service="watched", patient="pat-1", using=uses(("doctor", "dr-a"), use="presence"))
        assert codes(self.WORLD, watched) == []

    def test_a_seat_in_a_group_is(self):
        world = problem(
            [practitioner(accepts_new=False)], [service("class", step("visit", 20), group_size=3)], orders=()
        )
        occurrence = group("g", placed("visit", at("09:00"), 20, {"doctor": "dr-a"}))
        seat = visit(service="class", group="g", using={}, patient="pat-1")
        assert codes(world, seat, groups=(occurrence,)) == [self.CODE]


class TestResourceLimit:
    CODE = ConstraintCode.RESOURCE_LIMIT

    @pytest.mark.parametrize(
        ("weight", "is_broken"), [(39, True), (40, False), (180, False), (181, True), (None, False)]
    )
    def test_weight(self, weight, is_broken):
        couch = room(limits=(ResourceLimit(kind="weight-kg", minimum=40, maximum=180),))
        world = problem(
            [couch],
            [service("visit", step("visit", 20, [role("place", "room")]))],
            patients=(patient(measures={} if weight is None else {"weight-kg": weight}),),
        )
        assert codes(world, visit(using={"place": "room-1"}, patient="pat-1")) == [self.CODE] * is_broken
        assert codes(world, visit(using={"place": "room-1"})) == []

    @pytest.mark.parametrize(("born", "is_broken"), [
        (date(2010, 3, 2), False), (date(2010, 3, 3), True), (date(2010, 3, 1), False), (None, False),
    ])  # fmt: skip
    def test_age_is_in_completed_years_on_the_day(self, born, is_broken):
        adults = practitioner(limits=(ResourceLimit(kind="age-years", minimum=16),))
        world = problem([adults], patients=(patient(birth_date=born),))
        assert codes(world, visit(patient="pat-1")) == [self.CODE] * is_broken

    @pytest.mark.parametrize(("weight", "text"), [
        (39, "Room room-1 is for patients of at least 40 kg; this one has 39 kg."),
        (181, "Room room-1 is for patients of at most 180 kg; this one has 181 kg."),
    ])  # fmt: skip
    def test_the_sentence(self, weight, text):
        couch = room(limits=(ResourceLimit(kind="weight-kg", minimum=40, maximum=180),))
        services = [service("visit", step("visit", 20, [role("place", "room")]))]
        world = problem([couch], services, patients=(patient(measures={"weight-kg": weight}),))
        assert the(self.CODE, world, visit(using={"place": "room-1"}, patient="pat-1")).message.endswith(text)

    def test_a_seat_in_a_group_is_judged_on_the_groups_resources(self):
        small = practitioner(limits=(ResourceLimit(kind="height-cm", maximum=150),))
        world = problem(
            [small],
            [service("class", step("visit", 20), group_size=3)],
            orders=(),
            patients=(patient(measures={"height-cm": 151}),),
        )
        occurrence = group("g", placed("visit", at("09:00"), 20, {"doctor": "dr-a"}))
        seat = visit(service="class", group="g", using={}, patient="pat-1")
        assert the(self.CODE, world, seat, groups=(occurrence,)).subjects == ("app-1", "dr-a")


class TestEligibility:
    CODE = ConstraintCode.ELIGIBILITY

    @pytest.mark.parametrize(("born", "is_broken"), [
        (date(2008, 3, 2), False),  # 18 today
        (date(2008, 3, 3), True),  # 17 until tomorrow
        (date(1955, 3, 3), False),  # 70 until tomorrow
        (date(1955, 3, 2), True),  # 71 today
        (None, False),
    ])  # fmt: skip
    def test_age_with_both_ends_included(self, born, is_broken):
        world = problem(
            services=[service(eligibility=Eligibility(min_age=18, max_age=70))], patients=(patient(birth_date=born),)
        )
        assert codes(world, visit(patient="pat-1")) == [self.CODE] * is_broken

    @pytest.mark.parametrize(("limits", "is_broken"), [
        ({"min_age": 40}, True), ({"min_age": 39}, False), ({"max_age": 38}, True), ({"max_age": 39}, False),
    ])  # fmt: skip
    def test_one_end_alone(self, limits, is_broken):
        people = (patient(birth_date=date(1986, 6, 1)),)  # 39
        world = problem(services=[service(eligibility=Eligibility(**limits))], patients=people)
        assert codes(world, visit(patient="pat-1")) == [self.CODE] * is_broken

    def test_born_on_29_february(self):
        world = problem(
            services=[service(eligibility=Eligibility(min_age=18))],
            patients=(patient(birth_date=date(2008, 2, 29)),),
            days=14,
            horizon={"start": at("2026-02-23 00:00"), "end": at("2026-03-09 00:00")},
        )
        now = at("2026-02-22 12:00")
        assert codes(world, visit(start=at("2026-02-27 09:00"), patient="pat-1"), now=now) == [self.CODE]
        assert codes(world, visit(start=at("2026-03-02 09:00"), patient="pat-1"), now=now) == []

    @pytest.mark.parametrize(
        ("sex", "is_broken"), [("female", False), ("male", True), ("other", True), ("unknown", False)]
    )
    def test_sex(self, sex, is_broken):
        world = problem(services=[service(eligibility=Eligibility(sexes=("female",)))], patients=(patient(sex=sex),))
        assert codes(world, visit(patient="pat-1")) == [self.CODE] * is_broken
        assert codes(world, visit()) == []
