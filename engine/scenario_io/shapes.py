"""The shape of the model's types: which values are instants, dates, numbers, lists, records.

Read off the pydantic classes once, and used wherever text becomes values: to resolve local times, to read the cells of
a table, to keep numbers numbers, and to name the keys that are known.
"""

from __future__ import annotations

import types
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum, StrEnum
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator

from engine.model.base import parse_wall_time

__all__ = ["Kind", "Shape", "shape_of"]


class Kind(StrEnum):
    """What stands in a document at a place."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    TRUTH = "truth"
    DATE = "date"
    INSTANT = "instant"
    WALL_TIME = "wall time"
    CHOICE = "choice"
    LIST = "list"
    MAPPING = "mapping"
    RECORD = "record"
    TEXT_OR_RECORD = "text or record"


@dataclass(frozen=True)
class Shape:
    """What a type looks like in a document.

    Parameters
    ----------
    item
        Of a list's items and a mapping's values.
    fields
        Of a record, by the keys used in documents. Of a union of records, which its `kind` tells apart: of all.
    required
        Keys that a record must have.
    names
        Documents' key by the model's field name.
    models
        The class of a record; several for a union.
    choices
        Values of a choice.
    """

    kind: Kind
    item: Shape | None = None
    fields: dict[str, Shape] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    names: dict[str, str] = field(default_factory=dict)
    models: tuple[type[BaseModel], ...] = ()
    choices: tuple[str, ...] = ()

    @property
    def is_scalar(self) -> bool:
        """Whether it is one plain value."""
        return self.kind not in (Kind.LIST, Kind.MAPPING, Kind.RECORD, Kind.TEXT_OR_RECORD)

    def within(self, key: str | int) -> Shape | None:
        """The shape one step inside, where there is one."""
        return self.fields.get(key) if isinstance(key, str) and self.fields else self.item


_SCALARS: dict[Any, Kind] = {
    str: Kind.TEXT,
    bool: Kind.TRUTH,
    int: Kind.INTEGER,
    float: Kind.NUMBER,
    date: Kind.DATE,
    datetime: Kind.INSTANT,
}


@cache
def shape_of(annotation: Any) -> Shape:
    """The shape of a type of the model.

    Raises
    ------
    TypeError
        For a type that scenario files cannot hold.
    """
    while hasattr(annotation, "__supertype__"):  # a NewType
        annotation = annotation.__supertype__
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        if _reads_wall_time(args[1:]):
            return Shape(Kind.WALL_TIME)
        return shape_of(args[0])
    if annotation in _SCALARS:
        return Shape(_SCALARS[annotation])
    if origin is Literal:
        return Shape(Kind.CHOICE, choices=tuple(str(value) for value in args))
    if origin is tuple:
        return Shape(Kind.LIST, item=shape_of(args[0]))
    if origin is dict:
        return Shape(Kind.MAPPING, item=shape_of(args[1]))
    if origin in (Union, types.UnionType):
        return _union([shape_of(arg) for arg in args if arg is not type(None)])
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return Shape(Kind.CHOICE, choices=tuple(str(value) for value in annotation))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _record(annotation)
    raise TypeError(f"{annotation!r} has no shape in scenario files")


def _reads_wall_time(metadata: tuple[Any, ...]) -> bool:
    return any(isinstance(m, BeforeValidator) and m.func is parse_wall_time for m in metadata)


def _record(model: type[BaseModel]) -> Shape:
    fields: dict[str, Shape] = {}
    names: dict[str, str] = {}
    required: set[str] = set()
    for name, info in model.model_fields.items():
        key = info.alias or name
        names[name] = key
        annotation: Any = info.annotation
        fields[key] = Shape(Kind.WALL_TIME) if _reads_wall_time(tuple(info.metadata)) else shape_of(annotation)
        if info.is_required():
            required.add(key)
    return Shape(Kind.RECORD, fields=fields, required=frozenset(required), names=names, models=(model,))


def _union(shapes: list[Shape]) -> Shape:
    if len(shapes) == 1:
        return shapes[0]
    records = [s for s in shapes if s.kind is Kind.RECORD]
    fields: dict[str, Shape] = {}
    for record in records:
        for key, shape in record.fields.items():
            fields[key] = _merged(fields[key], shape) if key in fields else shape
    return Shape(
        Kind.RECORD if len(records) == len(shapes) else Kind.TEXT_OR_RECORD,
        fields=fields,
        required=frozenset.intersection(*(r.required for r in records)),
        names={name: key for r in records for name, key in r.names.items()},
        models=tuple(m for r in records for m in r.models),
    )


def _merged(one: Shape, other: Shape) -> Shape:
    """One key in two records of a union: a choice of both (their `kind`), else the same."""
    if one.kind is Kind.CHOICE and other.kind is Kind.CHOICE:
        return Shape(Kind.CHOICE, choices=tuple(dict.fromkeys(one.choices + other.choices)))
    return one
