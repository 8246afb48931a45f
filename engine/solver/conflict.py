"""Why nothing fits: a smallest set of rules that cannot hold together, each member verified.

CP-SAT names a sufficient set of assumptions when it finds a contradiction among them. Such sets have been wrong under
presolve, are seldom smallest, and where only the linear program sees the contradiction there is none at all, since
rules that may be relaxed are not in it. So the set is only a place to start, and must pass a solve with its rules made
hard. It is shrunk by leaving out ever smaller parts (after QuickXplain, Junker 2004; here without recursion) and
solving what is left. A rule stays in the set because without it the others were *solved*; where a limit came first it
stays, too, and the set is not called minimal. A solve that ends without an answer is never taken for a contradiction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ortools.sat.python.cp_model import CpModel

from engine.model.explanation import Conflict
from engine.model.result import SolveStatus
from engine.solver.budget import Budget
from engine.solver.guards import Guards
from engine.solver.run import NO_CONTROL, Control, run_cp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ortools.sat.python.cp_model import IntVar

    from engine.solver.outcome import Outcome
    from engine.solver.params import SolveParams

__all__ = ["find_conflict"]

_FIRST_SHARE = 0.5
"""Part of the whole limit for showing that there is a contradiction at all."""

_CHECK_SHARE = 0.1
"""Part of the whole limit that a single check may use."""


def find_conflict(
    build: Callable[[CpModel, Guards], None], params: SolveParams, control: Control = NO_CONTROL
) -> Conflict | None:
    """A set of rules that cannot all hold, as small as the limit allows.

    Parameters
    ----------
    build
        Puts variables and guarded constraints into a model, and no objective.
    params
        Limit for the whole search. A cancelled search gives what it has.

    Returns
    -------
    Conflict or None
        None when no contradiction was found within the limit, or there is none.
    """
    search = _Search(build, params, control)
    found = search.contradiction()
    if found is None:
        return None
    members, is_minimal = search.shrunk(found)
    parts = tuple(search.guards.part(literal) for literal in members)
    if not parts:
        return Conflict(parts=(), is_minimal=True, message="The rules that are never relaxed cannot all hold.")
    lead = "This cannot hold:" if len(parts) == 1 else "These cannot all hold together:"
    return Conflict(parts=parts, is_minimal=is_minimal, message=" ".join([lead, *(part.message for part in parts)]))


class _Search:
    def __init__(self, build: Callable[[CpModel, Guards], None], params: SolveParams, control: Control) -> None:
        self._model = CpModel()
        self.guards = Guards(self._model)
        build(self._model, self.guards)
        self._control = Control(is_cancelled=control.is_cancelled)
        self._budget = Budget(params)
        self._is_over = False
        self._check_limit = _CHECK_SHARE * self._budget.total

    def contradiction(self) -> list[IntVar] | None:
        """Rules that were shown not to hold together; None when that could not be shown."""
        everything = list(self.guards.literals)
        if self._status(everything, _FIRST_SHARE * self._budget.total) is not SolveStatus.INFEASIBLE:
            return None
        core = self._core(everything)
        is_smaller = core is not None and self._status(core, self._check_limit) is SolveStatus.INFEASIBLE
        return core if is_smaller else everything

    def _core(self, everything: list[IntVar]) -> list[IntVar] | None:
        """What CP-SAT blames. It may have nothing to say: a rule that may be relaxed is not in its linear program."""
        if self._is_over or self._budget.is_spent:
            return None
        model = self._model.clone()
        model.add_assumptions(everything)
        outcome = self._run(model, self._check_limit)
        if outcome.status is not SolveStatus.INFEASIBLE:
            return None
        named = set(outcome.core)
        return [literal for literal in everything if literal.index in named]

    def shrunk(self, members: list[IntVar]) -> tuple[list[IntVar], bool]:
        """The members that are needed, and whether each of them was shown to be."""
        size = max(1, len(members) // 2)
        while True:
            is_verified = True
            at = 0
            while at < len(members):
                rest = members[:at] + members[at + size :]
                status = self._status(rest, self._check_limit)
                if status is SolveStatus.INFEASIBLE:
                    members = rest
                    continue
                is_verified = is_verified and status in (SolveStatus.OPTIMAL, SolveStatus.FEASIBLE)
                at += size
            if size == 1:
                return members, is_verified
            size //= 2

    def _status(self, members: Sequence[IntVar], limit: float) -> SolveStatus:
        """Whether these rules can hold together, all others relaxed."""
        if self._is_over or self._budget.is_spent:
            return SolveStatus.NO_SOLUTION
        model = self._model.clone()
        held = {literal.index for literal in members}
        for literal in self.guards.literals:
            model.add(model.get_bool_var_from_proto_index(literal.index) == int(literal.index in held))
        return self._run(model, limit).status

    def _run(self, model: CpModel, limit: float) -> Outcome:
        outcome = run_cp(model, self._budget.part(1.0, at_most=limit), self._control, stage="conflict")
        self._budget.spend(outcome)
        self._is_over = self._is_over or outcome.status is SolveStatus.CANCELLED
        return outcome
