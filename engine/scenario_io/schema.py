"""The JSON Schema of scenario files, generated from the model."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, create_model

from engine.model.base import format_wall_time
from engine.model.problem import Problem
from engine.scenario_io.layout import FORMAT_VERSION, PARTS, PROBLEM_KEYS, VERSION_KEY
from engine.scenario_io.localtime import INSTANT_PATTERN
from engine.scenario_io.values import BIGGEST

__all__ = ["scenario_schema"]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def scenario_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a scenario in one file; of the parts of a folder once they are put together.

    It says what each item must look like. What items say of each other (references, time zones, clock changes) is
    beyond it; `load_scenario` checks that, too.
    """
    fields: dict[str, Any] = {VERSION_KEY: (Literal[FORMAT_VERSION], ...)}
    for key, part in PARTS.items():
        default = ... if part.is_required else _default(key, is_list=part.is_list)
        fields[key] = (part.annotation, default)
    model: type[BaseModel] = create_model("Scenario", __config__=ConfigDict(extra="forbid"), **fields)
    schema = model.model_json_schema(by_alias=True)
    schema["description"] = f"A scenario of Slotwright, version {FORMAT_VERSION} of the format."
    _name_kinds(schema)
    adjusted: dict[str, Any] = _adjusted(schema)
    return {"$schema": _DIALECT, **adjusted}


def _default(key: str, *, is_list: bool) -> Any:
    if is_list:
        return ()
    return Problem.model_fields[key].default if key in PROBLEM_KEYS else 0


def _name_kinds(schema: dict[str, Any]) -> None:
    """What is told apart by its kind must say it, although each class knows its own."""
    for definition in schema["$defs"].values():
        kind = definition.get("properties", {}).get("kind", {})
        if "kind" not in definition.get("required", ()) and "const" in kind:
            definition["required"] = ["kind", *definition.get("required", ())]
            del kind["default"]


def _adjusted(node: Any) -> Any:
    """With instants, numbers and times of day as scenario files have them, and without what only OpenAPI reads."""
    if isinstance(node, list):
        return [_adjusted(item) for item in node]
    if not isinstance(node, dict):
        return node
    made = {key: _adjusted(value) for key, value in node.items() if key != "discriminator"}
    if made.get("format") == "date-time":
        del made["format"]
        made["pattern"] = f"^{INSTANT_PATTERN}$"
        made["description"] = "date and time, local or with its offset: 2026-03-02T08:00, 2026-03-02T08:00+01:00"
    if made.get("format") == "date":
        made["pattern"] = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"  # a format alone is only a remark
    if made.get("type") == "integer":
        made.setdefault("maximum", BIGGEST)
        if "minimum" not in made and "exclusiveMinimum" not in made:
            made["minimum"] = -BIGGEST
    if isinstance(made.get("default"), int) and made.get("type") == "string":
        made["default"] = format_wall_time(made["default"])
    return made
