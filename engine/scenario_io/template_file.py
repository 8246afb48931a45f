"""Reading a weekly template from a file of its own, as `slotwright template --out` writes it."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import TYPE_CHECKING

from engine.model.problem import Problem
from engine.model.references import problem_faults
from engine.model.template import Template
from engine.scenario_io.document import checked_bytes, decoded
from engine.scenario_io.faults import FaultLog, Place, UnreadableFileError, parse_path
from engine.scenario_io.items import read_item
from engine.scenario_io.jsontext import parse_json

if TYPE_CHECKING:
    from engine.scenario_io.faults import Path

__all__ = ["load_template"]

_KEY = "template"


def load_template(path: FilePath | str, problem: Problem) -> Template:
    """Read a template from a JSON file: the template itself, or a document that holds it under `template`.

    Raises
    ------
    ScenarioFormatError
        When anything is wrong with it, by itself or held against the problem; lists every fault, with file and line.
    """
    log, file = FaultLog(), FilePath(path)
    try:
        document = parse_json(decoded(checked_bytes(file)), file.name)
    except UnreadableFileError as error:
        log.add(file.name, error.line, error.message)
        log.raise_if_any()
        raise
    for line, message in document.repeats:
        log.add(file.name, line, message)
    is_inside = isinstance(document.value, dict) and _KEY in document.value
    base: Path = (_KEY,) if is_inside else ()
    place = Place(file.name, _KEY if is_inside else "", lambda inner: document.line_of(base + inner))
    raw = document.value[_KEY] if is_inside else document.value
    template = read_item(raw, Template, problem.time_zone, place, log)
    if isinstance(template, Template):
        fields = {name: getattr(problem, name) for name in Problem.model_fields}
        for fault in problem_faults(Problem.model_construct(**fields | {"templates": (template,)})):
            key, *inner = parse_path(fault.place)
            if key == "templates":
                log.add_at(place, tuple(inner[1:]), fault.message.replace("templates[0].", f"{_KEY}."))
    log.raise_if_any()
    assert isinstance(template, Template)  # else it has a fault
    return template
