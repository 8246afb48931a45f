"""YAML by the rules of YAML 1.2 (core schema), with the line of every value.

PyYAML's own loaders follow YAML 1.1, in which `10:00` is 600, `on` is true and 2026-03-02 is a date. Here its parser
only takes the text apart; what the parts mean is decided below.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from engine.scenario_io.document import MAX_DEPTH, Document, line_in
from engine.scenario_io.faults import UnreadableFileError

if TYPE_CHECKING:
    from engine.scenario_io.document import Inside
    from engine.scenario_io.faults import Path

__all__ = ["CORE_NUMBER", "core_scalar", "parse_yaml"]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_ALIASED_LIMIT = 100_000
"""Values that aliases may stand for, all together: enough for people, too little for a bomb."""

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
CORE_NUMBER = re.compile(
    r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"
    r"|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"
)
_MAX_DIGITS = 400
_NO_KEY = object()


@dataclass(slots=True)
class _Open:
    """A container that has begun and not ended."""

    value: dict[str, Any] | list[Any]
    inside: dict[str, Any] | list[Any]
    line: int
    anchor: str | None
    values_before: int
    key: Any = _NO_KEY
    key_line: int = 0


@dataclass(slots=True)
class _Builder:
    """Puts the parser's events together; no recursion, so that depth costs nothing."""

    open: list[_Open] = field(default_factory=list)
    anchors: dict[str, tuple[Any, Inside, int]] = field(default_factory=dict)
    repeats: list[tuple[int, str]] = field(default_factory=list)
    n_values: int = 0
    n_aliased: int = 0
    n_documents: int = 0
    top: Any = None
    top_inside: Inside = None
    top_line: int = 1

    def take(self, event: yaml.Event) -> None:
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self.scalar(event)
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            self.begin(event, is_mapping=kind is yaml.MappingStartEvent)
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self.end()
        elif kind is yaml.AliasEvent:
            self.alias(event)
        elif kind is yaml.DocumentStartEvent:
            self.n_documents += 1
            if self.n_documents > 1:
                raise UnreadableFileError(_line(event), "found a second document ('---'), expected one")

    def scalar(self, event: Any) -> None:
        line = _line(event)
        holder = self.open[-1] if self.open else None
        if holder is not None and holder.key is _NO_KEY and isinstance(holder.value, dict):
            self.begin_entry(holder, event.value, line)
            return
        self.n_values += 1
        value = core_scalar(event.value) if event.implicit[0] and not event.style else event.value
        if event.tag is not None and event.tag != "!":
            self.repeats.append((line, f"found the tag '{event.tag}', expected none"))
        if event.anchor is not None:
            self.anchors[event.anchor] = (value, None, 1)
        self.put(value, None, line)

    def begin_entry(self, holder: _Open, key: str, line: int) -> None:
        if key in holder.inside:
            first = holder.inside[key][0]  # type: ignore[call-overload]
            self.repeats.append((line, f"the key '{key}' is there twice in one mapping, first on line {first}"))
        holder.key, holder.key_line = key, line

    def begin(self, event: Any, *, is_mapping: bool) -> None:
        line = _line(event)
        if self.open and self.open[-1].key is _NO_KEY and isinstance(self.open[-1].value, dict):
            raise UnreadableFileError(line, "found a list or mapping as a key, expected text")
        if len(self.open) >= MAX_DEPTH:
            raise UnreadableFileError(line, f"is nested more than {MAX_DEPTH} deep")
        if event.tag is not None and event.tag != "!":
            self.repeats.append((line, f"found the tag '{event.tag}', expected none"))
        self.n_values += 1
        value: dict[str, Any] | list[Any] = {} if is_mapping else []
        inside: dict[str, Any] | list[Any] = {} if is_mapping else []
        self.open.append(_Open(value, inside, line, event.anchor, self.n_values))

    def end(self) -> None:
        ended = self.open.pop()
        if ended.anchor is not None:
            self.anchors[ended.anchor] = (ended.value, ended.inside, self.n_values - ended.values_before + 1)
        self.put(ended.value, ended.inside, ended.line)

    def alias(self, event: Any) -> None:
        line = _line(event)
        if event.anchor not in self.anchors:
            raise UnreadableFileError(
                line, f"the alias '*{event.anchor}' stands for nothing that was written before it"
            )
        if self.open and self.open[-1].key is _NO_KEY and isinstance(self.open[-1].value, dict):
            raise UnreadableFileError(line, "found an alias as a key, expected text")
        value, inside, size = self.anchors[event.anchor]
        self.n_values += size
        self.n_aliased += size
        if self.n_aliased > _ALIASED_LIMIT:
            raise UnreadableFileError(line, f"aliases stand for more than {_ALIASED_LIMIT:,} values")
        self.put(value, inside, line)

    def put(self, value: Any, inside: Inside, line: int) -> None:
        """Into the container that is open, or on top. A key that is there twice keeps its first value."""
        if not self.open:
            self.top, self.top_inside, self.top_line = value, inside, line
            return
        holder = self.open[-1]
        if isinstance(holder.value, list) and isinstance(holder.inside, list):
            holder.value.append(value)
            holder.inside.append((line, inside))
        elif isinstance(holder.value, dict) and isinstance(holder.inside, dict):
            if holder.key not in holder.value:
                holder.value[holder.key] = value
                holder.inside[holder.key] = (holder.key_line, inside)
            holder.key = _NO_KEY


def parse_yaml(text: str, file: str) -> Document:
    """Take a YAML text apart.

    Raises
    ------
    UnreadableFileError
        When it is not YAML.
    """
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except yaml.YAMLError as error:
        raise _unreadable(error, text) from None

    def line_of(path: Path) -> int:
        return line_in(builder.top_inside, path, builder.top_line)

    return Document(file, builder.top, line_of, builder.repeats)


def core_scalar(text: str) -> Any:
    """What a plain scalar means in the core schema: nothing, a truth value, a number, or text.

    Infinity and "not a number" stay text, since nothing in the model admits them. Neither does it admit a number of
    absurd length, which could be made to take long to read.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789" or CORE_NUMBER.fullmatch(text) is None:
        return text
    if len(text) > _MAX_DIGITS:
        return float("inf")
    if text[1:2] in "ox" and len(text) > 2:
        return int(text, 0)
    return int(text) if text.lstrip("+-").isdigit() else float(text)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _unreadable(error: yaml.YAMLError, text: str) -> UnreadableFileError:
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark is not None else None
    lines = text.splitlines() or [""]
    if line is not None:
        line = min(line, len(lines))  # what is missing at the end is found behind the last line
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be read"
    if line is not None and "\t" in _indent(lines[line - 1]):
        return UnreadableFileError(line, "is indented with a tab, expected blanks")
    hint = " Maybe the file is cut off." if line is not None and line >= len(lines) else ""
    return UnreadableFileError(line, f"cannot be read as YAML ({problem}).{hint}")


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]
