"""`slotwright find`."""

from __future__ import annotations

import json
import signal
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

import pytest

from engine.check import check
from engine.jobs.find_slots import find_slots
from engine.model.order import TargetDate
from engine.scenario_io import load_scenario
from tests.cli import worlds
from tests.factories import at

if TYPE_CHECKING:
    from pathlib import Path


def offers(run, path: Path, *options: str):
    result = run("find", path, "--json", *options)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)["offers"]


def test_offers_are_shown_with_time_people_and_place(run, booked: Path) -> None:
    result = run("find", booked, "--order", "ord-4")
    assert result.exit_code == 0
    assert "Lake clinic: order ord-4, Service visit, routine, patient pat-4." in result.stdout
    assert "Mon 2 Mar 2026 08:00–08:20" in result.stdout
    assert "Dr. " in result.stdout
    assert "Room room-" in result.stdout


def test_json_has_the_offers_best_first(run, booked: Path) -> None:
    found = offers(run, booked, "--order", "ord-4", "--count", "3")
    assert [offer["rank"] for offer in found] == [1, 2, 3]
    assert [offer["cost"] for offer in found] == sorted(offer["cost"] for offer in found)
    assert found[0]["start"] == "2026-03-02T08:00+01:00"
    assert found[0]["end"] == "2026-03-02T08:20+01:00"
    assert found[0]["reason"]
    assert found[0]["cost"] == sum(found[0]["costs"].values())


@pytest.mark.parametrize("order", ["ord-4", "ord-8"])
def test_each_offer_can_be_booked_as_it_stands(run, booked: Path, order: str) -> None:
    before = booked.read_text()
    for offer in offers(run, booked, "--order", order):
        document = json.loads(before)
        document["appointments"].append(offer["appointment"])
        booked.write_text(json.dumps(document))
        assert run("check", booked).exit_code == 0
        visit = load_scenario(booked).schedule.appointments.by_id(offer["appointment"]["id"])
        assert (visit.start, visit.end) == (
            datetime.fromisoformat(offer["start"]),
            datetime.fromisoformat(offer["end"]),
        )


@pytest.mark.parametrize("order", ["ord-4", "ord-8"])
@pytest.mark.parametrize("name", ["agreed", "agreed.json"])
def test_an_offer_agreed_on_is_booked_into_a_copy(run, booked: Path, tmp_path: Path, order: str, name: str) -> None:
    agreed = offers(run, booked, "--order", order)[2]
    result = run("find", booked, "--order", order, "--accept", "3", "--out", tmp_path / name, "--json")
    assert result.exit_code == 0
    assert f"Offer 3 booked as visit-{order}, " in result.stderr
    assert json.loads(result.stdout)["offers"][2] == agreed
    before, after = load_scenario(booked), load_scenario(tmp_path / name)
    visit = after.schedule.appointments.by_id(f"visit-{order}")
    assert visit.start == datetime.fromisoformat(agreed["start"])
    assert len(after.schedule.appointments) == len(before.schedule.appointments) + 1
    assert check(after.schedule, now=after.problem.horizon.start).is_clean
    assert after.events == before.events


def test_an_offer_that_breaks_a_rule_is_not_booked(run, booked: Path, tmp_path: Path, monkeypatch) -> None:
    """Search offers no such thing, so an order that has its visit is slipped in after it."""

    def wrong(schedule, order, **arguments):
        found = find_slots(schedule, order, **arguments)
        visit = found.offers[0].appointment.model_copy(update={"order": "ord-1", "patient": "pat-1"})
        return replace(found, offers=(found.offers[0].model_copy(update={"appointment": visit}),))

    monkeypatch.setattr("engine.jobs.find_slots.find_slots", wrong)
    result = run("find", booked, "--order", "ord-4", "--accept", "1", "--out", tmp_path / "out.json")
    assert result.exit_code == 1
    said = result.stderr.splitlines()
    assert said[0] == "Offer 1 is not booked, and nothing was written:"
    assert any("ord-1" in line for line in said[1:])
    assert not (tmp_path / "out.json").exists()


def test_what_was_broken_before_keeps_no_offer_from_being_booked(run, broken: Path, tmp_path: Path) -> None:
    result = run("find", broken, "--order", "ord-4", "--accept", "1", "--out", tmp_path / "out.json")
    assert result.exit_code == 0
    assert "visit-ord-4" in load_scenario(tmp_path / "out.json").schedule.appointments


def test_a_practitioner_can_be_asked_for(run, booked: Path) -> None:
    for offer in offers(run, booked, "--order", "ord-4", "--practitioner", "dr-b"):
        used = {r["resource"] for step in offer["appointment"]["steps"] for r in step["reservations"]}
        assert "dr-b" in used


def test_a_stretch_of_time_can_be_asked_for(run, booked: Path) -> None:
    window = ("--from", "2026-03-04T14:00", "--until", "2026-03-04")
    starts = [offer["start"] for offer in offers(run, booked, "--order", "ord-4", *window)]
    assert starts
    assert all("2026-03-04T14:00" <= start < "2026-03-05" for start in starts)


def test_a_site_can_be_asked_for(run, booked: Path) -> None:
    assert offers(run, booked, "--order", "ord-4", "--site", "main")
    result = run("find", booked, "--order", "ord-4", "--site", "mian")
    assert result.exit_code == 2
    assert "There is no site 'mian'. Maybe you meant 'main'." in result.stderr


def test_without_an_offer_the_obstacles_are_listed_with_status_1(run, saved) -> None:
    problem = worlds.clinic_problem()
    late = tuple(o.model_copy(update={"deadline": at("2026-03-02 08:10")}) for o in problem.orders)
    path = saved(worlds.clinic(orders=late))
    result = run("find", path, "--order", "ord-4")
    assert result.exit_code == 1
    assert "There is no offer." in result.stdout
    answer = json.loads(run("find", path, "--order", "ord-4", "--json").stdout)
    assert answer["offers"] == []
    assert answer["obstacles"]
    assert all(obstacle["message"] for obstacle in answer["obstacles"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--order", "ord-44"), "There is no order 'ord-44'. Maybe you meant 'ord-4'."),
        (("--order", "ord-4", "--practitioner", "dr-x"), "There is no"),
        (("--order", "ord-4", "--accept", "1"), "--accept and --out go together"),
        (("--order", "ord-4", "--out", "x"), "--accept and --out go together"),
        (
            ("--order", "ord-4", "--count", "2", "--accept", "3", "--out", "x"),
            "There is no offer 3, there are 2 offers.",
        ),
        (("--order", "ord-4", "--from", "2026-03-05", "--until", "2026-03-04"), "--until"),
    ],
)
def test_what_does_not_exist_is_bad_input(run, booked: Path, options, message: str) -> None:
    result = run("find", booked, *options)
    assert result.exit_code == 2
    assert message in result.stderr


def test_no_name_of_a_patient_is_shown(run, booked: Path) -> None:
    for options in ((), ("--json",)):
        result = run("find", booked, "--order", "ord-4", *options)
        assert worlds.PATIENT_NAME not in result.stdout + result.stderr


def test_an_offer_of_a_group_visit_opens_a_group_and_the_next_patient_joins_it(run, saved, tmp_path: Path) -> None:
    problem = worlds.clinic_problem()
    group = tuple(s.model_copy(update={"group_size": 4}) for s in problem.services)
    path = saved(worlds.scenario_of(problem.changed(services=group)))
    first = tmp_path / "first.json"
    result = run("find", path, "--order", "ord-4", "--accept", "1", "--out", first, "--json")
    offer = json.loads(result.stdout)["offers"][0]
    assert (result.exit_code, offer["appointment"]["group"]) == (0, offer["group"]["id"])
    start = offer["start"]
    asked = ("find", first, "--order", "ord-3", "--from", start)
    assert "Dr. Ade" in run(*asked).stdout
    result = run(*asked, "--accept", "1", "--out", tmp_path / "b.json", "--json")
    joined = json.loads(result.stdout)["offers"][0]
    assert (joined["start"], joined["group"]["id"]) == (start, "group-visit-ord-4")
    assert run("check", tmp_path / "b.json").exit_code == 0


def test_an_order_for_a_time_that_is_not_planned_is_for_the_recall_list(run, saved) -> None:
    target = TargetDate(day=date(2026, 6, 1), before_days=14)
    far = [o.model_copy(update={"target": target}) for o in worlds.clinic_problem().orders]
    path = saved(worlds.clinic(orders=tuple(far)))
    result = run("find", path, "--order", "ord-2")
    assert result.exit_code == 1
    assert "Recall list: look again on Tue 5 May 2026." in result.stdout
    shape = json.loads(run("find", path, "--order", "ord-2", "--json").stdout)
    assert shape["recall"]["look_again"] == "2026-05-05"
    assert shape["recall"]["first_day"] == "2026-05-18"
    assert shape["offers"] == []


def test_without_a_need_to_look_again_there_is_no_recall(run, booked: Path) -> None:
    assert json.loads(run("find", booked, "--order", "ord-4", "--json").stdout)["recall"] is None


def test_ctrl_c_that_is_lost_in_compiled_code_ends_the_command_all_the_same(run, booked, tmp_path, monkeypatch) -> None:
    def losing(*args, **fields):
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        return find_slots(*args, **fields)

    monkeypatch.setattr("engine.jobs.find_slots.find_slots", losing)
    result = run("find", booked, "--order", "ord-4", "--accept", "1", "--out", tmp_path / "out.json")
    assert result.exit_code == 130
    assert result.stderr == "Stopped. Nothing was written.\n"
    assert not (tmp_path / "out.json").exists()
