from ortools.sat.python.cp_model import CpModel

from engine.model.codes import ConstraintCode
from engine.solver.guards import Guards


def test_when_solving_every_guard_is_true():
    guards = Guards()
    assert guards(ConstraintCode.CAPACITY, "room-1", "Room 1 has one place.") is True
    assert not guards.is_explaining
    assert guards.literals == ()


def test_when_explaining_each_rule_and_subject_has_a_literal_of_its_own():
    guards = Guards(CpModel())
    one = guards(ConstraintCode.CAPACITY, "room-1", "Room 1 has one place.")
    other = guards(ConstraintCode.CAPACITY, "room-2", "Room 2 has one place.")
    rule = guards(ConstraintCode.SESSION, "room-1", "Room 1 is for clinics.")
    again = guards(ConstraintCode.CAPACITY, "room-1", "ignored")
    assert guards.is_explaining
    assert list(map(str, guards.literals)) == [str(one), str(other), str(rule)]
    assert str(again) == str(one)
    part = guards.part(guards.literals[0])
    assert (part.code, part.subject, part.message) == (ConstraintCode.CAPACITY, "room-1", "Room 1 has one place.")
