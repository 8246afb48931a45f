"""Facts and answers in words that a clerk reads: local times, names, costs. Shared by the terminal and the report.

No patient's name appears in anything that is made here; the patient's reference stands for the patient.
"""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.model.base import DAY_MIN, format_wall_time
from engine.model.calendar import Weekday
from engine.model.codes import PenaltyCode
from engine.model.resource import ResourceKind
from engine.model.session import Pool

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from datetime import date, datetime

    from engine.model.appointment import Appointment
    from engine.model.explanation import Move, ScheduleDiff
    from engine.model.ids import ResourceId, ServiceId
    from engine.model.problem import Problem
    from engine.model.result import Proposal
    from engine.model.template import Recurrence, Template

__all__ = [
    "COST_WORDS",
    "clock",
    "comparison",
    "cost_text",
    "count_of",
    "day_and_time",
    "day_text",
    "diff_text",
    "from_to",
    "gap_text",
    "later_text",
    "moves_text",
    "names_of",
    "number",
    "plain",
    "seconds_text",
    "service_name",
    "template_board",
    "who_and_where",
    "zone_of_resources",
    "zone_of_visit",
]

COST_WORDS: dict[PenaltyCode, str] = {
    PenaltyCode.UNPLACED: "Orders without a visit",
    PenaltyCode.TARDINESS: "Visits after their due date",
    PenaltyCode.ACCESS_DELAY: "Days of waiting for a visit",
    PenaltyCode.TARGET_DISTANCE: "Days away from the target date",
    PenaltyCode.NOT_PREFERRED_PRACTITIONER: "Not with the preferred practitioner",
    PenaltyCode.NOT_PREFERRED_SITE: "Not at the preferred site",
    PenaltyCode.NOT_PREFERRED_TIME: "Not at a preferred time",
    PenaltyCode.NOT_PREFERRED_MODALITY: "Not in the preferred way (in person, video, telephone)",
    PenaltyCode.PATIENT_WAIT: "Waiting in the building",
    PenaltyCode.IDLE_GAP: "Idle minutes that nobody can use",
    PenaltyCode.OPENED_SESSION: "Sessions opened for one visit",
    PenaltyCode.MOVED_TIME: "Visits moved within their day",
    PenaltyCode.MOVED_DAY: "Visits moved to another day",
    PenaltyCode.CHANGED_NAMED: "Another practitioner than promised",
    PenaltyCode.SHORT_NOTICE: "Moved at short notice",
    PenaltyCode.MOVED_AGAIN: "Moved more than once",
    PenaltyCode.CANCELLED: "Visits lost",
    PenaltyCode.DEMAND_SHORT: "Sessions of demand not covered",
    PenaltyCode.CONTRACT_SHORT: "Fewer sessions than wished in a contract",
    PenaltyCode.WISH: "Wishes not granted",
    PenaltyCode.UNFAIR: "Unpopular sessions shared unevenly",
    PenaltyCode.UNSTABLE: "Changes to today's template",
}
"""What a cost is for, in words."""

_KINDS = (ResourceKind.PRACTITIONER, ResourceKind.ROOM, ResourceKind.BED, ResourceKind.EQUIPMENT)
"""In the order in which they are named, the same in every answer: whom the patient sees, and where."""

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def plain(text: object) -> str:
    """Text as it can be shown on a terminal: what is not printable (an escape sequence in a name) is replaced."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in str(text))


def day_text(day: date) -> str:
    """`Tue 3 Mar 2026`, in English whatever the machine's language."""
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def clock(instant: datetime, zone: str) -> str:
    """`09:30` by the wall clock of `zone`."""
    return f"{instant.astimezone(ZoneInfo(zone)):%H:%M}"


def day_and_time(instant: datetime, zone: str) -> str:
    """`Tue 3 Mar 2026 09:30` by the wall clock of `zone`."""
    local = instant.astimezone(ZoneInfo(zone))
    return f"{day_text(local.date())} {local:%H:%M}"


def from_to(start: datetime, end: datetime, zone: str) -> str:
    """`Tue 3 Mar 2026 09:30–09:50`; both days where it goes over midnight, which itself is `24:00`."""
    first, last = start.astimezone(ZoneInfo(zone)), end.astimezone(ZoneInfo(zone))
    if first.date() == last.date():
        return f"{day_and_time(start, zone)}–{clock(end, zone)}"
    if last.time() == time() and last.date() - first.date() == timedelta(days=1):
        return f"{day_and_time(start, zone)}–24:00"
    return f"{day_and_time(start, zone)} to {day_and_time(end, zone)}"


def number(value: float) -> str:
    """A whole number with thousands set apart: `12,935`; a bound a hair below zero is 0."""
    return f"{value:z,.0f}"


def count_of(n: int, noun: str, plural: str | None = None) -> str:
    """`1 visit`, `2 visits`."""
    return f"{number(n)} {noun if n == 1 else plural or noun + 's'}"


def seconds_text(seconds: float) -> str:
    """`0.03 s`, `4.2 s`, `75 s`."""
    return f"{seconds:.2f} s" if seconds < 1 else f"{seconds:.1f} s" if seconds < 60 else f"{seconds:.0f} s"


def gap_text(gap: float | None) -> str:
    """How far an answer may be from the best: `proven best`, `at most 4.2 % could be saved`, or nothing known."""
    if gap is None:
        return "no bound"
    return "proven best" if gap <= 0 else f"at most {100 * gap:.1f} % could be saved"


def cost_text(costs: dict[PenaltyCode, int]) -> str:
    """`Days of waiting for a visit 12, Not at a preferred time 5`; `none` where there is no cost."""
    return ", ".join(f"{COST_WORDS[code]} {number(cost)}" for code, cost in costs.items()) or "none"


def diff_text(diff: ScheduleDiff) -> str:
    """Whom to call and why, and what changes without a call.

    `1 call to make: 1 new visit. Without a call: 1 visit is cancelled.`
    """
    called = _changes_text(diff, is_called=True)
    silent = _changes_text(diff, is_called=False)
    if called:
        more = f" Without a call: {silent}." if silent else ""
        return f"{count_of(len(diff.calls), 'call')} to make: {called}.{more}"
    return f"Nobody has to be called: {silent}." if silent else "Nobody has to be called, and no visit changes."


def later_text(minutes: int) -> str:
    """How much later moved visits start in all: `40 min later`, `3.5 h later`, `2 days earlier`; `no later`."""
    if not minutes:
        return "no later"
    amount = abs(minutes)
    whole, unit = (amount, "min") if amount < 60 else (amount / 60, "h") if amount < DAY_MIN else (amount / DAY_MIN, "")
    rounded = f"{whole:,.1f}".removesuffix(".0")
    unit = unit or ("day" if rounded == "1" else "days")
    return f"{rounded} {unit} {'later' if minutes > 0 else 'earlier'}"


def moves_text(diff: ScheduleDiff) -> str:
    """`3 changes of practitioner; 5 days later in all.` of what is moved; empty where nothing is."""
    if not (diff.moved or diff.reassigned):
        return ""
    n = diff.practitioner_changes
    changes = count_of(n, "change of practitioner", "changes of practitioner") if n else "No change of practitioner"
    return f"{changes}; {later_text(diff.later_min)} in all."


def comparison(proposals: Sequence[Proposal]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """What each proposal gives, as columns and a row for each, so that they can be compared at a glance.

    A column in which no proposal has anything is left out. Where there is no choice there are no rows.
    """
    if len(proposals) < 2:
        return (), []
    diffs = [p.diff for p in proposals]
    columns: list[tuple[str, Sequence[int], Callable[[int], str]]] = [
        ("Calls", [len(d.calls) for d in diffs], number),
        ("Cancelled", [len(d.cancelled) for d in diffs], number),
        ("New visits", [len(d.booked) for d in diffs], number),
        ("Without a place", [len(p.left_over) for p in proposals], number),
        ("Changes of practitioner", [d.practitioner_changes for d in diffs], number),
        ("Moved, in all", [d.later_min for d in diffs], later_text),
        ("Cost", [p.breakdown.total for p in proposals], number),
    ]
    is_moving = any(d.moved or d.reassigned for d in diffs)
    said = {"Calls", "Changes of practitioner", "Moved, in all"} if is_moving else {"Calls"}
    shown = [(name, values, words) for name, values, words in columns if name in said or any(values)]
    rows = [
        (f"{rank}: {proposal.title}", *(words(values[rank - 1]) for _, values, words in shown))
        for rank, proposal in enumerate(proposals, start=1)
    ]
    return ("Proposal", *(name for name, _, _ in shown)), rows


def _changes_text(diff: ScheduleDiff, *, is_called: bool) -> str:
    def counted(moves: Iterable[Move], words: str, plural: str | None = None) -> list[str]:
        n = sum(move.must_call is is_called for move in moves)
        return [count_of(n, words, plural)] if n else []

    if is_called:
        said = counted(diff.moved, "visit is moved", "visits are moved")
        said += counted(
            diff.reassigned, "visit keeps its time with somebody else", "visits keep their time with others"
        )
    else:
        said = counted(
            (*diff.moved, *diff.reassigned),
            "visit changes within what the patient was told",
            "visits change within what the patients were told",
        )
    said += counted(diff.cancelled, "visit is cancelled", "visits are cancelled")
    return ", ".join(said + counted(diff.booked, "new visit"))


def names_of(problem: Problem, resources: Iterable[ResourceId]) -> str:
    """Names of resources, each once: people, then rooms, then machines; the id where the problem does not know it."""
    found = problem.resource_by_id
    in_order = sorted(resources, key=lambda r: _KINDS.index(found[r].kind) if r in found else len(_KINDS))
    return ", ".join(dict.fromkeys(found[r].name if r in found else r for r in in_order))


def service_name(problem: Problem, service: ServiceId) -> str:
    """The service's name; its id where the problem does not know it."""
    found = problem.service_by_id.get(service)
    return service if found is None else found.name


def zone_of_visit(problem: Problem, visit: Appointment) -> str:
    """The time zone of the site where a visit begins."""
    site = problem.site_by_id.get(min(visit.steps, key=lambda s: s.start).site)
    return problem.time_zone if site is None else site.time_zone


def zone_of_resources(problem: Problem, resources: Iterable[ResourceId]) -> str:
    """The time zone of the place that resources stand for: of the first room or machine among them, else of anybody."""
    found = [problem.resource_by_id[r] for r in resources if r in problem.resource_by_id]
    found.sort(key=lambda resource: resource.kind == "practitioner")
    return problem.zone_of(found[0].site) if found else problem.time_zone


def template_board(problem: Problem, template: Template) -> list[tuple[str, Weekday, frozenset[int], str]]:
    """Entries of a template as (owner's name, weekday, weeks of the cycle, words), by owner, weekday and time.

    Entries on an nth weekday of the month stand in every week.
    """
    every_week = range(1, template.cycle_weeks + 1)
    board = []
    for session in template.sessions:
        owner = session.owner
        name = "Any " + " ".join(owner.capabilities) if isinstance(owner, Pool) else names_of(problem, [owner])
        board.append((name, session.period, session.on, session.activity or "session", session.rooms))
    for block in template.blocks:
        name = block.specialty or names_of(problem, [block.practitioner] if block.practitioner else [])
        board.append((name, block.period, block.on, "surgery", (block.theatre,)))
    made = []
    for name, period, on, what, rooms in board:
        where = f", {names_of(problem, rooms)}" if rooms else ""
        text = f"{format_wall_time(period.start)} {what}{where}{_month(on)}"
        made.append((name, _weekday(on), frozenset(on.weeks or every_week), text))
    return sorted(made, key=lambda row: (row[0], row[1].number, row[3]))


def _weekday(on: Recurrence) -> Weekday:
    return on.day or (on.monthly.day if on.monthly is not None else Weekday.MON)


def _month(on: Recurrence) -> str:
    return "" if on.monthly is None else f" ({_nth(on.monthly.nth)} of the month)"


def _nth(nth: int) -> str:
    return "last" if nth == -1 else ("1st", "2nd", "3rd", "4th", "5th")[nth - 1]


def who_and_where(problem: Problem, resources: Collection[ResourceId]) -> tuple[str, str]:
    """Names of the people, and of the rooms and everything else, among `resources`."""
    people: list[ResourceId] = []
    things: list[ResourceId] = []
    for given in resources:
        found = problem.resource_by_id.get(given)
        (people if found is not None and found.kind == "practitioner" else things).append(given)
    return names_of(problem, people), names_of(problem, things)
