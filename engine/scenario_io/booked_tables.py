"""What is booked, read from its three tables column by column.

200,000 appointments have some five million cells, most of them repeated. So every distinct text of a column is read
once, and rows are put together as arrays; appointments are never made as objects.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.model.appointment import Appointment, AppointmentStatus, Override, Promise, Reservation
from engine.model.columns import AppointmentTable
from engine.model.order import Priority
from engine.model.rows import APPOINTMENT, NEVER, RARE, RESERVATION, STEP
from engine.model.service import Modality, RoleUse
from engine.model.session import PatientClass
from engine.scenario_io.booked import Booked
from engine.scenario_io.column_values import LARGEST, MISSING, TableReader, row_place
from engine.scenario_io.faults import Place
from engine.scenario_io.items import read_item
from engine.scenario_io.jsontext import strict_json
from engine.scenario_io.values import found

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from engine.scenario_io.csvtext import Table
    from engine.scenario_io.faults import FaultLog, Path

__all__ = ["booked_from_tables"]


def booked_from_tables(tables: Mapping[str, Table], zone: str, log: FaultLog) -> Booked:
    """The appointments of `appointments.csv`, `steps.csv` and `reservations.csv`.

    Parameters
    ----------
    tables
        By name. Without `reservations` no step has any.
    zone
        Of local times without an offset.
    """
    index: dict[str, int] = {}
    heads, steps = (TableReader(tables[name], zone, log, index) for name in ("appointments", "steps"))
    rows = _appointment_rows(heads)
    holders = _Holders.of(heads, rows["id"])
    placed, step_order = _step_rows(steps, holders)
    if "reservations" in tables:
        spans = TableReader(tables["reservations"], zone, log, index)
        reserved, reservation_order = _reservation_rows(spans, holders, placed, steps.table.broken)
        placed["n_reservations"] = _sizes(reserved["step"], len(placed), spans, reservation_order)
    else:
        reserved, reservation_order = np.zeros(0, RESERVATION), np.zeros(0, np.int64)
    placed["first_reservation"] = np.cumsum(placed["n_reservations"], dtype=np.int64) - placed["n_reservations"]
    rows["n_steps"] = _sizes(placed["appointment"], len(rows), steps, step_order)
    rows["first_step"] = np.cumsum(rows["n_steps"], dtype=np.int64) - rows["n_steps"]
    _note_without_steps(heads, rows["n_steps"] == 0, holders, steps.table)
    has_steps = rows["n_steps"] > 0
    if has_steps.any():
        rows["start"][has_steps] = np.minimum.reduceat(placed["start"], rows["first_step"][has_steps])
        rows["end"][has_steps] = np.maximum.reduceat(placed["end"], rows["first_step"][has_steps])
    files = (tables["appointments"], tables["steps"], tables.get("reservations", tables["steps"]))
    orders = (np.arange(len(rows)), step_order, reservation_order)

    def place_of(level: int, row: int, column: str) -> tuple[Place, Path]:
        return row_place(files[level], int(orders[level][row])), (column,)

    table = AppointmentTable(tuple(index), rows, placed, reserved, _rest(heads))
    return Booked(table, place_of, tables["appointments"].broken)


@dataclass(frozen=True)
class _Holders:
    """Which row of the appointments an id stands for.

    Parameters
    ----------
    row_of_name
        By position in the names; the last is `MISSING`, for whatever is no appointment.
    not_judged
        Ids that are not held against the tables that name them: of rows that could not be read.
    is_judged
        False where the appointments have no column of ids.
    """

    row_of_name: NDArray[np.int64]
    not_judged: frozenset[str]
    is_judged: bool

    @classmethod
    def of(cls, heads: TableReader, ids: NDArray[Any]) -> _Holders:
        row_of_name = np.full(len(heads.index) + 1, MISSING, np.int64)
        row_of_name[ids[::-1]] = np.arange(len(ids))[::-1]  # of two with one id the first
        row_of_name[-1] = MISSING
        return cls(row_of_name, heads.table.broken, "id" not in heads.table.absent)

    def rows(self, table: TableReader) -> NDArray[np.int64]:
        """Row of the appointment that each row of a table belongs to, `MISSING` and a fault where there is none."""
        last = len(self.row_of_name) - 1
        names = table.names("appointment", is_required=True)
        holder = self.row_of_name[np.where((names >= 0) & (names < last), names, last)]
        for row in np.flatnonzero((names >= 0) & (holder < 0)).tolist() if self.is_judged else ():
            given = table.cell(row, "appointment")
            if given not in self.not_judged:
                table.fault(
                    row, "appointment", f"found '{given}', expected the id of an appointment in appointments.csv"
                )
        return holder


def _appointment_rows(heads: TableReader) -> NDArray[Any]:
    rows = np.zeros(len(heads.table), APPOINTMENT)
    rows["id"] = heads.names("id", is_required=True)
    rows["patient"] = heads.names("patient")
    rows["service"] = heads.names("service", is_required=True)
    rows["order"] = heads.names("order")
    rows["occurrence"] = heads.counts("occurrence", Appointment)
    rows["priority"] = heads.choices("priority", Priority, Priority.ROUTINE)
    rows["patient_class"] = heads.choices("patient_class", PatientClass, PatientClass.OUTPATIENT)
    rows["status"] = heads.choices("status", AppointmentStatus, AppointmentStatus.BOOKED)
    rows["is_pinned"] = heads.truths("is_pinned")
    rows["is_confirmed"] = heads.truths("is_confirmed")
    rows["times_moved"] = heads.counts("times_moved", Appointment)
    rows["booked_at"] = heads.instants("booked_at")
    rows["expires_at"] = heads.instants("expires_at")
    pending = list(AppointmentStatus).index(AppointmentStatus.PENDING)
    is_wrong = (rows["expires_at"] != NEVER) & (rows["status"] != pending) & (rows["status"] != MISSING)
    for row in np.flatnonzero(is_wrong).tolist():
        heads.fault(row, "expires_at", "has an expiry, which only a pending hold has")
    _note_repeated_ids(heads, rows["id"])
    return rows


def _note_repeated_ids(heads: TableReader, ids: NDArray[Any]) -> None:
    names, first = np.unique(ids, return_index=True)
    first_row = dict(zip(names.tolist(), first.tolist(), strict=True))
    again = np.setdiff1d(np.arange(len(ids)), first)
    for row in again[ids[again] >= 0].tolist():
        there = f"{heads.table.file}:{heads.table.lines[first_row[int(ids[row])]]}"
        heads.fault(row, "id", f"found '{heads.cell(row, 'id')}', which {there} has already; expected an id of its own")


def _rest(heads: TableReader) -> dict[str, dict[str, Any]]:
    """The fields that few appointments have, by appointment id."""
    found_by_row: dict[int, dict[str, Any]] = {}
    for column, annotation in (("promise", Promise), ("overrides", tuple[Override, ...])):
        for row, text in heads.filled(column):
            place = heads.place(row)
            try:
                raw = strict_json(text)
            except ValueError as error:
                heads.fault(row, column, f"found {found(text)}, expected JSON: {error}")
                continue
            value = read_item(raw, annotation, heads.zone, Place(place.file, column, place.line_of), heads.log)
            if value:
                found_by_row.setdefault(row, {})[column] = value
    for column in ("group", "note"):
        for row, text in heads.filled(column):
            found_by_row.setdefault(row, {})[column] = text
    if "id" in heads.table.absent:
        return {}
    return {
        heads.cell(row, "id"): {name: fields[name] for name in RARE if name in fields}
        for row, fields in found_by_row.items()
    }


def _step_rows(steps: TableReader, holders: _Holders) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Placed steps grouped by appointment, and the file's row of each."""
    rows = np.zeros(len(steps.table), STEP)
    rows["appointment"] = holders.rows(steps)
    rows["step"] = steps.names("step", is_required=True)
    rows["site"] = steps.names("site", is_required=True)
    rows["modality"] = steps.choices("modality", Modality, Modality.IN_PERSON)
    _put_times(steps, rows)
    return _grouped(rows, "appointment")


def _reservation_rows(
    spans: TableReader, holders: _Holders, placed: NDArray[Any], not_judged: frozenset[str]
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Reservations grouped by placed step, and the file's row of each."""
    appointment = holders.rows(spans)
    step = spans.names("step", is_required=True)
    nth = spans.positions("nth")
    rows = np.zeros(len(spans.table), RESERVATION)
    rows["role"] = spans.names("role", is_required=True)
    rows["resource"] = spans.names("resource", is_required=True)
    rows["units"] = spans.counts("units", Reservation)
    rows["use"] = spans.choices("use", RoleUse, RoleUse.EXCLUSIVE)
    _put_times(spans, rows)
    is_named = (appointment >= 0) & (step >= 0) & (nth >= 0)
    n_names = len(spans.index) + 1
    there = placed["appointment"].astype(np.int64) * n_names + placed["step"]
    there = there * (LARGEST + 1) + _nth_of_equals(there)
    wanted = np.where(is_named, (appointment * n_names + step) * (LARGEST + 1) + nth, MISSING)
    rows["step"] = _positions(there, wanted)
    for row in np.flatnonzero(is_named & (rows["step"] == MISSING)).tolist():
        if spans.cell(row, "appointment") not in not_judged:
            which = f", number {nth[row]}" if nth[row] else ""
            said = f"found '{spans.cell(row, 'step')}'{which}, expected a step that steps.csv has"
            spans.fault(row, "step", f"{said} for appointment '{spans.cell(row, 'appointment')}'")
    return _grouped(rows, "step")


def _grouped(rows: NDArray[Any], holder: str) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Rows in the order of what holds them, those that nothing holds left out; and where each stood before."""
    order = np.argsort(rows[holder], kind="stable")
    order = order[rows[holder][order] >= 0]
    return rows[order], order


def _nth_of_equals(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many equal keys stand before each."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    is_new = np.ones(len(keys), np.bool_)
    is_new[1:] = ordered[1:] != ordered[:-1]
    starts = np.maximum.accumulate(np.where(is_new, np.arange(len(keys)), 0))
    nth = np.empty(len(keys), np.int64)
    nth[order] = np.arange(len(keys)) - starts
    return nth


def _positions(there: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where in `there`, whose keys are all different, each wanted key stands; `MISSING` where it does not."""
    if not len(there):
        return np.full(len(wanted), MISSING, np.int64)
    order = np.argsort(there, kind="stable")
    near = order[np.minimum(np.searchsorted(there[order], wanted), len(there) - 1)]
    return np.where(there[near] == wanted, near, MISSING)


def _put_times(table: TableReader, rows: NDArray[Any]) -> None:
    rows["start"] = table.instants("start", is_required=True)
    rows["end"] = table.instants("end", is_required=True)
    is_wrong = (rows["end"] <= rows["start"]) & (rows["start"] != MISSING) & (rows["end"] != MISSING)
    for row in np.flatnonzero(is_wrong).tolist():
        start, end = table.cell(row, "start"), table.cell(row, "end")
        table.fault(row, "end", f"found '{end}', expected a time after the start {start}")


def _sizes(
    holders: NDArray[np.int64], n_holders: int, table: TableReader, order: NDArray[np.int64]
) -> NDArray[np.int64]:
    """How many rows each holder has; too many for an `AppointmentTable` are a fault."""
    sizes = np.bincount(holders, minlength=n_holders)
    for holder in np.flatnonzero(sizes > LARGEST).tolist():
        row = int(order[np.argmax(holders == holder)])
        message = f"found {sizes[holder]} rows that belong together, expected at most {LARGEST:,}"
        table.fault(row, "appointment", message)
    return np.minimum(sizes, LARGEST)


def _note_without_steps(heads: TableReader, is_without: NDArray[np.bool_], holders: _Holders, steps: Table) -> None:
    """Appointments that no step names; of two with one id only the first, which steps belong to."""
    if not holders.is_judged or "appointment" in steps.absent:
        return
    for row in np.flatnonzero(is_without).tolist():
        given = heads.cell(row, "id")
        if given and given not in steps.broken and holders.row_of_name[heads.index[given]] == row:
            heads.fault(row, "id", f"found '{given}', which has no step in steps.csv")
