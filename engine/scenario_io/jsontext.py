"""JSON, with the line of every value.

The standard library's parser is fast and knows no lines; they are found by a second pass over the text, which is made
only when there is something to point at.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from engine.scenario_io.document import Document, line_in
from engine.scenario_io.faults import UnreadableFileError

if TYPE_CHECKING:
    from engine.scenario_io.document import Inside
    from engine.scenario_io.faults import Path

__all__ = ["parse_json", "strict_json"]

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|\n|[^\s{}\[\],:"]+')
_SURROGATES = re.compile(
    r"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
"""Escaped backslashes and whole pairs, to be passed over; and halves, as group 1."""
_MAX_DIGITS = 400


def parse_json(text: str, file: str) -> Document:
    """Take a JSON text apart.

    Raises
    ------
    UnreadableFileError
        When it is not JSON.
    """
    repeated: list[dict[str, Any]] = []

    def mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            repeated.append(made)
        return made

    try:
        value = _loads(text, mapping)
    except json.JSONDecodeError as error:
        hint = " Maybe the file is cut off." if not text[error.pos :].strip() else ""
        raise UnreadableFileError(error.lineno, f"cannot be read as JSON ({error.msg}).{hint}") from None
    except RecursionError:
        raise UnreadableFileError(None, "is nested too deeply") from None
    half = _half_character(text)
    if half is not None:
        line = text.count("\n", 0, half.start()) + 1
        raise UnreadableFileError(line, f"found {half.group()}, which is half of a character")

    @cache
    def scanned() -> tuple[Inside, int, list[tuple[int, str]]]:
        return _lines(text)

    def line_of(path: Path) -> int:
        inside, first_line, _ = scanned()
        return line_in(inside, path, first_line)

    return Document(file, value, line_of, scanned()[2] if repeated else [])


def strict_json(text: str) -> Any:
    """The value of a JSON text.

    Raises
    ------
    ValueError
        When it is not JSON, or has a key twice.
    """

    def mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            twice = next(k for i, (k, _) in enumerate(pairs) if any(k == other for other, _ in pairs[:i]))
            raise ValueError(f"the key '{twice}' is there twice")
        return made

    half = _half_character(text)
    if half is not None:
        raise ValueError(f"found {half.group()}, which is half of a character")
    try:
        return _loads(text, mapping)
    except json.JSONDecodeError as error:
        raise ValueError(f"cannot be read as JSON ({error.msg} at character {error.colno})") from None
    except RecursionError:
        raise ValueError("is nested too deeply") from None


def _loads(text: str, mapping: Any) -> Any:
    return json.loads(text, object_pairs_hook=mapping, parse_int=_integer, parse_constant=float)


def _half_character(text: str) -> re.Match[str] | None:
    """The first escape of one half of a pair of surrogates, without the other half; it stands for no character."""
    return next((match for match in _SURROGATES.finditer(text) if match.group(1)), None)


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _MAX_DIGITS else float("inf")


def _lines(text: str) -> tuple[Inside, int, list[tuple[int, str]]]:
    """Lines of all values of a text that is known to be JSON, the first line, and the keys that are there twice."""
    repeats: list[tuple[int, str]] = []
    stack: list[tuple[Any, str | None, int]] = []  # container, key and line under which it goes into the one around it
    container: Any = None
    key: str | None = None
    key_line = 0
    line = 1
    top: tuple[int, Inside] = (1, None)

    def put(inside: Inside, at: int) -> None:
        nonlocal top, key
        if isinstance(container, dict):
            container.setdefault(key or "", (key_line, inside))
            key = None
        elif isinstance(container, list):
            container.append((at, inside))
        else:
            top = (at, inside)

    for match in _TOKEN.finditer(text):
        token = match.group()
        if token == "\n":
            line += 1
        elif token in "{[":
            stack.append((container, key, key_line if isinstance(container, dict) else line))
            container, key = ({} if token == "{" else []), None
        elif token in "}]":
            ended = container
            container, key, key_line = stack.pop()
            put(ended, key_line)
        elif token in ",:":
            continue
        elif isinstance(container, dict) and key is None:
            key, key_line = json.loads(token), line
            if key in container:
                first = container[key][0]
                repeats.append((line, f"the key '{key}' is there twice in one mapping, first on line {first}"))
        else:
            put(None, line)
    return top[1], top[0], repeats
