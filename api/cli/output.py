"""Writing answers: JSON to standard output or to a file, a scenario to a file or folder, each whole or not at all."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeGuard

from api.cli.common import BadInputError
from engine.scenario_io import refuse_to_lose, save_scenario

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from engine.model.event import Event
    from engine.model.schedule import Schedule
    from engine.scenario_io import Scenario

__all__ = [
    "check_folder_of",
    "check_scenario_target",
    "check_target",
    "json_text",
    "naming",
    "print_json",
    "scenario_with",
    "write_json",
    "write_scenario",
    "write_text",
]


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
        When it exists and may not be replaced, or is no file, or cannot be written.
    """
    if not _is_given(target, force=force):
        return
    with naming(target):
        if target.is_dir():
            raise BadInputError(f"{target} is a folder, expected the name of a file.")
        if target.exists() and not target.is_file():
            raise BadInputError(f"{target} is no file, and is left as it is. Maybe give another name.")
        _check_free(target, force=force)


def check_scenario_target(target: Path | None, *, force: bool) -> None:
    """Complain about `--out` for a scenario before the work.

    Raises
    ------
    BadInputError
        As `check_target`, though a folder without anything else in it will do; or when the name is that of another
        kind of file.
    """
    if not _is_given(target, force=force):
        return
    with naming(target):
        if target.suffix.lower() not in ("", ".json") and not target.is_dir():
            raise BadInputError(
                f"{target}: a scenario is written as a .json file, or a folder. Maybe give another name."
            )
        if not target.is_dir() or any(target.iterdir()):
            _check_free(target, force=force)
        refuse_to_lose(target, overwrite=force)


def _is_given(target: Path | None, *, force: bool) -> TypeGuard[Path]:
    if target is None and force:
        raise BadInputError("--force is given without --out.")
    return target is not None


def _check_free(target: Path, *, force: bool) -> None:
    if target.exists() and not force:
        raise BadInputError(f"{target} exists already. Maybe give another name, or --force to replace it.")
    check_folder_of(target)


def check_folder_of(target: Path) -> None:
    """Try whether anything can be written where `target` is to stand.

    Raises
    ------
    BadInputError
        When its folder does not exist, or takes nothing.
    """
    folder = target.absolute().parent
    if not folder.is_dir():
        raise BadInputError(f"There is no folder {folder} to write {target.name} to.")
    with naming(target), tempfile.NamedTemporaryFile(prefix=f".{target.name}.", dir=folder):
        pass


@contextmanager
def naming(target: Path) -> Iterator[None]:
    """Say of what cannot be written what it is, rather than the temporary name that it has meanwhile.

    Raises
    ------
    BadInputError
        For every error of the file system.
    """
    try:
        yield
    except OSError as error:
        said = f"{target}: cannot be written ({error.strerror})." if error.strerror else str(error)
        raise BadInputError(said) from None


def write_text(target: Path, text: str) -> None:
    """Write a file whole or not at all: to a temporary name beside it first."""
    temporary = target.with_name(f".{target.name}.{os.getpid()}.part")
    with naming(target):
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
    with naming(target):
        save_scenario(scenario, target, overwrite=force)
