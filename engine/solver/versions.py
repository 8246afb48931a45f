"""Which versions an answer was made with."""

from __future__ import annotations

from importlib.metadata import version

__all__ = ["versions"]


def versions() -> dict[str, str]:
    """Of the engine and of OR-Tools."""
    return {name: version(name) for name in ("slotwright", "ortools")}
