"""Parts of a service that may be written short: "start-15" for an offset, 20 for a duration, "step.role" for a role."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import ConfigDict, Field, model_serializer, model_validator

from engine.model.base import Fact, Minutes, PositiveMinutes
from engine.model.ids import Modifier, ResourceId, RoleId, StepId

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Duration", "Offset", "RoleRef"]

_OFFSET = re.compile(r"(start|end)(?:\s*([+-])\s*([0-9]{1,5}))?")


def _or_short(short: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    """A change to a fact's JSON schema: it may also be written in this short form."""

    def widen(schema: dict[str, Any]) -> None:
        if schema.get("type") == "object":  # of what is read; what is written has its own schema
            long = dict(schema)
            schema.clear()
            schema.update({k: long.pop(k) for k in ("title", "description") if k in long})
            schema["anyOf"] = [short, long]

    return widen


class Offset(Fact):
    """A time relative to a step: minutes from its start or its end; written "start", "start-15", "end+10"."""

    anchor: Literal["start", "end"]
    minutes: Annotated[int, Field(strict=True, ge=-99_999, le=99_999)] = 0

    model_config = ConfigDict(
        json_schema_extra=_or_short({"type": "string", "pattern": r"^\s*(start|end)(\s*[+-]\s*[0-9]{1,5})?\s*$"})
    )

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        match = _OFFSET.fullmatch(value.strip())
        if match is None:
            raise ValueError(f"found '{value}', expected such as start, start-15 or end+10")
        anchor, sign, digits = match.groups()
        return {"anchor": anchor, "minutes": int(f"{sign or '+'}{digits or 0}")}

    @model_serializer
    def _to_text(self) -> str:
        return self.anchor if self.minutes == 0 else f"{self.anchor}{self.minutes:+d}"

    def __str__(self) -> str:
        return self._to_text()


class Duration(Fact):
    """How long a step takes, in minutes.

    `minutes`, unless the practitioner or the equipment that does it has an own figure (the longest of those that
    apply counts); then plus what each modifier adds (may be negative; the total is at least one minute).
    `sd_min` is the standard deviation of the real duration, where known.
    """

    minutes: PositiveMinutes
    sd_min: Minutes | None = None
    by_practitioner: dict[ResourceId, PositiveMinutes] = {}
    by_equipment: dict[ResourceId, PositiveMinutes] = {}
    by_modifier: dict[Modifier, Annotated[int, Field(strict=True)]] = {}

    model_config = ConfigDict(json_schema_extra=_or_short({"type": "integer", "exclusiveMinimum": 0}))

    @model_validator(mode="before")
    @classmethod
    def _from_number(cls, value: Any) -> Any:
        return {"minutes": value} if isinstance(value, int) and not isinstance(value, bool) else value


class RoleRef(Fact):
    """A role of a step, written "step.role"; a step's id therefore has no dot."""

    step: StepId
    role: RoleId

    model_config = ConfigDict(json_schema_extra=_or_short({"type": "string", "pattern": r"^[^.]+\.[\s\S]+$"}))

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        step, dot, role = value.partition(".")
        if not (step and dot and role):
            raise ValueError(f"found '{value}', expected STEP.ROLE")
        return {"step": step, "role": role}

    @model_serializer
    def _to_text(self) -> str:
        return f"{self.step}.{self.role}"
