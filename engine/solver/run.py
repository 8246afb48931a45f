"""Running CP-SAT: progress, cancellation, limits from inside and outside, and what came of it.

CP-SAT runs in a thread of its own and the caller's thread waits for it. So the caller's thread is free to watch the
clock, to ask whether the solve is cancelled, to be interrupted by Ctrl-C, and to call `on_progress` where it is safe
to print. A solver that does not come back after it was told to stop (presolve has overrun limits before) is left
behind, and the best solution that it had reported is the answer.
"""

from __future__ import annotations

import queue
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ortools.sat.python import cp_model

from engine.errors import ModelBuildError
from engine.model.result import Progress, SolveStatus
from engine.solver.outcome import Outcome
from engine.solver.params import GRACE_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from ortools.sat.python.cp_model_helper import CpSolverResponse

    from engine.solver.params import SolveParams

__all__ = ["NO_CONTROL", "Control", "Outcome", "run_cp"]

_POLL_S = 0.05


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Control:
    """How a caller follows and stops a job. All are called in the caller's own thread.

    Parameters
    ----------
    on_progress
        Called for every better solution or bound.
    is_cancelled
        Asked about twenty times a second; once true, the job stops and gives back the best it has.
    on_log
        Called with the lines of the solver's log; without it there is no log.
    """

    on_progress: Callable[[Progress], None] | None = None
    is_cancelled: Callable[[], bool] = _never
    on_log: Callable[[str], None] | None = None


NO_CONTROL = Control()
"""Nobody follows, nobody cancels."""


def run_cp(
    model: cp_model.CpModel,
    params: SolveParams,
    control: Control = NO_CONTROL,
    *,
    stage: str = "",
    started: float | None = None,
) -> Outcome:
    """Solve a model.

    Parameters
    ----------
    stage
        Name that progress is reported under.
    started
        `time.perf_counter()` at the start of the job, from which the time in calls of `on_progress` counts; the trace
        too. None: now.

    Returns
    -------
    Outcome
        Ctrl-C is an outcome, too: CANCELLED, with the best solution so far. A second Ctrl-C while the solver comes to
        its end is a KeyboardInterrupt.

    Raises
    ------
    ModelBuildError
        When CP-SAT refuses the model, which is a defect of ours.
    Exception
        Whatever `on_progress`, `is_cancelled` or `on_log` raised, once the solver has stopped.
    """
    if control.is_cancelled():
        return Outcome(SolveStatus.CANCELLED, None, None, runtime_s=0.0, deterministic_time=0.0)
    return _Run(model, params, control, stage, time.perf_counter() if started is None else started).go()


class _Solutions(cp_model.CpSolverSolutionCallback):
    """Keeps the best solution at hand, and passes on objective and bound."""

    def __init__(self, report: Callable[[float | None, float | None], None]) -> None:
        super().__init__()
        self.latest: CpSolverResponse | None = None
        self._report = report

    def on_solution_callback(self) -> None:
        self.latest = self.response_proto
        self._report(self.objective_value, self.best_objective_bound)


class _Run:
    """One run; lives as long as `run_cp`."""

    def __init__(
        self, model: cp_model.CpModel, params: SolveParams, control: Control, stage: str, started: float
    ) -> None:
        self._model = model
        self._params = params
        self._control = control
        self._stage = stage
        self._job_started = started
        self._run_started = time.perf_counter()
        self._is_cancelled = False
        self._events: queue.SimpleQueue[tuple[float, float | None, float | None] | str | None] = queue.SimpleQueue()
        self._trace: list[Progress] = []
        self._objective: float | None = None
        self._bound: float | None = None
        self._has_objective = model.has_objective()
        self._solutions = _Solutions(self._report)
        self._solver = _configured(params, is_logging=control.on_log is not None)
        self._solver.best_bound_callback = lambda bound: self._report(None, bound)
        if control.on_log is not None:
            self._solver.log_callback = self._events.put
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._solve, name="cp-sat", daemon=True)

    def go(self) -> Outcome:
        stop_at = self._run_started + self._params.outside_limit_s
        self._thread.start()
        try:
            self._watch(stop_at)
        except KeyboardInterrupt:
            self._is_cancelled = True
            self._finish()
        except BaseException:
            self._finish()
            raise
        if self._error is not None:
            raise self._error
        return self._outcome()

    # In the solver's threads

    def _solve(self) -> None:
        try:
            self._solver.solve(self._model, self._solutions)
        except Exception as error:  # handed to the caller's thread
            self._error = error
        finally:
            self._events.put(None)

    def _report(self, objective: float | None, bound: float | None) -> None:
        self._events.put((time.perf_counter(), objective, bound))

    # In the caller's thread

    def _watch(self, stop_at: float) -> None:
        """Pass events on until the solver has ended, or must be stopped."""
        while not self._pass_on():
            if self._control.is_cancelled():
                self._is_cancelled = True
                return self._finish()
            if time.perf_counter() >= stop_at:
                return self._finish()
        return None

    def _pass_on(self) -> bool:
        """Wait a moment for an event and pass it on; whether it was the last."""
        try:
            event = self._events.get(timeout=_POLL_S)
        except queue.Empty:
            return False
        if event is None:
            return True
        if isinstance(event, str):
            if self._control.on_log is not None:
                self._control.on_log(event)
            return False
        self._note(*event)
        return False

    def _note(self, moment: float, objective: float | None, bound: float | None) -> None:
        if not self._has_objective:
            return
        changed = False
        if objective is not None and objective != self._objective:
            self._objective, changed = objective, True
        if bound is not None and bound != self._bound:
            self._bound, changed = bound, True
        if not changed:
            return
        progress = Progress(
            elapsed_s=moment - self._job_started, stage=self._stage, objective=self._objective, bound=self._bound
        )
        self._trace.append(progress)
        if self._control.on_progress is not None:
            self._control.on_progress(progress)

    def _finish(self) -> None:
        """Tell the solver to stop, and give it the time of grace. It may not have begun: tell it again and again."""
        give_up_at = time.perf_counter() + GRACE_S
        while self._thread.is_alive() and time.perf_counter() < give_up_at:
            self._solver.stop_search()
            self._thread.join(_POLL_S)

    def _outcome(self) -> Outcome:
        runtime_s = time.perf_counter() - self._run_started
        if self._thread.is_alive() and self._events.empty():
            self._thread.join(_POLL_S)
        if self._thread.is_alive():
            return self._left_behind(runtime_s)
        response = self._solver.response_proto
        status = response.status
        if status == cp_model.MODEL_INVALID:
            raise ModelBuildError(
                f"CP-SAT refused the model of stage '{self._stage}': {self._model.validate()} "
                "This is a defect of Slotwright, please report it."
            )
        has_solution = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
        is_infeasible = status == cp_model.INFEASIBLE
        objective = response.objective_value if has_solution else None
        bound = None if is_infeasible else response.best_objective_bound
        # With a gap limit CP-SAT calls optimal what is only close enough.
        is_proven = status == cp_model.OPTIMAL and objective == bound
        if is_infeasible:
            result = SolveStatus.INFEASIBLE
        elif is_proven:
            result = SolveStatus.OPTIMAL
        elif self._is_cancelled:
            result = SolveStatus.CANCELLED
        else:
            result = SolveStatus.FEASIBLE if has_solution else SolveStatus.NO_SOLUTION
        return Outcome(
            status=result,
            objective=objective,
            bound=bound,
            runtime_s=runtime_s,
            deterministic_time=response.deterministic_time,
            core=tuple(self._solver.sufficient_assumptions_for_infeasibility()) if is_infeasible else (),
            trace=tuple(self._trace),
            response=response if has_solution else None,
        )

    def _left_behind(self, runtime_s: float) -> Outcome:
        latest = self._solutions.latest
        if self._is_cancelled:
            status = SolveStatus.CANCELLED
        else:
            status = SolveStatus.NO_SOLUTION if latest is None else SolveStatus.FEASIBLE
        return Outcome(
            status=status,
            objective=None if latest is None else latest.objective_value,
            bound=self._bound,
            runtime_s=runtime_s,
            deterministic_time=0.0,
            trace=tuple(self._trace),
            is_left_behind=True,
            response=latest,
        )


def _configured(params: SolveParams, *, is_logging: bool) -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = params.solver_limit_s
    solver.parameters.num_workers = params.workers
    solver.parameters.random_seed = params.seed
    solver.parameters.relative_gap_limit = params.relative_gap
    # Ctrl-C is ours: CP-SAT's own handler would end the search as if it had reached its limit, and tell nobody.
    solver.parameters.catch_sigint_signal = False
    solver.parameters.log_search_progress = is_logging
    solver.parameters.log_to_stdout = False
    if params.deterministic_budget is not None:
        solver.parameters.max_deterministic_time = params.deterministic_budget
        solver.parameters.interleave_search = params.workers > 1
    return solver
