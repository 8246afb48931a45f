import pytest

from engine.solver.template.constraints.site_change import CODE
from tests.factories import period, practitioner, room, site
from tests.solver.template.judged import Session, generated, is_possible
from tests.solver.template.worlds import activity, contract, entry, template, world

PLACES = ("main", "north", "south")
HERE = Session("dr-a", where="main")


def sites(*, one_site_a_day=True, periods=("am", "pm"), clinic=(0, 5), **fields):
    return world(
        (
            practitioner("dr-a", other_sites=PLACES[1:]),
            *(room(f"room-{p}", site=p, capabilities=("consulting",)) for p in PLACES),
        ),
        sites=tuple(site(p) for p in PLACES),
        contracts=(contract(clinic=clinic, one_site_a_day=one_site_a_day),),
        periods=periods,
        **fields,
    )


def test_the_code_is_the_rule_s():
    assert CODE == "template-site-change"


def test_one_site_all_day():
    assert is_possible(sites(), HERE, HERE._replace(period="pm"))


@pytest.mark.parametrize("other", PLACES[1:])
def test_no_second_site_on_the_same_day(other):
    there = Session("dr-a", "mon", "pm", where=other)
    assert not is_possible(sites(), HERE, there)
    assert is_possible(sites(), HERE, there._replace(day="tue"))
    assert is_possible(sites(cycle_weeks=2), HERE, there._replace(week=2))
    assert is_possible(sites(one_site_a_day=False), HERE, there)


def test_two_other_sites_are_two_sites():
    north, south = Session("dr-a", where="north"), Session("dr-a", "mon", "pm", where="south")
    assert not is_possible(sites(), north, south)


def test_a_pinned_entry_decides_the_day():
    pinned = entry("pinned", rooms=("room-main",), is_pinned=True)
    problem = sites(today=template(pinned))
    assert is_possible(problem, HERE._replace(period="pm"))
    assert not is_possible(problem, Session("dr-a", "mon", "pm", where="north"))
    early = entry("pinned", rooms=(), activity=None, is_pinned=True, period=period("06:00", "07:00"))
    assert not is_possible(sites(today=template(early)), Session("dr-a", where="north"))


def test_two_pinned_entries_at_two_sites_are_a_conflict():
    today = template(
        entry("am", rooms=("room-main",), is_pinned=True),
        entry("pm", "mon", "pm", site="north", rooms=("room-north",), is_pinned=True),
    )
    result = generated(sites(today=today))
    assert {part.subject for part in result.conflict.parts} == {"am", "pm", "dr-a"}
    assert "Dr dr-a works at one site a day." in result.conflict.message


def test_sites_with_their_own_activities():
    activities = (activity(sites=("main",)), activity("visit", sites=("north",)))
    problem = world(
        (
            practitioner("dr-a", other_sites=("north",)),
            *(room(f"r-{p}", site=p, capabilities=("consulting",)) for p in PLACES),
        ),
        sites=tuple(site(p) for p in PLACES),
        activities=activities,
        contracts=(contract(clinic=(0, 4), visit=(0, 4), one_site_a_day=True),),
    )
    clinic, visit = Session("dr-a", what="clinic"), Session("dr-a", "mon", "pm", what="visit")
    assert is_possible(problem, clinic, visit._replace(day="tue"))
    assert not is_possible(problem, clinic, visit)
