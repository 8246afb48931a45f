"""What is booked survives its three tables, read and written column by column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.model.appointment import Appointment, PlacedStep, Reservation
from engine.model.columns import AppointmentTable
from engine.scenario_io.booked_tables import booked_from_tables
from engine.scenario_io.booking_rows import booking_rows
from engine.scenario_io.csvtext import read_table, table_text
from engine.scenario_io.faults import FaultLog
from engine.scenario_io.files import columns_of
from tests.factories import appointment, at, placed, reservation
from tests.scenario_io.drawn import drawn

if TYPE_CHECKING:
    from engine.scenario_io.csvtext import Table

ZONE = "Europe/Zurich"


def through_tables(table: AppointmentTable) -> AppointmentTable:
    log = FaultLog()
    read: dict[str, Table] = {}
    for name, rows in booking_rows(table, ZONE):
        read[name] = read_table("".join(table_text(*rows)).encode(), f"{name}.csv", *columns_of(name), log)
    booked = booked_from_tables(read, ZONE, log)
    assert log.found == []
    return booked.table


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(appointments=st.lists(drawn(Appointment), min_size=1, max_size=4, unique_by=lambda a: a.id))
def test_appointments_come_back(appointments: list[Appointment]):
    table = AppointmentTable.of(appointments)
    back = through_tables(table)
    assert list(back) == appointments
    for ours, theirs in ((back.rows, table.rows), (back.steps, table.steps), (back.reservations, table.reservations)):
        assert _with_names(ours, back) == _with_names(theirs, table)


def _with_names(rows: Any, table: AppointmentTable) -> list[list[Any]]:
    """Rows with names in the place of their positions, which two equal tables may have in another order."""
    texts = np.array([*table.names, None], dtype=object)
    named = {"id", "patient", "service", "order", "role", "resource", "site"}
    if "site" in rows.dtype.names:  # a placed step's name; a reservation's step is a row
        named.add("step")
    return [texts[rows[name]].tolist() if name in named else rows[name].tolist() for name in rows.dtype.names]


def test_rows_of_one_appointment_far_from_each_other():
    """Two appointments with two steps each, and every step's reservations, in the order a spreadsheet sorted them."""
    steps = (
        "appointment,step,start,end,site\n"
        "b,second,2026-03-02T10:00,2026-03-02T10:20,main\n"
        "a,second,2026-03-02T09:00,2026-03-02T09:20,main\n"
        "b,first,2026-03-02T09:30,2026-03-02T09:50,main\n"
        "a,first,2026-03-02T08:00,2026-03-02T08:20,main\n"
    )
    reservations = (
        "appointment,step,role,resource,start,end\n"
        "a,first,doctor,dr-a,2026-03-02T08:00,2026-03-02T08:20\n"
        "b,first,doctor,dr-b,2026-03-02T09:30,2026-03-02T09:50\n"
        "a,second,doctor,dr-c,2026-03-02T09:00,2026-03-02T09:20\n"
        "a,first,room,room-1,2026-03-02T08:00,2026-03-02T08:20\n"
    )
    texts = {"appointments": "id,service\na,visit\nb,visit\n", "steps": steps, "reservations": reservations}
    log = FaultLog()
    read = {name: read_table(text.encode(), name, *columns_of(name), log) for name, text in texts.items()}
    table = booked_from_tables(read, ZONE, log).table
    assert log.found == []

    def visit(id: str, *steps: Any) -> Appointment:
        return appointment(id, *steps, patient=None, order=None)

    def step(name: str, start: str, end: str, **using: str) -> Any:
        return placed(name, at(start), 20, [reservation(r, who, at(start), at(end)) for r, who in using.items()])

    assert list(table) == [
        visit(
            "a",
            step("second", "09:00", "09:20", doctor="dr-c"),
            step("first", "08:00", "08:20", doctor="dr-a", room="room-1"),
        ),
        visit("b", step("second", "10:00", "10:20"), step("first", "09:30", "09:50", doctor="dr-b")),
    ]
    assert table[0].start == at("08:00")
    assert table[0].end == at("09:20")


def test_the_tables_have_a_column_for_every_field():
    """A field that the model gains must not get lost in these tables, whose columns are written by hand."""
    assert set(columns_of("appointments")[0]) == set(Appointment.model_fields) - {"steps"}
    assert set(columns_of("steps")[0]) == (set(PlacedStep.model_fields) - {"reservations"}) | {"appointment"}
    assert set(columns_of("reservations")[0]) == set(Reservation.model_fields) | {"appointment", "step", "nth"}


def test_no_appointments_at_all():
    texts = {"appointments": "id,service\n", "steps": "appointment,step,start,end,site\n"}
    log = FaultLog()
    read = {name: read_table(text.encode(), name, *columns_of(name), log) for name, text in texts.items()}
    assert len(booked_from_tables(read, ZONE, log).table) == 0
    assert log.found == []
