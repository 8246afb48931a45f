import pytest

from engine.errors import InvalidProblemError
from engine.model.planning import PlanningPeriod
from engine.solver.template.prepare import instance_of
from tests.factories import period, problem
from tests.solver.template.worlds import at, contract, entry, plan_of, template, world


def test_without_a_brief_there_is_nothing_to_plan():
    with pytest.raises(InvalidProblemError, match="planning: there is none"):
        instance_of(problem())


def test_slots_are_in_the_order_of_time():
    inst = instance_of(world(cycle_weeks=2))
    assert [inst.slot_name(s.index) for s in inst.slots[:3]] == [
        "Mon am of week 1",
        "Mon pm of week 1",
        "Tue am of week 1",
    ]
    assert [s.start for s in inst.slots] == sorted(s.start for s in inst.slots)
    assert inst.slots[4].start - inst.slots[0].start == 7 * 24 * 60
    assert [s.index for s in inst.slots] == list(range(8))


def test_slots_are_named_for_people():
    assert instance_of(world()).slot_names([0, 1, 2, 3]) == "Mon am, Mon pm, Tue am, Tue pm"
    assert instance_of(world()).slot_names([0, 1, 2, 3], at_most=2) == "Mon am, Mon pm, 2 more"


def test_a_night_is_a_slot_of_the_day_it_begins():
    night = PlanningPeriod(id="night", days=("sun",), period=period("22:00", "06:00"))
    plain = world()
    inst = instance_of(plain.changed(planning=plan_of(plain).model_copy(update={"periods": (night,)})))
    (slot,) = inst.slots
    assert (slot.day, slot.start, slot.end) == ("sun", (6 * 24 + 22) * 60, (7 * 24 + 6) * 60)


def test_references_name_slots_in_all_weeks_or_some():
    inst = instance_of(world(cycle_weeks=2))
    assert [inst.slot_name(s) for s in inst.referred(at("tue", "pm"))] == ["Tue pm of week 1", "Tue pm of week 2"]
    assert [inst.slot_name(s) for s in inst.referred(at("tue", "pm", 2))] == ["Tue pm of week 2"]


def test_today_s_cycle_and_the_brief_s_come_round_together():
    def repeats(cycle, today_cycle):
        return instance_of(world(today=template(cycle_weeks=today_cycle), cycle_weeks=cycle)).repeats

    assert [repeats(2, 1), repeats(1, 2), repeats(2, 2), repeats(2, 3), repeats(4, 6)] == [1, 2, 1, 3, 3]
    assert instance_of(world(cycle_weeks=2)).repeats == 1


def test_only_who_has_a_contract_or_an_entry_of_today_is_a_person():
    inst = instance_of(world(contracts=(contract(clinic=(0, 1)),), today=template(entry("a"))))
    assert [(p.resource.id, p.contract.maximum) for p in inst.people] == [("dr-a", 20)]
    inst = instance_of(world(today=template(entry("a"))))
    assert [(p.resource.id, p.contract.maximum, dict(p.contracts)) for p in inst.people] == [("dr-a", 0, {})]
