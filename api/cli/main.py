"""The `slotwright` command."""

import atexit
import signal
import sys

try:
    import io
    from importlib.metadata import version as installed_version
    from typing import Annotated

    import typer

    from api.cli import scenario
    from api.cli.book import book
    from api.cli.check import check
    from api.cli.common import BadInputError, console
    from api.cli.demo import demo
    from api.cli.ending import Commands
    from api.cli.find import find
    from api.cli.metrics import metrics
    from api.cli.reschedule import reschedule
    from api.cli.template import template
except KeyboardInterrupt:  # importing takes a second, and Ctrl-C may come in it
    sys.stderr.write("Stopped. Nothing was written.\n")
    raise SystemExit(130) from None

atexit.register(signal.signal, signal.SIGINT, signal.SIG_IGN)  # the answer is out: there is nothing left to stop

__all__ = ["app"]

app = typer.Typer(
    name="slotwright",
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(is_asked: bool) -> None:
    if is_asked:
        console().print(f"slotwright {installed_version('slotwright')}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """Plan a clinic's weeks: templates, next slots, bookings, repairs, and a check of everything.

    Exit status: 0 the answer is there; 1 the answer is "no" (a rule is broken, nothing fits, the rules cannot all
    hold); 2 something that was given cannot be used; 3 a defect of Slotwright; 130 stopped with Ctrl-C.
    """
    if sys.stdout is None:
        raise BadInputError("Standard output is closed, and the answer goes there. Maybe add: > /dev/null")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a letter that the terminal lacks is no reason to fail


app.command()(template)
app.command()(find)
app.command()(book)
app.command()(reschedule)
app.command()(check)
app.command()(metrics)
app.command()(demo)
app.add_typer(scenario.app, name="scenario")
