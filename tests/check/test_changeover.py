"""Changeover between two uses that follow each other."""

from __future__ import annotations

import pytest

from engine.model.codes import ConstraintCode
from engine.model.resource import Changeover
from tests.check.judged import BY_THE_MINUTE, MINUTE, codes, group, the, uses, visit
from tests.factories import at, placed, problem, role, room, service, step

TAGS = (
    Changeover(before="infectious", minutes=60),
    Changeover(before="infectious", after="infectious", minutes=10),
    Changeover(after="clean", minutes=15),
    Changeover(before="infectious", after="clean", minutes=90),
)


def tagged(id, tag=None, minutes=20, **fields):
    return service(id, step("visit", minutes, [role("place", "room", tag=tag, **fields)]))


SERVICES = [tagged("visit"), tagged("flu", "infectious"), tagged("graft", "clean"), tagged("other", "unheard")]


def use(id, start, service="visit", minutes=20, **fields):
    return visit(id, start, minutes, service=service, **{"using": {"place": "room-1"}, **fields})


class TestChangeover:
    CODE = ConstraintCode.CHANGEOVER

    @pytest.mark.parametrize("buffers", ["add", "overlap"])
    @pytest.mark.parametrize(("first", "second", "minutes"), [
        ("visit", "visit", 0), ("flu", "visit", 60), ("flu", "other", 60), ("flu", "flu", 10), ("visit", "graft", 15),
        ("flu", "graft", 90), ("graft", "visit", 0), ("graft", "flu", 0), ("visit", "flu", 0), ("graft", "graft", 0),
    ])  # fmt: skip
    def test_by_tags(self, first, second, minutes, buffers):
        world = problem([room(changeovers=TAGS, buffers=buffers)], SERVICES)
        start = at("09:20") + minutes * MINUTE
        assert codes(world, use("a", "09:00", first), use("b", start, second)) == []
        if minutes:
            assert codes(world, use("a", "09:00", first), use("b", start - 5 * MINUTE, second)) == [self.CODE]

    @pytest.mark.parametrize(("tick", "start", "is_broken"), [
        (5, "10:20", False), (5, "10:15", True), (1, "10:19", True), (5, "09:20", True),
    ])  # fmt: skip
    def test_both_sides_of_the_edge(self, tick, start, is_broken):
        world = problem([room(changeovers=TAGS)], SERVICES, **(BY_THE_MINUTE if tick == 1 else {}))
        assert codes(world, use("a", "09:00", "flu"), use("b", start)) == [self.CODE] * is_broken

    def test_the_sentence(self):
        found = the(self.CODE, problem([room(changeovers=TAGS)], SERVICES), use("a", "09:00", "flu"), use("b", "10:00"))
        assert found.subjects == ("b", "a", "room-1")
        assert found.message == (
            "Room room-1: Appointment b begins Mon 2 Mar 2026 10:00, 40 min after Appointment a; "
            "the changeover takes 60 min."
        )

    def test_only_the_use_before_counts(self):
        world = problem([room(changeovers=TAGS)], SERVICES)
        between = [use("a", "09:00", "flu"), use("b", "09:30", "flu"), use("c", "10:50", "visit")]
        assert codes(world, *between) == []
        assert codes(world, between[0], use("b", "10:20"), use("c", "10:40", "graft")) == [self.CODE]
        # 75 min after the infectious use, which would ask for 90, but 15 after the use between
        assert codes(world, between[0], use("b", "10:20"), use("c", "10:55", "graft")) == []

    def test_a_use_between_that_touches_both_parts_them(self):
        apart = (Changeover(before="infectious", after="clean", minutes=60),)
        world = problem([room(changeovers=apart)], SERVICES)
        first, between, last = use("a", "09:00", "flu"), use("b", "09:20"), use("c", "09:40", "graft")
        assert codes(world, first, between, last) == []
        assert codes(world, first, last) == [self.CODE]

    @pytest.mark.parametrize(("setup", "cleanup", "needed"), [(5, 10, 13), (20, 10, 22), (0, 0, 3)])
    def test_of_buffers_that_overlap_the_longer_counts(self, setup, cleanup, needed):
        services = [tagged("visit", setup_min=setup, cleanup_min=cleanup)]
        world = problem([room(buffers="overlap", setup_min=2, cleanup_min=3)], services, **BY_THE_MINUTE)
        assert codes(world, use("a", "09:00"), use("b", at("09:20") + needed * MINUTE)) == []
        assert codes(world, use("a", "09:00"), use("b", at("09:19") + needed * MINUTE)) == [self.CODE]

    def test_with_buffers_that_add_the_windows_keep_the_tags_time(self):
        services = [tagged("visit"), tagged("flu", "infectious", cleanup_min=30)]
        world = problem([room(changeovers=TAGS)], services)
        flu = use("a", "09:00", "flu", using=uses(("place", "room-1", 0, 30)))
        assert codes(world, flu, use("b", "10:20")) == []
        assert codes(world, flu, use("b", "10:15")) == [self.CODE]

    def test_the_window_counts_and_not_the_step(self):
        services = [tagged("visit", start="start-10"), tagged("flu", "infectious", end="end+10")]
        world = problem([room(changeovers=TAGS)], services)
        flu = use("a", "09:00", "flu", using=uses(("place", "room-1", 0, 10)))
        assert codes(world, flu, use("b", "10:40", using=uses(("place", "room-1", 10, 0), start="10:40"))) == []
        assert codes(world, flu, use("b", "10:35", using=uses(("place", "room-1", 10, 0), start="10:35"))) == [
            self.CODE
        ]

    def test_with_several_lanes_uses_are_not_told_apart(self):
        world = problem([room(changeovers=TAGS, lanes=2)], SERVICES)
        assert codes(world, use("a", "09:00", "flu"), use("b", "09:20")) == []

    def test_overlapping_uses_are_for_capacity(self):
        world = problem([room(changeovers=TAGS)], SERVICES)
        assert codes(world, use("a", "09:00", "flu"), use("b", "09:15")) == [ConstraintCode.CAPACITY]
        three = use("a", "09:00", "flu", 60), use("b", "09:10", "visit"), use("c", "10:30", "visit")
        assert codes(world, *three) == [ConstraintCode.CAPACITY, self.CODE]  # c follows a and b; a is infectious

    def test_supervision_has_none(self):
        world = problem(
            [room(changeovers=TAGS, presence_limit=2)], [tagged("visit"), tagged("flu", "infectious", use="presence")]
        )
        flu = use("a", "09:00", "flu", using=uses(("place", "room-1"), use="presence"))
        assert codes(world, flu, use("b", "09:20")) == []

    def test_a_group_is_a_use(self):
        klass = service("class", step("visit", 20, [role("place", "room", tag="infectious")]), group_size=3)
        world = problem([room(changeovers=TAGS)], [*SERVICES, klass])
        occurrence = group("g", placed("visit", at("09:00"), 20, {"place": "room-1"}))
        seat = use("s", "09:00", "class", group="g", using={})
        assert codes(world, seat, use("b", "10:20"), groups=(occurrence,)) == []
        assert the(self.CODE, world, seat, use("b", "10:15"), groups=(occurrence,)).subjects == ("b", "g", "room-1")
