"""From one schedule to the next: what is pinned, has started or is past stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.check.clock import time_text
from engine.check.report import broken, visit_text
from engine.model.codes import ConstraintCode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.check.changes import Change
    from engine.check.visits import Visit
    from engine.model.explanation import Violation


def pinned(change: Change) -> Iterator[Violation]:
    """A pinned visit is neither moved nor dropped, unless an event ended it."""
    for before, after in change.pairs:
        if before.id in change.pinned and not _is_past(before, change.now) and change.is_disturbed(before, after):
            yield _disturbed(ConstraintCode.PINNED, before, after, "is pinned")


def past(change: Change) -> Iterator[Violation]:
    """A visit that has started is neither moved nor dropped, and none is put before now."""
    for before, after in change.pairs:
        if _is_past(before, change.now) and change.is_disturbed(before, after):
            why = "has started" if before.is_started else "is past"
            yield _disturbed(ConstraintCode.PAST, before, after, why)
    earlier = {before.id: before for before, _ in change.pairs}
    for visit in change.after.visits:
        before_start = earlier[visit.id].start if visit.id in earlier else None
        if visit.start < change.now and not visit.is_started and visit.start != before_start:
            text = f"{visit_text(visit)} is put at {time_text(visit.start, visit.first.zone)}, which is past."
            yield broken(ConstraintCode.PAST, [visit], text)


def _is_past(visit: Visit, now: int) -> bool:
    return visit.is_started or visit.start <= now


def _disturbed(code: ConstraintCode, before: Visit, after: Visit | None, why: str) -> Violation:
    when = time_text(before.start, before.first.zone)
    if after is None:
        return broken(code, [before], f"{visit_text(before)} at {when} {why}, and was dropped.", is_overridden=False)
    is_moved = after.start != before.start
    how = (
        f"moved to {time_text(after.start, after.first.zone)}" if is_moved else "changed in length, place or resources"
    )
    return broken(code, [after], f"{visit_text(before)} at {when} {why}, and was {how}.")
