"""`slotwright demo`: every job on one scenario, and a report to look at."""

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.common import (
    INTERRUPTED,
    NO,
    BadInputError,
    Deterministic,
    Json,
    Now,
    Seed,
    TimeLimit,
    Workers,
    console,
    error_console,
    now_of,
    scenario_at,
)
from api.cli.find_shapes import find_shape
from api.cli.output import check_folder_of, json_text, naming, print_json, scenario_with
from api.cli.shapes import (
    check_shape,
    events_shape,
    header,
    proposals_shape,
    solve_shape,
    template_shape,
)
from api.cli.summary import show_step
from api.wording import day_and_time, plain
from engine.scenario_io import save_scenario
from engine.solver.params import SolveParams

if TYPE_CHECKING:
    from api.cli.walkthrough import Repair, Walkthrough

__all__ = ["demo"]

FILES = (
    "report.html",
    "template.json",
    "booked.json",
    "offers.json",
    "cancellation.json",
    "absence.json",
    "repaired.json",
    "check.json",
)
"""What a demonstration may leave in its folder; a folder with anything else in it is not ours to replace."""

_DEFAULT_SCENARIO = Path("scenarios") / "specialty_center"


def demo(
    scenario: Annotated[
        Path | None,
        typer.Argument(
            metavar="[SCENARIO]",
            help="The scenario: a folder, or a .yaml or .json file. Default: scenarios/specialty_center.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path,
        typer.Option(
            metavar="DIR",
            help="The folder for the report and the answers. Only one that an earlier demo wrote is replaced.",
        ),
    ] = Path("demo-out"),
    now: Now = None,
    time_limit: TimeLimit = 90.0,
    workers: Workers = 2,
    seed: Seed = 0,
    deterministic: Deterministic = False,
    as_json: Json = False,
) -> None:
    """Do every job on one scenario, check after each, and write a report.

    A weekly template, the orders booked, the next slot for one more order, a cancellation and an absent physician
    repaired. DIR/report.html shows it, the .json files beside it hold the answers. --time-limit is for all the solving
    together. Exit status 1 when a check finds a broken rule or a job has no answer.
    """
    from api.cli.walkthrough import Walkthrough, walk  # not at the top: solver and search take a second to load

    params = SolveParams(time_limit_s=time_limit, workers=workers, seed=seed, is_deterministic=deterministic)
    _check_folder(out)
    given = scenario_at(scenario or _default_scenario())
    moment = now_of(given.problem, now)
    answer = console()
    if not as_json:
        answer.print(plain(f"{given.problem.name}, from {day_and_time(moment, given.problem.time_zone)}"))
    done = Walkthrough(given, moment)
    for name, done in walk(given, now=moment, params=params, is_quiet=as_json):
        if not as_json:
            show_step(answer, name, done)
    if done.is_stopped:
        error_console().print("Stopped. Nothing was written.")
        raise typer.Exit(INTERRUPTED)
    checks = {name: check_shape(report) for name, report in done.checks().items()}
    is_clean = all(report.is_clean for report in done.checks().values())
    with naming(out):
        _write(out, done, checks)
    if as_json:
        print_json({**header("demo", given.problem, moment), "out": str(out), "is_clean": is_clean, "checks": checks})
    else:
        verdict = "no rule is broken" if is_clean else "rules are broken, see check.json"
        answer.print(plain(f"Checked: {verdict}.\nThe report: {out / 'report.html'}"), soft_wrap=True)
    if not is_clean or not all(solved.has_answer for solved in done.solves()):
        raise typer.Exit(NO)


def _default_scenario() -> Path:
    if not _DEFAULT_SCENARIO.exists():
        raise BadInputError(
            f"There is no {_DEFAULT_SCENARIO} here. Maybe run this in a copy of the repository, or name a scenario."
        )
    return _DEFAULT_SCENARIO


def _check_folder(out: Path) -> None:
    check_folder_of(out)
    if not out.exists():
        return
    if not out.is_dir():
        raise BadInputError(f"{out} is no folder, expected a folder. Maybe give another name.")
    foreign = sorted(inside.name for inside in out.iterdir() if inside.name not in FILES or not inside.is_file())
    if foreign:
        raise BadInputError(
            f"{out} holds '{foreign[0]}', which no demo wrote, and is left as it is. Maybe give another name."
        )


def _write(out: Path, done: "Walkthrough", checks: dict[str, Any]) -> None:
    """Write the folder whole or not at all: beside the target first, then renamed."""
    _check_folder(out)
    temporary = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.absolute().parent))
    aside = temporary.with_name(f"{temporary.name}.old")
    try:
        for name, text in _texts(done, checks):
            (temporary / name).write_text(text, encoding="utf-8", newline="\n")
        if done.booking is not None:
            save_scenario(scenario_with(done.scenario, done.booking.after), temporary / "booked.json")
        save_scenario(scenario_with(done.scenario, done.schedule), temporary / "repaired.json")
        temporary.chmod(out.stat().st_mode if out.exists() else 0o755)
        if out.exists():
            out.rename(aside)
        temporary.rename(out)
    except BaseException:
        if aside.exists() and not out.exists():
            aside.rename(out)
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _texts(done: "Walkthrough", checks: dict[str, Any]) -> list[tuple[str, str]]:
    from api.report.report import report_html  # not at the top: matplotlib takes half a second to load

    problem, now = done.scenario.problem, done.now
    texts = [("report.html", report_html(done))]
    if done.planning is not None:
        result = done.planning.solved.result
        document = {**header("template", problem, now), **solve_shape(result), **template_shape(problem, result)}
        texts.append(("template.json", json_text(document)))
    if done.finding is not None:
        found = done.finding.found
        document = {
            **header("find", problem, now),
            **find_shape(problem, done.finding.order.id, found.offers, found.reasons),
        }
        texts.append(("offers.json", json_text(document)))
    for name, repair in (("cancellation", done.cancellation), ("absence", done.absence)):
        if repair is not None:
            texts.append((f"{name}.json", json_text(_repair_document(done, repair))))
    texts.append(("check.json", json_text({**header("check", problem, now), "checks": checks})))
    return texts


def _repair_document(done: "Walkthrough", repair: "Repair") -> dict[str, Any]:
    problem = done.scenario.problem
    result = repair.solved.result
    return {
        **header("reschedule", problem, done.now),
        "events": events_shape(problem, repair.events),
        **solve_shape(result),
        **proposals_shape(repair.after.problem, result.proposals),
        "accepted": repair.rank,
    }
