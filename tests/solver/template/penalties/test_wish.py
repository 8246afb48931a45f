import pytest

from engine.model.planning import Wish
from engine.solver.template.penalties.wish import CODE
from tests.factories import period, practitioner, room
from tests.solver.template.judged import generated
from tests.solver.template.worlds import activity, at, contract, entry, template, world


def refused(*wishes, clinic=(0, 4), **fields):
    activities = (activity(), activity("duty", rooms=()))
    problem = world(
        activities=activities,
        contracts=(contract(maximum=4, clinic=clinic, duty=fields.pop("duty", (0, 0))),),
        wishes=tuple(Wish(practitioner=fields.get("who", "dr-a"), **wish) for wish in wishes),
        **{k: v for k, v in fields.items() if k != "who"},
    )
    return sum(term.amount for term in generated(problem).breakdown.terms if term.code is CODE)


OFF = {"at": at("mon", "am"), "kind": "off"}
WORK = {"at": at("mon", "am"), "kind": "work"}


def test_wishes_are_granted_where_nothing_speaks_against_them():
    assert refused(OFF, clinic=(3, 3)) == 0
    assert refused(WORK, clinic=(1, 1)) == 0


def test_a_wish_that_is_refused_costs_its_strength():
    assert refused({**OFF, "strength": 7}, clinic=(4, 4)) == 7
    assert refused({**WORK, "strength": 7}, clinic=(0, 0)) == 7


def test_the_stronger_of_two_is_granted():
    """Three sessions in four periods: one of the two can be off."""
    other = {"at": at("tue", "am"), "kind": "off"}
    assert refused({**OFF, "strength": 2}, {**other, "strength": 5}, clinic=(3, 3)) == 2


def test_an_activity_may_be_named():
    assert refused({**WORK, "activity": "duty"}, clinic=(4, 4)) == 1
    assert refused({**WORK, "activity": "duty"}, clinic=(3, 3), duty=(1, 1)) == 0
    assert refused({**OFF, "activity": "duty"}, clinic=(4, 4)) == 0
    assert refused({**OFF, "activity": "clinic"}, clinic=(3, 3), duty=(1, 1)) == 0


@pytest.mark.parametrize(("weeks", "cost"), [((), 2), ((1,), 1), ((2,), 1)])
def test_each_week_counts(weeks, cost):
    assert refused({"at": at("mon", "am", *weeks), "kind": "work"}, clinic=(0, 0), cycle_weeks=2) == cost


def test_what_stays_as_it_is_grants_or_refuses():
    today = template(entry("pinned", is_pinned=True, activity=None, rooms=(), period=period("11:00", "12:30")))
    assert refused(OFF, today=today) == 1
    assert refused(WORK, today=today, clinic=(0, 0)) == 0
    assert refused({**OFF, "activity": "clinic"}, today=today) == 0


def test_two_fixed_entries_in_one_period_refuse_once():
    hours = (period("08:00", "09:00"), period("09:00", "10:00"))
    today = template(*(entry(f"e{i}", is_pinned=True, activity=None, rooms=(), period=p) for i, p in enumerate(hours)))
    assert refused({**OFF, "strength": 3}, today=today) == 3


def test_somebody_who_is_not_planned_may_wish_in_vain():
    resources = (practitioner("dr-a"), practitioner("dr-b"), room("room-1", capabilities=("consulting",)))
    assert refused(WORK, who="dr-b", resources=resources) == 1
    assert refused(OFF, who="dr-b", resources=resources) == 0
