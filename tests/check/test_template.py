"""The rules of a weekly template."""

from __future__ import annotations

import pytest

from engine.check import check_template
from engine.model.codes import ConstraintCode
from engine.model.planning import Activity, Contract, Cover, PoolNeed, RoomNeed, SlotRef, StaffingContract, Unavailable
from engine.model.resource import Privilege
from tests.check.templates import CLINIC, PM, RESOURCES, SURGERY, block, broken, entry, free, nth, template, the, world
from tests.factories import MONDAY, WORKDAYS, practitioner, problem, room, site


class TestTemplateDouble:
    CODE = ConstraintCode.TEMPLATE_DOUBLE

    def test_one_after_the_other(self):
        assert broken(world(), entry("a"), entry("b", when=("12:00", "16:00"))) == []
        assert broken(world(), entry("a"), entry("b", day="tue"), entry("c", "dr-b")) == []

    def test_one_owner_twice_by_a_minute(self):
        found = the(self.CODE, world(), entry("a"), entry("b", when=("11:59", "16:00")))
        assert found.subjects == ("a", "b", "dr-a")
        assert found.message == "Dr dr-a is in a, b at once, Mon 11:59 of week 1."

    def test_only_in_weeks_that_they_share(self):
        given = world(cycle_weeks=2)
        assert broken(given, entry("a", weeks=(1,)), entry("b", weeks=(2,)), cycle_weeks=2) == []
        assert broken(given, entry("a", weeks=(1, 2)), entry("b", weeks=(2,)), cycle_weeks=2) == [self.CODE]
        assert broken(given, entry("a"), entry("b"), cycle_weeks=2) == [self.CODE]  # told once, not for each week

    def test_a_surgeon_in_a_block_and_a_clinic(self):
        assert broken(world(), entry("a"), block("b")) == [self.CODE]
        assert broken(world(), entry("a", "dr-b"), block("b")) == []

    def test_a_theatre_or_room_twice(self):
        assert the(self.CODE, world(), block("a"), block("b", "dr-b")).subjects == ("a", "b", "theatre")
        both = entry("a", rooms=("room-1",)), entry("b", "dr-b", rooms=("room-1", "room-2"))
        assert the(self.CODE, world(), *both).subjects == ("a", "b", "room-1")

    def test_a_room_has_as_many_lanes_as_it_says(self):
        given = world(resources=(*RESOURCES[:4], room(lanes=2)))
        several = [entry(i, w, rooms=("room-1",)) for i, w in (("a", "dr-a"), ("b", "dr-b"), ("c", "nurse-1"))]
        assert broken(given, *several[:2]) == []
        assert broken(given, *several) == [self.CODE]

    def test_over_midnight_and_over_the_end_of_the_cycle(self):
        night = ("22:00", "06:00")
        assert broken(world(), entry("a", when=night), entry("b", day="tue", when=("05:59", "08:00"))) == [self.CODE]
        assert broken(world(), entry("a", when=night), entry("b", day="tue", when=("06:00", "08:00"))) == []
        last = entry("a", day="sun", when=night)
        assert broken(world(), last, entry("b", when=("05:00", "08:00"))) == [self.CODE]
        assert broken(world(), last, entry("b", when=("06:00", "08:00"))) == []

    def test_an_nth_weekday_may_fall_in_any_week(self):
        given = world(cycle_weeks=2)
        assert broken(given, entry("a", weeks=(2,)), entry("b", on=nth(1)), cycle_weeks=2) == [self.CODE]
        assert broken(given, entry("a", day="tue"), entry("b", on=nth(1))) == []

    @pytest.mark.parametrize(("one", "other", "is_broken"), [
        (1, 1, True), (1, 2, False), (-1, 4, True), (5, -1, True), (-1, 3, False), (4, 5, False),
    ])  # fmt: skip
    def test_two_nth_weekdays_meet_when_they_can_be_one_date(self, one, other, is_broken):
        assert broken(world(), entry("a", on=nth(one)), entry("b", on=nth(other))) == [self.CODE] * is_broken

    def test_rooms_for_three_of_which_two_never_meet(self):
        given = world(resources=(*RESOURCES[:4], room(lanes=2)))
        three = [entry("a", rooms=("room-1",)), *(entry(f"b{n}", "dr-b", on=nth(n), rooms=("room-1",)) for n in (1, 2))]
        assert broken(given, *three) == []
        third = entry("c", "nurse-1", on=nth(2), rooms=("room-1",))
        assert broken(given, *three, third) == [self.CODE]

    def test_pools_and_specialties_are_nobody(self):
        pool = {"kind": "practitioner", "capabilities": ("nurse",)}
        assert broken(world(), entry("a", pool), entry("b", pool)) == []
        hand = [block(i, None, specialty="hand", theatre=t) for i, t in (("a", "theatre"), ("b", "room-2"))]
        assert broken(world(), *hand) == []

    def test_without_a_brief(self):
        given = problem(RESOURCES, orders=())
        assert broken(given, entry("a", activity=None), entry("b", activity=None, when=("11:00", "13:00"))) == [
            self.CODE
        ]
        assert broken(given, entry("a", activity=None), entry("b", activity=None, when=("12:00", "13:00"))) == []


class TestTemplateQualified:
    CODE = ConstraintCode.TEMPLATE_QUALIFIED

    def skilled(self, **fields):
        needs = Activity(**{"id": "clinic", "name": "Clinic", **fields})
        return world(activities=(needs, SURGERY), sites=(site(), site("far")))

    def test_capabilities(self):
        given = self.skilled(capabilities=("nurse",))
        assert broken(given, entry("a", "nurse-1")) == []
        assert the(self.CODE, given, entry("a", "dr-a")).message == "a: Dr dr-a lacks nurse for Clinic."

    def test_a_privilege_counts_whatever_its_dates(self):
        old = Privilege(capability="nurse", valid_until=MONDAY)
        given = self.skilled(capabilities=("nurse",))
        given = given.changed(resources=(practitioner(privileges=(old,)), *RESOURCES[1:]))
        assert broken(given, entry("a")) == []

    def test_the_owner_works_at_the_site(self):
        given = self.skilled()
        assert broken(given, entry("a", site="far")) == [self.CODE]
        traveller = practitioner(other_sites=("far",))
        assert broken(given.changed(resources=(traveller, *RESOURCES[1:])), entry("a", site="far")) == []

    def test_a_blocks_owner_works_at_the_theatres_site(self):
        given = self.skilled()
        far = room("theatre", site="far")
        given = given.changed(resources=(*RESOURCES[:-1], far))
        assert broken(given, block("a")) == [self.CODE]

    def test_the_activity_may_be_there(self):
        assert broken(self.skilled(sites=("far",)), entry("a")) == [self.CODE]
        assert broken(self.skilled(sites=("far", "main")), entry("a")) == []

    @pytest.mark.parametrize(("needs", "rooms", "is_broken"), [
        ("", (), False), ("", ("room-1",), False), ("consulting", (), True), ("consulting", ("room-1",), False),
        ("large", ("room-1",), True), ("consulting large", ("room-2", "room-1"), False),
        ("large large", ("room-1", "room-2"), True), ("consulting", ("far-1",), True),
        ("consulting consulting", ("room-2",), True), ("large consulting", ("room-1", "room-2"), False),
    ])  # fmt: skip
    def test_its_rooms_can_be_dealt_out_to_the_needs(self, needs, rooms, is_broken):
        given = self.skilled(rooms=tuple(RoomNeed(capabilities=(n,)) for n in needs.split()))
        given = given.changed(resources=(*RESOURCES, room("far-1", site="far", capabilities=("consulting",))))
        assert broken(given, entry("a", rooms=rooms)) == [self.CODE] * is_broken

    def test_the_sentence_about_rooms(self):
        given = self.skilled(rooms=(RoomNeed(capabilities=("large",)),))
        assert the(self.CODE, given, entry("a")).message == "a: Clinic needs other rooms than none."
        found = the(self.CODE, given, entry("a", rooms=("room-1",)))
        assert found.message == "a: Clinic needs other rooms than Room room-1."

    def test_a_count_of_rooms(self):
        given = self.skilled(rooms=(RoomNeed(capabilities=("consulting",), count=2),))
        assert broken(given, entry("a", rooms=("room-1", "room-2"))) == []
        assert broken(given, entry("a", rooms=("room-1",))) == [self.CODE]

    def test_a_theatre_meets_the_need_of_surgery(self):
        surgery = SURGERY.model_copy(update={"rooms": (RoomNeed(capabilities=("theatre",)),)})
        given = world(activities=(CLINIC, surgery))
        assert broken(given, block("a")) == []
        assert broken(given, block("a", theatre="room-1")) == [self.CODE]


class TestTemplateAvailable:
    CODE = ConstraintCode.TEMPLATE_AVAILABLE

    def world(self, who="dr-a", weeks=(), day="mon", **fields):
        away = Unavailable(resource=who, at=SlotRef(day=day, period="am", weeks=weeks))
        return world(unavailable=(away,), **fields)

    def test_not_while_away(self):
        assert broken(self.world(), entry("a", when=PM), entry("b", day="tue"), entry("c", "dr-b")) == []
        found = the(self.CODE, self.world(), entry("a"))
        assert found.subjects == ("a", "dr-a")
        assert found.message == "a: Dr dr-a is not available Mon am of week 1."

    def test_an_entry_stands_in_every_period_that_it_overlaps(self):
        assert broken(self.world(), entry("a", when=("11:59", "17:00"))) == [self.CODE]
        assert broken(self.world(), entry("a", when=("12:00", "17:00"))) == []

    def test_in_the_weeks_that_are_named(self):
        given = self.world(weeks=(2,), cycle_weeks=2)
        assert broken(given, entry("a", weeks=(1,)), cycle_weeks=2) == []
        assert broken(given, entry("a", weeks=(2,)), cycle_weeks=2) == [self.CODE]
        assert broken(given, entry("a", on=nth(1)), cycle_weeks=2) == [self.CODE]

    @pytest.mark.parametrize("thing", ["room-1", "theatre"])
    def test_rooms_and_theatres(self, thing):
        with_thing = block("b") if thing == "theatre" else entry("b", rooms=("room-1",))
        assert the(self.CODE, self.world(thing), with_thing).subjects == ("b", thing)

    def test_a_surgeon(self):
        assert broken(self.world(), block("a")) == [self.CODE]

    def test_the_sentence_names_the_first_few_periods(self):
        found = the(self.CODE, self.world(), entry("a"), cycle_weeks=3)
        assert found.message.endswith("Mon am of week 1, Mon am of week 2, Mon am of week 3.")
        found = the(self.CODE, self.world(), entry("a"), cycle_weeks=5)
        assert found.message.endswith("Mon am of week 3 and 2 more.")

    def test_a_brief_of_one_week_holds_in_each_week_of_a_longer_cycle(self):
        found = the(self.CODE, self.world(), entry("a"), cycle_weeks=2)
        assert found.message.endswith("Mon am of week 1, Mon am of week 2.")


class TestTemplateContract:
    CODE = ConstraintCode.TEMPLATE_CONTRACT

    def world(self, minimum=1, maximum=2, total=2, **fields):
        parts = (Contract(activity="clinic", minimum=minimum, maximum=maximum), Contract(activity="surgery", maximum=2))
        contract = StaffingContract(practitioner="dr-a", activities=parts, maximum=total)
        return world(contracts=(contract,), **fields)

    def test_between_minimum_and_maximum(self):
        assert broken(self.world(), entry("a")) == []
        assert broken(self.world(), entry("a"), entry("b", day="tue")) == []
        found = the(self.CODE, self.world())
        assert found.subjects == ("dr-a", "clinic")
        assert found.message == "Dr dr-a has 0 sessions of Clinic; the contract says 1 to 2."
        three = [entry(d, day=d) for d in ("mon", "tue", "wed")]
        assert broken(self.world(total=9), *three) == [self.CODE]

    def test_in_all(self):
        both = entry("a"), block("b", day="tue"), block("c", day="wed")
        assert broken(self.world(total=3), *both) == []
        assert the(self.CODE, self.world(total=2), *both).subjects == ("dr-a",)

    def test_an_activity_without_a_contract(self):
        assert the(self.CODE, self.world(), entry("a"), entry("b", "dr-b")).subjects == ("dr-b", "clinic")
        talk = Activity(id="talk", name="Talk")
        given = self.world(total=9, activities=(CLINIC, SURGERY, talk))
        assert the(self.CODE, given, entry("a"), entry("b", day="tue", activity="talk")).subjects == ("dr-a", "talk")

    def test_touching_a_period_is_not_standing_in_it(self):
        assert broken(self.world(maximum=1), entry("a", when=("08:00", "13:00"))) == []
        assert broken(self.world(maximum=1), entry("a", when=("12:00", "17:00"))) == []
        assert broken(self.world(maximum=1), entry("a", when=("08:00", "13:01"))) == [self.CODE]

    def test_in_a_cycle_of_three_weeks(self):
        given = self.world(minimum=0, maximum=0, cycle_weeks=3, unavailable=())
        found = the(self.CODE, given, entry("a", weeks=(2,)), cycle_weeks=3)
        assert found.message == "Dr dr-a has 1 session of Clinic; the contract says 0 to 0."
        away = Unavailable(resource="dr-a", at=SlotRef(day="mon", period="am", weeks=(2,)))
        given = world(unavailable=(away,), cycle_weeks=3)
        assert broken(given, entry("a", weeks=(2,)), cycle_weeks=3) == [ConstraintCode.TEMPLATE_AVAILABLE]
        assert broken(given, entry("a", weeks=(1, 3)), cycle_weeks=3) == []

    def test_a_session_is_a_period_of_a_week(self):
        assert broken(self.world(), entry("a", when=("08:00", "17:00"))) == []
        assert broken(self.world(maximum=1), entry("a", when=("08:00", "17:00"))) == [self.CODE]
        weekly = self.world(cycle_weeks=2)
        assert broken(weekly, entry("a"), cycle_weeks=2) == []
        assert broken(weekly, entry("a"), entry("b", day="tue", weeks=(1,)), cycle_weeks=2) == [self.CODE, self.CODE]

    def test_what_the_brief_does_not_know_and_nth_weekdays_do_not_count(self):
        assert broken(self.world(), entry("a"), entry("b", day="tue", activity="other")) == []
        assert broken(self.world(), entry("a"), entry("b", on=nth(1, "tue")), entry("c", on=nth(2, "wed"))) == []

    def test_a_block_is_the_surgery_with_its_services(self):
        hand = SURGERY.model_copy(update={"id": "hand", "services": ("operation",)})
        given = world(activities=(CLINIC, SURGERY, hand), contracts=(
            StaffingContract(practitioner="dr-a", activities=(Contract(activity="surgery", maximum=1),), maximum=1),
        ))  # fmt: skip
        assert broken(given, block("a")) == []
        assert the(self.CODE, given, block("a", services=("operation",))).subjects == ("dr-a", "hand")

    def test_of_surgeries_alike_the_one_in_the_contract(self):
        knee = SURGERY.model_copy(update={"id": "knee"})
        given = world(activities=(CLINIC, SURGERY, knee), contracts=(
            StaffingContract(practitioner="dr-a", activities=(Contract(activity="knee", maximum=1),), maximum=1),
        ))  # fmt: skip
        assert broken(given, block("a")) == []
        assert broken(given, block("a", "dr-b")) == [self.CODE]


class TestTemplatePool:
    CODE = ConstraintCode.TEMPLATE_POOL

    def world(self, count=1, **fields):
        need = PoolNeed(kind="practitioner", capabilities=("nurse",), count=count)
        return world(activities=(CLINIC.model_copy(update={"pools": (need,)}), SURGERY), **fields)

    def test_as_many_as_there_are(self):
        two = entry("a"), entry("b", "dr-b")
        assert broken(self.world(), *two) == []
        assert broken(self.world(count=2), two[0]) == []
        found = the(self.CODE, self.world(count=2), *two)
        assert found.subjects == ("main", "a", "b")
        assert found.message == "Mon am of week 1: the sessions at main need 4 of practitioner nurse; 2 are there."

    def test_everybody_fills_one_place_at_a_time(self):
        """Whoever can do two things cannot do both at once, though each by itself has enough who can."""
        nurse, scrub = (PoolNeed(kind="practitioner", capabilities=(c,)) for c in ("nurse", "scrub"))
        both = practitioner("both", capabilities=("nurse", "scrub"))
        staff = (both, practitioner("nurse-1", capabilities=("nurse",)))
        activities = (
            CLINIC.model_copy(update={"pools": (nurse,)}),
            SURGERY.model_copy(update={"pools": (scrub,)}),
        )
        doctors = RESOURCES[:2]
        theatre = RESOURCES[-1]
        two = world(activities=activities, resources=(*doctors, *staff, theatre), contracts=free("dr-a", "dr-b"))
        assert broken(two, entry("a"), block("b", "dr-b")) == []
        one = world(activities=activities, resources=(*doctors, both, theatre), contracts=free("dr-a", "dr-b"))
        assert broken(one, entry("a")) == broken(one, block("b", "dr-b")) == []
        assert broken(one, entry("a"), block("b", "dr-b", when=PM)) == []
        found = the(self.CODE, one, entry("a"), block("b", "dr-b"))
        assert found.subjects == ("main", "a", "b")
        assert found.message == (
            "Mon am of week 1: the sessions at main need 1 of practitioner nurse and 1 of practitioner scrub; "
            "1 is there for all."
        )

    def test_a_pool_of_nobody(self):
        given = self.world(resources=RESOURCES[:2], contracts=free("dr-a", "dr-b"))
        found = the(self.CODE, given, entry("a"), entry("b", "dr-b"))
        assert found.message == "Mon am of week 1: the sessions at main need 2 of practitioner nurse; 0 are there."

    def test_who_has_a_session_may_be_the_one_it_draws_on(self):
        """An anaesthetist's list is what the theatre's need for an anaesthetist means."""
        given = self.world(count=2)
        assert broken(given, entry("a"), entry("b", "nurse-1", activity="clinic", when=PM)) == []
        listed = given.changed(planning=given.planning.model_copy(update={"activities": (
            *given.planning.activities, CLINIC.model_copy(update={"id": "list"}),
        )}))  # fmt: skip
        assert self.CODE not in broken(listed, entry("a"), entry("b", "nurse-1", activity="list"))

    def test_each_period_by_itself(self):
        given = self.world(count=2)
        assert broken(given, entry("a"), entry("b", "dr-b", when=PM)) == []
        assert broken(given, entry("a"), entry("b", "dr-b", when=("11:00", "17:00"))) == [self.CODE]

    def test_those_away_are_not_there(self):
        away = Unavailable(resource="nurse-1", at=SlotRef(day="mon", period="am"))
        given = self.world(count=2, unavailable=(away,))
        assert broken(given, entry("a")) == [self.CODE]
        assert broken(given, entry("a", day="tue")) == []

    def test_a_site_has_its_own(self):
        far = site("far")
        doctor = practitioner(other_sites=("far",))
        given = self.world(sites=(site(), far), resources=(doctor, *RESOURCES[1:]))
        assert broken(given, entry("a", site="far")) == [self.CODE]


class TestTemplateSiteChange:
    CODE = ConstraintCode.TEMPLATE_SITE_CHANGE

    def world(self, one_site=True, **fields):
        who = practitioner(other_sites=("far",))
        contracts = free("dr-a", one_site_a_day=one_site)
        return world(contracts=contracts, sites=(site(), site("far")), resources=(who, *RESOURCES[1:]), **fields)

    def test_one_site_a_day(self):
        assert broken(self.world(), entry("a"), entry("b", day="tue", site="far")) == []
        found = the(self.CODE, self.world(), entry("a"), entry("b", when=PM, site="far"))
        assert found.subjects == ("dr-a", "b", "a")
        assert found.message == "Dr dr-a is at far and main on Mon of week 1."
        assert broken(self.world(one_site=False), entry("a"), entry("b", when=PM, site="far")) == []

    def test_in_one_week(self):
        given = self.world(cycle_weeks=2)
        apart = entry("a", weeks=(1,)), entry("b", when=PM, site="far", weeks=(2,))
        assert broken(given, *apart, cycle_weeks=2) == []
        assert broken(given, apart[0], entry("b", when=PM, site="far"), cycle_weeks=2) == [self.CODE]

    def test_theatres_are_at_sites(self):
        given = self.world()
        given = given.changed(resources=(*given.resources[:-1], room("theatre", site="far")))
        assert broken(given, entry("a"), block("b", when=PM)) == [self.CODE]


class TestTemplateCover:
    CODE = ConstraintCode.TEMPLATE_COVER
    MONDAY_AM = (SlotRef(day="mon", period="am"),)

    def test_of_a_specialty(self):
        given = world(cover=(Cover(minimum=1, specialty="hand", at=self.MONDAY_AM),))
        assert broken(given, entry("a")) == []
        assert broken(given, block("a")) == []
        found = the(self.CODE, given, entry("a", "dr-b"), entry("b", when=PM))
        assert found.message == "Mon am of week 1: 0 for hand; at least 1 must be there."

    def test_two_are_two_people(self):
        given = world(cover=(Cover(minimum=2, activity="clinic", at=self.MONDAY_AM),))
        assert broken(given, entry("a"), entry("b", "dr-b")) == []
        assert broken(given, entry("a", when=("08:00", "10:00")), entry("b", when=("10:00", "12:00"))) == [self.CODE]
        assert broken(given, entry("a"), block("b", "dr-b")) == [self.CODE]

    def test_without_periods_it_holds_in_all(self):
        given = world(cover=(Cover(minimum=1, activity="clinic"),))
        all_week = [entry(d, day=d, when=("08:00", "17:00")) for d in WORKDAYS]
        assert broken(given, *all_week) == []
        assert broken(given, *all_week[1:]) == [self.CODE, self.CODE]

    def test_an_activity_that_does_not_count_covers_itself_only(self):
        on_call = CLINIC.model_copy(update={"counts_for_cover": False})
        rules = (
            Cover(minimum=1, specialty="hand", at=self.MONDAY_AM),
            Cover(minimum=1, activity="clinic", at=self.MONDAY_AM),
        )
        given = world(activities=(on_call, SURGERY), cover=rules)
        assert the(self.CODE, given, entry("a")).subjects == ("hand",)

    def test_at_a_site(self):
        who = practitioner(specialties=("hand",), other_sites=("far",))
        rule = Cover(minimum=1, specialty="hand", site="far", at=self.MONDAY_AM)
        given = world(cover=(rule,), sites=(site(), site("far")), resources=(who, *RESOURCES[1:]))
        assert broken(given, entry("a", site="far")) == []
        assert broken(given, entry("a")) == [self.CODE]

    def test_an_nth_weekday_covers_nothing(self):
        given = world(cover=(Cover(minimum=1, specialty="hand", at=self.MONDAY_AM),))
        assert broken(given, entry("a", on=nth(1))) == [self.CODE]


class TestTemplatePinned:
    CODE = ConstraintCode.TEMPLATE_PINNED

    def world(self, *today, cycle_weeks=1, **fields):
        return world(today="today", templates=(template(*today, id="today", cycle_weeks=cycle_weeks),), **fields)

    def test_it_is_there_under_any_id(self):
        given = self.world(entry("old", is_pinned=True, rooms=("room-1", "room-2")), entry("free", day="tue"))
        assert broken(given, entry("new", rooms=("room-2", "room-1"))) == []
        found = the(self.CODE, given, entry("new", rooms=("room-1",)))
        assert found.subjects == ("old",)
        assert found.message == "old is pinned, Mon 08:00 of week 1, and is missing or changed."

    @pytest.mark.parametrize("change", [
        {"owner": "dr-b"}, {"day": "tue"}, {"when": ("08:00", "11:00")}, {"overbooking_lanes": 1},
        {"activity": "surgery"},
    ])  # fmt: skip
    def test_changed_in_any_way(self, change):
        assert broken(self.world(entry("old", is_pinned=True)), entry("new", **change)) == [self.CODE]

    def test_blocks_too(self):
        given = self.world(block("old", is_pinned=True))
        assert broken(given, block("new")) == []
        assert broken(given, block("new", theatre="room-1")) == [self.CODE]

    def test_in_each_of_its_weeks(self):
        given = self.world(entry("old", is_pinned=True), cycle_weeks=2, **{})
        given = given.changed(planning=given.planning.model_copy(update={"cycle_weeks": 2}))
        both = entry("a", weeks=(1,)), entry("b", weeks=(2,))
        assert broken(given, *both, cycle_weeks=2) == []
        assert broken(given, both[0], cycle_weeks=2) == [self.CODE]
        assert broken(given, entry("a"), cycle_weeks=1) == []


def test_an_empty_template_of_a_clinic_without_a_brief():
    report = check_template(problem(orders=()), template())
    assert (report.violations, report.breakdown.terms) == ((), ())
