from __future__ import annotations

import pytest

from tests.factories import at, order, practitioner, role, room, service, site, step
from tests.model.references.expect import broken, faults_in, legal


def world(**fields):
    return {"orders": (order(**fields), order("ord-2")), "resources": [practitioner(), room()], "sites": SITES}


SITES = (site(), site("east"))


@pytest.mark.parametrize(
    ("fields", "place", "near"),
    [
        ({"patient": "pat1"}, "patient", "expected the id of a patient. Maybe you meant 'pat-1'."),
        ({"service": "vist"}, "service", "expected the id of a service. Maybe you meant 'visit'."),
        ({"required_practitioner": "dra"}, "required_practitioner", "'dr-a'"),
        ({"preferred_practitioner": "dra"}, "preferred_practitioner", "'dr-a'"),
        ({"required_practitioner": "room-1"}, "required_practitioner", "which is a room; expected a practitioner"),
        ({"preferred_practitioner": "room-1"}, "preferred_practitioner", "which is a room"),
        ({"required_site": "mian"}, "required_site", "'main'"),
        ({"preferred_sites": ["main", "est"]}, "preferred_sites[1]", "'east'"),
        ({"preferred_sites": ["main", "main"]}, "preferred_sites[1]", "again"),
        ({"preference": {"weekdays": ["mon", "mon"]}}, "preference.weekdays[1]", "again"),
        ({"modifiers": ["new", "new"]}, "modifiers[1]", "'new' again"),
        ({"modifiers": [""]}, "modifiers[0]", "blank"),
        ({"prerequisites": [{"order": "ord-3"}]}, "prerequisites[0].order", "expected the id of an order"),
        ({"prerequisites": [{"order": "ord-2"}] * 2}, "prerequisites[1]", "again"),
        ({"separations": [{"minutes": 5, "order": "ord-3"}]}, "separations[0].order", "expected the id of an order"),
        ({"separations": [{"minutes": 5, "service": "vist"}]}, "separations[0].service", "'visit'"),
        ({"separations": [{"minutes": 5, "order": "ord-1"}]}, "separations[0].order", "the order itself"),
        ({"separations": [{"minutes": 5, "service": "visit"}] * 2}, "separations[1]", "'service visit' again"),
    ],
)
def test_references_and_lists(fields, place, near):
    broken(f"orders[0].{place}", "found", near, "expected", **world(**fields))


def test_an_order_with_everything():
    legal(
        **world(
            required_practitioner="dr-a",
            preferred_practitioner="dr-a",
            required_site="main",
            preferred_sites=["main", "east"],
            preference={"weekdays": ["mon", "tue"]},
            modifiers=["new", "contrast"],
            prerequisites=[{"order": "ord-2"}],
            separations=[{"minutes": 5, "order": "ord-2"}, {"minutes": 5, "service": "visit"}],
            conditions=[{"kind": "referral", "valid_from": "2026-03-02", "valid_until": "2026-03-02"}],
            target={"day": "2026-03-04", "before_days": 1, "after_days": 1},
            earliest_start=at("2026-03-03 00:00"),
            deadline=at("2026-03-06 00:00"),
            due=at("2026-03-05 00:00"),
        )
    )


def test_a_condition_has_a_day():
    condition = {"kind": "consent", "valid_from": "2026-03-02", "valid_until": "2026-03-01"}
    broken("orders[0].conditions[0].valid_until", "no day before 2026-03-02", **world(conditions=[condition]))


def test_the_deadline_is_after_the_earliest_start():
    legal(**world(earliest_start=at("09:00"), deadline=at("09:20")))
    broken("orders[0].deadline", "found 2026-03-02T09:00", **world(earliest_start=at("09:00"), deadline=at("09:00")))


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"earliest_start": at("2026-03-06 00:00")}, None),
        ({"earliest_start": at("2026-03-06 23:59")}, None),
        ({"earliest_start": at("2026-03-07 00:00")}, "last day of 2026-03-06"),
        ({"deadline": at("2026-03-04 00:05")}, None),
        ({"deadline": at("2026-03-04 00:00")}, "first day of 2026-03-04"),
    ],
)
def test_a_target_is_inside_the_window(fields, says):
    """5 March, a day either way."""
    whole = world(target={"day": "2026-03-05", "before_days": 1, "after_days": 1}, **fields)
    if says is None:
        legal(**whole)
    else:
        broken("orders[0].target", says, **whole)


def test_a_target_counts_by_the_clock_of_any_site_it_could_be_at():
    """The last day ends in London an hour later than in Zurich."""
    sites = (site(), site("east", time_zone="Europe/London"))
    target, late = {"day": "2026-03-05"}, at("2026-03-06 00:30")
    legal(**{**world(target=target, earliest_start=late), "sites": sites})
    broken("orders[0].target", **{**world(target=target, earliest_start=late, required_site="main"), "sites": sites})


def series(*offsets, **fields):
    return {"series": [{"offset_days": n, **fields} for n in offsets]}


def test_a_series_ascends_from_0():
    legal(**world(**series(0, 7, 14)))
    broken("orders[0].series[0].offset_days", "found 1, expected 0", **world(**series(1, 7)))
    broken("orders[0].series[2].offset_days", "found 7 after 7", **world(**series(0, 7, 7)))
    assert len(faults_in(**world(**series(3, 2, 1)))) == 3


def test_durations_of_a_series_leave_roles_their_time():
    late = service("visit", step("short", 5), step("long", 60, [role("doctor", start="start+10")]))
    legal(**world(**series(0, duration_min=11)) | {"services": [late]})
    broken(
        "orders[0].series[0].duration_min",
        "found 10, in which role 'doctor' of step 'long' has no time",
        **world(**series(0, duration_min=10)) | {"services": [late]},
    )


def test_durations_of_a_series_of_stays_mean_nothing():
    stay = service("visit", step("stay", nights=1, roles=[]))
    legal(**world(**series(0, duration_min=10)) | {"services": [stay]})
