"""Series against brute force: every set of visits on small worlds, each judged by `engine.check`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.check import check
from engine.model.calendar import Interval
from engine.model.hours import Hours
from engine.model.order import Occurrence, Preference, Separation
from engine.model.policy import Policy
from engine.model.schedule import Schedule
from engine.model.session import Segment
from engine.search.neighbours import local_day
from engine.search.occupancy import Occupancy
from engine.search.series import SeriesSearch
from engine.search.suppose import supposing, unnamed
from tests import factories as f
from tests.search.worlds import N_WORLDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from engine.model.appointment import Appointment

STARTS = ("08:00", "08:30", "09:00")
DAYS = 6


@st.composite
def worlds(draw: st.DrawFn) -> Schedule:
    """Two physicians with three starts a day, some of them taken, and a series of two or three visits."""
    offsets = sorted({0, *draw(st.lists(st.integers(1, 3), min_size=1, max_size=2))})
    tolerance = st.integers(0, 1)
    series = tuple(
        Occurrence(
            offset_days=n,
            before_days=draw(tolerance) if n else 0,
            after_days=draw(tolerance) if n else 0,
            duration_min=draw(st.sampled_from([None, None, 60])),
        )
        for n in offsets
    )
    open_days = f.weekly("08:00", "09:30", ("mon", "tue", "wed", "thu", "fri", "sat"))
    quota = draw(st.sampled_from([None, 1, 2]))
    segment = Segment(start="08:00", end="09:30", quota=quota)
    sessions = tuple(
        f.session(f"{who}-{n}", who, f.MONDAY + timedelta(n), "08:00", "09:30", segments=(segment,))
        for who in ("dr-a", "dr-b")
        for n in range(DAYS)
        if draw(st.integers(0, 5))
    )
    separated = (Separation(minutes=draw(st.sampled_from([30, 60, 24 * 60])), service="visit"),)
    problem = f.problem(
        resources=(f.practitioner(use="in-sessions"), f.practitioner("dr-b", use="in-sessions")),
        services=(f.service("visit", f.step(minutes=30)),),
        sites=(f.site(hours=Hours(weekly=(open_days,)), start_grid_min=30),),
        sessions=sessions,
        patients=(
            f.patient(
                unavailable=draw(st.sampled_from([(), (_away(1, "08:00", "09:00"),), (_away(2, "08:00", "09:30"),)]))
            ),
            f.patient("pat-2"),
        ),
        orders=(
            f.order(
                series=series,
                separations=separated if draw(st.booleans()) else (),
                preferred_practitioner=draw(st.sampled_from([None, "dr-a", "dr-b"])),
                preference=Preference(times=(f.period("08:30", "09:30"),) if draw(st.booleans()) else ()),
            ),
        ),
        days=DAYS,
        tick_min=30,
        policy=Policy(start_grid_min=30),
    )
    taken = draw(
        st.sets(
            st.tuples(st.integers(0, DAYS - 1), st.sampled_from(STARTS), st.sampled_from(["dr-a", "dr-b"])), max_size=8
        )
    )
    others = [_visit(f"other-{i}", f.MONDAY + timedelta(d), at, who) for i, (d, at, who) in enumerate(sorted(taken))]
    theirs = [a.model_copy(update={"order": None, "patient": "pat-2"}) for a in others]
    own: list[Appointment] = []
    if draw(st.integers(0, 3)) == 0:
        day, at, who = draw(
            st.sampled_from([(d, at, who) for d in range(2) for at in STARTS for who in ("dr-a", "dr-b")])
        )
        own.append(_visit("own", f.MONDAY + timedelta(day), at, who, series[0].duration_min or 30))
    return Schedule.of(problem, [*theirs, *own])


def _away(day: int, start: str, end: str) -> Interval:
    on = f.MONDAY + timedelta(day)
    return Interval(start=f.at(f"{on} {start}"), end=f.at(f"{on} {end}"))


def _visit(id: str, day: date, at: str, who: str, minutes: int = 30, **fields: object) -> Appointment:
    return f.appointment(id, f.placed("visit", f.at(f"{day} {at}"), minutes, {"doctor": who}), **fields)


def brute_force(schedule: Schedule) -> dict[date, tuple[int, int]]:
    """Of every first day the fewest visits without a place, and the least cost with these."""
    problem = schedule.problem
    order = problem.order_by_id["ord-1"]
    given_broken = set(check(schedule, now=f.NOW).violations)
    own = {a.occurrence: a for a in schedule.appointments if a.order == order.id}
    best: dict[date, tuple[int, int]] = {}

    def cost(now: Schedule) -> int:
        terms = check(now, now=f.NOW).breakdown.terms
        return sum(t.cost for t in terms if t.code != "unplaced")

    base = cost(schedule)

    def ways(i: int) -> Iterator[Appointment]:
        minutes = order.series[i].duration_min or 30
        for n in range(DAYS):
            for at in STARTS:
                for who in ("dr-a", "dr-b"):
                    yield _visit(f"new-{i}", f.MONDAY + timedelta(n), at, who, minutes, occurrence=i, booked_at=f.NOW)

    def extend(i: int, now: Schedule, left_out: int, first: Appointment | None) -> None:
        if i == len(order.series):
            assert first is not None
            day, found = local_day(problem, first), (left_out, cost(now) - base)
            best[day] = min(found, best.get(day, found))
            return
        if i in own:
            extend(i + 1, now, left_out, own[i] if i == 0 else first)
            return
        for visit in ways(i):
            after = now.changed(added=[visit])
            if set(check(after, now=f.NOW).violations) <= given_broken:
                extend(i + 1, after, left_out, visit if i == 0 else first)
        if i:
            extend(i + 1, now, left_out + 1, first)

    extend(0, schedule, 0, None)
    return best


@given(worlds())
@settings(max_examples=max(5, N_WORLDS // 3), deadline=None)
def test_the_best_set_of_every_first_day_is_that_of_brute_force(schedule: Schedule) -> None:
    if check(schedule, now=f.NOW).violations:
        return
    order = schedule.problem.order_by_id["ord-1"]
    occupancy = Occupancy.of(schedule, now=f.NOW)
    booked = {a.occurrence: a for a in occupancy.bookings.of_order(order.id)}
    with unnamed(occupancy, booked.values()):
        plans = list(SeriesSearch(occupancy, order, now=f.NOW, booked=booked).plans())
    found = {p.first_day: (len(p.clashes), p.cost) for p in plans}
    expected = brute_force(schedule)
    assert found == expected
    ranked = [(len(p.clashes), p.cost, p.first_day) for p in plans]
    assert ranked == sorted(ranked)


def test_what_is_supposed_is_gone_afterwards_even_after_an_error() -> None:
    schedule = Schedule.of(f.problem(), [f.appointment()])
    occupancy = Occupancy.of(schedule, now=f.NOW)
    before = occupancy.free.copy()
    try:
        with supposing(occupancy, [_visit("a", f.MONDAY, "10:00", "dr-a"), _visit("b", f.MONDAY, "11:00", "dr-a")]):
            assert len(occupancy.bookings.of_order("ord-1")) == 3
            raise RuntimeError
    except RuntimeError:
        pass
    assert (occupancy.free == before).all()
    with unnamed(occupancy, list(schedule.appointments)):
        assert not occupancy.bookings.of_order("ord-1")
        assert (occupancy.free == before).all()
    assert [a.id for a in occupancy.bookings.of_order("ord-1")] == ["app-1"]
