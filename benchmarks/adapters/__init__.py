"""Public instances of other people's scheduling problems: readers, and judges of an answer.

Each module states one public problem as frozen dataclasses, reads its files, and holds the rules and the cost of that
problem, written from its description and sharing no code with any solver. No instance is kept in this repository:
`instances_root` says where they are looked for, and a `PublicSource` says where they can be had.
"""

from benchmarks.adapters.facts import Fact, FactError, FactFile, Term, parse_facts, read_facts
from benchmarks.adapters.sources import (
    ROOT_VARIABLE,
    PublicInstancesMissingError,
    PublicSource,
    instances_root,
)

__all__ = [
    "ROOT_VARIABLE",
    "Fact",
    "FactError",
    "FactFile",
    "PublicInstancesMissingError",
    "PublicSource",
    "Term",
    "instances_root",
    "parse_facts",
    "read_facts",
]
