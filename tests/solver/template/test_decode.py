from datetime import date

import pytest

from engine.model.calendar import Interval
from engine.model.planning import PlanningPeriod
from engine.model.session import ClassQuota, FloatingBreak, Release, Segment
from tests.factories import MONDAY, period, practitioner, room, service, site
from tests.factories import at as instant
from tests.solver.template.judged import generated
from tests.solver.template.worlds import activity, block, contract, entry, plan_of, template, world


def only(problem):
    answer = generated(problem).template
    assert len(answer.sessions + answer.blocks) == 1
    return (answer.sessions + answer.blocks)[0]


def one_session(described=None, **fields):
    described = described or activity()
    return world(
        days=("mon",),
        periods=fields.pop("periods", ("am",)),
        activities=(described,),
        contracts=(contract(clinic=(1, 1)),),
        **fields,
    )


def test_a_template_is_the_next_version_of_today_s():
    problem = world(today=template(name="Our week", version=4), cycle_weeks=2)
    answer = generated(problem).template
    assert (answer.id, answer.name, answer.version, answer.status) == ("today-v5", "Our week", 5, "draft")
    assert answer.cycle_weeks == 2


def test_the_first_template_has_a_name_of_its_own():
    answer = generated(world()).template
    assert (answer.id, answer.version) == ("template", 1)


def test_it_begins_with_the_first_whole_week_of_the_horizon():
    problem = world()
    assert generated(problem).template.effective_from == MONDAY
    later = problem.changed(horizon=Interval(start=instant("2026-03-03 00:00"), end=problem.horizon.end))
    assert generated(later).template.effective_from == date(2026, 3, 9)


def test_an_id_that_is_taken_is_not_given_again():
    taken = template(id="today-v2")
    problem = world(today=template()).changed(templates=(template(), taken))
    assert generated(problem).template.id == "today-v2-2"


def test_a_new_session_says_who_what_where_and_when():
    session = only(one_session())
    assert (session.id, session.owner, session.site, session.activity, session.rooms, session.on.day) == (
        "dr-a-clinic-mon-am",
        "dr-a",
        "main",
        "clinic",
        ("room-1",),
        "mon",
    )
    assert session.on.weeks == ()
    assert session.segments == ()


def test_its_id_names_the_site_of_whoever_has_several():
    problem = world(
        (practitioner("dr-a", other_sites=("north",)), room("room-1", capabilities=("consulting",))),
        sites=(site(), site("north")),
        days=("mon",),
        periods=("am",),
        contracts=(contract(clinic=(1, 1)),),
    )
    assert only(problem).id == "dr-a-clinic-main-mon-am"


def test_ids_that_would_be_too_long_are_cut_and_kept_apart():
    long = "x" * 95
    problem = world(
        (practitioner(long), room("room-1", capabilities=("consulting",))),
        days=("mon",),
        contracts=(contract(long, clinic=(2, 2)),),
    )
    ids = sorted(s.id for s in generated(problem).template.sessions)
    assert ids == ["x" * 80, "x" * 80 + "-2"]


def test_weeks_in_which_a_session_is_the_same_are_one_entry():
    problem = world(days=("mon",), periods=("am",), cycle_weeks=3, contracts=(contract(clinic=(2, 2)),))
    session = only(problem)
    assert len(session.on.weeks) == 2
    every = world(days=("mon",), periods=("am",), cycle_weeks=3, contracts=(contract(clinic=(3, 3)),))
    assert only(every).on.weeks == ()


MORNING, AFTERNOON = Segment(start="08:00", end="11:00"), Segment(start="13:00", end="17:00")
NIGHT = PlanningPeriod(id="night", days=("mon",), period=period("21:00", "06:00"))


def segments_by_hour(problem):
    """The segments of each session of Monday, by the hour at which it begins."""
    return {s.period.start // 60: s.segments for s in generated(problem).template.sessions}


def both_periods(described, **fields):
    return world(days=("mon",), activities=(described,), contracts=(contract(clinic=(2, 2)),), **fields)


def test_segments_of_the_activity_that_lie_in_the_period():
    assert segments_by_hour(both_periods(activity(segments=(MORNING, AFTERNOON)))) == {8: (MORNING,), 13: (AFTERNOON,)}


def test_without_segments_the_activity_s_services_fill_the_period():
    services = (service("visit"), service("scan"))
    (whole,) = segments_by_hour(both_periods(activity(services=("scan",)), services=services))[8]
    assert (whole.start, whole.end, whole.services) == (8 * 60, 12 * 60, ("scan",))
    only_late = activity(services=("scan",), segments=(AFTERNOON,))
    assert segments_by_hour(both_periods(only_late, services=services)) == {8: (whole,), 13: (AFTERNOON,)}


def test_segments_of_a_night():
    late, early = Segment(start="22:00", end="24:00"), Segment(start="01:00", end="05:00")
    problem = world(days=("mon",))
    planning = plan_of(problem).model_copy(
        update={
            "periods": (*plan_of(problem).periods, NIGHT),
            "activities": (activity(segments=(late, early, MORNING)),),
            "contracts": (contract(clinic=(3, 3)),),
        }
    )
    found = segments_by_hour(problem.changed(planning=planning))
    assert found == {8: (MORNING,), 13: (), 21: (late, early)}


def test_what_stays_keeps_its_id_hours_and_everything_arranged_in_it():
    arranged = entry(
        "as-ever",
        period=period("08:30", "11:30"),
        segments=(Segment(start="08:30", end="10:00", quota=3),),
        class_quotas=(ClassQuota(patient_class="inpatient", quota=1),),
        breaks=(FloatingBreak(minutes=15, start="09:00", end="10:30"),),
        overbooking_lanes=1,
    )
    assert only(one_session(today=template(arranged))) == arranged


def test_what_stays_in_some_weeks_keeps_its_id_in_these():
    problem = world(
        today=template(entry("as-ever")),
        days=("mon",),
        periods=("am",),
        cycle_weeks=2,
        contracts=(contract(clinic=(1, 1)),),
    )
    session = only(problem)
    assert (session.id, len(session.on.weeks)) == ("as-ever", 1)


def surgery(today=None, **fields):
    return world(
        (practitioner("dr-a"), room("theatre-1", capabilities=("theatre",))),
        today=today,
        activities=(activity("surgery", rooms=("theatre",), is_surgery=True, **fields),),
        contracts=(contract(surgery=(2, 2)),),
        days=("mon",),
        **({"services": (service("visit"),)} if fields else {}),
    )


def test_a_session_of_surgery_is_a_block_in_a_theatre():
    blocks = generated(surgery(services=("visit",))).template.blocks
    assert [(b.practitioner, b.theatre, b.services, b.release, b.on.day) for b in blocks] == [
        ("dr-a", "theatre-1", ("visit",), None, "mon")
    ] * 2
    assert [b.services for b in generated(surgery()).template.blocks] == [None, None]


@pytest.mark.parametrize(
    ("releases", "expected"),
    [([Release(days_before=7)], Release(days_before=7)), ([Release(days_before=7), Release(days_before=3)], None)],
)
def test_a_new_block_is_released_as_today_s_are_where_they_agree(releases, expected):
    today = template(
        *(
            block(f"other-{i}", "mon", "am", release=release, practitioner=None, specialty="heart", theatre="theatre-2")
            for i, release in enumerate(releases)
        )
    )
    problem = surgery()
    problem = problem.changed(
        resources=(*problem.resources, room("theatre-2", capabilities=("theatre",), lanes=2)),
        templates=(today,),
        planning=plan_of(problem).model_copy(update={"today": "today"}),
    )
    blocks = generated(problem).template.blocks
    assert {b.release for b in blocks if b.practitioner == "dr-a"} == {expected}


def test_a_block_that_stays_keeps_its_own_release():
    kept = block("as-ever", release=Release(days_before=2), overtime_quantile=70)
    assert kept in generated(surgery(today=template(kept))).template.blocks


def test_two_surgeries_of_the_same_services_cannot_be_told_apart():
    """A block names services, not its activity: the first of the two in the contract is what it is read as."""
    problem = world(
        (practitioner("dr-a"), room("theatre-1", capabilities=("theatre",))),
        activities=tuple(activity(name, rooms=("theatre",), is_surgery=True) for name in ("first", "second")),
        contracts=(contract(first=(0, 2), second=(0, 2)),),
    )
    assert generated(problem).status == "optimal"
    twice = plan_of(problem).model_copy(update={"contracts": (contract(first=(0, 2), second=(1, 2)),)})
    assert generated(problem.changed(planning=twice)).conflict is not None
