"""Plain visits are found by tables alone, and the answers are those of the general search."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model.hours import Hours
from engine.model.order import Preference
from engine.model.policy import Policy
from engine.model.resource import ResourceLimit, Travel
from engine.model.schedule import Schedule
from engine.model.service import Gap, SameResource
from engine.model.session import FloatingBreak, Release, Segment, SurgeryBlock
from engine.model.shorthand import Duration, RoleRef
from engine.search import Occupancy, find, finder
from engine.search.quick import find_plain
from tests import factories as f
from tests.search.worlds import N_WORLDS
from tests.strategies import FEATURES, worlds

thorough = settings(max_examples=N_WORLDS)


def quickly(occupancy, order, now, k=5, *, diverse=True, occurrence=0, **asking):
    """What tables alone say; None where they do not."""
    said = []

    def listening(*args, **kwargs):
        said.append(find_plain(*args, **kwargs))
        return said[-1]

    with patch.object(finder, "find_plain", listening):
        found = find(occupancy, order, now=now, k=k, diverse=diverse, occurrence=occurrence, tidy=True, **asking)
    assert said[0] is None or found == said[0]
    return said[0]


def slowly(occupancy, order, now, k=5, *, diverse=True, occurrence=0, **asking):
    with patch.object(finder, "find_plain", lambda *_, **__: None):
        return find(occupancy, order, now=now, k=k, diverse=diverse, occurrence=occurrence, tidy=True, **asking)


def both_agree(world, data, occupancy):
    for _ in range(2):
        asking = {"k": data.draw(st.integers(1, 7)), "diverse": data.draw(st.booleans())}
        if data.draw(st.integers(0, 3)) == 0:
            n = world.problem.grid.n_ticks
            asking["first"] = data.draw(st.integers(0, n))
            asking["stop"] = asking["first"] + data.draw(st.integers(0, n))
        quick = quickly(occupancy, world.order, world.now, occurrence=world.occurrence, **asking)
        if quick is None:
            return False
        assert quick == slowly(occupancy, world.order, world.now, occurrence=world.occurrence, **asking)
    return True


@pytest.mark.parametrize("feature", sorted(FEATURES))
def test_both_ways_agree(feature):
    @thorough
    @given(worlds(feature), st.data())
    def agree(world, data):
        both_agree(world, data, Occupancy.of(world.schedule, now=world.now))

    agree()


@pytest.mark.parametrize("feature", sorted({*FEATURES} - {"diary"}))
def test_both_ways_agree_on_what_is_done_to_diaries(feature):
    @settings(thorough, max_examples=N_WORLDS // 2)
    @given(worlds("diary", feature, extra=1), st.data())
    def agree(world, data):
        both_agree(world, data, Occupancy.of(world.schedule, now=world.now))

    agree()


@pytest.mark.parametrize(
    "features", [("chain", "required"), ("any-order", "required"), ("same", "required"), ("same", "sites")]
)
def test_both_ways_agree_on_bundles(features):
    """With somebody asked for, and with one lead who has a way between the steps."""

    @settings(thorough, max_examples=3 * N_WORLDS)
    @given(worlds(*features), st.data())
    def agree(world, data):
        both_agree(world, data, Occupancy.of(world.schedule, now=world.now))

    agree()


@settings(thorough, max_examples=8 * N_WORLDS)
@given(worlds("costs", extra=4), st.data())
def test_both_ways_agree_on_features_together(world, data):
    both_agree(world, data, Occupancy.of(world.schedule, now=world.now))


def test_tables_do_answer():
    """Agreeing would prove nothing if all were left to the general search."""
    assert share_answered("costs", "session-rooms", "fixed-equipment", "sites") > 0.5
    assert share_answered("diary", "costs", "sites", "segments") > 0.5


@pytest.mark.parametrize(
    "features", [("chain", "sites"), ("three-steps",), ("same",), ("same", "sites"), ("any-order",)]
)
def test_tables_do_answer_for_bundles(features):
    assert share_answered(*features) > 0.3


def share_answered(*features):
    answered = []

    @settings(thorough, max_examples=240)  # fewer are too much alike
    @given(worlds(*features), st.data())
    def ask(world, data):
        answered.append(both_agree(world, data, Occupancy.of(world.schedule, now=world.now)))

    ask()
    return sum(answered) / len(answered)


@settings(thorough, max_examples=5 * N_WORLDS)
@given(worlds("kept-back", extra=3), st.data())
def test_what_is_known_of_a_kind_keeps_up_with_bookings_and_time(world, data):
    """One occupancy is booked, cancelled and asked at several times; each answer is that of a new one."""
    occupancy = Occupancy.of(world.schedule, now=world.now)
    here = {a.id: a for a in world.schedule.appointments}
    for _ in range(4):
        now = world.now + timedelta(hours=data.draw(st.sampled_from([0, 0, 1, 10, 30])))
        fresh = Occupancy.of(Schedule.of(world.problem, here.values(), groups=world.schedule.groups), now=now)
        for diverse in (True, False):
            assert find(occupancy, world.order, now=now, diverse=diverse) == find(
                fresh, world.order, now=now, diverse=diverse
            )
        gone = data.draw(st.sampled_from([None, *world.schedule.appointments]))
        if gone is not None and gone.id in here:
            assert occupancy.cancel(gone.id) == here.pop(gone.id)
        elif gone is not None:
            here[gone.id] = gone
            occupancy.book(gone)


# --- what tables say and what they leave ------------------------------------------------------------------------------


def ask(*booked, order=None, **fields):
    problem = f.problem(**{"days": 2, **fields})
    occupancy = Occupancy.of(Schedule.of(problem, booked), now=f.NOW)
    quick = quickly(occupancy, problem.orders[0], f.NOW)
    if quick is not None:
        assert quick == slowly(occupancy, problem.orders[0], f.NOW)
    return quick


def test_a_visit_with_a_physician_and_a_room_is_plain():
    assert ask()


def test_a_bundle_with_one_physician_is_plain():
    steps = f.step(), f.step("two", gap=Gap(min_min=10, max_min=30))
    found = ask(services=(f.service("visit", *steps),))
    assert {(b.start - a.end) * 5 for a, b in (c.steps for c in found)} == {10}


def test_a_bundle_whose_clean_up_is_over_when_the_next_step_begins_is_plain():
    steps = f.step(), f.step("two", gap=Gap(min_min=10))
    assert ask(resources=(f.practitioner(cleanup_min=10),), services=(f.service("visit", *steps),))


ONE_DOCTOR = SameResource(roles=(RoleRef(step="one", role="doctor"), RoleRef(step="two", role="doctor")))


def test_whoever_does_both_steps_has_cleaned_up_before_the_second():
    steps = f.step("one"), f.step("two")
    found = ask(resources=(f.practitioner(cleanup_min=10),), services=(f.service("visit", *steps, same=(ONE_DOCTOR,)),))
    assert {(b.start - a.end) * 5 for a, b in (c.steps for c in found)} == {10}


def test_whoever_may_be_with_two_at_a_time_need_not_have_cleaned_up_before_the_second():
    """Left to the general search, which knows that the clean-up and the second step may go on at a time."""
    steps = f.step("one"), f.step("two", gap=Gap(min_min=0, max_min=0))
    problem = f.problem(
        resources=(f.practitioner(cleanup_min=10, lanes=2),),
        services=(f.service("visit", *steps, same=(ONE_DOCTOR,)),),
    )
    occupancy = Occupancy.of(Schedule.of(problem), now=f.NOW)
    assert quickly(occupancy, problem.orders[0], f.NOW) is None
    found = find(occupancy, problem.orders[0], now=f.NOW)
    assert {(b.start - a.end) * 5 for a, b in (c.steps for c in found)} == {0}


def test_whoever_does_both_steps_is_given_the_way_between_them():
    """The patient comes to one of them only, so it is not the patient's way that counts."""
    roles = [(f.role("doctor"), f.role("room", "room", capabilities=(c,))) for c in ("laboratory", "consulting")]
    steps = f.step("one", roles=roles[0], is_patient_present=False), f.step("two", roles=roles[1])
    found = ask(
        sites=(f.site(), f.site("east")),
        travel=(Travel(**{"from": "main", "to": "east", "minutes": 45}),),
        resources=(
            f.practitioner(use="in-sessions", other_sites=("east",)),
            f.room(capabilities=("laboratory",)),
            f.room("room-2", site="east", capabilities=("consulting",)),
        ),
        services=(f.service("visit", *steps, same=(ONE_DOCTOR,)),),
        sessions=(
            f.session("s", "dr-a", start="08:00", end="08:20"),
            f.session("t", "dr-a", start="08:20", end="10:00", site="east"),
        ),
    )
    assert {(b.start - a.end) * 5 for a, b in (c.steps for c in found)} == {45}


@pytest.mark.parametrize("is_ordered", [True, False])
def test_whoever_must_do_a_later_step_of_a_bundle_does_it(is_ordered):
    """Dr B is the first who could do the visit after the blood is drawn; the order is for Dr A."""
    people = (
        f.practitioner("dr-b", capabilities=("medicine",)),
        f.practitioner("dr-a", capabilities=("medicine",)),
        f.practitioner("nurse", capabilities=("blood",)),
    )
    draw = f.step("draw", 10, roles=(f.role("nurse", capabilities=("blood",)),))
    visit = f.step("visit", 20, roles=(f.role("doctor", capabilities=("medicine",)),))
    found = ask(
        resources=people,
        services=(f.service("visit", draw, visit, is_ordered=is_ordered),),
        orders=(f.order(required_practitioner="dr-a"),),
    )
    assert found
    assert {u[1] for c in found for s in c.steps for u in s.uses} == {"dr-a", "nurse"}


def test_steps_free_in_order_are_plain():
    windows = {"start_window": f.period("09:00", "10:00")}, {"start_window": f.period("08:00", "09:00")}
    found = ask(services=(f.service("visit", f.step(**windows[0]), f.step("two", **windows[1]), is_ordered=False),))
    assert found
    assert all([s.step for s in c.steps] == [1, 0] for c in found)


def test_a_session_that_names_one_room_of_seventy_is_plain():
    rooms = [f.room(f"room-{i}") for i in range(70)]
    found = ask(
        resources=(f.practitioner(use="in-sessions"), *rooms),
        services=(f.service("visit", f.step(roles=(f.role("doctor"), f.role("room", "room")))),),
        sessions=(f.session("s", "dr-a", rooms=("room-66", "room-69")),),
    )
    assert {u[1] for c in found for u in c.steps[0].uses} == {"dr-a", "room-66"}


def test_a_visit_that_is_wished_by_video_is_plain():
    step = f.step(modalities=("in-person", "video"))
    wish = f.order(preference=Preference(modality="video"))
    found = ask(services=(f.service("visit", step),), orders=(wish,))
    assert {c.steps[0].modality for c in found} == {"video"}


def test_a_surgeon_in_the_own_block_is_plain():
    blocks = tuple(
        SurgeryBlock(
            id=f"b-{i}", day=f.MONDAY, theatre=f"room-{i}", period=f.period("08:00", "12:00"), practitioner=who
        )
        for i, who in ((1, "dr-b"), (2, "dr-a"))
    )
    found = ask(
        resources=(
            f.practitioner(use="in-sessions"),
            f.practitioner("dr-b", use="in-sessions"),
            *(f.room(f"room-{i}", use="in-sessions") for i in (1, 2)),
        ),
        services=(f.service("visit", f.step(roles=(f.role("doctor"), f.role("room", "room")))),),
        blocks=blocks,
    )
    assert {tuple(sorted(u[1] for u in c.steps[0].uses)) for c in found} == {("dr-a", "room-2"), ("dr-b", "room-1")}


@pytest.mark.parametrize(
    "fields",
    [
        {
            "resources": (f.practitioner(cleanup_min=10),),
            "services": (f.service("visit", f.step(), f.step("two", gap=Gap(min_min=5))),),
        },
        {
            "services": (f.service("visit", f.step(), f.step("two")),),
            "sessions": (f.session("s", "dr-a", segments=(Segment(start="08:00", end="10:00", quota=1),)),),
        },
        {
            "services": (f.service("visit", f.step(), f.step("two", is_patient_present=False), is_ordered=False),),
        },
        {"services": (f.service("visit", f.step(), group_size=4),)},
        {"services": (f.service("visit", f.step(), f.step("two"), group_size=4),)},
        {"services": (f.service("visit", f.step(roles=(f.role("doctor"), f.role("second")))),)},
        {"resources": (f.practitioner(cleanup_min=5, buffers="overlap"),)},
        {"resources": (f.practitioner(limits=(ResourceLimit(kind="age-years", minimum=17),)),)},
        {"sessions": (f.session("s", "dr-a", breaks=(FloatingBreak(minutes=30, start="08:00", end="09:00"),)),)},
        {
            "resources": (f.practitioner(), f.practitioner("dr-b"), f.equipment()),
            "services": (
                f.service(
                    "visit",
                    f.step(
                        roles=(f.role("doctor"), f.role("scan", "equipment")),
                        duration=Duration(minutes=20, by_practitioner={"dr-b": 30}, by_equipment={"scanner": 25}),
                    ),
                ),
            ),
        },
    ],
    ids=[
        "steps that meet",
        "a quota over steps",
        "steps that overlap",
        "group",
        "group of two steps",
        "two roles",
        "overlapping buffers",
        "age",
        "breaks",
        "durations",
    ],
)
def test_what_tables_cannot_say_is_left_to_the_general_search(fields):
    assert ask(**fields) is None


def test_a_kind_ends_when_time_kept_back_is_given_to_all():
    kept = Segment(start="08:00", end="12:00", is_kept_for_urgent=True, release=Release(days_before=0, at="08:00"))
    problem = f.problem(
        days=1,
        resources=(f.practitioner(use="in-sessions"),),
        sessions=(f.session("s", "dr-a", end="12:00", segments=(kept,)),),
    )
    occupancy = Occupancy.of(Schedule.of(problem), now=f.NOW)
    assert quickly(occupancy, problem.orders[0], f.at("07:59")) == []
    assert quickly(occupancy, problem.orders[0], f.at("08:00"))
    assert quickly(occupancy, problem.orders[0], f.at("07:59")) == []


def test_of_equal_offers_of_a_half_day_the_earliest_is_taken_wherever_it_is():
    """From 8:30 on Dr A is where the patient would like it, so 8:30 is looked at first. Dr B costs 10 at 8:00 too."""
    later = Hours(weekly=(f.weekly("08:30", "10:00"),))
    problem = f.problem(
        days=1,
        sites=(f.site(), f.site("east")),
        resources=(f.practitioner("dr-a", site="east", hours=later), f.practitioner("dr-b")),
        policy=Policy(start_grid_min=30),
        orders=(f.order(preferred_sites=("east",)),),
    )
    occupancy = Occupancy.of(Schedule.of(problem), now=f.NOW)
    for found in (quickly(occupancy, problem.orders[0], f.NOW, k=2), slowly(occupancy, problem.orders[0], f.NOW, k=2)):
        offers = [(c.steps[0].uses[0][1], problem.grid.instant(c.start)) for c in found]
        assert offers == [("dr-a", f.at("08:30")), ("dr-b", f.at("08:00"))]


def test_whoever_would_like_the_afternoon_gets_it_if_the_wait_is_worth_it():
    hours = Hours(weekly=(f.weekly("08:00", "18:00"),))
    wish = Preference(times=(f.period("12:00", "18:00"),))
    problem = f.problem(days=2, resources=(f.practitioner(hours=hours),), orders=(f.order(preference=wish),))
    found = quickly(Occupancy.of(Schedule.of(problem), now=f.NOW), problem.orders[0], f.NOW, k=2)
    assert [problem.grid.instant(c.start) for c in found] == [f.at("12:00"), f.at("2026-03-03 12:00")]


def test_a_preferred_practitioner_who_takes_no_new_patients_changes_nothing():
    staff = (f.practitioner(), f.practitioner("dr-b", accepts_new=False))
    step = f.step(roles=(f.role("doctor"), f.role("room", "room")))
    problem = f.problem(
        resources=(*staff, f.room()),
        services=(f.service("visit", step),),
        orders=(f.order(preferred_practitioner="dr-b"),),
    )
    occupancy = Occupancy.of(Schedule.of(problem), now=f.NOW)
    quick = quickly(occupancy, problem.orders[0], f.NOW)
    assert quick is not None
    assert quick == slowly(occupancy, problem.orders[0], f.NOW)
