"""`slotwright book`."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING

import pytest

from engine.jobs.book_orders import book_orders
from engine.scenario_io import load_scenario
from tests.cli import worlds
from tests.factories import at

if TYPE_CHECKING:
    from pathlib import Path

FAST = ("--time-limit", "5", "--workers", "1")


def test_the_orders_without_a_visit_are_booked_and_shown(run, booked: Path) -> None:
    result = run("book", booked, *FAST)
    assert result.exit_code == 0
    assert "Book 5 of 5 visits" in result.stdout
    for order in ("ord-4", "ord-5", "ord-6", "ord-7", "ord-8"):
        assert order in result.stdout


@pytest.mark.parametrize("name", ["booked.json", "booked"])
def test_the_scenario_written_holds_the_visits_and_passes_the_check(
    run, booked: Path, tmp_path: Path, name: str
) -> None:
    out = tmp_path / name
    result = run("book", booked, "--out", out, *FAST)
    assert result.exit_code == 0
    before, after = load_scenario(booked), load_scenario(out)
    assert len(after.schedule.appointments) == 8
    assert after.problem == before.problem
    assert after.events == before.events
    assert after.schedule.version == before.schedule.version + 1
    assert run("check", out).exit_code == 0
    assert load_scenario(booked) == before


def test_only_the_orders_named_are_booked(run, booked: Path) -> None:
    result = run("book", booked, "--json", "--orders", "ord-5, ord-6", "--orders", "ord-7", *FAST)
    [plan] = json.loads(result.stdout)["proposals"]
    assert {visit["order"] for visit in plan["added"]} == {"ord-5", "ord-6", "ord-7"}


def test_json_has_the_visits_their_costs_and_the_proof(run, booked: Path) -> None:
    answer = json.loads(run("book", booked, "--json", *FAST).stdout)
    [plan] = answer["proposals"]
    assert len(plan["booked"]) == len(plan["added"]) == 5
    assert plan["left_over"] == []
    assert answer["objective"] == sum(stage["objective"] for stage in answer["stages"])
    assert plan["cost"] == sum(plan["costs"].values())
    for move in plan["booked"]:
        assert move["before"] is None
        assert move["after"]["start"].endswith("+01:00")
        assert move["after"]["resources"]


def test_orders_left_over_are_listed_with_their_reasons(run, saved) -> None:
    problem = worlds.clinic_problem()
    orders = tuple(
        o.model_copy(update={"deadline": at("2026-03-02 08:10")}) if o.id == "ord-5" else o for o in problem.orders
    )
    path = saved(worlds.clinic(orders=orders))
    result = run("book", path, *FAST)
    assert result.exit_code == 0
    assert "Without a place" in result.stdout
    [plan] = json.loads(run("book", path, "--json", *FAST).stdout)["proposals"]
    [left] = plan["left_over"]
    assert left["order"] == "ord-5"
    assert left["reason"]


def test_when_nothing_fits_the_status_is_1(run, saved, tmp_path: Path) -> None:
    problem = worlds.clinic_problem()
    late = tuple(o.model_copy(update={"deadline": at("2026-03-02 08:10")}) for o in problem.orders)
    result = run("book", saved(worlds.clinic(orders=late)), *FAST)
    assert result.exit_code == 1
    assert "Without a place" in result.stdout


def test_an_empty_clinic_has_nothing_to_book(run, saved) -> None:
    result = run("book", saved(worlds.clinic(orders=(), patients=())), *FAST)
    assert result.exit_code == 0


def test_an_unknown_order_is_bad_input(run, booked: Path) -> None:
    result = run("book", booked, "--orders", "ord-4,ord-55", *FAST)
    assert result.exit_code == 2
    assert result.stderr == "There is no order 'ord-55'. Maybe you meant 'ord-5'.\n"


def test_an_existing_target_is_left_alone(run, booked: Path) -> None:
    before = booked.read_bytes()
    result = run("book", booked, "--out", booked, *FAST)
    assert result.exit_code == 2
    assert booked.read_bytes() == before


@pytest.mark.parametrize("options", [("--json",), ()])
def test_ctrl_c_shows_what_was_found_and_writes_nothing(
    run, booked: Path, tmp_path: Path, monkeypatch, options
) -> None:
    def job(schedule, **arguments):
        result = book_orders(schedule, **arguments)
        signal.raise_signal(signal.SIGINT)
        return result

    monkeypatch.setattr("engine.jobs.book_orders.book_orders", job)
    out = tmp_path / "out.json"
    result = run("book", booked, "--out", out, *FAST, *options)
    assert result.exit_code == 130
    assert "Found so far: Book 5 of 5 visits, cost " in result.stderr
    assert "Nothing was written." in result.stderr
    assert not out.exists()
    if options:
        assert len(json.loads(result.stdout)["proposals"]) == 1


def test_no_name_of_a_patient_is_shown(run, booked: Path) -> None:
    for options in ((), ("--json",)):
        result = run("book", booked, *FAST, *options)
        assert worlds.PATIENT_NAME not in result.stdout + result.stderr


def test_the_sum_is_told_apart_from_that_of_a_check(run, saved, booked: Path, tmp_path: Path) -> None:
    late = ("--now", "2026-03-04")  # so that everybody has waited
    said = "A check afterwards counts the whole schedule"
    # Among other visits, the sum is that of the orders asked for; alone, it is that of the check.
    among = run("book", booked, "--out", tmp_path / "after.json", *late, *FAST)
    assert "Cost of these orders" in among.stdout
    assert said in among.stdout
    assert "Cost of the whole" in run("check", tmp_path / "after.json", *late).stdout
    alone = run("book", saved(worlds.clinic(), "empty.json"), *late, *FAST, "--out", tmp_path / "alone.json")
    assert said not in alone.stdout
    sums = [_sum(text) for text in (alone.stdout, run("check", tmp_path / "alone.json", *late).stdout)]
    assert sums[0] == sums[1] > 0


def _sum(text: str) -> int:
    (line,) = [line for line in text.splitlines() if line.startswith("Sum ")]
    return int(line.split()[1].replace(",", ""))
