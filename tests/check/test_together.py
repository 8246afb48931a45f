"""Resources of a step together: one site, fixed equipment, a session's rooms."""

from __future__ import annotations

import pytest

from engine.model.codes import ConstraintCode
from engine.model.service import HeldResource
from engine.model.session import Segment, SurgeryBlock
from tests.check.judged import codes, the, visit
from tests.factories import (
    MONDAY,
    appointment,
    at,
    equipment,
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
)

SITES = (site(), site("far"))
IN_ROOM = service("visit", step("visit", 20, [role("doctor"), role("place", "room")]))
WITH_MACHINE = [role("machine", "equipment"), role("place", "room")]


class TestOneSite:
    CODE = ConstraintCode.ONE_SITE

    @pytest.mark.parametrize(("place", "where", "is_broken"), [
        ("room-1", "main", False), ("room-2", "main", True), ("room-2", "far", False), ("room-1", "far", True),
    ])  # fmt: skip
    def test_rooms_are_where_the_step_is(self, place, where, is_broken):
        who = practitioner(other_sites=("far",))
        world = problem([who, room(), room("room-2", site="far")], [IN_ROOM], sites=SITES)
        assert codes(world, visit(site=where, using={"doctor": "dr-a", "place": place})) == [self.CODE] * is_broken

    def test_who_may_work_elsewhere(self):
        world = problem([practitioner(other_sites=("far",)), practitioner("dr-b")], sites=SITES)
        assert codes(world, visit(site="far")) == []
        found = the(self.CODE, world, visit(site="far", using={"doctor": "dr-b"}))
        assert found.subjects == ("app-1", "dr-b")

    def test_in_a_session_its_site_decides(self):
        sessions = (session("s", "dr-a", site="far"),)
        world = problem([practitioner(other_sites=("far",))], sites=SITES, sessions=sessions)
        assert codes(world, visit(site="far")) == []
        assert self.CODE in codes(world, visit(site="main"))
        assert codes(world, visit(site="main", start="12:00")) == []

    def test_of_sessions_at_the_same_time_one_at_the_site_is_enough(self):
        pool = session("p", {"kind": "practitioner"}, site="main")
        world = problem([practitioner()], sites=SITES, sessions=(pool, session("s", "dr-a", site="main", end="10:00")))
        assert codes(world, visit(site="main")) == []

    def test_in_an_own_surgery_block_the_theatres_site_decides(self):
        block = SurgeryBlock(id="b", day=MONDAY, theatre="far-1", period=period("08:00", "12:00"), practitioner="dr-a")
        who = practitioner(other_sites=("far",))
        world = problem([who, room("far-1", site="far")], [service()], sites=SITES, blocks=(block,))
        assert codes(world, visit(site="far")) == []
        for start, is_broken in (("08:00", True), ("11:40", True), ("11:45", False), ("12:00", False)):
            assert codes(world, visit(site="main", start=start)) == [self.CODE] * is_broken

    def test_a_practitioner_on_the_telephone_is_anywhere(self):
        world = problem(
            [practitioner(), room()],
            [
                service(
                    "visit",
                    step("visit", 20, [role("doctor"), role("place", "room")], modalities=("in-person", "telephone")),
                )
            ],
            sites=SITES,
        )
        using = {"doctor": "dr-a", "place": "room-1"}
        assert codes(world, visit(site="far", modality="telephone", using=using)) == [self.CODE]  # the room is not
        found = the(self.CODE, world, visit(site="far", modality="telephone", using=using))
        assert found.subjects == ("app-1", "room-1")


class TestFixedEquipment:
    CODE = ConstraintCode.FIXED_EQUIPMENT

    def world(self, roles=WITH_MACHINE, **fields):
        machines = [equipment(fixed_in="room-1"), equipment("mobile")]
        return problem([*machines, room(), room("room-2")], [service("visit", step("visit", 20, roles), **fields)])

    @pytest.mark.parametrize(("machine", "place", "is_broken"), [
        ("scanner", "room-1", False), ("scanner", "room-2", True), ("mobile", "room-2", False),
    ])  # fmt: skip
    def test_it_is_used_in_its_room(self, machine, place, is_broken):
        using = {"machine": machine, "place": place}
        assert codes(self.world(), visit(using=using)) == [self.CODE] * is_broken

    def test_one_of_several_rooms_is_enough(self):
        world = self.world([role("machine", "equipment"), role("place", "room", count=2)])
        both = [reservation(r, x, at("09:00"), at("09:20")) for r, x in (("place", "room-1"), ("place", "room-2"))]
        machine = reservation("machine", "scanner", at("09:00"), at("09:20"))
        assert codes(world, visit(using=[machine, *both])) == []

    def test_a_step_without_a_room_does_not_say_where(self):
        world = self.world([role("machine", "equipment")])
        assert codes(world, visit(using={"machine": "scanner"})) == []

    def test_the_sentence(self):
        found = the(self.CODE, self.world(), visit(using={"machine": "scanner", "place": "room-2"}))
        assert found.subjects == ("app-1", "scanner", "room-1")
        assert found.message == "Appointment app-1: scanner is fixed in Room room-1, which step visit does not use."

    @pytest.mark.parametrize(("held_room", "is_broken"), [("room-1", False), ("room-2", True)])
    def test_a_room_held_across_the_step_is_one_of_its_rooms(self, held_room, is_broken):
        held = HeldResource(role=role("bay", "room"), first="talk", last="scan")
        steps = [step("talk", 10, []), step("scan", 10, WITH_MACHINE)]
        things = [equipment(fixed_in="room-1"), room(lanes=2), room("room-2", lanes=2)]
        world = problem(things, [service("visit", *steps, held=(held,))])
        bay = reservation("bay", held_room, at("09:00"), at("09:20"))
        talk = placed("talk", at("09:00"), 10, [bay])
        scan = placed("scan", at("09:10"), 10, {"machine": "scanner", "place": "room-2"})
        assert codes(world, appointment("a", talk, scan, order=None, patient=None)) == [self.CODE] * is_broken

    def test_a_room_held_meanwhile_does_not_bind_a_step_that_needs_none(self):
        held = HeldResource(role=role("bay", "room"), first="talk", last="scan")
        steps = [step("talk", 10, []), step("scan", 10, [role("machine", "equipment")])]
        things = [equipment(fixed_in="room-1"), room(), room("room-2")]
        world = problem(things, [service("visit", *steps, held=(held,))])
        bay = reservation("bay", "room-2", at("09:00"), at("09:20"))
        talk = placed("talk", at("09:00"), 10, [bay])
        scan = placed("scan", at("09:10"), 10, {"machine": "scanner"})
        assert codes(world, appointment("a", talk, scan, order=None, patient=None)) == []


class TestSessionRoom:
    CODE = ConstraintCode.SESSION_ROOM

    def world(self, *sessions, services=(IN_ROOM,)):
        who = [practitioner(), room(), room("room-2"), room("room-3")]
        return problem(who, services, sessions=sessions)

    @pytest.mark.parametrize(("place", "is_broken"), [("room-1", False), ("room-2", False), ("room-3", True)])
    def test_one_of_the_sessions_rooms(self, place, is_broken):
        world = self.world(session("s", "dr-a", rooms=("room-1", "room-2")))
        assert codes(world, visit(using={"doctor": "dr-a", "place": place})) == [self.CODE] * is_broken

    def test_a_session_without_rooms_and_time_outside_are_free(self):
        using = {"doctor": "dr-a", "place": "room-3"}
        assert codes(self.world(session("s", "dr-a")), visit(using=using)) == []
        world = self.world(session("s", "dr-a", rooms=("room-1",)))
        assert codes(world, visit(start="11:40", using=using)) == [self.CODE]
        assert codes(world, visit(start="12:00", using=using)) == []

    def test_a_step_without_a_room_takes_place_nowhere(self):
        world = self.world(session("s", "dr-a", rooms=("room-1",)), services=(service(),))
        assert codes(world, visit()) == []

    @pytest.mark.parametrize(("bay", "is_broken"), [("room-1", False), ("room-3", True)])
    def test_a_room_held_across_the_step_is_one_of_its_rooms(self, bay, is_broken):
        held = HeldResource(role=role("bay", "room"), first="arrive", last="visit")
        for roles, place in ((IN_ROOM.steps[0].roles, {"place": "room-2"}), ([role("doctor")], {})):
            bundle = service("visit", step("arrive", 10, []), step("visit", 20, roles), held=(held,))
            world = self.world(session("s", "dr-a", rooms=("room-1",)), services=(bundle,))
            arrive = placed("arrive", at("09:00"), 10, [reservation("bay", bay, at("09:00"), at("09:30"))])
            seen = placed("visit", at("09:10"), 20, {"doctor": "dr-a", **place})
            given = appointment("a", arrive, seen, order=None, patient=None)
            assert codes(world, given) == [self.CODE] * (is_broken and bool(place))

    def test_of_two_sessions_the_one_that_admits_counts(self):
        mine = session(
            "s", "dr-a", rooms=("room-1",), segments=(Segment(start="08:00", end="12:00", services=("other",)),)
        )
        pool = session("p", {"kind": "practitioner"}, rooms=("room-2",))
        world = self.world(mine, pool, services=(IN_ROOM, service("other")))
        assert codes(world, visit(using={"doctor": "dr-a", "place": "room-2"})) == []
        assert codes(world, visit(using={"doctor": "dr-a", "place": "room-1"})) == [self.CODE]

    def test_the_sentence(self):
        world = self.world(session("s", "dr-a", rooms=("room-1",)))
        found = the(self.CODE, world, visit(using={"doctor": "dr-a", "place": "room-3"}))
        assert found.subjects == ("app-1", "dr-a", "s")
        assert found.message == "Appointment app-1 is in Room room-3; Dr dr-a is then in Room room-1."
