"""What a check gives back, and how a broken rule is put into words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.model.explanation import ScoreBreakdown, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from engine.check.visits import Visit
    from engine.model.codes import ConstraintCode

__all__ = ["CheckReport", "broken", "listed", "minutes_text", "visit_text"]


@dataclass(frozen=True)
class CheckReport:
    """Every broken rule and every soft cost.

    Parameters
    ----------
    violations
        In the order of the codes; the overridden ones among them.
    breakdown
        Soft costs, term by term.
    """

    violations: tuple[Violation, ...] = ()
    breakdown: ScoreBreakdown = field(default_factory=ScoreBreakdown)

    @property
    def is_clean(self) -> bool:
        """Whether no rule is broken but those that somebody was allowed to override."""
        return all(v.is_overridden for v in self.violations)

    def of(self, code: ConstraintCode) -> tuple[Violation, ...]:
        """The violations of one rule."""
        return tuple(v for v in self.violations if v.code is code)


def broken(
    code: ConstraintCode, visits: Sequence[Visit], message: str, *also: str, is_overridden: bool | None = None
) -> Violation:
    """A violation by `visits`, the first of which breaks the rule, concerning also other ids.

    It is overridden when one of them overrides the rule, unless `is_overridden` says more precisely.
    """
    if is_overridden is None:
        is_overridden = any(code in v.allowed for v in visits)
    subjects = dict.fromkeys((*(v.id for v in visits), *also))
    return Violation(code=code, subjects=tuple(subjects), message=message, is_overridden=is_overridden)


def visit_text(visit: Visit) -> str:
    """A visit as the subject of a sentence, without the patient's name."""
    return f"{'Group' if visit.is_group else 'Appointment'} {visit.id}"


def listed(visits: Iterable[Visit], limit: int = 5) -> str:
    """Ids of visits in a sentence: the first few, and how many more."""
    ids = list(dict.fromkeys(v.id for v in visits))
    shown = ", ".join(ids[:limit])
    return f"{shown} and {len(ids) - limit} more" if len(ids) > limit else shown


def minutes_text(minutes: int) -> str:
    """A duration as a clerk says it: "45 min", "3 h", "26 h 30 min"."""
    hours, rest = divmod(minutes, 60)
    if not hours or minutes < 120:
        return f"{minutes} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"
