"""The files of a scenario, taken apart: which key stands where."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.errors import nearest
from engine.scenario_io.csvtext import Table, read_table
from engine.scenario_io.document import Document, checked_bytes, decoded
from engine.scenario_io.faults import Path, Place, UnreadableFileError, maybe
from engine.scenario_io.jsontext import parse_json
from engine.scenario_io.layout import APPOINTMENT_TABLES, FORMAT_VERSION, HEADER_FILE, PARTS, TABLE_KEYS, VERSION_KEY
from engine.scenario_io.shapes import shape_of
from engine.scenario_io.values import found
from engine.scenario_io.yamltext import parse_yaml

if TYPE_CHECKING:
    from pathlib import Path as FilePath

    from engine.scenario_io.faults import FaultLog

__all__ = ["Section", "Source", "columns_of", "open_scenario"]

_STEP_COLUMNS = ("appointment", "step", "start", "end", "site", "modality")
_RESERVATION_COLUMNS = ("appointment", "step", "role", "resource", "start", "end", "units", "use", "nth")
_FIRST_COLUMNS = ("id", "kind", "name", "at", "day")
_REQUIRED_COLUMNS = {
    "steps": _STEP_COLUMNS[:-1],
    "reservations": _RESERVATION_COLUMNS[:-3],
}
_OWN_FILES = {f"{key}.yaml": key for key, part in PARTS.items() if part.has_own_file}
_TABLES = {f"{name}.csv": name for name in (*TABLE_KEYS, *APPOINTMENT_TABLES)}
_FILES = _OWN_FILES | _TABLES
"""What a folder may hold beside the header: names of files, and the key or table that each holds."""


@dataclass(frozen=True)
class Section:
    """The value of a key, in the document that holds it; `base` leads there from the document's top."""

    key: str
    value: Any
    document: Document
    base: Path

    def place(self, item: int | None = None) -> Place:
        """Of the whole, or of one of its items."""
        base = self.base if item is None else (*self.base, item)
        prefix = self.key if item is None else f"{self.key}[{item}]"
        return Place(self.document.file, prefix, lambda path: self.document.line_of(base + path))


@dataclass
class Source:
    """What was found: sections and tables by key, and the keys whose file cannot be taken apart."""

    sections: dict[str, Section] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)

    def file_of(self, key: str) -> str | None:
        """The file that holds a key."""
        if key in self.sections:
            return self.sections[key].document.file
        return self.tables[key].file if key in self.tables else None


def columns_of(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns of a table, and those of them that are required."""
    if name == "steps":
        return _STEP_COLUMNS, _REQUIRED_COLUMNS[name]
    if name == "reservations":
        return _RESERVATION_COLUMNS, _REQUIRED_COLUMNS[name]
    shape = shape_of(PARTS[name].type)
    first = [key for key in _FIRST_COLUMNS if key in shape.fields]
    known = first + [key for key in shape.fields if key not in first]
    if name == "appointments":
        known.remove("steps")
    return tuple(known), tuple(key for key in known if key in shape.required)


def open_scenario(path: FilePath, log: FaultLog) -> Source:
    """Take every file of a scenario apart; faults go to the log."""
    source = Source()
    if path.is_dir():
        _open_folder(path, source, log)
    elif not path.exists():
        log.add(str(path), None, "there is no such file or folder")
    elif path.name == HEADER_FILE and (beside := [name for name in _FILES if (path.parent / name).exists()]):
        said = f"is the header of a scenario, with {beside[0]} beside it"
        log.add(str(path), None, f"{said}, expected the folder. Maybe give {path.parent}")
    elif path.suffix.lower() in (".yaml", ".yml", ".json"):
        document = _document(path, log)
        if document is not None:
            _take_header(document, source, log)
    else:
        what = f"a '{path.suffix}' file" if path.suffix else "something without an ending"
        log.add(str(path), None, f"found {what}, expected a folder, or a .yaml or .json file")
    return source


def _open_folder(folder: FilePath, source: Source, log: FaultLog) -> None:
    header = folder / HEADER_FILE
    if not header.is_file():
        log.add(str(folder), None, f"there is no {HEADER_FILE} in this folder")
        return
    document = _document(header, log)
    if document is None:
        source.unreadable.update(PARTS)
    elif not _take_header(document, source, log):
        return
    seen: list[str] = []
    misspelt: list[str] = []
    for file in sorted(folder.iterdir()):
        # A link that leads nowhere, or a folder of such a name, is a fault and not a clinic without orders.
        if file.name in _OWN_FILES:
            _take_own_file(file, _OWN_FILES[file.name], source, log)
        elif file.name in _TABLES:
            seen.append(_TABLES[file.name])
            _take_table(file, _TABLES[file.name], source, log)
        elif file.name == HEADER_FILE or file.name.startswith(".") or file.is_dir():
            continue
        elif file.suffix.lower() in (".csv", ".yaml", ".yml"):
            log.add(file.name, None, f"is no file of a scenario.{maybe(file.name, [HEADER_FILE, *_FILES])}")
            misspelt.append(nearest(file.name, _FILES) or "")
    meant = {_FILES.get(name, "") for name in misspelt}
    source.unreadable.update(key for key in meant if key and source.file_of(key) is None)
    booked = [name for name in APPOINTMENT_TABLES if name in seen]
    for name in APPOINTMENT_TABLES[:2] if booked else ():
        if name not in booked and name not in source.unreadable:
            log.add(f"{booked[-1]}.csv", None, f"there is no {name}.csv that it belongs to")
            source.unreadable.add("appointments")


def _document(file: FilePath, log: FaultLog) -> Document | None:
    try:
        parse = parse_json if file.suffix.lower() == ".json" else parse_yaml
        document = parse(decoded(checked_bytes(file)), file.name)
    except UnreadableFileError as error:
        log.add(file.name, error.line, error.message)
        return None
    for line, message in document.repeats:
        log.add(file.name, line, message)
    if document.value is None:
        log.add(file.name, None, "is empty")
        return None
    return document


def _take_header(document: Document, source: Source, log: FaultLog) -> bool:
    """The keys of the header, or of the only file; False where nothing of the scenario is worth reading."""
    file, top = document.file, document.value
    if not isinstance(top, dict):
        log.add(file, document.line_of(()), f"found {found(top)}, expected a mapping with '{VERSION_KEY}', 'name' ...")
        source.unreadable.update(PARTS)
        return True
    if VERSION_KEY in top and "command" in top:
        hint = ". Maybe give the scenario, and this file after --template" if top["command"] == "template" else ""
        log.add(file, None, f"is an answer of 'slotwright {top['command']}', expected a scenario{hint}")
        return False
    if not _is_readable_version(document, log):
        return False
    for key, value in top.items():
        if key in PARTS:
            source.sections[key] = Section(key, value, document, (key,))
        elif key != VERSION_KEY:
            log.add(file, document.line_of((key,)), f"unknown key '{key}'.{maybe(key, PARTS)}")
    return True


def _is_readable_version(document: Document, log: FaultLog) -> bool:
    """Whether the rest is worth reading; a missing or misspelt version is a fault, and read as the current one."""
    if VERSION_KEY not in document.value:
        message = f"'{VERSION_KEY}' is missing, expected the version of the format: {VERSION_KEY}: {FORMAT_VERSION}"
        log.add(document.file, document.line_of(()), message)
        return True
    version = document.value[VERSION_KEY]
    is_number = type(version) is int and version >= 1
    if version == FORMAT_VERSION and is_number:
        return True
    message = f"found {found(version)}, expected the version of the format: {FORMAT_VERSION}"
    if is_number:
        message = f"is version {found(version)} of the format, this Slotwright reads {FORMAT_VERSION}. Maybe update it."
    log.add(document.file, document.line_of((VERSION_KEY,)), f"{VERSION_KEY}: {message}")
    return not is_number


def _take_own_file(file: FilePath, key: str, source: Source, log: FaultLog) -> None:
    if not _is_only_place(file, key, source, log):
        return
    document = _document(file, log)
    if document is None:
        source.unreadable.add(key)
    else:
        source.sections[key] = Section(key, document.value, document, ())


def _take_table(file: FilePath, name: str, source: Source, log: FaultLog) -> None:
    if not _is_only_place(file, name, source, log):
        return
    known, required = columns_of(name)
    try:
        source.tables[name] = read_table(checked_bytes(file), file.name, known, required, log)
    except UnreadableFileError as error:
        log.add(file.name, error.line, error.message)
        source.unreadable.add(name)


def _is_only_place(file: FilePath, key: str, source: Source, log: FaultLog) -> bool:
    other = source.file_of(key)
    if other is not None:
        log.add(file.name, None, f"'{key}' is in {other} as well, expected one place")
    return other is None
