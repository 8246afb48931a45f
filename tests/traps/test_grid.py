"""Grid. The start step is neither duration nor duration and buffer, and a booking does not shift it."""

from __future__ import annotations

from engine.model.policy import Policy
from tests import factories as f
from tests.traps.asking import offered, taken, world


def on_a_grid_of(minutes, *booked, lasting=20, roles=None, **fields):
    services = (f.service("visit", f.step(minutes=lasting, roles=roles)),)
    return world(*booked, services=services, policy=Policy(start_grid_min=minutes), **fields)


def test_a_duration_shorter_than_the_step():
    assert offered(on_a_grid_of(30))[:3] == ["08:00", "08:30", "09:00"]


def test_a_duration_longer_than_the_step():
    got = offered(on_a_grid_of(15, lasting=40))
    assert (got[:3], got[-1]) == (["08:00", "08:15", "08:30"], "17:15")


def test_duration_and_buffer_are_not_the_step():
    role = f.role("doctor", setup_min=5, cleanup_min=10)
    got = offered(on_a_grid_of(15, roles=(role,)))
    assert got[:3] == ["08:15", "08:30", "08:45"]


def test_no_drift_after_a_booking_off_the_grid():
    got = offered(on_a_grid_of(15, taken("08:50", 25)))
    assert [t for t in got if t < "10:00"] == ["08:00", "08:15", "08:30", "09:15", "09:30", "09:45"]


def test_a_session_off_the_grid_does_not_move_it():
    session = f.session("s", "dr-a", start="08:10", end="09:50")
    got = offered(on_a_grid_of(15, resources=(f.practitioner(use="in-sessions"),), sessions=(session,)))
    assert got == ["08:15", "08:30", "08:45", "09:00", "09:15", "09:30"]


def test_a_sites_own_step():
    site = f.site(start_grid_min=60)
    assert offered(on_a_grid_of(15, sites=(site,)))[:2] == ["08:00", "09:00"]
