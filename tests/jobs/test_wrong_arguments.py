"""Every job refuses arguments of a wrong kind in plain words, before it does anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from engine.errors import WrongArgumentError
from engine.jobs.book_orders import book_orders
from engine.jobs.find_series import find_series
from engine.jobs.find_slots import find_slots
from engine.jobs.find_trip import find_trip
from engine.jobs.generate_template import generate_template
from engine.jobs.reschedule import reschedule
from engine.model.event import AppointmentEvent
from engine.model.schedule import Schedule
from tests.factories import NOW, appointment, order, problem

if TYPE_CHECKING:
    from collections.abc import Callable

WORLD = problem(orders=(order("ord-1"),))
SCHEDULE = Schedule.of(WORLD, [appointment("app-1")])
EVENT = AppointmentEvent(id="event-1", at=NOW, kind="cancellation", appointment="app-1")
NAIVE = NOW.replace(tzinfo=None)


def find(schedule: Any = SCHEDULE, order_id: Any = "ord-1", **given: Any) -> object:
    return find_slots(schedule, order_id, **{"now": NOW, **given})


def book(schedule: Any = SCHEDULE, **given: Any) -> object:
    return book_orders(schedule, **{"now": NOW, **given})


def repair(schedule: Any = SCHEDULE, events: Any = (EVENT,), **given: Any) -> object:
    return reschedule(schedule, events, **{"now": NOW, **given})


@pytest.mark.parametrize("job", [find, book, repair])
@pytest.mark.parametrize("now", [NAIVE, "2026-03-02", None])
def test_now_is_a_datetime_with_a_zone(job: Callable[..., object], now: Any) -> None:
    with pytest.raises(WrongArgumentError, match=r"^now: found .* expected a datetime with "):
        job(now=now)


@pytest.mark.parametrize("job", [find, book, repair])
def test_the_schedule_is_one(job: Callable[..., object]) -> None:
    with pytest.raises(WrongArgumentError, match=r"^schedule: found .* type Problem, expected a Schedule"):
        job(WORLD)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("order_id", order("ord-1")),
        ("order_id", None),
        ("k", 0),
        ("k", 1.5),
        ("occurrence", -1),
        ("start", NAIVE),
        ("end", "tomorrow"),
        ("practitioner", WORLD.resources[0]),
        ("site", WORLD.sites[0]),
        ("occupancy", SCHEDULE),
        ("ignoring", "app-1"),
        ("supposing", ()),
    ],
)
def test_find(name: str, given: Any) -> None:
    with pytest.raises(WrongArgumentError, match=f"^{name}: found "):
        find(**{name: given})


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("schedule", WORLD),
        ("now", NAIVE),
        ("k", 0),
        ("start", NAIVE),
        ("end", "tomorrow"),
        ("occupancy", SCHEDULE),
    ],
)
def test_find_several(name: str, given: Any) -> None:
    rest: dict[str, Any] = {"now": NOW, **({name: given} if name != "schedule" else {})}
    schedule: Any = given if name == "schedule" else SCHEDULE
    with pytest.raises(WrongArgumentError, match=f"^{name}: found "):
        find_series(schedule, "ord-1", **rest)
    with pytest.raises(WrongArgumentError, match=f"^{name}: found "):
        find_trip(schedule, "ord-1", **rest)


def test_find_several_of_what_is_no_id() -> None:
    order: Any = WORLD.orders[0]
    with pytest.raises(WrongArgumentError, match=r"^order_id: found "):
        find_series(SCHEDULE, order, now=NOW)
    with pytest.raises(WrongArgumentError, match=r"^given: found "):
        find_trip(SCHEDULE, order, now=NOW)


@pytest.mark.parametrize(("name", "given"), [("orders", "ord-1"), ("params", None), ("control", None)])
def test_book(name: str, given: Any) -> None:
    with pytest.raises(WrongArgumentError, match=f"^{name}: found "):
        book(**{name: given})


@pytest.mark.parametrize(
    ("name", "given"),
    [("events", EVENT), ("events", "event-1"), ("params", None), ("control", None), ("fill_count", -1)],
)
def test_reschedule(name: str, given: Any) -> None:
    with pytest.raises(WrongArgumentError, match=f"^{name}: found "):
        repair(**{name: given})


def test_events_by_their_ids_are_refused() -> None:
    with pytest.raises(WrongArgumentError, match=r"^events\[0\]: found 'event-1', expected an event"):
        repair(events=["event-1"])


@pytest.mark.parametrize(
    ("name", "given"), [("problem", SCHEDULE), ("problem", None), ("params", None), ("control", None)]
)
def test_generate_template(name: str, given: Any) -> None:
    arguments: dict[str, Any] = {"problem": WORLD, name: given}
    with pytest.raises(WrongArgumentError, match=f"^{name}: found "):
        generate_template(**arguments)
