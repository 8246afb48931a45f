"""Where public instances are looked for, and where they can be had."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

__all__ = ["ROOT_VARIABLE", "PublicInstancesMissingError", "PublicSource", "instances_root"]

ROOT_VARIABLE = "SLOTWRIGHT_PUBLIC_INSTANCES"
REPOSITORY_ROOT = Path(__file__).resolve().parents[2]
DEFAULT_ROOT = Path("../shared/benchmarks")  # relative to the repository


class PublicInstancesMissingError(FileNotFoundError):
    """The public instances are not on this machine."""


def instances_root() -> Path:
    """Return the folder that holds one sub-folder per public problem; it need not exist.

    Returns
    -------
    Path
        The value of the environment variable ``SLOTWRIGHT_PUBLIC_INSTANCES`` if it is set and not empty, else
        ``../shared/benchmarks`` beside this repository.
    """
    chosen = os.environ.get(ROOT_VARIABLE)
    return Path(chosen).expanduser() if chosen else (REPOSITORY_ROOT / DEFAULT_ROOT).resolve()


@dataclass(frozen=True, slots=True)
class PublicSource:
    """One public set of instances.

    Parameters
    ----------
    folder
        Name of its sub-folder of `instances_root`.
    title
        What it is, for people.
    repository
        Owner and name on github.com.
    commit
        The version that the adapter was written for.
    layout
        Which folders of the repository go where inside `folder`.
    """

    folder: str
    title: str
    repository: str
    commit: str
    layout: str

    @property
    def path(self) -> Path:
        """Where the instances are looked for; the folder need not exist."""
        return instances_root() / self.folder

    @property
    def is_present(self) -> bool:
        """Whether the folder is on this machine."""
        return self.path.is_dir()

    def absence(self, not_run: str) -> str:
        """Say what was not run because the folder is absent, and where the data can be had.

        Parameters
        ----------
        not_run
            What needed the data, for example "reference costs of the nuclear-medicine day".
        """
        return (
            f"Not run: {not_run}. The folder {self.path} ({self.title}) is absent. "
            f"Maybe get the data from https://github.com/{self.repository} at commit {self.commit} "
            f"({self.layout}), and name the folder that holds '{self.folder}' in {ROOT_VARIABLE}."
        )

    def require(self, not_run: str) -> Path:
        """Return the folder of the instances.

        Raises
        ------
        PublicInstancesMissingError
            If the folder is absent; the message is that of `absence`.
        """
        if not self.is_present:
            raise PublicInstancesMissingError(self.absence(not_run))
        return self.path
