from engine.model.session import Pool
from engine.model.template import NthWeekday, Recurrence
from engine.solver.template.penalties.unstable import CODE
from tests.factories import period, practitioner, room
from tests.solver.template.judged import generated
from tests.solver.template.worlds import activity, block, contract, entry, template, world

RESOURCES = (
    practitioner("dr-a"),
    practitioner("dr-b"),
    room("room-1", capabilities=("consulting",)),
    room("room-2", capabilities=("consulting",)),
    room("theatre-1", capabilities=("theatre",)),
)


def changes(*entries, clinic=(0, 9), cycle=1, today_cycle=1, **fields):
    problem = world(
        RESOURCES,
        today=template(*entries, cycle_weeks=today_cycle),
        cycle_weeks=cycle,
        contracts=(contract(clinic=clinic),),
        **fields,
    )
    return sum(term.amount for term in generated(problem).breakdown.terms if term.code is CODE)


def test_what_can_stay_stays():
    assert changes(entry("a"), entry("b", "tue")) == 0


def test_a_session_that_must_go_and_one_that_must_come():
    assert changes(entry("a"), entry("b", "tue"), clinic=(0, 1)) == 1
    assert changes(entry("a"), clinic=(2, 2)) == 1
    assert changes(entry("a"), clinic=(1, 1), activities=(activity(sites=("main",)),)) == 0


def test_another_room_is_no_change():
    assert changes(entry("a", rooms=("room-2",)), entry("b", owner="dr-b", rooms=("room-1",), is_pinned=False)) == 1


def test_whose_contract_is_gone_is_lost():
    assert changes(entry("a", owner="dr-b")) == 1


def test_each_week_counts():
    assert changes(entry("a"), clinic=(0, 1), cycle=2) == 1
    assert changes(entry("a", "mon", "am", 1), clinic=(2, 2), cycle=2, today_cycle=2) == 1


def test_cycles_of_different_lengths_are_repeated_until_they_come_round_together():
    only_first = entry("a", "mon", "am", 1)
    assert changes(only_first, cycle=1, today_cycle=2) == 1, "every week, or none: one of two differs"
    assert changes(only_first, cycle=3, today_cycle=2) == 3, "of six weeks, three have it today"
    assert changes(only_first, cycle=4, today_cycle=2) == 0


def test_hours_of_its_own_are_the_same_session():
    assert changes(entry("a", period=period("08:30", "11:30"))) == 0


def test_a_session_across_two_periods_is_two():
    assert changes(entry("a", period=period("08:00", "17:00"))) == 0
    assert changes(entry("a", period=period("08:00", "17:00")), clinic=(0, 1)) == 1


def test_two_of_today_s_in_one_period_become_one():
    halves = (entry("a", period=period("08:00", "10:00")), entry("b", period=period("10:00", "12:00")))
    assert changes(*halves) == 1


def test_what_nobody_decides_stays_and_is_no_change():
    monthly = Recurrence(monthly=NthWeekday(nth=1, day="tue"))
    assert (
        changes(
            entry("desk", owner=Pool(kind="practitioner"), activity=None, rooms=()),
            entry("office", activity=None, rooms=()),
            entry("monthly", on=monthly, owner="dr-b"),
            block("specialty", practitioner=None, specialty="heart", services=None),
        )
        == 0
    )


def test_what_cannot_stay_is_lost_in_each_period():
    desk = entry("desk", owner="theatre-1", activity=None, rooms=("room-1",), period=period("08:00", "17:00"))
    pinned = entry("pinned", is_pinned=True)
    assert changes(pinned, desk) == 2


def test_blocks_are_sessions_of_their_surgery():
    surgery = activity("surgery", rooms=("theatre",), is_surgery=True)
    problem = world(
        RESOURCES,
        today=template(block("a"), block("b", "tue")),
        activities=(surgery,),
        contracts=(contract(surgery=(0, 1)),),
    )
    result = generated(problem)
    assert [term.amount for term in result.breakdown.terms] == [1]
    assert [b.id for b in result.template.blocks] in (["a"], ["b"])
