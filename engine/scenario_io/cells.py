"""Cells of a table, to and from the plain values that would stand in a document."""

from __future__ import annotations

import json
from typing import Any

from engine.scenario_io.jsontext import strict_json
from engine.scenario_io.shapes import Kind, Shape
from engine.scenario_io.values import found, whole_number_words

__all__ = ["cell_text", "cell_value"]


def cell_value(text: str, shape: Shape, key: str) -> Any:
    """The plain value, as it would stand in a document, of a cell that is not empty.

    Raises
    ------
    ValueError
        With what was found and what was expected.
    """
    if shape.kind is Kind.INTEGER:
        if text.removeprefix("-").isdecimal() and text.isascii() and len(text) <= 20:
            return int(text)
        raise ValueError(f"found {found(text)}, expected {whole_number_words((key,))}")
    if shape.kind is Kind.TRUTH:
        if text in ("true", "false"):
            return text == "true"
        raise ValueError(f"found {found(text)}, expected true or false")
    if shape.is_scalar:
        return text
    if shape.kind is Kind.LIST and shape.item is not None and shape.item.is_scalar and not text.startswith("["):
        return [cell_value(item.strip(), shape.item, key) for item in text.split(";")]
    if is_period(shape) and not text.startswith("{"):
        start, dash, end = text.partition("-")
        if not dash:
            raise ValueError(f"found {found(text)}, expected a period such as 08:00-12:00")
        return {"from": start.strip(), "to": end.strip()}
    if shape.kind is Kind.TEXT_OR_RECORD and not text.startswith(("{", '"')):
        return text
    try:
        return strict_json(text)
    except ValueError as error:
        raise ValueError(f"found {found(text)}, expected JSON: {error}") from None


def cell_text(value: Any, shape: Shape) -> str:
    """A plain value as a cell; the reverse of `cell_value`. None becomes an empty cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int)):
        is_like_json = shape.kind is Kind.TEXT_OR_RECORD and str(value).startswith(("{", '"'))
        return json.dumps(value, ensure_ascii=False) if is_like_json else str(value)
    if shape.kind is Kind.LIST and shape.item is not None and shape.item.is_scalar:
        items = [cell_text(item, shape.item) for item in value]
        if items and all(_is_plain(item) for item in items):
            return ";".join(items)
    if is_period(shape):
        return f"{value['from']}-{value['to']}"
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))


def is_period(shape: Shape) -> bool:
    """Whether it is a period of the day, which a cell holds as 08:00-12:00."""
    return shape.fields.keys() == {"from", "to"} and all(f.kind is Kind.WALL_TIME for f in shape.fields.values())


def _is_plain(item: str) -> bool:
    return bool(item) and item == item.strip() and ";" not in item and not item.startswith("[")
