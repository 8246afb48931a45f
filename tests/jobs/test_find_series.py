"""A whole series at once: every visit offered together, or which one clashes, and what could be done."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.check import check
from engine.errors import StaleScheduleError, UnsupportedRuleError, WrongArgumentError
from engine.jobs.book_offer import book_offer
from engine.jobs.find_series import find_series
from engine.jobs.find_slots import find_slots
from engine.jobs.joint_offer import book_joint_offer
from engine.model.calendar import Interval
from engine.model.hours import Hours, HoursException
from engine.model.order import Occurrence, Separation, TargetDate, Tie
from engine.model.policy import Policy
from engine.model.schedule import Schedule
from engine.model.session import Segment
from engine.search.occupancy import Occupancy
from tests import factories as f

ZURICH = ZoneInfo(f.ZONE)


def weekly(n: int, tolerance: int = 0):
    """`n` visits, a week apart."""
    return every(7, n, tolerance)


def every(days: int, n: int, tolerance: int = 0):
    return tuple(
        Occurrence(offset_days=days * i, before_days=tolerance if i else 0, after_days=tolerance if i else 0)
        for i in range(n)
    )


def world(series, *booked, days=70, order=None, **fields):
    problem = f.problem(orders=(f.order(series=series, **(order or {})),), days=days, **fields)
    return Schedule.of(problem, booked)


def asked(schedule, now=f.NOW, **more):
    """The result, each of whose offers can be booked as a whole."""
    found = find_series(schedule, "ord-1", now=now, **more)
    for offer in found.offers:
        after, names = book_joint_offer(schedule, found, offer)
        report = check(after, now=now)
        assert report.is_clean, report.violations
        assert len(names) == len(offer.visits)
        assert offer.cost == sum(v.cost for v in offer.visits) == offer.breakdown.total
    return found


def days_of(offer):
    return [v.start.astimezone(ZURICH).date() for v in offer.visits]


def times_of(offer):
    return {v.start.astimezone(ZURICH).strftime("%H:%M") for v in offer.visits}


def closed(day: str, days: int = 1, **fields):
    """A practitioner who is away on a day."""
    start = f.at(f"{day} 00:00")
    away = HoursException(kind="leave", start=start, end=start + timedelta(days))
    return f.practitioner(hours=Hours(exceptions=(away,)), **fields)


# --- what is offered --------------------------------------------------------------------------------------------------


def test_every_offer_is_the_whole_series_from_another_first_day():
    found = asked(world(weekly(3)))
    assert [days_of(o)[0] for o in found.offers] == [date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)]
    for offer in found.offers:
        first = days_of(offer)[0]
        assert days_of(offer) == [first + timedelta(7 * n) for n in range(3)]
        assert [v.appointment.occurrence for v in offer.visits] == [0, 1, 2]
    assert [o.cost for o in found.offers] == sorted(o.cost for o in found.offers)


def test_the_first_visit_may_have_a_duration_of_its_own():
    first = Occurrence(offset_days=0, duration_min=45)
    offer = asked(world((first, *every(1, 5)[1:]))).offers[0]
    assert [(v.end - v.start) // timedelta(minutes=1) for v in offer.visits] == [45, 20, 20, 20, 20]


def test_fractions_on_weekdays_start_on_the_only_day_that_fits():
    offsets = [d for d in range(40) if d % 7 < 5][:30]
    found = asked(world(tuple(Occurrence(offset_days=d) for d in offsets)), k=9)
    assert {days_of(o)[0].weekday() for o in found.offers} == {0}
    assert all(len(o.visits) == 30 and times_of(o) == {"08:00"} for o in found.offers)
    assert all(o.reason == "Always at 08:00, with Dr dr-a." for o in found.offers)


def test_of_equal_cost_the_time_of_day_and_the_practitioner_stay():
    """dr-a is taken early on the second day: dr-b would be free at 08:00, and dr-a at 09:00."""
    other = f.appointment("other", f.placed("visit", f.at("2026-03-09 08:00"), 60, {"doctor": "dr-a"}), order=None)
    elsewhere = other.model_copy(update={"patient": "pat-2"})
    two = world(
        weekly(3),
        elsewhere,
        resources=(f.practitioner(), f.practitioner("dr-b")),
        patients=(f.patient(), f.patient("pat-2")),
    )
    offer = asked(two, k=1).offers[0]
    assert times_of(offer) == {"08:00"}
    used = [v.appointment.steps[0].reservations[0].resource for v in offer.visits]
    assert used == ["dr-a", "dr-b", "dr-a"]
    late = asked(two, k=1, start=f.at("10:00"), end=f.at("10:05")).offers[0]
    assert times_of(late) == {"10:00"}


def test_habit_never_costs_anything():
    """The patient prefers afternoons; the first visit must be in the morning."""
    preference = {"times": (f.period("13:00", "17:00"),)}
    offer = asked(world(weekly(2), order={"preference": preference}), k=1, end=f.at("12:00")).offers[0]
    assert [v.start.astimezone(ZURICH).hour for v in offer.visits] == [8, 13]


def test_the_wall_time_is_kept_when_the_clocks_change():
    offer = asked(world(weekly(5)), k=1, start=f.at("2026-03-16 09:30"), end=f.at("2026-03-16 09:35")).offers[0]
    assert times_of(offer) == {"09:30"}
    in_utc = {v.start.astimezone(ZoneInfo("UTC")).strftime("%H:%M") for v in offer.visits}
    assert in_utc == {"08:30", "07:30"}


def test_a_time_that_the_clocks_skip_is_not_kept_and_the_visit_stays():
    """A night clinic: at 02:30 on 29 March there is no such time in Zurich."""
    night = f.site(hours=Hours(weekly=(f.weekly("00:00", "24:00", ("sun",)),)))
    offer = asked(
        world(weekly(4), sites=(night,)), k=1, start=f.at("2026-03-15 02:30"), end=f.at("2026-03-15 02:35")
    ).offers[0]
    starts = [v.start.astimezone(ZURICH).strftime("%d %H:%M") for v in offer.visits]
    assert starts[0] == "15 02:30"
    assert starts[1] == "22 02:30"
    assert starts[2] != "29 02:30"
    assert starts[3] == "05 02:30"


def test_a_target_date_is_of_the_first_visit_and_is_kept_on_both_sides():
    target = TargetDate(day=date(2026, 3, 12), before_days=1, after_days=1)
    found = asked(world(weekly(3), order={"target": target}), k=9)
    assert sorted(days_of(o)[0].day for o in found.offers) == [11, 12, 13]
    for offer in found.offers:
        off = [t.amount for v in offer.visits for t in v.breakdown.terms if t.code == "target-distance"]
        assert sum(off) == abs(days_of(offer)[0].day - 12)


def test_the_first_visit_in_a_stretch_with_somebody_at_a_site():
    two = world(
        weekly(2),
        resources=(f.practitioner(), f.practitioner("dr-b", site="east")),
        sites=(f.site(), f.site("east")),
    )
    found = asked(two, start=f.at("2026-03-04 10:00"), end=f.at("2026-03-05 00:00"), practitioner="dr-b")
    assert [days_of(o)[0].day for o in found.offers] == [4]
    assert {r.resource for v in found.offers[0].visits for s in v.appointment.steps for r in s.reservations} == {"dr-b"}
    assert asked(two, site="east").offers[0].visits[1].appointment.steps[0].site == "east"
    required = world(weekly(2), sites=(f.site(), f.site("east")), order={"required_site": "main"})
    assert asked(required, site="east").reasons[0].code == "required-site"


def test_steps_that_are_free_in_order():
    """The desk is there in the morning, the doctor before it: on the second day the other way round."""
    blood = f.step("blood", 20, (f.role("desk", "room", capabilities=("blood",)),))
    talk = f.step("talk", 20, (f.role("doctor"),))
    bundle = f.service("visit", talk, blood, is_ordered=False, is_same_day=True)
    mornings = Hours(weekly=(f.weekly("08:00", "08:20", ("mon",)), f.weekly("10:00", "10:20", ("tue",))))
    desk = f.room("desk", capabilities=("blood",), hours=mornings)
    doctor = f.practitioner(hours=Hours(weekly=(f.weekly("09:00", "09:20"),)))
    found = asked(world(every(1, 2), services=(bundle,), resources=(doctor, desk)), k=1)
    starts = [[s.start.astimezone(ZURICH).hour for s in v.appointment.steps] for v in found.offers[0].visits]
    assert [sorted(hours) for hours in starts] == [[8, 9], [9, 10]]


# --- the calendar -----------------------------------------------------------------------------------------------------


def test_fifth_monday_every_28_days():
    """From 30 March, the fifth Monday of its month: the series counts days, not Mondays of the month."""
    offer = asked(world(every(28, 3), days=120), k=1, start=f.at("2026-03-30 08:00")).offers[0]
    assert days_of(offer) == [date(2026, 3, 30), date(2026, 4, 27), date(2026, 5, 25)]


def test_over_29_february():
    start = f.at("2028-02-01 00:00")
    series = every(1, 3)
    problem = f.problem(
        orders=(f.order(series=series),), horizon=Interval(start=start, end=start + timedelta(60)), days=60
    )
    found = asked(Schedule.of(problem), now=start, start=f.at("2028-02-28 00:00"), k=1)
    assert days_of(found.offers[0]) == [date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1)]


def test_a_holiday_moves_a_visit_inside_its_tolerance():
    """Easter Monday, 6 April 2026, five weeks after the first."""
    holiday = HoursException(kind="closure", start=f.at("2026-04-06 00:00"), end=f.at("2026-04-07 00:00"))
    site = f.site(hours=Hours(weekly=(f.weekly(),), exceptions=(holiday,)))
    kept = asked(world(weekly(6, tolerance=1), sites=(site,)), k=1).offers[0]
    assert days_of(kept)[5] == date(2026, 4, 7)
    assert asked(world(weekly(6), sites=(site,)), k=1).offers[0].start.astimezone(ZURICH).weekday() == 1


@pytest.mark.parametrize(("days", "fits"), [(15, True), (14, False)])
def test_the_last_visit_at_the_end_of_the_horizon(days: int, fits: bool):
    """From Monday the third visit is on day 15; one day less is planned, and it is for the recall list."""
    found = asked(world(weekly(3), days=days, resources=(only_on("mon"),)))
    assert bool(found.offers) == fits
    if not fits:
        (clash,) = found.nearly[0].clashes
        assert (clash.occurrence, clash.first_day) == (2, date(2026, 3, 16))
        assert clash.recall == found.recall is not None
        assert found.recall.look_again == date(2026, 3, 2)
        assert clash.reasons[0].code == "horizon"
        assert clash.nearest is None


def only_on(day: str):
    return f.practitioner(hours=Hours(weekly=(f.weekly(days=(day,)),)))


# --- some are booked --------------------------------------------------------------------------------------------------


def test_the_rest_is_found_beside_the_visits_that_are_booked():
    first = f.appointment(start="2026-03-04 10:20")
    third = f.appointment("app-3", start="2026-03-18 11:00", occurrence=2)
    schedule = world(weekly(4), first, third)
    occupancy = Occupancy.of(schedule, now=f.NOW)
    found = asked(schedule, occupancy=occupancy)
    assert len(found.offers) == 1
    assert [v.appointment.occurrence for v in found.offers[0].visits] == [1, 3]
    assert days_of(found.offers[0]) == [date(2026, 3, 11), date(2026, 3, 25)]
    assert times_of(found.offers[0]) == {"10:20"}
    assert {a.id for a in occupancy.bookings.of_order("ord-1")} == {"app-1", "app-3"}
    assert asked(schedule, occupancy=occupancy) == found


def test_a_first_visit_that_was_cancelled_may_not_leave_the_others_behind():
    second = f.appointment("app-2", start="2026-03-12 09:00", occurrence=1)
    schedule = world(weekly(2, tolerance=1), second)
    found = find_series(schedule, "ord-1", now=f.NOW, k=9)
    assert sorted(days_of(o)[0].day for o in found.offers) == [4, 5, 6]


def test_where_all_are_booked_there_is_nothing_to_offer():
    both = [f.appointment(f"app-{i}", start=f"2026-03-{2 + 7 * i:02} 09:00", occurrence=i) for i in range(2)]
    found = find_series(world(weekly(2), *both), "ord-1", now=f.NOW)
    assert found.offers == found.nearly == ()
    assert "has a visit already" in found.reasons[0].message


# --- visits that could get in each other's way ------------------------------------------------------------------------


def test_visits_of_one_day_do_not_overlap():
    found = asked(world(every(1, 4, tolerance=1)), k=2)
    starts = [v.start for v in found.offers[0].visits]
    assert len(set(starts)) == 4
    assert found.offers[0].is_proven


def test_visits_keep_the_distance_that_the_order_asks_for():
    """At least 24 hours between two: the second can be no earlier in the day than the first."""
    apart = Separation(minutes=24 * 60 - 20, service="visit")
    schedule = world(every(1, 5), order={"separations": (apart,)})
    offer = asked(schedule, k=1, start=f.at("09:15")).offers[0]
    assert times_of(offer) == {"09:15"}
    clash = asked(world(every(1, 3), order={"separations": (Separation(minutes=25 * 60, service="visit"),)}), k=1)
    gaps = [b.start - a.end for a, b in zip(clash.offers[0].visits, clash.offers[0].visits[1:], strict=False)]
    assert min(gaps) >= timedelta(hours=25)


def test_a_quota_of_one_session_is_not_used_twice():
    monday = f.session("mon", "dr-a", segments=(Segment(start="08:00", end="12:00", quota=1),))
    tuesday = f.session("tue", "dr-a", f.MONDAY + timedelta(1))
    schedule = world(
        every(1, 2, tolerance=1), resources=(f.practitioner(use="in-sessions"),), sessions=(monday, tuesday)
    )
    offer = asked(schedule, k=1).offers[0]
    assert days_of(offer) == [date(2026, 3, 2), date(2026, 3, 3)]


# --- clashes ----------------------------------------------------------------------------------------------------------


def test_the_visit_that_clashes_is_named_with_the_reason_and_the_nearest_day():
    schedule = world(weekly(4), resources=(closed("2026-03-16", 5),), days=28)
    found = asked(schedule)
    assert found.offers == ()
    best = found.nearly[0]
    assert [v.appointment.occurrence for v in best.offer.visits] == [0, 1, 3]
    (clash,) = best.clashes
    assert (clash.occurrence, clash.first_day, clash.last_day) == (2, date(2026, 3, 16), date(2026, 3, 16))
    assert clash.reasons[0].resource == "dr-a"
    assert clash.reasons[0].kind == "not available"
    assert clash.nearest is not None
    assert clash.nearest.start.astimezone(ZURICH).date() == date(2026, 3, 13)
    assert [len(n.clashes) for n in found.nearly] == [1, 1, 1]
    assert [n.offer.start.astimezone(ZURICH).day for n in found.nearly] == [2, 3, 4]


def test_what_would_give_the_visit_that_clashes_a_place_beside_the_others():
    """The one session of its day is taken; half an hour more would do. Asked of the best start alone."""
    staff = (f.practitioner(use="in-sessions"),)
    days = (date(2026, 3, 2), date(2026, 3, 9), date(2026, 3, 16))
    sessions = tuple(f.session(f"s-{n}", "dr-a", day=day, end="08:30") for n, day in enumerate(days))
    busy = f.appointment("x", f.placed("visit", f.at("2026-03-09 08:00"), 30, {"doctor": "dr-a"}), order=None)
    order = {"due": f.at("2026-03-03 00:00")}
    fields = {"resources": staff, "sessions": sessions, "patients": (f.patient(), f.patient("pat-2"))}
    schedule = world(weekly(3), busy.model_copy(update={"patient": "pat-2"}), order=order, days=28, **fields)
    found = asked(schedule, with_helps=True)
    (clash,) = found.nearly[0].clashes
    assert clash.occurrence == 1
    assert clash.helps[0].message == (
        "If the session of Dr dr-a on Monday 9 March ran until 09:00 (30 minutes longer), "
        "Monday 9 March at 08:30 would be free."
    )
    assert clash.helps[0].session is not None
    changed = tuple(clash.helps[0].session if s.id == clash.helps[0].session.id else s for s in sessions)
    after = Schedule.of(schedule.problem.changed(sessions=changed), list(schedule.appointments))
    assert asked(after).offers
    assert asked(schedule).nearly[0].clashes[0].helps == ()


def test_the_fewest_clashes_come_before_the_lower_cost():
    """Away in weeks two and three but for a Thursday: from Thursday on only one visit clashes."""
    start = f.at("2026-03-09 00:00")
    away = tuple(
        HoursException(kind="leave", start=start + timedelta(a), end=start + timedelta(b)) for a, b in ((0, 3), (4, 12))
    )
    found = asked(world(weekly(3), resources=(f.practitioner(hours=Hours(exceptions=away)),), days=21))
    assert found.offers == ()
    assert [(n.offer.start.astimezone(ZURICH).day, len(n.clashes)) for n in found.nearly[:2]] == [(5, 1), (2, 2)]


def test_no_start_at_all_has_its_reasons():
    found = find_series(world(weekly(2), order={"deadline": f.at("00:10")}), "ord-1", now=f.NOW)
    assert found.offers == found.nearly == ()
    assert found.reasons[0].code == "deadline"
    far = TargetDate(day=date(2026, 9, 1))
    later = find_series(world(weekly(2), order={"target": far}), "ord-1", now=f.NOW)
    assert later.recall is not None
    assert later.recall.first_day == far.day
    beyond = find_series(world(weekly(2), days=14), "ord-1", now=f.NOW, start=f.at("2026-06-01 08:00"))
    assert [b.code for b in beyond.reasons] == ["horizon"]


def test_as_far_ahead_as_the_policy_allows_the_rest_is_for_the_recall_list():
    found = asked(world(weekly(3), policy=Policy(max_ahead_days=10)))
    assert found.offers == ()
    assert [c.occurrence for c in found.nearly[0].clashes] == [2]
    assert found.recall is not None
    assert found.recall.look_again + timedelta(10) == date(2026, 3, 16)


# --- what is refused --------------------------------------------------------------------------------------------------


def test_an_order_for_one_visit_is_no_series():
    with pytest.raises(WrongArgumentError, match="is no series"):
        find_series(Schedule.of(f.problem()), "ord-1", now=f.NOW)


def test_a_series_that_is_tied_is_refused_by_name():
    orders = (f.order(series=weekly(2)), f.order("ord-2", series=weekly(2)))
    tied = f.problem(orders=orders, ties=(Tie(id="tie", kind="same-day", orders=("ord-1", "ord-2")),))
    with pytest.raises(UnsupportedRuleError, match="tied to other orders"):
        find_series(Schedule.of(tied), "ord-1", now=f.NOW)


def test_a_series_of_group_visits_is_refused_by_name_and_its_visits_are_found_one_by_one():
    schedule = world(weekly(2), services=(f.service("visit", f.step(), group_size=4),))
    with pytest.raises(UnsupportedRuleError, match="order ord-1 cannot take account of a series of group visits yet"):
        find_series(schedule, "ord-1", now=f.NOW)
    for i in range(2):
        found = find_slots(schedule, "ord-1", now=f.NOW, occurrence=i)
        schedule, _ = book_offer(schedule, found, found.offers[0])
    assert check(schedule, now=f.NOW).is_clean
    assert len(schedule.groups) == 2


def test_a_series_found_in_another_version_is_not_booked():
    schedule = world(weekly(2))
    found = find_series(schedule, "ord-1", now=f.NOW)
    with pytest.raises(StaleScheduleError):
        book_joint_offer(schedule.changed(), found, found.offers[0])


def test_buffers_of_role_and_machine_are_both_kept_between_two_visits_of_a_series():
    """Each cleans up for 20 minutes; both together keep the second visit away from the first for 40."""
    step = f.step(roles=(f.role("machine", "equipment", cleanup_min=20),))
    scanner = f.equipment(buffers="overlap", cleanup_min=20)
    series = Occurrence(offset_days=0), Occurrence(offset_days=1, before_days=1)
    schedule = world(series, resources=(scanner,), services=(f.service("visit", step),), days=7)
    (best, *_) = asked(schedule, start=f.at("08:40"), end=f.at("2026-03-02 18:00")).offers
    assert [v.start.astimezone(ZURICH).strftime("%d %H:%M") for v in best.visits] == ["02 08:40", "02 09:40"]
