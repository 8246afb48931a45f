"""Any sequence of bookings, cancellations and expiries leaves the occupancy as a new one would be."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from engine.errors import UnknownIdError
from engine.model.appointment import BLOCKING, AppointmentStatus, GroupOccurrence, Override
from engine.model.policy import Policy
from engine.model.schedule import Schedule
from engine.model.service import HeldResource, RoleUse
from engine.model.session import ClassQuota, Segment
from engine.search import Occupancy, find
from tests import factories as f
from tests.search.worlds import N_WORLDS

HELD = HeldResource(role=f.role("kept", "room"), first="one", last="two")
RESOURCES = (
    f.practitioner("dr-a", presence_limit=2, overflow_lanes=1),
    f.practitioner("dr-b"),
    f.room("room-1", lanes=2),
    f.room("room-2", buffers="overlap", cleanup_min=10),
)
WORLD = f.problem(
    RESOURCES,
    (
        f.service("visit", f.step(roles=(f.role("doctor"), f.role("room", "room"), f.role("late", start="end-10")))),
        f.service("two", f.step("one"), f.step("two"), held=(HELD,)),
        f.service("class", f.step(), group_size=3),
    ),
    days=1,
    sessions=(
        f.session(
            "am",
            "dr-a",
            overbooking_lanes=1,
            segments=(Segment(start="08:00", end="10:00", quota=2), Segment(start="10:00", end="12:00", quota=1)),
            class_quotas=(ClassQuota(patient_class="inpatient", quota=1),),
        ),
        f.session("room", "room-1", class_quotas=(ClassQuota(patient_class="outpatient", quota=3),)),
    ),
    policy=Policy(overridable_by={"capacity": ("head",)}),
    patients=(f.patient(), f.patient("pat-2")),
    orders=(f.order(), f.order("ord-2", patient="pat-2")),
)
GROUP = GroupOccurrence(
    id="group", service="class", seats=3, steps=(f.placed("visit", f.at("09:00"), 60, {"doctor": "dr-b"}),)
)
OVERRIDE = Override(rule="capacity", by="somebody", role="head", reason="urgent", at=f.NOW)


@st.composite
def appointments(draw, id):
    start = f.at("08:00") + timedelta(minutes=draw(st.integers(-30, 70)) * 5 + draw(st.sampled_from([0, 0, 2])))
    minutes = draw(st.sampled_from([3, 10, 20, 40]))
    end = start + timedelta(minutes=minutes)
    fields = {
        "patient": draw(st.sampled_from([None, "pat-1", "pat-2"])),
        "order": draw(st.sampled_from([None, "ord-1", "ord-2"])),
        "patient_class": draw(st.sampled_from(["outpatient", "inpatient"])),
        "status": draw(st.sampled_from(["booked", "booked", "fulfilled", "cancelled", "proposed"])),
        "overrides": draw(st.sampled_from([(), (), (OVERRIDE,)])),
    }
    if draw(st.integers(0, 3)) == 0:
        fields["status"] = "pending"
        fields["expires_at"] = f.NOW + timedelta(minutes=draw(st.integers(-10, 10)))
    if draw(st.integers(0, 4)) == 0:
        fields |= {"service": "class", "group": "group", "order": None}
        return f.appointment(id, f.placed("visit", f.at("09:00"), 60), **fields)
    if draw(st.integers(0, 4)) == 0:
        later = end + timedelta(minutes=20)
        held = f.reservation("kept", draw(st.sampled_from(["room-1", "room-2"])), start, later)
        steps = (f.placed("one", start, minutes, [held]), f.placed("two", end, 20, {"doctor": "dr-b"}))
        return f.appointment(id, *steps, **{**fields, "service": "two", "order": None})
    chosen = draw(st.lists(st.sampled_from(RESOURCES), min_size=1, max_size=3, unique_by=lambda r: r.id))
    roles = {"practitioner": ["doctor", "late", "no-such-role"], "room": ["room"]}
    reservations = tuple(
        f.reservation(
            draw(st.sampled_from(roles[r.kind])),
            r.id,
            start,
            end,
            units=draw(st.sampled_from([1, 1, 2])),
            use=draw(st.sampled_from(["exclusive", "exclusive", "presence"]))
            if r.kind == "practitioner"
            else "exclusive",
        )
        for r in chosen
    )
    return f.appointment(id, f.placed("visit", start, minutes, reservations), **fields)


def state(occupancy):
    """Everything an occupancy knows, in a form in which two can be compared."""
    none = np.zeros(occupancy.n_ticks, np.int16)
    answers = {
        "free": occupancy.free,
        "used": occupancy.used,
        "segments": occupancy.quotas.segments.count,
        "classes": occupancy.quotas.classes.count,
    }
    for r in range(len(RESOURCES)):
        answers[f"present {r}"] = occupancy.present(r) if occupancy.present(r).size else none
        answers[f"spare {r}"] = occupancy.spare(r) if occupancy.spare(r).size else none
        for use in RoleUse:
            answers[f"{use} {r}"] = occupancy.available(r, use, 2)
        answers[f"uses {r}"] = np.array(sorted((u.window_start, u.end) for u in occupancy.spacing.uses_of(r)))
        apart = occupancy.spacing.window_free(r, 0, 5, None)
        answers[f"apart {r}"] = none if apart is None else apart
    for order in WORLD.orders:
        starts = [(c.start, c.cost) for c in find(occupancy, order, now=occupancy.now, k=4)]
        answers[f"starts {order.id}"] = np.array(starts)
    return answers


class Bookings(RuleBasedStateMachine):
    booked = Bundle("booked")

    @initialize(data=st.data(), n=st.integers(0, 4))
    def open(self, data, n):
        self.count = n
        self.now = f.NOW
        self.here = {f"app-{i}": data.draw(appointments(f"app-{i}")) for i in range(n)}
        self.occupancy = Occupancy.of(self.schedule(), now=self.now)
        self.asked = 0

    def schedule(self):
        return Schedule.of(WORLD, self.here.values(), groups=(GROUP,))

    @rule(target=booked, data=st.data())
    def book(self, data):
        made = data.draw(appointments(f"app-{self.count}"))
        self.count += 1
        self.occupancy.book(made)
        self.here[made.id] = made
        return made.id

    @rule(id=consumes(booked))
    def cancel(self, id):
        if id in self.here:
            assert self.occupancy.cancel(id) == self.here.pop(id)

    @rule(data=st.data())
    def cancel_what_was_there(self, data):
        if self.here:
            self.cancel(data.draw(st.sampled_from(sorted(self.here))))

    @rule(minutes=st.integers(-12, 12))
    def look_at_another_time(self, minutes):
        self.now = f.NOW + timedelta(minutes=minutes)
        self.occupancy.at(self.now)

    @rule(data=st.data())
    def leave_some_out_for_a_while(self, data):
        ids = data.draw(st.lists(st.sampled_from(sorted(self.here)), max_size=3)) if self.here else []
        with self.occupancy.without(ids):
            rest = [a for a in self.here.values() if a.id not in ids]
            self.same(Occupancy.of(Schedule.of(WORLD, rest, groups=(GROUP,)), now=self.now))

    @rule()
    def ask(self):
        """Asking fills the caches, which the next booking must empty again."""
        self.asked += len(find(self.occupancy, WORLD.orders[0], now=self.now, k=3))

    @invariant()
    def is_as_a_new_one(self):
        if hasattr(self, "occupancy"):
            self.same(Occupancy.of(self.schedule(), now=self.now))

    def same(self, fresh):
        got, expected = state(self.occupancy), state(fresh)
        for name, value in expected.items():
            assert np.array_equal(got[name], value), name


TestBookings = Bookings.TestCase
TestBookings.settings = settings(max_examples=N_WORLDS // 2, stateful_step_count=10)


def one(*booked, **fields):
    return Occupancy.of(Schedule.of(f.problem(**fields), booked), now=f.NOW)


def free_at(occupancy, text, r=0):
    tick = occupancy.grid.exact(f.at(text))
    return bool(occupancy.free[r][tick >> 6] >> np.uint64(tick & 63) & np.uint64(1))


def test_statuses_that_block_take_time_and_others_do_not():
    for status in AppointmentStatus:
        occupancy = one(f.appointment(status=status))
        assert free_at(occupancy, "09:00") == (status not in BLOCKING), status
        assert free_at(occupancy, "08:55")
        assert free_at(occupancy, "09:20")


def test_an_expired_hold_that_nobody_swept_does_not_block():
    hold = f.appointment(status="pending", expires_at=f.NOW + timedelta(minutes=10))
    occupancy = one(hold)
    assert not free_at(occupancy, "09:00")
    occupancy.at(f.NOW + timedelta(minutes=10, seconds=-1))
    assert not free_at(occupancy, "09:00")
    occupancy.at(f.NOW + timedelta(minutes=10))
    assert free_at(occupancy, "09:00")
    occupancy.at(f.NOW)
    assert not free_at(occupancy, "09:00")


def test_a_lane_is_counted_over_time_whatever_the_order_of_bookings():
    """Capacity 2 with 9-10 and 10-11 booked has room for 9-11, in whichever lane they were thought to be."""
    first = f.appointment("a", f.placed("visit", f.at("09:00"), 60, {"doctor": "dr-a"}), order=None)
    second = f.appointment("b", f.placed("visit", f.at("10:00"), 60, {"doctor": "dr-a"}), order=None)
    for booked in ([first, second], [second, first]):
        occupancy = one(*booked, resources=(f.practitioner(lanes=2),))
        assert all(free_at(occupancy, t) for t in ("09:00", "09:55", "10:00", "10:55"))
        occupancy.book(f.appointment("c", f.placed("visit", f.at("09:30"), 60, {"doctor": "dr-a"}), order=None))
        assert [free_at(occupancy, t) for t in ("09:25", "09:30", "10:25", "10:30")] == [True, False, False, True]


def test_lowering_a_capacity_leaves_old_bookings_alone():
    both = [f.appointment(i, f.placed("visit", f.at("09:00"), 20, {"doctor": "dr-a"}), order=None) for i in "ab"]
    occupancy = one(*both)
    assert occupancy.used[0].max() == 2
    occupancy.cancel("a")
    assert not free_at(occupancy, "09:00")
    occupancy.cancel("b")
    assert free_at(occupancy, "09:00")


def test_a_visit_before_or_after_the_horizon_takes_nothing():
    past = f.appointment("a", f.placed("visit", f.at("2026-01-05 09:00"), 20, {"doctor": "dr-a"}), order=None)
    later = f.appointment("b", f.placed("visit", f.at("2027-01-05 09:00"), 20, {"doctor": "dr-a"}), order=None)
    assert one(past, later).used.sum() == 0


def test_what_is_not_there_cannot_be_cancelled_and_what_is_cannot_be_booked_again():
    occupancy = one(f.appointment())
    with pytest.raises(UnknownIdError, match="There is no appointment 'app-2'"):
        occupancy.cancel("app-2")
    with pytest.raises(ValueError, match="'app-1' is there already"):
        occupancy.book(f.appointment())
    occupancy.cancel("app-1")
    with pytest.raises(UnknownIdError):
        occupancy.cancel("app-1")
    occupancy.book(f.appointment())
    assert not free_at(occupancy, "09:00")


def test_leaving_out_is_undone_when_something_goes_wrong():
    occupancy = one(f.appointment())

    def fail():
        with occupancy.without(["app-1"]):
            assert free_at(occupancy, "09:00")
            raise RuntimeError("in between")

    with pytest.raises(RuntimeError, match="in between"):
        fail()
    assert not free_at(occupancy, "09:00")


def test_a_booking_of_a_resource_that_the_problem_has_not_is_passed_over():
    stranger = f.appointment("a", f.placed("visit", f.at("09:00"), 20, {"doctor": "nobody"}), order=None)
    occupancy = one(stranger)
    assert occupancy.used.sum() == 0
    occupancy.cancel("a")
    assert occupancy.used.sum() == 0


def test_what_cannot_be_supposed_changes_nothing():
    """A visit that is not there, behind one that is."""
    occupancy = one(f.appointment())
    with pytest.raises(UnknownIdError), occupancy.without(["app-1", "app-2"]):
        pass
    assert not free_at(occupancy, "09:00")
    ten = f.appointment("app-2", start="10:00", order=None)
    with pytest.raises(ValueError, match="'app-1' is there already"), occupancy.supposing(
        added=[ten, f.appointment()]
    ):  # fmt: skip
        pass
    assert free_at(occupancy, "10:00")


def test_what_the_schedule_held_comes_back_as_it_was():
    """The same visit under the same id is the table's again, and its patient is where the table says."""
    problem = f.problem()
    occupancy = Occupancy.of(Schedule.of(problem, [f.appointment(order=None)]), now=f.NOW)
    order = problem.orders[0]

    def starts():
        nine = problem.grid.exact(f.at("09:00"))
        return [c.start for c in find(occupancy, order, now=f.NOW, k=20, first=nine - 5, stop=nine + 6)]

    before = starts()
    with occupancy.without(["app-1"]):
        assert len(starts()) == 11
    assert starts() == before
    assert occupancy.bookings.added_of_patient("pat-1") == []
