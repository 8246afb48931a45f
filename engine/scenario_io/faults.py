"""Where something stands in a file, and the faults found there."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.errors import Fault, ScenarioFormatError, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

__all__ = ["FaultLog", "Key", "Path", "Place", "UnreadableFileError", "maybe", "parse_path", "path_text"]

Key = str | int
Path = tuple[Key, ...]
"""Keys and positions that lead from a document's top to something inside."""

_MANY = 2_000
"""Among more names than this no near one is looked for: it would take longer than reading the file."""

_PATH_PART = re.compile(r"\.?([^.\[\]]+)|\[([^\]]*)\]")


class UnreadableFileError(Exception):
    """A file cannot be taken apart at all; caught here and turned into the one fault of that file."""

    def __init__(self, line: int | None, message: str) -> None:
        self.line = line
        self.message = message
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item stands: a file, the words for it, and the line of anything inside it.

    Parameters
    ----------
    prefix
        Path of the item in words, `services[2]`; empty for a row of a table, which its line tells well enough.
    line_of
        Line of the deepest thing there is on a path that starts at the item.
    """

    file: str
    prefix: str
    line_of: Callable[[Path], int]

    def words(self, path: Path) -> str:
        """A path that starts at the item, in words."""
        inside = path_text(path)
        dot = "." if self.prefix and inside and not inside.startswith("[") else ""
        return f"{self.prefix}{dot}{inside}"


@dataclass
class FaultLog:
    """Collects every fault of a scenario."""

    found: list[tuple[str, int, str]] = field(default_factory=list)

    def add(self, file: str, line: int | None, message: str) -> None:
        """A fault of a file, on a line where one can be named."""
        self.found.append((file, line or 0, _on_one_line(message)))

    def add_at(self, place: Place, path: Path, message: str, named: Path | None = None) -> None:
        """A fault inside an item, on the line of `path`; `named` is the path to name where it is another."""
        words = place.words(path if named is None else named)
        self.add(place.file, place.line_of(path), f"{words}: {message}" if words else message)

    def gather(self, words: str, file: str, message: str) -> None:
        """Put one fault of a file in the place of all, if there are several, whose message has `words` in it.

        Parameters
        ----------
        message
            With `{n}` and `{first}` for how many they were and where the first stands.
        """
        followers = sorted({fault for fault in self.found if words in fault[2]})
        if len(followers) > 1:
            self.found = [fault for fault in self.found if words not in fault[2]]
            first = f"{followers[0][0]}:{followers[0][1]}"
            self.add(file, None, message.format(n=len(followers), first=first))

    def raise_if_any(self) -> None:
        """Raise all faults at once: those of whole files, from which others may follow, then by file and line.

        Raises
        ------
        ScenarioFormatError
            When there is one.
        """
        if self.found:
            found = sorted(set(self.found), key=lambda fault: (fault[1] > 0, fault))
            raise ScenarioFormatError(
                [Fault(f"{file}:{line}" if line else file, message) for file, line, message in found]
            )


def _on_one_line(message: str) -> str:
    """With line breaks, control characters and the like escaped: what files hold must not rule the terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in message)


def maybe(given: object, known: Collection[str]) -> str:
    """A sentence that offers the known name nearest to the given one, with a blank before it; or nothing."""
    near = nearest(given, known) if isinstance(given, str) and len(known) <= _MANY else None
    return f" Maybe you meant '{near}'." if near else ""


def path_text(path: Path) -> str:
    """`("steps", 0, "roles")` as `steps[0].roles`."""
    words = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    return words.removeprefix(".")


def parse_path(text: str) -> Path:
    """`steps[0].roles` as `("steps", 0, "roles")`."""
    parts: list[Key] = []
    for match in _PATH_PART.finditer(text):
        name, position = match.groups()
        key = name if name is not None else position.strip("'\"")
        parts.append(int(key) if name is None and key.isascii() and key.isdigit() else key)
    return tuple(parts)
