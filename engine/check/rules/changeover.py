"""Changeover: clean-up and set-up between two uses that follow each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.check.clock import time_text
from engine.check.report import broken, minutes_text, visit_text
from engine.model.codes import ConstraintCode
from engine.model.resource import BuffersRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.check.book import Book
    from engine.check.visits import Use
    from engine.model.explanation import Violation
    from engine.model.ids import Tag
    from engine.model.resource import Resource


def changeover(book: Book) -> Iterator[Violation]:
    """The second of two uses in a row starts late enough after the first; judged where there is one lane."""
    for resource_id, uses in book.uses_by_resource.items():
        resource = book.problem.resource_by_id[resource_id]
        if resource.lanes != 1 or (resource.buffers is BuffersRule.ADD and not resource.changeovers):
            continue
        for first, second in _following(uses):
            needed = _by_tags(resource, first, second)
            if resource.buffers is BuffersRule.OVERLAP:
                needed = max(needed, first.cleanup_min, second.setup_min)
            gap = second.window[0] - first.window[1]
            if gap < needed:
                a, b = first.step.visit, second.step.visit
                text = (
                    f"{resource.name}: {visit_text(b)} begins {time_text(second.window[0], second.step.zone)}, "
                    f"{minutes_text(gap)} after {visit_text(a)}; the changeover takes {minutes_text(needed)}."
                )
                yield broken(ConstraintCode.CHANGEOVER, [b, a], text, resource_id)


def _following(uses: list[Use]) -> Iterator[tuple[Use, Use]]:
    """Pairs of exclusive uses of which the second follows the first with no other use between them.

    Uses that overlap (in an overflow lane, or against `capacity`) do not follow each other.
    """
    exclusive = sorted((u for u in uses if not u.is_presence), key=lambda u: u.window)
    before: list[Use] = []  # uses that nothing has followed wholly yet
    for second in exclusive:
        ended = [u for u in before if u.window[1] <= second.window[0]]
        latest = max((u.window[0] for u in ended), default=0)
        followed = [u for u in ended if u.window[1] <= latest]
        before = [u for u in before if u not in followed]
        for first in ended:
            if first not in followed:
                yield first, second
        before.append(second)


def _by_tags(resource: Resource, first: Use, second: Use) -> int:
    named = {tag for c in resource.changeovers for tag in (c.before, c.after)}

    def seen(use: Use) -> Tag | None:
        tag = use.role.tag if use.role else None
        return tag if tag in named else None

    pair = (seen(first), seen(second))
    return max((c.minutes for c in resource.changeovers if (c.before, c.after) == pair), default=0)
