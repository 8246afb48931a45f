"""Move. A move never blocks itself; a failed move changes nothing; identity, history and links survive a move."""

from __future__ import annotations

import pytest

from engine.check import check, check_change
from engine.errors import UnknownIdError
from engine.jobs.find_slots import find_slots
from engine.jobs.reschedule import reschedule
from engine.model.event import ResourceUnavailable
from engine.model.order import Prerequisite
from engine.model.result import accept
from engine.search import Occupancy
from engine.solver.params import SolveParams
from tests import factories as f
from tests.traps.asking import offered, taken, world

PARAMS = SolveParams(is_deterministic=True, deterministic_limit=0.3, workers=1)


def test_a_move_never_blocks_itself():
    """By ten minutes, into its own time."""
    schedule = world(f.appointment(start="09:00", booked_at=f.NOW), taken("09:30", 30))
    got = offered(schedule, ignoring=["app-1"])
    assert [t for t in got if "08:50" <= t <= "10:00"] == ["08:50", "08:55", "09:00", "09:05", "09:10", "10:00"]


def test_its_own_buffers_and_its_patient_do_not_block_it_either():
    step = f.step(roles=(f.role("doctor", setup_min=20, cleanup_min=20),))
    schedule = world(services=(f.service("visit", step),))
    (offer,) = find_slots(schedule, "ord-1", now=f.NOW, start=f.at("09:00"), k=1).offers
    booked = schedule.changed(added=[offer.appointment])
    assert offered(booked, ignoring=[offer.appointment.id]) == offered(schedule)


def test_a_failed_move_changes_nothing():
    """Nothing is offered elsewhere, or the visit is not there at all: it is booked as before."""
    session = f.session("s", "dr-a", start="09:00", end="09:20")
    schedule = world(f.appointment(start="09:00"), sessions=(session,), days=1,
                     resources=(f.practitioner(use="in-sessions"),))  # fmt: skip
    occupancy = Occupancy.of(schedule, now=f.NOW)
    free = occupancy.free.copy()
    asked = {"now": f.NOW, "occupancy": occupancy}
    assert find_slots(schedule, "ord-1", ignoring=["app-1"], start=f.at("09:05"), **asked).offers == ()
    with pytest.raises(UnknownIdError):
        find_slots(schedule, "ord-1", ignoring=["app-1", "app-9"], **asked)
    assert (occupancy.free == free).all()
    assert find_slots(schedule, "ord-1", **asked).reasons[0].code == "order-once"


def test_identity_history_and_links_survive_a_move():
    """The visit of ord-2 must come after that of ord-1, which moves to the afternoon."""
    orders = f.order(), f.order("ord-2", prerequisites=(Prerequisite(order="ord-1"),))
    first = f.appointment(
        "first", f.placed("visit", f.at("09:00"), 20, {"doctor": "dr-a"}), note="bring the card", booked_at=f.NOW,
        times_moved=1,
    )  # fmt: skip
    second = f.appointment(
        "second", f.placed("visit", f.at("2026-03-05 09:00"), 20, {"doctor": "dr-a"}), order="ord-2", booked_at=f.NOW
    )
    schedule = world(first, second, orders=orders)
    absence = ResourceUnavailable(
        id="e", at=f.NOW, kind="absence", resource="dr-a", start=f.at("08:00"), end=f.at("13:00")
    )
    result = reschedule(schedule, [absence], now=f.NOW, params=PARAMS)
    assert result.schedule is not None
    after = accept(schedule, result.proposals[0], result.schedule.problem)
    moved = after.appointments.by_id("first")
    assert moved.start >= f.at("13:00")
    assert moved.start < second.start
    assert (moved.order, moved.patient, moved.booked_at, moved.note) == ("ord-1", "pat-1", f.NOW, "bring the card")
    assert moved.times_moved == 2
    assert after.appointments.by_id("second") == second
    assert check(after, now=f.NOW).is_clean
    assert check_change(schedule, after, now=f.NOW, events=[absence]).is_clean
