"""One item of a scenario, validated by its class in the model; what pydantic finds, said in our words."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from engine.scenario_io.faults import Path, maybe
from engine.scenario_io.shapes import Kind, Shape, shape_of
from engine.scenario_io.values import found, one_of, prepared, whole_number_words

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pydantic_core import ErrorDetails

    from engine.scenario_io.faults import FaultLog, Key, Place

__all__ = ["read_item"]

_SHORTHANDS = {
    "Duration": "minutes as a whole number",
    "Offset": "such as start, start-15 or end+10",
    "RoleRef": "STEP.ROLE",
}
"""What is expected of classes that are usually written in one word."""


@cache
def _adapter(annotation: Any) -> TypeAdapter[Any]:
    return TypeAdapter(annotation)


class _Finding(NamedTuple):
    """A fault in an item; `named` is the path to name, where it is not that of the fault's line."""

    path: Path
    message: str
    named: Path | None = None


def read_item(
    raw: Any,
    annotation: Any,
    zone: str,
    place: Place,
    log: FaultLog,
    *,
    ignoring: Collection[str] = (),
    is_mended: bool = False,
) -> Any | None:
    """The item that a document's value stands for, or None when there is a fault in it.

    Parameters
    ----------
    annotation
        The item's type: a class of the model, or a union or number with its limits.
    ignoring
        Keys whose absence has been reported for the whole file.
    is_mended
        Whether to give back an item with faults without the keys that have them, where it can do without. Its faults
        are noted all the same; but what is right in it can be held against other items.
    """
    shape = shape_of(annotation)
    findings: list[_Finding] = []
    value = prepared(raw, shape, zone, lambda path, message: findings.append(_Finding(path, message)))
    own = {finding.path for finding in findings}
    item = None
    try:
        item = _adapter(annotation).validate_python(value, by_alias=True, by_name=False)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            finding = _in_words(detail, raw, shape)
            is_ignored = detail["type"] == "missing" and detail["loc"][-1] in ignoring
            if finding is None or is_ignored or any(finding.path[: len(path)] == path for path in own):
                continue
            findings.append(finding)
    for path, message, named in dict.fromkeys(findings):
        log.add_at(place, path, message, named)
    if not findings:
        return item
    return _mended(value, annotation, {f.path[0] for f in findings if f.path}) if is_mended else None


def _mended(value: Any, annotation: Any, without: Collection[Key]) -> Any | None:
    """The item without some of its keys, or None where it cannot do without them."""
    left = {key: part for key, part in value.items() if key not in without} if isinstance(value, dict) else value
    try:
        return _adapter(annotation).validate_python(left, by_alias=True, by_name=False)
    except ValidationError:
        return None


def _in_words(detail: ErrorDetails, raw: Any, shape: Shape) -> _Finding | None:
    """One of pydantic's errors in our words; None for one that only repeats another."""
    path, at, value = _followed(detail["loc"], raw, shape)
    kind, last, context = detail["type"], detail["loc"][-1] if detail["loc"] else "", detail.get("ctx", {})
    if at is not None and at.kind is Kind.TEXT_OR_RECORD:
        # One error for each of the two things it might have been: keep the one of what it is.
        is_of_text = "str" in detail["loc"][len(path) :]
        if not isinstance(value, dict) and is_of_text:
            return _Finding(path, f"found {found(value)}, expected text or a mapping with {_listed(at.required)}")
        if is_of_text or not isinstance(value, dict):
            return None
    if kind == "missing":
        return _Finding(path, f"'{last}' is missing")
    if last == "[key]":  # of a mapping whose keys are choices, such as a weight's code
        codes = re.findall("'([^']*)'", str(context.get("expected", "")))
        return _Finding(path, f"unknown key '{path[-1]}'.{maybe(path[-1], codes)}", path[:-1])
    if kind == "extra_forbidden":
        return _Finding(path, _unknown_key(str(last), _followed(detail["loc"][:-1], raw, shape)), path[:-1])
    if value is None and at is not None and not kind.startswith("union_tag"):
        return _Finding(path, f"found nothing, expected {_kind_words(at, path)}")
    if kind == "value_error":
        return _Finding(path, str(context.get("error", detail["msg"])))
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        choices = at.fields["kind"].choices if at is not None else ()
        tag = value.get("kind") if isinstance(value, dict) else None
        if tag is None:
            return _Finding(path, f"'kind' is missing, expected {one_of(choices)}")
        return _Finding((*path, "kind"), f"found {found(tag)}, expected {one_of(choices)}.{maybe(tag, choices)}")
    if kind in ("enum", "literal_error"):
        choices = at.choices if at is not None else ()
        return _Finding(path, f"found {found(value)}, expected {one_of(choices)}.{maybe(value, choices)}")
    if kind == "too_short" and isinstance(value, (list, dict)) and len(value) >= context["min_length"]:
        return None  # pydantic counts only the items that are right
    return _Finding(path, f"found {found(value)}, expected {_expected(kind, context, path, at, value)}")


def _unknown_key(key: str, holder: tuple[Path, Shape | None, Any]) -> str:
    _, shape, value = holder
    if shape is None:
        return f"unknown key '{key}'."
    if key in shape.fields and isinstance(value, dict):  # of another branch of a union
        return f"'{key}' does not belong to the kind {found(value.get('kind'))}"
    if key in shape.names:
        return f"unknown key '{key}'. Maybe you meant '{shape.names[key]}'."
    return f"unknown key '{key}'.{maybe(key, shape.fields)}"


def _followed(loc: tuple[int | str, ...], raw: Any, shape: Shape) -> tuple[Path, Shape | None, Any]:
    """Follow pydantic's location through the document, leaving out the names of unions' branches."""
    path: list[int | str] = []
    at: Shape | None = shape
    value = raw
    for key in loc:
        if isinstance(value, dict) and key in value:
            at = at.within(key) if at is not None else None
            value = value[key]
        elif isinstance(value, list) and isinstance(key, int) and key < len(value):
            at, value = (at.item if at is not None else None), value[key]
        else:
            continue
        path.append(key)
    return tuple(path), at, value


def _expected(kind: str, context: Mapping[str, Any], path: Path, at: Shape | None, value: Any) -> str:
    limits = {
        "greater_than": "more than {gt}",
        "greater_than_equal": "{ge} or more",
        "less_than": "less than {lt}",
        "less_than_equal": "at most {le}",
        "string_too_short": "at least {min_length} character{s}",
        "string_too_long": "at most {max_length} characters",
        "too_short": "at least {min_length} item{s}",
        "too_long": "at most {max_length} items",
    }
    if kind in limits:
        return limits[kind].format(**context, s="" if context.get("min_length") == 1 else "s")
    if kind == "string_type" and isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"text. Maybe write it in quotes: '{value}'."
    return _kind_words(at, path) if at is not None else kind.replace("_", " ")


def _kind_words(shape: Shape, path: Path) -> str:
    """What a shape looks like, in words."""
    if shape.models:
        needs = f" with {_listed(shape.required)}" if shape.required else ""
        return _SHORTHANDS.get(shape.models[0].__name__, f"a mapping{needs}")
    words = {
        Kind.TEXT: "text",
        Kind.TRUTH: "true or false",
        Kind.DATE: "a date such as 2026-03-02",
        Kind.INSTANT: "a date and time such as 2026-03-02T08:00",
        Kind.WALL_TIME: "a time of day such as 08:00",
        Kind.LIST: "a list",
        Kind.MAPPING: "a mapping",
        Kind.CHOICE: one_of(shape.choices),
    }
    return words.get(shape.kind, whole_number_words(path))


def _listed(keys: Collection[str]) -> str:
    return " and ".join(", ".join(f"'{key}'" for key in sorted(keys)).rsplit(", ", 1))
