from __future__ import annotations

import pytest

from tests.factories import practitioner, room, site
from tests.model.references.expect import broken, legal

RESOURCES = [practitioner(), room(), room("far", site="east")]
SITES = (site(), site("east"))


def entry(id="mon", **fields):
    times = {"period": {"from": "08:00", "to": "12:00"}, "on": {"day": "mon"}}
    return {"id": id, "owner": "dr-a", "site": "main", **times, **fields}


def block(id="mon", **fields):
    times = {"period": {"from": "08:00", "to": "12:00"}, "on": {"day": "mon"}}
    return {"id": id, "theatre": "room-1", "practitioner": "dr-a", **times, **fields}


def world(*sessions, blocks=(), **fields):
    whole = {"id": "today", "name": "Today", "effective_from": "2026-03-02", "sessions": sessions, "blocks": blocks}
    return {"templates": [{**whole, **fields}], "resources": RESOURCES, "sites": SITES}


PLACE = "templates[0].sessions[0]"


def test_a_template():
    legal(**world(entry(rooms=["room-1"]), blocks=[block("tue", services=["visit"])]))


def test_entries_have_ids_of_their_own():
    broken("templates[0].sessions[1].id", "sessions[0] has already", **world(entry(), entry()))
    broken("templates[0].blocks[0].id", "templates[0].sessions[0] has already", **world(entry(), blocks=[block()]))


def test_another_version_has_the_same_entries():
    one, two = world(entry())["templates"][0], world(entry(), id="next")["templates"][0]
    legal(**{**world(), "templates": [one, two]})


@pytest.mark.parametrize("kind", ["sessions", "blocks"])
def test_ids_leave_room_for_the_date(kind):
    make = entry if kind == "sessions" else block

    def fields(given):
        return world(**{"blocks": [make(given)]}) if kind == "blocks" else world(make(given))

    legal(**fields("x" * 89))
    broken(f"templates[0].{kind}[0].id", "90 characters, expected at most 89", **fields("x" * 90))
    broken(f"templates[0].{kind}[0].id", "blank", **fields(""))


def test_weeks_are_in_the_cycle():
    legal(**world(entry(on={"day": "mon", "weeks": [1, 2]}), cycle_weeks=2))
    broken(
        f"{PLACE}.on.weeks[1]", "found 3", "1 to 2", **world(entry(on={"day": "mon", "weeks": [1, 3]}), cycle_weeks=2)
    )
    broken(f"{PLACE}.on.weeks[1]", "again", **world(entry(on={"day": "mon", "weeks": [1, 1]})))


def test_entries_are_checked_as_sessions_and_blocks_are():
    broken(f"{PLACE}.owner", "'dr-a'", **world(entry(owner="dr-aa")))
    broken(f"{PLACE}.site", "where 'dr-a' works", **world(entry(site="east")))
    broken(f"{PLACE}.rooms[0]", "at site 'east'", **world(entry(rooms=["far"])))
    broken(f"{PLACE}.segments[0].to", "within", **world(entry(segments=[{"from": "11:00", "to": "13:00"}])))
    broken(f"{PLACE}.breaks[0].minutes", **world(entry(breaks=[{"minutes": 9, "from": "11:00", "to": "11:08"}])))
    broken("templates[0].blocks[0].theatre", "a practitioner", **world(blocks=[block(theatre="dr-a")]))


def test_times_that_some_day_lacks_are_no_fault_of_a_template():
    legal(**world(entry(period={"from": "02:30", "to": "04:00"}, on={"day": "sun"})))
