"""What search does not honour yet. It refuses such a question by name rather than offer what `check` would reject."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import UnsupportedRuleError

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.model.service import Service

__all__ = ["UNSUPPORTED", "refuse_unsupported"]

UNSUPPORTED: tuple[tuple[str, Callable[[Service], bool]], ...] = (("group visits", lambda s: s.group_size > 1),)
"""The whole list: the name of each rule, and whether a service needs it."""


def refuse_unsupported(service: Service) -> None:
    """Refuse a service that needs a rule which search does not honour yet.

    Raises
    ------
    UnsupportedRuleError
        Naming every such rule.
    """
    names = [name for name, needs in UNSUPPORTED if needs(service)]
    if names:
        raise UnsupportedRuleError(names, f"The search for service '{service.id}'")
