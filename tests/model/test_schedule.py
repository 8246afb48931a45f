from __future__ import annotations

from engine.model.appointment import GroupOccurrence
from engine.model.explanation import LeftOver
from engine.model.schedule import Schedule
from tests.factories import appointment, at, placed, problem

WORLD = problem()
GROUP = GroupOccurrence(id="g", service="visit", seats=8, steps=(placed("visit", at("09:00"), 60),))
LEFT = LeftOver(order="ord-1", reason="full")


def test_an_empty_schedule():
    schedule = Schedule(WORLD)
    assert (len(schedule.appointments), schedule.version) == (0, 0)


def test_a_change_is_the_next_version():
    before = Schedule.of(WORLD, [appointment("a"), appointment("b")], groups=(GROUP,), left_over=(LEFT,))
    after = before.changed(removed=["a"], added=[appointment("c")])
    assert [a.id for a in after.appointments] == ["b", "c"]
    assert (before.version, after.version) == (0, 1)
    assert [a.id for a in before.appointments] == ["a", "b"]
    assert (after.problem, after.groups, after.left_over) == (WORLD, (GROUP,), (LEFT,))


def test_a_moved_appointment_keeps_its_id():
    before = Schedule.of(WORLD, [appointment("a")])
    after = before.changed(removed=["a"], added=[appointment("a", start="10:00")])
    assert [(a.id, a.start) for a in after.appointments] == [("a", at("10:00"))]


def test_the_rest_may_change_too():
    other = problem(name="other")
    before = Schedule.of(WORLD, groups=(GROUP,), left_over=(LEFT,))
    after = before.changed(problem=other, groups=(), left_over=())
    assert (after.problem, after.groups, after.left_over) == (other, (), ())


def test_equal_schedules():
    one, other = (Schedule.of(WORLD, [appointment("a")]) for _ in range(2))
    assert one == other
    assert one != one.changed()
    assert one != Schedule.of(WORLD, [appointment("a", start="10:00")])
