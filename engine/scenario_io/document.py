"""A document as plain values (mappings, lists, text, numbers), with the line of each."""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from engine.scenario_io.faults import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path as FilePath

    from engine.scenario_io.faults import Path

__all__ = ["MAX_DEPTH", "Document", "Inside", "checked_bytes", "decoded", "line_in"]

MAX_DEPTH = 60
"""Containers inside each other; the model needs about ten."""

Inside: TypeAlias = "dict[str, tuple[int, Inside]] | list[tuple[int, Inside]] | None"
"""Lines of what a container holds, in its own shape; None for a value that is no container."""


@dataclass(frozen=True)
class Document:
    """What a YAML or JSON file holds.

    Parameters
    ----------
    value
        Mappings, lists, text, numbers, truth values and None.
    line_of
        Line of the deepest thing there is on a path.
    repeats
        (line, message) for each key that is there twice and the like: faults that leave the rest readable.
    """

    file: str
    value: Any
    line_of: Callable[[Path], int]
    repeats: list[tuple[int, str]] = field(default_factory=list)


def line_in(inside: Inside, path: Path, first_line: int) -> int:
    """Line of the deepest thing there is on a path."""
    line = first_line
    for key in path:
        try:
            line, inside = inside[key]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            break
    return line


def checked_bytes(path: FilePath) -> bytes:
    """The bytes of a text file in UTF-8.

    Raises
    ------
    UnreadableFileError
        When it cannot be read, is empty, holds NUL bytes or is not UTF-8.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableFileError(None, f"cannot be read ({error.strerror})") from None
    if not decoded(data).strip():
        raise UnreadableFileError(None, "is empty")
    return data


def decoded(data: bytes) -> str:
    """UTF-8 bytes as text, without a byte order mark; see `checked_bytes`."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UnreadableFileError(None, "is written in UTF-16, expected UTF-8. Maybe save it again as UTF-8.")
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise UnreadableFileError(
            line, "found a NUL byte, expected text. Maybe this is not a text file, or is damaged."
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"found the byte 0x{data[error.start]:02x}, which is not UTF-8. Maybe save the file again as UTF-8."
        raise UnreadableFileError(line, message) from None
