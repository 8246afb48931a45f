"""What is read from scenario folders and files that are right."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from engine.model.appointment import AppointmentStatus
from engine.model.order import Priority
from engine.model.problem import Problem
from engine.model.session import Pool
from engine.scenario_io import load_scenario
from engine.scenario_io.layout import PARTS
from tests.scenario_io.folders import BOOKED, HEADER, ORDERS, RESERVATIONS, STEPS, WORLD, put

ROOT = Path(__file__).parent.parent.parent


def test_an_empty_clinic_is_valid(tmp_path: Path):
    scenario = load_scenario(put(tmp_path, {"scenario.yaml": HEADER}))
    assert isinstance(scenario.problem, Problem)
    assert scenario.problem.resources == ()
    assert scenario.problem.tick_min == 5
    assert len(scenario.schedule.appointments) == 0
    assert scenario.events == ()
    assert scenario.notes == ()
    assert scenario.path == tmp_path


def test_the_example_of_the_reference_is_valid(tmp_path: Path):
    page = (ROOT / "docs" / "reference" / "scenario-files.md").read_text(encoding="utf-8")
    example = page.partition("```yaml\n")[2].partition("```")[0]
    problem = load_scenario(put(tmp_path, {"scenario.yaml": example})).problem
    assert [resource.id for resource in problem.resources] == ["dr-ade", "room-1"]


@pytest.mark.parametrize("key", PARTS)
def test_the_reference_names_every_key(key: str):
    page = (ROOT / "docs" / "reference" / "scenario-files.md").read_text(encoding="utf-8")
    assert f"`{key}`" in page.partition("| key |")[2].partition("\n\n")[0]


def test_lists_with_nothing_in_them_are_valid(tmp_path: Path):
    header_only = {"patients.csv": "id,name\n", "orders.csv": "id,patient,service\n", "resources.yaml": "[]\n"}
    scenario = load_scenario(put(tmp_path, {"scenario.yaml": HEADER, **header_only}))
    assert scenario.problem.patients == scenario.problem.orders == scenario.problem.resources == ()


def test_a_folder_a_yaml_file_and_a_json_file_hold_the_same(tmp_path: Path):
    folder = put(tmp_path / "folder", BOOKED)
    yaml_text = WORLD + (
        "patients: [{id: pat-1, name: Ann Smith}, {id: pat-2, name: Bo Jones}]\n"
        "orders: [{id: ord-1, patient: pat-1, service: visit}, {id: ord-2, patient: pat-2, service: visit}]\n"
        "appointments:\n"
    )
    for n, (start, end) in enumerate([("08:00", "08:20"), ("08:20", "08:40")], start=1):
        times = f"start: 2026-03-02T{start}, end: 2026-03-02T{end}"
        yaml_text += (
            f"- {{id: app-{n}, patient: pat-{n}, service: visit, order: ord-{n}, steps: [{{step: consult, site: main, "
            f"{times}, reservations: [{{role: doctor, resource: dr-a, {times}}}]}}]}}\n"
        )
    file = tmp_path / "one.yaml"
    file.write_text(yaml_text)
    assert load_scenario(folder) == load_scenario(file)


def test_every_list_may_stand_in_a_file_of_its_own(tmp_path: Path):
    head, _, services = WORLD.partition("services:\n")
    head, _, resources = head.partition("resources:\n")
    put(tmp_path / "split", {"scenario.yaml": head, "services.yaml": services, "resources.yaml": resources})
    put(tmp_path / "whole", {"scenario.yaml": WORLD})
    assert load_scenario(tmp_path / "split") == load_scenario(tmp_path / "whole")


def test_other_files_of_the_folder_are_left_alone(tmp_path: Path):
    put(tmp_path, {**BOOKED, "README.md": "# About", ".hidden.yaml": "][", "plot.png": b"\x00\x01"})
    (tmp_path / "more").mkdir()
    assert len(load_scenario(tmp_path).schedule.appointments) == 2


def test_the_cells_of_a_table(tmp_path: Path):
    orders = (
        "service,id,patient,priority,due,modifiers,preferred_sites,preference,conditions,deadline,note\n"
        'visit,ord-1,pat-1,urgent,2026-03-06T17:00,new;contrast,main,"{""weekdays"": [""mon"", ""tue""]}",'
        '"[{""kind"": ""consent"", ""valid_until"": ""2026-04-30""}]",2026-03-09T17:00Z,"two\nlines, ""quoted"""\n'
        'visit,ord-2,pat-2,,,"[""a;b""]",,,,,\n'
    )
    first, second = load_scenario(put(tmp_path, {**BOOKED, "orders.csv": orders})).problem.orders
    assert first.priority is Priority.URGENT
    assert first.due == datetime(2026, 3, 6, 16, tzinfo=UTC)
    assert first.deadline == datetime(2026, 3, 9, 17, tzinfo=UTC)
    assert first.modifiers == ("new", "contrast")
    assert first.preferred_sites == ("main",)
    assert [day.value for day in first.preference.weekdays] == ["mon", "tue"]
    assert first.conditions[0].valid_until == date(2026, 4, 30)
    assert first.note == 'two\nlines, "quoted"'
    assert second.modifiers == ("a;b",)
    assert second.priority is Priority.ROUTINE


def test_sessions_as_a_table(tmp_path: Path):
    sessions = (
        "id,day,owner,site,period,rooms\n"
        "s1,2026-03-02,dr-a,main,08:00-12:00,room-1\n"
        's2,2026-03-02,"{""kind"": ""room""}",main,"{""from"": ""13:00"", ""to"": ""17:00""}",\n'
    )
    first, second = load_scenario(put(tmp_path, {"scenario.yaml": WORLD, "sessions.csv": sessions})).problem.sessions
    assert (first.owner, first.period.start, first.period.end, first.rooms) == ("dr-a", 480, 720, ("room-1",))
    assert isinstance(second.owner, Pool)
    assert second.period.start == 13 * 60


def test_events_as_a_table_have_the_columns_of_all_kinds(tmp_path: Path):
    events = (
        "id,kind,at,appointment,resource,from,to,minutes\n"
        "e1,cancellation,2026-03-01T12:00,app-1,,,,\n"
        "e2,absence,2026-03-01T12:00,,dr-a,2026-03-02T08:00,2026-03-02T12:00,\n"
        "e3,overrun,2026-03-02T08:10,app-1,,,,10\n"
    )
    scenario = load_scenario(put(tmp_path, {**BOOKED, "events.csv": events}))
    assert [str(event.kind) for event in scenario.events] == ["cancellation", "absence", "overrun"]


def test_local_times_are_those_of_the_scenario(tmp_path: Path):
    text = HEADER.replace("Europe/Zurich", "America/New_York")
    horizon = load_scenario(put(tmp_path, {"scenario.yaml": text})).problem.horizon
    assert horizon.start == datetime(2026, 3, 2, 5, tzinfo=UTC)
    assert horizon.end == datetime(2026, 11, 2, 5, tzinfo=UTC)  # after the change of clocks of 1 November


def test_appointments_of_three_tables(tmp_path: Path):
    appointments = (
        "id,patient,service,order,status,priority,is_pinned,times_moved,booked_at,promise,overrides,note\n"
        "app-2,pat-2,visit,ord-2,arrived,stat,true,3,2026-02-01T12:00,,,\n"
        'app-1,pat-1,visit,,,,,,,"{""time"": ""day"", ""start"": ""2026-03-02T08:00""}",'
        '"[{""rule"": ""capacity"", ""by"": ""Kim"", ""role"": ""manager"", ""reason"": ""full"", '
        '""at"": ""2026-03-01T08:00""}]",walks slowly\n'
    )
    table = load_scenario(put(tmp_path, {**BOOKED, "appointments.csv": appointments})).schedule.appointments
    second, first = table
    assert second.id == "app-2"
    assert second.status is AppointmentStatus.ARRIVED
    assert second.is_pinned
    assert second.times_moved == 3
    assert second.booked_at == datetime(2026, 2, 1, 11, tzinfo=UTC)
    assert second.steps[0].start == datetime(2026, 3, 2, 7, 20, tzinfo=UTC)
    assert first.order is None
    assert first.promise is not None
    assert first.promise.start == datetime(2026, 3, 2, 7, tzinfo=UTC)
    assert first.overrides[0].by == "Kim"
    assert first.note == "walks slowly"
    assert first.steps[0].reservations[0].resource == "dr-a"


def test_rows_of_steps_and_reservations_may_stand_in_any_order(tmp_path: Path):
    def reversed_rows(text: str) -> str:
        header, *rows = text.splitlines()
        return "\n".join([header, *reversed(rows)])

    shuffled = {**BOOKED, "steps.csv": reversed_rows(STEPS), "reservations.csv": reversed_rows(RESERVATIONS)}
    assert load_scenario(put(tmp_path / "a", BOOKED)) == load_scenario(put(tmp_path / "b", shuffled))


def test_the_same_step_twice_in_an_appointment(tmp_path: Path):
    """A breach of rules that a file can hold, and the check must see: `nth` says whose reservation it is."""
    steps = STEPS + "app-1,consult,2026-03-03T08:00,2026-03-03T08:20,main\n"
    reservations = (
        "appointment,step,role,resource,start,end,nth\n"
        "app-1,consult,doctor,dr-b,2026-03-03T08:00,2026-03-03T08:20,1\n"
        "app-1,consult,doctor,dr-a,2026-03-02T08:00,2026-03-02T08:20,\n"
    )
    files = {**BOOKED, "steps.csv": steps, "reservations.csv": reservations}
    appointment = load_scenario(put(tmp_path, files)).schedule.appointments[0]
    assert [[r.resource for r in step.reservations] for step in appointment.steps] == [["dr-a"], ["dr-b"]]


def test_steps_need_no_reservations(tmp_path: Path):
    files = {name: content for name, content in BOOKED.items() if name != "reservations.csv"}
    table = load_scenario(put(tmp_path, files)).schedule.appointments
    assert [len(step.reservations) for a in table for step in a.steps] == [0, 0]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_byte_order_marks_do_not_matter(tmp_path: Path, end: str, mark: bytes):
    changed = {name: mark + str(content).replace("\n", end).encode() for name, content in BOOKED.items()}
    assert load_scenario(put(tmp_path / "changed", changed)) == load_scenario(put(tmp_path / "plain", BOOKED))


def test_ids_of_digits_in_a_table_stay_text(tmp_path: Path):
    patients = "id,name\n007,James\n"
    orders = "id,patient,service\n1,007,visit\n"
    problem = load_scenario(
        put(tmp_path, {"scenario.yaml": WORLD, "patients.csv": patients, "orders.csv": orders})
    ).problem
    assert (problem.patients[0].id, problem.orders[0].id, problem.orders[0].patient) == ("007", "1", "007")


def test_blank_lines_in_a_table_are_passed_over(tmp_path: Path):
    orders = ORDERS.replace("ord-2", "\nord-2") + "\n\n"
    assert len(load_scenario(put(tmp_path, {**BOOKED, "orders.csv": orders})).problem.orders) == 2


def test_anchors_and_the_traps_of_yaml(tmp_path: Path):
    text = HEADER + (
        "sites:\n"
        "- {id: 'no', name: yes, time_zone: Europe/Zurich,\n"
        "   hours: &usual {weekly: [{days: [mon], from: 10:00, to: 24:00}]}}\n"
        "- {id: off, name: 1.2.3, time_zone: Europe/Zurich, hours: *usual}\n"
    )
    first, second = load_scenario(put(tmp_path, {"scenario.yaml": text})).problem.sites
    assert (first.id, first.name, second.id, second.name) == ("no", "yes", "off", "1.2.3")
    assert first.hours == second.hours
    assert first.hours.weekly[0].start == 600
    assert first.hours.weekly[0].end == 1440


def test_the_loaded_problem_is_as_good_as_a_validated_one(tmp_path: Path):
    problem = load_scenario(put(tmp_path, BOOKED)).problem
    assert problem.changed() == problem
