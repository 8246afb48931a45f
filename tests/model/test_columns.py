from __future__ import annotations

import pickle
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import UnknownIdError
from engine.model.appointment import Appointment
from engine.model.columns import APPOINTMENT, NEVER, RESERVATION, STEP, AppointmentTable
from engine.model.timegrid import epoch_minute
from tests.factories import appointment, at, placed
from tests.model.strategies import appointment_lists, appointments

quick = settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def assert_well_formed(table):
    """What the columns promise to those who read them in bulk."""
    assert (table.rows.dtype, table.steps.dtype, table.reservations.dtype) == (APPOINTMENT, STEP, RESERVATION)
    assert len(set(table.names)) == len(table.names)
    n_steps, n_reservations = table.rows["n_steps"].tolist(), table.steps["n_reservations"].tolist()
    assert table.rows["first_step"].tolist() == [sum(n_steps[:i]) for i in range(len(table))]
    assert table.steps["first_reservation"].tolist() == [sum(n_reservations[:i]) for i in range(len(table.steps))]
    assert (sum(n_steps), sum(n_reservations)) == (len(table.steps), len(table.reservations))
    assert table.steps["appointment"].tolist() == np.repeat(np.arange(len(table)), n_steps).tolist()
    assert table.reservations["step"].tolist() == np.repeat(np.arange(len(table.steps)), n_reservations).tolist()


@quick
@given(appointment_lists())
def test_a_table_is_what_it_was_made_of(given_list):
    table = AppointmentTable.of(given_list)
    assert_well_formed(table)
    assert list(table) == given_list
    assert [a.model_dump() for a in table] == [a.model_dump() for a in given_list]
    assert [table.by_id(a.id) for a in given_list] == given_list
    assert [Appointment.model_validate_json(a.model_dump_json()) for a in table] == given_list
    for row, a in enumerate(given_list):
        assert table.rows["start"][row] == epoch_minute(a.start)
        assert table.rows["end"][row] == epoch_minute(a.end)
        assert (table.rows["expires_at"][row] == NEVER) == (a.expires_at is None)


@quick
@given(st.data(), appointment_lists("old"), appointment_lists("new"))
def test_a_changed_table_is_one_made_anew(data, old, new):
    removed = data.draw(st.lists(st.sampled_from([a.id for a in old]), unique=True)) if old else []
    moved = [data.draw(appointments(id)) for id in data.draw(st.permutations(removed))[:2]]
    table = AppointmentTable.of(old)
    changed = table.changed(removed=removed, added=[*new, *moved])
    assert_well_formed(changed)
    expected = [a for a in old if a.id not in removed] + new + moved
    assert list(changed) == expected
    assert changed == AppointmentTable.of(expected)
    assert changed.row_by_id == {a.id: row for row, a in enumerate(expected)}
    assert set(changed.rest) <= {a.id for a in expected}
    assert list(table) == old  # the table before is not touched


def test_change_after_change():
    table = AppointmentTable()
    expected: dict[str, Appointment] = {}
    for i in range(40):
        gone = [f"a{i - 5}"] if i >= 5 and i % 3 else []
        new = appointment(f"a{i}", start=f"{8 + i % 8:02d}:00", note="x" * (i % 2))
        expected = {k: v for k, v in expected.items() if k not in gone} | {new.id: new}
        table = table.changed(removed=gone, added=[new])
        assert_well_formed(table)
    assert list(table) == list(expected.values())


def test_a_table_is_a_sequence():
    three = [appointment("a"), appointment("b"), appointment("c")]
    table = AppointmentTable.of(three)
    assert len(table) == 3
    assert (table[0], table[-1], table[1]) == (three[0], three[2], three[1])
    assert table[1:] == three[1:]
    assert table[::-1] == three[::-1]
    assert list(reversed(table)) == three[::-1]
    assert table.index(three[1]) == 1
    for row in (3, -4):
        with pytest.raises(IndexError):
            table[row]


def test_what_is_in_a_table():
    table = AppointmentTable.of([appointment("a")])
    assert "a" in table
    assert appointment("a", start="10:00") in table
    assert "b" not in table
    assert None not in table


def test_equal_tables():
    one, other = AppointmentTable.of([appointment("a")]), AppointmentTable.of([appointment("a")])
    assert one == other
    assert one != AppointmentTable.of([appointment("a", start="10:00")])
    assert one != AppointmentTable.of([appointment("a"), appointment("b")])
    assert one != AppointmentTable()
    assert one != [appointment("a")]
    assert AppointmentTable() == AppointmentTable.of([])
    with pytest.raises(TypeError):
        hash(one)


def test_equality_is_about_appointments_not_about_how_they_are_stored():
    a, b = appointment("a"), appointment("b", patient="pat-9")
    assert AppointmentTable.of([b, a]).changed(removed=["b"]) == AppointmentTable.of([a])


def test_an_id_is_there_once():
    with pytest.raises(ValueError, match="appointment 'a' is there twice"):
        AppointmentTable.of([appointment("a"), appointment("a")])
    table = AppointmentTable.of([appointment("a")])
    with pytest.raises(ValueError, match="'a' is there twice"):
        table.changed(added=[appointment("a")])
    moved = table.changed(removed=["a"], added=[appointment("a", start="10:00")])
    assert [a.start for a in moved] == [at("10:00")]


def test_only_what_is_there_is_removed():
    table = AppointmentTable.of([appointment("app-1")])
    for act in (lambda: table.changed(removed=["ap-1"]), lambda: table.by_id("ap-1")):
        with pytest.raises(UnknownIdError, match=r"There is no appointment 'ap-1'\. Maybe you meant 'app-1'"):
            act()
    assert len(table.changed(removed=["app-1", "app-1"])) == 0


def test_nothing_changed():
    table = AppointmentTable.of([appointment("a")])
    assert table.changed() == table
    assert AppointmentTable().changed(removed=[], added=[]) == AppointmentTable()


def test_seldom_used_fields_go_with_their_appointment():
    table = AppointmentTable.of([appointment("a", note="n", group="g")])
    assert table.rest == {"a": {"note": "n", "group": "g"}}
    assert table.changed(removed=["a"]).rest == {}
    assert table.changed(removed=["a"], added=[appointment("a")]).rest == {}


def test_a_table_can_be_sent_to_another_process():
    table = AppointmentTable.of([appointment("a", note="n"), appointment("b")])
    assert table.row_by_id == {"a": 0, "b": 1}
    assert pickle.loads(pickle.dumps(table)) == table


def test_a_year_of_a_hospital_fits_into_memory():
    """200,000 appointments of three reservations each."""
    one = appointment("a", placed("visit", at("09:00"), 20, {"doctor": "dr-a", "nurse": "n-a", "room": "r-a"}))
    table = AppointmentTable.of([one])
    n = 200_000
    rows, steps = np.repeat(table.rows, n), np.repeat(table.steps, n)
    reservations = np.tile(table.reservations, n)
    first_name = len(table.names)
    rows["id"] = np.arange(first_name, first_name + n)
    rows["first_step"] = steps["appointment"] = np.arange(n)
    steps["first_reservation"] = 3 * np.arange(n)
    reservations["step"] = np.repeat(np.arange(n), 3)
    names = (*table.names, *(f"app-{i}" for i in range(n)))
    year = AppointmentTable(names, rows, steps, reservations)
    assert sum(part.nbytes for part in (year.rows, year.steps, year.reservations)) < 40_000_000
    assert year[n - 1] == one.model_copy(update={"id": f"app-{n - 1}"})
    later = one.model_copy(update={"id": "later"})
    changed = year.changed(removed=["app-0", "app-100000"], added=[later])
    assert len(changed) == n - 1
    assert changed[-1] == later
    assert changed[99_999].id == "app-100001"
    assert changed.rows["first_step"][-1] == n - 2
    assert changed.steps["first_reservation"][-1] == 3 * (n - 2)
    assert changed[-1].end - changed[-1].start == timedelta(minutes=20)
