"""From the model to a document's plain values, as they are read: the reverse of `items.read_item`."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from engine.model.base import format_wall_time
from engine.model.shorthand import Duration, Offset, RoleRef
from engine.scenario_io.localtime import format_instant
from engine.scenario_io.shapes import Kind, shape_of

if TYPE_CHECKING:
    from engine.scenario_io.shapes import Shape

__all__ = ["plain"]

_FIRST = ("kind", "id", "name", "at", "day")
"""Keys that are written before the others, which follow in the order of the model."""
_ALWAYS = frozenset({"kind"})
"""Keys that are written although they have their default: they say what an item is."""


def plain(value: Any, shape: Shape | None, zone: str) -> Any:
    """A value of the model as mappings, lists, text, numbers, truth values and None.

    Fields that have their default are left out; instants are local time of `zone` with their offset.
    """
    if isinstance(value, BaseModel):
        return _plain_record(value, zone)
    if isinstance(value, Enum):
        return str(value.value)
    if shape is not None and shape.kind is Kind.WALL_TIME and isinstance(value, int):
        return format_wall_time(value)
    if isinstance(value, datetime):
        return format_instant(value, zone)
    if isinstance(value, date):
        return value.isoformat()
    item = shape.item if shape is not None else None
    if isinstance(value, (tuple, list)):
        return [plain(one, item, zone) for one in value]
    if isinstance(value, dict):
        return {str(plain(key, None, zone)): plain(one, item, zone) for key, one in value.items()}
    return value


def _plain_record(record: BaseModel, zone: str) -> Any:
    if isinstance(record, Offset):
        return str(record)
    if isinstance(record, RoleRef) and "." not in record.step:
        return f"{record.step}.{record.role}"
    made: dict[str, Any] = {}
    for name, key, default, shape in _fields(type(record)):
        value = getattr(record, name)
        if value != default or name in _ALWAYS:
            made[key] = plain(value, shape, zone)
    return made["minutes"] if isinstance(record, Duration) and made.keys() == {"minutes"} else made


@cache
def _fields(model: type[BaseModel]) -> list[tuple[str, str, Any, Shape]]:
    """Name, key, default and shape of each field; a required field's default equals nothing."""
    shape = shape_of(model)
    required = object()
    fields = [
        (name, shape.names[name], required if info.is_required() else info.default, shape.fields[shape.names[name]])
        for name, info in model.model_fields.items()
    ]
    return sorted(fields, key=lambda field: _FIRST.index(field[1]) if field[1] in _FIRST else len(_FIRST))
