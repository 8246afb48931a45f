"""`slotwright metrics`: how long patients wait for a service, and how much of everybody's time is booked."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from api.cli.common import Json, Now, ScenarioPath, console, now_of, scenario_at
from api.cli.options import whole_number
from api.cli.output import print_json
from api.cli.shapes import header, local_text
from api.cli.tables import MANY, row, show_rest, table
from api.wording import count_of, day_and_time, number, plain, service_name
from engine.model.ids import ServiceId
from engine.model.problem import Problem
from engine.model.resource import ResourceKind

if TYPE_CHECKING:
    from engine.jobs.measure_access import Access, ThirdNext
    from engine.jobs.measure_use import WeekUse

__all__ = ["metrics"]

_KINDS = {
    ResourceKind.PRACTITIONER: "practitioners",
    ResourceKind.ROOM: "rooms",
    ResourceKind.EQUIPMENT: "equipment",
    ResourceKind.BED: "beds",
}


def metrics(
    scenario: ScenarioPath,
    service: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Only the wait for this service, by practitioner.", show_default=False),
    ] = None,
    weeks: Annotated[
        int,
        typer.Option(
            metavar="N", parser=whole_number("--weeks", 1, 520), help="How many weeks of use, that of --now first."
        ),
    ] = 4,
    now: Now = None,
    as_json: Json = False,
) -> None:
    """Measure a schedule: days to the third next available appointment of each service, and how much time is booked.

    An appointment is available when a new patient with a routine order could have it; the third is measured because
    the first two may be open by chance. Use is booked time against the time of sessions or opening hours.
    """
    from engine.jobs.measure_access import measure_access  # not at the top: search takes a second to load
    from engine.jobs.measure_use import measure_use
    from engine.search.occupancy import Occupancy

    given = scenario_at(scenario)
    problem = given.problem
    moment = now_of(problem, now)
    asked = [problem.service(ServiceId(service)).id] if service is not None else []
    occupancy = Occupancy.of(given.schedule, now=moment)
    access = measure_access(given.schedule, now=moment, occupancy=occupancy, services=asked)
    used: list[WeekUse] = []
    if service is None:
        used = _of_weeks(problem, measure_use(given.schedule, now=moment, occupancy=occupancy), moment, weeks)
    if as_json:
        print_json({**header("metrics", problem, moment), **_shape(problem, access, used)})
        return
    out = console()
    out.print(plain(f"{problem.name}: as of {day_and_time(moment, problem.time_zone)}."))
    out.print()
    if service is None:
        _show_access(out, problem, access)
        _show_use(out, problem, used)
    else:
        _show_practitioners(out, problem, access[0])


def _of_weeks(problem: Problem, used: Iterable["WeekUse"], now: datetime, n: int) -> list["WeekUse"]:
    """The first weeks from the one of `now` on."""
    today = now.astimezone(ZoneInfo(problem.time_zone)).date()
    first = today - timedelta(days=today.weekday())
    return [u for u in used if first <= u.monday < first + timedelta(weeks=n)]


# --- tables ---------------------------------------------------------------------------------------------------------


def _show_access(out: Console, problem: Problem, access: Sequence["Access"]) -> None:
    made = table("Service", "Days", "Third next appointment", "Shortest with", "Longest with", right=("Days",))
    for a in access[:MANY]:
        waits = [(third.days, who) for who, third in a.by_practitioner if third.days is not None]
        extremes = (min(waits), max(waits)) if waits else ()
        said = [f"{problem.resource(who).name}, {count_of(days, 'day')}" for days, who in extremes] or ["", ""]
        row(made, service_name(problem, a.service), *_third(problem, a.whoever, a.reason), *said)
    out.print(made)
    show_rest(out, len(access))


def _show_practitioners(out: Console, problem: Problem, access: "Access") -> None:
    made = table("With", "Days", "Third next appointment", "Next", right=("Days",))
    everybody = [("whoever is first", access.whoever)]
    everybody += [(problem.resource(who).name, third) for who, third in access.by_practitioner]
    for name, third in everybody:
        following = third.openings[0] if third.openings else None
        when = "" if following is None else day_and_time(following.start, problem.zone_of(following.site))
        row(made, name, *_third(problem, third, access.reason), when)
    out.print(plain(f"{service_name(problem, access.service)}:"))
    out.print(made)


def _third(problem: Problem, third: "ThirdNext", reason: str) -> tuple[str, str]:
    """Days, and the appointment or why there is none."""
    if third.days is not None:
        at = third.openings[-1]
        return number(third.days), day_and_time(at.start, problem.zone_of(at.site))
    if reason:
        return "", reason
    there_are = "is only 1" if len(third.openings) == 1 else f"are only {len(third.openings)}"
    planned_until = day_and_time(problem.horizon.end, problem.time_zone)
    return "", f"there {there_are} until {planned_until}" if third.openings else f"none until {planned_until}"


def _show_use(out: Console, problem: Problem, used: Sequence["WeekUse"]) -> None:
    """Whole kinds, then the most used first; what neither works nor is used in these weeks is left out."""
    by_resource: dict[str, dict[date, WeekUse]] = {}
    for u in used:
        if u.open_min or u.outside_min:
            by_resource.setdefault(u.resource, {})[u.monday] = u
    if not by_resource:
        out.print("Nothing is open in these weeks.")
        return
    mondays = sorted({u.monday for u in used})
    outside = "Hours outside"
    columns = [f"{m.day} {m:%b}" for m in mondays]
    made = table("Booked time, week of", *columns, outside, right=(*columns, outside))
    kind_of = {r.id: r.kind for r in problem.resources}
    for kind, name in _KINDS.items():
        mine = [weeks for r, weeks in by_resource.items() if kind_of[r] is kind]  # type: ignore[index]
        if mine:
            row(made, f"all {name} ({number(len(mine))})", *_cells(mine, mondays))
    resources = [r for r in problem.resources if r.id in by_resource]
    resources.sort(key=lambda r: -_share(by_resource[r.id].values()))
    for resource in resources[:MANY]:
        row(made, resource.name, *_cells([by_resource[resource.id]], mondays))
    out.print()
    out.print(made)
    show_rest(out, len(resources))


def _cells(resources: Sequence[dict[date, "WeekUse"]], mondays: Sequence[date]) -> list[str]:
    """The use of some resources together, week by week, and hours outside."""
    cells = []
    for monday in mondays:
        here = [weeks[monday] for weeks in resources if monday in weeks]
        open_min, booked_min = sum(u.open_min for u in here), sum(u.booked_min for u in here)
        share = f"{100 * booked_min / open_min:.0f} %" if open_min else "closed"
        cells.append(f"{share}, overbooked" if booked_min > open_min else share)
    outside_min = sum(u.outside_min for weeks in resources for u in weeks.values())
    return [*cells, f"{outside_min / 60:,.1f}" if outside_min else ""]


def _share(weeks: Iterable["WeekUse"]) -> float:
    open_min, booked_min = (sum(column) for column in zip(*((u.open_min, u.booked_min) for u in weeks), strict=True))
    return booked_min / open_min if open_min else 0.0


# --- JSON -----------------------------------------------------------------------------------------------------------


def _shape(problem: Problem, access: Sequence["Access"], used: Sequence["WeekUse"]) -> dict[str, Any]:
    return {
        "access": [
            {
                "service": a.service,
                **_third_shape(problem, a.whoever),
                "reason": a.reason,
                "practitioners": [
                    {"practitioner": who, **_third_shape(problem, third)} for who, third in a.by_practitioner
                ],
            }
            for a in access
        ],
        "use": [
            {
                "resource": u.resource,
                "week": u.monday.isoformat(),
                "open_min": u.open_min,
                "booked_min": u.booked_min,
                "outside_min": u.outside_min,
                "percent": u.percent,
            }
            for u in used
        ],
    }


def _third_shape(problem: Problem, third: "ThirdNext") -> dict[str, Any]:
    openings = [
        {"start": local_text(o.start, problem.zone_of(o.site)), "site": o.site, "practitioner": o.practitioner}
        for o in third.openings
    ]
    return {"days": third.days, "openings": openings}
