"""Writing a scenario, as a folder or as one file, whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

import yaml

from engine.model.problem import Problem
from engine.scenario_io.booking_rows import booking_rows
from engine.scenario_io.cells import cell_text
from engine.scenario_io.csvtext import table_text
from engine.scenario_io.files import columns_of
from engine.scenario_io.layout import (
    APPOINTMENT_TABLES,
    FORMAT_VERSION,
    HEADER_FILE,
    PARTS,
    PROBLEM_KEYS,
    TABLE_KEYS,
    VERSION_KEY,
)
from engine.scenario_io.plain import plain
from engine.scenario_io.shapes import shape_of
from engine.scenario_io.yamltext import CORE_NUMBER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import TextIO

    from engine.scenario_io.layout import Part
    from engine.scenario_io.scenario import Scenario

__all__ = ["refuse_to_lose", "save_scenario"]

_OWN_FILES = ("resources", "services", "templates", "planning", "groups", "left_over")
"""Keys that get a file of their own in a folder, beside the tables."""
_FORMAT_FILES = frozenset(
    {HEADER_FILE}
    | {f"{key}.yaml" for key, part in PARTS.items() if part.has_own_file}
    | {f"{name}.csv" for name in (*TABLE_KEYS, *APPOINTMENT_TABLES)}
)


def save_scenario(scenario: Scenario, path: FilePath | str, *, overwrite: bool = False) -> None:
    """Write a scenario: to one file where the path ends in .json, else to a folder.

    Comments and layout of files that it was read from are not kept; everything that `load_scenario` reads is.
    Everything is written beside the target first and then renamed, so that an interruption leaves nothing half done.

    Parameters
    ----------
    overwrite
        Whether to replace what is there; a folder only where it holds nothing but files of this format.

    Raises
    ------
    FileExistsError
        When there is something already that may not be replaced.
    ValueError
        When the path ends in .yaml, .yml or .csv, or a text holds a NUL character, which a table cannot.
    """
    target = FilePath(path).resolve()
    refuse_to_lose(target, overwrite=overwrite)
    if _is_file_name(target):
        _save_file(scenario, target)
    else:
        _save_folder(scenario, target)


def refuse_to_lose(path: FilePath | str, *, overwrite: bool = False) -> None:
    """Refuse what `save_scenario` would refuse because of the name, or of what is there already; write nothing.

    Raises
    ------
    FileExistsError
        When there is something already that may not be replaced.
    ValueError
        When the path ends in .yaml, .yml or .csv.
    """
    target = FilePath(path).resolve()
    if target.suffix.lower() in (".yaml", ".yml", ".csv"):
        raise ValueError(f"{target} is no folder and no .json file, which scenarios are written to.")
    if not target.exists():
        return
    inside = sorted(file.name for file in target.iterdir()) if target.is_dir() else []
    is_right = target.is_file() if _is_file_name(target) else target.is_dir()
    if is_right and target.is_dir() and not inside:
        return
    if not overwrite:
        raise FileExistsError(f"{target} exists already. Maybe choose another name, or allow to overwrite it.")
    foreign = [name for name in inside if name not in _FORMAT_FILES]
    if foreign or not is_right:
        kind = "file" if _is_file_name(target) else "folder"
        what = f"holds '{foreign[0]}', which is no file of a scenario" if is_right else f"is no {kind}"
        raise FileExistsError(f"{target} {what}, and is left as it is. Maybe choose another name.")


def _is_file_name(target: FilePath) -> bool:
    return target.suffix.lower() == ".json"


def _save_file(scenario: Scenario, target: FilePath) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    temporary = FilePath(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.writelines(_json_lines(scenario))
        _as_usual(temporary, 0o666)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _save_folder(scenario: Scenario, target: FilePath) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = FilePath(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent))
    aside = FilePath(f"{temporary}.old")
    try:
        _write_files(scenario, temporary)
        _as_usual(temporary, 0o777)
        if target.exists():
            target.rename(aside)
        temporary.rename(target)
    except BaseException:
        if aside.exists() and not target.exists():
            aside.rename(target)
        raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.rmtree(aside, ignore_errors=True)


def _as_usual(path: FilePath, mode: int) -> None:
    """Give what was made for us alone the rights that a new file or folder has."""
    mask = os.umask(0)
    os.umask(mask)
    path.chmod(mode & ~mask)


def _write_files(scenario: Scenario, folder: FilePath) -> None:
    zone = scenario.problem.time_zone
    header: dict[str, Any] = {VERSION_KEY: FORMAT_VERSION}
    for key, part in PARTS.items():
        value = _value(scenario, key)
        if key == "appointments" or (not part.is_required and value == _default(part)):
            continue
        if key in TABLE_KEYS:
            _write_table(folder / f"{key}.csv", _item_rows(value, part, zone))
        elif key in _OWN_FILES:
            with _new(folder / f"{key}.yaml") as file:
                _dump_yaml(plain(value, None, zone), file)
        else:
            header[key] = plain(value, None, zone)
    with _new(folder / HEADER_FILE) as file:
        _dump_yaml(header, file)
    if len(scenario.schedule.appointments):
        for name, rows in booking_rows(scenario.schedule.appointments, zone):
            _write_table(folder / f"{name}.csv", table_text(*rows))


def _write_table(path: FilePath, lines: Iterable[str]) -> None:
    with _new(path) as file:
        for row, line in enumerate(lines):
            if "\0" in line:
                raise ValueError(f"a text in row {row} of {path.name} holds a NUL character, which a table cannot.")
            file.write(line)


def _new(path: FilePath) -> TextIO:
    return path.open("x", encoding="utf-8", newline="\n")


def _value(scenario: Scenario, key: str) -> Any:
    if key in PROBLEM_KEYS:
        return getattr(scenario.problem, key)
    return {
        "appointments": scenario.schedule.appointments,
        "groups": scenario.schedule.groups,
        "left_over": scenario.schedule.left_over,
        "schedule_version": scenario.schedule.version,
        "events": scenario.events,
    }[key]


def _default(part: Part) -> Any:
    if part.is_list:
        return ()
    return Problem.model_fields[part.key].default if part.key in PROBLEM_KEYS else 0


def _item_rows(items: Sequence[Any], part: Part, zone: str) -> Iterator[str]:
    """CSV lines of items; columns that no item fills are left out."""
    shape = shape_of(part.type)
    made = [plain(item, None, zone) for item in items]
    used = {key for item in made for key in item}
    header = [name for name in columns_of(part.key)[0] if name in used]
    rows = ([cell_text(item.get(name), shape.fields[name]) for name in header] for item in made)
    return table_text(header, rows)


def _json_lines(scenario: Scenario) -> Iterator[str]:
    """One key a line, and one item a line in lists, so that two files can be compared line by line."""
    zone = scenario.problem.time_zone
    yield f'{{\n"{VERSION_KEY}": {FORMAT_VERSION}'
    for key, part in PARTS.items():
        value = _value(scenario, key)
        if not part.is_required and not (len(value) if part.is_list else value != _default(part)):
            continue
        if part.is_list:
            yield f",\n{json.dumps(key)}: ["
            for i, item in enumerate(value):
                yield f"{',' if i else ''}\n  {_compact(plain(item, None, zone))}"
            yield "\n]"
        else:
            yield f",\n{json.dumps(key)}: {_compact(plain(value, None, zone))}"
    yield "\n}\n"


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Quotes what either YAML 1.1 or 1.2 would take for something else than text, and never writes aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.add_implicit_resolver("tag:yaml.org,2002:int", CORE_NUMBER, list("-+.0123456789"))


def _dump_yaml(value: Any, file: TextIO) -> None:
    yaml.dump(value, file, Dumper=_Dumper, allow_unicode=True, default_flow_style=None, sort_keys=False, width=118)
