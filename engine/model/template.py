"""The weekly template: a cycle of sessions and surgery blocks in wall-clock time, and publishing it to dates."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Self, TypeVar

from pydantic import Field, model_validator

from engine.model.base import Day, Fact, Name
from engine.model.calendar import Weekday
from engine.model.ids import SessionId, TemplateId
from engine.model.session import BlockShape, Session, SessionShape, SurgeryBlock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = [
    "NthWeekday",
    "Recurrence",
    "Template",
    "TemplateBlock",
    "TemplateSession",
    "TemplateStatus",
    "is_due",
    "publish",
]


class TemplateStatus(StrEnum):
    """A template's stage."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


class NthWeekday(Fact):
    """The nth weekday of a month: 1 to 5, or -1 for the last. A fifth one does not exist in every month."""

    nth: Annotated[int, Field(ge=-1, le=5, strict=True)]
    day: Weekday

    @model_validator(mode="after")
    def _not_zeroth(self) -> Self:
        if self.nth == 0:
            raise ValueError("found nth 0, expected 1 to 5, or -1 for the last")
        return self


class Recurrence(Fact):
    """On which days a template's entry takes place: a weekday in given weeks of the cycle, or an nth weekday.

    `weeks` counts from 1 and may be left out for every week.
    """

    day: Weekday | None = None
    weeks: tuple[Annotated[int, Field(ge=1, le=52, strict=True)], ...] = ()
    monthly: NthWeekday | None = None

    @model_validator(mode="after")
    def _one_pattern(self) -> Self:
        if (self.day is None) == (self.monthly is None):
            raise ValueError("expected either a weekday of the cycle or an nth weekday of the month")
        if self.monthly is not None and self.weeks:
            raise ValueError("an nth weekday of the month has no weeks of the cycle")
        return self


class TemplateSession(SessionShape):
    """A session that comes back."""

    id: SessionId
    on: Recurrence
    is_pinned: bool = False


class TemplateBlock(BlockShape):
    """A surgery block that comes back."""

    id: SessionId
    on: Recurrence
    is_pinned: bool = False


class Template(Fact):
    """A cycle of sessions and blocks.

    Parameters
    ----------
    cycle_weeks
        Length of the cycle N.
    effective_from
        The Monday on which week 1 of a cycle begins, and the first day the template holds for.
    effective_until
        The first day it does not hold for any more.
    """

    id: TemplateId
    name: Name
    version: Annotated[int, Field(ge=1, strict=True)] = 1
    status: TemplateStatus = TemplateStatus.DRAFT
    cycle_weeks: Annotated[int, Field(ge=1, le=52, strict=True)] = 1
    effective_from: Day
    effective_until: Day | None = None
    sessions: tuple[TemplateSession, ...] = ()
    blocks: tuple[TemplateBlock, ...] = ()

    @model_validator(mode="after")
    def _begins_on_monday(self) -> Self:
        if self.effective_from.weekday() != 0:
            raise ValueError(f"starts on {self.effective_from}, a {self.effective_from:%A}; a cycle begins on a Monday")
        if self.effective_until is not None and self.effective_until <= self.effective_from:
            raise ValueError(f"ends on {self.effective_until}, which is not after its start {self.effective_from}")
        return self


_Entry = TypeVar("_Entry", TemplateSession, TemplateBlock)


def is_due(on: Recurrence, day: date, template: Template) -> bool:
    """Whether an entry of `template` with this recurrence takes place on `day`."""
    if day < template.effective_from or (template.effective_until is not None and day >= template.effective_until):
        return False
    if on.monthly is not None:
        if Weekday.of(day) is not on.monthly.day:
            return False
        if on.monthly.nth == -1:
            return (day + timedelta(days=7)).month != day.month
        return (day.day - 1) // 7 + 1 == on.monthly.nth
    week = (day - template.effective_from).days // 7 % template.cycle_weeks + 1
    return Weekday.of(day) is on.day and (not on.weeks or week in on.weeks)


def publish(template: Template, first: date, until: date) -> tuple[tuple[Session, ...], tuple[SurgeryBlock, ...]]:
    """The dated sessions and surgery blocks of `template` on the local days `[first, until)`.

    Their ids are the entry's id and the date, so that publishing again gives the same ids.
    """
    sessions = tuple(
        Session(id=SessionId(f"{entry.id}@{day}"), day=day, **_shape(entry, SessionShape))
        for entry, day in _occurrences(template.sessions, template, first, until)
    )
    blocks = tuple(
        SurgeryBlock(id=SessionId(f"{entry.id}@{day}"), day=day, **_shape(entry, BlockShape))
        for entry, day in _occurrences(template.blocks, template, first, until)
    )
    return sessions, blocks


def _occurrences(
    entries: Iterable[_Entry], template: Template, first: date, until: date
) -> Iterator[tuple[_Entry, date]]:
    days = [first + timedelta(days=n) for n in range((until - first).days)]
    for day in days:
        for entry in entries:
            if is_due(entry.on, day, template):
                yield entry, day


def _shape(entry: Fact, shape: type[Fact]) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in shape.model_fields}
