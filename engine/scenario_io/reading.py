"""Reading a scenario: every file taken apart, every item validated, then all of them held against each other."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from engine.model.calendar import Interval
from engine.model.columns import AppointmentTable
from engine.model.policy import Policy
from engine.model.problem import Problem
from engine.model.references import problem_faults
from engine.model.resource import ResourceKind
from engine.model.schedule import Schedule
from engine.scenario_io.booked import Booked, booked_from_items
from engine.scenario_io.booked_tables import booked_from_tables
from engine.scenario_io.cells import cell_value
from engine.scenario_io.column_values import row_place
from engine.scenario_io.crossrefs import CrossReferences
from engine.scenario_io.faults import FaultLog, parse_path
from engine.scenario_io.files import Source, open_scenario
from engine.scenario_io.items import read_item
from engine.scenario_io.layout import APPOINTMENT_TABLES, PARTS, PROBLEM_KEYS, TABLE_KEYS
from engine.scenario_io.rounding import rounding_notes
from engine.scenario_io.scenario import Scenario
from engine.scenario_io.shapes import shape_of
from engine.scenario_io.values import found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.scenario_io.csvtext import Table
    from engine.scenario_io.faults import Path, Place
    from engine.scenario_io.layout import Part
    from engine.scenario_io.shapes import Shape

__all__ = ["load_scenario"]

_SOME_DAY = datetime(2000, 1, 1, tzinfo=UTC)
_STAND_INS: dict[str, Any] = {
    "name": "unreadable",
    "time_zone": "UTC",
    "horizon": Interval(start=_SOME_DAY, end=_SOME_DAY + timedelta(days=1)),
    "policy": Policy(),
    "planning": None,
    "schedule_version": 0,
}
"""What single values are taken to be when they cannot be read, so that the rest can still be looked at."""

_MENDED = ("patients", "orders")
"""Lists whose items are held against others even when something in them cannot be read: leaving out a wrong due date
makes nothing else wrong, which cannot be said of a room's capabilities."""

_ITEM_IN_MESSAGE = re.compile(r"\b([a-z_]+)\[(\d+)\]")


class _Everything(frozenset[str]):
    """The ids of a file that cannot be read: any may be among them."""

    __slots__ = ()

    def __contains__(self, given: object) -> bool:
        return True

    def __bool__(self) -> bool:
        return True


@dataclass
class _Reading:
    """What has been read so far.

    Parameters
    ----------
    values, places
        By key; the items of a list and their places have the same positions.
    known
        Ids of items that could not be read, by kind; see `problem_faults`.
    stood_in
        Single values that could not be read, for which another stands in.
    """

    source: Source
    log: FaultLog
    zone: str = "UTC"
    values: dict[str, Any] = field(default_factory=dict)
    places: dict[str, list[Place]] = field(default_factory=dict)
    known: dict[str, frozenset[str]] = field(default_factory=dict)
    stood_in: set[str] = field(default_factory=set)

    def read_single(self, part: Part) -> None:
        """One value, or its default; a stand-in when it cannot be read."""
        section = self.source.sections.get(part.key)
        if section is not None:
            n_faults = len(self.log.found)
            self.values[part.key] = read_item(section.value, part.type, self.zone, section.place(), self.log)
            if len(self.log.found) == n_faults:
                return
        elif part.key not in self.source.unreadable:
            if part.is_required:
                self.log.add(self.header_file, 1, f"'{part.key}' is missing")
            else:
                self.values[part.key] = Problem.model_fields[part.key].default if part.key in PROBLEM_KEYS else 0
                return
        self.values[part.key] = _STAND_INS.get(part.key)
        self.stood_in.add(part.key)

    def read_list(self, part: Part) -> None:
        """Every item of a list, wherever it stands; those with faults are left out, their ids remembered."""
        read: list[Any] = []
        places: list[Place] = []
        failed: set[str] = set()
        for raw, place, ignoring in self.raw_items(part):
            n_faults = len(self.log.found)
            item = read_item(
                raw, part.type, self.zone, place, self.log, ignoring=ignoring, is_mended=part.key in _MENDED
            )
            if item is not None:
                read.append(item)
                places.append(place)
            if item is None or len(self.log.found) > n_faults:
                failed.add(str(raw.get("id", "")) if isinstance(raw, dict) else "")
        if part.key in self.source.tables:
            failed |= self.source.tables[part.key].broken
        self.values[part.key] = tuple(read)
        self.places[part.key] = places
        self.remember(part, frozenset(failed))

    def remember(self, part: Part, failed: frozenset[str]) -> None:
        """References to items that could not be read are not held against those that refer."""
        if part.key in self.source.unreadable:
            failed = _Everything()
        if part.reference and not isinstance(self.known.get(part.reference), _Everything):
            is_all = isinstance(failed, _Everything)
            self.known[part.reference] = failed if is_all else self.known.get(part.reference, frozenset()) | failed

    def raw_items(self, part: Part) -> Iterator[tuple[Any, Place, frozenset[str]]]:
        """Each item as plain values, with its place and the keys that its whole file lacks."""
        table = self.source.tables.get(part.key)
        section = self.source.sections.get(part.key)
        if table is not None:
            for raw, place, unread in _table_items(table, part.type, self.log):
                yield raw, place, table.absent | unread
        elif section is not None and isinstance(section.value, list):
            for i, raw in enumerate(section.value):
                yield raw, section.place(i), frozenset()
        elif section is not None:
            hint = ". Maybe write [] for an empty one." if section.value is None else ""
            self.log.add_at(section.place(), (), f"found {found(section.value)}, expected a list{hint}")
            self.source.unreadable.add(part.key)

    @property
    def header_file(self) -> str:
        """The file that holds the single values."""
        return next((s.document.file for s in self.source.sections.values() if s.base), "scenario.yaml")


def _table_items(
    table: Table, annotation: Any, log: FaultLog
) -> Iterator[tuple[dict[str, Any], Place, frozenset[str]]]:
    """Rows of a table as plain values, with their places and the columns whose cells cannot be read."""
    fields = shape_of(annotation).fields
    for row, cells in enumerate(table.rows()):
        place = row_place(table, row)
        raw: dict[str, Any] = {}
        unread: list[str] = []
        for column, cell in cells.items():
            try:
                raw[column] = cell_value(cell, fields[column], column)
            except ValueError as error:
                log.add_at(place, (column,), str(error))
                unread.append(column)
        yield raw, place, frozenset(unread)


def load_scenario(path: FilePath | str) -> Scenario:
    """Read a scenario from a folder, or from a YAML or JSON file.

    Raises
    ------
    ScenarioFormatError
        When anything is wrong with it; lists every fault, with file and line.
    """
    log = FaultLog()
    source = open_scenario(FilePath(path), log)
    if not source.sections and not source.tables:
        log.raise_if_any()
    reading = _Reading(source, log)
    reading.read_single(PARTS["time_zone"])
    reading.zone = reading.values["time_zone"]
    for key, part in PARTS.items():
        if part.is_list and key != "appointments":
            reading.read_list(part)
        elif not part.is_list and key != "time_zone":
            reading.read_single(part)
    problem = _problem(reading)
    table = _bookings(reading, problem)
    if FilePath(path).is_dir():
        _gather_followers(reading)
    log.raise_if_any()
    values = reading.values
    schedule = Schedule(problem, table, values["groups"], values["left_over"], values["schedule_version"])
    return Scenario(problem, schedule, values["events"], rounding_notes(problem, reading.places), FilePath(path))


def _gather_followers(reading: _Reading) -> None:
    """Of a file that a folder lacks say so once, rather than at everything that names what would be in it."""
    source, kinds = reading.source, {part.reference for part in PARTS.values() if part.reference}
    for kind in sorted(kinds):
        keys = [key for key, part in PARTS.items() if part.reference == kind]
        if any(source.file_of(key) is not None for key in keys) or source.unreadable.intersection(keys):
            continue
        file = f"{keys[0]}.csv" if keys[0] in (*TABLE_KEYS, *APPOINTMENT_TABLES) else f"{keys[0]}.yaml"
        words = [resource.value for resource in ResourceKind] if kind == "resource" else []
        for named in (kind, *words):
            article = "an" if named[0] in "aeiou" else "a"
            said = f"there is no such file, but {{n}} places name {article} {named}, the first {{first}}"
            reading.log.gather(f"expected the id of {article} {named}.", file, said)


def _bookings(reading: _Reading, problem: Problem) -> AppointmentTable:
    """The appointments, with the faults between them, groups, events and the problem noted."""
    part, source, places = PARTS["appointments"], reading.source, reading.places
    if source.unreadable & set(APPOINTMENT_TABLES):
        source.unreadable.add(part.key)
        booked = Booked.of_items(AppointmentTable(), ())
    elif part.key in source.tables:
        booked = booked_from_tables(source.tables, reading.zone, reading.log)
    else:
        items = (
            (read_item(raw, part.type, reading.zone, place, reading.log), raw, place)
            for raw, place, _ in reading.raw_items(part)
        )
        booked = booked_from_items(items, reading.log)
    reading.remember(part, booked.failed)
    references = CrossReferences(problem, reading.known, reading.log)
    references.check_groups(reading.values["groups"], places["groups"])
    references.check_appointments(booked)
    references.check_events(reading.values["events"], places["events"], booked.table)
    references.check_left_over(reading.values["left_over"], places["left_over"])
    return booked.table


def _problem(reading: _Reading) -> Problem:
    """The problem made of what could be read, with the faults between its facts noted."""
    values = {key: reading.values[key] for key in PROBLEM_KEYS}
    if reading.stood_in & {"tick_min", "horizon", "policy"}:
        values["tick_min"] = 1  # with which everything agrees
    problem = Problem.model_construct(**values)
    known = dict(reading.known)
    if "planning" in reading.stood_in:
        known["activity"] = _Everything()
    for fault in problem_faults(problem, known):
        _add_problem_fault(reading, fault.place, fault.message)
    return problem


def _add_problem_fault(reading: _Reading, words: str, message: str) -> None:
    """A fault that names an item by its position among those that could be read, at that item's place."""
    key, *rest = parse_path(words)
    path = tuple(rest)
    said = _ITEM_IN_MESSAGE.sub(lambda match: _place_words(reading, match), message)
    if PARTS[str(key)].is_list and path and isinstance(path[0], int):
        place = reading.places[str(key)][path[0]]
        reading.log.add_at(place, _as_written(path[1:], PARTS[str(key)]), said)
        return
    section = reading.source.sections.get(str(key))
    if section is not None:
        reading.log.add_at(section.place(), _as_written(path, PARTS[str(key)]), said)
    else:
        reading.log.add(reading.header_file, 1, f"{words}: {said}")


def _place_words(reading: _Reading, match: re.Match[str]) -> str:
    """An item that a message names by its position, as file and line."""
    places = reading.places.get(match.group(1), [])
    position = int(match.group(2))
    if position >= len(places):
        return match.group()
    return f"{places[position].file}:{places[position].line_of(())}"


def _as_written(path: Path, part: Part) -> Path:
    """A path of field names as one of a document's keys."""
    written: list[str | int] = []
    shape: Shape | None = shape_of(part.type)
    for key in path:
        name = shape.names.get(key, key) if shape is not None and isinstance(key, str) else key
        written.append(name)
        shape = shape.within(name) if shape is not None else None
    return tuple(written)
