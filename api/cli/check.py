"""`slotwright check`: is this schedule, or this template, right?"""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.common import NO, Json, Now, ScenarioPath, console, now_of, scenario_at
from api.cli.output import print_json
from api.cli.shapes import check_shape, header
from api.cli.tables import show_check
from api.wording import count_of, day_and_time, plain
from engine.check import check as check_schedule
from engine.check import check_template
from engine.model.problem import Problem
from engine.model.template import Template
from engine.scenario_io import load_template

__all__ = ["check"]


def check(
    scenario: ScenarioPath,
    template: Annotated[
        str | None,
        typer.Option(
            metavar="ID|FILE",
            help="Check a template instead: one of the scenario, or a file that `slotwright template` wrote.",
            show_default=False,
        ),
    ] = None,
    now: Now = None,
    as_json: Json = False,
) -> None:
    """Check a schedule: every broken rule, and what it costs.

    Exit status 1 when a rule is broken that nobody was allowed to override.
    """
    given = scenario_at(scenario)
    problem = given.problem
    moment = now_of(problem, now)
    if template is None:
        subject = count_of(len(given.schedule.appointments), "appointment")
        report = check_schedule(given.schedule, now=moment)
    else:
        draft = _template(problem, template)
        subject = f"template {draft.name}"
        report = check_template(problem, draft)
    if as_json:
        print_json({**header("check", problem, moment), "template": template, **check_shape(report)})
    else:
        out = console()
        out.print(plain(f"{problem.name}: {subject}, as of {day_and_time(moment, problem.time_zone)}."))
        show_check(out, report)
    if not report.is_clean:
        raise typer.Exit(NO)


def _template(problem: Problem, given: str) -> Template:
    path = Path(given)
    if given in problem.template_by_id or not path.is_file():
        return problem.template(given)  # type: ignore[arg-type]  # an id, or an error that says so
    return load_template(path, problem)
