"""Writing answers: JSON to standard output or to a file, a scenario to a file or folder, each whole or not at all."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from api.cli.common import BadInputError
from engine.scenario_io import save_scenario

if TYPE_CHECKING:
    from pathlib import Path

    from engine.model.event import Event
    from engine.model.schedule import Schedule
    from engine.scenario_io import Scenario

__all__ = [
    "check_scenario_target",
    "check_target",
    "json_text",
    "print_json",
    "scenario_with",
    "write_json",
    "write_scenario",
    "write_text",
]


_OTHER_SUFFIXES = (".yaml", ".yml", ".csv", ".html")


def json_text(document: dict[str, Any]) -> str:
    """A document as JSON, with a line end."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def print_json(document: dict[str, Any]) -> None:
    """A document as JSON to standard output; letters outside ASCII are escaped, so that any encoding can carry it."""
    sys.stdout.write(json.dumps(document, indent=2, allow_nan=False) + "\n")
    sys.stdout.flush()


def check_target(target: Path | None, *, force: bool) -> None:
    """Complain about `--out` for a file before the work rather than after it.

    Raises
    ------
    BadInputError
        When it exists and may not be replaced, or is a folder, or its own folder does not exist.
    """
    if target is not None and target.is_dir():
        raise BadInputError(f"{target} is a folder, expected the name of a file.")
    _check_free(target, force=force)


def check_scenario_target(target: Path | None, *, force: bool) -> None:
    """Complain about `--out` for a scenario before the work.

    Raises
    ------
    BadInputError
        As `check_target`, though an empty folder will do; or when the name is that of another kind of file.
    """
    if target is not None and target.suffix.lower() in _OTHER_SUFFIXES:
        raise BadInputError(f"{target}: a scenario is written as a .json file, or a folder. Maybe give another name.")
    if target is None or not target.is_dir() or any(target.iterdir()):
        _check_free(target, force=force)


def _check_free(target: Path | None, *, force: bool) -> None:
    if target is None:
        if force:
            raise BadInputError("--force is given without --out.")
        return
    if target.exists() and not force:
        raise BadInputError(f"{target} exists already. Maybe give another name, or --force to replace it.")
    if not target.absolute().parent.is_dir():
        raise BadInputError(f"There is no folder {target.absolute().parent} to write {target.name} to.")


def write_text(target: Path, text: str) -> None:
    """Write a file whole or not at all: to a temporary name beside it first."""
    temporary = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with temporary.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def write_json(target: Path, document: dict[str, Any]) -> None:
    """Write a document as a JSON file, whole or not at all."""
    write_text(target, json_text(document))


def scenario_with(scenario: Scenario, schedule: Schedule, *, events: tuple[Event, ...] | None = None) -> Scenario:
    """A scenario with another schedule (and its problem), and other events where given."""
    return replace(
        scenario,
        problem=schedule.problem,
        schedule=schedule,
        events=scenario.events if events is None else events,
        path=None,
    )


def write_scenario(target: Path, scenario: Scenario, *, force: bool) -> None:
    """Write a scenario, whole or not at all: one file where the name ends in .json, else a folder.

    Raises
    ------
    BadInputError
        When something is there already that may not be replaced, or the name is that of another kind of file.
    """
    check_scenario_target(target, force=force)
    try:
        save_scenario(scenario, target, overwrite=force)
    except FileExistsError as error:
        raise BadInputError(str(error)) from None
