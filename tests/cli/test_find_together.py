"""`slotwright find` of a series and of tied orders: all visits offered, and booked, together."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from engine.check import check
from engine.model.hours import Hours, HoursException
from engine.model.order import Occurrence, Tie
from engine.scenario_io import load_scenario
from tests import factories as f
from tests.cli import worlds

if TYPE_CHECKING:
    from pathlib import Path

SERIES = tuple(Occurrence(offset_days=2 * n) for n in range(3))


@pytest.fixture
def clinic(saved):
    """ord-2 is a series of three visits; ord-3 and ord-8 belong together, and so do ord-4 and ord-5, both series."""
    orders = {o.id: o for o in worlds.clinic_problem().orders}
    for name in ("ord-2", "ord-4", "ord-5"):
        orders[name] = orders[name].model_copy(update={"series": SERIES})
    ties = (
        Tie(id="trip", kind="household", orders=("ord-3", "ord-8"), max_wait_min=30),
        Tie(id="both", kind="same-day", orders=("ord-4", "ord-5")),
    )
    return saved(worlds.clinic(orders=tuple(orders.values()), ties=ties))


def answer(run, path: Path, *options: str, status: int = 0):
    result = run("find", path, "--json", *options)
    assert result.exit_code == status, result.stderr
    return json.loads(result.stdout)


def test_a_series_is_offered_whole(run, clinic: Path) -> None:
    shape = answer(run, clinic, "--order", "ord-2", "--count", "2")
    assert [o["rank"] for o in shape["offers"]] == [1, 2]
    best = shape["offers"][0]
    assert [v["appointment"]["occurrence"] for v in best["visits"]] == [0, 1, 2]
    assert best["cost"] == sum(best["costs"].values()) == sum(v["cost"] for v in best["visits"])
    assert (best["start"], best["is_proven"]) == (best["visits"][0]["start"], True)
    assert shape["nearly"] == shape["obstacles"] == []
    assert shape["recall"] is None
    said = run("find", clinic, "--order", "ord-2").stdout
    assert "Mon 2 Mar 2026 08:00–08:20" in said
    assert "Fri 6 Mar 2026 08:00–08:20" in said
    assert "Always at 08:00, with Dr. Ade." in said
    assert "The visits of offer 1" in said


def test_one_visit_of_a_series_can_be_asked_for(run, clinic: Path) -> None:
    shape = answer(run, clinic, "--order", "ord-2", "--occurrence", "0")
    assert "visits" not in shape["offers"][0]
    assert shape["offers"][0]["appointment"]["occurrence"] == 0


def test_a_series_is_booked_whole(run, clinic: Path, tmp_path: Path) -> None:
    out = tmp_path / "agreed.json"
    result = run("find", clinic, "--order", "ord-2", "--accept", "2", "--out", out)
    assert result.exit_code == 0
    assert "Offer 2 booked as visit-ord-2.1, Mon 9 Mar 2026 08:00–08:20 and 2 more visits" in result.stderr
    after = load_scenario(out)
    assert sorted(a.id for a in after.schedule.appointments) == [f"visit-ord-2.{n}" for n in (1, 2, 3)]
    assert check(after.schedule, now=after.problem.horizon.start).is_clean
    again = answer(run, out, "--order", "ord-2", status=1)
    assert "has a visit already" in again["obstacles"][0]["message"]


def test_the_visit_that_clashes_is_shown_with_what_could_be_done(run, saved, tmp_path: Path) -> None:
    problem = worlds.clinic_problem()
    away = Hours(
        exceptions=(HoursException(kind="leave", start=f.at("2026-03-04 00:00"), end=f.at("2026-03-16 00:00")),)
    )
    people = tuple(r.model_copy(update={"hours": away}) if r.kind == "practitioner" else r for r in problem.resources)
    order = problem.orders[1].model_copy(update={"series": SERIES[:2]})
    path = saved(worlds.scenario_of(problem.changed(resources=people, orders=(order,))))
    result = run("find", path, "--order", "ord-2")
    assert result.exit_code == 1
    assert "No start makes all 2 visits fit. There is no place for 1 of them:" in result.stdout
    assert "Wed 4 Mar 2026" in result.stdout
    assert "Tue 3 Mar 2026 08:00–08:20, outside its" in result.stdout
    assert "Other first days: Tue 3 Mar 2026 08:00–08:20 (no place for 1)." in result.stdout
    shape = answer(run, path, "--order", "ord-2", status=1)
    (clash,) = shape["nearly"][0]["clashes"]
    assert (clash["occurrence"], clash["first_day"]) == (1, "2026-03-04")
    assert clash["nearest"]["start"] == "2026-03-03T08:00+01:00"
    assert clash["obstacles"][0]["resources"] == ["dr-a", "dr-b"]
    assert clash["helps"] == []
    helped = run("find", path, "--order", "ord-2", "--what-would-help")
    assert helped.exit_code == 1
    assert "Nothing needs to change" not in helped.stdout
    refused = run("find", path, "--order", "ord-2", "--accept", "1", "--out", tmp_path / "no.json")
    assert refused.exit_code == 1
    assert not (tmp_path / "no.json").exists()


def test_a_series_that_ends_after_the_plan_is_for_the_recall_list(run, saved) -> None:
    order = worlds.clinic_problem().orders[1]
    far = order.model_copy(update={"series": (Occurrence(offset_days=0), Occurrence(offset_days=28))})
    result = run("find", saved(worlds.clinic(orders=(far,))), "--order", "ord-2")
    assert result.exit_code == 1
    assert "the recall list" in result.stdout
    assert "Recall list: look again on Tue 17 Mar 2026." in result.stdout


def test_tied_orders_are_offered_together(run, clinic: Path) -> None:
    shape = answer(run, clinic, "--order", "ord-8")
    assert (shape["tie"], shape["orders"]) == ("trip", ["ord-3", "ord-8"])
    for offer in shape["offers"]:
        assert {v["appointment"]["order"] for v in offer["visits"]} == {"ord-3", "ord-8"}
    said = run("find", clinic, "--order", "ord-8").stdout
    assert "ord-3" in said
    assert "pat-3" in said
    assert worlds.PATIENT_NAME not in said


def test_tied_orders_are_booked_together(run, clinic: Path, tmp_path: Path) -> None:
    out = tmp_path / "agreed.json"
    result = run("find", clinic, "--order", "ord-3", "--accept", "1", "--out", out)
    assert result.exit_code == 0, result.stderr
    after = load_scenario(out)
    assert sorted(a.id for a in after.schedule.appointments) == ["visit-ord-3", "visit-ord-8"]
    assert check(after.schedule, now=after.problem.horizon.start).is_clean


def test_one_of_tied_orders_can_be_asked_for_alone(run, clinic: Path) -> None:
    shape = answer(run, clinic, "--order", "ord-3", "--alone", "--practitioner", "dr-b")
    assert shape["offers"][0]["appointment"]["order"] == "ord-3"
    for option in ("--practitioner", "--site"):
        result = run("find", clinic, "--order", "ord-3", option, "main")
        assert result.exit_code == 2
        assert f"{option}: the order is tied to others, which are found together. Maybe add --alone." in result.stderr


def test_tied_series_go_together_by_the_number_of_the_visit(run, clinic: Path) -> None:
    shape = answer(run, clinic, "--order", "ord-4")
    assert {v["appointment"]["occurrence"] for o in shape["offers"] for v in o["visits"]} == {0}
    missing = answer(run, clinic, "--order", "ord-4", "--occurrence", "1", status=1)
    assert "first visit of its series is not booked" in missing["obstacles"][0]["message"]
    alone = run("find", clinic, "--order", "ord-4", "--alone")
    assert alone.exit_code == 2
    assert "a series that is tied to other orders" in alone.stderr


def test_a_trip_that_cannot_be_has_its_reasons(run, saved) -> None:
    late = [o.model_copy(update={"deadline": f.at("00:10")}) for o in worlds.clinic_problem().orders]
    path = saved(worlds.clinic(orders=tuple(late), ties=(Tie(id="t", kind="same-day", orders=("ord-1", "ord-2")),)))
    result = run("find", path, "--order", "ord-1")
    assert result.exit_code == 1
    assert "There is no offer." in result.stdout


@pytest.mark.parametrize(
    ("order", "said", "one"),
    [
        (
            "ord-2",
            "order ord-2 cannot take account of a series of group visits yet. Maybe add --occurrence, for one",
            ("--occurrence", "0"),
        ),
        ("ord-3", "tie trip cannot take account of group visits yet. Maybe add --alone.", ("--alone",)),
    ],
)
def test_group_visits_are_found_one_at_a_time(run, saved, clinic: Path, order: str, said: str, one) -> None:
    problem = load_scenario(clinic).problem
    groups = tuple(s.model_copy(update={"group_size": 4}) for s in problem.services)
    path = saved(worlds.scenario_of(problem.changed(services=groups)), "groups.json")
    result = run("find", path, "--order", order)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"Order {order} cannot be asked for. The search for {said}" in result.stderr
    assert answer(run, path, "--order", order, *one)["offers"][0]["group"]["seats"] == 4


def test_what_would_give_the_visit_that_clashes_a_place(run, saved) -> None:
    """Both rooms are taken all Wednesday but for the time that nobody works; one more room would do."""
    problem = worlds.clinic_problem()
    order = problem.orders[1].model_copy(update={"series": SERIES[:2]})
    start = f.at("2026-03-04 00:00")
    taken = [
        f.appointment(f"x-{n}", f.placed("visit", start, 24 * 60, {"room": f"room-{n}"}), order=None, patient=None)
        for n in (1, 2)
    ]
    away = Hours(exceptions=(HoursException(kind="leave", start=f.at("2026-03-05 00:00"), end=problem.horizon.end),))
    people = tuple(r.model_copy(update={"hours": away}) if r.kind == "practitioner" else r for r in problem.resources)
    first_only = order.model_copy(update={"deadline": f.at("2026-03-05 00:00"), "earliest_start": None})
    path = saved(worlds.scenario_of(problem.changed(orders=(first_only,), resources=people), taken))
    window = ("--from", "2026-03-02", "--until", "2026-03-02")
    result = run("find", path, "--order", "ord-2", *window)
    assert "There is no place for 1 of them:" in result.stdout
    result = run("find", path, "--order", "ord-2", "--what-would-help")
    said = " ".join(result.stdout.split())
    assert "What would give visit 2 a place, the smallest change first: 1. If there were one more like" in said


def test_what_is_about_one_visit(run, clinic: Path) -> None:
    for order, option, message in (
        ("ord-2", ("--why-not", "2026-03-03 09:00"), "Maybe add --occurrence 0"),
        ("ord-3", ("--why-not", "2026-03-03 09:00"), "Maybe add --alone"),
        ("ord-3", ("--what-would-help",), "Maybe add --alone"),
    ):
        refused = run("find", clinic, "--order", order, *option)
        assert refused.exit_code == 2
        assert message in " ".join(refused.stderr.split())
    alone = run("find", clinic, "--order", "ord-3", "--alone", "--why-not", "2026-03-03 09:00")
    assert "Nothing stands in the way of this start." in alone.stdout
