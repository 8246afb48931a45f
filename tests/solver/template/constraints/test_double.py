from engine.model.session import Pool
from engine.model.template import NthWeekday, Recurrence
from engine.solver.template.constraints.double import CODE
from engine.solver.template.instance import Fixed
from tests.factories import period, practitioner, room
from tests.solver.template.judged import Session, generated, is_possible
from tests.solver.template.worlds import activity, contract, entry, template, world

TWO_ACTIVITIES = {
    "activities": (activity(), activity("duty", rooms=())),
    "contracts": (contract(clinic=(0, 5), duty=(0, 5)),),
}


def test_the_code_is_the_rule_s():
    assert CODE == "template-double"


def test_one_session_after_the_other():
    assert is_possible(
        world(**TWO_ACTIVITIES), Session("dr-a", what="clinic"), Session("dr-a", "mon", "pm", what="duty")
    )


def test_nobody_is_in_two_sessions_at_once():
    assert not is_possible(world(**TWO_ACTIVITIES), Session("dr-a", what="clinic"), Session("dr-a", what="duty"))


def test_a_pinned_entry_of_any_hours_takes_its_owner_s_time():
    late = entry("pinned", is_pinned=True, rooms=(), activity=None, period=period("11:59", "13:00"))
    problem = world(today=template(late), contracts=(contract(clinic=(0, 5)),))
    assert not is_possible(problem, Session("dr-a"))
    assert is_possible(problem, Session("dr-a", "mon", "pm"))
    assert is_possible(problem, Session("dr-a", "tue"))


def test_a_pinned_entry_that_touches_a_period_does_not():
    early = entry("pinned", is_pinned=True, rooms=(), activity=None, period=period("07:00", "08:00"))
    assert is_possible(world(today=template(early), contracts=(contract(clinic=(0, 5)),)), Session("dr-a"))


def test_the_last_night_of_the_cycle_reaches_into_its_first_monday():
    night = entry("night", "sun", is_pinned=True, rooms=(), activity=None, period=period("20:00", "08:01"))
    problem = world(today=template(night), contracts=(contract(clinic=(0, 5)),))
    assert not is_possible(problem, Session("dr-a"))
    assert is_possible(problem, Session("dr-a", "tue"))


def test_two_pinned_entries_of_one_person_at_once_are_a_conflict():
    today = template(
        entry("one", is_pinned=True, rooms=(), activity=None),
        entry("two", is_pinned=True, rooms=(), activity=None, period=period("11:00", "12:30")),
    )
    result = generated(world(today=today))
    assert {part.subject for part in result.conflict.parts} == {"one", "two"}


def test_two_nth_weekdays_that_are_never_one_date_are_not():
    def nth(n):
        return entry(
            f"nth-{n}", is_pinned=True, rooms=(), activity=None, on=Recurrence(monthly=NthWeekday(nth=n, day="mon"))
        )

    problem = world(today=template(nth(2), nth(4)), contracts=(contract(clinic=(0, 5)),))
    assert not is_possible(problem, Session("dr-a"))
    assert is_possible(problem, Session("dr-a", "mon", "pm"))
    last = world(today=template(nth(4), nth(-1)))
    assert {part.subject for part in generated(last).conflict.parts} == {"nth-4", "nth--1"}


def test_others_are_free_while_somebody_is_not():
    problem = world(
        (practitioner("dr-a"), practitioner("dr-b"), room("room-1", capabilities=("consulting",), lanes=2)),
        contracts=(contract("dr-a", clinic=(0, 5)), contract("dr-b", clinic=(0, 5))),
    )
    assert is_possible(problem, Session("dr-a"), Session("dr-b"))


def test_a_pool_s_entry_is_nobody_s_time():
    desk = entry("desk", owner=Pool(kind="practitioner"), activity=None, rooms=())
    problem = world(today=template(desk), contracts=(contract(clinic=(0, 5)),))
    assert is_possible(problem, Session("dr-a"))
    assert [e.id for e in generated(problem).template.sessions] == ["desk"]


def test_overlap_is_half_open_and_goes_round():
    def fixed(start, end):
        return Fixed(entry("x"), None, None, 0, 1, "mon", start, end)

    assert fixed(0, 10).overlaps(fixed(9, 20), 100)
    assert not fixed(0, 10).overlaps(fixed(10, 20), 100)
    assert fixed(90, 101).overlaps(fixed(0, 10), 100)
    assert not fixed(90, 100).overlaps(fixed(0, 10), 100)
