"""How every command ends: with an exit status, and with every error as a message on standard error.

Exit statuses: 0 the answer is there, 1 the answer is "no", 2 bad input, 3 a defect of ours, 130 Ctrl-C, 141 whoever
read our output has gone.
"""

from __future__ import annotations

import os
import sys
import traceback
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

from api.cli.common import BAD_INPUT, DEFECT, INTERRUPTED, READER_GONE, BadInputError, error_console
from api.wording import plain
from engine.errors import EngineError, InvalidProblemError, ModelBuildError, ScenarioFormatError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Commands"]


class Commands(TyperGroup):
    """The commands, each of which ends with an exit status and never with a traceback."""

    def make_context(self, *args: Any, **extra: Any) -> Any:
        """Read the arguments of the command as a whole."""
        with _reported():
            return super().make_context(*args, **extra)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Refuse values that are empty before any of them is taken to mean something."""
        _refuse_empty(args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Read the arguments of one command, and run it."""
        with _reported():
            result = super().invoke(ctx)
            sys.stdout.flush()  # an answer that cannot be written is no answer
            return result


def _refuse_empty(args: Sequence[str]) -> None:
    for before, given in zip(("", *args), args, strict=False):
        option, is_joined, value = given.partition("=")
        if is_joined and option.startswith("--"):
            is_empty = not value.strip()
        else:
            is_empty, option = not given.strip(), before if before.startswith("--") else "An argument of the command"
        if is_empty:
            raise BadInputError(f"{option}: found nothing, expected a value. Maybe a variable of the shell is not set.")


@contextmanager
def _reported() -> Iterator[None]:
    """Turn every error into a message and an exit status."""
    try:
        yield
    except (typer.Exit, typer.Abort):
        raise
    except KeyboardInterrupt:
        raise _ended(INTERRUPTED, "Stopped. Nothing was written.") from None
    except (ScenarioFormatError, InvalidProblemError) as error:
        count = len(error.faults)
        head = f"{'1 fault' if count == 1 else f'{count} faults'} found; nothing was done."
        raise _ended(BAD_INPUT, head, *(str(fault) for fault in error.faults)) from None
    except ModelBuildError as error:
        raise _ended(DEFECT, str(error)) from None
    except (BadInputError, EngineError) as error:
        raise _ended(BAD_INPUT, str(error)) from None
    except BrokenPipeError:
        _let_go_of_output()
        raise _ended(READER_GONE) from None
    except OSError as error:
        if error.filename is None:
            _let_go_of_output()
        place = error.filename or "Standard output"  # whoever writes a file names it
        raise _ended(BAD_INPUT, f"{place}: {error.strerror or type(error).__name__}.") from None
    except Exception as error:
        said = getattr(error, "format_message", None)  # of an option or argument, by typer: in one line, without usage
        raise _ended(DEFECT if said is None else BAD_INPUT, _defect(error) if said is None else said()) from None


def _ended(status: int, *messages: str) -> typer.Exit:
    with suppress(OSError):  # the status is still to be seen when nobody hears the rest
        for message in messages:
            error_console().print(plain(message), soft_wrap=True)
    return typer.Exit(status)


def _let_go_of_output() -> None:
    """Send what is still to be written nowhere: at its end Python would complain that it cannot write it."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _defect(error: Exception) -> str:
    """What to report of an error that nobody foresaw: its type and place. Its text may hold a patient's data."""
    if os.environ.get("SLOTWRIGHT_TRACEBACK"):
        return "".join(traceback.format_exception(error))
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = "/".join(Path(last.filename).parts[-2:])
    return (
        f"Slotwright failed ({type(error).__name__} in {place}, line {last.lineno}); nothing was "
        "written. This is a defect of Slotwright, please report it. Maybe set SLOTWRIGHT_TRACEBACK=1 and run the "
        "command again for the details."
    )
