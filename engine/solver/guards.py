"""Guards: literals that switch rules off, for finding out which of them cannot hold together.

When a model is built to be solved, a guard is just `True` and costs nothing but the call. When it is built to explain
why it cannot be solved, each (rule, subject) has a literal of its own, and a rule holds only while its literal does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.explanation import ConflictPart

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpModel, IntVar

    from engine.model.codes import ConstraintCode

__all__ = ["Guards"]


class Guards:
    """Hands out the guard of each rule.

    Parameters
    ----------
    model
        The model whose constraints are guarded; None: to solve, every guard is `True`.
    """

    def __init__(self, model: CpModel | None = None) -> None:
        self._model = model
        self._literals: dict[tuple[ConstraintCode, str], IntVar] = {}
        self._parts: dict[int, ConflictPart] = {}

    @property
    def is_explaining(self) -> bool:
        """Whether guards are literals."""
        return self._model is not None

    def __call__(self, code: ConstraintCode, subject: str, words: str) -> IntVar | bool:
        """The guard of a rule for a subject; the same for the same two.

        Parameters
        ----------
        subject
            What the rule is about, told apart from the rule's other subjects.
        words
            The rule in a sentence for a person, with names and values.
        """
        if self._model is None:
            return True
        literal = self._literals.get((code, subject))
        if literal is None:
            literal = self._model.new_bool_var(f"{code}:{subject}")
            self._literals[code, subject] = literal
            self._parts[literal.index] = ConflictPart(code=code, subject=subject, message=words)
        return literal

    @property
    def literals(self) -> tuple[IntVar, ...]:
        """All literals, in the order in which they were first asked for."""
        return tuple(self._literals.values())

    def part(self, literal: IntVar) -> ConflictPart:
        """What a literal stands for."""
        return self._parts[literal.index]
