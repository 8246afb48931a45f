from __future__ import annotations

import pytest

from engine.errors import WrongArgumentError
from engine.model.arguments import check_count, check_id, check_instant, check_kind, listed
from engine.model.event import EventBase
from engine.model.schedule import Schedule
from engine.scenario_io import Scenario
from tests.factories import NOW, order, problem


def told(function, *given) -> str:
    with pytest.raises(WrongArgumentError) as caught:
        function(*given)
    return str(caught.value)


def test_what_is_right_passes():
    check_kind("schedule", Schedule.of(problem()), Schedule)
    check_instant("now", NOW)
    check_count("k", 1, 1)
    check_id("order_id", "ord-1")
    assert listed("orders", (o for o in ("ord-1", "ord-2")), str, "an id") == ("ord-1", "ord-2")
    assert listed("orders", [], str, "an id") == ()


def test_a_value_of_another_class_names_both_and_where_the_right_one_may_be():
    world = problem()
    scenario = Scenario(world, Schedule.of(world))
    expected = "schedule: found a value of type Scenario, expected a Schedule. Maybe give its .schedule."
    assert told(check_kind, "schedule", scenario, Schedule) == expected
    assert told(check_kind, "schedule", None, Schedule) == "schedule: found None, expected a Schedule."


@pytest.mark.parametrize("given", ["2026-03-02", None, 5, NOW.date()])
def test_what_is_no_datetime(given):
    assert told(check_instant, "now", given).endswith(", expected a datetime with a time zone.")


def test_a_datetime_without_a_zone():
    message = told(check_instant, "now", NOW.replace(tzinfo=None))
    assert message.startswith(
        "now: found 2026-03-01 12:00:00 without a time zone, expected a datetime with one. Maybe "
    )


@pytest.mark.parametrize("given", [0, -1, 1.5, "3", True, None])
def test_what_is_no_count(given):
    assert told(check_count, "k", given, 1) == f"k: found {given!r}, expected a whole number from 1 on."


def test_a_thing_instead_of_its_id():
    message = "order_id: found a value of type Order, expected an id. Maybe give its .id."
    assert told(check_id, "order_id", order("ord-1")) == message
    assert told(check_id, "order_id", 7) == "order_id: found 7, expected an id."


def test_one_instead_of_a_list():
    expected = "orders: found 'ord-1', expected a list, each of it an id. Maybe put it in a list."
    assert told(listed, "orders", "ord-1", str, "an id") == expected
    event = EventBase(id="e", at=NOW)
    assert told(listed, "events", event, EventBase, "an event").endswith("an event. Maybe put it in a list.")
    assert told(listed, "orders", order("ord-1"), str, "an id") == (
        "orders: found a value of type Order, expected a list, each of it an id."
    )
    assert (
        told(listed, "events", None, EventBase, "an event")
        == "events: found None, expected a list, each of it an event."
    )


def test_something_else_in_a_list():
    assert (
        told(listed, "events", ["event-1"], EventBase, "an event") == "events[0]: found 'event-1', expected an event."
    )
    given = ["ord-1", order("ord-2")]
    expected = "orders[1]: found a value of type Order, expected an id. Maybe give its .id."
    assert told(listed, "orders", given, str, "an id") == expected


def test_a_long_text_is_cut():
    assert told(check_instant, "now", "x" * 99) == f"now: found '{'x' * 39}..., expected a datetime with a time zone."
