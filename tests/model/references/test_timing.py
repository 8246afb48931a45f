from __future__ import annotations

from datetime import timedelta

import pytest

from engine.model.calendar import Interval
from tests.factories import at, service, site, step
from tests.model.references.expect import broken, faults_in, horizon, legal


@pytest.mark.parametrize("tick", [1, 5, 10, 15, 60])
def test_a_tick_divides_the_day(tick):
    legal(tick_min=tick, policy={"start_grid_min": 60})


def test_a_tick_that_does_not_divide_the_day():
    broken("tick_min", "found 7", "divide a day of 1440", tick_min=7, policy={"start_grid_min": 14})


def test_the_start_grid_is_a_multiple_of_the_tick():
    broken("policy.start_grid_min", "found 12", "a multiple of the tick of 5 min", policy={"start_grid_min": 12})
    broken("sites[0].start_grid_min", "found 7", sites=(site(start_grid_min=7),))
    legal(sites=(site(start_grid_min=20),), policy={"start_grid_min": 15})


def test_the_horizon_has_a_tick():
    start = at("00:00")
    legal(horizon=Interval(start=start, end=start + timedelta(minutes=5)))
    broken("horizon", "is 4 min long", horizon=Interval(start=start, end=start + timedelta(minutes=4)))


def test_a_stay_ends_on_a_tick():
    stay = service("visit", step("stay", nights=2, roles=[]))
    broken(
        "policy.discharge_at", "found 11:03", "'visit' has a stay", services=[stay], policy={"discharge_at": "11:03"}
    )
    legal(services=[stay], policy={"discharge_at": "11:05"})
    legal(policy={"discharge_at": "11:03"})


def test_the_horizon_starts_on_a_tick_of_local_midnight():
    broken("horizon.start", "is 00:02 at site 'main'", horizon=horizon("2026-03-02 00:02"))
    legal(horizon=horizon("2026-03-02 00:05"))
    legal(horizon=horizon("2026-03-02 00:02"), tick_min=1)


def test_ticks_meet_midnight_at_every_site():
    here, nepal = site(), site("nepal", time_zone="Asia/Kathmandu")
    legal(sites=(here, nepal), tick_min=15, policy={"start_grid_min": 15})
    broken(
        "sites[1].time_zone",
        "04:45 at site 'nepal' (Asia/Kathmandu)",
        "Maybe use a shorter tick",
        sites=(here, nepal),
        tick_min=30,
        policy={"start_grid_min": 30},
    )


def test_an_odd_offset_alone_does_not_matter():
    """Kathmandu is at +05:45: ticks of an hour from its own midnight fall on all of its midnights."""
    fields = {"sites": (site(time_zone="Asia/Kathmandu"),), "tick_min": 60, "policy": {"start_grid_min": 60}}
    legal(horizon=horizon(zone="Asia/Kathmandu"), **fields)
    broken("horizon.start", "is 04:45", horizon=horizon(zone="Europe/Zurich"), **fields)


def test_clocks_that_change_by_no_multiple_of_the_tick():
    """Lord Howe Island changes its clocks by half an hour, in 2026 on 5 April."""
    fields = {"sites": (site(time_zone="Australia/Lord_Howe"),), "policy": {"start_grid_min": 60}}
    over_the_change = horizon("2026-04-01 00:00", zone="Australia/Lord_Howe")
    before_the_change = horizon("2026-03-01 00:00", zone="Australia/Lord_Howe")
    legal(horizon=over_the_change, tick_min=30, **fields)
    legal(horizon=before_the_change, tick_min=60, **fields)
    broken("sites[0].time_zone", "change before 2026-04-06", horizon=over_the_change, tick_min=60, **fields)


def test_a_zone_is_complained_about_once():
    sites = (site(), site("nepal", time_zone="Asia/Kathmandu"), site("pokhara", time_zone="Asia/Kathmandu"))
    faults = faults_in(sites=sites, tick_min=30, policy={"start_grid_min": 30})
    assert [fault.place for fault in faults] == ["sites[1].time_zone"]
