"""Block release. At a site-local instant; owner against claimant; release never evicts anyone."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.check import check
from engine.jobs.find_slots import find_slots
from engine.model.hours import Hours
from engine.model.session import Release, Segment, SurgeryBlock
from tests import factories as f
from tests.traps.asking import offered, taken, world

MINUTE = timedelta(minutes=1)
THEATRE = {
    "resources": (
        f.practitioner("owner", capabilities=("surgery",)),
        f.practitioner("other", capabilities=("surgery",)),
        f.room("theatre", use="in-sessions"),
    ),
    "services": (
        f.service("visit", f.step(minutes=60, roles=(f.role("surgeon", capabilities=("surgery",)),
                                                     f.role("room", "room")))),
    ),
    "orders": (f.order(required_practitioner="other"), f.order("ord-2", required_practitioner="owner")),
}  # fmt: skip


def block(**fields):
    return SurgeryBlock(**{
        "id": "b", "theatre": "theatre", "day": f.MONDAY, "period": f.period("08:00", "12:00"), "practitioner": "owner",
        "release": Release(days_before=3, at="12:00"), **fields,
    })  # fmt: skip


RELEASE = f.at("2026-02-27 12:00")


@pytest.mark.parametrize("after", [-MINUTE, 0 * MINUTE, MINUTE])
def test_it_is_released_at_a_site_local_instant(after):
    schedule = world(**THEATRE, blocks=(block(),))
    (like, *_) = find_slots(schedule, "ord-1", now=RELEASE, k=1).offers
    like_then = like.appointment.model_copy(update={"booked_at": RELEASE + after})
    got = offered(schedule, now=RELEASE + after, like=like_then)
    assert bool(got) == (after >= 0 * MINUTE)


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Los_Angeles"])
def test_the_instant_is_that_of_the_theatres_site(zone):
    schedule = world(**THEATRE, blocks=(block(),), sites=(f.site(time_zone=zone, hours=Hours(weekly=(f.weekly(),))),))
    release = RELEASE.replace(tzinfo=ZoneInfo(zone))
    assert find_slots(schedule, "ord-1", now=release - MINUTE).offers == ()
    assert find_slots(schedule, "ord-1", now=release).offers


def test_before_it_the_owner_may_and_the_claimant_may_not():
    schedule, before = world(**THEATRE, blocks=(block(),)), RELEASE - MINUTE
    assert offered(schedule, "ord-2", now=before)[0] == "08:00"
    (claim, *_) = find_slots(schedule, "ord-1", now=RELEASE, k=1).offers
    report = check(schedule.changed(added=[claim.appointment.model_copy(update={"booked_at": before})]), now=before)
    assert [v.code for v in report.violations] == ["block-owner"]


def test_after_it_whoever_comes_first_has_it():
    schedule = world(**THEATRE, blocks=(block(),))
    (claim, *_) = find_slots(schedule, "ord-1", now=RELEASE, k=1).offers
    (mine, *_) = find_slots(schedule, "ord-2", now=RELEASE, k=1).offers
    for first, second, order in ((claim, mine, "ord-2"), (mine, claim, "ord-1")):
        booked = schedule.changed(added=[first.appointment])
        assert check(booked, now=RELEASE).violations == ()
        both = booked.changed(
            added=[second.appointment.model_copy(update={"id": "second", "patient": None, "order": None})]
        )
        assert {v.code.value for v in check(both, now=RELEASE).violations} == {"capacity"}
        # The patient is the same, and is through at nine as the theatre is.
        assert offered(booked, order, now=RELEASE)[0] == "09:00"


def test_it_never_evicts_anyone():
    """The owner's visit stays after the release, and a claimant's stays when the release is set later afterwards."""
    schedule = world(**THEATRE, blocks=(block(),))
    (mine, *_) = find_slots(schedule, "ord-2", now=RELEASE - MINUTE, k=1).offers
    assert check(schedule.changed(added=[mine.appointment]), now=RELEASE + MINUTE).violations == ()
    (claim, *_) = find_slots(schedule, "ord-1", now=RELEASE, k=1).offers
    assert check(schedule.changed(added=[claim.appointment]), now=f.at("07:00")).violations == ()


def test_a_block_without_release_is_never_given_away():
    schedule = world(**THEATRE, blocks=(block(release=None),))
    assert find_slots(schedule, "ord-1", now=f.at("07:59")).offers == ()
    assert find_slots(schedule, "ord-2", now=f.at("07:59")).offers


@pytest.mark.parametrize("after", [-MINUTE, 0 * MINUTE])
def test_time_kept_for_urgent_orders_is_released_alike(after):
    kept = Segment(start="08:00", end="10:00", is_kept_for_urgent=True, release=Release(days_before=0, at="07:00"))
    session = f.session("s", "dr-a", end="10:00", segments=(kept,))
    fields = {"resources": (f.practitioner(use="in-sessions"),), "sessions": (session,)}
    schedule, now = world(**fields), f.at("07:00") + after
    assert bool(offered(schedule, now=now, like=taken("08:00", 20))) == (after == 0 * MINUTE)
    assert offered(world(**fields, orders=(f.order(priority="urgent"),)), now=now, like=taken("08:00", 20))
    early = taken("08:00", 20, booked_at=now)
    codes = [v.code for v in check(world(early, **fields), now=f.at("07:30")).violations]
    assert codes == ([] if after == 0 * MINUTE else ["kept-back"])  # judged by when it was booked
