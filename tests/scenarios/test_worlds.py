"""The scenarios in the repository: they load, have the sizes and figures they say, and are what the generator makes."""

import re
from collections import Counter
from datetime import timedelta

import pytest

from engine.check import check, check_template
from engine.model.appointment import BLOCKING
from engine.model.event import ResourceUnavailable
from engine.model.resource import ResourceKind, UseRule
from engine.model.template import publish
from engine.scenario_io import load_scenario
from engine.simulate.openings import Openings
from engine.simulate.timeline import run
from scenarios.generate import HAND_WRITTEN, HERE, TABLES, main, write, write_tables

README = (HERE / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module", params=HAND_WRITTEN)
def named(request):
    return request.param, load_scenario(HERE / request.param)


@pytest.fixture(scope="module")
def family():
    return load_scenario(HERE / "family_practice")


@pytest.fixture(scope="module")
def specialty():
    return load_scenario(HERE / "specialty_center")


def waiting(scenario):
    booked = {a.order for a in scenario.schedule.appointments}
    return [o for o in scenario.problem.orders if o.id not in booked]


def in_force(scenario):
    return [a for a in scenario.schedule.appointments if a.status in BLOCKING]


def physicians(problem):
    return [r for r in problem.resources if r.kind is ResourceKind.PRACTITIONER and r.profession == "physician"]


def rooms(problem):
    return [r for r in problem.resources if r.kind is ResourceKind.ROOM]


# --- what is in them --------------------------------------------------------------------------------------------------


def test_what_is_booked_is_legal(named):
    _, scenario = named
    report = check(scenario.schedule, now=scenario.problem.horizon.start)
    assert report.violations == ()


def test_an_order_has_one_condition_of_a_kind(named):
    """An authorisation is granted or pending, never both."""
    _, scenario = named
    for order in scenario.problem.orders:
        kinds = [condition.kind for condition in order.conditions]
        assert len(kinds) == len(set(kinds)), order.id


def test_no_duration_had_to_be_rounded(named):
    _, scenario = named
    assert scenario.notes == ()


def test_todays_template_keeps_the_rules_of_the_brief(named):
    _, scenario = named
    problem = scenario.problem
    assert problem.planning.today == problem.templates[0].id
    assert check_template(problem, problem.templates[0]).violations == ()


def test_sessions_are_those_of_the_published_template(named):
    _, scenario = named
    problem, zone = scenario.problem, scenario.problem.time_zone
    first, until = (problem.grid.local_date(t, zone) for t in (0, problem.grid.n_ticks))
    assert (problem.sessions, problem.blocks) == publish(problem.templates[0], first, until)


def test_the_clocks_change_within_the_horizon(named):
    _, scenario = named
    horizon = scenario.problem.horizon
    assert (horizon.end - horizon.start) % timedelta(days=1) != timedelta(0)
    assert horizon.start.weekday() == 0


def test_the_tables_are_what_the_generator_makes(named, tmp_path):
    name, _ = named
    write_tables(name, tmp_path)
    made = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    there = {file: (HERE / name / file).read_bytes() for file in TABLES if (HERE / name / file).exists()}
    assert made.keys() == there.keys()
    assert [file for file in made if made[file] != there[file]] == []


def test_family_practice_has_its_size(family):
    problem = family.problem
    assert (len(physicians(problem)), len(rooms(problem))) == (5, 8)
    assert {"ecg", "ultrasound"} <= {r.id for r in problem.resources if r.kind is ResourceKind.EQUIPMENT}
    assert len(waiting(family)) == 300
    assert 350 <= len(in_force(family)) <= 550


def test_specialty_center_has_its_size(specialty):
    problem = specialty.problem
    assert (len(physicians(problem)), len(rooms(problem))) == (24, 30)
    assert {"mri", "ct"} <= {r.id for r in problem.resources}
    assert sum(room.use is UseRule.IN_SESSIONS for room in rooms(problem)) == 4  # the theatres
    assert {b.theatre for b in problem.blocks} == {"theatre-1", "theatre-2", "theatre-3", "theatre-4"}
    assert len(waiting(specialty)) == 1_200
    assert len(in_force(specialty)) > 3_000


def test_nobody_in_a_scenario_has_a_number_that_somebody_could_have(named):
    _, scenario = named
    for patient in scenario.problem.patients:
        assert re.match(r"\+41 00 000 |\+1 555 01", patient.contact.telephone)


def test_the_center_is_four_fifths_full(specialty):
    """Clinic time of physicians: what is booked, and what the week's orders will add."""
    problem = specialty.problem
    openings = Openings(problem)
    capacity = 0
    for resource in physicians(problem):
        for span in openings.sessions(resource):
            if str(span.session.activity).endswith("-clinic"):
                zone = problem.zone_of(span.session.site)
                seen = sum(run(*openings.ticks(*span.session.part_bounds(s, zone))) for s in span.session.segments)
                capacity += (seen & openings.open(resource)).bit_count() * problem.tick_min
    visits: Counter[str] = Counter()
    taken = 0
    for appointment in in_force(specialty):
        if appointment.service.endswith("-visit"):
            step = appointment.steps[-1]
            taken += (step.end - step.start) // timedelta(minutes=1)
            visits[appointment.service] += 1
    to_come = sum(o.service in visits for o in waiting(specialty))
    load = taken * (1 + to_come / visits.total()) / capacity
    assert 0.76 <= load <= 0.86


# --- every rule has somebody whom it concerns ------------------------------------------------------------------------


def test_the_center_shows_what_the_model_can_say(specialty):
    problem = specialty.problem
    roles = [role for service in problem.services for step in service.steps for role in step.roles]
    steps = [step for service in problem.services for step in service.steps]
    sessions, orders = problem.sessions, problem.orders
    shown = {
        "k of a pool": any(role.count > 1 for role in roles),
        "role windows": any(str(role.start) == "start+25" for role in roles),
        "supervision": any(role.use.value == "presence" for role in roles),
        "fixed and mobile equipment": {bool(getattr(r, "fixed_in", None)) for r in problem.resources} == {True, False},
        "durations by practitioner": any(s.duration and s.duration.by_practitioner for s in steps),
        "durations by equipment": any(s.duration and s.duration.by_equipment for s in steps),
        "durations by modifier": any(s.duration and s.duration.by_modifier for s in steps),
        "a stay": any(s.nights for s in steps),
        "held across": any(s.held for s in problem.services),
        "free in order": any(not s.is_ordered for s in problem.services),
        "groups": any(s.group_size > 1 for s in problem.services) and specialty.schedule.groups != (),
        "weight limit": any(r.limits for r in problem.resources),
        "changeover": any(r.changeovers for r in problem.resources),
        "privileges that begin and end": {
            (p.valid_from is not None, p.valid_until is not None) for r in physicians(problem) for p in r.privileges
        }
        >= {(True, False), (False, True)},
        "time kept for urgent orders": any(s.is_kept_for_urgent and s.release for x in sessions for s in x.segments),
        "quotas": any(s.quota for x in sessions for s in x.segments) and any(x.class_quotas for x in sessions),
        "breaks": any(x.breaks for x in sessions),
        "overbooking": any(x.overbooking_lanes for x in sessions),
        "pools with sessions": any(not isinstance(x.owner, str) for x in sessions),
        "blocks of a practitioner and of a specialty": {b.specialty is None for b in problem.blocks} == {True, False},
        "needs that bring people": any(need.roles for need in problem.needs),
        "conditions": {c.status.value for o in orders for c in o.conditions} == {"met", "pending"},
        "prerequisites": any(o.prerequisites for o in orders),
        "separations": any(o.separations for o in orders),
        "series": any(o.series for o in orders),
        "target dates": any(o.target for o in orders),
        "ties": problem.ties != (),
        "inpatients": any(o.patient_class.value == "inpatient" for o in orders),
    }
    assert [what for what, is_there in shown.items() if not is_there] == []


def test_the_bundle_of_the_center(specialty):
    """Blood test, then MRI fasting before eleven, then consultation within two days with the same physician."""
    service = specialty.problem.service("cardiac-mri-workup")
    assert [step.id for step in service.steps] == ["blood", "mri", "consultation"]
    _, mri, consultation = service.steps
    assert mri.start_window.end == 11 * 60
    assert consultation.gap.max_min == 2 * 24 * 60
    assert [f"{ref.step}.{ref.role}" for ref in service.same[0].roles] == [
        "mri.cardiologist",
        "consultation.cardiologist",
    ]
    cardiologist = next(role for role in mri.roles if role.id == "cardiologist")
    assert cardiologist.window_min(60) == (25, 35)  # ten of the sixty minutes
    assert sum(o.service == service.id for o in waiting(specialty)) > 3


def test_events_concern_what_is_booked(named):
    name, scenario = named
    appointments = {a.id: a for a in in_force(scenario)}
    kinds = Counter(event.kind for event in scenario.events)
    expected = {
        "family_practice": {"cancellation", "absence", "urgent-order"},
        "specialty_center": {"cancellation", "absence", "room-closed", "equipment-down"},
    }
    assert kinds.keys() == expected[name]
    for event in scenario.events:
        assert event.at < scenario.problem.horizon.start
        if event.kind == "cancellation":
            assert event.appointment in appointments
        if event.kind == "urgent-order":
            assert event.order in {o.id for o in waiting(scenario)}
        if isinstance(event, ResourceUnavailable):
            hit = [
                a
                for a in appointments.values()
                if any(
                    v.resource == event.resource and v.start < event.end and event.start < v.end
                    for step in a.steps
                    for v in step.reservations
                )
            ]
            low, high = {"specialty_center absence": (20, 30), "family_practice absence": (10, 20)}.get(
                f"{name} {event.kind}", (3, 40)
            )
            assert low <= len(hit) <= high, event.id


# --- figures ----------------------------------------------------------------------------------------------------------


def rows(heading):
    """The rows of README's tables under a heading, by their first cell."""
    section = README.split(f"### {heading}\n", 1)[1].split("\n### ", 1)[0].split("\n## ", 1)[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:1] == "|"]
    return {row[0]: row for row in cells}


THEATRE = {
    "cataract": ("cataract",),
    "carpal tunnel, minor hand": ("carpal-tunnel",),
    "day surgery, mixed": ("knee-arthroscopy",),
    "laparoscopic cholecystectomy": ("cholecystectomy",),
    "hip replacement": ("hip-replacement",),
    "knee replacement": ("knee-replacement",),
}


@pytest.mark.parametrize("row", THEATRE)
def test_operations_last_as_the_readme_says(specialty, row):
    in_room, cv, turnover = (rows("Theatre")[row][i] for i in (2, 3, 4))
    for name in THEATRE[row]:
        step = specialty.problem.service(name).steps[0]
        theatre = next(role for role in step.roles if role.id == "theatre")
        assert step.duration.minutes == int(in_room)
        assert theatre.cleanup_min == int(turnover)
        assert step.duration.sd_min == pytest.approx(float(cv) * step.duration.minutes, abs=1)


@pytest.mark.parametrize(
    ("row", "scenario", "service", "step"),
    [
        ("ECG, 12 leads", "family_practice", "ecg", 0),
        ("blood draw", "family_practice", "blood-test", 0),
        ("blood draw", "specialty_center", "blood-test", 0),
        ("ultrasound", "family_practice", "ultrasound", 0),
        ("ultrasound", "specialty_center", "ultrasound", 0),
        ("echocardiogram", "specialty_center", "echo", 0),
        ("MRI", "specialty_center", "mri", 0),
        ("CT", "specialty_center", "ct", 0),
        ("gastroscopy, colonoscopy", "specialty_center", "gastroscopy", 0),
        ("recovery after endoscopy", "specialty_center", "gastroscopy", 1),
        ("anaesthesia preassessment", "specialty_center", "preassessment", 0),
    ],
)
def test_examinations_last_as_the_readme_says(row, scenario, service, step, family, specialty):
    problem = {"family_practice": family, "specialty_center": specialty}[scenario].problem
    first_number = re.search(r"\d+", rows("Length of visits and examinations")[row][1])[0]
    assert problem.service(service).steps[step].duration.minutes == int(first_number)


@pytest.mark.parametrize("specialty_name", ["cardiology", "orthopaedics", "dermatology", "neurology"])
def test_visits_last_as_the_readme_says(specialty, specialty_name):
    text = rows("Length of visits and examinations")["specialist visit"][1]
    found = re.search(rf"{specialty_name} (\d+)/(\d+)", text)
    assert found is not None
    usual, new = map(int, found.groups())
    duration = specialty.problem.service(f"{specialty_name}-visit").steps[0].duration
    assert (duration.minutes, duration.minutes + duration.by_modifier["new"]) == (usual, new)


def test_priorities_are_those_of_the_readme(named):
    name, scenario = named
    text = rows("Demand")[f"priority, `{name}`"][1]
    shares = [int(n) for n in re.findall(r"(\d+)(?: |,| %)", re.sub(r"\(.*?\)", "", text))]
    counts = Counter(o.priority.value for o in waiting(scenario))
    total = counts.total()
    assert [round(100 * counts[p] / total) for p in ("stat", "asap", "urgent", "routine")] == shares


def test_orders_a_week_for_each_physician(named):
    _, scenario = named
    each = {"family_practice": 60, "specialty_center": 50}[named[0]]
    assert len(waiting(scenario)) == each * len(physicians(scenario.problem))


def test_patients_are_of_the_readmes_ages_and_needs(specialty):
    patients = specialty.problem.patients
    share = Counter(need for p in patients for need in p.needs)
    interpreter = share["interpreter-es"] + share["interpreter-zh"]
    assert interpreter / len(patients) == pytest.approx(0.08, abs=0.015)
    assert share["hoist"] / len(patients) == pytest.approx(0.01, abs=0.005)
    assert share["isolation"] / len(patients) == pytest.approx(0.02, abs=0.007)
    assert share["wheelchair"] / len(patients) == pytest.approx(0.04, abs=0.01)
    assert sum(p.sex.value == "female" for p in patients) / len(patients) == pytest.approx(0.57, abs=0.03)
    today = specialty.problem.horizon.start.date()
    assert sum((today - p.birth_date).days < 15 * 365.25 for p in patients) / len(patients) == pytest.approx(
        0.11, abs=0.02
    )


def test_three_specialist_patients_in_ten_are_new(specialty):
    visits = [o for o in specialty.problem.orders if o.service.endswith("-visit") and o.service != "echo-and-visit"]
    assert sum("new" in o.modifiers for o in visits) / len(visits) == pytest.approx(0.3, abs=0.03)


def test_blocks_are_released_as_the_readme_says(specialty):
    by_service = {s: b.release.days_before for b in specialty.problem.blocks if b.practitioner for s in b.services}
    assert (by_service["cataract"], by_service["cholecystectomy"], by_service["hip-replacement"]) == (3, 7, 14)


# --- the script -------------------------------------------------------------------------------------------------------


def test_the_network_can_be_written_and_read(tmp_path):
    main(["hospital_network", "--seed", "3", "--scale", "0.02", "--weeks", "1", "--out", str(tmp_path / "net")])
    scenario = load_scenario(tmp_path / "net")
    assert scenario.problem.name == "Hospital network"
    assert len(scenario.events) == 3


def test_the_network_needs_a_folder_and_its_name(tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(["hospital_network"])
    assert "--out" in capsys.readouterr().err
    with pytest.raises(ValueError, match="expected hospital_network"):
        write("hospital", tmp_path / "net")
