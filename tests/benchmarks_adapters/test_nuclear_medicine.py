"""Nuclear-medicine day: reader, rules and cost, each on both sides of its edge, on a day written by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.adapters import FactError, parse_facts
from benchmarks.adapters.nuclear_medicine import (
    SCAN,
    Instance,
    Visit,
    current_plan,
    from_facts,
    read_instance,
)
from benchmarks.adapters.nuclear_medicine_rules import Cost, Rule, cost, violations
from benchmarks.baselines import nuclear_medicine as baseline

# Protocol 10 sits in a chair, 20 does not. Patient 1 has chair 1 in slots 3 to 8 and tomograph 1 in slots 9 to 11;
# patient 2 has tomograph 2 in slots 23 to 29 (its scan, 27 to 30, ends one slot early).
DAY = """
    chair(1..2, 1). chair(3, 2). tomograph(1, 1). tomograph(2, 2). required_chair(10).
    exam(10,0,2). exam(10,1,2). exam(10,2,4). exam(10,3,3). cost(10,9). on(20,2).
    exam(20,0,3). exam(20,1,3). exam(20,2,1). exam(20,3,4).
    x(1,"d",1,10,0). x(1,"d",3,10,1). x(1,"d",5,10,2). x(1,"d",9,10,3).
    x(2,"d",20,20,0). x(2,"d",23,20,1). x(2,"d",26,20,2). x(2,"d",27,20,3).
    chair(1,1,"d",3). chair(1,1,"d",8). tomograph(1,1,"d",9). tomograph(1,1,"d",11).
    tomograph(2,2,"d",23). tomograph(2,2,"d",29).
"""


def day(extra: str = "", text: str = DAY) -> Instance:
    return from_facts(parse_facts(text + extra), "tiny")


def visit(*starts: int, tomograph: int = 1, chair: int | None = 1) -> Visit:
    """A visit that starts its last phases in these slots."""
    return Visit(dict(zip(range(4 - len(starts), 4), starts, strict=True)), tomograph, chair)


def rules(instance: Instance, changes: dict[int, Visit]) -> list[Rule]:
    return [violation.rule for violation in violations(instance, {**current_plan(instance), **changes})]


def costs(instance: Instance, changes: dict[int, Visit]) -> Cost:
    return cost(instance, {**current_plan(instance), **changes})


# --- reader


def test_a_day_is_read():
    instance = day("new_reg(3, 9, 2, 10). exam_new(1, 0, 5). limit(10, 1).")
    first, emergency = instance.patients[1], instance.patients[3]

    assert instance.chairs == {1: 1, 2: 1, 3: 2}
    assert instance.tomographs == {1: 1, 2: 2}
    assert (first.protocol.id, first.protocol.lengths, first.protocol.needs_chair) == (10, (2, 2, 4, 3), True)
    assert (first.protocol.limit, instance.patients[2].protocol.limit) == (1, None)
    assert (first.entry, first.wanted, first.length(0), first.length(1)) == (0, None, 5, 2)
    assert (emergency.entry, emergency.wanted, emergency.current, emergency.needs_chair) == (2, 9, None, False)
    assert current_plan(instance) == {1: visit(1, 3, 5, 9), 2: visit(20, 23, 26, 27, tomograph=2, chair=None)}


def test_a_file_is_named_by_its_folder(tmp_path):
    path = tmp_path / "input_0_1.lp"
    path.write_text(DAY, encoding="utf-8")

    assert read_instance(path).name == f"{tmp_path.name}/input_0_1"


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ("exam(10,0,3).", "'exam' says two things about 0: 2 and 3"),
        ("exam(30,0,3).", "protocol 30 has lengths {0: 3}, expected four"),
        ("exam(10,4,3).", "phase 4 of 'exam', expected 0 to 3"),
        ('x(1,"d",2,10,0).', "'x' says two things about 0: 1 and 2"),
        ('x(1,"d",1,20,0).', "'x' says two things about 1"),
        ('x(4,"d",1,10,0).', "patient 4 needs the starts of four phases and a tomograph"),
        ('x(1,"e",1,10,0).', r"expected the patients of one day, found \['d', 'e'\]"),
        ('tomograph(2,1,"d",12).', "'tomograph' says two things about 1: 1 and 2"),
        ('chair(1,2,"d",23).', "patient 2 has a chair but protocol 20 none"),
        ("new_reg(1, 9, 2, 10).", "patient 1 is registered twice"),
        ("new_reg(3, 9, 2, 99).", "protocol 99 has no 'exam' lengths"),
        ("exam_new(3, 0, 9).", "patient 3 has a new length but no visit"),
        ("nurse(1).", "found 'nurse' with 1 arguments"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(extra, message):
    with pytest.raises(FactError, match=message):
        day(extra)


# --- rules


def test_the_current_plan_breaks_nothing_and_costs_nothing():
    assert rules(day(), {}) == []
    assert costs(day(), {}) == (0, 0, 0, 0)


def test_every_patient_of_the_day_and_nobody_else_has_a_visit():
    instance = day("new_reg(3, 40, 3, 10).")
    assert rules(instance, {}) == [Rule.UNPLANNED]
    assert rules(instance, {3: visit(40, chair=None)}) == []
    assert rules(day(), {3: visit(40, chair=None)}) == [Rule.UNKNOWN_PATIENT]


def test_a_visit_has_the_phases_from_the_entry_on():
    assert rules(day(), {1: visit(3, 5, 9)}) == [Rule.PHASES]
    instance = day("new_reg(3, 40, 2, 10).")
    assert rules(instance, {3: visit(40, 44, chair=None)}) == []
    assert rules(instance, {3: visit(44, chair=None)}) == [Rule.PHASES]
    assert rules(instance, {3: visit(36, 40, 44)}) == [Rule.PHASES]


def test_every_phase_starts_within_the_day():
    assert rules(day(), {1: visit(140, 142, 144, 150)}) == []  # the scan may go on after the last slot
    assert rules(day(), {1: visit(140, 142, 144, 151)}) == [Rule.DAY]
    instance = day("new_reg(3, 1, 2, 10).")
    assert rules(instance, {3: visit(1, 40, chair=None)}) == []
    assert rules(day("new_reg(3, 0, 2, 10)."), {3: visit(0, 40, chair=None)}) == [Rule.DAY]


def test_nobody_starts_a_phase_before_its_planned_slot():
    late = day(text=DAY.replace('"d",9,10,3', '"d",10,10,3'))  # patient 1 is planned to wait for the scan
    assert rules(late, {1: visit(1, 3, 5, 10)}) == []
    assert rules(late, {1: visit(1, 3, 5, 9)}) == [Rule.EARLY]
    assert rules(day(), {2: visit(19, 23, 26, 27, tomograph=2, chair=None)}) == [Rule.EARLY]


def test_an_emergency_enters_when_it_wants_or_later():
    instance = day("new_reg(3, 40, 2, 10).")
    assert rules(instance, {3: visit(40, 44, chair=None)}) == []
    assert rules(instance, {3: visit(39, 44, chair=None)}) == [Rule.EARLY]


@pytest.mark.parametrize("phase", [0, 1, 2])
def test_a_phase_starts_when_the_one_before_is_over(phase):
    lengths = (2, 2, 4)
    instance = day("new_reg(3, 40, 0, 10).")
    starts = [40, 50, 60, 70]
    starts[phase + 1] = starts[phase] + lengths[phase]
    tight = [*starts[: phase + 2], *(70 + 10 * later for later in range(2 - phase))]
    assert rules(instance, {3: visit(*tight, chair=2)}) == []
    tight[phase + 1] -= 1
    assert rules(instance, {3: visit(*tight, chair=2)}) == [Rule.ORDER]


def test_a_new_length_counts_where_it_is_longer():
    longer = day("exam_new(1, 1, 3).")
    assert rules(longer, {}) == [Rule.ORDER]
    assert rules(longer, {1: visit(1, 3, 6, 10)}) == []
    assert rules(day("exam_new(1, 1, 2)."), {}) == []
    assert rules(day("exam_new(1, 1, 1)."), {}) == []


def test_a_new_length_of_the_scan_changes_nothing():
    instance = day(f"exam_new(1, {SCAN}, 30). new_reg(3, 12, 3, 10).")

    assert rules(instance, {3: visit(12, chair=None)}) == []


def test_two_anamneses_at_a_time_in_their_original_length():
    many = day("new_reg(3, 20, 0, 10). new_reg(4, 20, 0, 10). exam_new(3, 0, 9).")
    early, late, other = visit(22, 31, 33, 37), visit(23, 32, 34, 38), visit(21, 40, 42, 46, chair=2)
    # Slot 22 has patient 2 (slots 20 to 22), patient 4 (21 and 22) and patient 3 if it comes early.
    assert rules(many, {3: early, 4: other}) == [Rule.ANAMNESES]
    assert rules(many, {3: late, 4: other}) == []


def test_a_new_length_does_not_keep_the_place_of_an_anamnesis():
    many = day("new_reg(3, 40, 0, 10). new_reg(4, 40, 0, 10). new_reg(5, 42, 0, 10). exam_new(3, 0, 9).")
    # Patient 3 is busy until slot 48 by its new length, but counts in its original slots 40 and 41 only.
    plan = {3: visit(40, 49, 51, 55), 4: visit(40, 42, 60, 64, chair=2), 5: visit(42, 70, 72, 76)}
    assert rules(many, plan) == []
    assert rules(many, {**plan, 5: visit(41, 70, 72, 76)}) == [Rule.EARLY, Rule.ANAMNESES]


def test_an_emergency_that_enters_later_has_no_anamnesis():
    many = "".join(f"new_reg({key}, 20, 1, 10)." for key in (3, 4, 5))
    seats = {3: visit(20, 60, 66, chair=1), 4: visit(20, 70, 76, chair=2), 5: visit(20, 80, 86, tomograph=2, chair=3)}

    assert rules(day(many), seats) == []


def test_a_tomograph_must_exist():
    assert rules(day(), {1: visit(1, 3, 5, 9, tomograph=3)}) == [Rule.TOMOGRAPH]


def test_who_needs_a_chair_has_one_and_nobody_else():
    assert rules(day(), {1: visit(1, 3, 5, 9, chair=2)}) == []
    assert rules(day(), {1: visit(1, 3, 5, 9, chair=4)}) == [Rule.CHAIR]
    assert rules(day(), {1: visit(1, 3, 5, 9, chair=None)}) == [Rule.CHAIR]
    assert rules(day(), {2: visit(20, 23, 26, 27, tomograph=2, chair=3)}) == [Rule.CHAIR]
    entering = {entry: f"new_reg(3, 40, {entry}, 10)." for entry in (1, 2)}
    assert rules(day(entering[1]), {3: visit(40, 42, 46, chair=None)}) == [Rule.CHAIR]
    assert rules(day(entering[1]), {3: visit(40, 42, 46, chair=1)}) == []
    assert rules(day(entering[2]), {3: visit(42, 46, chair=1)}) == [Rule.CHAIR]


def test_chair_and_tomograph_are_in_one_room():
    assert rules(day(), {1: visit(1, 3, 5, 9, tomograph=2, chair=3)}) == []
    assert rules(day(), {1: visit(1, 3, 5, 9, tomograph=1, chair=3)}) == [Rule.SAME_ROOM]


def test_a_tomograph_takes_so_many_patients_of_a_protocol():
    emergency = "new_reg(3, 40, 3, 10)."
    together, apart = {3: visit(40, chair=None)}, {3: visit(40, tomograph=2, chair=None)}
    assert rules(day(emergency + "limit(10, 2)."), together) == []
    assert rules(day(emergency + "limit(10, 1)."), together) == [Rule.LIMIT]
    assert rules(day(emergency + "limit(10, 1)."), apart) == []
    assert rules(day(emergency + "limit(20, 1)."), together) == []


def test_a_chair_is_taken_until_the_scan_starts():
    emergency = "new_reg(3, 9, 1, 10)."
    assert rules(day(emergency), {3: visit(9, 12, 20)}) == []  # patient 1 leaves the chair in slot 9
    waiting = {1: visit(1, 3, 5, 10)}  # a patient who waits for the scan waits in the chair
    assert rules(day(emergency), {**waiting, 3: visit(9, 12, 20)}) == [Rule.OVERLAP]
    assert rules(day(emergency), {**waiting, 3: visit(9, 12, 20, chair=2)}) == []


def test_a_tomograph_is_taken_by_the_scan_of_a_chair_protocol():
    assert rules(day("new_reg(3, 11, 3, 10)."), {3: visit(11, chair=None)}) == [Rule.OVERLAP]
    assert rules(day("new_reg(3, 12, 3, 10)."), {3: visit(12, chair=None)}) == []
    assert rules(day("new_reg(3, 6, 3, 10)."), {3: visit(6, chair=None)}) == []
    assert rules(day("new_reg(3, 7, 3, 10)."), {3: visit(7, chair=None)}) == [Rule.OVERLAP]


def test_without_a_chair_protocol_the_tomograph_is_taken_from_the_chair_phase_to_one_slot_before_the_end():
    # Patient 2: slots 23 to 29, though its scan fills slots 27 to 30.
    def after(slot: int) -> list[Rule]:
        return rules(day(f"new_reg(3, {slot}, 3, 10)."), {3: visit(slot, tomograph=2, chair=None)})

    assert after(20) == []
    assert after(21) == [Rule.OVERLAP]
    assert after(29) == [Rule.OVERLAP]
    assert after(30) == []


@pytest.mark.parametrize(("entry", "takes_time"), [(0, True), (1, True), (2, False), (3, False)])
def test_without_a_chair_protocol_an_emergency_after_the_chair_phase_takes_no_time(entry, takes_time):
    starts = (17, 20, 23, 26)[entry:]
    instance = day(f"new_reg(3, {starts[0]}, {entry}, 20).")

    # Were the tomograph taken, it would be in slots 20 to 28, with patient 2 from slot 23 on.
    assert rules(instance, {3: visit(*starts, tomograph=2, chair=None)}) == ([Rule.OVERLAP] if takes_time else [])


# --- cost


def test_delay_is_the_sum_of_the_distinct_delays_of_each_patient():
    assert costs(day(), {1: visit(4, 6, 8, 12)}).delay == 3  # all four phases by 3
    assert costs(day(), {1: visit(1, 3, 8, 12)}).delay == 3  # 0, 0, 3, 3
    assert costs(day(), {1: visit(1, 4, 7, 12)}).delay == 6  # 0, 1, 2, 3
    assert costs(day(), {1: visit(2, 4, 7, 11)}).delay == 3  # 1, 1, 2, 2
    both = {1: visit(2, 4, 6, 10), 2: visit(21, 24, 27, 28, tomograph=2, chair=None)}
    assert costs(day(), both).delay == 2  # equal delays of two patients count twice


def test_the_delay_of_an_emergency_is_that_of_its_entry_and_comes_first():
    instance = day("new_reg(3, 40, 2, 10).")
    assert costs(instance, {3: visit(40, 90, chair=None)}) == (0, 0, 0, 0)
    assert costs(instance, {3: visit(43, 90, chair=None)}) == (3, 0, 0, 0)
    assert Cost(0, 9, 9, 9) < Cost(1, 0, 0, 0)


@pytest.mark.parametrize(
    ("starts", "overtime"),
    [
        ((110, 112, 114, 118), 0),  # the scan fills 118 to 120
        ((110, 112, 114, 119), 1),  # 121
        ((110, 112, 119, 123), 5),  # the chair in 121 and 122, the scan in 123 to 125
        ((121, 123, 125, 129), 9),  # chair and scan fill 123 to 131; an anamnesis takes no resource
        ((140, 142, 144, 150), 11),  # 142 to 152: slots after the last one count too
    ],
)
def test_overtime_counts_slots_after_the_regular_ones(starts, overtime):
    assert costs(day(), {1: visit(*starts)}).overtime == overtime


def test_overtime_of_a_patient_without_a_chair_and_of_an_emergency():
    assert costs(day(), {2: visit(110, 113, 116, 118, tomograph=2, chair=None)}).overtime == 0  # until 120
    assert costs(day(), {2: visit(110, 113, 116, 119, tomograph=2, chair=None)}).overtime == 1
    assert costs(day("new_reg(3, 120, 3, 10)."), {3: visit(120, chair=None)}).overtime == 2


def test_a_patient_is_moved_once_whatever_changed():
    assert costs(day(), {1: visit(1, 3, 5, 9, chair=2)}).moved == 1
    assert costs(day(), {1: visit(1, 3, 5, 9, tomograph=2, chair=3)}).moved == 1
    assert costs(day(), {2: visit(20, 23, 26, 27, tomograph=1, chair=None)}).moved == 1
    assert costs(day("new_reg(3, 40, 3, 10)."), {3: visit(40, tomograph=2, chair=None)}).moved == 0


# --- baseline


def test_the_baseline_leaves_an_undisturbed_day_alone():
    answer = baseline.solve(day(), limit_s=10)

    assert (answer.plan, answer.proven_stages) == (current_plan(day()), 4)


def test_the_baseline_sends_an_emergency_where_it_delays_nobody():
    # Patient 1 is on tomograph 1 in slots 9 to 11, and tomograph 2 is free.
    instance = day("new_reg(3, 9, 3, 10).")

    answer = baseline.solve(instance, limit_s=10)

    assert answer.plan is not None
    assert violations(instance, answer.plan) == []
    assert cost(instance, answer.plan) == (0, 0, 0, 0)
    assert answer.plan[3] == visit(9, tomograph=2, chair=None)


def test_the_baseline_delays_a_patient_before_an_emergency():
    # Emergencies fill both tomographs in slots 9 to 11, so that the scan of patient 1 starts in slot 12 and not 9.
    instance = day("new_reg(3, 9, 3, 10). new_reg(4, 9, 3, 10).")

    answer = baseline.solve(instance, limit_s=10)

    assert answer.plan is not None
    assert violations(instance, answer.plan) == []
    assert cost(instance, answer.plan) == (0, 3, 0, 0)


def test_the_baseline_proves_that_nothing_fits():
    instance = day("limit(20, 0).")

    answer = baseline.solve(instance, limit_s=10)

    assert answer.is_infeasible
    assert (answer.plan, answer.proven_stages) == (None, 0)


def test_a_protocol_of_no_slots_takes_no_resource():
    instance = day()
    first = instance.patients[1]
    nothing = replace(instance.patients[2], protocol=replace(instance.patients[2].protocol, lengths=(0, 0, 0, 0)))
    where = replace(instance, patients={1: first, 2: nothing})

    assert rules(where, {2: visit(30, 30, 30, 30, chair=None)}) == []
    assert costs(where, {2: visit(130, 130, 130, 130, tomograph=2, chair=None)}).overtime == 0
