"""Find, one rule at a time: both sides of each edge, and the traps that other systems fell into."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.check import check
from engine.errors import UnknownIdError
from engine.model.calendar import Interval
from engine.model.hours import Hours, HoursException
from engine.model.order import Occurrence, Preference, TargetDate
from engine.model.policy import Policy
from engine.model.resource import Travel
from engine.model.schedule import Schedule
from engine.model.service import Gap, SameResource
from engine.model.session import Segment
from engine.model.shorthand import RoleRef
from engine.search import Occupancy, candidate_to_appointment, find
from tests import factories as f


def world(*booked, groups=(), **fields):
    return Schedule.of(f.problem(**fields), booked, groups=groups)


def starts(schedule, order="ord-1", k=1000, now=f.NOW, day=f.MONDAY, **asked):
    """Local clock times of everything on one day that can be had."""
    problem = schedule.problem
    found = find(Occupancy.of(schedule, now=now), problem.order_by_id[order], now=now, k=k, **asked)
    local = [problem.grid.instant(c.start).astimezone(f.at("00:00").tzinfo) for c in found]
    return sorted(t.strftime("%H:%M") for t in local if t.date() == day)


def taken(start, minutes, who="dr-a", id="taken", **fields):
    """A visit of nobody in particular."""
    at = f.at(start)
    return f.appointment(
        id, f.placed("visit", at, minutes, {"doctor": who}), **{"patient": None, "order": None, **fields}
    )


def test_touching_visits_are_legal():
    got = starts(world(taken("09:00", 30)))
    assert "08:40" in got
    assert "08:45" not in got
    assert "09:25" not in got
    assert "09:30" in got


def test_the_last_visit_ends_when_the_day_does():
    got = starts(world())
    assert (got[0], got[-1]) == ("08:00", "17:40")


def test_a_day_that_ends_at_24():
    site = f.site(hours=Hours(weekly=(f.weekly("20:00", "24:00"),)))
    assert starts(world(sites=(site,)))[-1] == "23:40"


def test_a_visit_may_run_over_midnight_where_it_is_open():
    site = f.site(hours=Hours(weekly=(f.weekly("20:00", "02:00"),)))
    assert starts(world(sites=(site,)))[-1] == "23:55"


@pytest.mark.parametrize(
    ("day", "ending"),
    [
        ("2026-03-29", ["01:30", "01:40", "01:50", "03:00", "03:10"]),
        ("2026-10-25", ["02:50", "02:50", "03:00", "03:10"]),
    ],
)
def test_the_night_of_a_clock_change(day, ending):
    """Durations are elapsed time: half an hour that starts at 1:50 ends at 3:20 when the clock skips an hour."""
    site = f.site(hours=Hours(weekly=(f.weekly("00:00", "03:40", days=("sun",)),)))
    begin = f.at(f"{day} 00:00")
    horizon = Interval(start=begin, end=begin + timedelta(days=1))
    schedule = world(
        sites=(site,),
        services=(f.service("visit", f.step(minutes=30)),),
        horizon=horizon,
        policy=Policy(start_grid_min=10),
    )
    got = starts(schedule, now=begin - timedelta(days=1), day=begin.date())
    assert got[-len(ending) :] == ending
    assert got.count("02:30") == (2 if day.startswith("2026-10") else 0)


def test_notice_is_elapsed_time_on_the_day_of_a_clock_change():
    site = f.site(hours=Hours(weekly=(f.weekly("00:00", "12:00", days=("sun",)),)))
    begin = f.at("2026-03-29 00:00")
    schedule = world(
        sites=(site,),
        horizon=Interval(start=begin, end=begin + timedelta(days=1)),
        policy=Policy(min_notice_min=120),
    )
    got = starts(schedule, now=f.at("2026-03-29 01:00"), day=begin.date())
    assert got[0] == "04:00"  # 1:00, and two hours later it is 4


def test_seconds_of_now_are_dropped():
    schedule = world(policy=Policy(min_notice_min=60))
    assert starts(schedule, now=f.at("08:00"))[0] == "09:00"
    assert starts(schedule, now=f.at("08:00") + timedelta(seconds=59))[0] == "09:00"
    assert starts(schedule, now=f.at("08:01"))[0] == "09:05"


def test_nothing_is_offered_in_the_past_not_even_to_the_most_urgent():
    schedule = world(orders=(f.order(priority="stat"),), policy=Policy(min_notice_min=600))
    assert starts(schedule, now=f.at("09:02"))[0] == "09:05"


def test_a_buffer_is_inside_opening_hours_and_the_start_on_the_grid():
    step = f.step(minutes=20, roles=(f.role("doctor", setup_min=10, cleanup_min=15),))
    got = starts(world(services=(f.service("visit", step),)))
    assert (got[0], got[-1]) == ("08:10", "17:25")


def test_buffers_do_not_overlap_and_leave_no_drift():
    step = f.step(minutes=20, roles=(f.role("doctor", setup_min=5, cleanup_min=5),))
    busy = f.appointment(
        "b",
        f.placed("visit", f.at("10:00"), 20, [f.reservation("doctor", "dr-a", f.at("09:55"), f.at("10:25"))]),
        patient=None,
        order=None,
    )
    got = starts(world(busy, services=(f.service("visit", step),), policy=Policy(start_grid_min=15)))
    assert "09:30" in got
    assert "09:45" not in got
    assert "10:15" not in got
    assert "10:30" in got


def test_set_up_may_lie_before_the_horizon():
    """What must lie inside is the visit."""
    site = f.site(hours=Hours(weekly=(f.weekly("00:00", "24:00", days=("sun", "mon")),)))
    step = f.step(minutes=20, roles=(f.role("doctor", setup_min=30),))
    schedule = world(sites=(site,), services=(f.service("visit", step),), days=1)
    assert starts(schedule)[0] == "00:00"
    assert starts(schedule)[-1] == "23:40"


def test_a_booking_before_the_horizon_is_in_the_way_of_what_is_set_up_there():
    site = f.site(hours=Hours(weekly=(f.weekly("00:00", "24:00", days=("sun", "mon")),)))
    step = f.step(minutes=20, roles=(f.role("doctor", setup_min=30),))
    schedule = world(taken("2026-03-01 23:30", 20), sites=(site,), services=(f.service("visit", step),), days=1)
    assert starts(schedule)[0] == "00:20"


def test_the_owner_of_a_hold_sees_it_as_free_and_nobody_else_does():
    hold = f.appointment("hold", status="pending", expires_at=f.NOW + timedelta(minutes=10), order=None)
    schedule = world(hold)
    assert "09:00" not in starts(schedule)
    assert "09:00" in starts(schedule, ignoring=["hold"])
    assert "09:00" in starts(schedule, now=f.NOW + timedelta(minutes=10))


def test_a_move_does_not_block_itself_and_asking_changes_nothing():
    schedule = world(f.appointment())
    occupancy = Occupancy.of(schedule, now=f.NOW)
    order = schedule.problem.orders[0]
    free = occupancy.free.copy()
    assert find(occupancy, order, now=f.NOW) == []
    first = find(occupancy, order, now=f.NOW, ignoring=["app-1"], first=schedule.problem.grid.exact(f.at("09:00")))
    assert schedule.problem.grid.instant(first[0].start) == f.at("09:00")
    assert (occupancy.free == free).all()
    with pytest.raises(UnknownIdError):
        find(occupancy, order, now=f.NOW, ignoring=["app-2"])


def test_the_patient_is_in_one_place_at_a_time_with_time_to_get_there():
    sites = (f.site(), f.site("east"))
    elsewhere = f.appointment(
        "x", f.placed("visit", f.at("10:00"), 30, {"doctor": "dr-b"}, site="east"), order=None, patient="pat-1"
    )
    fields = {
        "sites": sites,
        "travel": (Travel(origin="main", destination="east", minutes=20),),
        "resources": (f.practitioner(), f.practitioner("dr-b", site="east")),
        "orders": (f.order(required_site="main"),),
    }
    got = starts(world(elsewhere, **fields))
    assert "09:20" in got
    assert "09:25" not in got
    assert "10:45" not in got
    assert "10:50" in got
    arrive = f.service("visit", f.step(), arrive_before_min=15)
    assert "11:00" not in starts(world(elsewhere, **fields, services=(arrive,)))
    assert "11:05" in starts(world(elsewhere, **fields, services=(arrive,)))


def test_the_patient_arrives_once_for_all_steps_of_a_visit():
    """From arrival at 9:40 to 10:20, and from 11:00 to 11:20; nobody arrives again for the second step."""
    both = f.service("both", f.step("one", 20), f.step("two", 20, gap=Gap(min_min=40)), arrive_before_min=20)
    steps = (
        f.placed("one", f.at("10:00"), 20, {"doctor": "dr-b"}),
        f.placed("two", f.at("11:00"), 20, {"doctor": "dr-b"}),
    )
    visit = f.appointment("x", *steps, service="both", order=None)
    got = starts(world(visit, services=(f.service(), both), resources=(f.practitioner(), f.practitioner("dr-b"))))
    assert [t for t in got if "09:00" <= t < "12:00"] == [
        *("09:00", "09:05", "09:10", "09:15", "09:20"),
        *("10:20", "10:25", "10:30", "10:35", "10:40"),
        *(f"11:{m}" for m in range(20, 60, 5)),
    ]


def test_a_resource_lent_to_two_roles_must_have_room_for_both():
    step = f.step(roles=(f.role("doctor"), f.role("second")))
    assert starts(world(services=(f.service("visit", step),), resources=(f.practitioner(),))) == []
    both = (f.practitioner(lanes=2),)
    assert "08:00" in starts(world(services=(f.service("visit", step),), resources=both))


def test_step_one_is_not_offered_when_step_two_cannot_follow():
    steps = (f.step("blood", 10, gap=Gap()), f.step("talk", 20, gap=Gap(max_min=30)))
    schedule = world(taken("09:00", 540), services=(f.service("visit", *steps),))
    assert starts(schedule) == [f"08:{m:02d}" for m in range(0, 31, 5)]


def test_gaps_hold_over_a_weekend():
    """From Friday's last minutes to Monday at eight lie 62 hours and 10 minutes."""
    steps = (f.step("blood", 10), f.step("talk", 20, gap=Gap(min_min=60 * 62, max_min=60 * 63)))
    schedule = world(services=(f.service("visit", *steps),))
    friday = f.MONDAY + timedelta(days=4)
    assert starts(schedule, day=friday)[0] == "16:50"  # 63 hours before 8:00, and ten minutes to do it


def test_same_practitioner_over_two_steps():
    """A is there for the first step and B for the second: nobody for both."""
    a, b = Hours(weekly=(f.weekly("08:00", "09:00"),)), Hours(weekly=(f.weekly("09:00", "10:00"),))
    staff = (f.practitioner("a", hours=a), f.practitioner("b", hours=b))
    steps = (f.step("one", 60), f.step("two", 30, gap=Gap(max_min=0)))
    same = SameResource(roles=(RoleRef(step="one", role="doctor"), RoleRef(step="two", role="doctor")))
    assert starts(world(resources=staff, services=(f.service("visit", *steps),))) == ["08:00"]
    assert starts(world(resources=staff, services=(f.service("visit", *steps, same=(same,)),))) == []


def test_a_series_counts_days_by_the_wall_clock():
    """Seven days later over a clock change is the same time of day, 167 hours on."""
    begin = f.at("2026-03-23 00:00")
    order = f.order(series=(Occurrence(offset_days=0), Occurrence(offset_days=7)))
    first = f.appointment("a", f.placed("visit", f.at("2026-03-23 09:00"), 20, {"doctor": "dr-a"}))
    schedule = world(first, orders=(order,), horizon=Interval(start=begin, end=begin + timedelta(days=21)))
    now = f.at("2026-03-22 12:00")
    late = (f.MONDAY + timedelta(days=28)).isoformat()
    got = find(Occupancy.of(schedule, now=now), order, now=now, k=1000, occurrence=1)
    assert {schedule.problem.grid.local_date(c.start, f.ZONE).isoformat() for c in got} == {late}


def test_an_order_beyond_its_series_or_with_its_visit_has_nothing_more_to_find():
    order = f.order(series=(Occurrence(offset_days=0), Occurrence(offset_days=1)))
    schedule = world(orders=(order,))
    occupancy = Occupancy.of(schedule, now=f.NOW)
    assert find(occupancy, order, now=f.NOW, occurrence=2) == []
    assert find(occupancy, order, now=f.NOW, occurrence=1) == []  # the first is not booked
    assert find(occupancy, f.order(), now=f.NOW, occurrence=1) == []


def test_the_range_of_starts_is_half_open():
    grid = f.problem().grid
    first, stop = grid.exact(f.at("09:00")), grid.exact(f.at("09:10"))
    assert starts(world(), first=first, stop=stop) == ["09:00", "09:05"]
    assert starts(world(), first=first, stop=first) == []
    assert starts(world(), stop=stop, k=1) == ["08:00"]


def test_a_practitioner_asked_for_is_a_practitioner_required():
    staff = (f.practitioner(), f.practitioner("dr-b"))
    schedule = world(taken("08:00", 60, who="dr-b"), resources=staff)
    assert starts(schedule, practitioner="dr-b")[0] == "09:00"
    assert starts(schedule)[0] == "08:00"
    with pytest.raises(UnknownIdError, match="no resource 'dr-c'"):
        starts(schedule, practitioner="dr-c")


def test_ranking_prefers_the_preferred_as_long_as_it_is_worth_it():
    """Ten for somebody else, one a day of waiting: eleven days are too long."""
    staff = (f.practitioner(), f.practitioner("dr-b"))
    for days, who in ((9, "dr-a"), (11, "dr-b")):
        away = Hours(
            exceptions=(HoursException(kind="leave", start=f.at("00:00"), end=f.at("00:00") + timedelta(days)),)
        )
        schedule = world(
            resources=(staff[0].model_copy(update={"hours": away}), staff[1]),
            orders=(f.order(preferred_practitioner="dr-a"),),
        )
        best = find(Occupancy.of(schedule, now=f.NOW), schedule.problem.orders[0], now=f.NOW, k=1)[0]
        assert best.steps[0].uses[0][1] == who


def test_equal_cost_goes_to_the_earliest_and_then_to_the_first_in_the_problem():
    schedule = world(resources=(f.practitioner("dr-b"), f.practitioner("dr-a")))
    best = find(Occupancy.of(schedule, now=f.NOW), schedule.problem.orders[0], now=f.NOW, k=2)
    assert [c.steps[0].uses[0][1] for c in best] == ["dr-b", "dr-b"]
    assert [c.start for c in best] == [96, 97]


def test_diverse_offers_are_not_merely_a_grid_step_apart():
    schedule = world(resources=(f.practitioner(), f.practitioner("dr-b")))
    found = find(Occupancy.of(schedule, now=f.NOW), schedule.problem.orders[0], now=f.NOW, k=4, diverse=True)
    at = [(schedule.problem.grid.instant(c.start), c.steps[0].uses[0][1]) for c in found]
    assert at == [(f.at(t), who) for t in ("08:00", "12:00") for who in ("dr-a", "dr-b")]


def test_fewer_groups_than_asked_for_are_filled_up():
    site = f.site(hours=Hours(weekly=(f.weekly("08:00", "09:00", days=("mon",)),)))
    schedule = world(sites=(site,), days=1)
    found = find(Occupancy.of(schedule, now=f.NOW), schedule.problem.orders[0], now=f.NOW, k=3, diverse=True)
    assert [c.start for c in found] == [96, 97, 98]


def test_a_wish_for_times_and_days_has_its_price():
    order = f.order(preference=Preference(weekdays=("tue",), times=(f.period("14:00", "15:00"),)))
    schedule = world(orders=(order,))
    best = find(Occupancy.of(schedule, now=f.NOW), order, now=f.NOW, k=1)[0]
    assert schedule.problem.grid.instant(best.start) == f.at("2026-03-03 14:00")
    assert best.cost == 1


def test_a_video_visit_needs_no_room_and_goes_to_where_somebody_is():
    step = f.step(
        roles=(f.role("doctor"), f.role("room", "room", modalities=("in-person",))), modalities=("video", "in-person")
    )
    sites = (f.site(), f.site("east"))
    schedule = world(
        resources=(f.practitioner(site="east"), f.room(site="east")),
        services=(f.service("visit", step),),
        sites=sites,
    )
    best = find(Occupancy.of(schedule, now=f.NOW), schedule.problem.orders[0], now=f.NOW, k=1)[0]
    assert (best.steps[0].modality, best.steps[0].site, len(best.steps[0].uses)) == ("video", "east", 1)


def by_video(days, n_steps=1, **policy):
    """The room, and with it any visit in person, is there after some days; a video visit is possible at once."""
    closed = Hours(
        exceptions=(HoursException(kind="closure", start=f.at("00:00"), end=f.at("00:00") + timedelta(days)),)
    )
    step = f.step(
        roles=(f.role("doctor"), f.role("room", "room", modalities=("in-person",))), modalities=("in-person", "video")
    )
    steps = (step.model_copy(update={"id": f"step-{i}"}) for i in range(n_steps))
    return world(
        resources=(f.practitioner(), f.room(hours=closed)),
        services=(f.service("visit", *steps),),
        orders=(f.order(preference=Preference(modality="in-person")),),
        policy=Policy(**policy),
    )


@pytest.mark.parametrize(
    ("days", "n_steps", "weights", "modality", "cost"),
    [
        (4, 1, {}, "in-person", 4),
        (8, 1, {}, "video", 5),  # eight days of waiting are too many
        (8, 1, {"not-preferred-modality": 10}, "in-person", 8),
        (1, 1, {"not-preferred-modality": 0}, "video", 0),
        (8, 2, {}, "video", 5),  # once for a visit, however many of its steps
        (8, 3, {}, "video", 5),
    ],
)
def test_a_preferred_way_has_its_price(days, n_steps, weights, modality, cost):
    schedule = by_video(days, n_steps, weights=weights)
    best = find(Occupancy.of(schedule, now=f.NOW), schedule.problem.orders[0], now=f.NOW, k=1)[0]
    assert ({s.modality for s in best.steps}, best.cost) == ({modality}, cost)
    made = candidate_to_appointment(schedule.problem, schedule.problem.orders[0], best, id="new", now=f.NOW)
    assert check(schedule.changed(added=[made]), now=f.NOW).breakdown.total == cost


def test_an_order_that_the_problem_has_not_can_be_asked_for_all_the_same():
    schedule = world(orders=())
    occupancy = Occupancy.of(schedule, now=f.NOW)
    assert find(occupancy, f.order("new"), now=f.NOW, k=1)
    with pytest.raises(UnknownIdError, match="no service 'dance'"):
        find(occupancy, f.order("new", service="dance"), now=f.NOW)
    assert find(occupancy, f.order("new"), now=f.NOW, k=0) == []


def test_a_target_day_is_met_on_both_sides_of_its_tolerance():
    for before, after, expected in ((0, 0, {5}), (1, 0, {4, 5}), (0, 1, {5, 6})):
        target = TargetDate(day=f.MONDAY + timedelta(days=3), before_days=before, after_days=after)
        schedule = world(orders=(f.order(target=target),))
        found = find(Occupancy.of(schedule, now=f.NOW), schedule.problem.orders[0], now=f.NOW, k=1000)
        assert {schedule.problem.grid.local_date(c.start, f.ZONE).day for c in found} == expected


def test_an_empty_clinic_and_a_horizon_of_one_tick():
    tiny = f.problem(horizon=Interval(start=f.at("08:00"), end=f.at("08:05")))
    assert find(Occupancy.of(Schedule.of(tiny), now=f.NOW), tiny.orders[0], now=f.NOW) == []
    short = f.problem(services=(f.service("visit", f.step(minutes=5)),), horizon=tiny.horizon)
    assert [c.start for c in find(Occupancy.of(Schedule.of(short), now=f.NOW), short.orders[0], now=f.NOW)] == [0]
    empty = f.problem(
        resources=(f.room(),), services=(f.service("visit", f.step(roles=())),), sites=(f.site(hours=Hours()),)
    )
    assert find(Occupancy.of(Schedule.of(empty), now=f.NOW), empty.orders[0], now=f.NOW, k=1)[0].steps[0].uses == ()


def test_an_appointment_made_of_a_candidate_says_what_the_order_says():
    schedule = world(orders=(f.order(priority="urgent", patient_class="inpatient"),))
    order = schedule.problem.orders[0]
    best = find(Occupancy.of(schedule, now=f.NOW), order, now=f.NOW, k=1)[0]
    now = datetime(2026, 3, 1, 10, 0, 30, tzinfo=UTC)
    made = candidate_to_appointment(schedule.problem, order, best, id="new", now=now)
    assert (made.patient, made.service, made.order, made.occurrence) == ("pat-1", "visit", "ord-1", 0)
    assert (made.priority, made.patient_class, made.status) == ("urgent", "inpatient", "booked")
    assert (made.start, made.end) == (f.at("08:00"), f.at("08:20"))
    assert made.booked_at == datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
    assert check(schedule.changed(added=[made]), now=now).is_clean


def test_the_last_place_of_a_quota_is_one_place_for_both_steps():
    """A visit counts once in a segment, so two steps of it there take one place, not two."""
    segment = Segment(start="08:00", end="12:00", quota=1)
    session = f.session("am", "dr-a", segments=(segment,))
    steps = (f.step("one", 10), f.step("two", 10, gap=Gap(max_min=0)))
    fields = {"services": (f.service("visit", *steps), f.service("other")), "sessions": (session,), "days": 1}
    assert starts(world(**fields))[0] == "08:00"
    full = f.appointment(
        "x", f.placed("visit", f.at("11:40"), 20, {"doctor": "dr-a"}), service="other", order=None, patient=None
    )
    assert starts(world(full, **fields))[0] == "12:00"
