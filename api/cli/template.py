"""`slotwright template`: generate a weekly template."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.boards import show_template
from api.cli.common import (
    Deterministic,
    Force,
    Json,
    Now,
    ScenarioPath,
    Seed,
    TimeLimit,
    Workers,
    console,
    error_console,
    now_of,
    scenario_at,
)
from api.cli.output import check_target, print_json, write_json
from api.cli.shapes import header, solve_shape, template_shape
from api.cli.solving import result_text, solve
from api.cli.tables import show_result
from api.wording import plain
from engine.solver.params import SolveParams

__all__ = ["template"]


def template(
    scenario: ScenarioPath,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the template to this JSON file.", show_default=False)
    ] = None,
    force: Force = False,
    now: Now = None,
    time_limit: TimeLimit = 60.0,
    workers: Workers = 2,
    seed: Seed = 0,
    deterministic: Deterministic = False,
    as_json: Json = False,
) -> None:
    """Generate a weekly template from the scenario's planning brief.

    Who works where, in which room, at which activity, in every period of the cycle. Nothing is published: the file is a
    draft, which `slotwright check SCENARIO --template FILE` can check. Exit status 1 when the rules cannot all hold
    (the answer says which), or when nothing was found within the limit.
    """
    from engine.jobs.generate_template import (
        generate_template,
    )  # not at the top: solver and search take a second to load

    params = SolveParams(time_limit_s=time_limit, workers=workers, seed=seed, is_deterministic=deterministic)
    check_target(out, force=force)
    problem = scenario_at(scenario).problem
    moment = now_of(problem, now)
    solved = solve(
        "Weekly template", params, lambda control: generate_template(problem, params=params, control=control),
        is_quiet=as_json,
    )  # fmt: skip
    result = solved.result
    document = {**header("template", problem, moment), **solve_shape(result), **template_shape(problem, result)}
    if as_json:
        print_json(document)
    else:
        answer = console()
        answer.print(plain(f"{problem.name}, weekly template: {result_text(result)}."))
        if result.template is not None:
            show_template(answer, problem, result.template)
        show_result(answer, result)
    solved.end()
    if out is not None:
        write_json(out, document)
        error_console().print(plain(f"Written to {out}."), soft_wrap=True)
