"""Reader of fact files as answer-set programs use them: ``mss("SALA-B", 3, 1..5). % room, specialty, day``.

Only facts and ``#const`` are read. A rule, a choice or arithmetic is refused with its file and line, because a file
that is half understood would give a different problem.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, NamedTuple, NoReturn, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

__all__ = ["Fact", "FactError", "FactFile", "Term", "parse_facts", "read_facts"]

Term: TypeAlias = int | str
Signature: TypeAlias = tuple[str, int]

TOKEN = re.compile(
    r"""
      (?P<skip> \s+ | %\*.*?\*% | %(?!\*)[^\n]* )
    | (?P<const> \#const\b )
    | (?P<string> "(?:[^"\\\n]|\\.)*" )
    | (?P<number> -?\d+(?![A-Za-z_0-9]) )
    | (?P<name> _*[a-z][A-Za-z0-9_]* )
    | (?P<mark> \.\. | [.,()=] )
    """,
    re.VERBOSE | re.DOTALL,
)
ADVICE = "Maybe a full stop is missing, or the file holds rules and not only facts."
ESCAPES = {r"\n": "\n", r"\"": '"', r"\\": "\\"}


class FactError(ValueError):
    """A fact file is not what its reader expects."""


class Token(NamedTuple):
    """One word of the text; `kind` is a group name of `TOKEN`, or ``end``."""

    kind: str
    text: str
    line: int

    def __str__(self) -> str:
        return "the end of the file" if self.kind == "end" else repr(self.text)


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact with ranges and constants resolved; a quoted string and a symbol are both ``str``."""

    name: str
    args: tuple[Term, ...]
    source: str
    line: int

    def integer(self, index: int) -> int:
        """Return the argument at `index` (from 0), which must be an integer, else raise `FactError`."""
        value = self.args[index]
        if not isinstance(value, int):
            self.fail(f"argument {index + 1} of '{self.name}' is {value!r}, expected an integer")
        return value

    def text(self, index: int) -> str:
        """Return the argument at `index` (from 0), which must be a string, else raise `FactError`."""
        value = self.args[index]
        if not isinstance(value, str):
            self.fail(f"argument {index + 1} of '{self.name}' is {value!r}, expected a string")
        return value

    def fail(self, message: str) -> NoReturn:
        """Raise `FactError` with the place of this fact in front of the message."""
        raise FactError(f"{self.source}:{self.line}: {message}")


@dataclass(frozen=True, slots=True)
class FactFile:
    """All facts of a file in their order, and its constants."""

    source: str
    facts: tuple[Fact, ...]
    constants: Mapping[str, Term]

    def named(self, name: str, arity: int) -> list[Fact]:
        """Return the facts of that name and number of arguments; ``chair/2`` and ``chair/4`` are told apart."""
        return [fact for fact in self.facts if fact.name == name and len(fact.args) == arity]

    def require_known(self, known: Collection[Signature]) -> None:
        """Raise `FactError` at the first fact whose name and number of arguments are not in `known`."""
        for fact in self.facts:
            if (fact.name, len(fact.args)) not in known:
                names = ", ".join(f"{name}/{arity}" for name, arity in sorted(known))
                fact.fail(f"found '{fact.name}' with {len(fact.args)} arguments, expected one of {names}")

    def constant(self, name: str) -> int:
        """Return an integer ``#const``.

        Raises
        ------
        FactError
            If the constant is missing or no integer.
        """
        value = self.constants.get(name)
        if not isinstance(value, int):
            raise FactError(f"{self.source}: '#const {name}' is {value!r}, expected an integer")
        return value


def read_facts(path: Path) -> FactFile:
    """Read a fact file in UTF-8; see `parse_facts`."""
    return parse_facts(path.read_text(encoding="utf-8"), str(path))


def parse_facts(text: str, source: str = "<text>") -> FactFile:
    """Read facts from text.

    Parameters
    ----------
    text
        Facts (several may share a line), ``#const`` lines, ``%`` and ``%* *%`` comments.
    source
        Name of the file, for messages.

    Raises
    ------
    FactError
        With file and line, where the text is anything else.
    """
    return _Parser(text, source).parse()


class _Parser:
    """Recursive descent over the tokens; constants are resolved last, because a file may use one before it sets it."""

    def __init__(self, text: str, source: str) -> None:
        self.source = source
        self.tokens = self._tokenise(text)
        self.at = 0

    def parse(self) -> FactFile:
        raw: list[tuple[Token, list[tuple[Token, Token]]]] = []
        constants: dict[str, Term] = {}
        while self._peek().kind != "end":
            if self._peek().kind == "const":
                name, value = self._constant()
                constants[name] = value
            else:
                raw.append(self._fact())
        facts: list[Fact] = []
        for name_token, terms in raw:
            columns = [self._values(low, high, constants) for low, high in terms]
            facts.extend(Fact(name_token.text, args, self.source, name_token.line) for args in product(*columns))
        return FactFile(self.source, tuple(facts), constants)

    def _tokenise(self, text: str) -> list[Token]:
        tokens: list[Token] = []
        at, line = 0, 1
        while at < len(text):
            match = TOKEN.match(text, at)
            if match is None or match.lastgroup is None:
                self._fail(line, f"cannot read {text[at : at + 12].splitlines()[0]!r}. {ADVICE}")
            if match.lastgroup != "skip":
                tokens.append(Token(match.lastgroup, match.group(), line))
            line += match.group().count("\n")
            at = match.end()
        return [*tokens, Token("end", "", line)]

    def _constant(self) -> tuple[str, Term]:
        self._take("const")
        name = self._take("name").text
        self._take("mark", "=")
        value = self._scalar(self._term(), {})
        self._take("mark", ".")
        return name, value

    def _fact(self) -> tuple[Token, list[tuple[Token, Token]]]:
        name = self._take("name")
        terms: list[tuple[Token, Token]] = []
        if self._peek().text == "(":
            self._take("mark", "(")
            terms.append(self._range())
            while self._peek().text == ",":
                self._take("mark", ",")
                terms.append(self._range())
            self._take("mark", ")")
        self._take("mark", ".")
        return name, terms

    def _range(self) -> tuple[Token, Token]:
        low = self._term()
        if self._peek().text != "..":
            return low, low
        self._take("mark", "..")
        return low, self._term()

    def _term(self) -> Token:
        token = self._peek()
        if token.kind not in {"number", "string", "name"}:
            self._fail(token.line, f"found {token}, expected a number, a string or a name. {ADVICE}")
        self.at += 1
        return token

    def _values(self, low: Token, high: Token, constants: Mapping[str, Term]) -> list[Term]:
        first = self._scalar(low, constants)
        if low is high:
            return [first]
        last = self._scalar(high, constants)
        if not isinstance(first, int) or not isinstance(last, int):
            self._fail(low.line, f"the range {low.text}..{high.text} needs an integer on both sides")
        if last < first:
            self._fail(low.line, f"the range {low.text}..{high.text} is empty")
        return list(range(first, last + 1))

    @staticmethod
    def _scalar(token: Token, constants: Mapping[str, Term]) -> Term:
        if token.kind == "number":
            return int(token.text)
        if token.kind == "string":
            return re.sub(r"\\.", lambda match: ESCAPES.get(match.group(), match.group()), token.text[1:-1])
        return constants.get(token.text, token.text)

    def _peek(self) -> Token:
        return self.tokens[self.at]

    def _take(self, kind: str, text: str | None = None) -> Token:
        token = self._peek()
        if token.kind != kind or (text is not None and token.text != text):
            expected = repr(text) if text else {"name": "the name of a fact"}.get(kind, kind)
            self._fail(token.line, f"found {token}, expected {expected}. {ADVICE}")
        self.at += 1
        return token

    def _fail(self, line: int, message: str) -> NoReturn:
        raise FactError(f"{self.source}:{line}: {message}")
